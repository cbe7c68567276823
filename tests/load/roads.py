"""Every road to today's tables ends at the same ones: `python -m tests.load.roads [seed]`, run by hand.

Takes the road of the migrations that squashed ones stand for, and the short one. On the
long one it stops at some points that another seed sets elsewhere, and brings a copy to today's tables from each as an
installation is brought that was last there. Everything that `pg_dump` tells of the tables has to be the same.
"""

import difflib
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from madoguchi.infra import postgres
from madoguchi.project import migration

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor

STOPS = 8
_LONG, _SHORT = "long", "short"
_FORGET = "DELETE FROM django_migrations WHERE app = %s AND name = %s"
_RECORDED = "SELECT app || '.' || name FROM django_migrations"


def main(seed: int) -> int:
    """Print what differs; 1 if anything does."""
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with postgres.running(Path(folder)) as url:
            return sum(_differences(_Server(url), random.Random(seed))) and 1


def _differences(server: "_Server", chance: random.Random) -> Iterator[int]:
    server.make(_SHORT)
    before = _cpu()
    server.migrate(_SHORT)
    print(f"the short road: {_cpu() - before:.1f} CPU-s")
    goal = server.tables(_SHORT)
    for stop in _stops(server, chance):
        had = server.recorded(stop)
        told = server.migrate(stop)
        yield _compare(f"{stop}, {told}", goal, server.tables(stop))
        if stop == _LONG:
            squashed = {f"{app}.{name}" for app, name in _executor().loader.replacements}
            found = sorted(server.recorded(stop) - had)
            yield _compare("what the long road's end still records", sorted(squashed), found)
    yield _compare("what is recorded", sorted(server.recorded(_SHORT)), sorted(server.recorded(_LONG)))


def _stops(server: "_Server", chance: random.Random) -> Iterator[str]:
    """Databases on the long road, in the order in which it passes them; the last one is at its end."""
    server.make(_LONG)
    os.environ |= server.environment(_LONG)
    import django

    django.setup()
    from django.db import connection

    todo = _executor().migration_plan(_ends())
    goals = [*sorted(chance.sample(range(1, len(todo)), STOPS - 1)), len(todo)]
    for goal in goals:
        while (missing := goal - _passed()) > 0:
            _go_on(chance, missing)
        connection.close()
        if goal < len(todo):
            server.copy(_LONG, name := f"after {goal} of {len(todo)}")
            yield name
    yield _LONG


def _executor() -> "MigrationExecutor":
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.migrations.loader import MigrationLoader

    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    return executor


def _ends() -> list[tuple[str, str]]:
    graph = _executor().loader.graph
    return [node for node, one in graph.nodes.items() if not one.replaces and _is_last(graph, node)]


def _is_last(graph: object, node: tuple[str, str]) -> bool:
    children = graph.node_map[node].children  # type: ignore[attr-defined]
    return not any(child.key[0] == node[0] for child in children)


def _passed() -> int:
    return len(_executor().loader.applied_migrations)


def _go_on(chance: random.Random, most: int) -> None:
    """Towards an end that is drawn by lot: migrations of several apps can be run in many orders."""
    from django.db import connection

    executor = _executor()
    plan = executor.migration_plan([chance.choice(_ends())])[:most]
    if plan:
        executor.migrate(None, plan=plan)
    with connection.cursor() as cursor:
        # The long road was taken before there were any that replace others.
        cursor.executemany(_FORGET, list(executor.loader.replacements))


class _Server:
    """Databases to compare."""

    def __init__(self, url: str) -> None:
        self._url = url
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("ALTER SYSTEM SET fsync = off")
            server.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        return self._url.replace("/madoguchi?", f"/{name.replace(' ', '%20')}?")

    def environment(self, name: str) -> dict[str, str]:
        return migration.environment() | {"MADOGUCHI_DATABASE_URL": self.url(name)}

    def make(self, name: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}"'.encode())

    def copy(self, source: str, name: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"'.encode())

    def migrate(self, name: str) -> str:
        """As an installation does it; what was done, in a few words."""
        done = subprocess.run(
            migration.command(), env=self.environment(name), check=True, stdout=subprocess.PIPE, text=True
        )
        return f"{done.stdout.count('Applying')} applied"

    def tables(self, name: str) -> list[str]:
        command = [postgres.program("pg_dump"), "--schema-only", "--restrict-key=same", "-d", self.url(name)]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()

    def recorded(self, name: str) -> set[str]:
        with psycopg.connect(self.url(name)) as database:
            return {row[0] for row in database.execute(_RECORDED)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _compare(what: str, goal: list[str], found: list[str]) -> int:
    difference = list(difflib.unified_diff(goal, found, lineterm="", n=1))
    print(f"{what}: " + (f"{len(difference)} lines differ" if difference else f"the same {len(goal)} lines"))
    print("".join(f"    {line}\n" for line in difference[:40]), end="")
    return len(difference)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(10_000)))
