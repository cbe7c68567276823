"""What several tests of imports stand on."""

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from madoguchi.companies.models import EntryPoint
from madoguchi.imports.actions import Target
from madoguchi.imports.tests.formats import AGENT, OURS
from madoguchi.imports.tests.story import target_here
from madoguchi.people.factories import World
from madoguchi.people.models import User


@pytest.fixture
def target(world: World) -> Target:
    """The desk of the story: its agent is known here by the address of there."""
    with world.ours.scope():
        EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(address=OURS)
        world.ours.entry_point.refresh_from_db()
    User.objects.filter(pk=world.ours.agent.pk).update(email=AGENT, name="鈴木 一郎")
    return target_here(world)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What is said of records is said in English."""
    with override("en"):
        yield
