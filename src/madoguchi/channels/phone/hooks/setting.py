"""Saying by which account of a carrier calls to a number come."""

import re
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

USUAL_API = "https://api.twilio.com"
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"[!-~]{1,200}")


@transaction.atomic
def set_carrier(point: EntryPoint, *, account: str, token: str | None, api: str, by: Actor) -> CarrierAccount:
    """Say by which account of a carrier calls to a number come; a token of None keeps the one that is stored.

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
    before = {"account": held.account, "api": held.api} if held else None
    held = held or CarrierAccount(entry_point=point, company_id=point.company_id)
    held.account, held.api = account, api
    if token is not None:
        held.token = token.strip()
    held.save()
    fact = CarrierSet(**_where(point), account=account, secret=token is not None)
    record(fact, by=by, words=difference(before, {"account": account, "api": api}))
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
