"""The new time that a drafted notice proposes: by when four of five who waited as long were answered."""

from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.cases.reply_time import left_after
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.promises.notices import draft_notice
from madoguchi.promises.tests.living import NINE

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def drafted(world: World, *, answers: int) -> datetime:
    """What is proposed two hours after a case came, where others took 10, 20, 30 … hours."""
    with clock.held_at(NINE):
        case = make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(NINE + 2 * HOUR):
        before = Case.objects.get(pk=case.pk)
        for n in range(answers):
            before.pk, before.number, before.reply_token = None, case.number + n + 1, f"earlier{n}"
            before.opened_at = NINE - timedelta(days=30)
            before.first_replied_at = before.opened_at + (n + 1) * 10 * HOUR
            before.save(force_insert=True)
        return draft_notice(case, due_at=NINE + 3 * HOUR, metric="first_reply").new_due_at


def test_it_is_p80_of_those_who_waited_as_long(world: World) -> None:
    # Four of five of 20 took 160 hours at most: six days and sixteen hours from nine, and that day's end.
    assert (
        drafted(world, answers=20).astimezone(clock.TOKYO).date()
        == (NINE + 160 * HOUR).astimezone(clock.TOKYO).date()
    )


def test_of_too_few_it_is_the_next_working_day(world: World) -> None:
    assert drafted(world, answers=19).astimezone(clock.TOKYO).date() == (NINE + 24 * HOUR).date()


def test_who_was_answered_sooner_says_nothing_of_who_waits_on() -> None:
    waits = [float(n) for n in range(1, 41)]
    assert left_after(20.0, waits) == 16.0
    assert left_after(20.5, waits[:-1]) is None
