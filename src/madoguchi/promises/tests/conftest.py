"""A desk that keeps something towards its customers, and a case of it."""

from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.tests.living import LEVELS, MISAKI, NINE


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def levels(world: World, manager: Actor) -> ServiceLevels:
    """In use since the Monday before."""
    with world.ours.scope(), clock.held_at(NINE - timedelta(days=1)):
        found = set_levels(world.ours.desk, text=LEVELS, by=manager)
        switch_levels(found, active=True, by=manager)
    return found


@pytest.fixture
def case(world: World, levels: ServiceLevels) -> Case:
    with clock.held_at(NINE):
        return make_case(world.ours.entry_point, sender=MISAKI)
