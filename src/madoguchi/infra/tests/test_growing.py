"""Files that grow by a thread: whoever writes waits for no disk. A pipe that nobody reads stands for one that hangs."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

import pytest
from django.conf import settings
from structlog.testing import capture_logs

from madoguchi.infra import growing
from madoguchi.infra.growing import Growing, left_of
from madoguchi.infra.sealed import pieces

PATIENCE = 10.0
COMPANY = 7


@contextmanager
def hanging(name: str) -> Iterator[Path]:
    """Where a file would grow, as a pipe; what hangs goes on when it is read."""
    path = Path(settings.FILES_ROOT) / str(COMPANY) / f"growing-{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def written(name: str, turns: int) -> Growing:
    """One to which so many pieces were written by somebody who waited for nothing."""
    made: list[Growing] = []

    def write() -> None:
        one = Growing(name, company=COMPANY)
        for turn in range(turns):
            one.write(turn.to_bytes(4, "big") * 250)
        made.append(one)

    writes = Thread(target=write, daemon=True)
    writes.start()
    writes.join(PATIENCE)
    assert made, "who writes waits for the disk"
    return made[0]


def opened(file: IO[bytes]) -> list[int]:
    """Which pieces are in it, in their order."""
    sound = io.BytesIO(
        b"".join(
            pieces(file, growing._secret(), f"{NAME} of company {COMPANY}".encode(), piece=growing.PIECE)
        )
    )
    return [
        int.from_bytes(part[:4], "big") for part in iter(lambda: sound.read(1000), b"") if len(part) == 1000
    ]


NAME = "hangs"


def drained(one: Growing, path: Path) -> list[int]:
    """What comes out once the disk is there again."""
    with path.open("rb") as pipe:
        ends = Thread(target=one.drop, daemon=True)
        ends.start()
        found = opened(pipe)
        ends.join(PATIENCE)
    return found


def test_who_writes_waits_for_no_disk_and_all_comes_in_its_order() -> None:
    with hanging(NAME) as path:
        one = written(NAME, turns=500)

        assert one.length == 500_000
        found = drained(one, path)

    # then but for the last piece, which is held back until there is more
    assert found == list(range(len(found)))
    assert 500_000 - len(found) * 1000 <= growing.PIECE + 1000


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "MOST_WAITING", 100_000)
    with hanging(NAME) as path, capture_logs() as told:
        one = written(NAME, turns=500)

        assert one.length == 100_000
        found = drained(one, path)

    assert found == list(range(len(found)))
    assert [one["event"] for one in told] == ["file_grows_no_more"]


def test_it_is_read_whole_and_then_gone() -> None:
    one = written(NAME, turns=50)

    one.settle()
    left = b"".join(left_of(NAME, company=COMPANY))
    whole = b"".join(one.read())
    one.drop()

    assert whole == b"".join(turn.to_bytes(4, "big") * 250 for turn in range(50))
    assert (left, len(whole) - len(left) <= growing.PIECE) == (whole[: len(left)], True)
    assert list(left_of(NAME, company=COMPANY)) == []
