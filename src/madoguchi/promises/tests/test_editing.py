"""Single policies of a desk changed by several people in the same moment."""

import json
from collections.abc import Callable

import pytest
from tests.house.at_once import Somebody, unfinished, until_waiting

from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.promises.editing import put_policy
from madoguchi.promises.models import ServiceLevels


@pytest.mark.django_db(transaction=True)
def test_of_two_first_policies_at_once_both_are_kept(world: World, manager: Actor) -> None:
    with unfinished(world.ours.company.pk, adding(world, manager, "先")) as commit:
        second = Somebody(in_scope(world, adding(world, manager, "後")))
        until_waiting(second)
        commit()
        second.done()

    with world.ours.scope():
        kept = ServiceLevels.objects.get(desk=world.ours.desk)
        assert [policy["name"] for policy in json.loads(kept.text)["policies"]] == ["先", "後"]
        assert kept.version == 2
        assert list(kept.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
        assert Event.objects.filter(kind="service_levels.changed").count() == 2


def adding(world: World, by: Actor, name: str) -> Callable[[], ServiceLevels]:
    policy = {"name": name, "targets": {"first_reply": 60}}
    return lambda: put_policy(world.ours.desk, policy, place=None, version=0, by=by)


def in_scope(world: World, work: Callable[[], ServiceLevels]) -> Callable[[], ServiceLevels]:
    def scoped() -> ServiceLevels:
        with world.ours.scope():
            return work()

    return scoped
