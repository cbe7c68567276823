"""What somebody says of uploaded files is checked before it is kept, and read as it was said."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from madoguchi.cases.models import Priority, Status
from madoguchi.imports.asking import checked, meanings_of, open_source, solved_before
from madoguchi.imports.records import Bad, Person, Ticket
from madoguchi.imports.sources import Meter
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused

NOTHING = {
    "columns": {},
    "letters": "",
    "own": [],
    "solved_before": "",
    "statuses": {},
    "priorities": {},
}


def table(folder: Path, text: str, letters: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(letters))
    return path


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({}, {}),
        ({"columns": {"name": "誰", "memo": ""}}, {"columns": {"name": "誰", "memo": ""}}),
        ({"columns": {"memo": "", "kana": ""}}, {"columns": {"memo": "", "kana": ""}}),
        ({"letters": "euc_jp"}, {"letters": "euc_jp"}),
        ({"own": [" old@shop.example ", ""]}, {"own": ["old@shop.example"]}),
        ({"solved_before": "2026-08-01"}, {"solved_before": "2026-08-01"}),
        ({"statuses": {"様子見": "open", "謎": ""}}, {"statuses": {"様子見": "open"}}),
        ({"priorities": {"特": "urgent"}}, {"priorities": {"特": "urgent"}}),
        ({"statuses": {"a=b": "closed"}}, {"statuses": {"a=b": "closed"}}),
    ],
)
def test_what_says_something_is_kept(said: dict[str, Any], kept: dict[str, Any]) -> None:
    assert checked(said) == NOTHING | kept


@pytest.mark.parametrize(
    ("said", "field", "why"),
    [
        ({"columns": {"colour": "色"}}, "columns", "Choose one of the list."),
        (
            {"columns": {"name": "誰", "email": "誰"}},
            "",
            "Two things cannot stand in one column. Choose another for one of them.",
        ),
        ({"letters": "klingon"}, "letters", "Choose one of the list."),
        ({"own": ["shop.example"]}, "own", "“shop.example” is no mail address."),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], field: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(said)

    assert (str(refused.value), refused.value.field) == (why, field)


@pytest.mark.parametrize("name", ["statuses", "priorities"])
def test_a_meaning_that_there_is_not_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(Refused, match="Write WORD=MEANING, where MEANING is one of"):
        checked({name: {"様子見": "maybe"}})


def test_words_mean_what_was_said_also_those_that_usually_mean_something_else() -> None:
    meanings = meanings_of({"statuses": {"完了": "open"}, "priorities": {"低": "high"}})

    assert meanings.of(status=["完了"], priority=["低"])[:2] == (Status.OPEN, Priority.HIGH)
    assert meanings.of(status=["新規"], priority=["高"])[:2] == (Status.NEW, Priority.HIGH)


def test_a_day_begins_in_japan() -> None:
    assert solved_before({"solved_before": "2026-08-01"}) == datetime(2026, 8, 1, tzinfo=TOKYO)
    assert solved_before({}) is None


def test_files_are_read_as_was_said(tmp_path: Path) -> None:
    path = table(tmp_path, "誰,何,日時\n花子,届きません,2024/5/1 10:00\n", "euc_jp")
    said = checked(
        {
            "letters": "euc_jp",
            "columns": {"name": "誰", "subject": "何"},
        }
    )

    source = open_source("csv", (path,), said)

    [ticket] = source.records(Meter())
    assert isinstance(ticket, Ticket)
    assert (ticket.subject, ticket.customer.name) == ("届きません", "花子")
    assert source.guessed["created"] == "日時"


def test_a_column_of_which_somebody_says_that_it_is_nothing_is_not_read(tmp_path: Path) -> None:
    path = table(tmp_path, "名前,メール,備考\n花子,a@a.example,内緒\n")

    [guessed] = open_source("csv", (path,), checked({})).records(Meter())
    [without] = open_source("csv", (path,), checked({"columns": {"memo": ""}})).records(Meter())

    assert isinstance(guessed, Person)
    assert isinstance(without, Person)
    assert (guessed.memo, without.memo) == ("内緒", "")
    assert (guessed.emails, without.emails) == (("a@a.example",), ("a@a.example",))


def test_a_column_can_be_what_it_is_not_called(tmp_path: Path) -> None:
    path = table(tmp_path, "名前,メール,電話\n花子,03-1234-5678,a@a.example\n")

    [bad] = open_source("csv", (path,), checked({})).records(Meter())
    said = checked({"columns": {"email": "電話", "phone": "メール"}})
    [person] = open_source("csv", (path,), said).records(Meter())

    assert bad == Bad("table.csv line 2", "“03-1234-5678” is no mail address.")
    assert isinstance(person, Person)
    assert (person.emails, person.phones) == (("a@a.example",), ("03-1234-5678",))
