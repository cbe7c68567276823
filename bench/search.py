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
from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from ground import own_database

WORDS = ("返品", "靴", "です", "の", "サーバー", "申し込み", "佐藤", "090", "送料 いくら", "!")
_SIZES = """
    SELECT (SELECT count(*) FROM cases_message), (SELECT count(*) FROM search_document),
        pg_total_relation_size('search_document') + pg_total_relation_size('search_posting')
"""


def main() -> None:
    """Fill a database of our own and measure."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=40_000)
    arguments.add_argument("--parts", type=int, default=200)
    chosen = arguments.parse_args()
    with own_database() as environ:
        seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(chosen.cases)]
        subprocess.run(seed, env=environ, check=True)
        os.environ.update(environ, DJANGO_SETTINGS_MODULE="madoguchi.project.settings")
        measure(environ["MADOGUCHI_DATABASE_URL"], parts=chosen.parts)


def measure(url: str, *, parts: int) -> None:
    """Print recall and times over the database at this address."""
    import django

    django.setup()
    from madoguchi.search.actions import index_all

    for _done in index_all():
        pass
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        messages, documents, size = connection.execute(_SIZES).fetchone()  # type: ignore[misc]
        print(
            f"{messages:,} messages, {documents:,} documents, {size / messages:,.0f} bytes of index a message"
        )
        rows = connection.execute("SELECT case_id, text FROM cases_message").fetchall()
    chance = random.Random(7)
    report("random parts", [_part(chance.choice(rows)[1], chance) for _ in range(parts)], rows)
    report("usual words", WORDS, rows)


def _part(text: str, chance: random.Random) -> str:
    start = chance.randrange(max(len(text), 1))
    return text[start : start + chance.randint(1, 10)]


def report(name: str, typed: Iterable[str], rows: Sequence[tuple[int, str]]) -> None:
    """How much of what the scan finds the search finds, and how long its first page takes."""
    from madoguchi.kernel.folding import fold

    folded = [(case, fold(text)) for case, text in rows]
    times, missed, wanted = [], 0, 0
    for words in typed:
        if not fold(words):
            continue
        pieces = [fold(word) for word in words.split()]
        by_scan = _cases(folded, pieces)
        took, found = _searched(words)
        times.append(took)
        wanted, missed = wanted + len(by_scan), missed + len(by_scan - found)
        if by_scan - found:
            print(f"  missed {len(by_scan - found)} of {len(by_scan)}: {words!r}")
    ordered = sorted(times)
    print(
        f"{name:<14} recall {1 - missed / max(wanted, 1):.4f} of {wanted:,}   first page: p50"
        f" {statistics.median(ordered):.0f} ms, p95 {ordered[int(len(ordered) * 0.95) - 1]:.0f} ms"
    )


def _cases(folded: Sequence[tuple[int, str]], pieces: Sequence[str]) -> set[int]:
    """The cases whose one message holds all pieces: never more than the search, which looks at whole cases."""
    return {case for case, text in folded if all(piece in text for piece in pieces)}


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
