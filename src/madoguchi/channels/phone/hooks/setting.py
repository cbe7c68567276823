"""Saying by which account of a carrier calls to a number come, and at which telephones people of ours are rung."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.phone.events import CarrierRemoved, CarrierSet
from madoguchi.channels.phone.models import CarrierAccount
from madoguchi.channels.phone.policies import may_set_up_carrier
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.people.queries import staff_of_desks
from madoguchi.routing.division_queries import desks_taking_part, division_of
from madoguchi.voice.outgoing import may_be_called

USUAL_API = "https://api.twilio.com"
MOST_PHONES = 100
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,200}")
_SIP = re.compile(r"sips?:[A-Za-z0-9._+-]{1,60}@[A-Za-z0-9.-]{1,60}(:\d{1,5})?(;transport=(udp|tcp|tls))?")


@transaction.atomic
def set_carrier(
    point: EntryPoint, *, account: str, token: str | None, api: str, phones: str, by: Actor
) -> CarrierAccount:
    """Say by which account of a carrier calls to a number come; a token of None keeps the one that is stored. `phones`
    has a line for each of ours who is rung outside: their mail address, and a number or SIP address.

    Raises NotAllowed, or Refused for an entry point that is no number and for what cannot be used.
    """
    _require(point, by)
    held = CarrierAccount.objects.defer("token").filter(entry_point=point).first()
    if not _ACCOUNT.fullmatch(account):
        raise Refused(_("Enter the account SID as the carrier shows it."), field="account")
    if token is None and (held is None or (held.account, held.api) != (account, api)):
        # A stored token is for the account and the place that it was entered for.
        raise Refused(_("Enter the auth token as the carrier shows it."), field="token")
    if token is not None and not _TOKEN.fullmatch(token.strip()):
        raise Refused(_("Enter the auth token as the carrier shows it."), field="token")
    if not _is_place(api):
        raise Refused(_("Enter an address that begins with https://, without a path."), field="api")
    said = _phones(point, phones)
    before = {"account": held.account, "api": held.api, "phones": _written(held.phones)} if held else None
    held = held or CarrierAccount(entry_point=point, company_id=point.company_id)
    held.account, held.api, held.phones = account, api, said
    if token is not None:
        held.token = token.strip()
    held.save()
    fact = CarrierSet(**_where(point), account=account, phones=len(said), secret=token is not None)
    record(fact, by=by, words=difference(before, {"account": account, "api": api, "phones": _written(said)}))
    return held


@transaction.atomic
def remove_carrier(point: EntryPoint, *, by: Actor) -> None:
    """Forget the account and its token: no call comes by it any more. Raises NotAllowed."""
    _require(point, by)
    deleted, _rows = CarrierAccount.objects.filter(entry_point=point).delete()
    if deleted:
        record(CarrierRemoved(**_where(point)), by=by)


def carrier_of(entry_point: int) -> CarrierAccount | None:
    """The account of a number without its token; None before it is set up."""
    return CarrierAccount.objects.defer("token").filter(entry_point_id=entry_point).first()


def _written(phones: Mapping[str, str]) -> str:
    return "\n".join(f"{who} {address}" for who, address in phones.items())


def _phones(point: EntryPoint, written: str) -> dict[str, str]:
    rows = [line.split() for line in written.splitlines() if line.strip()]
    if len(rows) > MOST_PHONES:
        raise Refused(_("At most %d people can be rung outside.") % MOST_PHONES, field="phones")
    desks = [point.desk_id, *desks_taking_part(division_of(point.desk))]
    staff = set(staff_of_desks(desks).values_list("email", flat=True))
    found: dict[str, str] = {}
    for row in rows:
        if len(row) != 2:
            told = _("Write a mail address, a space and a number or SIP address in each line: %s")
            raise Refused(told % " ".join(row)[:100], field="phones")
        who, address = row[0].casefold(), row[1]
        if who not in staff:
            told = _("Nobody of this desk, or of one to which its rules send calls, has the mail address %s.")
            raise Refused(told % who[:100], field="phones")
        found[who] = _address(address)
    return found


def _address(written: str) -> str:
    if _SIP.fullmatch(written):
        return written
    number = canonical(IdentityKind.PHONE, written)
    if not may_be_called(number):
        raise Refused(_("Calls to this number are not allowed here: %s") % written[:50], field="phones")
    return number


def _is_place(api: str) -> bool:
    parts = urlsplit(api)
    named = bool(parts.hostname) and not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme == "https" and named


def _require(point: EntryPoint, by: Actor) -> None:
    if not may_set_up_carrier(by, point):
        raise NotAllowed(Permission.MAIL_SERVERS)
    if point.kind != Channel.PHONE:
        raise Refused(_("This entry point is no phone number."))


def _where(point: EntryPoint) -> dict[str, int]:
    return {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
