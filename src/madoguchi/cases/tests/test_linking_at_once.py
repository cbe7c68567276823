"""Links made in the same moment, and how much is read to show them."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection
from tests.house.at_once import at_once

from madoguchi.cases import links
from madoguchi.cases.actions import link
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, CaseLink
from madoguchi.infra.models import Event
from madoguchi.intake.tests import test_bounds
from madoguchi.intake.tests.test_bounds import BIG, assert_bounded, copy
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

MANY = 1_000


@pytest.mark.django_db(transaction=True)
def test_three_at_once_make_no_circle_of_parents(world: World) -> None:
    by = actor_of(world.ours.supervisor)
    one, two, three = (make_case(world.ours.entry_point) for _ in range(3))

    outcomes = at_once(*(linking(world, a, b, by) for a, b in ((one, two), (two, three), (three, one))))

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CaseLink", "CaseLink", "Refused"]
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert "輪" in str(refused)
    with world.ours.scope():
        assert CaseLink.objects.count() == 2
        assert Event.objects.filter(kind="case.linked").count() == 4


@pytest.mark.django_db(transaction=True)
def test_the_same_link_from_both_sides_at_once_is_made_once(world: World) -> None:
    by = actor_of(world.ours.supervisor)
    one, two = (make_case(world.ours.entry_point) for _ in range(2))

    outcomes = at_once(
        linking(world, one, two, by, role="defect"), linking(world, two, one, by, role="defect")
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CaseLink", "Refused"]
    with world.ours.scope():
        assert CaseLink.objects.count() == 1


def linking(
    world: World, case: Case, other: Case, by: Actor, *, role: str = "parent"
) -> Callable[[], CaseLink]:
    def work() -> CaseLink:
        with world.ours.scope():
            return link(case, role=role, other=other, by=by)

    return work


@pytest.mark.long
@pytest.mark.django_db
def test_what_a_case_is_tied_to_is_read_by_index(
    world: World,
    as_owner: Callable[[], AbstractContextManager[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(test_bounds, "BIG", {*BIG, "cases_caselink"})
    by = actor_of(world.ours.supervisor)
    top, low = (make_case(world.ours.entry_point) for _ in range(2))
    with world.ours.scope():
        made = link(low, role="parent", other=top, by=by)
        others = copy(
            Case.objects.get(pk=low.pk),
            MANY,
            number=lambda n: 100_000 + n,
            reply_token=lambda n: f"crowd{n}",
        )
        copy(made, MANY - 1, case_id=lambda n: others[n].pk, other_id=lambda n: others[n + 1].pk)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE cases_caselink, {', '.join(BIG)}")
    with world.ours.scope():
        values = {"case": low.pk, "most": links.MOST_SHOWN + 1}
        assert_bounded(links._LINKS, values, cases_case=4, cases_caselink=2)
        assert_bounded(links._ABOVE, {"case": low.pk}, cases_case=4, cases_caselink=2)
        assert links.cases_above(low.pk) == {low.pk, top.pk}
        assert len(links.cases_above(others[0].pk)) == MANY
