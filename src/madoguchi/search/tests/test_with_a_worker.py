"""A worker that really runs: what happens is found a moment later, and what was there before is caught up with."""

from pathlib import Path

import pytest

from madoguchi.cases.actions import add_note
from madoguchi.cases.factories import make_case, say_again
from madoguchi.infra.reactions import enrol
from madoguchi.infra.tests.workers import eventually, worker
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search import queries
from madoguchi.search.actions import leave_to_worker

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = "madoguchi.project.settings"


def found(world: World, text: str) -> list[int]:
    with world.ours.scope():
        page = queries.search(text, actor=actor_of(world.ours.agent), desks=[world.ours.desk])
        return [hit.case for hit in page.hits]


def test_what_is_said_is_found(world: World, database_url: str, tmp_path: Path) -> None:
    enrol()
    with worker(database_url, tmp_path, settings=SETTINGS):
        case = make_case(world.ours.entry_point, text="靴の返品をお願いします。")
        eventually(lambda: found(world, "返品") == [case.pk])
        say_again(case, text="領収書もください。")
        eventually(lambda: found(world, "領収書") == [case.pk])
        with world.ours.scope():
            add_note(case, text="倉庫に確認します", by=actor_of(world.ours.agent))
        eventually(lambda: found(world, "倉庫") == [case.pk])
    assert found(world, "ない言葉") == []


def test_cases_that_came_by_no_event_are_found_without_waiting_for_the_minute(
    world: World, database_url: str, tmp_path: Path
) -> None:
    case = make_case(world.ours.entry_point, text="靴の返品をお願いします。")
    enrol()
    assert found(world, "返品") == []
    leave_to_worker(after=0)
    with worker(database_url, tmp_path, settings=SETTINGS):
        eventually(lambda: found(world, "返品") == [case.pk])
        eventually(queries.is_complete)
