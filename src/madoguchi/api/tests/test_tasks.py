"""Tasks of cases, read, set and changed by programs."""

from datetime import datetime
from typing import Any

import pytest

from madoguchi.api.schemas import TaskIn
from madoguchi.api.tasks import set_task
from madoguchi.api.tests.conftest import Program, all_of, post
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, change_task
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import task_by_id

pytestmark = pytest.mark.django_db
WORK = (Permission.CASE_READ, Permission.CASE_UPDATE)
NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def address(world: World, case: Case) -> str:
    return f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}/tasks"


@pytest.fixture
def task(world: World, case: Case) -> Task:
    with world.ours.scope():
        wanted = Wanted(title="折り返し電話", owner=world.ours.agent.pk, due_at=NOON, minutes=15)
        return add_task(case, wanted, by=actor_of(world.ours.agent))


def test_they_are_read_in_order(world: World, program: Program, case: Case, address: str, task: Task) -> None:
    answer = program().get(address)

    assert answer.status_code == 200
    assert answer.json() == [
        {
            "id": task.pk,
            "case": case.spoken_number(world.ours.company.prefix),
            "title": "折り返し電話",
            "owner": "青木 翔",
            "due_at": "2026-11-27T03:00:00Z",
            "minutes": 15,
            "done_at": None,
            "done_by": None,
            "version": 1,
        }
    ]
    assert program().get(f"/api/v1/tasks/{task.pk}").json() == answer.json()[0]


def test_a_case_says_how_many_are_left_also_when_it_is_solved_before_they_are_done(
    world: World, program: Program, case: Case, task: Task
) -> None:
    address = f"/api/v1/cases/{case.spoken_number(world.ours.company.prefix)}"
    client = program("agent", *WORK)
    before = client.get(address).json()

    solved = client.patch(address, {"status": "solved"}, content_type="application/json").json()

    assert (before["tasks_left"], solved["status"], solved["tasks_left"]) == (1, "solved", 1)


def test_one_is_set_once_for_each_key(world: World, program: Program, address: str) -> None:
    client = program("agent", *WORK)
    body = {"title": "部品を手配する", "owner": world.ours.supervisor.email, "minutes": 30}

    first, again = post(client, address, body), post(client, address, body)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first["Location"] == f"/api/v1/tasks/{first.json()['id']}"
    with world.ours.scope():
        made = Task.objects.get()
    assert (made.title, made.owner_id, made.minutes) == ("部品を手配する", world.ours.supervisor.pk, 30)


def test_what_is_given_is_changed_and_null_takes_away(world: World, program: Program, task: Task) -> None:
    client = program("agent", *WORK)
    mark = client.get(f"/api/v1/tasks/{task.pk}")["ETag"]

    answer = _patch(client, task, {"due_at": None, "done": True}, **{"if-match": mark})

    assert answer.status_code == 200
    told = answer.json()
    assert (told["title"], told["due_at"], told["minutes"], told["done_by"]) == (
        "折り返し電話",
        None,
        15,
        "青木 翔",
    )
    assert answer["ETag"] != mark
    assert _patch(client, task, {"done": False, "owner": "me"}).json()["done_at"] is None


def test_what_is_left_out_stays_as_somebody_left_it_since_it_was_read(world: World, task: Task) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        read = task_by_id(task.pk, actor=agent)
        change_task(task, Wanted(title="手紙"), by=agent)

        set_task(read, TaskIn(minutes=20), if_match="", by=agent)

        now = Task.objects.get(pk=task.pk)
    assert (now.title, now.owner_id, now.due_at, now.minutes) == ("手紙", None, None, 20)


def test_who_has_seen_it_otherwise_changes_nothing(world: World, program: Program, task: Task) -> None:
    client = program("agent", *WORK)
    mark = client.get(f"/api/v1/tasks/{task.pk}")["ETag"]
    _patch(client, task, {"title": "メール"})
    before = all_of(world.ours)

    assert _patch(client, task, {"title": "手紙"}, **{"if-match": mark}).status_code == 412
    assert all_of(world.ours)["tasks.Task"] == before["tasks.Task"]


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"owner": "nobody@else.example"}, 422), ({"minutes": 0}, 422), ({"words": "x"}, 422)],
)
def test_what_makes_no_sense_changes_nothing(
    world: World, program: Program, task: Task, body: dict[str, Any], status: int
) -> None:
    client = program("agent", *WORK)
    before = all_of(world.ours)["tasks.Task"]

    assert _patch(client, task, body).status_code == status
    assert all_of(world.ours)["tasks.Task"] == before


def test_reading_alone_changes_nothing_and_strangers_find_nothing(
    world: World, program: Program, address: str, task: Task
) -> None:
    before = all_of(world.ours)["tasks.Task"]

    assert _patch(program(), task, {"done": True}).status_code == 403
    assert post(program(), address, {"title": "電話"}).status_code == 403
    stranger = program("supervisor", *WORK, side=world.theirs)
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"/api/v1/tasks/{task.pk}").status_code == 404
    assert _patch(stranger, task, {"done": True}).status_code == 404
    assert all_of(world.ours)["tasks.Task"] == before


def _patch(client: Any, task: Task, body: dict[str, Any], **headers: str) -> Any:
    return client.patch(f"/api/v1/tasks/{task.pk}", body, content_type="application/json", headers=headers)
