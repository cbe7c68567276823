"""Uploaded files are kept under their own names, whatever these are, apart from all others, and go without a trace."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from madoguchi.imports.kept import keep, paths_of, throw_away
from madoguchi.imports.models import Upload


class Given:
    """A file as it arrives, in parts; after some of them its sender may be gone."""

    def __init__(self, name: str | None, *parts: bytes, breaks: bool = False) -> None:
        self.name, self.parts, self.breaks = name, parts, breaks
        self.size = sum(map(len, parts))

    def chunks(self) -> Iterable[bytes]:
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        yield from self.parts
        if self.breaks:
            raise ConnectionResetError


@pytest.fixture
def root(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path
    return tmp_path / "7" / "uploads"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("問い合わせ.csv", "問い合わせ.csv"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..", "file-1"),
        (".", "file-1"),
        ("", "file-1"),
        (None, "file-1"),
        (".hidden", "hidden"),
        ("a\nb.csv", "a b.csv"),
        ("長" * 300, "長" * 60),
    ],
)
def test_each_has_its_own_name_and_stays_where_it_belongs(root: Path, name: str | None, kept: str) -> None:
    folder, (path,) = keep([Given(name, b"a,", b"b")], company=7)

    assert path == root / folder / "0" / kept
    assert path.read_bytes() == b"a,b"
    assert path.resolve().is_relative_to(root.resolve())


def test_two_of_one_name_are_two(root: Path) -> None:
    _folder, paths = keep([Given("a.csv", b"1"), Given("a.csv", b"2")], company=7)

    assert [path.name for path in paths] == ["a.csv", "a.csv"]
    assert [path.read_bytes() for path in paths] == [b"1", b"2"]


def test_nobody_else_on_the_machine_reads_them(root: Path) -> None:
    _folder, (path,) = keep([Given("a.csv", b"1")], company=7)

    assert path.parent.stat().st_mode & 0o077 == 0


def test_each_upload_has_a_folder_that_cannot_be_guessed(root: Path) -> None:
    folders = {keep([Given("a.csv", b"1")], company=7)[0] for _n in range(5)}

    assert len(folders) == 5
    assert {len(folder) for folder in folders} == {32}


def test_they_are_found_again_by_their_upload(root: Path) -> None:
    folder, paths = keep([Given("a.csv", b"1"), Given("b.csv", b"2")], company=7)
    upload = Upload(company_id=7, folder=folder, files=[{"name": "a.csv"}, {"name": "b.csv"}])

    assert paths_of(upload) == paths


def test_of_those_that_do_not_arrive_whole_nothing_stays(root: Path) -> None:
    with pytest.raises(ConnectionResetError):
        keep([Given("a.csv", b"1"), Given("b.csv", b"2", breaks=True)], company=7)

    assert list(root.iterdir()) == []


def test_they_are_thrown_away_and_no_others(root: Path) -> None:
    gone, _paths = keep([Given("a.csv", b"1")], company=7)
    _stays, (path,) = keep([Given("a.csv", b"2")], company=7)

    throw_away(7, gone)
    throw_away(7, gone)

    assert not (root / gone).exists()
    assert path.read_bytes() == b"2"
