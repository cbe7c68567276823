"""Everybody who reaches for the queue in the same moment has a case of their own."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import pull, push
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Sharing
from tests.house.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 64


def people(world: World, count: int) -> list[User]:
    with world.ours.scope():
        seats = (world.ours.engagement,)
        found = [make_operator_person(world.ours.operator, seats=seats) for _ in range(count)]
    at_work(*found)
    return found


def take(person: User) -> Case | None:
    actor = actor_of(person)
    with scope.acting_for(actor.companies):
        return pull(by=actor)


def test_64_people_who_ask_at_once_get_64_different_cases(world: World) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(MANY)]
    staff = people(world, MANY)

    taken = at_once(*[lambda person=person: take(person) for person in staff])

    assert [one for one in taken if not isinstance(one, Case)] == []
    assert sorted(case.pk for case in taken) == [case.pk for case in cases]
    with world.ours.scope():
        responsible = dict(Case.objects.values_list("pk", "assignee_id"))
        given = Event.objects.filter(kind="routing.given").values_list("case_id", "data__person")
        assert sorted(given) == sorted(responsible.items())
    assert responsible == {case.pk: person.pk for case, person in zip(taken, staff, strict=True)}


def test_where_less_waits_than_ask_each_case_has_one_and_the_others_nothing(world: World) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(5)]
    staff = people(world, 16)

    taken = at_once(*[lambda person=person: take(person) for person in staff])

    assert sorted(case.pk for case in taken if case) == [case.pk for case in cases]
    assert taken.count(None) == 11


def test_who_asks_and_who_gives_out_do_not_give_one_case_twice(world: World) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(12)]
    staff = people(world, 4)
    with world.ours.scope():
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True)

    def give_out() -> int:
        with world.ours.scope():
            return push(world.ours.desk)

    at_once(give_out, give_out, *[lambda person=person: take(person) for person in staff])

    with world.ours.scope():
        give_out()
        given = list(Event.objects.filter(kind="routing.given").values_list("case_id", flat=True))
        assert sorted(given) == [case.pk for case in cases]
        assert not Case.objects.filter(assignee=None).exists()
