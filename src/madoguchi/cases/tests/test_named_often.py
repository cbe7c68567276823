"""Who is named thousands of times pays nothing for it when they open a case."""

from typing import Any

import pytest
from django.db import connection

from madoguchi.cases import actions
from madoguchi.cases.factories import make_case
from madoguchi.cases.lists import _COUNTS
from madoguchi.cases.models import Case, Mention, Note
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SEEN = 3000


@pytest.fixture
def named_often(world: World) -> Case:
    """A case of somebody who was named often and has seen all but one of it."""
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        case = make_case(world.ours.entry_point)
        note = actions.add_note(case, text="確認", by=agent)
        seen = {"company_id": case.company_id, "case": case, "user_id": agent.id, "at": clock.now()}
        notes = [
            Note(company_id=case.company_id, case=case, user_id=agent.id, text="済", at=clock.now())
            for _ in range(SEEN)
        ]
        made = Note.objects.bulk_create(notes)
        Mention.objects.bulk_create(Mention(note=each, seen_at=clock.now(), **seen) for each in made)
        Mention.objects.create(note=note, **seen)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_mention")
    return case


def test_the_count_of_what_is_unseen_reads_that_alone(world: World, named_often: Case) -> None:
    desks = [named_often.desk_id]
    values = {"desks": desks, "person": world.ours.agent.pk, "worked": desks, "approved": desks}
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_COUNTS}", values)
        (plan,) = cursor.fetchone()

    assert _mentions_read(plan[0]["Plan"]) == 1


def _mentions_read(plan: dict[str, Any]) -> int:
    """How many mentions a plan took from the table, and from it only to throw them away."""
    own = plan.get("Relation Name") == "cases_mention"
    here = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"] if own else 0
    return round(here + sum(_mentions_read(part) for part in plan.get("Plans", [])))
