"""Why something cannot come in is said in the words of who reads it, with what to do. No database."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.imports.meanings import SPEAKERS, meaning, priorities_meant, statuses_meant
from madoguchi.imports.moments import moment
from madoguchi.imports.places import line_of
from madoguchi.imports.records import Bad, By, Person, Said, Ticket
from madoguchi.imports.running import SOURCES
from madoguchi.imports.sources import Asked, Meter
from madoguchi.kernel.errors import Refused

HEAD = "番号,件名,本文,区分,お名前,メール,状態,優先度,日時\n"
RIGHT = {
    "番号": "1",
    "件名": "届きません",
    "本文": "注文した品です。",
    "区分": "",
    "お名前": "花子",
    "メール": "a@a.example",
    "状態": "完了",
    "優先度": "",
    "日時": "2024-05-01 10:00",
}
TICKET = {
    "id": 35,
    "subject": "届きません",
    "requester": {"id": 11, "name": "花子", "email": "a@a.example"},
    "created_at": "2024-05-01T01:00:00Z",
    "status": "closed",
    "comments": [{"id": 1, "author_id": 11, "body": "はい。", "created_at": "2024-05-01T01:00:00Z"}],
}


def bad_in(system: str, path: Path, language: str) -> Bad:
    with override(language):
        records = list(SOURCES[system]((path,), Asked()).records(Meter()))
    [bad] = [record for record in records if isinstance(record, Bad)]
    return bad


def why_refused(system: str, path: Path, language: str = "ja") -> str:
    with override(language), pytest.raises(Refused) as refused:
        SOURCES[system]((path,), Asked())
    return str(refused.value)


def row(**other: str) -> str:
    return HEAD + ",".join((RIGHT | other).values()) + "\n"


@pytest.mark.parametrize(
    ("other", "japanese", "english"),
    [
        (
            {"メール": "nowhere"},
            "「nowhere」はメールアドレスではありません。",
            "“nowhere” is no mail address.",
        ),
        (
            {"状態": "様子見"},
            "状態「様子見」の意味がわかりません。何に当たるかを指定してください。",
            "The status “様子見” is not known here. Say what it means.",
        ),
        (
            {"優先度": "特"},
            "優先度「特」の意味がわかりません。何に当たるかを指定してください。",
            "The priority “特” is not known here. Say what it means.",
        ),
        (
            {"区分": "だれか"},
            "発言者の区分「だれか」の意味がわかりません。",
            "The speaker “だれか” is not known here.",
        ),
        (
            {"日時": ""},
            "日時がありません。",
            "It does not say when that was.",
        ),
        (
            {"日時": "いつか"},
            "「いつか」は日時として読めません。2026-08-01 10:00 の形にしてください。",
            "“いつか” is no date. Write it as 2026-08-01 10:00.",
        ),
        (
            {"日時": "1024-05-01"},
            "「1024-05-01」は日時としてありえません。",
            "“1024-05-01” cannot be when that was.",
        ),
        (
            {"件名": "", "本文": ""},
            "本文がありません。",
            "Nothing was said in it.",
        ),
        (
            {"お名前": "", "メール": ""},
            "どのお客様のものかわかりません（氏名・メールアドレス・電話番号のどれもありません）。",
            "It does not say whose it is.",
        ),
        (
            {"日時": "2024-05-01 10:00,余り"},
            "この行には10個の値がありますが、列は9列です。",
            "It has 10 cells, and there are 9 columns.",
        ),
    ],
)
def test_of_a_row_of_a_table(tmp_path: Path, other: dict[str, str], japanese: str, english: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(row(**other), encoding="utf-8")

    ja, en = bad_in("csv", path, "ja"), bad_in("csv", path, "en")

    assert (ja.place, ja.reason) == ("t.csvの2行目", japanese)
    assert (en.place, en.reason) == ("t.csv line 2", english)


@pytest.mark.parametrize(
    ("system", "other", "japanese", "meant"),
    [
        ("zendesk", {"status": "deleted"}, "元のシステムで削除されています。", True),
        ("zendesk", {"comments": [], "subject": ""}, "本文がありません。", False),
        (
            "zendesk",
            {"status": "謎"},
            "状態「謎」の意味がわかりません。何に当たるかを指定してください。",
            False,
        ),
        (
            "zendesk",
            {"comments": 3},
            "このシステムの形式と違います: TypeError: 'int' object is not iterable",
            False,
        ),
    ],
)
def test_of_a_ticket_of_an_export(
    tmp_path: Path, system: str, other: dict[str, Any], japanese: str, meant: bool
) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(TICKET | other), encoding="utf-8")

    bad = bad_in(system, path, "ja")

    assert (bad.reason, bad.meant) == (japanese, meant)


def test_of_a_line_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(TICKET) + "\n{zerbrochen\n", encoding="utf-8")

    bad = bad_in("zendesk", path, "ja")

    assert bad.reason == "JSON として読めません。"


@pytest.mark.parametrize(
    ("system", "content", "why"),
    [
        (
            "csv",
            "誰,何\n花子,はい\n".encode(),
            "氏名・メールアドレス・電話番号のどれに当たる列もわかりません。ファイルにある列: 誰、何",
        ),
        (
            "csv",
            b"name,email\n\x81\xff\xfd,a@a.example\n",
            "t は、UTF-8 としても Shift_JIS としても読めないところがあります。文字コードを指定してください。",
        ),
        (
            "zendesk",
            b"no json",
            "t は JSON のファイルではありません（「{」でも「[」でも始まっていません）。別のファイルを選んでください。",
        ),
        (
            "mbox",
            b"no mail",
            "t は mbox のファイルではありません（「From アドレス 日付」の行で始まっていません）。"
            "別のファイルを選んでください。",
        ),
    ],
)
def test_of_a_file_that_is_none(tmp_path: Path, system: str, content: bytes, why: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)

    assert why_refused(system, path) == why


def test_no_folder_of_the_machine_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b"no mail")

    assert str(tmp_path) not in why_refused("mbox", path, "en")


def test_of_a_file_that_is_only_named() -> None:
    said = Said(id="1", by=By.CUSTOMER, at=moment("2024-05-01"), text="はい", left_out=("a.pdf",))
    ticket = Ticket(id="1", subject="件", customer=Person(name="花子"), said=(said,))

    with override("ja"):
        assert ticket.left_out == ("エクスポートにファイル名だけがあり、中身がありません: a.pdf",)
    with override("en"):
        assert ticket.left_out == ("The export names a file and does not hold it: a.pdf",)


@pytest.mark.parametrize(("language", "place"), [("ja", "t.csvの3-5行目"), ("en", "t.csv line 3-5")])
def test_where_it_stands(language: str, place: str) -> None:
    with override(language):
        assert line_of("t.csv", 3, 5) == place
        assert line_of("t.csv", 3, 3) == place.replace("3-5", "3")


@pytest.mark.parametrize("read", [statuses_meant, priorities_meant])
def test_of_a_meaning_that_there_is_not(read: Any) -> None:
    with override("ja"), pytest.raises(ValueError, match="「元の言葉=意味」の形で書いてください。"):
        read(["様子見=たぶん"])


def test_a_word_of_nobody_speaking_is_nothing() -> None:
    assert meaning("", SPEAKERS, what="speaker") is None
