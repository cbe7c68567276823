"""The form that asks how uploaded files are read: what they hold decides what is asked. No database."""

from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.administration.forms.imports import COLUMNS, KEPT_COLUMNS, SYSTEMS, ReadingForm
from madoguchi.administration.uploads import counted, outcome_name, sampled
from madoguchi.imports.csv_table import NAMES
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.models import Upload
from madoguchi.imports.running import SOURCES

HEADINGS = ["番号", "件名", "お名前", "備考"]
FOUND = {
    "headings": HEADINGS,
    "guessed": {"letters": "cp932", "rows": "cases", "id": "番号", "subject": "件名", "name": "お名前"},
    "words": [
        ["status", "様子見", "", 3],
        ["priority", "特", "", 1],
        ["status", "完了", "closed", 7],
        ["status", "", "closed", 2],
    ],
}


def form(data: dict[str, str] | None = None, **of: Any) -> ReadingForm:
    upload = Upload(**{"system": "csv", "asked": {}, "found": FOUND} | of)
    return ReadingForm(data, upload=upload)


def test_every_source_and_every_field_of_a_table_has_a_name() -> None:
    assert set(SYSTEMS) == set(SOURCES)
    assert set(COLUMNS) == set(NAMES)
    assert {kind: set(labels) for kind, labels in KEPT_COLUMNS.items()} == {
        kind: set(told.names) for kind, told in KINDS.items()
    }


def test_words_that_nobody_knows_are_asked_for_first_then_columns_as_they_were_guessed() -> None:
    with override("ja"):
        asked = form()
        names = [str(field.label) for field in asked.fields.values()]

    assert names[:3] == ["状態「様子見」（3件）", "優先度「特」（1件）", "状態「完了」（7件）"]
    assert asked["word_0"].initial == ""
    assert asked["word_2"].initial == "closed"
    guessed = {name: asked[f"column_{name}"].initial for name in ("id", "subject", "name", "memo")}
    assert guessed == {"id": "番号", "subject": "件名", "name": "お名前", "memo": ""}
    offered = [value for value, _label in asked.fields["column_memo"].choices]  # type: ignore[attr-defined]
    assert offered == ["", *HEADINGS]


def test_what_is_said_goes_before_what_was_guessed() -> None:
    asked = form(asked={"columns": {"name": "", "memo": "備考"}, "letters": "euc_jp"})

    assert (asked["column_name"].initial, asked["column_memo"].initial) == ("", "備考")
    assert asked["letters"].initial == "euc_jp"


def test_what_the_form_says_is_what_the_files_are_read_by() -> None:
    asked = form(
        {
            "letters": "",
            "column_name": "お名前",
            "column_subject": "件名",
            "word_0": "open",
            "word_2": "solved",
        },
        asked={"statuses": {"昔の": "closed"}},
    )

    assert asked.is_valid()
    said = asked.said()
    assert said["statuses"] == {"昔の": "closed", "様子見": "open", "完了": "solved"}
    assert said["priorities"] == {"特": ""}
    assert (said["columns"]["name"], said["columns"]["memo"]) == ("お名前", "")
    assert set(said["columns"]) == set(NAMES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("word_0", "maybe"),
        ("word_1", "open"),
        ("column_name", "色"),
        ("letters", "klingon"),
    ],
)
def test_what_is_not_offered_is_not_taken(name: str, value: str) -> None:
    asked = form({name: value})

    assert not asked.is_valid()
    assert list(asked.errors) == [name]


def test_of_files_that_are_no_table_no_column_is_asked_for() -> None:
    asked = form(system="zendesk")

    assert list(asked.fields) == ["word_0", "word_1", "word_2"]


def test_where_the_first_row_cannot_be_read_only_the_letters_are_asked_for() -> None:
    assert list(form(found={}).fields) == ["letters"]


def test_of_mail_former_addresses_and_the_day_are_asked_for() -> None:
    asked = form(
        {"own": "old@shop.example\nolder@shop.example", "solved_before": "2026-08-01"},
        system="mbox",
        found={},
    )

    assert asked.is_valid()
    said = asked.said()
    assert said["own"] == ["old@shop.example", "older@shop.example"]
    assert str(said["solved_before"]) == "2026-08-01"
    assert said["columns"] == {}


def test_counts_say_what_would_be_or_what_was() -> None:
    found = {"counts": {"case": {"created": 2, "skipped": 1}, "unreadable": {"failed": 4}}}
    with override("ja"):
        before = [(one.kind, one.name, one.number) for one in counted(found, came=False)]
        after = [(one.kind, one.name, one.number) for one in counted(found, came=True)]
        labels = [one.label for one in counted(found, came=False)]
        assert labels == ["用件: 新規", "用件: 取り込み済み・対象外", "読み取れないもの"]
        assert outcome_name("failed") == "取り込めなかったもの"

    assert before == [
        ("用件", "新規", 2),
        ("用件", "取り込み済み・対象外", 1),
        ("読み取れないもの", "取り込めないもの", 4),
    ]
    assert after[2] == ("読み取れないもの", "取り込めなかったもの", 4)


def test_the_first_records_have_their_moment_and_their_kind_in_words() -> None:
    samples = [
        {"kind": "mail", "who": "花子", "what": "件", "at": "2024-05-01T03:00:00+00:00", "place": "box #1"},
        {"kind": "customer", "who": "花子", "what": "", "at": "", "place": ""},
    ]
    with override("ja"):
        shown = sampled({"samples": samples})
        kinds = [str(one["kind"]) for one in shown]

    assert kinds == ["メール", "顧客"]
    assert shown[0]["at"].isoformat() == "2024-05-01T03:00:00+00:00"
    assert shown[1]["at"] is None
    assert sampled({}) == []
