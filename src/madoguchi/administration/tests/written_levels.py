"""Service levels of a desk as tests of their forms write and read them."""

import json
from typing import Any

from django.urls import reverse

from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels
from madoguchi.promises.models import ServiceLevels


def keep(world: World, levels: dict[str, Any]) -> ServiceLevels:
    """What our desk keeps, not in use."""
    with world.ours.scope():
        text = json.dumps(levels, ensure_ascii=False)
        return set_levels(world.ours.desk, text=text, by=actor_of(world.ours.company_manager))


def address(world: World, name: str, *place: int) -> str:
    """A page about them."""
    return reverse(f"administration:{name}", args=[world.ours.desk.pk, *place])


def said(world: World) -> dict[str, Any]:
    """What is written there now."""
    with world.ours.scope():
        found: dict[str, Any] = json.loads(ServiceLevels.objects.get(desk=world.ours.desk).text)
        return found
