"""What is in the shield is found by the case, also of a case that went on in another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.shield import marking
from madoguchi.shield.models import Mark
from madoguchi.shield.queries import calls_of, marks_of, of_case, suggestions_of
from madoguchi.shield.tests.conftest import MISAKI

pytestmark = pytest.mark.django_db
Acting = Callable[..., Any]


def test_what_went_on_in_a_case_is_its_own_and_nothing_else_is(
    world: World, case: Case, marked: Mark, agent: Actor, acting: Acting
) -> None:
    before, other = (make_case(world.ours.entry_point, sender=MISAKI) for _one in (1, 2))
    led_on = acting(marking.mark, before, sort="abuse", words="怒鳴る", by=agent)
    acting(marking.mark, other, sort="abuse", words="怒鳴る", by=agent)
    with world.ours.scope():
        Case.objects.filter(pk=before.pk).update(continued_in=case.pk)

        assert [one.pk for one in marks_of(case)] == [led_on.pk, marked.pk]
        assert [one.pk for one in marks_of(before)] == [led_on.pk]
        assert set(Message.objects.filter(of_case(case)).values_list("case", flat=True)) == {
            case.pk,
            before.pk,
        }


@pytest.mark.parametrize("look", [marks_of, suggestions_of, calls_of, "messages"])
def test_what_a_case_has_is_asked_for_by_ids_that_are_found_first(
    world: World, case: Case, look: Any
) -> None:
    """An index of cases serves that. With an OR over a join every page of a case, and each fetching of evidence, would
    read what all cases of the company have. (Which index is taken depends on how much there is; here, on nothing.)
    """
    with world.ours.scope(), CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        if look == "messages":
            list(Message.objects.filter(of_case(case)))
        else:
            look(case)
        [said] = [one["sql"] for one in asked.captured_queries]
        cursor.execute(f"EXPLAIN {said}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "InitPlan 1" in plan
    assert "case_id = ANY" in plan
    assert 'OR "cases_case"."continued_in_id"' not in said
