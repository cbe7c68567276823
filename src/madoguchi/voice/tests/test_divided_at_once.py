"""Calls that are divided in the same moment keep the shares, and rules that two change at once lose nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.house.at_once import at_once

from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.routing.dividing import set_division
from madoguchi.routing.division_editing import move_rule, put_rule
from madoguchi.routing.division_rules import mark_of
from madoguchi.routing.models import Division
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.dividing import take_phone_of
from madoguchi.voice.models import Call
from madoguchi.voice.phones import set_ready

pytestmark = pytest.mark.django_db(transaction=True)
TEST = system("test")
CALLS = 6


@pytest.fixture
def point(world: World) -> EntryPoint:
    """A number whose calls go to two operators' desks, two parts and one; one person each is at the phones."""
    side = world.ours
    point = make_entry_point(side.desk, kind=Channel.PHONE)
    with side.scope():
        desks = [make_desk(side.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        for number, desk in enumerate(desks):
            seat = make_engagement(make_operator(name=f"受託{number}"), desk)
            set_ready(ready=True, by=actor_of(make_operator_person(seat.operator, seats=(seat,))))
        set_division(side.desk, rules=[rule(desks)], is_on=True, by=TEST)
        for number in range(CALLS):
            begin_call(point, Begun(uid=f"c{number}", caller="", flow=0, at=clock.now()))
    return point


def rule(desks: list[Desk]) -> dict[str, Any]:
    to = [{"desk": desk.pk, "weight": weight} for desk, weight in zip(desks, (2, 1), strict=True)]
    return {"name": "電話", "by": "share", "to": to}


def within(world: World, work: Callable[[], Any]) -> Callable[[], Any]:
    def act() -> Any:
        with world.ours.scope():
            return work()

    return act


def test_calls_that_are_looked_after_at_once_keep_the_shares(world: World, point: EntryPoint) -> None:
    where = {"front": point.desk_id, "desk": 0, "company": point.company_id}

    def looking(number: int) -> Callable[[], Any]:
        return within(world, lambda: take_phone_of(**where, call=f"c{number}"))

    came = at_once(*[looking(number) for number in range(CALLS)])

    assert [one for one in came if isinstance(one, Exception)] == []
    assert len([one for one in came if one]) == 2  # each of the two phones rings for one call
    with world.ours.scope():
        assert Counter(Call.objects.values_list("desk__name", flat=True)) == {"昼の窓口": 4, "夜の窓口": 2}
        counted = Event.objects.filter(kind="call.divided").values_list("data", flat=True)
        assert sorted(one["whole"] for one in counted) == list(range(CALLS))


def test_of_two_who_change_the_same_rule_at_once_one_is_told(world: World, point: EntryPoint) -> None:
    with world.ours.scope():
        [kept] = Division.objects.get().rules
    seen = mark_of(kept)

    def writing(name: str) -> Callable[[], Any]:
        changed = kept | {"name": name}
        return within(world, lambda: put_rule(world.ours.desk, changed, seen=seen, by=TEST) and name)

    came = at_once(writing("一"), writing("二"))

    [winner] = [one for one in came if isinstance(one, str)]
    assert [type(one) for one in came if not isinstance(one, str)] == [Refused]
    with world.ours.scope():
        assert [one["name"] for one in Division.objects.get().rules] == [winner]
        with pytest.raises(Refused):
            move_rule(world.ours.desk, seen=seen, to="away", by=TEST)
        assert len(Division.objects.get().rules) == 1
