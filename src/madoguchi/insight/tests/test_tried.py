"""All calls of one number until somebody talks with it are one experience."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.insight.logged import Event
from madoguchi.insight.logged import Span as Asked
from madoguchi.insight.tests.asked import figure, sums
from madoguchi.insight.tried import tried_in
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.promises.tests.living import NINE
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
from madoguchi.voice.logic import By, Outcome, Span, Spent

pytestmark = pytest.mark.django_db
NAMES = ("got_through", "never_got_through", "called_again", "calls_to_get_through")
ONE, OTHER, THIRD = "+819012345678", "+819012345679", "+819012345670"


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE)


def calls(number: EntryPoint, caller: str, minutes: int, outcome: Outcome, *what: Spent) -> None:
    """A call so many minutes after nine, of a minute for each thing that it was spent on."""
    begun = NINE + timedelta(minutes=minutes)
    times = [begun + timedelta(minutes=n) for n in range(len(what) + 1)]
    spans = tuple(Span(one, times[n], times[n + 1]) for n, one in enumerate(what))
    uid = f"{caller[-3:]}-{minutes}"
    over = Over(outcome=outcome, ended_by=By.CALLER, answered_at=begun, ended_at=times[-1], spans=spans)
    with clock.held_at(times[-1]):
        begin_call(number, Begun(uid=uid, caller=caller, flow=0, at=begun))
        end_call(uid, over)


def in_vain(number: EntryPoint, caller: str, minutes: int) -> None:
    calls(number, caller, minutes, Outcome.ABANDONED, Spent.WAIT)


def counted(world: World) -> list[tuple[float, float]]:
    return [sums(figure(world.ours, name)) for name in NAMES]


def test_who_gets_through_at_the_third_call_got_through_once(world: World, number: EntryPoint) -> None:
    with world.ours.scope():
        in_vain(number, ONE, 0)
        in_vain(number, ONE, 10)
        calls(number, ONE, 20, Outcome.TALKED, Spent.WAIT, Spent.TALK)
        # What comes after that is another matter; and so is whoever calls besides, and never gets through.
        calls(number, ONE, 60, Outcome.TALKED, Spent.WAIT, Spent.TALK)
        in_vain(number, OTHER, 5)
        in_vain(number, OTHER, 15)

    assert counted(world) == [(2, 3), (1, 3), (2, 3), (4, 2)]
    reckoned = figure(world.ours, "called_again").reckoned
    assert reckoned is not None
    assert [(part.over, part.record.calls) for part in reckoned.parts] == [(1, 3), (0, 1), (1, 2)]  # type: ignore[attr-defined]
    assert [len(part.record.events) for part in reckoned.parts] == [6, 2, 4]


def test_who_leaves_word_did_not_try_in_vain_and_who_hears_an_announcement_did_not_try(
    world: World, number: EntryPoint
) -> None:
    with world.ours.scope():
        in_vain(number, ONE, 0)
        calls(number, ONE, 10, Outcome.CALL_BACK, Spent.WAIT, Spent.MENU)
        calls(number, OTHER, 0, Outcome.INFORMED, Spent.MENU)
        calls(number, THIRD, 0, Outcome.REJECTED)

    assert counted(world) == [(0, 2), (1, 2), (1, 2), (0, 0)]


def test_a_caller_without_a_number_is_one_each_time_and_counts_for_their_company_alone(
    world: World, number: EntryPoint
) -> None:
    with world.ours.scope():
        in_vain(number, "", 0)
        in_vain(number, "", 10)
    with world.theirs.scope():
        in_vain(make_entry_point(world.theirs.desk, kind=Channel.PHONE), ONE, 0)

    assert counted(world) == [(0, 2), (2, 2), (0, 2), (0, 0)]


class TestReading:
    """From events alone, whose order and span a test says."""

    ids = count(1)
    span = Asked(NINE, NINE + timedelta(days=1), NINE + timedelta(days=9))

    def told(self, kind: str, at: datetime, **data: Any) -> Event:
        return Event(next(self.ids), kind, at, None, 7, None, data)

    def try_of(
        self, call: int, hours: float, *, before: int | None = None, talks: bool = False
    ) -> list[Event]:
        at = NINE + timedelta(hours=hours)
        spans = [{"spent": one} for one in ("wait", *["talk"] * talks)]
        began = self.told("call.began", at, call=call, before=before)
        ended = self.told(
            "call.ended", at, call=call, outcome="talked" if talks else "abandoned", spans=spans
        )
        return [began, ended]

    def test_who_may_still_call_again_is_not_counted_yet(self) -> None:
        tries = [*self.try_of(1, 0), *self.try_of(2, 1, before=1)]

        at = NINE + timedelta(hours=25)
        early, late = (Asked(NINE, NINE + timedelta(days=1), now) for now in (at - timedelta(seconds=1), at))
        assert tried_in(tries, early) == []
        assert [(one.ref, one.calls, one.through) for one in tried_in(tries, late)] == [("call 1", 2, False)]

    def test_who_was_spoken_with_counts_at_once(self) -> None:
        tries = self.try_of(1, 0, talks=True)

        now = Asked(NINE, NINE + timedelta(days=1), NINE + timedelta(minutes=1))
        assert [(one.calls, one.through) for one in tried_in(tries, now)] == [(1, True)]

    def test_it_belongs_to_the_span_of_the_first_call_however_long_it_goes_on(self) -> None:
        tries = [
            *self.try_of(1, 23),
            *self.try_of(2, 40, before=1),
            *self.try_of(3, 50, before=2, talks=True),
        ]

        [found] = tried_in(tries, self.span)
        assert (found.ref, found.calls, found.through, len(found.events)) == ("call 1", 3, True, 6)
        next_day = Asked(self.span.end, self.span.end + timedelta(days=1), self.span.now)
        assert tried_in(tries, next_day) == []

    def test_what_it_follows_but_was_not_read_begins_nothing_twice(self) -> None:
        [found] = tried_in(self.try_of(2, 1, before=1), self.span)

        assert (found.ref, found.calls) == ("call 2", 1)

    def test_a_call_that_goes_on_decides_nothing(self) -> None:
        going_on = self.try_of(2, 1, before=1)[:1]

        assert tried_in([*self.try_of(1, 0), *going_on], self.span) == []
