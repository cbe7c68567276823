"""Message slips: written, sent by mail, read and done by whoever has the link. The only writer of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.customers.mail_addresses import mail_address_of
from madoguchi.escalations import destinations, jobs, policies
from madoguchi.escalations.events import (
    SlipDone,
    SlipMade,
    SlipOpened,
    SlipRead,
    SlipReopened,
    SlipSentAgain,
    SlipWithdrawn,
)
from madoguchi.escalations.models import Escalation, Slip, SlipLetter
from madoguchi.escalations.words import line_of, moment_of, text_of
from madoguchi.infra.event_log import record
from madoguchi.infra.limits import count
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.promises.ledger import warn_at_of

# How long after its time a link still opens, for somebody may have been away; and after its last mail at most.
AFTER_DUE, LONGEST = timedelta(days=14), timedelta(days=30)
MOST_OPEN, MOST_AN_HOUR = 30, 60
LANGUAGES = ("ja", "en")
_BY_LINK = system("slip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a slip says: for whom, who called and where to call back, what about, by when. `is_settled` says that the
    company's own settings have slips go to that address.
    """

    to_name: str
    to_address: str
    words: str
    due_at: datetime | None
    caller: str = ""
    call_back: str = ""
    language: str = "ja"
    is_settled: bool = False


@transaction.atomic
def make_slip(case: Case, written: Written, *, by: Actor) -> Slip:
    """Write a slip for somebody without an account; it leaves by mail with the commit.

    Raises NotAllowed for who does not work the case, Refused for what makes no sense and when the case has 30 open
    ones, TooOften for more than 60 an hour.
    """
    if not policies.may_work(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    wrong, missing = Problems(), _("Write what it is about.")
    wrong.of(lambda: _addressed(written), ("", ""))
    said = {
        "caller": wrong.of(lambda: line_of(written.caller, field="caller"), ""),
        "call_back": wrong.of(lambda: line_of(written.call_back, field="call_back"), ""),
        "words": wrong.of(lambda: text_of(written.words, field="words", missing=missing), ""),
    }
    wrong.of(lambda: moment_of(written.due_at), None)
    wrong.end()
    return _new(case, written, None, by, **said)


def bring(one: Escalation, *, name: str, address: str, by: Actor) -> Slip:
    """Bring an escalation to somebody outside. Raises as `make_slip`."""
    written = Written(to_name=name, to_address=address, words="", due_at=one.due_at)
    return _new(one.home, written, one, by)


def bring_again(one: Escalation, *, by: Actor) -> None:
    """Bring an escalation that is asked again to whoever had it last."""
    last = one.slips.order_by("-id").first()
    if last is not None:
        drop_of(one, by=by)
        bring(one, name=last.to_name, address=last.to_address, by=by)


def drop_of(one: Escalation, *, by: Actor) -> None:
    """The slips that brought an escalation do not hold any more."""
    held = one.slips.select_for_update(of=["self"], no_key=True).select_related("case__continued_in")
    for slip in held.filter(withdrawn_at=None).order_by("id"):
        _withdraw(slip, by)


def hold_asked(slip: Slip) -> None:
    """Keep a slip that somebody opened from others who would change it. Raises Conflict where it is not open any more,
    or was sent again since: whoever opened it is not asked any more.
    """
    opened = slip.generation
    _fresh(slip)
    _require_open(slip)
    if slip.generation != opened:
        raise Conflict(_("Somebody was faster: this slip is in another state now. Look again."))


@transaction.atomic
def send_again(slip: Slip, *, address: str = "", by: Actor) -> None:
    """Send a slip that is open once more, elsewhere if an `address` is given. The link in the mails before opens
    nothing from now on. Raises NotAllowed, Conflict for one that is not open, Refused for what is no address, TooOften.
    """
    _held(slip, by)
    _require_open(slip)
    _limit(by)
    was = slip.to_address
    if address and (written := mail_address_of(address, field="address")) != was:
        slip.to_address = destinations.allowed(slip.home, written, by=by)
    destinations.require_sayable(slip.home, slip.caller, slip.call_back, slip.words)
    slip.generation, slip.undelivered = slip.generation + 1, ""
    slip.expires_at = expires_of(max(slip.due_at, clock.now()))
    slip.save()
    words = {"address": [was, slip.to_address]}
    record(SlipSentAgain(**_about(slip), generation=slip.generation), by=by, words=words)
    post(slip, vouched=policies.may_vouch(by, slip.home))


@transaction.atomic
def withdraw_slip(slip: Slip, *, by: Actor) -> None:
    """A slip, done or not, does not hold any more; its link opens nothing. Raises NotAllowed, Conflict for one that is
    withdrawn already, or that brings an escalation: that is withdrawn.
    """
    _held(slip, by)
    _require_plain(slip)
    if slip.withdrawn_at is not None:
        raise Conflict(_("Somebody was faster: this slip is in another state now. Look again."))
    _withdraw(slip, by)


@transaction.atomic
def finish_slip(slip: Slip, *, words: str, by: Actor) -> None:
    """Somebody of the desk heard that it is done. Raises as `withdraw_slip`."""
    _held(slip, by)
    _require_open(slip)
    _require_plain(slip)
    _done(slip, text_of(words, field="text"), by)


@transaction.atomic
def reopen_slip(slip: Slip, *, by: Actor) -> None:
    """It is not done after all; the link opens it as before, for a fortnight at least. Raises as `withdraw_slip`."""
    _held(slip, by)
    _require_plain(slip)
    if slip.done_at is None or slip.withdrawn_at is not None:
        raise Conflict(_("Somebody was faster: this slip is in another state now. Look again."))
    slip.done_at, slip.done_words = None, ""
    slip.next_at = None if slip.late_at else slip.due_at
    slip.expires_at = max(slip.expires_at, clock.now() + AFTER_DUE)
    slip.save()
    record(SlipReopened(**_about(slip)), by=by)


@transaction.atomic
def note_opened(slip: Slip) -> None:
    """The page behind a link was opened, by a person or by a program that looks through mail; told once a link."""
    _fresh(slip)
    if slip.opened < slip.generation:
        slip.opened = slip.generation
        slip.save(update_fields=["opened"])
        record(SlipOpened(**_about(slip), generation=slip.generation), by=_BY_LINK)


@transaction.atomic
def read_by_link(slip: Slip) -> bool:
    """Whoever has the link says that they have read it; whether that is news."""
    _fresh(slip)
    if slip.read_at is not None or not slip.is_open:
        return False
    slip.read_at = clock.now()
    slip.save()
    record(SlipRead(**_about(slip)), by=_BY_LINK)
    return True


@transaction.atomic
def done_by_link(slip: Slip, *, words: str) -> bool:
    """Whoever has the link says that it is done, with `words` if they like; whether that is news."""
    read_by_link(slip)
    if not slip.is_open:
        return False
    _done(slip, text_of(words, field="text"), _BY_LINK)
    return True


def expires_of(due: datetime) -> datetime:
    """Until when a link that is sent now opens."""
    return min(due + AFTER_DUE, clock.now() + LONGEST)


def post(slip: Slip, *, reminds: bool = False, vouched: bool = False) -> None:
    """Let a mail with the slip's present link leave, by a job of the same transaction."""
    now = clock.now()
    letter = SlipLetter.objects.create(
        company_id=slip.company_id,
        slip=slip,
        generation=slip.generation,
        reminds=reminds,
        to_address=slip.to_address,
        vouched=vouched,
        created_at=now,
        due_at=now,
    )
    jobs.schedule(letter)


def _new(case: Case, written: Written, one: Escalation | None, by: Actor, **said: str) -> Slip:
    hold_case(case)
    if Slip.objects.filter(case=case, done_at=None, withdrawn_at=None).count() >= MOST_OPEN:
        raise Refused(_("This case has too many open slips already."), field="words")
    _limit(by)
    now, due = clock.now(), moment_of(written.due_at)
    name, address = _addressed(written)
    if not written.is_settled:
        address = destinations.allowed(case, address, by=by)
    destinations.require_sayable(case, *said.values(), *([one.question, one.tried] if one else []))
    slip = Slip.objects.create(
        company_id=case.company_id,
        case=case,
        escalation=one,
        to_name=name,
        to_address=address,
        language=written.language if written.language in LANGUAGES else LANGUAGES[0],
        due_at=due,
        made_by_id=by.id,
        made_at=now,
        expires_at=expires_of(due),
        next_at=warn_at_of(case, now, due),
        **said,
    )
    words = {"address": ["", address]}
    record(SlipMade(**_about(slip), escalation=one.pk if one else None), by=by, words=words)
    post(slip, vouched=policies.may_vouch(by, case))
    return slip


def _addressed(written: Written) -> tuple[str, str]:
    """Whom it is for, and their address. Raises Refused, with all that is wrong."""
    wrong, missing = Problems(), _("Write whom it is for.")
    name = wrong.of(lambda: line_of(written.to_name, field="name", missing=missing), "")
    address = wrong.of(lambda: mail_address_of(written.to_address, field="address"), "")
    wrong.end()
    return name, address


def hold_case(case: Case) -> None:
    """Let what is counted in a case and then added to it be counted by one after the other."""
    Case.objects.select_for_update(no_key=True).only("pk").get(pk=case.pk)


def _limit(by: Actor) -> None:
    if by.kind == ActorKind.SYSTEM:
        return
    count(f"slips:{by.id}", most=MOST_AN_HOUR, seconds=3600)


def _done(slip: Slip, words: str, by: Actor) -> None:
    slip.done_at, slip.done_words, slip.next_at = clock.now(), words, None
    slip.save()
    record(SlipDone(**_about(slip), maker=slip.made_by_id), by=by)


def _withdraw(slip: Slip, by: Actor) -> None:
    slip.withdrawn_at, slip.next_at = clock.now(), None
    slip.save(update_fields=["withdrawn_at", "next_at"])
    record(SlipWithdrawn(**_about(slip)), by=by)


def _held(slip: Slip, by: Actor) -> None:
    _fresh(slip)
    if not policies.may_work(by, slip.home):
        raise NotAllowed(Permission.CASE_UPDATE)


def _fresh(slip: Slip) -> None:
    """The slip as it is, kept from others who would change it."""
    rows = Slip.objects.select_for_update(of=["self"]).select_related("case__continued_in")
    slip.refresh_from_db(from_queryset=rows)


def _require_open(slip: Slip) -> None:
    if not slip.is_open:
        raise Conflict(_("Somebody was faster: this slip is in another state now. Look again."))


def _require_plain(slip: Slip) -> None:
    if slip.escalation_id is not None:
        raise Conflict(_("This slip brings a question. Settle that instead."))


def _about(slip: Slip) -> dict[str, Any]:
    return {**slip.home.where, "slip": slip.pk}
