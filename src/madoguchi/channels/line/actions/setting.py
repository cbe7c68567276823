"""Setting up a LINE account, taking it away, and trying whether all is right with it."""

from collections.abc import Iterator
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.line import api
from madoguchi.channels.line.events import LineAccountRemoved, LineAccountSet, LineNearlySpent
from madoguchi.channels.line.models import Account
from madoguchi.channels.line.policies import may_set_up_account
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line

logger = structlog.get_logger()
_MOST_SECRET, _MOST_TOKEN = 100, 1000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What a try showed: whether all is right, and in words what is and what is not."""

    ok: bool
    words: tuple[str, ...]


@transaction.atomic
def set_account(
    point: EntryPoint, *, channel_id: str, secret: str | None, token: str | None, by: Actor
) -> Account:
    """Say by which Messaging API channel we speak for a LINE account; a secret of None keeps the one that is stored.

    Raises NotAllowed, or Refused for an entry point that is no LINE account, for what can be none of the three, and
    where secrets of one channel would be kept for another.
    """
    _require(point, by)
    account = Account.objects.defer("secret", "token").filter(entry_point=point).first()
    if not channel_id.isascii() or not channel_id.isdigit() or len(channel_id) > 20:
        raise Refused(_("The channel ID is a number."), field="channel_id")
    given = {"secret": _secret(secret, _MOST_SECRET, "secret"), "token": _secret(token, _MOST_TOKEN, "token")}
    for name in given:
        if given[name] is None and (account is None or account.channel_id != channel_id):
            raise Refused(_("Enter it as the LINE Developers Console shows it."), field=name)
    before = {"channel_id": account.channel_id} if account else None
    account = account or Account(entry_point=point, company_id=point.company_id)
    if account.channel_id != channel_id:  # how much is left is told of a channel
        account.quota = account.used = account.counted_at = None
    account.channel_id, account.tried_at, account.problem = channel_id, None, ""
    for name, value in given.items():
        if value is not None:
            setattr(account, name, value)
    account.save()
    entered = sorted(name for name, value in given.items() if value is not None)
    fact = LineAccountSet(**_where(point), channel_id=channel_id, secrets=entered)
    record(fact, by=by, words=difference(before, {"channel_id": channel_id}))
    return account


@transaction.atomic
def remove_account(point: EntryPoint, *, by: Actor) -> None:
    """Forget the channel and its secrets; nothing comes in or leaves by it any more. Raises NotAllowed."""
    _require(point, by)
    deleted, _rows = Account.objects.filter(entry_point=point).delete()
    if deleted:
        record(LineAccountRemoved(**_where(point)), by=by)


def try_account(account: Account, *, by: Actor) -> Found:
    """Ask LINE who we are, how many messages are left, and whether it reaches us; what it says is kept to be shown.

    Raises NotAllowed. Nothing is sent to anybody.
    """
    _require(account.entry_point, by)
    who = api.get(account, "/v2/bot/info")
    if not who.ok:
        return _kept(account, Found(False, (_("LINE did not accept the access token: %s") % who.words,)))
    account.bot = str(who.told.get("userId") or "")[:40]
    account.name = one_line(str(who.told.get("displayName") or ""), most=200)
    said = [_("LINE knows us as “%s”.") % account.name]
    named = {str(who.told.get(name) or "").casefold() for name in ("basicId", "premiumId")}
    ok = account.entry_point.address in named
    if not ok:
        said.append(_("That is another account than %s.") % account.entry_point.address)
    _ask_how_many(account)
    heard = api.post(account, "/v2/bot/channel/webhook/test", {})
    reached = heard.ok and heard.told.get("success") is True
    said.append(
        _("LINE reaches our webhook.") if reached else _("LINE does not reach our webhook: %s") % _why(heard)
    )
    return _kept(account, Found(ok and reached, tuple(said)))


def _ask_how_many(account: Account) -> bool:
    """Whether LINE told; what it does not tell stays as it was."""
    quota = api.get(account, "/v2/bot/message/quota")
    limit = _count(quota.told.get("value")) if quota.told.get("type") == "limited" else None
    is_told = quota.ok and (limit is not None or quota.told.get("type") == "none")
    if not is_told and account.counted_at is None:  # to know no limit would be to have none
        return False
    spent = api.get(account, "/v2/bot/message/quota/consumption")
    used = _count(spent.told.get("totalUsage")) if spent.ok else None
    if used is None:
        return False
    account.quota = limit if is_told else account.quota
    account.used, account.counted_at = used, clock.now()
    return True


def count_quotas() -> int:
    """Ask LINE of each account in use how many messages are left; returns of how many it told. What it does not tell
    stays as it was, and what is wrong with one account keeps no other from being asked of.
    """
    return sum(_guarded(pk, company) for pk, company in _in_use())


def _in_use() -> Iterator[tuple[int, int]]:
    last = 0
    while True:
        with scope.everywhere(reason="messages are left of accounts of any company"):
            rows = Account.objects.filter(entry_point__active=True, pk__gt=last).order_by("pk")
            found = list(rows.values_list("pk", "company_id")[:_AT_ONCE])
        if not found:
            return
        yield from found
        last = found[-1][0]


def _guarded(pk: int, company: int) -> bool:
    try:
        with scope.acting_for([company]):
            account = Account.objects.filter(pk=pk).first()
        return account is not None and _counted(account)
    except Exception:  # whatever it is about this one must not keep the others from being asked of
        logger.exception("line_quota_not_counted", account=pk)
        return False


def _counted(account: Account) -> bool:
    if not _ask_how_many(account):
        return False
    with scope.acting_for([account.company_id]), transaction.atomic():
        # Of two who ask at once the second finds what the first has written, and says nothing.
        before = (
            Account.objects.select_for_update().filter(pk=account.pk, channel_id=account.channel_id).first()
        )
        if before is None:
            return True
        told = {"quota": account.quota, "used": account.used, "counted_at": account.counted_at}
        Account.objects.filter(pk=account.pk).update(**told)
        if account.is_nearly_spent and not before.is_nearly_spent:
            _say_so(account)
    return True


def _say_so(account: Account) -> None:
    """Once a month, for LINE begins anew with the next."""
    point = account.entry_point
    fact = LineNearlySpent(
        company=account.company_id,
        desk=point.desk_id,
        entry_point=point.pk,
        used=account.used or 0,
        quota=account.quota or 0,
    )
    record(fact, by=system("line"))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


def _why(heard: api.Answered) -> str:
    told = " ".join(str(heard.told.get(name) or "") for name in ("reason", "detail")).strip()
    return one_line(told, most=300) or heard.words


@transaction.atomic
def _kept(account: Account, found: Found) -> Found:
    account.tried_at = clock.now()
    account.problem = "" if found.ok else "\n".join(found.words)
    account.save(update_fields=["bot", "name", "quota", "used", "counted_at", "tried_at", "problem"])
    return found


def _secret(written: str | None, most: int, field: str) -> str | None:
    if written is None:
        return None
    value = written.strip()
    if not value or len(value) > most or not value.isascii() or not value.isprintable() or " " in value:
        raise Refused(_("Enter it as the LINE Developers Console shows it."), field=field)
    return value


def _require(point: EntryPoint, by: Actor) -> None:
    if not may_set_up_account(by, point):
        raise NotAllowed(Permission.MAIL_SERVERS)
    if point.kind != Channel.LINE:
        raise Refused(_("This entry point is no LINE account."))


def _where(point: EntryPoint) -> dict[str, int]:
    return {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
