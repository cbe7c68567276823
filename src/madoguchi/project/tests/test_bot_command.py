"""`madoguchi bot limits`: a process of its own, without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROWS = (
    {"text": "ふざけるな", "kind": "anger", "part": "a"},
    {"text": "空が青いですね", "kind": "anger", "part": "a"},
    {"text": "返品できますか", "kind": "", "part": "a"},
    {"text": "弁護士を目指す方向けの本はありますか", "kind": "", "part": "b"},
)


def limits(file: Path, *more: str) -> tuple[int, list[Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "madoguchi.project.cli", "bot", "limits", str(file), *more],
        capture_output=True,
        env={**os.environ, "LC_ALL": "en_US.UTF-8", "MADOGUCHI_DATA": "/nowhere"},
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def written(folder: Path, *rows: Any) -> Path:
    file = folder / "limits.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file


def test_what_was_found_and_what_was_missed_is_counted_by_part(tmp_path: Path) -> None:
    code, said, error = limits(written(tmp_path, *ROWS), "--missed")
    assert (code, error) == (0, "")
    assert said == [
        {"part": "a", "limits": 2, "found": 1, "others": 1, "false_alarms": 0, "recall": 0.5},
        {"part": "b", "limits": 0, "found": 0, "others": 1, "false_alarms": 1, "recall": None},
        {"text": "空が青いですね", "kind": "anger", "found": ""},
        {"text": "弁護士を目指す方向けの本はありますか", "kind": "", "found": "弁護士"},
    ]


def test_what_is_no_kind_and_what_is_not_there_is_named(tmp_path: Path) -> None:
    code, said, error = limits(written(tmp_path, ROWS[0], {"text": "x", "kind": "joy"}))
    assert (code, said) == (2, [])
    assert "line 2" in error
    assert "“joy” is no kind of limit." in error
    assert limits(tmp_path / "none")[0] == 1
