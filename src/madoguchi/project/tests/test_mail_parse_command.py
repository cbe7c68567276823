"""`madoguchi mail parse`: one JSON object a file, whatever the file is."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from madoguchi.project.cli import mail_parse

MAIL = (
    "From: =?utf-8?B?5L2Q6Jek?= <sato@home.example>\r\n"
    "To: support@shop.example, Info <info@shop.example>\r\n"
    "Cc: boss@home.example\r\nReply-To: other@home.example\r\n"
    "Subject: =?iso-2022-jp?B?GyRCSlZJSiRLJEQkJCRGGyhC?=\r\n"
    "Date: Fri, 1 Mar 2024 10:15:30 +0900\r\nMessage-ID: <m2@home.example>\r\n"
    "In-Reply-To: <m1@shop.example>\r\nReferences: <m0@shop.example> <m1@shop.example>\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n返します。\r\n\r\n> いかがですか\r\n> 窓口\r\n"
    "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF\r\n--b--\r\n"
).encode()
NOTHING = {
    "message_id": "",
    "in_reply_to": "",
    "references": [],
    "date": None,
    "from": None,
    "to": [],
    "cc": [],
    "reply_to": [],
    "subject": "",
    "text": "",
    "reply_text": "",
    "html": "",
    "attachments": [],
    "auto": None,
}


def run(*arguments: str | bytes, stdin: bytes = b"") -> list[Any]:
    """The command as a process of its own, in an environment with no database and settings that are wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "madoguchi.project.cli", "mail", "parse", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "MADOGUCHI_DATABASE_URL": "nonsense", "PYTHONUTF8": "0", "LC_ALL": "C"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_everything_a_mail_says(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)

    assert run(str(file)) == [
        {
            "file": str(file),
            "message_id": "m2@home.example",
            "in_reply_to": "m1@shop.example",
            "references": ["m0@shop.example", "m1@shop.example"],
            "date": "2024-03-01T10:15:30+09:00",
            "from": {"name": "佐藤", "address": "sato@home.example"},
            "to": [
                {"name": "", "address": "support@shop.example"},
                {"name": "Info", "address": "info@shop.example"},
            ],
            "cc": [{"name": "", "address": "boss@home.example"}],
            "reply_to": [{"name": "", "address": "other@home.example"}],
            "subject": "返品について",
            "text": "返します。\n\n> いかがですか\n> 窓口",
            "reply_text": "返します。",
            "html": "",
            "attachments": [
                {
                    "filename": "a.pdf",
                    "content_type": "application/pdf",
                    "size": 4,
                    "sha256": hashlib.sha256(b"%PDF").hexdigest(),
                    "inline": False,
                    "content_id": "",
                }
            ],
            "auto": None,
            "warnings": [],
        }
    ]


def test_files_that_are_no_mail_are_answered_in_their_place(tmp_path: Path) -> None:
    good, empty, binary = tmp_path / "good", tmp_path / "empty", tmp_path / "binary"
    good.write_bytes(b"Subject: x\n\nwords")
    empty.touch()
    binary.write_bytes(bytes(range(256)) * 99)

    found = run(str(tmp_path / "none"), str(good), str(tmp_path), str(empty), str(binary))

    assert found[0] == {"file": str(tmp_path / "none"), **NOTHING, "warnings": ["file-missing"]}
    assert (found[1]["subject"], found[1]["text"]) == ("x", "words")
    assert found[2] == {"file": str(tmp_path), **NOTHING, "warnings": ["file-unreadable"]}
    assert found[3] == {"file": str(empty), **NOTHING, "warnings": ["file-empty"]}
    assert (found[4]["from"], found[4]["date"]) == (None, None)


def test_standard_input_and_a_name_that_is_no_text() -> None:
    piped, odd = run("-", b"/no\xff\x01.eml", stdin=b"Subject: x\n\nwords")

    assert (piped["file"], piped["subject"]) == ("-", "x")
    assert (odd["file"], odd["warnings"]) == ("/no\ufffd.eml", ["file-missing"])


def test_neither_django_nor_the_database_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)
    script = (
        "import sys; from madoguchi.project.cli import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(' '.join(m for m in ('django', 'psycopg') if m in sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, "mail", "parse", str(file)], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["subject"] == "返品について"


def test_a_fault_of_the_parser_keeps_nobody_from_the_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(MAIL)
    well = mail_parse.read

    def faulty(raw: bytes) -> object:
        if raw:
            raise UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed")
        return well(raw)

    monkeypatch.setattr(mail_parse, "read", faulty)

    found = mail_parse.said(str(file))

    assert found == {"file": str(file), **NOTHING, "warnings": ["not-understood"]}
    assert "surrogates not allowed" in capsys.readouterr().err
