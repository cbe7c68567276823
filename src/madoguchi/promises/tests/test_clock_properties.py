"""What holds for clocks whatever happens: they never go back, and what ran and what stood still is all that passed."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from madoguchi.kernel.hours import ALWAYS, Calendar, frames
from madoguchi.promises.clocks import Clock, State, read_clocks
from madoguchi.promises.policy import CHOSEN_HOLDS, PRIORITIES, Metric, Policy, Target
from madoguchi.promises.story import STATUSES, Event, Kind, tell

MINUTE = timedelta(minutes=1)
# No shrinking: a failure is found at once, and takes minutes to be made small.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
# Golden week and the turn of the year in Japan; summer time begins and ends in New York and on Lord Howe Island.
STARTS = [
    datetime(2026, month, day, 1, 30, tzinfo=UTC)
    for month, day in ((4, 30), (12, 28), (3, 6), (3, 7), (10, 30), (10, 2), (4, 3))
]
CALENDARS = [
    ALWAYS,
    Calendar(week=(frames("09:00-12:00", "13:00-18:00"),) * 5 + ((),) * 2, holidays=True),
    Calendar(
        zone=ZoneInfo("America/New_York"), week=(frames("01:00-02:30", "04:00-11:00", "22:00-01:00"),) * 7
    ),
    Calendar(zone=ZoneInfo("Australia/Lord_Howe"), week=(frames("01:45-02:15", "08:00-20:00"),) * 7),
]
SPOKEN = (Kind.RECEIVED, Kind.ANSWERED)


def policies_of(seed: int) -> list[Policy]:
    """One policy, or two of which the first is for some cases; not every metric and priority has a target."""
    chance = Random(seed)
    found = []
    for name in chance.choice([["標準"], ["大口", "標準"]]):
        targets = {
            (metric, priority): Target(
                chance.randint(1, 3000) * MINUTE,
                chance.random() < 0.7,
                frozenset(chance.sample(CHOSEN_HOLDS, chance.randint(0, 3))),
            )
            for metric in Metric
            for priority in chance.sample(PRIORITIES, 3)
        }
        when = {"tags": frozenset({"大口"})} if name == "大口" else {}
        found.append(Policy(name, targets, chance.choice(CALENDARS), when=when))
    return found


@dataclass(frozen=True)
class Happened:
    """What happened to a case, in order, and until when it is looked at."""

    events: list[Event]
    until: datetime


def happened_of(seed: int) -> Happened:
    """A case that is opened, and up to nine things that happen to it, some of them at once."""
    chance = Random(seed)
    at = chance.choice(STARTS)
    priority = {"priority": frozenset({chance.choice(PRIORITIES)})}
    events = [Event(at, Kind.OPENED, facts=priority, by_staff=chance.random() < 0.2)]
    for _one in range(chance.randint(0, 9)):
        at += chance.choice([0, 1, 60, 600, chance.randint(0, 1500)]) * MINUTE
        events.append(_something(at, chance))
    return Happened(events, at + chance.choice([0, chance.randint(0, 3000)]) * MINUTE)


def _something(at: datetime, chance: Random) -> Event:
    kind = chance.choice([*SPOKEN, Kind.STATUS, Kind.CHANGED, Kind.ASSIGNED])
    moves = kind == Kind.STATUS or (kind == Kind.ANSWERED and chance.random() < 0.5)
    facts = {
        "priority": frozenset({chance.choice(PRIORITIES)}),
        "tags": frozenset(chance.choice([(), ("大口",)])),
    }
    return Event(
        at,
        kind,
        status=chance.choice(STATUSES) if moves else "",
        facts=facts if kind == Kind.CHANGED else {},
        automatic=kind in SPOKEN and chance.random() < 0.2,
        assigned=chance.random() < 0.5,
    )


SEEDS = st.integers(0, 2**32)
policies, happenings = SEEDS.map(policies_of), SEEDS.map(happened_of)


def read(happened: Happened, wanted: list[Policy], until: datetime | None = None) -> list[Clock]:
    return read_clocks(tell(happened.events), wanted, at=until or happened.until)


def names(clocks: list[Clock]) -> dict[tuple[Metric, int], Clock]:
    return {(clock.metric, clock.cycle): clock for clock in clocks}


@given(happenings, policies)
@settings(max_examples=150, deadline=None, phases=PHASES)
def test_what_ran_and_what_stood_still_is_all_that_passed(happened: Happened, wanted: list[Policy]) -> None:
    for clock in read(happened, wanted):
        end = clock.ended_at or happened.until
        lengths = [span.end - span.begin for span in clock.spans]

        assert sum(lengths, timedelta()) == end - clock.began_at
        assert all(a.end == b.begin for a, b in zip(clock.spans, clock.spans[1:], strict=False))
        assert clock.counted == sum((span.counted for span in clock.spans), timedelta())
        assert all(span.counted <= span.end - span.begin for span in clock.spans)
        assert not any(span.counted for span in clock.spans if not span.runs)


@given(happenings, policies, st.integers(0, 5000))
@settings(max_examples=150, deadline=None, phases=PHASES)
def test_read_later_no_clock_has_gone_back(happened: Happened, wanted: list[Policy], later: int) -> None:
    earlier = max(happened.events[0].at, happened.until - later * MINUTE)
    before, after = names(read(happened, wanted, earlier)), names(read(happened, wanted))

    for name, clock in before.items():
        assert after[name].counted >= clock.counted
        assert clock.breached_at is None or after[name].breached_at == clock.breached_at


@given(happenings, policies)
@settings(max_examples=150, deadline=None, phases=PHASES)
def test_a_running_clock_breaks_when_it_is_due_and_not_before(
    happened: Happened, wanted: list[Policy]
) -> None:
    for name, clock in names(read(happened, wanted)).items():
        if clock.state != State.RUNNING or clock.due_at is None or clock.breached_at:
            continue
        assert clock.due_at >= happened.until
        on_time, late = (
            names(read(happened, wanted, clock.due_at + s)) for s in (timedelta(), timedelta(seconds=1))
        )
        assert on_time[name].breached_at is None
        assert on_time[name].counted == clock.target.length
        assert late[name].breached_at == clock.due_at


@given(happenings, policies, st.data())
@settings(max_examples=150, deadline=None, phases=PHASES)
def test_a_merge_that_was_undone_changes_nothing(
    happened: Happened, wanted: list[Policy], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(happened.events)))
    back = data.draw(st.integers(place, len(happened.events)))
    kind = data.draw(st.sampled_from([Kind.MERGED, Kind.TOOK_IN]))
    moments = [happened.events[n - 1].at for n in (place, back)]
    brought = [Event(moments[0], Kind.RECEIVED, merge="9")] if kind == Kind.TOOK_IN else []
    told = list(happened.events)
    told[back:back] = [Event(moments[1], Kind.UNMERGED, merge="9")]
    told[place:place] = [Event(moments[0], kind, merge="9"), *brought]

    assert read(replace(happened, events=told), wanted) == read(happened, wanted)


@given(happenings, policies)
@settings(max_examples=100, deadline=None, phases=PHASES)
def test_a_merged_case_counts_nothing_after_it(happened: Happened, wanted: list[Policy]) -> None:
    moment = happened.until + MINUTE
    merged = replace(happened, events=[*happened.events, Event(moment, Kind.MERGED)])
    later = read(merged, wanted, moment + 5000 * MINUTE)

    assert all(clock.is_over for clock in later)
    assert [(c.counted, c.breached_at) for c in later] == [
        (c.counted, c.breached_at) for c in read(happened, wanted, moment)
    ]


@given(happenings, policies)
@settings(max_examples=100, deadline=None, phases=PHASES)
def test_opened_again_a_clock_goes_on_with_what_it_had(happened: Happened, wanted: list[Policy]) -> None:
    solved = Event(happened.until, Kind.STATUS, status="solved")
    again = Event(happened.until + 600 * MINUTE, Kind.RECEIVED)
    rests = names(read(replace(happened, events=[*happened.events, solved]), wanted, again.at))
    goes_on = names(read(replace(happened, events=[*happened.events, solved, again]), wanted, again.at))

    for name, clock in rests.items():
        assert goes_on[name].counted == clock.counted
        assert clock.is_over
