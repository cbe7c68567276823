"""Whoever divides at the same moment keeps the shares, and no case goes to two desks, nor to a desk and a person."""

from datetime import timedelta
from itertools import accumulate
from random import Random

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_engagement, make_operator
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of, staff_of_desk
from madoguchi.routing.actions import pull
from madoguchi.routing.dividing import divide, overflow, set_division
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Division
from tests.house.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TEST = system("test")
WORKERS, CASES = 6, 18


@pytest.fixture
def desks(world: World) -> list[Desk]:
    """Two desks of two operators with a person each, to which what comes to ours goes two to one."""
    with world.ours.scope():
        made = [make_desk(world.ours.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        for desk in made:
            operator = make_operator(name=desk.name)
            make_operator_person(operator, seats=(make_engagement(operator, desk),))
        to = [{"desk": desk.pk, "weight": weight} for desk, weight in zip(made, (2, 1), strict=True)]
        rules = [{"name": "すべて", "by": "share", "to": to, "after": 30}]
        set_division(world.ours.desk, rules=rules, is_on=True, by=TEST)
    return made


def sends(world: World, cases: list[Case], seed: int) -> list[int]:
    """Send all of these on, in an order of one's own, each in a transaction; those that one sent oneself."""
    order = Random(seed).sample(cases, len(cases))
    sent = []
    for case in order:
        with world.ours.scope():
            if divide(Case.objects.get(pk=case.pk)):
                sent.append(case.pk)
    return sent


def told(world: World) -> list[tuple[int, dict]]:
    with world.ours.scope():
        rows = Event.objects.filter(kind="routing.divided").order_by("id")
        return [(row.case_id, row.data) for row in rows]


def test_many_who_divide_the_same_cases_keep_the_shares_at_every_moment(world: World, desks) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(CASES)]

    sent = at_once(*[lambda seed=seed: sends(world, cases, seed) for seed in range(WORKERS)])

    # then: each case went once, by one of them
    everything = sorted(case.pk for case in cases)
    assert sorted(pk for one in sent for pk in one) == everything
    facts = told(world)
    assert sorted(pk for pk, _fact in facts) == everything
    # and at no moment was a desk further from its part than half a case, as it is with two of them
    assert [fact["whole"] for _pk, fact in facts] == list(range(CASES))
    had = list(accumulate(fact["to_desk"] == desks[0].pk for _pk, fact in facts))
    assert [n for n, first in enumerate(had, 1) if abs(6 * first - 4 * n) > 3] == []
    with world.ours.scope():
        [count] = Division.objects.get().given
        assert count["had"] == [12, 6]
        stands = dict(Case.objects.values_list("pk", "desk_id"))
    assert stands == {pk: fact["to_desk"] for pk, fact in facts}


def test_what_somebody_takes_at_that_moment_is_theirs_or_goes_on_and_never_both(world: World, desks) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(8)]
    with world.ours.scope():
        seats = (world.ours.engagement,)
        people = [make_operator_person(world.ours.operator, seats=seats) for _ in range(4)]
    at_work(*people)

    def takes(person) -> int | None:
        actor = actor_of(person)
        with scope.acting_for(actor.companies):
            case = pull(by=actor)
            return case.pk if case else None

    outcome = at_once(
        *[lambda person=person: takes(person) for person in people],
        *[lambda seed=seed: sends(world, cases, seed) for seed in range(3)],
    )

    taken = [pk for pk in outcome[:4] if pk is not None]
    sent = [pk for one in outcome[4:] for pk in one]
    assert sorted([*taken, *sent]) == sorted(case.pk for case in cases)
    with world.ours.scope():
        at_front = Case.objects.filter(desk=world.ours.desk, assignee__in=people)
        assert sorted(at_front.values_list("pk", flat=True)) == sorted(taken)
        gone = Case.objects.filter(desk__in=desks, assignee=None)
        assert sorted(gone.values_list("pk", flat=True)) == sorted(sent)


def test_what_waits_too_long_moves_once_however_many_look_for_it(world: World, desks) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(6)]
    sends(world, cases, seed=0)
    later = clock.now() + timedelta(minutes=31)
    with world.ours.scope(), clock.held_at(later):
        division = Division.objects.get()
        at_work(*staff_of_desk(desks[1].pk, company=world.ours.company.pk))

    def looks() -> int:
        with world.ours.scope(), clock.held_at(later):
            return overflow(division)

    moved = at_once(*[looks for _ in range(4)])

    assert sum(moved) == 4
    facts = told(world)[6:]
    assert [fact["to_desk"] for _pk, fact in facts] == [desks[1].pk] * 4
    assert len({pk for pk, _fact in facts}) == 4
    with world.ours.scope():
        assert set(Case.objects.values_list("desk_id", flat=True)) == {desks[1].pk}
