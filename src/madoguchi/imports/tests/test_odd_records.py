"""One odd record, by accident or by malice, hinders no other; and a second run finds all as the first left it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from madoguchi.cases.models import Case, Message, Note
from madoguchi.customers.models import Customer
from madoguchi.imports.actions import take
from madoguchi.imports.actions.target import Target
from madoguchi.imports.mbox import open_mbox
from madoguchi.imports.models import Origin
from madoguchi.imports.records import Person
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, preview, run
from madoguchi.imports.sources import Asked
from madoguchi.imports.tests.desks import mbox
from madoguchi.imports.tests.formats import ASKED, FORMATS, OURS
from madoguchi.infra import scope

pytestmark = pytest.mark.django_db
CARD = "4111111111111111"


def bring(system: str, path: Path, target: Target, *, only_look: bool = False) -> Report:
    report = Report(path.with_suffix(".report"))
    with report:
        work = preview if only_look else run
        work(SOURCES[system]((path,), Asked()), target, report=report, progress=lambda _n: None)
    return report


def export(folder: Path, spoil: Callable[[dict[str, Any]], None]) -> Path:
    """The export of the story, the first ticket spoiled; the second is as it should be."""
    [path] = FORMATS["zendesk, exported"][1](folder)
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    ticket = json.loads(first)
    spoil(ticket)
    path.write_text("\n".join([json.dumps(ticket), *rest]), encoding="utf-8")
    return path


def subjects() -> list[str]:
    with scope.everywhere(reason="a test looks at everything"):
        return sorted(Case.objects.values_list("subject", flat=True))


SPOILED = {
    "an id with NUL": lambda ticket: ticket.update(id="35\0"),
    "an id of half a letter": lambda ticket: ticket.update(id="\ud800"),
    "a comment's id with NUL": lambda ticket: ticket["comments"][1].update(id="2\0"),
    "a requester with NUL": lambda ticket: ticket["requester"].update(id="11\0", name="佐藤\0"),
    "a number that is a card's": lambda ticket: ticket.update(id=CARD),
}


def test_a_name_that_is_cut_is_told(target: Target) -> None:
    people = [
        Person(id=str(n), name="名" * letters, emails=(f"{n}@a.example",))
        for n, letters in enumerate((200, 300))
    ]

    came = take(people, target)

    assert [one.reasons for one in came] == [
        (),
        ("The name was too long: its first 200 characters were kept.",),
    ]
    with scope.everywhere(reason="a test looks at everything"):
        names = Customer.objects.filter(identities__value__endswith="@a.example").values_list(
            "name", flat=True
        )
        assert list(names) == ["名" * 200] * 2


@pytest.mark.parametrize("how", SPOILED)
def test_ids_of_any_kind_come_in(target: Target, tmp_path: Path, how: str) -> None:
    path = export(tmp_path, SPOILED[how])

    assert bring("zendesk", path, target, only_look=True).counts["case"] == {"created": 2}
    assert bring("zendesk", path, target).counts["case"] == {"created": 2}

    assert subjects() == ["届きません", "色"]
    assert bring("zendesk", path, target).counts["case"] == {"skipped": 2}
    with scope.everywhere(reason="a test looks at everything"):
        assert CARD not in "".join(f"{row.external_id} {row.number}" for row in Origin.objects.all())


def test_what_comes_twice_is_one_and_what_only_shares_its_id_is_kept(target: Target, tmp_path: Path) -> None:
    def spoil(ticket: dict[str, Any]) -> None:
        first = ticket["comments"][0]
        ticket["comments"] += [dict(first), dict(first, plain_body="まだですか。")]

    path = export(tmp_path, spoil)

    assert bring("zendesk", path, target).counts["case"] == {"created": 2}
    assert bring("zendesk", path, target).counts["case"] == {"skipped": 2}
    with scope.everywhere(reason="a test looks at everything"):
        said = Message.objects.filter(case__subject="届きません", author="customer").order_by("at", "id")
        assert [message.text.strip() for message in said] == [ASKED, "まだですか。"]
        assert Note.objects.count() == 1


def test_rows_of_a_table_that_are_the_same_are_one(target: Target, tmp_path: Path) -> None:
    row = "7,届きません,まだです,佐藤,sato@home.example,2024/05/01 10:00\n"
    path = tmp_path / "cases.csv"
    path.write_text(f"番号,件名,本文,氏名,メール,受付日時\n{row}{row}", encoding="utf-8")

    assert bring("csv", path, target).counts == {"case": {"created": 1}}
    with scope.everywhere(reason="a test looks at everything"):
        assert Message.objects.count() == 1


@pytest.mark.parametrize(
    "odd",
    ['{"role": "end-user", "name": "x"}', '{"x": ' + "[" * 100_000, '{"ticket_id": null}'],
    ids=str.split,
)
def test_objects_that_are_none_hinder_nobody(target: Target, tmp_path: Path, odd: str) -> None:
    path = export(tmp_path, lambda _ticket: None)
    path.write_text(f"{odd}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")

    assert bring("zendesk", path, target).counts["case"] == {"created": 2}


def test_a_name_makes_nobody_one_of_us(target: Target, tmp_path: Path) -> None:
    def spoil(ticket: dict[str, Any]) -> None:
        ticket["comments"][2]["author"] = {"id": 66, "name": "鈴木 一郎", "email": "stranger@evil.example"}

    bring("zendesk", export(tmp_path, spoil), target)

    with scope.everywhere(reason="a test looks at everything"):
        [note] = Note.objects.select_related("user")
        assert note.user_id == target.importer
        assert note.text.startswith("鈴木 一郎: ")


@pytest.mark.parametrize(("result", "author"), [("fail", "customer"), ("pass", "staff")])
def test_a_mail_that_only_says_it_is_ours_is_no_answer_of_ours(
    target: Target, settings: LazySettings, tmp_path: Path, result: str, author: str
) -> None:
    settings.TRUSTED_MAIL_SERVERS = ["mx.hinata.example"]
    raw = (
        f"Authentication-Results: mx.hinata.example; dmarc={result} header.from=hinata.example\n"
        f"From: {OURS}\nTo: sato@home.example\nSubject: refund\nMessage-ID: <s@x.example>\n"
        "Date: Wed, 01 May 2024 10:00:00 +0900\n\nWe promise.\n"
    ).encode()
    source = open_mbox((mbox(tmp_path / "in.mbox", raw),), Asked())

    run(source, target, report=Report(None), progress=lambda _n: None)

    with scope.everywhere(reason="a test looks at everything"):
        assert [message.author for message in Message.objects.all()] == [author]


def test_the_report_of_an_earlier_run_is_gone(target: Target, tmp_path: Path) -> None:
    path = export(tmp_path, lambda _ticket: None)
    old = path.with_suffix(".report")
    old.write_text("old")

    bring("zendesk", path, target)

    assert not old.exists()
