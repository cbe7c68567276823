"""Ranking an FAQ: how often it is right, how well it knows when it is, and what a question costs.

Questions are `{"id", "text", "relevant": {entry: grade, …}}` a line. CPU milliseconds a question stand against
the floor of turning the same texts into words and vectors, which no ranking can do without. Loading is told apart.

Run: `.venv/bin/python bench/faq.py --faq FAQ.jsonl --questions Q.jsonl [--phrasings P.jsonl]`; no database.
"""

import argparse
import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# As the shell command has it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from madoguchi.knowledge.ranking import Decision, Entry, Index, Phrasing, Ranking
from madoguchi.knowledge.ranking.meaning import vectors_of
from madoguchi.knowledge.ranking.words import content_words

BINS = 10
DRAWS = 500


def rows(file: Path) -> list[dict[str, Any]]:
    """The objects of a file."""
    return [json.loads(line) for line in file.read_text().split("\n") if line.strip()]


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def places(found: Sequence[Ranking], right: Sequence[set[str]]) -> list[int | None]:
    """Where the first right entry stands for each question, from 0; None where it is not among those shown."""
    return [
        next((at for at, (one, _score) in enumerate(ranking.ranked) if one in meant), None)
        for ranking, meant in zip(found, right, strict=True)
    ]


def calibration_error(found: Sequence[Ranking], at: Sequence[int | None]) -> float:
    """How far confidence and truth are apart, over tenths of confidence (expected calibration error)."""
    error = 0.0
    for step in range(BINS):
        here = [
            (ranking.confidence, place == 0)
            for ranking, place in zip(found, at, strict=True)
            if min(int(ranking.confidence * BINS), BINS - 1) == step
        ]
        error += abs(sum(sure for sure, _ in here) - sum(true for _, true in here))
    return error / len(found)


def error_by_chance(found: Sequence[Ranking]) -> float:
    """How far off so few questions would show a confidence that is right: the mean of it over drawn truths."""
    drawn = random.Random(0)
    errors = [
        calibration_error(found, [0 if drawn.random() < one.confidence else None for one in found])
        for _time in range(DRAWS)
    ]
    return sum(errors) / DRAWS


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faq", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--phrasings", type=Path)
    wanted = parser.parse_args()
    entries = [Entry(str(one["id"]), one["question"], one["answer"]) for one in rows(wanted.faq)]
    told = (
        [Phrasing(str(one["id"]), one["text"]) for one in rows(wanted.phrasings)] if wanted.phrasings else []
    )
    asked = rows(wanted.questions)
    texts, right = [one["text"] for one in asked], [set(map(str, one["relevant"])) for one in asked]

    start = time.process_time()
    index = Index(entries, told)
    loading = time.process_time() - start
    found: list[Ranking] = []
    ranking = cpu(lambda: found.extend(index.rank(text) for text in texts))
    floor = cpu(lambda: [(content_words(text), vectors_of([text])) for text in texts])

    at = places(found, right)
    answered = [place for one, place in zip(found, at, strict=True) if one.decision == Decision.ANSWER]
    count = len(texts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1 << 20
    )
    print(f"{len(entries):,} entries, {len(told):,} phrasings, {count:,} questions")
    print(f"right at once    {sum(place == 0 for place in at) / count:.3f}")
    print(f"among three      {sum(place is not None and place < 3 for place in at) / count:.3f}")
    print(f"reciprocal rank  {sum(1 / (place + 1) for place in at if place is not None) / count:.3f}")
    kept = sum(place == 0 for place in answered) / max(len(answered), 1)
    print(f"answered         {len(answered) / count:.3f}, right {kept:.3f}")
    off, chance = calibration_error(found, at), error_by_chance(found)
    print(f"confidence off   {off:.3f}; one that is right would show {chance:.3f} on so few questions")
    print(
        f"CPU ms a question {ranking / count * 1000:.1f}, floor {floor / count * 1000:.1f}, ratio {ranking / floor:.2f}"
    )
    print(f"loading {loading:.1f} CPU-s, most memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
