"""Who gives out and who asks take the same people in the same order, so that neither waits for the other for ever."""

import pytest

from madoguchi.cases.actions import alone_with
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import pull, push_at
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Sharing, Worker
from tests.house.at_once import Somebody, unfinished, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_asks_while_the_queue_gives_out_has_not_touched_their_row_before(world: World) -> None:
    side = world.ours
    case = make_case(side.entry_point)
    at_work(side.agent)
    actor = actor_of(side.agent)

    def take() -> Case | None:
        with scope.acting_for(actor.companies):
            return pull(by=actor)

    with side.scope():
        alone_with([side.agent.pk])
        asks = Somebody(take)
        until_waiting(asks)
        Worker.objects.filter(user=side.agent).update(given_at=clock.now())

    taken = asks.done()
    assert isinstance(taken, Case)
    assert taken.pk == case.pk


def test_two_who_give_out_at_the_same_desks_in_another_order_take_all_their_people_first(
    world: World,
) -> None:
    """Each has taken a person of its first desk and waits for the next there, when both are let go on."""
    side = world.ours
    with side.scope():
        other = make_desk(side.company, name="夜間窓口")
        seats = (side.engagement, make_engagement(side.operator, other))
        people = [make_operator_person(side.operator, seats=(seats[n % 2],)) for n in range(4)]
        for desk in (side.desk, other):
            Sharing.objects.create(company=side.company, desk=desk, pushes=True)
    at_work(*people)
    make_case(side.entry_point)

    def give_out(*desks: Desk) -> int:
        with side.scope():
            return push_at(desks)

    with unfinished(side.company.pk, lambda: alone_with([people[2].pk, people[3].pk])) as let_go:
        first = Somebody(lambda: give_out(side.desk, other))
        until_waiting(first)
        second = Somebody(lambda: give_out(other, side.desk))
        until_waiting(second, together=2)
        let_go()
        assert sorted([first.done(), second.done()]) == [0, 1]
