"""Calls that we make: a place kept in a queue, whose turn it is, what came of it, and what must not be called.

A plan is a row, and taken by one gateway together with somebody's phone in one transaction. So a customer is never
called by two, nor by nobody.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.actions import Answering, note_past, write_past_answer
from madoguchi.cases.models import ACTIVE, Case
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.consenting import refused_since
from madoguchi.customers.models import Purpose, Way
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.files import Kept
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.identity import IdentityKind, canonical, is_real_phone
from madoguchi.kernel.languages import ours_for
from madoguchi.kernel.text import alike
from madoguchi.promises.keeping import keep_promise
from madoguchi.promises.models import Promise
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.voice.events import CallPlaced, CallPlanned, PlanDropped
from madoguchi.voice.models import CALLED_BACK, AgentPhone, Call, PlannedCall
from madoguchi.voice.outside_models import OutsideLeg
from madoguchi.voice.phones import PHONE, announce_free, is_anybody_free, take_phone
from madoguchi.voice.queries import NOTICE, case_of, external_id, is_at_work, notice_of, recorded
from madoguchi.voice.wording import length, subject_of, words_of_try

State = PlannedCall.State
Ending = Call.Ending
MOST_TRIES = 3
# When a customer who was not reached is tried again; the desk closed, or too many calls, is looked at again soon.
AGAIN: Mapping[str, timedelta] = {Ending.BUSY: timedelta(minutes=5)}
AGAIN_AFTER, LOOK_AGAIN_AFTER = timedelta(minutes=10), timedelta(minutes=5)
# At so many numbers a gateway looks in one go.
AT_ONCE = 50
DAY = timedelta(days=1)
# So long ago somebody may have been promised a call that is still to come: over holidays at most.
LONGEST_PROMISED = timedelta(days=14)
MOST_PLACES_A_DAY = 5
# What a telephone exchange gives its own telephones; more digits lead outside.
LONGEST_EXTENSION: Final = 6
# Police, coast guard, fire and ambulance: also with what hides or shows the number, and with the 0 of an outside line.
# They come to where the line is, and one of a trunk is somewhere else.
_EMERGENCY: Final = re.compile(r"(184|186)?0?(110|118|119)")
_NUMBER: Final = re.compile(r"\+?[0-9*#]+")
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtext('madoguchi places'), hashtext(%s))"


@dataclass(frozen=True, slots=True)
class Due:
    """A customer whose turn it is, among those who wait at a number."""

    pk: int
    company: int
    entry_point: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A call to be made, by its name: at whom of ours it rings first, which number is called from where, and by which
    recording they hear that the talk is recorded (none: it is not).
    """

    uid: str
    person: int
    number: str
    point: EntryPoint
    begun_at: datetime
    notice: str = NOTICE


def may_be_called(number: str) -> bool:
    """Whether calls to a number are allowed at all: the longest beginning that is said of it decides. Without that,
    somebody could have us call what costs a fortune.

    It must be one that exists: after +81 a 0 is dialled, and what follows it there could lead anywhere (010 is abroad).
    """
    said = (rule for rule in settings.CALL_DESTINATIONS if number.startswith(rule.lstrip("!")))
    best = max(said, key=lambda rule: len(rule.lstrip("!")), default="!")
    return not best.startswith("!") and is_real_phone(number)


def may_be_dialled(address: str) -> bool:
    """Whether calls to a number or a SIP address are allowed at all. The host of a SIP address must be among those that
    the administrator named, for what is behind another could lead anywhere; and a number before the @ is one to be
    called like any other, for the host may dial it.
    """
    scheme, _colon, rest = address.partition(":")
    if scheme.casefold() not in ("sip", "sips"):
        return may_be_called(address)
    user, _at, place = rest.partition("@")
    host = place.partition(";")[0].partition(":")[0]
    return host.casefold() in settings.CALL_SIP_HOSTS and _may_be_dialled_there(unquote(user))


def is_emergency(address: str) -> bool:
    """Whether a number or the number of a SIP address calls the police, the coast guard, or fire and ambulance."""
    scheme, _colon, rest = address.partition(":")
    user = unquote(rest.partition("@")[0]) if scheme.casefold() in ("sip", "sips") else address
    return bool(_EMERGENCY.fullmatch(_digits(user)))


def _digits(user: str) -> str:
    return re.sub(r"[-._() ]", "", alike(user.partition(";")[0].partition(":")[0]))


def _may_be_dialled_there(user: str) -> bool:
    """Whether who is called at a SIP host is a name, an extension of few digits, or a number that may be called."""
    digits = _digits(user)
    if _EMERGENCY.fullmatch(digits):
        return False
    if not _NUMBER.fullmatch(digits) or (digits.isdecimal() and len(digits) <= LONGEST_EXTENSION):
        return True
    return may_be_called(canonical(IdentityKind.PHONE, digits))


def may_call_more(company: int) -> bool:
    """Whether a company has calls and minutes left of those it may make within a day; telephones outside that carriers
    ring are among them. A call that still goes on has taken what it has lasted; and one after another of a company's is
    counted, until that transaction is over.
    """
    now = clock.now()
    one_at_a_time(f"calls out of {company}")
    recent = Call.objects.filter(
        company_id=company, direction=Call.Direction.OUTBOUND, offered_at__gt=now - DAY
    )
    lasted = Coalesce(F("ended_at"), now) - F("answered_at")
    wanted = {"calls": Count("pk"), "lasted": Sum(lasted, default=timedelta())}
    made = recent.aggregate(**wanted)
    rung = OutsideLeg.objects.filter(company_id=company, rung_at__gt=now - DAY).aggregate(**wanted)
    left = timedelta(minutes=settings.MINUTES_OUT_A_DAY) - made["lasted"] - rung["lasted"]
    return made["calls"] + rung["calls"] < settings.CALLS_OUT_A_DAY and left > timedelta()


def keep_place(call: Call, *, since: datetime) -> None:
    """Keep the place of a caller who rather is called back; not where they may not be called, nor a second place at a
    desk, nor all day long: whoever bears somebody else's number must not have them rung. Then it is a task of people.
    """
    if PlannedCall.objects.filter(origin=call).exists():  # taken for broken, and put right
        return
    if not may_be_called(call.caller) or _has_places_enough(call):
        return
    PlannedCall.objects.create(
        company_id=call.company_id,
        entry_point_id=call.entry_point_id,
        desk_id=call.desk_id,
        origin=call,
        number=call.caller,
        since=since,
        next_at=clock.now(),
    )
    where = {"company": call.company_id, "desk": call.desk_id}
    record(CallPlanned(**where, call=call.pk, entry_point=call.entry_point_id), by=PHONE)


def _has_places_enough(call: Call) -> bool:
    """Whether the number waits at the desk already, or has had as many places there today as one needs."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_BY_ONE, [f"{call.desk_id} {call.caller}"])
    places = PlannedCall.objects.filter(desk_id=call.desk_id, number=call.caller, person=None)
    if places.filter(state__in=(State.WAITING, State.CALLING)).exists():
        return True
    return places.filter(since__gt=clock.now() - DAY).count() >= MOST_PLACES_A_DAY


def due_plans(after: Due | None = None) -> Sequence[Due]:
    """Whose turn it may be: at each number who has waited longest, and of these who has waited longest first, so many
    at once; those who come next are asked for by the last one. One query, over all companies: many who wait at one
    number hide nobody who waits at another.
    """
    behind = Q(since__gt=after.since) | Q(since=after.since, pk__gt=after.pk) if after else Q()
    with scope.everywhere(reason="customers of any company may be called back"):
        waiting = PlannedCall.objects.filter(
            state=State.WAITING, message_id__isnull=False, next_at__lte=clock.now()
        )
        each = ("entry_point_id", "person_id")  # whoever calls by hand waits behind nobody
        first = waiting.order_by(*each, "since", "pk").distinct(*each)
        rows = PlannedCall.objects.filter(behind, pk__in=first.values("pk")).order_by("since", "pk")
        return [
            Due(*row) for row in rows.values_list("pk", "company_id", "entry_point_id", "since")[:AT_ONCE]
        ]


@transaction.atomic
def take_plan(pk: int, uid: str) -> Taken | None:
    """Have somebody of ours rung who is free, to call this customer back as call `uid`; None where nobody is, it is not
    to be now, or another gateway was faster.
    """
    rows = PlannedCall.objects.select_for_update(skip_locked=True, of=["self"])
    plan = (
        rows.filter(pk=pk, state=State.WAITING)
        .select_related("entry_point__desk", "promise", "origin")
        .first()
    )
    if plan is not None and plan.person_id:
        return _take_by_hand(plan)
    if plan is None or not _is_wanted(plan) or not _is_time(plan):
        return None
    person = take_phone(desk=plan.desk_id, company=plan.company_id, call=uid, message=plan.message_id)
    if person is None:
        return None
    call = _place(plan, uid)
    plan.state = State.CALLING
    plan.save(update_fields=["state"])
    where = {"company": plan.company_id, "desk": plan.desk_id, "entry_point": plan.entry_point_id}
    record(CallPlaced(**where, call=call.pk, person=person, tries=plan.tries + 1), by=PHONE)
    return Taken(uid, person, plan.number, plan.entry_point, call.offered_at, notice_of(plan.entry_point))


def _take_by_hand(plan: PlannedCall) -> Taken | None:
    """All was asked when it was wished. Whose phone does not wait for it any more has thought better of it; it may have
    offered its sound already.
    """
    assert plan.person_id is not None
    call = plan.origin
    states = (AgentPhone.State.RINGING, AgentPhone.State.TALKING)
    waits = AgentPhone.objects.filter(user_id=plan.person_id, call=call.uid, state__in=states)
    plan.state = State.CALLING if waits.exists() else State.DROPPED
    plan.save(update_fields=["state"])
    if plan.state == State.DROPPED:
        return None
    point = plan.entry_point
    return Taken(call.uid, plan.person_id, plan.number, point, call.offered_at, notice_of(point))


def _place(plan: PlannedCall, uid: str) -> Call:
    now = clock.now()
    return Call.objects.create(
        company_id=plan.company_id,
        uid=uid,
        entry_point_id=plan.entry_point_id,
        desk_id=plan.desk_id,
        direction=Call.Direction.OUTBOUND,
        called=plan.entry_point.address,
        caller=plan.number,
        offered_at=now,
        alive_at=now,
        message_id=plan.message_id,
        plan_id=plan.pk,
    )


def _is_wanted(plan: PlannedCall) -> bool:
    """Nobody is called about what was dealt with meanwhile, or whose number was erased."""
    case = case_of_plan(plan)
    kept = plan.promise is not None and plan.promise.state != Promise.State.OPEN
    if case is None or case.status not in ACTIVE or kept or not plan.number:
        drop(plan, reason="settled")
        return False
    if refused_since(case.customer_id, Purpose.MATTER, Way.PHONE, since=plan.since):
        drop(plan, reason="refused")
        return False
    if not may_be_called(plan.number):  # what is allowed may have changed since
        drop(plan, reason="destination")
        return False
    return True


def _is_time(plan: PlannedCall) -> bool:
    """Whether the desk is at work, somebody there is free, and the company may call more; in this order, for plans are
    looked at far more often than somebody is free.
    """
    now = clock.now()
    at_work = is_at_work(plan.entry_point.desk, now)
    if at_work and not is_anybody_free(desk=plan.desk_id, company=plan.company_id):
        return False
    if at_work and may_call_more(plan.company_id):
        return plan.next_at <= now
    PlannedCall.objects.filter(pk=plan.pk).update(next_at=now + LOOK_AGAIN_AFTER)
    return False


def case_of_plan(plan: PlannedCall) -> Case | None:
    """The case that a customer is called back about, where it goes on."""
    case = case_of(plan.origin) if plan.message_id else None
    return case.continued_in or case if case else None


def drop(plan: PlannedCall, *, reason: str) -> None:
    """Nobody is called back any more by itself."""
    if PlannedCall.objects.filter(pk=plan.pk).exclude(state=State.DROPPED).update(state=State.DROPPED):
        where = {"company": plan.company_id, "desk": plan.desk_id, "entry_point": plan.entry_point_id}
        record(PlanDropped(**where, call=plan.origin_id, tries=plan.tries, reason=reason), by=PHONE)


def settle(call: Call, talk: Kept | None, *, asked: bool) -> None:
    """What becomes of a call that we made, when it is over. `asked` says that the customer was to be heard of: somebody
    of ours had answered. A talk is an answer in the case, a try a note; and who was not reached is tried again.
    """
    case = case_of(call)
    case = case.continued_in or case if case else None
    talked = call.talk_seconds > 0 or call.outcome == Ending.TALKED
    plan = PlannedCall.objects.select_for_update().filter(pk=call.plan_id).first()
    if plan and asked:
        plan.tries += 1
    if case:
        with translation.override(ours_for(case.language)):
            _tell(case, call, talk, tries=plan.tries if plan else 1, talked=talked, asked=asked)
    if plan:  # a talk that broke off by a fault of ours is none that was to be had
        _after(plan, call, case, talked=talked and call.outcome != Ending.BROKEN, asked=asked)


def _tell(case: Case, call: Call, talk: Kept | None, *, tries: int, talked: bool, asked: bool) -> None:
    words = words_of_try(call.outcome if not talked else Ending.TALKED, tries=tries)
    if not talked:
        if asked and call.agent_id:
            note_past(case, text=words, user=call.agent_id, by=PHONE)
        return
    lasted = _("The call lasted %(length)s.") % {"length": length(timedelta(seconds=call.talk_seconds))}
    said = Answering(
        text=f"{words}\n{lasted}",
        to=(),
        external_id=external_id(call.uid),
        subject=subject_of(Ending.TALKED),
        sender=Party(address=""),
        files=(recorded("talk.wav", talk),) if talk else (),
        channel=Channel.PHONE,
    )
    message = write_past_answer(case, said, user=call.agent_id, by=PHONE)
    Call.objects.filter(pk=call.pk).update(message_id=message.pk)


def _after(plan: PlannedCall, call: Call, case: Case | None, *, talked: bool, asked: bool) -> None:
    now = clock.now()
    if plan.person_id:
        plan.state = State.DONE if talked else State.DROPPED
        plan.save(update_fields=["state", "tries"])
        return
    plan.state = State.DONE if talked else State.WAITING
    plan.next_at = now + AGAIN.get(call.outcome, AGAIN_AFTER) if asked else now
    plan.save(update_fields=["state", "tries", "next_at"])
    if talked and plan.promise:
        keep_promise(plan.promise, by=PHONE)
    if not talked and plan.tries >= MOST_TRIES:
        drop(plan, reason="tries")
        if case:
            with translation.override(ours_for(case.language)):
                add_task(case, Wanted(title=_("Call the customer back"), due_at=now), by=PHONE)
    announce_free()


def talked_anyway(call: Call) -> None:
    """A customer who was to be called back called again, and was talked with: that keeps what was promised."""
    if not call.caller:
        return
    same = {"company_id": call.company_id, "desk_id": call.desk_id}
    waiting = PlannedCall.objects.select_for_update(of=["self"]).filter(
        **same, number=call.caller, person=None, state=State.WAITING
    )
    for plan in waiting.select_related("promise"):
        plan.state = State.DONE
        plan.save(update_fields=["state"])
        if plan.promise:
            keep_promise(plan.promise, by=PHONE)
    ended = Call.objects.filter(**same, caller=call.caller, message_id__isnull=False, outcome__in=CALLED_BACK)
    told = ended.filter(offered_at__lt=call.offered_at, offered_at__gt=call.offered_at - LONGEST_PROMISED)
    mine = Promise.objects.filter(message__in=list(told.values_list("message_id", flat=True)))
    for promise in mine.filter(kind=Promise.Kind.CALL_BACK, state=Promise.State.OPEN, made_by=None):
        keep_promise(promise, by=PHONE)
