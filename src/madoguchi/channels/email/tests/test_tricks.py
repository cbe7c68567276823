"""The table of tricks names mails and tests that are there."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[4]
_ROW = re.compile(r"\| (?P<trick>[^|]+) \| `(?P<file>[^`|]+)` \| (?P<named>.+) \|")


def rows() -> list[tuple[str, str, list[str]]]:
    lines = (HERE / "tricks.md").read_text().splitlines()
    found = [
        _ROW.fullmatch(line) for line in lines if line.startswith("| ") and not line.startswith("| trick")
    ]
    assert None not in found
    return [(row["trick"], row["file"], re.findall(r'"([^"]+)"', row["named"])) for row in found if row]


@pytest.mark.parametrize(("trick", "file", "named"), rows(), ids=lambda value: str(value)[:60])
def test_a_row_names_what_is_there(trick: str, file: str, named: list[str]) -> None:
    path = ROOT / file if file.startswith("tests/") else ROOT / "src" / "madoguchi" / file
    there = path.read_text()

    assert named
    assert [name for name in named if name not in there] == []


def test_every_section_has_its_tricks_and_none_twice() -> None:
    tricks = [trick for trick, _file, _named in rows()]

    assert len(tricks) == len(set(tricks)) > 80
