"""Desks that are called otherwise, and what callers meet at numbers whose menus lead to them."""

import pytest

from madoguchi.companies.actions.desks import change_desk
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.infra import reactions
from madoguchi.infra.models import Event
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import set_flow
from madoguchi.voice.models import FlowVersion
from madoguchi.voice.queries import flow_of

pytestmark = pytest.mark.django_db(transaction=True)


def anywhere(_name: str) -> bool:
    return True


def queue_of(desk: str) -> dict[str, object]:
    return {"start": "q", "steps": {"q": {"kind": "queue", "desk": desk, "keys": {}}}}


def test_callers_are_led_to_a_desk_by_the_name_that_it_has_now(world: World) -> None:
    side, manager = world.ours, actor_of(world.administrator)
    repairs, other = make_desk(side.company, name="修理"), make_desk(side.company, name="返品")
    led, aside = (make_entry_point(side.desk, kind=Channel.PHONE) for _ in range(2))
    with side.scope():
        set_flow(led, queue_of("修理"), sounds=anywhere, by=manager)
        set_flow(aside, queue_of("返品"), sounds=anywhere, by=manager)
        reactions.catch_up("voice.renamed")
        as_before = {
            "public_name": "修理",
            "signature": "",
            "hours": "",
            "acknowledge": True,
            "acknowledgement": "",
        }
        change_desk(repairs, name="修理・初期不良", **as_before, by=manager)

    reactions.catch_up("voice.renamed")
    reactions.catch_up("voice.renamed")

    with side.scope():
        flow, version = flow_of(led, sounds=anywhere)
        assert (flow.steps["q"].desk, version) == ("修理・初期不良", 2)  # type: ignore[union-attr]
        assert flow.desks["修理・初期不良"] == repairs.pk
        assert [v.number for v in FlowVersion.objects.filter(entry_point=aside)] == [1]
        changed = Event.objects.filter(kind="phone_flow.changed").order_by("id").last()
        assert changed is not None
        assert (changed.data["entry_point"], changed.data["version"]) == (led.pk, 2)
    assert other.name == "返品"
