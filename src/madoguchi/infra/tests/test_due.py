"""Telling of what is due: each once, by time, and what is wrong with one keeps no other from being told."""

from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.complaints.models import Complaint
from madoguchi.infra.due import TRIED_AGAIN_AFTER, tell_each_due
from madoguchi.infra.scope import current
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
NINE = datetime.fromisoformat("2026-12-01T09:00:00+09:00")
WHY = "a test"


@pytest.fixture
def due(world: World) -> list[int]:
    """One at our company at ten, one at another at nine thirty, and one of ours that is not due yet."""
    made = []
    for side, minutes in ((world.ours, 60), (world.theirs, 30), (world.ours, 600)):
        case = make_case(side.entry_point)
        with side.scope(), clock.held_at(NINE):
            said = Written(facts="割れ", severity=1, due_at=NINE + timedelta(minutes=minutes))
            made.append(make_complaint(case, said, by=actor_of(side.agent)).pk)
    return made


def test_what_is_due_is_told_in_order_of_time_in_the_scope_of_its_company(
    world: World, due: list[int]
) -> None:
    told: list[tuple[int, datetime, object]] = []

    def tell(pk: int, now: datetime) -> bool:
        told.append((pk, now, current()))
        return bool(Complaint.objects.filter(pk=pk).update(next_at=None))

    with clock.held_at(NINE + timedelta(hours=1)):
        assert [tell_each_due(Complaint, tell, reason=WHY) for _ in range(2)] == [2, 0]

    ten = NINE + timedelta(hours=1)
    ours, theirs = frozenset({world.ours.company.pk}), frozenset({world.theirs.company.pk})
    assert told == [(due[1], ten, theirs), (due[0], ten, ours)]


def test_one_that_fails_is_tried_again_later_and_keeps_no_other(world: World, due: list[int]) -> None:
    def tell(pk: int, now: datetime) -> bool:
        if pk == due[1]:
            raise ValueError("broken")
        return bool(Complaint.objects.filter(pk=pk).update(next_at=None))

    ten = NINE + timedelta(hours=1)
    with clock.held_at(ten):
        assert tell_each_due(Complaint, tell, reason=WHY) == 1

    with world.theirs.scope():
        assert Complaint.objects.get(pk=due[1]).next_at == ten + TRIED_AGAIN_AFTER
    with world.ours.scope():
        assert Complaint.objects.get(pk=due[0]).next_at is None
