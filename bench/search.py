"""Recall and time of the search on many messages, against a scan of the same folded texts.

Looked for are random parts (1 to 10 characters) of random messages, across punctuation and line ends, and some words
that everybody types. Every case that the scan finds must be among all pages of the search.
Run: `.venv/bin/python bench/search.py [--cases 40000] [--parts 200]`.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from ground import own_database

Connection = psycopg.Connection[tuple[Any, ...]]
WORDS = ("返品", "靴", "です", "の", "サーバー", "申し込み", "佐藤", "090", "送料 いくら", "!")
_SIZES = """
    SELECT (SELECT count(*) FROM cases_message), (SELECT count(*) FROM search_document),
        pg_total_relation_size('search_document') + pg_total_relation_size('search_posting')
"""


def main() -> None:
    """Fill a database of our own and measure it in a process that has known no other."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=40_000)
    arguments.add_argument("--parts", type=int, default=200)
    arguments.add_argument("--filled", action="store_true", help="measure what MADOGUCHI_DATABASE_URL names")
    chosen = arguments.parse_args()
    if chosen.filled:
        measure(os.environ["MADOGUCHI_DATABASE_URL"], parts=chosen.parts)
        return
    with own_database() as environ:
        seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(chosen.cases)]
        subprocess.run(seed, env=environ, check=True)
        again = [sys.executable, __file__, "--filled", "--parts", str(chosen.parts)]
        subprocess.run(
            again, env=environ | {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}, check=True
        )


def measure(url: str, *, parts: int) -> None:
    """Print recall and times over the database at this address."""
    import django

    django.setup()
    index_all_cases()
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        messages, documents, size = connection.execute(_SIZES).fetchone()  # type: ignore[misc]
        each = size / messages
        print(f"{messages:,} messages, {documents:,} documents, {each:,.0f} bytes of index a message")
        report("random parts", _parts(connection, parts), connection)
        report("usual words", WORDS, connection)


def index_all_cases() -> None:
    """Do what the worker would do after the first start, and say what it took."""
    from madoguchi.search.actions import index_all

    began, used = time.perf_counter(), time.process_time()
    for _done in index_all():
        pass
    took, used = time.perf_counter() - began, time.process_time() - used
    print(f"indexed in {took:.0f} s, of which {used:.0f} s of our own CPU; load {os.getloadavg()[0]:.1f}")


def _parts(connection: Connection, count: int) -> list[str]:
    """Random parts of random messages, the same ones in every run over the same database."""
    chance = random.Random(7)
    ids = [id_ for (id_,) in connection.execute("SELECT id FROM cases_message ORDER BY id")]
    chosen = chance.sample(ids, min(count, len(ids)))
    rows = connection.execute("SELECT text FROM cases_message WHERE id = ANY (%s) ORDER BY id", [chosen])
    return [_part(text, chance) for (text,) in rows]


def _part(text: str, chance: random.Random) -> str:
    start = chance.randrange(max(len(text), 1))
    return text[start : start + chance.randint(1, 10)]


def report(name: str, typed: Iterable[str], connection: Connection) -> None:
    """How much of what the scan finds the search finds, and how long its first page takes."""
    from madoguchi.kernel.folding import fold

    wanted = _scanned(
        connection, {words: [fold(word) for word in words.split()] for words in typed if fold(words)}
    )
    times: dict[str, float] = {}
    missed = 0
    for words, by_scan in wanted.items():
        times[words], found = _searched(words)
        if gone := by_scan - found:
            missed += len(gone)
            print(f"  missed {len(gone)} of {len(by_scan)}: {words!r}")
    total, ordered = sum(map(len, wanted.values())), sorted(times.values())
    print(
        f"{name:<14} recall {1 - missed / max(total, 1):.4f} of {total:,}   first page: p50"
        f" {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95) - 1]:.0f} ms;"
        f" load {os.getloadavg()[0]:.1f}"
    )
    slowest = sorted(times, key=times.__getitem__)[-5:]
    print("  slowest: " + ", ".join(f"{words!r} {times[words]:.0f} ms" for words in slowest))


def _scanned(connection: Connection, pieces: dict[str, list[str]]) -> dict[str, set[int]]:
    """The cases whose one message holds all pieces: never more than the search, which looks at whole cases.

    The texts go by one after another, so their number does not matter to memory.
    """
    from madoguchi.kernel.folding import fold

    found: dict[str, set[int]] = {words: set() for words in pieces}
    with connection.cursor(name="scan") as cursor:
        for case, text in cursor.execute("SELECT case_id, text FROM cases_message"):
            folded = fold(text)
            for words, wanted in pieces.items():
                if all(piece in folded for piece in wanted):
                    found[words].add(case)
    return found


def _searched(words: str) -> tuple[float, set[int]]:
    from madoguchi.companies.models import Desk
    from madoguchi.infra import scope
    from madoguchi.search.queries import every_case, search

    with scope.everywhere(reason="a benchmark looks at all companies"):
        desks = list(Desk.objects.all())
        began = time.perf_counter()
        search(words, actor=None, desks=desks)
        took = (time.perf_counter() - began) * 1000
        return took, set(every_case(words, actor=None, desks=desks))


if __name__ == "__main__":
    main()
