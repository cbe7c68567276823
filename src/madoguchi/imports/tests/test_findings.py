"""What records came to is counted on from where it was; the first of them are shown, and nothing of a card."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from madoguchi.imports.attached import OnDisk
from madoguchi.imports.findings import MOST_SAMPLES, begun_anew, noted, report_of, sample_of
from madoguchi.imports.outcomes import Came, Outcome
from madoguchi.imports.records import Bad, By, Mail, Meant, Person, Record, Said, Ticket
from madoguchi.imports.tests.desks import mail

NOON = datetime(2024, 5, 1, 3, tzinfo=UTC)
HER = Person(id="11", name="佐藤 花子", emails=("hanako@home.example",), phones=("03-1234-5678",), at=NOON)


def ticket(
    *,
    subject: str = "届きません",
    text: str = "注文した品が届きません。",
    customer: Person = HER,
    files: tuple[OnDisk, ...] = (),
) -> Ticket:
    said = Said(id="1", by=By.CUSTOMER, at=NOON, text=text, files=files)
    return Ticket(id="35", subject=subject, customer=customer, said=(said,), place="t.json line 1")


def came(outcome: Outcome, *reasons: str, kind: str = "case", words: tuple[Meant, ...] = ()) -> Came:
    return Came(kind, outcome, "t.json line 1", "35", reasons, words)


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (
            ticket(),
            {"kind": "case", "who": "佐藤 花子", "what": "届きません", "place": "t.json line 1"},
        ),
        (
            ticket(subject="", text="注文した\n品です。"),
            {"kind": "case", "who": "佐藤 花子", "what": "注文した 品です。", "place": "t.json line 1"},
        ),
        (
            ticket(customer=Person(emails=("a@a.example",))),
            {"kind": "case", "who": "a@a.example", "what": "届きません", "place": "t.json line 1"},
        ),
        (
            ticket(customer=Person(phones=("090-1111-2222",))),
            {"kind": "case", "who": "090-1111-2222", "what": "届きません", "place": "t.json line 1"},
        ),
        (
            HER,
            {
                "kind": "customer",
                "who": "佐藤 花子",
                "what": "hanako@home.example 03-1234-5678",
                "place": "",
            },
        ),
        (
            Mail("m1", mail(NOON), NOON, "box #1"),
            {"kind": "mail", "who": "佐藤 花子", "what": "届きません", "place": "box #1"},
        ),
        (
            Mail("m1", mail(NOON, sender="hanako@home.example"), NOON, "box #1"),
            {"kind": "mail", "who": "hanako@home.example", "what": "届きません", "place": "box #1"},
        ),
    ],
)
def test_a_record_is_shown_by_whom_it_is_of_and_what_it_is_about(
    record: Ticket | Person | Mail, shown: dict[str, str]
) -> None:
    assert sample_of(record) == shown | {"at": NOON.isoformat()}


def test_of_when_nothing_is_known_nothing_is_said() -> None:
    assert sample_of(Mail("m1", mail(NOON), None, "box #1"))["at"] == ""


def test_a_card_number_is_not_shown() -> None:
    shown = sample_of(ticket(subject="4111 1111 1111 1111 で払いました"))

    assert "1111 1111" not in shown["what"]
    assert shown["what"].endswith("で払いました")


def test_what_is_long_is_cut() -> None:
    assert len(sample_of(ticket(subject="長" * 500))["what"]) == 120


def test_what_came_is_counted_on_from_where_it_was() -> None:
    unknown, known = Meant("status", "様子見"), Meant("status", "完了", "closed")
    first = noted(
        {"guessed": {"letters": "utf-8"}},
        [came(Outcome.CREATED, words=(known,)), came(Outcome.FAILED, "無理", kind="unreadable")],
        [ticket()],
    )

    whole = noted(first, [came(Outcome.CREATED, words=(known,)), came(Outcome.UPDATED, "一部")], [HER])

    assert whole["counts"] == {
        "case": {"created": 2, "updated": 1},
        "unreadable": {"failed": 1},
    }
    assert whole["words"] == [["status", "完了", "closed", 2]]
    assert (whole["lines"], whole["guessed"]) == (2, {"letters": "utf-8"})
    assert [one["kind"] for one in whole["samples"]] == ["case", "customer"]
    again = noted(whole, [came(Outcome.FAILED, words=(unknown,))], [])
    assert again["words"][0] == ["status", "様子見", "", 1]
    assert report_of(again).failed == 2


def test_no_more_than_the_first_are_shown_and_nothing_that_cannot_be_read() -> None:
    records: list[Record] = [Bad("t.json line 1", "無理"), *[HER] * (MOST_SAMPLES + 5)]

    found = noted({}, [], records)
    found = noted(found, [], records)

    assert [one["kind"] for one in found["samples"]] == ["customer"] * MOST_SAMPLES


def test_what_is_brought_in_is_counted_anew_and_what_is_known_of_the_files_stays() -> None:
    looked = noted(
        {"guessed": {"name": "誰"}, "headings": ["誰"]}, [came(Outcome.CREATED, "一部")], [ticket()]
    )

    anew = begun_anew(looked)

    assert set(anew) == {"guessed", "headings", "samples"}
    assert noted(anew, [came(Outcome.SKIPPED)], [])["counts"] == {"case": {"skipped": 1}}


def test_files_that_came_with_it_are_not_read_to_show_it(tmp_path: Path) -> None:
    absent = OnDisk(tmp_path / "absent.pdf", "absent.pdf", "application/pdf", 10)

    assert sample_of(ticket(files=(absent,)))["what"] == "届きません"
