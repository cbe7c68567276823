"""The check of what is due among a million open clocks: milliseconds while nothing is, and of 1,000 coming due.

The floor of the check is a round trip that asks for nothing; that of 1,000 that are due is the same 1,000 rows by their
ids. The plan is printed: it must be a scan of the index `clock_next`, whatever else is open. What reading the cases
then costs is measured by `clocks.py`.

Run: `.venv/bin/python bench/open_clocks.py [--open 1000000]`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from ground import own_database

DUE = 1_000
NOW = datetime(2030, 1, 1, tzinfo=UTC)
FILL = """
    INSERT INTO promises_clock (company_id, case_id, metric, cycle, policy, target, business, state, why, began_at,
        due_at, counted, read_at, next_at)
    SELECT 1, n, 'first_reply', 1, '標準', interval '4 hours', true, 'running', '', %(now)s,
        %(now)s + interval '1 hour' + n * interval '1 second', interval '0', %(now)s,
        %(now)s + interval '1 hour' + n * interval '1 second'
    FROM generate_series(1, %(count)s) AS n
"""


def main() -> None:
    """Fill a database of our own and measure it in a process that has known no other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--open", type=int, default=1_000_000)
    arguments.add_argument("--filled", action="store_true", help="measure what MADOGUCHI_DATABASE_URL names")
    chosen = arguments.parse_args()
    if chosen.filled:
        measure(chosen.open)
        return
    with own_database() as environ:
        fill(environ["MADOGUCHI_DATABASE_URL"], chosen.open)
        again = [sys.executable, __file__, "--filled", "--open", str(chosen.open)]
        settings = {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
        subprocess.run(again, env=environ | settings, check=True)


def fill(url: str, count: int) -> None:
    """So many clocks that run, of as many cases that are not there: nobody reads them here."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        connection.execute("SET session_replication_role = replica")
        connection.execute(FILL, {"now": NOW, "count": count})
        connection.execute("VACUUM ANALYZE promises_clock")


def measure(count: int) -> None:
    """Print times, ratios and the plan."""
    import django

    django.setup()
    from django.db import connection

    from madoguchi.infra import scope
    from madoguchi.promises.actions import due_clocks
    from madoguchi.promises.models import Clock

    def asked(at: datetime) -> int:
        found, place = 0, None
        while rows := list(due_clocks(at, place).values_list("next_at", "id", "case_id", "company_id")):
            found, place = found + len(rows), rows[-1][:2]
        return found

    def nothing() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    with scope.everywhere(reason="a benchmark"):
        then = NOW + timedelta(hours=1, seconds=DUE)
        assert (asked(NOW), asked(then)) == (0, min(DUE, count))
        ids = list(due_clocks(then).values_list("id", flat=True)) + list(range(501, DUE + 1))
        by_id = Clock.objects.filter(pk__in=ids).values_list("next_at", "id", "case_id", "company_id")
        report("nothing is due", lambda: asked(NOW), nothing, count)
        report(f"{DUE:,} are due", lambda: asked(then), lambda: list(by_id.all()), count)
        print(due_clocks(then).explain(analyze=True))


def report(what: str, work: Callable[[], object], floor: Callable[[], object], count: int) -> None:
    """One line: milliseconds, against the floor."""
    took, least = milliseconds(work), milliseconds(floor)
    load = os.getloadavg()[0]
    against = f"{took / least:4.1f} × the floor ({least:.2f} ms)"
    print(f"{count:>9,} open, {what}: {took:6.2f} ms, {against}; load {load:.1f}")


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    took = []
    for _round in range(50):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1e3)
    return statistics.median(took)


if __name__ == "__main__":
    main()
