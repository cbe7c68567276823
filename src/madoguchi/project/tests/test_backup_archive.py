"""The file a backup is: read back as it was written, or refused."""

import hashlib
import io
import json
import os
import tarfile
import threading
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.project.backup import archive, sealing
from madoguchi.project.backup.making import new_file

HEAD = json.dumps({"format": 1, "version": "0.1.0", "made_at": "2026-11-28T00:00:00+00:00", "server": 18})
PICTURE = b"\x89PNG picture"
PLACE = f"files/7/{hashlib.sha256(PICTURE).hexdigest()[:2]}/{hashlib.sha256(PICTURE).hexdigest()}"
GOOD = [
    ("madoguchi-backup.json", HEAD.encode()),
    ("secret-key", b"a key"),
    ("database/000000", b"PGDMP" + bytes(2000)),
    (PLACE, PICTURE),
]


def written(members: Sequence[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    writer = archive.Writer(target, progress=lambda _: None)
    for name, content in members:
        writer.add(name, content)
    writer.finish()
    return target.getvalue()


def read(content: bytes) -> list[tuple[str, bytes]]:
    return [(member.name, member.content) for member in archive.members(io.BytesIO(content))]


def test_what_was_written_is_read() -> None:
    assert read(written(GOOD)) == GOOD


def test_a_file_that_is_larger_than_a_piece_is_never_wholly_in_memory() -> None:
    # given a file of nine pieces, and another after it
    large = bytes(9 * archive.PIECE)
    digest = hashlib.sha256(large).hexdigest()
    whole = written([*GOOD, (f"files/7/{digest[:2]}/{digest}", large), GOOD[3]])
    sums = []
    del large

    tracemalloc.start()
    for member in archive.members(io.BytesIO(whole)):
        seen = hashlib.sha256()
        for piece in member.pieces():
            seen.update(piece)
        sums.append((member.size, seen.hexdigest() == member.digest))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sums == [
        *((len(content), True) for _name, content in GOOD),
        (9 * archive.PIECE, True),
        (len(PICTURE), True),
    ]
    assert most < 5 * archive.PIECE


def test_a_large_file_that_is_not_what_it_was_is_refused_before_anybody_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive, "PIECE", 4)
    broken = written([GOOD[0], (PLACE, PICTURE[:-1] + b"!")])
    given_out = []

    with pytest.raises(archive.BackupDamaged, match="is not what it was"):
        for member in archive.members(io.BytesIO(broken)):
            given_out.append(member.name)

    assert given_out == [GOOD[0][0]]


def test_a_stream_of_unknown_length_is_cut_into_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PIECE", 4)
    target = io.BytesIO()
    writer = archive.Writer(target, progress=lambda _: None)
    writer.add(*GOOD[0])
    writer.add_pieces("database/", io.BytesIO(b"0123456789"))
    writer.finish()

    assert read(target.getvalue())[1:] == [
        ("database/000000", b"0123"),
        ("database/000001", b"4567"),
        ("database/000002", b"89"),
    ]


@given(st.data())
def test_what_is_cut_off_or_changed_is_refused_or_does_not_matter(data: st.DataObject) -> None:
    whole = written(GOOD)
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    if broken and data.draw(st.booleans()):
        broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        found = read(bytes(broken))
    except archive.BackupDamaged:
        return
    # Only the empty space between members and after the end may differ.
    assert found == GOOD


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("notes.txt", b"x")], "no backup of Madoguchi"),
        ([("madoguchi-backup.json", b"{}")], "does not say what made it"),
        ([("madoguchi-backup.json", b"no json")], "cannot be read"),
        ([(GOOD[0][0], HEAD.replace('"format": 1', '"format": 2').encode())], "later Madoguchi"),
        ([GOOD[0], ("../../etc/passwd", b"x")], "nothing that a backup holds"),
        ([GOOD[0], (f"files/../../{'a' * 64}", b"x")], "no place for a file"),
        ([GOOD[0], ("files/7/aa/short", b"x")], "no place for a file"),
        ([GOOD[0], (PLACE, b"other bytes")], "is not what it was"),
        ([GOOD[0], (f"files/7/zz/{'a' * 64}", b"x")], "no place for a file"),
    ],
)
def test_what_no_backup_holds_is_refused(members: list[tuple[str, bytes]], words: str) -> None:
    with pytest.raises(archive.BackupDamaged, match=words):
        read(written(members))


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("end.json", archive.PIECE + 1),
        ("secret-key", archive.PIECE + 1),
        ("database/000000", archive.PIECE + 1),
        (PLACE, 2**30 + 1),
        ("files/7/aa/short", 2**60),
    ],
)
def test_what_claims_to_be_larger_than_anything_we_write_is_not_even_read(name: str, size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = size
    stream = io.BytesIO(entry.tobuf() + bytes(20 * 512))

    with pytest.raises(archive.BackupDamaged, match=f"{name} is larger than what a backup holds"):
        list(archive.members(stream))


def test_a_piece_of_the_full_size_is_read() -> None:
    whole = [GOOD[0], ("database/000000", bytes(archive.PIECE))]

    assert read(written(whole)) == whole


def test_a_backup_without_its_end_is_refused() -> None:
    whole = written(GOOD)
    end = whole.index(b"end.json")
    with pytest.raises(archive.BackupDamaged, match="cut off"):
        read(whole[:end] + bytes(1024))


def test_a_member_left_out_is_noticed() -> None:
    whole = written(GOOD)
    start = whole.index(PLACE.encode())
    without = whole[:start] + whole[whole.index(b"end.json") :]
    with pytest.raises(archive.BackupDamaged, match="something is missing or was changed"):
        read(without)


class TestSealed:
    """Only the holder of the key reads it."""

    def test_it_comes_back_with_the_key_alone(self) -> None:
        key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
        target = io.BytesIO()
        with sealing.sealed(target, key.to_public()) as stream:
            stream.write(b"words of customers" * 100_000)

        assert b"words of customers" not in target.getvalue()
        with sealing.opened(io.BytesIO(target.getvalue()), [other, key]) as stream:
            assert stream.read() == b"words of customers" * 100_000
        with (
            pytest.raises(sealing.SealError, match="cannot be opened with this key"),
            sealing.opened(io.BytesIO(target.getvalue()), [other]) as stream,
        ):
            stream.read()

    def test_what_was_cut_off_is_refused(self) -> None:
        key = pyrage.x25519.Identity.generate()
        target = io.BytesIO()
        with sealing.sealed(target, key.to_public()) as stream:
            stream.write(bytes(200_000))

        with (
            pytest.raises(sealing.SealError, match="cut off or changed"),
            sealing.opened(io.BytesIO(target.getvalue()[:-20]), [key]) as stream,
        ):
            stream.read()

    def test_the_reason_is_the_first_thing_that_broke(self) -> None:
        class Full(io.BytesIO):
            def write(self, _: object) -> int:
                raise OSError(28, "No space left on device")

        key = pyrage.x25519.Identity.generate()
        with (
            pytest.raises(sealing.SealError, match="No space left"),
            sealing.sealed(Full(), key.to_public()) as stream,
        ):
            stream.write(bytes(10_000_000))

    def test_what_is_no_key_is_named(self, tmp_path) -> None:
        file = tmp_path / "keys.txt"
        with pytest.raises(sealing.SealError, match="'hello' is no public key"):
            sealing.recipient("hello")
        file.write_text("# nothing\n")
        with pytest.raises(sealing.SealError, match="There is no key in"):
            sealing.identities(file)
        file.write_text("hello\n")
        with pytest.raises(sealing.SealError, match="is no key file"):
            sealing.identities(file)


@pytest.mark.parametrize("laid", ["file", "link"])
def test_nobody_reads_along_who_laid_a_file_where_the_backup_will_grow(tmp_path: Path, laid: str) -> None:
    theirs, draft = tmp_path / "theirs", tmp_path / "b.tar.part"
    theirs.write_bytes(b"")
    theirs.chmod(0o666)
    draft.symlink_to(theirs) if laid == "link" else os.link(theirs, draft)

    with new_file(tmp_path / "b.tar") as file:
        file.write(b"the secret key")

    assert theirs.read_bytes() == b""
    assert (tmp_path / "b.tar").read_bytes() == b"the secret key"
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    assert not draft.exists()


class Late(io.BytesIO):
    """A backup that comes only once whoever opened it has gone."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.opened, self.reader = threading.Event(), -1

    def read(self, size: int | None = -1, /) -> bytes:
        self.opened.wait(20)
        while Path(f"/proc/self/fd/{self.reader}").exists():
            os.sched_yield()
        return super().read(size)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="that a file is closed is seen in /proc")
def test_who_has_gone_hears_nothing_of_what_was_still_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    key, target = pyrage.x25519.Identity.generate(), io.BytesIO()
    broken: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", broken.append)
    with sealing.sealed(target, key.to_public()) as stream:
        stream.write(b"a little")
    late = Late(target.getvalue())

    with sealing.opened(late, [key]) as stream:
        late.reader = stream.fileno()
        late.opened.set()

    assert broken == []
