"""Calls and flows, as others ask for them."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from django.db.models import QuerySet

from madoguchi.cases.models import ACTIVE, Case, Message
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.files import Kept
from madoguchi.infra.forgetting import days_ago
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import File
from madoguchi.voice.flow import Flow, Queue, read
from madoguchi.voice.logic import Outcome
from madoguchi.voice.models import (
    REMEMBERED,
    AgentPhone,
    Call,
    FlowVersion,
    NumberNotice,
    Recording,
    RecordingTerm,
)
from madoguchi.voice.ready import USUAL

# Whoever calls again within this time tries the same thing once more.
ONE_MATTER = timedelta(hours=24)

# More calls of one number within a day are a machine's, and are not told apart any more.
MOST_TRIES_COUNTED = 50
MOST_DAYS = 3650
# What says that talks are recorded, where a number has no other.
NOTICE = "recorded"
# A shorter term for recordings counts so much later: time to take it back, for what went does not come back.
TERM_WAITS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeptFor:
    """For how many days recordings are kept `now` (None: as long as the calls), and from `begins_at` on."""

    now: int | None = None
    then: int | None = None
    begins_at: datetime | None = None

    @property
    def said(self) -> int | None:
        """What was said last, whether it counts already or not."""
        return self.then if self.begins_at else self.now

    def is_shortened_by(self, days: int | None) -> bool:
        """Whether recordings would go that are kept now."""
        return days is not None and (self.now is None or days < self.now)


def kept_for(companies: Iterable[int]) -> dict[int, KeptFor]:
    """How long those of these companies keep recordings that said so. One query."""
    rows = RecordingTerm.objects.filter(company__in=list(companies))
    return {row.company_id: as_it_counts(row) for row in rows}


def as_it_counts(term: RecordingTerm | None) -> KeptFor:
    """What a company said, by what counts at this moment."""
    if term is None:
        return KeptFor()
    if term.begins_at is None or term.begins_at <= clock.now():
        return KeptFor(term.days)
    return KeptFor(term.days_before, term.days, term.begins_at)


def recording_days(companies: Iterable[int]) -> dict[int, int]:
    """For how many days which of these companies keep recordings now; without one, as long as the calls. One query."""
    return {company: kept.now for company, kept in kept_for(companies).items() if kept.now is not None}


def recordings_older_than(company: int, *, days: int) -> int:
    """How many recordings would go as soon as a term of so many days, said now, begins to count."""
    if not 0 < days <= MOST_DAYS:
        return 0
    return Recording.objects.filter(company=company, at__lt=days_ago(days) + TERM_WAITS).count()


def recorded(name: str, sound: Kept) -> File:
    """What was recorded, as a file of a message."""
    return File(name, "audio/wav", b"", kept=sound.sha256, kept_size=sound.size)


def external_id(uid: str) -> str:
    """The id of the message that becomes of a call, in the shape of a Message-ID."""
    return f"call.{uid}@madoguchi.invalid"


def end_of(uid: str) -> str:
    """What the end of a call is called that became a message already when it rang."""
    return f"{uid}-end"


def case_of(call: Call) -> Case | None:
    """The case that a call stands in, if it became one."""
    message = Message.objects.filter(pk=call.message_id).select_related("case__company", "case__desk").first()
    return message.case if message else None


def desk_at(call: Call, at: datetime) -> int:
    """The desk at which somebody was wanted for a call then, unless it had been handed on to another."""
    if call.direction == Call.Direction.OUTBOUND:
        return call.desk_id
    sent = [one["to"] for one in call.divided if datetime.fromisoformat(one["at"]) <= at]
    return sent[-1] if sent else call.entry_point.desk_id


def call_by_uid(uid: str) -> Call | None:
    """The call of that name, in the companies in scope."""
    known = ("desk", "company", "product", "entry_point")
    return Call.objects.filter(uid=uid).select_related(*known).first() if uid else None


def phone_of(person: int) -> AgentPhone:
    """Somebody's phone in the browser; one that never was used is away, and is not kept by being looked at."""
    now = clock.now()
    return AgentPhone.objects.filter(user_id=person).first() or AgentPhone(
        user_id=person, since=now, seen_at=now
    )


def talks_about(person: int, case: int) -> bool:
    """Whether somebody is on a call of this case (by id) now. Two queries at most."""
    phone = AgentPhone.objects.filter(user_id=person, state=AgentPhone.State.TALKING, role="").first()
    call = Call.objects.filter(uid=phone.call).first() if phone and phone.call else None
    found = case_of(call) if call else None
    return found is not None and found.pk == case


def phones_ready(people: Iterable[int], *, heard_after: datetime) -> set[int]:
    """Who of these could take a call now."""
    rows = AgentPhone.objects.filter(user_id__in=list(people), state=AgentPhone.State.READY)
    return set(rows.filter(seen_at__gt=heard_after).values_list("user_id", flat=True))


def at_a_call(people: Collection[int]) -> set[int]:
    """Who of these hears a call ring, is on one, or wraps one up: nothing else is given to them meanwhile."""
    busy = (AgentPhone.State.RINGING, AgentPhone.State.TALKING, AgentPhone.State.WRAPPING)
    return set(
        AgentPhone.objects.filter(user_id__in=people, state__in=busy).values_list("user_id", flat=True)
    )


def flow_of(point: EntryPoint, *, sounds: Callable[[str], bool]) -> tuple[Flow, int]:
    """What callers meet at a number, and the number of that version; 0 where nobody has written one."""
    version = FlowVersion.objects.filter(entry_point=point).order_by("-number").first()
    if version is None:
        return at_number(read(USUAL, sounds=sounds), point, sounds=sounds), 0
    return at_number(read(version.document, sounds=sounds), point, sounds=sounds), version.number


def at_number(flow: Flow, point: EntryPoint, *, sounds: Callable[[str], bool]) -> Flow:
    """A flow with what the number says that it is met at: which notice comes before a recording, and which desks its
    company has. A notice that is not there any more gives way to the one that comes along.
    """
    notice = notice_of(point)
    desks = {name: pk for pk, name in desks_called(point.company_id)} if _wants_desks(flow) else {}
    return replace(flow, notice=notice if not notice or sounds(notice) else NOTICE, desks=desks)


def notice_of(point: EntryPoint) -> str:
    """The recording that says at a number that talks are recorded; empty where none is. One query."""
    said = NumberNotice.objects.filter(entry_point=point).values_list("sound", flat=True).first()
    return NOTICE if said is None else said


def desks_called(company: int) -> list[tuple[int, str]]:
    """The desks of a company that take cases, by the names that flows give them."""
    return list(
        Desk.objects.filter(company=company, active=True).order_by("name", "pk").values_list("pk", "name")
    )


def _wants_desks(flow: Flow) -> bool:
    return any(isinstance(step, Queue) and step.desk for step in flow.steps.values())


def flow_versions(point: EntryPoint) -> QuerySet[FlowVersion]:
    """What callers met at a number and meet now, the newest first, with who wrote it."""
    return FlowVersion.objects.filter(entry_point=point).select_related("user").order_by("-number")


def flow_numbered(point: EntryPoint, number: int, *, sounds: Callable[[str], bool]) -> Flow:
    """What callers met at a number by one version; by the built-in flow where that is 0, or not there."""
    version = FlowVersion.objects.filter(entry_point=point, number=number).first() if number else None
    return at_number(read(version.document if version else USUAL, sounds=sounds), point, sounds=sounds)


def is_at_work(desk: Desk, at: datetime) -> bool:
    """Whether a desk takes calls at this moment; one of which no hours are known always does."""
    calendar = calendar_of(desk)
    return calendar is None or calendar.is_open(at)


def earlier_try(call: Call) -> Call | None:
    """The last call of this number to this desk before, if it became a case that somebody has yet to deal with."""
    if not call.caller:
        return None
    before = Call.objects.filter(company_id=call.company_id, desk_id=call.desk_id, caller=call.caller)
    since = call.offered_at - ONE_MATTER
    found = before.filter(offered_at__range=(since, call.offered_at), message_id__isnull=False)
    last = found.exclude(pk=call.pk).order_by("-offered_at").first()
    if last is None:
        return None
    return last if Message.objects.filter(pk=last.message_id, case__status__in=ACTIVE).exists() else None


def tries_before(call: Call) -> list[Call]:
    """The calls of this number to any number of the company before, within a day and since somebody talked with them:
    the newest first, `MOST_TRIES_COUNTED` at most. One query.
    """
    if not call.caller or call.direction == Call.Direction.OUTBOUND:
        return []
    since = call.offered_at - ONE_MATTER
    rows = Call.objects.filter(
        company_id=call.company_id, caller=call.caller, offered_at__range=(since, call.offered_at)
    )
    found = (
        rows.exclude(pk=call.pk).select_related("desk").order_by("-offered_at", "-id")[:MOST_TRIES_COUNTED]
    )
    in_vain = takewhile(lambda one: one.outcome != Outcome.TALKED and not one.talk_seconds, found)
    return [one for one in in_vain if one.direction == Call.Direction.INBOUND]


def message_to_come(uid: str) -> int | None:
    """The message that a call became, or, where it has become none yet, that of the call with which it goes on."""
    call = Call.objects.filter(uid=uid).first()
    if call is None or call.message_id:
        return call.message_id if call else None
    before = earlier_try(call)
    return before.message_id if before else None


def given_up(*, silent_since: datetime) -> list[tuple[int, int]]:
    """Calls that their gateway has said nothing of since then: company and id."""
    with scope.everywhere(reason="calls of any company may have lost their gateway"):
        rows = Call.objects.exclude(state=Call.State.ENDED).filter(alive_at__lt=silent_since)
        return list(rows.order_by("pk").values_list("company_id", "pk"))


def calls_going_on() -> set[str]:
    """The names (uid) of calls that are not written down as ended, of any company."""
    with scope.everywhere(reason="what was recorded of calls of any company may wait for their end"):
        return set(Call.objects.exclude(state=Call.State.ENDED).values_list("uid", flat=True))


def unremembered(*, ended_before: datetime) -> list[tuple[int, int]]:
    """Calls that ended before this moment, of which a message is to become and none is tied: company and id."""
    with scope.everywhere(reason="calls of any company may have been left by a killed gateway"):
        rows = Call.objects.filter(outcome__in=REMEMBERED, message_id=None, ended_at__lt=ended_before)
        recent = rows.filter(ended_at__gt=ended_before - ONE_MATTER).exclude(outcome__in=GIVEN_UP, caller="")
        return list(recent.order_by("pk").values_list("company_id", "pk"))


GIVEN_UP = (Call.Ending.ABANDONED, Call.Ending.BROKEN)


def becomes_case(call: Call) -> bool:
    """Whether somebody is to look at a call that is over. Who gave up and withheld the number cannot be called back; of
    whom we cut off that is known in the case, if there was one already.
    """
    if call.outcome == Outcome.BROKEN and call.message_id:
        return True
    if call.outcome in GIVEN_UP:
        return bool(call.caller)
    return call.outcome in (*REMEMBERED, Call.Ending.TALKED)


def calls_for(actor: Actor) -> QuerySet[Call]:
    """The calls of the desks whose cases the actor reads, the newest first."""
    wide, single = actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ)
    rows = Call.objects.filter(company_id__in=wide) | Call.objects.filter(desk_id__in=single)
    return rows.select_related("desk", "company").order_by("-offered_at", "-id")
