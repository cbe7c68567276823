"""Garble the crooked mails of the tests and see that reading them ends well, until told to stop.

Run by hand: `.venv/bin/python tools/fuzz_mail.py [--mutations 100000] [--seed 1] [FOLDER…]`; files of the folders
are garbled too. The first that fails, and what takes over a second, is kept in the current folder as fuzz-*.eml.

With atheris installed (it has wheels for CPython 3.11 on Linux), `--coverage` lets it choose what to garble by the
lines of the parser that it reaches; what it found worth keeping lies in fuzz-corpus, what fails in crash-*.
"""

import argparse
import contextlib
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

BY_COVERAGE = "--coverage" in sys.argv
if BY_COVERAGE:
    import atheris

    # The parser alone, as it is imported: to follow every function there is takes minutes before the first try.
    followed: contextlib.AbstractContextManager[object] = atheris.instrument_imports(
        include=["madoguchi.channels.email", "madoguchi.kernel"]
    )
else:
    followed = contextlib.nullcontext()
with followed:
    from madoguchi.channels.email.tests.test_crooked import SEEDS, assert_fit_to_store, garbled

SLOW = 1.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mutations", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--coverage", action="store_true", default=BY_COVERAGE, help="with atheris")
    options.add_argument("folders", nargs="*", type=Path)
    given = options.parse_args()
    for folder in given.folders:
        files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.stat().st_size]
        SEEDS.extend(file.read_bytes()[:20_000] for file in files)
    if given.coverage:
        by_coverage(given.mutations, given.seed)
    else:
        at_random(given.mutations, given.seed)


def at_random(mutations: int, seed: int) -> None:
    dice, start, slow, worst = random.Random(seed), time.perf_counter(), 0, 0.0
    for number in range(1, mutations + 1):
        raw = garbled(dice.choice(SEEDS), dice)
        began = time.process_time()
        try:
            assert_fit_to_store(raw)
        except BaseException:
            Path(f"fuzz-{seed}-{number}.eml").write_bytes(raw)
            raise
        took = time.process_time() - began
        worst = max(worst, took)
        if took > SLOW:
            slow += 1
            Path(f"fuzz-slow-{seed}-{number}.eml").write_bytes(raw)
        if number % 10_000 == 0:
            print(f"{number} in {time.perf_counter() - start:.0f} s, {slow} slow", flush=True)
    print(f"{mutations} mutations, none failed, {slow} over {SLOW} s, the slowest {worst:.2f} CPU-s")


def by_coverage(mutations: int, seed: int) -> None:
    corpus = Path("fuzz-corpus")
    corpus.mkdir(exist_ok=True)
    for number, raw in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(raw)
    atheris.Setup([sys.argv[0], f"-runs={mutations}", f"-seed={seed}", "-timeout=5", str(corpus)], one)
    atheris.Fuzz()


def one(data: bytes) -> None:
    """One try of the fuzzer."""
    assert_fit_to_store(data)


if __name__ == "__main__":
    main()
