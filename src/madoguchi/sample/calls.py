"""The calls of the sample world: of the last days and of today, at the number where callers may wait for somebody.

No case comes of them: they are there so that the figures of the phone, the wall and the list of calls show
something. Who gives up in the last day, of whom a case would come, withholds the number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Identity
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.sample.organisations import WITH_A_QUEUE
from madoguchi.sample.world import Desk as WorldDesk
from madoguchi.sample.world import sample_world
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
from madoguchi.voice.events import CallWrappedUp
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call
from madoguchi.voice.queries import ONE_MATTER
from madoguchi.voice.terms import Ring

DAYS, A_DAY, CALLERS = 9, 8, 60
# One caller in so many gives up; who can be known calls again a few minutes later, and gets through.
GIVES_UP = 6
_WAITS = (4, 6, 7, 9, 11, 12, 14, 16, 18, 19, 24, 31, 52)
_LONGEST, _LATELY = timedelta(minutes=12), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class SampleCall:
    """When somebody calls, how many seconds they wait, and are spoken with; 0 where they give up."""

    at: datetime
    caller: str
    waits: int
    talks: int
    wraps: int


def ring(desks: Mapping[str, Desk], people: Mapping[str, User], *, now: datetime) -> int:
    """Have people call over the days before `now`; how many calls there were."""
    desk = desks[WITH_A_QUEUE]
    number = EntryPoint.objects.get(desk=desk, kind=Channel.PHONE)
    known = Identity.objects.filter(company=desk.company, kind=Identity.Kind.PHONE).order_by("pk")
    callers = list(known.values_list("value", flat=True)[:CALLERS])
    staff = [
        people[one.key] for one in sample_world().people if WITH_A_QUEUE in one.desks and one.role == "agent"
    ]
    calls = sorted(calls_before(now, callers), key=lambda call: call.at)
    for place, call in enumerate(calls):
        _happen(call, f"sample-{place}", number, staff[place % len(staff)])
    return len(calls)


def calls_before(now: datetime, callers: list[str]) -> Iterator[SampleCall]:
    """The calls of the days before a moment, within the hours of the desk; the same for the same moment."""
    chance, desk = Random("calls"), sample_world().desk(WITH_A_QUEUE)  # noqa: S311  made up
    today = now.astimezone(clock.TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = [_hours(desk, today - timedelta(days=n), now) for n in range(DAYS)]
    for begin, end in (times for times in hours if times[0] < times[1]):
        for place in range(A_DAY):
            at = begin + timedelta(seconds=chance.uniform(0, (end - begin).total_seconds()))
            waits, talks, wraps = chance.choice(_WAITS), chance.randrange(90, 480), chance.randrange(15, 70)
            caller = chance.choice(callers) if callers else ""
            given_up = place % GIVES_UP == GIVES_UP - 1
            again = SampleCall(at + timedelta(minutes=chance.randrange(3, 9)), caller, waits, talks, wraps)
            if not given_up:
                yield SampleCall(at, caller, waits, talks, wraps)
            elif caller and at < now - 2 * ONE_MATTER:
                yield from (SampleCall(at, caller, waits * 4, 0, 0), again)
            else:
                yield SampleCall(at, "", waits * 4, 0, 0)


def _hours(desk: WorldDesk, day: datetime, now: datetime) -> tuple[datetime, datetime]:
    """From when to when people call on a day. Whoever looks at the sample before the desk opens sees calls, too."""
    opens, closes = desk.opens[day.weekday()], desk.closes[day.weekday()]
    begin, end = day + timedelta(hours=opens), day + timedelta(hours=closes, minutes=-30)
    over = now - 2 * _LONGEST
    return (
        (max(day, over - _LATELY), over) if end > over and begin > over - _LATELY else (begin, min(end, over))
    )


def _happen(call: SampleCall, uid: str, number: EntryPoint, person: User) -> None:
    turned = call.at + timedelta(seconds=call.waits)
    end = turned + timedelta(seconds=call.talks)
    spans = [Span(Spent.WAIT, call.at, turned), *[Span(Spent.TALK, turned, end)] * bool(call.talks)]
    over = Over(
        outcome=Outcome.TALKED if call.talks else Outcome.ABANDONED,
        ended_by=By.CALLER,
        answered_at=call.at,
        ended_at=end,
        spans=tuple(spans),
        rings=(Ring(person.pk, call.at, turned, answered=True),) if call.talks else (),
    )
    with clock.held_at(call.at):
        made = begin_call(number, Begun(uid=uid, caller=call.caller, flow=1, at=call.at))
    with clock.held_at(end):
        end_call(uid, over)
    if call.talks:
        _wrap_up(made, person, call.wraps, end + timedelta(seconds=call.wraps))


def _wrap_up(call: Call, person: User, seconds: int, at: datetime) -> None:
    Call.objects.filter(pk=call.pk).update(wrap_seconds=seconds, code=Call.Code.SOLVED)
    where = {"company": call.company_id, "desk": call.desk_id, "call": call.pk}
    with clock.held_at(at):
        said = CallWrappedUp(**where, person=person.pk, code=Call.Code.SOLVED, seconds=seconds)
        record(said, by=actor_of(person))
