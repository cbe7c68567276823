"""What time at phones was spent with: kept as the phone turns, told to the log, to the last sign of life."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of, desks_answered_by
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import (
    Lines,
    answer_call,
    gone_away,
    let_go,
    note_connected,
    set_ready,
    still_here,
    take_phone,
    wrap_up,
)
from madoguchi.voice.spent import write_down_spent
from madoguchi.voice.tests.test_phones import CALL, NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(world: World) -> Iterator[EntryPoint]:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with scope.acting_for([point.company_id]), clock.held_at(NOON):
        begin_call(point, Begun(uid=CALL, caller="+819012345678", flow=0, at=NOON))
        yield point


@pytest.fixture
def agent(world: World, number: EntryPoint) -> Actor:
    return actor_of(world.ours.agent)


def after(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def ready(agent: Actor, seconds: int = 0, *, state: bool = True) -> None:
    with clock.held_at(after(seconds)):
        set_ready(ready=state, by=agent)


def heard(agent: Actor, *seconds: int) -> None:
    """A page that says in these seconds that it is there."""
    for one in seconds:
        with clock.held_at(after(one)):
            still_here(by=agent)


def swept(seconds: int) -> int:
    with clock.held_at(after(seconds)):
        return write_down_spent()


def told() -> list[tuple[str, int, int]]:
    """What the log says was done, from which second to which."""
    found = []
    for event in Event.objects.filter(kind="phone.spent").order_by("id"):
        ends = [
            (datetime.fromisoformat(event.data[name]) - NOON).total_seconds() for name in ("begin", "end")
        ]
        found.append((event.data["doing"], *map(int, ends)))
    return found


def test_a_call_parts_the_time_into_ready_talking_and_wrapping(
    number: EntryPoint, agent: Actor, world: World
) -> None:
    person = world.ours.agent.pk
    ready(agent)
    heard(agent, 30)
    where = {"desk": number.desk_id, "company": number.company_id}
    with clock.held_at(after(60)):
        assert take_phone(call=CALL, **where) == person
    with clock.held_at(after(65)):
        answer_call(offer="offered", by=agent)
        note_connected(CALL, person)
    with clock.held_at(after(245)):
        let_go(CALL, person, away=False)
    heard(agent, 250)
    with clock.held_at(after(275)):
        wrap_up(code=Call.Code.SOLVED, lines=Lines(), ready=True, by=agent)

    assert (swept(280), swept(281)) == (3, 0)

    assert told() == [("ready", 0, 60), ("talking", 65, 245), ("wrapping", 245, 275)]
    first, *others = Event.objects.filter(kind="phone.spent").order_by("id")
    assert (first.desk_id, first.data["desks"], first.data["call"]) == (None, [number.desk_id], None)
    call = Call.objects.get(uid=CALL)
    assert {(one.company_id, one.desk_id, one.data["call"]) for one in others} == {
        (number.company_id, number.desk_id, call.pk)
    }
    assert {one.data["person"] for one in (first, *others)} == {person}
    assert [one.spent for one in AgentPhone.objects.all()] == [[]]


def test_a_page_that_falls_silent_was_there_until_its_last_sign_of_life(agent: Actor) -> None:
    ready(agent)
    heard(agent, 15, 30)

    assert [swept(60), swept(71), swept(130)] == [0, 1, 0]

    assert told() == [("ready", 0, 30)]


def test_and_is_there_again_from_the_moment_it_is_heard_of(agent: Actor) -> None:
    ready(agent)
    heard(agent, 30)
    swept(90)
    heard(agent, 200, 230)
    ready(agent, 240, state=False)
    swept(250)

    assert told() == [("ready", 0, 30), ("ready", 200, 240)]


def test_no_sweep_is_needed_for_the_gap_to_be_left_out(agent: Actor) -> None:
    ready(agent)
    heard(agent, 30, 200)
    ready(agent, 210, state=False)

    swept(220)

    assert told() == [("ready", 0, 30), ("ready", 200, 210)]


def test_a_page_that_is_closed_and_loaded_anew_was_not_there_between(agent: Actor) -> None:
    ready(agent)
    heard(agent, 15, 30)
    with clock.held_at(after(35)):
        gone_away(by=agent)
    heard(agent, 38)
    ready(agent, 50, state=False)

    swept(60)

    assert told() == [("ready", 0, 30), ("ready", 38, 50)]


def test_what_goes_on_is_told_every_quarter_of_an_hour_without_a_gap(agent: Actor) -> None:
    ready(agent)
    heard(agent, *range(15, 1_000, 15))
    assert [swept(899), swept(930), swept(960)] == [0, 1, 0]
    ready(agent, 1_000, state=False)
    swept(1_020)

    assert told() == [("ready", 0, 930), ("ready", 930, 1_000)]


def test_of_who_is_away_nothing_is_told(agent: Actor) -> None:
    ready(agent, state=False)
    heard(agent, 15)

    assert (swept(2_000), told()) == (0, [])


def test_who_watches_a_call_is_not_on_it(agent: Actor) -> None:
    ready(agent)
    AgentPhone.objects.update(state="talking", role="listen", call=CALL, since=after(10))
    AgentPhone.objects.update(state="away", role="", call="", since=after(70))

    swept(80)

    assert told() == [("ready", 0, 10)]


def test_each_company_is_told_of_its_own_desks_with_a_number(agent: Actor, world: World) -> None:
    with scope.everywhere(reason="a test"):
        assert desks_answered_by(world.ours.agent.pk) == [(world.ours.company.pk, world.ours.desk.pk)]
        manager = desks_answered_by(world.ours.manager.pk)
        assert manager == [(world.ours.company.pk, world.ours.desk.pk)]
        assert desks_answered_by(world.ours.company_staff.pk) == []
        EntryPoint.objects.filter(kind=Channel.PHONE).update(active=False)
    ready(agent)
    ready(agent, 20, state=False)

    assert (swept(30), told()) == (1, [])


def test_what_fails_of_one_is_left_and_tried_again(agent: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(agent)
    ready(agent, 20, state=False)
    with monkeypatch.context() as broken:
        broken.setattr("madoguchi.voice.spent.desks_answered_by", lambda person: 1 / 0)
        assert (swept(30), told()) == (0, [])

    assert (swept(90), told()) == (1, [("ready", 0, 20)])
