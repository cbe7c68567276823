"""What may be set up is found by those who may, and absent for all others."""

import pytest

from madoguchi.companies.queries import (
    companies_with,
    desk_to_set_up,
    engagement_to_set_up,
    entry_point_to_set_up,
)
from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


def test_a_company_manager_finds_what_is_theirs(world: World) -> None:
    by, ours = actor_of(world.ours.company_manager), world.ours
    with scope.acting_for(by.companies):
        assert desk_to_set_up(by, ours.desk.pk) == ours.desk
        assert entry_point_to_set_up(by, ours.entry_point.pk) == ours.entry_point
        assert engagement_to_set_up(by, ours.engagement.pk) == ours.engagement
        assert list(companies_with(by, Permission.DESKS)) == [ours.company]


def test_what_is_theirs_is_absent(world: World) -> None:
    by, theirs = actor_of(world.ours.company_manager), world.theirs
    with scope.acting_for(by.companies):
        for find, row in [
            (desk_to_set_up, theirs.desk),
            (entry_point_to_set_up, theirs.entry_point),
            (engagement_to_set_up, theirs.engagement),
        ]:
            with pytest.raises(NotFound):
                find(by, row.pk)


@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_so_it_is_for_those_who_set_nothing_up(world: World, who: str) -> None:
    by = actor_of(getattr(world.ours, who))
    with scope.acting_for(by.companies):
        with pytest.raises(NotFound):
            desk_to_set_up(by, world.ours.desk.pk)
        with pytest.raises(NotFound):
            engagement_to_set_up(by, world.ours.engagement.pk)
        assert list(companies_with(by, Permission.DESKS)) == []
