"""What killed processes leave in the file store: it goes after a day, and nothing else does."""

import os
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.infra import files
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.rights.leftovers import sweep
from madoguchi.voice.queries import recorded

DAY = 86_400


@pytest.mark.django_db
def test_what_was_left_half_done_goes_after_a_day(world: World, settings: Any) -> None:
    # given recordings: of a case, of none, of none and new; a letter, and sounds that were being written
    ours = world.ours.company.pk
    root = Path(settings.FILES_ROOT)
    kept, lost, new = (files.put_sealed([name], company=ours) for name in (b"kept", b"lost", b"new"))
    make_case(world.ours.entry_point, files=(recorded("talk.wav", kept),))
    letter = files.put(b"letter", company=ours)
    for name in ("growing-old", "growing-new"):
        (root / str(ours) / name).write_bytes(b"half")
    now = clock.now().timestamp()
    for path in root.rglob("*"):
        if path.is_file() and new.sha256 not in path.name and path.name != "growing-new":
            os.utime(path, (now - DAY - 60,) * 2)

    # when every hour of a day has come
    gone = sum(sweep(hour) for hour in range(24))

    # then the old ones went to which nothing leads
    left = {path.name for path in root.rglob("*") if path.is_file()}
    assert gone == 2
    assert left == {f"{kept.sha256}.sealed", f"{new.sha256}.sealed", letter, "growing-new"}
    assert not files.lies_open(lost.sha256, company=ours)
