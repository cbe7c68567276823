"""Plans of tasks in the settings, and the hours of a desk."""

from collections.abc import Callable
from datetime import time

import pytest
from django.test import Client

from madoguchi.companies.models import Desk, Engagement
from madoguchi.kernel.actor import OperatingModel
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.tasks.models import Plan
from madoguchi.tasks.planning import add_plan

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
STEPS = [
    {"title": "受付内容を確認する", "minutes": 10, "after": 30, "unit": "minutes", "owner": "me"},
    {"title": "見積もりを送る", "minutes": None, "after": 2, "unit": "days", "owner": ""},
]


def typed(world: World, *steps: dict[str, object], **more: object) -> dict[str, object]:
    """A form as it is sent, with these steps."""
    data: dict[str, object] = {
        "name": "修理受付",
        "where": f"desk:{world.ours.desk.pk}",
        "owner": str(world.ours.supervisor.pk),
        "active": "on",
        "s-TOTAL_FORMS": len(steps),
        "s-INITIAL_FORMS": 0,
    }
    for number, step in enumerate(steps):
        there = {name: "" if value is None else value for name, value in step.items()}
        data |= {f"s-{number}-{name}": value for name, value in there.items()}
        data.setdefault(f"s-{number}-unit", "hours")
        data[f"s-{number}-ORDER"] = step.get("ORDER", number + 1)
    return data | more


@pytest.fixture
def lead(world: World, signed_in: Browser) -> Client:
    return signed_in(world.ours.supervisor)


@pytest.fixture
def plan(world: World) -> Plan:
    with world.ours.scope():
        by = actor_of(world.ours.supervisor)
        return add_plan(world.ours.company, desk=world.ours.desk, name="修理受付", steps=STEPS, by=by)


def test_one_is_written_with_its_steps_in_order(lead: Client, world: World) -> None:
    last_first = [{**STEPS[0], "ORDER": 2}, {**STEPS[1], "ORDER": 1}]

    answer = lead.post("/administration/plans/new/", typed(world, *last_first))

    assert answer.status_code == 302
    with world.ours.scope():
        made = Plan.objects.get()
    assert (made.name, made.desk_id, made.owner_id) == (
        "修理受付",
        world.ours.desk.pk,
        world.ours.supervisor.pk,
    )
    assert made.steps == [STEPS[1], STEPS[0]]
    assert "受付内容を確認する" in lead.get("/administration/plans/").content.decode()


def test_without_a_step_nothing_is_kept(lead: Client, world: World) -> None:
    answer = lead.post("/administration/plans/new/", typed(world))

    assert answer.status_code == 422
    with world.ours.scope():
        assert not Plan.objects.exists()


def test_one_is_changed_and_had_back(lead: Client, world: World, plan: Plan) -> None:
    assert "修理受付" in lead.get(f"/administration/plans/{plan.pk}/").content.decode()

    lead.post(
        f"/administration/plans/{plan.pk}/", typed(world, STEPS[0], name="修理", **{"s-INITIAL_FORMS": 1})
    )
    with world.ours.scope():
        now = Plan.objects.get()
        assert (now.name, now.steps, now.version) == ("修理", STEPS[:1], 2)

    lead.post(f"/administration/plans/{plan.pk}/versions/1/")
    with world.ours.scope():
        now = Plan.objects.get()
        assert (now.name, now.steps, now.version) == ("修理受付", STEPS, 3)


def test_who_works_there_but_does_not_lead_writes_none(signed_in: Browser, world: World, plan: Plan) -> None:
    agent = signed_in(world.ours.agent)

    assert agent.get("/administration/plans/").status_code == 403
    assert (
        agent.post(f"/administration/plans/{plan.pk}/", typed(world, STEPS[0], name="別")).status_code == 403
    )
    with world.ours.scope():
        assert Plan.objects.get().name == "修理受付"


def test_the_hours_of_a_desk_and_what_it_does_about_open_tasks(signed_in: Browser, world: World) -> None:
    company = signed_in(world.ours.company_manager)
    address = f"/administration/desks/{world.ours.desk.pk}/work/"

    refused = company.post(address, {"opens": "18:00", "closes": "10:00", "open_tasks": "refuse"})
    assert refused.status_code == 422
    written = {"opens": "10:00", "closes": "18:00", "open_tasks": "refuse", "chats_at_once": "3"}
    assert company.post(address, {**written, "chats_at_once": "0"}).status_code == 422
    assert company.post(address, written).status_code == 422
    with world.ours.scope():
        before = Desk.objects.get(pk=world.ours.desk.pk)
        assert (before.opens, before.chats_at_once) == (None, None)
        Engagement.objects.filter(desk=before).update(model=OperatingModel.IN_HOUSE)
    company.post(address, written)

    with world.ours.scope():
        desk = Desk.objects.get(pk=world.ours.desk.pk)
    assert (desk.opens, desk.closes, desk.open_tasks) == (time(10), time(18), "refuse")
    assert desk.chats_at_once == 3
    assert 'value="10:00"' in company.get(address).content.decode()
