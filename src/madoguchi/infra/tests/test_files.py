"""Files by content: once per company, whole or not at all, never outside their folder."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

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
