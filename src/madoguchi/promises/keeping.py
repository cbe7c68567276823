"""The promises of the ledger: made, moved, kept, withdrawn, and told before they break. The only writer of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.people.queries import works_at
from madoguchi.promises import policies
from madoguchi.promises.actions import TRIED_AGAIN_AFTER
from madoguchi.promises.events import (
    PromiseBroken,
    PromiseGiven,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseReopened,
    PromiseWarned,
    PromiseWithdrawn,
)
from madoguchi.promises.ledger import open_promises_of, warn_at_of
from madoguchi.promises.models import Promise
from madoguchi.promises.notices import draft_again, draft_notice

MOST_WORDS, MOST_OPEN, AT_ONCE = 200, 50, 500
FARTHEST = timedelta(days=366 * 2)
State = Promise.State
_CLOCK = system("promises")
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a customer is told: what (a kind), in which words, by when, and whose it is to keep."""

    kind: str
    words: str
    due_at: datetime
    owner: int | None = None


@transaction.atomic
def make_promise(
    case: Case,
    told: Told,
    *,
    by: Actor,
    message: int | None = None,
    answer: int | None = None,
    found: bool = False,
) -> Promise:
    """Enter a promise into the ledger. `message` is where it was said, `answer` where that is about to be.

    Raises NotAllowed for who does not work the case, Refused for no words, a time that has passed or is too far away,
    an owner who does not work at the desk, and when the case has too many open ones.
    """
    _require(case, by)
    words = _words(told.words)
    _require_sensible(told, case)
    if len(open_promises_of(case)) >= MOST_OPEN:
        raise Refused(_("This case has too many open promises already."), field="words")
    now = clock.now()
    warn_at = warn_at_of(case, now, told.due_at)
    promise = Promise.objects.create(
        company_id=case.company_id,
        case=case,
        message_id=message,
        answer_id=answer,
        kind=told.kind,
        words=words,
        owner_id=told.owner,
        made_by_id=by.id,
        made_at=now,
        first_due_at=told.due_at,
        due_at=told.due_at,
        warn_at=warn_at,
        next_at=warn_at,
    )
    about = _about(promise, case) | {"owner": told.owner}
    record(PromiseMade(**about, what=told.kind, due=told.due_at.isoformat(), found=found), by=by)
    return promise


@transaction.atomic
def move_promise(
    promise: Promise,
    *,
    due_at: datetime,
    by: Actor,
    message: int | None = None,
    answer: int | None = None,
    seen: datetime | None = None,
) -> None:
    """Another time was told to the customer, before the old one ran out or after; the first one stays. The same time
    does nothing. Raises as `make_promise`, Refused for one that is not open, and Conflict for one whose time is not
    that which was `seen`.
    """
    case = _held(promise, by)
    if promise.state != State.OPEN:
        raise Refused(_("This promise is not open any more."))
    _require_sensible(Told(kind=promise.kind, words=promise.words, due_at=due_at, owner=None), case)
    before = promise.due_at
    if seen and before != seen:
        raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."))
    if before == due_at:
        return
    promise.due_at, promise.warn_at = due_at, warn_at_of(case, clock.now(), due_at)
    promise.next_at, promise.warned_at, promise.moves = promise.warn_at, None, promise.moves + 1
    said: dict[str, Any] = {"message": message, "answer": answer}
    said |= {"before_message": promise.message_id, "before_answer": promise.answer_id}
    promise.message_id, promise.answer_id = message or promise.message_id, answer or promise.answer_id
    promise.save()
    fact = PromiseMoved(**_about(promise, case), before=before.isoformat(), after=due_at.isoformat(), **said)
    record(fact, by=by)


@transaction.atomic
def keep_promise(promise: Promise, *, by: Actor) -> None:
    """Say that what was promised is done; after its time it is broken all the same. Twice does nothing.

    Raises NotAllowed for who does not work the case.
    """
    case = _held(promise, by)
    _keep(promise, case, by)


@transaction.atomic
def withdraw_promise(promise: Promise, *, by: Actor) -> None:
    """Say that a promise does not hold any more. Raises as `keep_promise`."""
    case = _held(promise, by)
    _withdraw(promise, case, by)


@transaction.atomic
def reopen_promise(promise: Promise, *, by: Actor) -> None:
    """Take back that a promise was kept or withdrawn. Raises as `keep_promise`."""
    case = _held(promise, by)
    if promise.state == State.OPEN:
        return
    promise.state, promise.ended_at = State.OPEN, None
    promise.next_at = None if promise.broken_at else promise.due_at if promise.warned_at else promise.warn_at
    promise.save()
    record(PromiseReopened(**_about(promise, case)), by=by)


@transaction.atomic
def give_promise(promise: Promise, *, owner: int | None, by: Actor) -> None:
    """Make a promise somebody's to keep, or (None) that of whoever is responsible.

    Raises as `keep_promise`, and Refused for who does not work at the desk.
    """
    case = _held(promise, by)
    if promise.owner_id == owner:
        return
    _require_owner(owner, case)
    promise.owner_id = owner
    promise.save(update_fields=["owner"])
    record(PromiseGiven(**_about(promise, case), owner=owner), by=by)


@transaction.atomic
def keep_by_answer(case: int, *, message: int, at: datetime) -> None:
    """An answer was written at this moment: replies that were promised until then are done by it, and those in time
    that had not run out then, however late it is read. Read again it does nothing.
    """
    before = Promise.objects.filter(kind=Promise.Kind.REPLY, made_at__lte=at).exclude(message=message)
    for promise in _open_in(case, before):
        if (
            promise.said_in != message
            and not _facts_of(promise, PromiseReopened.kind).filter(at__gt=at).exists()
        ):
            _keep(promise, _where_it_is(promise), _CLOCK, at=at)


@transaction.atomic
def withdraw_unsaid(case: int, *, message: int | None = None, answer: int | None = None) -> bool:
    """An answer (sent, also one that had waited, or one that waits) will not leave: what was promised in it was never
    said, nor was another time. A notice of delay is a draft again; whether it waits as one. Read again it does nothing.
    """
    in_it = Q(message=message) | Q(answer__message=message) if message else Q(answer=answer)
    for promise in _open_in(case, Promise.objects.filter(in_it)):
        if promise.moves:
            sent_at_once = message and promise.message_id == message
            _move_back(promise, {"message": message} if sent_at_once else {"answer": promise.answer_id})
        else:
            _withdraw(promise, _where_it_is(promise), _CLOCK)
    return draft_again(case, message=message, answer=answer)


def tell_due_promises() -> int:
    """Tell of all companies' promises that come near their time, or ran out; returns of how many. Only those that are
    due are looked at, by an index, each in a transaction of its own.
    """
    now = clock.now()
    with scope.everywhere(reason="promises of any company may be due"):
        due = list(due_promises(now).values_list("pk", "company_id"))
    return sum(_guarded(pk, company, now) for pk, company in due)


def due_promises(now: datetime) -> Any:
    """Those of which somebody has to hear by a moment, longest due first."""
    return Promise.objects.filter(next_at__lte=now).order_by("next_at", "id")[:AT_ONCE]


def _guarded(pk: int, company: int, now: datetime) -> bool:
    try:
        return _told(pk, company, now)
    except Exception:  # whatever it is about this promise must not keep the others from being told
        again_at = now + TRIED_AGAIN_AFTER
        with scope.acting_for([company]):
            Promise.objects.filter(pk=pk, next_at__lte=now).update(next_at=again_at)
        logger.exception("promise_not_told", promise=pk, again_at=again_at.isoformat())
        return False


@transaction.atomic
def _told(pk: int, company: int, now: datetime) -> bool:
    with scope.acting_for([company]):
        rows = Promise.objects.select_for_update(of=["self"], skip_locked=True).select_related("case")
        promise = rows.filter(pk=pk, next_at__lte=now, state=State.OPEN).first()
        if promise is None:
            return False
        case = promise.case.continued_in or promise.case
        about = _about(promise, case) | {"owner": promise.owner_id, "due": promise.due_at.isoformat()}
        if promise.due_at <= now:
            promise.broken_at, promise.next_at = promise.broken_at or promise.due_at, None
            record(PromiseBroken(**about), by=_CLOCK)
        else:
            promise.warned_at, promise.next_at = now, promise.due_at
            if case.status in ACTIVE:
                record(PromiseWarned(**about), by=_CLOCK)
                draft_notice(case, promise=promise, due_at=promise.due_at)
        promise.save()
        return True


def _keep(promise: Promise, case: Case, by: Actor, *, at: datetime | None = None) -> None:
    """It was done at a moment (now), which may be read after its time had run out."""
    if promise.state != State.OPEN:
        return
    at = at or clock.now()
    if promise.broken_at is not None and promise.broken_at >= at:
        promise.broken_at = None
    late = promise.broken_at is not None or promise.due_at < at
    if late and promise.broken_at is None:
        promise.broken_at = promise.due_at
        about = _about(promise, case) | {"owner": promise.owner_id, "due": promise.due_at.isoformat()}
        record(PromiseBroken(**about), by=_CLOCK)
    promise.state, promise.ended_at, promise.next_at = State.KEPT, at, None
    promise.save()
    record(PromiseKept(**_about(promise, case), late=late), by=by)


def _withdraw(promise: Promise, case: Case, by: Actor) -> None:
    if promise.state != State.OPEN:
        return
    promise.state, promise.ended_at, promise.next_at = State.WITHDRAWN, clock.now(), None
    promise.save()
    record(PromiseWithdrawn(**_about(promise, case)), by=by)


def _move_back(promise: Promise, unsaid: dict[str, int | None]) -> None:
    """To the time and the message that were told before this answer; another time that was told since stays."""
    case, moves = _where_it_is(promise), _facts_of(promise, PromiseMoved.kind).order_by("id")
    own = next((one for one in reversed(moves) if unsaid.items() <= one.data.items()), None)
    told = own.data if own else {}
    promise.message_id, promise.answer_id = told.get("before_message"), told.get("before_answer")
    never_told = promise.due_at.isoformat()
    promise.moves -= bool(own)
    if own and datetime.fromisoformat(told["after"]) == promise.due_at:
        promise.due_at = datetime.fromisoformat(told["before"])
        promise.warn_at = promise.next_at = warn_at_of(case, promise.made_at, promise.due_at)
        promise.warned_at = None
        back = {"before": never_told, "after": told["before"]}
        record(PromiseMoved(**_about(promise, case), **back), by=_CLOCK)
    promise.save()


def _facts_of(promise: Promise, kind: str) -> QuerySet[Event]:
    """What happened to a promise, also before its case went on in another one."""
    cases = [promise.case_id, _where_it_is(promise).pk]
    return Event.objects.filter(case_id__in=cases, kind=kind, data__promise=promise.pk)


def _where_it_is(promise: Promise) -> Case:
    """The case of a promise, or where it goes on."""
    return promise.case.continued_in or promise.case


def _open_in(case: int, wanted: Any) -> Iterable[Promise]:
    """The open ones of a case and of those that went on in it, kept from others who would change them."""
    rows = wanted.filter(Q(case=case) | Q(case__continued_in=case), state=State.OPEN)
    rows = rows.select_related("case__continued_in", "answer").select_for_update(of=["self"])
    return list(rows.order_by("id"))


def _held(promise: Promise, by: Actor) -> Case:
    """The case of a promise, or where it goes on; the promise as it is, kept from others who would change it."""
    rows = Promise.objects.select_for_update(of=["self"]).select_related("case__continued_in")
    promise.refresh_from_db(from_queryset=rows)
    case = promise.case.continued_in or promise.case
    _require(case, by)
    return case


def _words(written: str) -> str:
    words = blot_card_numbers(one_line(written, most=MOST_WORDS))
    if not words:
        raise Refused(_("Write what is promised."), field="words")
    return words


def _require_sensible(told: Told, case: Case) -> None:
    now = clock.now()
    if told.kind not in Promise.Kind.values:
        raise Refused(_("Choose one of the list."), field="kind")
    if not now < told.due_at <= now + FARTHEST:
        raise Refused(_("Choose a time that is to come, within two years."), field="due")
    _require_owner(told.owner, case)


def _require_owner(owner: int | None, case: Case) -> None:
    if owner is not None and not works_at(owner, desk=case.desk_id, company=case.company_id):
        raise Refused(_("This person does not work at this desk."), field="owner")


def _require(case: Case, by: Actor) -> None:
    if not policies.may_promise(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)


def _about(promise: Promise, case: Case) -> dict[str, Any]:
    return {**case.where, "promise": promise.pk}
