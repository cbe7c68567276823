"""Statuses and priorities of other systems become ours as usual, or as whoever imports says; never silently."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from madoguchi.cases.models import Case, Priority, Status
from madoguchi.imports.actions.target import Target
from madoguchi.imports.meanings import (
    Meanings,
    UnknownWord,
    priorities_meant,
    statuses_meant,
)
from madoguchi.imports.records import Bad, Meant, Ticket
from madoguchi.imports.reports import MOST_WORDS, Report
from madoguchi.imports.running import SOURCES, preview, run
from madoguchi.imports.sources import Asked, Meter
from madoguchi.imports.tests.formats import FORMATS
from madoguchi.infra import scope

USUAL = [
    ("new", Status.NEW),
    ("Open", Status.OPEN),
    ("pending", Status.WAITING_CUSTOMER),
    ("hold", Status.WAITING_THIRD),
    ("solved", Status.SOLVED),
    ("closed", Status.CLOSED),
    ("Waiting on Third Party", Status.WAITING_THIRD),
    ("pending reminder", Status.WAITING_CUSTOMER),
    ("Resolved", Status.SOLVED),
    ("ＯＰＥＮ", Status.OPEN),
    ("新規", Status.NEW),
    ("対応中", Status.OPEN),
    ("保留中", Status.WAITING_CUSTOMER),
    ("待機中", Status.WAITING_THIRD),
    ("解決済み", Status.SOLVED),
    ("終了", Status.CLOSED),
    ("", Status.CLOSED),
]


@pytest.mark.parametrize(("word", "status"), USUAL)
def test_words_that_systems_use(word: str, status: Status) -> None:
    at, how, words = Meanings().of(status=[word], priority=[None])

    assert (at, how) == (status, Priority.NORMAL)
    assert words == (Meant("status", word, status.value), Meant("priority", "", "normal"))


@pytest.mark.parametrize(
    "written",
    ["pending=waiting-for-third-party", "pending=waiting_third", "pending=on hold", "PENDING=社外待ち"],
)
def test_whoever_imports_says_otherwise(written: str) -> None:
    meanings = Meanings(statuses_meant([written]), priorities_meant(["p1=urgent"]))

    assert meanings.of(status=["Pending"], priority=["P1"])[:2] == (Status.WAITING_THIRD, Priority.URGENT)


def test_no_word_may_be_said_to_mean_something() -> None:
    meanings = Meanings(statuses_meant(["=open"]), priorities_meant(["=low"]))

    assert meanings.of()[:2] == (Status.OPEN, Priority.LOW)


def test_of_several_names_the_first_that_is_known_counts_and_one_that_was_said_before_all() -> None:
    assert Meanings().of(status=["様子見", 8, "open"])[0] == Status.OPEN
    meanings = Meanings(statuses_meant(["8=hold"]))
    assert meanings.of(status=["Open", 8])[0] == Status.WAITING_THIRD


@pytest.mark.parametrize("written", ["pending", "pending=nonsense", "=", "pending="])
def test_a_meaning_that_is_none_is_refused_with_the_possible_ones(written: str) -> None:
    with pytest.raises(ValueError, match="waiting-customer, waiting-third, solved, closed"):
        statuses_meant([written])


def test_all_words_that_nobody_knows_are_named_at_once() -> None:
    with pytest.raises(UnknownWord) as caught:
        Meanings().of(status=["様子見"], priority=["特"])

    assert caught.value.words == (Meant("status", "様子見"), Meant("priority", "特"))
    assert str(caught.value) == (
        "The status “様子見” is not known here. Say what it means."
        " The priority “特” is not known here. Say what it means."
    )


def changed(folder: Path, format_: str, change: Callable[[str], str]) -> tuple[str, tuple[Path, ...]]:
    """The files of the story, with other words in them."""
    system, made = FORMATS[format_]
    paths = made(folder)
    for path in paths:
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    return system, paths


OWN = {
    "zendesk, exported": lambda text: text.replace('"status": "new"', '"status": "様子見"'),
    "freshdesk": lambda text: text.replace('"status_name": "新規"', '"status_name": "様子見"'),
    "zammad": lambda text: text.replace('"state_id": 1', '"state_id": 9, "state": "様子見"'),
}


@pytest.mark.parametrize("format_", OWN)
def test_a_status_of_ones_own_is_told_and_comes_when_it_was_said(tmp_path: Path, format_: str) -> None:
    system, paths = changed(tmp_path, format_, OWN[format_])

    def statuses(meanings: Meanings) -> list[tuple[str, str]]:
        records = SOURCES[system](paths, Asked(meanings=meanings)).records(Meter())
        told = [one for one in records if isinstance(one, Ticket | Bad)]
        return [(word.written, word.became) for one in told for word in one.words if word.written == "様子見"]

    assert statuses(Meanings()) == [("様子見", "")]
    assert statuses(Meanings(statuses_meant(["様子見=open"]))) == [("様子見", "open")]


def test_a_number_of_freshdesk_without_a_name_is_nothing_in_particular(tmp_path: Path) -> None:
    system, paths = changed(
        tmp_path, "freshdesk", lambda text: text.replace('"status_name": "新規"', '"status_name": null')
    )

    found = list(SOURCES[system](paths, Asked()).records(Meter()))

    [bad] = [one for one in found if isinstance(one, Bad)]
    assert bad.reason == "The status “8” is not known here. Say what it means."
    said = Asked(meanings=Meanings(statuses_meant(["8=open"])))
    assert not [one for one in SOURCES[system](paths, said).records(Meter()) if isinstance(one, Bad)]


def test_osticket_says_itself_what_its_statuses_are(tmp_path: Path) -> None:
    table = [
        ["table", "ticket_status", ["id", "name", "state"]],
        [1, "様子見", "open"],
        [2, "On Hold", "open"],
        ["end-table"],
    ]
    lines = "".join(json.dumps(line) + "\n" for line in table)
    system, paths = changed(tmp_path, "osticket", lambda text: text + lines)

    found = [one for one in SOURCES[system](paths, Asked()).records(Meter()) if isinstance(one, Ticket)]

    told = {one.words[0] for one in found}
    assert told == {Meant("status", "On Hold", "waiting_third"), Meant("status", "様子見", "open")}


@pytest.mark.django_db
class TestComing:
    def test_the_preview_tells_what_becomes_what_and_how_often(self, target: Target, tmp_path: Path) -> None:
        system, paths = changed(tmp_path, "zendesk, exported", OWN["zendesk, exported"])
        foreseen, done, again = (Report(None) for _ in range(3))

        preview(SOURCES[system](paths, Asked()), target, report=foreseen, progress=lambda _n: None)
        run(SOURCES[system](paths, Asked()), target, report=done, progress=lambda _n: None)

        expected = [
            (Meant("status", "様子見"), 1),
            (Meant("priority", "high", "high"), 1),
            (Meant("priority", "", "normal"), 1),
            (Meant("status", "solved", "solved"), 1),
        ]
        assert sorted(foreseen.meanings(), key=repr) == sorted(expected, key=repr)
        assert foreseen.meanings()[0] == expected[0]
        assert done.meanings() == foreseen.meanings()
        assert done.counts == {"case": {"created": 1}, "unreadable": {"failed": 1}}
        said = Asked(meanings=Meanings(statuses_meant(["様子見=waiting-for-customer"])))
        run(SOURCES[system](paths, said), target, report=again, progress=lambda _n: None)
        assert again.counts == {"case": {"skipped": 1, "created": 1}}
        with scope.everywhere(reason="a test looks at everything"):
            assert Case.objects.get(subject="色").status == "waiting_customer"

    def test_words_without_end_do_not_fill_the_memory(self, target: Target, tmp_path: Path) -> None:
        head = "番号,件名,本文,氏名,メール,受付日時,状態\n"
        row = "{0},件,文,佐藤,sato@home.example,2024/05/01 10:00,状態{0}\n"
        path = tmp_path / "cases.csv"
        path.write_text(head + "".join(row.format(n) for n in range(MOST_WORDS + 50)), encoding="utf-8")
        report = Report(None)

        preview(SOURCES["csv"]((path,), Asked()), target, report=report, progress=lambda _n: None)

        assert report.counts == {"unreadable": {"failed": MOST_WORDS + 50}}
        assert len(report.meanings()) == MOST_WORDS
