"""How long a queue's callers wait, out of what is kept of its calls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.actions import Begun, begin_call, note_waits, note_waits_no_more
from madoguchi.voice.flow import read
from madoguchi.voice.models import Call
from madoguchi.voice.waits import Flowing, Stay, _answers, about, answers_of

NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
QUEUE = {"kind": "queue", "keys": {}}
STEPS = {"a": QUEUE | {"wait_told": True}, "b": QUEUE | {"wait_told": True}, "silent": QUEUE}
FLOW = read({"start": "a", "steps": STEPS}, sounds=lambda _name: True)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def waited(
    number: EntryPoint, uid: str, queue: str, begin: float, end: float, *, answered: bool = True
) -> None:
    begin_call(number, Begun(uid=uid, caller="", flow=1, at=at(begin)))
    note_waits(uid, queue, since=at(begin))
    note_waits_no_more(uid, at=at(end), answered=answered)


@pytest.mark.django_db
def test_it_is_known_by_the_calls_of_the_same_queue_whoever_held_them(
    world: World, number: EntryPoint
) -> None:
    with world.ours.scope(), clock.held_at(at(20)):
        for uid, begin, end in (
            ("1", 0, 2),
            ("2", 1, 4),
            ("3", 3, 6),
        ):  # one each two minutes, one after another
            waited(number, uid, "a", begin, end)
        waited(number, "gave-up", "a", 5, 5.5, answered=False)
        for uid, begin, end in (("4", 0, 9), ("5", 10, 19), ("6", 10, 20)):
            waited(number, uid, "silent", begin, end)
        waited(number, "7", "b", 10, 11)
        told = [about(number, FLOW, "a", ahead=ahead) for ahead in (0, 2)]
        assert (told, about(number, FLOW, "b", ahead=0), about(number, FLOW, "silent", ahead=0)) == (
            [120, 360],
            None,
            None,
        )
        assert sorted(answers_of(number, FLOW)) == ["a", "b"]
    with world.ours.scope(), clock.held_at(at(36.5)):
        assert about(number, FLOW, "a", ahead=0) is None  # all of it but for the last is long ago


@pytest.mark.django_db
def test_who_is_handed_on_waits_twice_and_who_is_gone_is_answered_once(
    world: World, number: EntryPoint
) -> None:
    with world.ours.scope():
        waited(number, "1", "a", 0, 2)
        note_waits("1", "a", since=at(5))
        note_waits_no_more("1", at=at(6), answered=True)
        note_waits_no_more("1", at=at(9), answered=False)
        stays = Call.objects.get().stays
    assert [(one["begin"], one["end"], one["answered"]) for one in stays] == [
        (at(0).isoformat(), at(2).isoformat(), True),
        (at(5).isoformat(), at(6).isoformat(), True),
    ]


@given(st.lists(st.tuples(st.integers(0, 999), st.integers(1, 300), st.booleans()), max_size=20))
def test_no_answer_takes_longer_than_the_call_that_waited_longest_or_comes_from_nowhere(
    told: list[tuple[int, int, bool]],
) -> None:
    begun = [Stay("a", at(begin / 60), at((begin + took) / 60), answered) for begin, took, answered in told]
    answers = _answers(begun)
    ends = {stay.end.timestamp() for stay in begun if stay.answered and stay.end}
    assert {when for when, _took in answers} <= ends
    assert all(took >= 0 for _when, took in answers)


def test_what_is_known_stands_in_the_place_of_what_was_seen_but_for_what_came_later() -> None:
    seen = Flowing()
    seen.begin(0)
    for now in (10, 20, 30):
        seen.answered(now)
    seen.learn([])
    assert list(seen.took) == [(10, 10), (20, 10), (30, 10)]
    seen.learn([(5, 60), (20.2, 60)])
    assert list(seen.took) == [(5, 60), (20.2, 60), (30, 10)]
