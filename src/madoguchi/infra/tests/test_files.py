"""Files by content: once per company, whole or not at all, never outside their folder."""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from madoguchi.infra import files

ABSENT = "0" * 64


def kept(settings: Any) -> list[str]:
    """Every file in the store, by its path from the root."""
    root = Path(settings.FILES_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_what_is_put_is_read_back() -> None:
    digest = files.put("領収書".encode(), company=1)
    assert digest == hashlib.sha256("領収書".encode()).hexdigest()
    assert files.read(digest, company=1) == "領収書".encode()


def test_the_same_bytes_are_kept_once(settings: Any) -> None:
    digest = files.put(b"once", company=1)
    assert files.put(b"once", company=1) == digest
    assert kept(settings) == [f"1/{digest[:2]}/{digest}"]


def test_the_empty_file_is_a_file() -> None:
    assert files.read(files.put(b"", company=1), company=1) == b""


def test_another_company_has_not_got_it(settings: Any) -> None:
    digest = files.put(b"ours", company=1)
    with pytest.raises(FileNotFoundError):
        files.read(digest, company=2)
    files.put(b"ours", company=2)
    assert len(kept(settings)) == 2


@pytest.mark.parametrize("digest", [ABSENT, "", "../" * 21 + "x", "/etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_only_a_hash_names_a_file(digest: str) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(digest, company=1)


def test_a_write_that_fails_leaves_nothing_behind(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        files._make_folder(Path(settings.FILES_ROOT) / "1" / hashlib.sha256(b"big").hexdigest()[:2])
        patch.setattr(files.os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            files.put(b"big", company=1)
    assert kept(settings) == []
    assert files.read(files.put(b"big", company=1), company=1) == b"big"


PIECES = [b"RIFF", bytes(100_000), b"the end"]
WHOLE = b"".join(PIECES)


def test_what_is_put_sealed_is_read_like_any_file_but_lies_encrypted(settings: Any) -> None:
    made = files.put_sealed(iter(PIECES), company=1)

    assert made == files.Kept(hashlib.sha256(WHOLE).hexdigest(), len(WHOLE))
    assert files.read(made.sha256, company=1) == WHOLE
    with files.opened(made.sha256, company=1) as file:
        file.seek(-7, 2)
        assert file.read() == b"the end"
    [path] = Path(settings.FILES_ROOT).rglob("*.sealed")
    assert b"the end" not in path.read_bytes()
    assert files.put(WHOLE, company=1) == made.sha256  # what is sealed is not kept beside it in the open
    assert kept(settings) == [f"1/{made.sha256[:2]}/{made.sha256}.sealed"]
    files.drop(made.sha256, company=1)
    assert kept(settings) == []


def test_what_lay_open_is_sealed_once(settings: Any) -> None:
    digest = files.put(WHOLE, company=1)

    assert [files.seal(digest, company=1) for _time in range(2)] == [True, False]

    assert kept(settings) == [f"1/{digest[:2]}/{digest}.sealed"]
    assert files.read(digest, company=1) == WHOLE
    path = Path(settings.FILES_ROOT) / kept(settings)[0]
    assert files.is_sealed(path)
    with files.unsealed(path, secret=settings.SECRET_KEY) as file:
        assert file.read() == WHOLE


def test_sealing_that_fails_leaves_what_was_there(settings: Any) -> None:
    digest = files.put(WHOLE, company=1)

    def broken() -> Any:
        yield WHOLE
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        files.put_sealed(broken(), company=1)

    assert kept(settings) == [f"1/{digest[:2]}/{digest}"]


@pytest.mark.django_db
def test_what_is_put_is_not_dropped_before_its_transaction_names_it(settings: Any) -> None:
    # given bytes that are there already, and are put again by a transaction that has not yet named them
    digest = files.put_sealed([b"twice"], company=1).sha256
    other = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})
    tries = "SELECT pg_try_advisory_xact_lock{}(hashtextextended(%s, 0))"

    # when another is about to drop them, and a third to put them too
    with other, transaction.atomic():
        files.put(b"twice", company=1)
        alone, beside = (
            other.execute(tries.format(how), [f"file 1 {digest}"]).fetchone() for how in ("", "_shared")
        )

    # then the one has to wait, and the other has not
    assert (alone, beside) == ((False,), (True,))
    # and who dropped asks once more
    assert files.drop_unless(lambda: True, digest, company=1) is False
    assert files.drop_unless(lambda: False, digest, company=1) is True
    assert kept(settings) == []
