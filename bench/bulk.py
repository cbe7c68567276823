"""One act on many cases, set going and worked on to its end, and undone: cases a second and CPU a case.

    MADOGUCHI_DATABASE_URL=postgresql://… .venv/bin/python bench/bulk.py [--cases 5000] [--verbs priority,assign,tag]

It makes a database of its own beside the one named (the bundled server is started when none is), fills it with four
times as many cases (one company has about a third of them), and does
what the job of a batch does, in one process. The floor, measured in the same run, changes the same cases by an UPDATE
and tells of each by an INSERT into the log, a transaction each. CPU is that of the process and of the database.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock, own_database

_CHANGE = "UPDATE cases_case SET priority = %s, version = version + 1 WHERE id = %s"
_TELL = """
    INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, case_id, desk_id, data)
    SELECT company_id, 'case.changed', now(), 'person', %s, 'bench', id, desk_id, %s::jsonb
    FROM cases_case WHERE id = %s
"""
_TOLD = '{"field": "priority", "before": 2, "after": 3, "cause": "bench"}'


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took, for each case: seconds, and CPU seconds of this process and of the database."""

    wall: float
    own: float
    database: float

    @property
    def cpu(self) -> float:
        """CPU seconds of both."""
        return self.own + self.database

    def said(self, name: str, floor: "Cost | None" = None) -> str:
        """A line of the report."""
        ratio = f"   {self.cpu / floor.cpu:.1f} x the floor" if floor else ""
        cpu = f"{self.cpu * 1000:.2f} CPU-ms a case ({self.own * 1000:.2f} ours)"
        return f"{name:<16} {1 / self.wall:>6.0f} cases/s  {cpu}{ratio}"


def main() -> None:
    """Fill a database of our own and measure in a process that has known no other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=5_000)
    arguments.add_argument("--verbs", default="priority,assign,tag")
    arguments.add_argument("--filled", action="store_true", help="measure what MADOGUCHI_DATABASE_URL names")
    chosen = arguments.parse_args()
    if chosen.filled:
        measure(os.environ["MADOGUCHI_DATABASE_URL"], cases=chosen.cases, verbs=chosen.verbs.split(","))
        return
    with own_database() as environ:
        seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(chosen.cases * 4)]
        subprocess.run(seed, env=environ, check=True)
        again = [sys.executable, __file__, "--filled", "--cases", str(chosen.cases), "--verbs", chosen.verbs]
        subprocess.run(
            again, env=environ | {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}, check=True
        )


def measure(url: str, *, cases: int, verbs: list[str]) -> None:
    """Print what the floor takes, then each verb and its undoing."""
    import django

    django.setup()
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        connection.commit()
        clock = DatabaseClock(connection)
        by, ids = _somebody_with_cases(cases)
        print(f"{len(ids):,} cases; load {os.getloadavg()[0]:.1f}")
        floor = _taken(lambda: _floor(connection, ids, by.id), clock, len(ids))
        print(floor.said("floor"))
        for verb in verbs:
            for name, deed in _deeds(verb, ids, by):
                print(_taken(deed, clock, len(ids)).said(name, floor))
        floor = _taken(lambda: _floor(connection, ids, by.id), clock, len(ids))
        print(floor.said("floor again"))
        print(f"load {os.getloadavg()[0]:.1f}")


def _taken(deed: Callable[[], None], clock: DatabaseClock, cases: int) -> Cost:
    began, own, database = time.perf_counter(), time.process_time(), clock.seconds()
    deed()
    took = time.perf_counter() - began, time.process_time() - own, clock.seconds() - database
    return Cost(*(each / cases for each in took))


def _floor(connection: psycopg.Connection[Any], ids: list[int], person: int | None) -> None:
    for pk in ids:
        connection.execute(_CHANGE, [3, pk])
        connection.execute(_TELL, [person, _TOLD, pk])
        connection.commit()


def _somebody_with_cases(most: int) -> tuple[Any, list[int]]:
    """Who may change the most cases of one company, and so many of them."""
    from madoguchi.cases.queries import visible
    from madoguchi.infra import scope
    from madoguchi.kernel.actor import Permission
    from madoguchi.people.models import OperatorMember
    from madoguchi.people.queries import actor_of

    with scope.everywhere(reason="a benchmark looks for somebody with many cases"):
        best: tuple[Any, list[int]] | None = None
        for member in OperatorMember.objects.select_related("user").order_by("pk"):
            by = actor_of(member.user)
            if not by.may_anywhere(Permission.CASE_ASSIGN):
                continue
            for company in sorted(by.companies):
                found = visible(by).filter(company=company).order_by("pk").values_list("pk", flat=True)
                ids = list(found[:most])
                if best is None or len(ids) > len(best[1]):
                    best = by, ids
        assert best is not None
        return best


def _deeds(verb: str, ids: list[int], by: Any) -> list[tuple[str, Callable[[], None]]]:
    from madoguchi.batches.actions import start, undo, work
    from madoguchi.batches.models import Batch
    from madoguchi.batches.queries import progress_of
    from madoguchi.infra import scope

    value = {"priority": "4", "assign": str(by.id), "tag": "bench", "status": "solved", "untag": "bench"}[
        verb
    ]
    with scope.everywhere(reason="a benchmark works on one company"):
        batch = start(ids, verb=verb, value=value, by=by)

    def do() -> None:
        work(batch.pk, company=batch.company_id)

    def take_back() -> None:
        with scope.everywhere(reason="a benchmark works on one company"):
            found = Batch.objects.get(pk=batch.pk)
            print(f"{'':16} {progress_of(found).states}")
            undo(found, by=by)
        work(batch.pk, company=batch.company_id)

    return [(verb, do), (f"undoing {verb}", take_back)]


if __name__ == "__main__":
    main()
