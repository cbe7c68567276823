"""The verbs of calls and flows: the only writers of this package's tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Message
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import files
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.languages import ours_for
from madoguchi.promises.keeping import Told, make_promise
from madoguchi.promises.models import Promise
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.voice.announcements import sounds_there
from madoguchi.voice.dividing import bring_case
from madoguchi.voice.events import (
    CallBegan,
    CallEnded,
    CallNoticePlayed,
    CallRang,
    CallRemembered,
    FlowChanged,
    RecordingPaused,
)
from madoguchi.voice.flow import FlowError, read
from madoguchi.voice.logic import By, Outcome, Pause, Ring, Span, Spent, spent
from madoguchi.voice.models import CALLED_BACK, Call, FlowVersion, PlannedCall, Recording
from madoguchi.voice.outgoing import keep_place, settle, talked_anyway
from madoguchi.voice.phones import PHONE, announce_free
from madoguchi.voice.policies import may_set_flow
from madoguchi.voice.products import carry_product, product_of
from madoguchi.voice.queries import desk_at, desks_called, end_of, external_id, tries_before
from madoguchi.voice.waits import entered, left
from madoguchi.voice.wording import refusal, without_numbers

# Who was promised a call is called within an hour of the desk's work.
CALL_BACK_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What is known of a call when it comes in. `uid` is the gateway's name for it, `flow` the version it goes by;
    `outside` is one that a carrier holds.
    """

    uid: str
    caller: str
    flow: int
    at: datetime
    outside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """How a call went, when it is over. `sound` is what the caller said after the tone, `talk` what was said in a talk
    (the caller on the left), each a WAV file of the store. `place_since` is since when they waited whose place is kept.
    `purpose` is what they chose; at `notified_at` they had heard by the recording `notice` that talks are recorded.
    """

    outcome: Outcome
    ended_by: By | None
    answered_at: datetime | None
    ended_at: datetime
    spans: tuple[Span, ...] = ()
    keys: str = ""
    sound: files.Kept | None = None
    talk: files.Kept | None = None
    rings: tuple[Ring, ...] = ()
    pauses: tuple[Pause, ...] = ()
    spoken: timedelta = timedelta()
    place_since: datetime | None = None
    purpose: str = ""
    notice: str = ""
    notified_at: datetime | None = None


@transaction.atomic
def begin_call(point: EntryPoint, begun: Begun) -> Call:
    """Write down that somebody calls. May be done twice: the second time finds it there."""
    values = {
        "company_id": point.company_id,
        "entry_point": point,
        "desk_id": point.desk_id,
        "called": point.address,
        "caller": begun.caller,
        "flow": begun.flow,
        "outside": begun.outside,
        "product": product_of(point),
        "offered_at": begun.at,
        "alive_at": clock.now(),
    }
    call, new = Call.objects.get_or_create(uid=begun.uid, defaults=values)
    if new:
        if before := tries_before(call):
            call.tries = len(before) + 1
            call.save(update_fields=["tries"])
        where = {"company": call.company_id, "desk": call.desk_id, "call": call.pk}
        fact = CallBegan(
            **where,
            entry_point=point.pk,
            withheld=not call.caller,
            tries=call.tries,
            before=before[0].pk if before else None,
        )
        record(fact, by=PHONE)
    return call


@transaction.atomic
def note_waits(uid: str, queue: str, *, since: datetime, desk: int | None = None, purpose: str = "") -> None:
    """Write down since when a call stands in which queue, what its caller chose, and for which `desk`: 0 is the one
    called, unless rules sent it elsewhere, and None the one at which it was.
    """
    if (call := _going_on(uid)) is None:
        return
    if desk == 0:
        desk = call.desk_id if call.divided else call.entry_point.desk_id
    if desk and desk != call.desk_id and Desk.objects.filter(pk=desk, company=call.company_id).exists():
        call.desk_id = desk
    call.waits_since, call.purpose = since, purpose or call.purpose
    call.stays = entered(call.stays, queue, since)
    call.save(update_fields=["waits_since", "purpose", "desk", "stays"])


@transaction.atomic
def note_waits_no_more(uid: str, *, at: datetime, answered: bool) -> None:
    """Write down that a call stands in no queue any more, and whether it was answered out of it."""
    if call := _going_on(uid):
        call.waits_since, call.stays = None, left(call.stays, at, answered=answered)
        call.save(update_fields=["waits_since", "stays"])


def _going_on(uid: str) -> Call | None:
    calls = Call.objects.select_for_update(of=["self"]).select_related("entry_point")
    return calls.filter(uid=uid).exclude(state=Call.State.ENDED).first()


def note_answered(uid: str, *, at: datetime) -> None:
    """Write down that a call was taken."""
    ringing = Call.objects.filter(uid=uid, state=Call.State.RINGING)
    ringing.update(state=Call.State.ANSWERED, answered_at=at, alive_at=clock.now())


def keep_alive(uids: Iterable[str]) -> None:
    """Say that these calls go on."""
    Call.objects.filter(uid__in=list(uids)).exclude(state=Call.State.ENDED).update(alive_at=clock.now())


@transaction.atomic
def end_call(uid: str, over: Over) -> Call | None:
    """Write down how a call went, and return it; None when that is no news.

    A call that was taken for broken, because its gateway could not say that it lives, is put right.
    """
    call = Call.objects.select_for_update().get(uid=uid)
    if call.state == Call.State.ENDED and (call.ended_by != By.FAULT or over.ended_by == By.FAULT):
        return None
    call.state, call.outcome, call.ended_by = Call.State.ENDED, over.outcome.value, over.ended_by or ""
    call.answered_at, call.ended_at = over.answered_at, over.ended_at
    call.spans = [_told(span) for span in over.spans]
    waited = spent(over.spans, Spent.WAIT) + spent(over.spans, Spent.TRANSFER)
    call.wait_seconds = round(waited.total_seconds())
    call.talk_seconds = round(spent(over.spans, Spent.TALK).total_seconds())
    call.hold_seconds = round(spent(over.spans, Spent.HOLD).total_seconds())
    call.waits_since, call.purpose = None, over.purpose or call.purpose
    call.notified_at = over.notified_at
    call.agent_id = _who_talked(over.rings)
    call.keys = without_numbers(over.keys)
    call.save()
    if over.sound:
        _keep(call, over.sound, over.spoken, over.ended_at)
    if over.talk:
        _keep(call, over.talk, spent(over.spans, Spent.TALK), over.ended_at)
    if over.notified_at:
        where = {"company": call.company_id, "desk": call.desk_id, "call": call.pk}
        heard = CallNoticePlayed(**where, at=over.notified_at.isoformat(), notice=over.notice)
        record(heard, by=PHONE)
    _tell_rings(call, over.rings)
    _tell_pauses(call, over.pauses)
    fact = CallEnded(
        company=call.company_id,
        desk=call.desk_id,
        call=call.pk,
        entry_point=call.entry_point_id,
        outcome=call.outcome,
        ended_by=call.ended_by,
        spans=call.spans,
    )
    record(fact, by=PHONE)
    _plan(call, over)
    return call


def _plan(call: Call, over: Over) -> None:
    if call.direction == Call.Direction.OUTBOUND:
        settle(call, over.talk, asked=any(ring.answered for ring in over.rings))
    elif call.outcome in CALLED_BACK and over.place_since:
        keep_place(call, since=over.place_since)
    elif call.outcome == Outcome.TALKED:
        talked_anyway(call)


@transaction.atomic
def tie_call(call: Call) -> bool:
    """Remember which message became of a call, and have it called back where that was promised; whether it is news."""
    held = Call.objects.select_for_update().get(pk=call.pk)
    names = [external_id(held.uid), external_id(end_of(held.uid))]
    said = Message.objects.filter(company_id=held.company_id, external_id__in=names)
    message = said.select_related("case__desk").order_by("-id").first()
    if message is None or held.message_id == message.pk:
        return False
    Call.objects.filter(pk=held.pk).update(message_id=message.pk)
    case = message.case
    bring_case(held, case)
    if held.message_id is None:
        carry_product(held, case)
    record(CallRemembered(**case.where, call=held.pk, message=message.pk), by=PHONE)
    if held.outcome in CALLED_BACK and case.continued_in_id is None:
        calendar, due = calendar_of(case.desk), clock.now() + CALL_BACK_WITHIN
        due = (calendar.after(clock.now(), CALL_BACK_WITHIN) if calendar else None) or due
        with translation.override(ours_for(case.language)):
            _promise(held, case, message, due)
    return True


def _promise(call: Call, case: Case, message: Message, due: datetime) -> None:
    """Who keeps the place in the queue, or was cut off by us, is called by the phone itself, where that calls out; for
    others somebody keeps the promise. Who was promised a call already by then is not promised another; where a case has
    too many promises it is a task.
    """
    plan = PlannedCall.objects.filter(origin=call).first()
    promised = Promise.objects.filter(case=case, kind=Promise.Kind.CALL_BACK, due_at__lte=due)
    promise = promised.filter(state=Promise.State.OPEN).order_by("due_at").first()
    if promise is None:
        kept = (
            _("Call back; the place in the queue is kept") if plan else _("Call back, as the customer chose")
        )
        words = (
            _("Call back; the call broke off by a fault of ours") if call.outcome == Outcome.BROKEN else kept
        )
        told = Told(kind=Promise.Kind.CALL_BACK, words=words, due_at=due)
        try:
            promise = make_promise(case, told, by=PHONE, message=message.pk)
        except Refused:
            add_task(case, Wanted(title=_("Call the customer back"), due_at=due), by=PHONE)
    if plan:
        plan.promise, plan.message_id = promise, message.pk
        plan.save(update_fields=["promise", "message_id"])
        announce_free()


@transaction.atomic
def set_flow(
    point: EntryPoint, document: Any, *, sounds: Callable[[str], bool], by: Actor, seen: int | None = None
) -> FlowVersion:
    """Say what callers meet at a number from now on; calls that go on keep to what was said before. `sounds` says which
    recordings come with the product; those of the company count beside them. `seen` is the version that was looked
    at.

    Raises NotAllowed, Refused for an entry point that is no number and for a flow that cannot be used, or Conflict
    where another version is in force than the one that was looked at.
    """
    if not may_set_flow(by, point):
        raise NotAllowed(Permission.DESKS)
    if point.kind != Channel.PHONE:
        raise Refused(_("This entry point is no phone number."))
    one_at_a_time(f"announcements {point.company_id}")
    there = sounds_there(point.company_id, sounds)
    try:
        names = {name for _pk, name in desks_called(point.company_id)}
        read(document, sounds=there, desks=names.__contains__)
    except FlowError as error:
        raise refusal(error) from error
    one_at_a_time(f"phone flow {point.pk}")
    last = FlowVersion.objects.filter(entry_point=point).aggregate(last=Max("number"))["last"] or 0
    if seen is not None and seen != last:
        told = _("Somebody saved version %(number)s meanwhile. Save again to put yours in its place.")
        raise Conflict(told % {"number": last})
    return write_version(point, document, last + 1, by=by)


def write_version(point: EntryPoint, document: Any, number: int, *, by: Actor) -> FlowVersion:
    """Write down the version of a flow that is in force from now on, while nobody else can (`one_at_a_time`)."""
    values = {"company_id": point.company_id, "entry_point": point, "user_id": by.id, "at": clock.now()}
    version = FlowVersion.objects.create(number=number, document=document, **values)
    fact = FlowChanged(company=point.company_id, desk=point.desk_id, entry_point=point.pk, version=number)
    record(fact, by=by)
    return version


def _told(span: Span) -> dict[str, Any]:
    end = span.end.isoformat() if span.end else None
    told = {"spent": span.spent.value, "begin": span.begin.isoformat(), "end": end, "turn": span.turn}
    return told | {"outside": True} if span.outside else told


def _who_talked(rings: Sequence[Ring]) -> int | None:
    """Who of ours had the caller last; whom they asked beside it did not."""
    took = (ring.person for ring in reversed(rings) if ring.answered and not ring.aside and ring.person > 0)
    return next(took, None)


def _tell_rings(call: Call, rings: Iterable[Ring]) -> None:
    for ring in rings:
        if ring.person < 0:  # outside: what is said of that is said by who asked
            continue
        seconds = round(((ring.end or ring.begin) - ring.begin).total_seconds())
        where = {"company": call.company_id, "desk": ring.desk or desk_at(call, ring.begin), "call": call.pk}
        told = CallRang(
            **where, person=ring.person, answered=ring.answered, seconds=seconds, aside=ring.aside
        )
        record(told, by=PHONE)


def _tell_pauses(call: Call, pauses: Iterable[Pause]) -> None:
    for pause in pauses:
        seconds = round(((pause.end or pause.begin) - pause.begin).total_seconds())
        where = {"company": call.company_id, "desk": call.desk_id, "call": call.pk}
        when = pause.begin.isoformat()
        record(RecordingPaused(**where, person=pause.person or None, at=when, seconds=seconds), by=PHONE)


def _keep(call: Call, sound: files.Kept, length: timedelta, at: datetime) -> None:
    Recording.objects.create(
        company_id=call.company_id,
        call=call,
        sha256=sound.sha256,
        size=sound.size,
        milliseconds=round(length.total_seconds() * 1000),
        at=at,
    )
