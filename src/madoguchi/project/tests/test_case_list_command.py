"""`madoguchi case list --order`."""

from datetime import timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.project.cli.case import case as command
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
run, answer = Shell(command).run, Shell(command).answer


def test_cases_are_listed_in_an_order(world: World) -> None:
    now = clock.now()
    made = [make_case(world.ours.entry_point) for _n in range(4)]
    with world.ours.scope():
        for n, case in enumerate(made):
            waits = now - timedelta(hours=n // 2) if n else None
            Case.objects.filter(pk=case.pk).update(
                waiting_since=waits,
                touched_at=now - timedelta(minutes=n),
                priority=4 if n == 3 else 2,
                due_at=now if n == 2 else None,
                due_for="first_reply",
            )
    numbers = [case.spoken_number(world.ours.company.prefix) for case in made]

    def listed(*asked: str) -> list[int]:
        return [
            numbers.index(row["number"]) for row in answer("list", "--desk", str(world.ours.desk.pk), *asked)
        ]

    assert listed() == [0, 1, 2, 3]
    assert listed("--order", "waiting") == [2, 3, 1, 0]
    assert listed("--order", "priority") == [3, 0, 1, 2]
    assert listed("--order", "due", "--limit", "2") == [2, 0]
    assert listed("--order", "priority", "--limit", "1", "--filter", '{"version": 1, "all": []}') == [3]
    assert "Invalid value for '--order'" in run("list", "--order", "oldest").output
