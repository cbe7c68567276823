"""Entry points: the published addresses and forms that lead to a desk."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies import policies
from madoguchi.companies.events import EntryPointAdded, EntryPointChanged
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import one_line

_FORM_ADDRESS = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
_LINE_ADDRESS = re.compile(r"@[a-z0-9][a-z0-9._-]{1,29}")
PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


@transaction.atomic
def add_entry_point(
    desk: Desk, *, kind: Channel, address: str, sender_name: str = "", medium: str = "", by: Actor
) -> EntryPoint:
    """Publish a new way to the desk. Its address stays as it is, for cases hang on it.

    Raises NotAllowed, or Refused for an address that is none or is in use anywhere in the installation.
    """
    _require(by, desk)
    point = EntryPoint(desk=desk, company_id=desk.company_id, kind=kind)
    point.address = _ADDRESSES[kind](address)
    point.sender_name, point.medium = one_line(sender_name, most=200), one_line(medium, most=200)
    with unique(_("This address is in use already."), field="address"):
        point.save()
    fact = EntryPointAdded(
        company=desk.company_id, desk=desk.pk, entry_point=point.pk, channel=kind, address=point.address
    )
    record(fact, by=by)
    return point


@transaction.atomic
def change_entry_point(point: EntryPoint, *, sender_name: str, medium: str, active: bool, by: Actor) -> None:
    """Change its sender's name and whether it is in use. Raises NotAllowed, or Refused at a closed desk."""
    _require(by, point.desk)
    if active and not point.desk.active:
        raise Refused(_("The desk is closed. Open it first."), field="active")
    changes = set_changed(
        point,
        sender_name=one_line(sender_name, most=200),
        medium=one_line(medium, most=200),
        active=active,
    )
    if changes:
        fact = EntryPointChanged(
            company=point.company_id, desk=point.desk_id, entry_point=point.pk, changes=changes
        )
        record(fact, by=by)


def mail_address(written: str) -> str:
    """A mail address in its canonical form; raises Refused for what is none, and for plus-addresses.

    What follows a plus belongs to cases: `support+c.x@…` is how a reply finds the one it answers.
    """
    address = canonical(IdentityKind.EMAIL, written)
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(_("Write a mail address, such as support@example.jp."), field="address") from error
    if "+" in address.rpartition("@")[0]:
        raise Refused(
            _("A published address has no plus sign: replies use it to find their case."), field="address"
        )
    return address


def form_address(written: str) -> str:
    """The last part of a form's web address, or the name of a chat; raises Refused for what would not stand in one."""
    address = one_line(written).lower()
    if not _FORM_ADDRESS.fullmatch(address):
        raise Refused(_("Two to sixty small letters, digits and hyphens, such as inquiry."), field="address")
    return address


def phone_address(written: str) -> str:
    """A phone number in its E.164 form, taken for a Japanese one without a country; raises Refused for what is none."""
    number = canonical(IdentityKind.PHONE, written)
    if not PHONE_NUMBER.fullmatch(number):
        raise Refused(_("Write a phone number, such as 0120-000-000."), field="address")
    return number


def line_address(written: str) -> str:
    """The basic or premium ID of a LINE official account, as @123abcde; raises Refused for what is none."""
    address = f"@{one_line(written).lower().removeprefix('@')}"
    if not _LINE_ADDRESS.fullmatch(address):
        raise Refused(_("Write the ID of the LINE official account, such as @123abcde."), field="address")
    return address


_ADDRESSES = {
    Channel.EMAIL: mail_address,
    Channel.FORM: form_address,
    Channel.CHAT: form_address,
    Channel.LINE: line_address,
    Channel.PHONE: phone_address,
}


def _require(by: Actor, desk: Desk) -> None:
    if not policies.may_set_up_desk(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
