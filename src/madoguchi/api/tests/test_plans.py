"""Plans, listed and applied by programs."""

from typing import Any

import pytest

from madoguchi.api.tests.conftest import Program, all_of, post
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.planning import add_plan

pytestmark = pytest.mark.django_db
WORK = (Permission.CASE_READ, Permission.CASE_UPDATE)
STEPS: Any = [
    {"title": "不良品を引き取る", "minutes": 15, "after": 2, "unit": "days", "owner": "me"},
    {"title": "代わりの品を送る"},
]


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def address(world: World, case: Case) -> str:
    return f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/plans"


def plan_of(side: Any, name: str) -> Plan:
    with side.scope():
        return add_plan(side.company, desk=side.desk, name=name, steps=STEPS, by=actor_of(side.supervisor))


def test_those_of_its_desk_are_listed_with_their_steps(world: World, program: Program, address: str) -> None:
    plan = plan_of(world.ours, "不良品の交換")
    plan_of(world.theirs, "修理")

    assert program().get(address).json() == [
        {
            "id": plan.pk,
            "name": "不良品の交換",
            "steps": [
                {"title": "不良品を引き取る", "minutes": 15, "after": 2, "unit": "days", "owner": "me"},
                {"title": "代わりの品を送る", "minutes": None, "after": None, "unit": "hours", "owner": ""},
            ],
        }
    ]


def test_one_is_applied_once_for_each_key(world: World, program: Program, address: str) -> None:
    plan = plan_of(world.ours, "不良品の交換")
    client = program("agent", *WORK)

    first, again = (post(client, address, {"plan": plan.pk}) for _ in range(2))

    with world.ours.scope():
        made = list(Task.objects.order_by("place").values_list("pk", "title", "owner", "minutes"))
    assert [row[1:] for row in made] == [
        ("不良品を引き取る", world.ours.agent.pk, 15),
        ("代わりの品を送る", None, None),
    ]
    assert (first.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert first.json() == again.json() == {"plan": plan.pk, "tasks": [row[0] for row in made]}
    assert first["Location"] == address.replace("/plans", "/tasks")


def test_another_companys_plan_is_absent(world: World, program: Program, address: str) -> None:
    plan, before = plan_of(world.theirs, "修理"), all_of(world.ours)

    answer = post(program("agent", *WORK), address, {"plan": plan.pk})

    assert answer.status_code == 404
    after = all_of(world.ours)
    assert after["tasks.Task"] == before["tasks.Task"] == []


def test_without_the_right_to_change_nothing_is_applied(world: World, program: Program, address: str) -> None:
    plan = plan_of(world.ours, "不良品の交換")

    assert post(program("agent", Permission.CASE_READ), address, {"plan": plan.pk}).status_code == 403
    with world.ours.scope():
        assert not Task.objects.exists()
