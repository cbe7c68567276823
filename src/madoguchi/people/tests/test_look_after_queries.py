"""Whom somebody looks after."""

import pytest

from madoguchi.infra import scope
from madoguchi.kernel.errors import NotFound
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of, people_to_look_after, person_to_look_after, standing_of


def names(world: World, side: Side, who: str) -> set[int]:
    by = actor_of(getattr(side, who))
    with scope.acting_for(by.companies):
        return {person.pk for person in people_to_look_after(by)}


def test_each_sees_the_people_of_the_own_house(world: World) -> None:
    ours = world.ours
    assert names(world, ours, "manager") == {ours.agent.pk, ours.supervisor.pk, ours.manager.pk}
    assert names(world, ours, "company_manager") == {ours.company_staff.pk, ours.company_manager.pk}
    assert names(world, ours, "agent") == set()


def test_an_administrator_sees_everybody(world: World, django_assert_num_queries: object) -> None:
    by = actor_of(world.administrator)
    with scope.acting_for(by.companies), django_assert_num_queries(1):  # type: ignore[operator]
        assert len(people_to_look_after(by)) == 11


def test_every_word_narrows(world: World) -> None:
    by = actor_of(world.administrator)
    with scope.acting_for(by.companies):
        assert {p.name for p in people_to_look_after(by, words="青木")} == {"青木 翔"}
        assert len(people_to_look_after(by, words="青木 翔")) == 2
        assert len(people_to_look_after(by, words=f"青木 {world.ours.agent.email}")) == 1
        assert len(people_to_look_after(by, words="青木 いない")) == 0


def test_somebody_elses_person_is_absent(world: World) -> None:
    by = actor_of(world.ours.manager)
    with scope.acting_for(by.companies):
        assert person_to_look_after(by, world.ours.agent.pk) == world.ours.agent
        for person in (world.theirs.agent, world.ours.company_staff, world.administrator):
            with pytest.raises(NotFound):
                person_to_look_after(by, person.pk)
        with pytest.raises(NotFound):
            person_to_look_after(by, 0)


def test_a_standing_counts_places_out_of_sight(world: World) -> None:
    with world.theirs.scope():
        standing = standing_of(world.ours.company_staff)
    assert standing.companies == {world.ours.company.pk}
    assert (standing.operators, standing.administrator) == (frozenset(), False)
