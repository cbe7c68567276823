"""Documents as they are written: what is read, what is refused, and what the law wants on them."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.documents.document import Document, missing_from
from madoguchi.commerce.documents.kinds import NAMES, Kind, kind_named
from madoguchi.commerce.documents.registration import check_digit, registration_number
from madoguchi.commerce.documents.said import as_words
from madoguchi.commerce.documents.stamps import stamp_for
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.documents.written import read_document
from madoguchi.kernel.errors import Refused

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEA = {"name": "宇治煎茶 100g", "quantity": 3, "unit_price": 1080, "tax_rate": 8, "tax_included": False}
POT = {"name": "①番急須", "quantity": 2, "unit_price": 3800, "tax_rate": 10, "tax_included": False}
WHOLE: dict[str, Any] = {
    "number": "INV-2026-000123",
    "date": "2026-11-29",
    "issuer": {"name": "㈱髙﨑商店", "registration_number": "T7000012050002"},
    "recipient": {"name": "株式会社みなと食堂"},
    "lines": [POT, TEA],
}


def read(said: Any, kind: Kind = Kind.INVOICE) -> Document:
    return read_document(kind, json.dumps(said).encode())


def refused(said: Any) -> tuple[str, str]:
    with translation.override("en"), pytest.raises(Refused) as caught:
        read(said)
    return str(caught.value), caught.value.field


def with_line(**changes: Any) -> dict[str, Any]:
    return WHOLE | {"lines": [POT | changes]}


def test_a_whole_invoice_says_what_it_comes_to() -> None:
    assert as_words(read(WHOLE)) == {
        "kind": "invoice",
        "name": "請求書",
        "number": "INV-2026-000123",
        "date": "2026-11-29",
        "rounding": "floor",
        "totals": {"net": 10_840, "tax": 1_019, "total": 11_859},
        "by_rate": [
            {"tax_rate": 10, "reduced": False, "net": 7_600, "tax": 760, "total": 8_360},
            {"tax_rate": 8, "reduced": True, "net": 3_240, "tax": 259, "total": 3_499},
        ],
        "lines": [
            {"name": "①番急須", "amount": 7_600, "tax_rate": 10, "tax_included": False, "reduced": False},
            {"name": "宇治煎茶 100g", "amount": 3_240, "tax_rate": 8, "tax_included": False, "reduced": True},
        ],
        "reissue": False,
        "missing": [],
    }


def test_all_that_may_stand_in_a_file_is_read() -> None:
    found = read(
        WHOLE
        | {
            "rounding": "四捨五入",
            "medium": "electronic",
            "by_card": True,
            "reissue": True,
            "purpose": "お茶代",
            "due_date": "2026-12-31",
            "bank": "みどり銀行 浅草支店",
            "original_number": "INV-1",
            "original_date": "2026-11-01",
            "notes": "一行目\n二行目",
            "recipient": "山田 花子",
        }
    )

    assert (found.rounding, found.on_paper, found.by_card, found.reissue) == (
        Rounding.HALF_UP,
        False,
        True,
        True,
    )
    assert (found.purpose, found.bank, found.original_number) == ("お茶代", "みどり銀行 浅草支店", "INV-1")
    assert (found.due_date, found.original_date) == (date(2026, 12, 31), date(2026, 11, 1))
    assert (found.notes, found.recipient.name) == ("一行目\n二行目", "山田 花子")


def test_numbers_are_read_exactly_however_they_are_written() -> None:
    (found,) = read(with_line(quantity="1,000", unit_price="0.1", tax_rate="10%")).lines
    assert (found.quantity, found.unit_price, found.tax_rate) == (Decimal(1000), Decimal("0.1"), 10)
    (found,) = read_document(
        Kind.INVOICE, b'{"lines": [{"name": "a", "quantity": 0.1, "unit_price": 3, "tax_rate": 0.08}]}'
    ).lines
    assert (found.quantity, found.tax_rate) == (Decimal("0.1"), 8)


def test_a_bare_list_is_lines() -> None:
    assert as_words(read([POT]))["totals"] == {"net": 7_600, "tax": 760, "total": 8_360}


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        (
            Kind.INVOICE,
            ["issuer.name", "issuer.registration_number", "date", "recipient.name"],
        ),
        (Kind.RECEIPT, ["issuer.name", "date", "recipient.name"]),
        (Kind.DELIVERY_NOTE, ["issuer.name", "date", "recipient.name"]),
        (
            Kind.RETURN_SLIP,
            ["issuer.name", "issuer.registration_number", "date", "original_date"],
        ),
    ],
)
def test_what_the_law_wants_is_named_where_it_lacks(kind: Kind, missing: list[str]) -> None:
    assert as_words(read([POT], kind))["missing"] == missing


@pytest.mark.parametrize("name", ["issuer", "recipient", "date"])
def test_each_is_missed_alone(name: str) -> None:
    said = {key: value for key, value in WHOLE.items() if key != name}
    assert {field.partition(".")[0] for field, _words in missing_from(read(said))} == {name}


@pytest.mark.parametrize(
    ("said", "words", "field"),
    [
        ({}, "“lines” is missing: a document has one line at least.", "lines"),
        ({"lines": {}}, "“lines” is a list of objects.", "lines"),
        (
            {"lines": ["a"]},
            "“lines[1]” is an object with name, quantity, unit_price and tax_rate.",
            "lines[1]",
        ),
        (with_line(name=""), "“lines[1].name” is missing.", "lines[1].name"),
        (with_line(name=3), "“lines[1].name” is text.", "lines[1].name"),
        (with_line(name="あ" * 201), "“lines[1].name” is longer than 200 letters.", "lines[1].name"),
        (with_line(quantity=None), "“lines[1].quantity” is missing.", "lines[1].quantity"),
        (with_line(quantity="三"), "“lines[1].quantity” is no number: 三.", "lines[1].quantity"),
        (with_line(quantity=True), "“lines[1].quantity” is no number: true.", "lines[1].quantity"),
        (with_line(quantity="NaN"), "“lines[1].quantity” is no number: NaN.", "lines[1].quantity"),
        (with_line(unit_price="1_000"), "“lines[1].unit_price” is no number: 1_000.", "lines[1].unit_price"),
        (
            with_line(unit_price="1" * 11),
            "“lines[1].unit_price” takes 10 digits, and 6 after the point.",
            "lines[1].unit_price",
        ),
        (
            with_line(tax_rate=7),
            "“lines[1].tax_rate” is 7; known are 10、8、0 percent.",
            "lines[1].tax_rate",
        ),
        (
            with_line(tax_included="no"),
            "“lines[1].tax_included” is true or false.",
            "lines[1].tax_included",
        ),
        (WHOLE | {"date": "29.11.2026"}, "“date” is no date like 2026-11-29: 29.11.2026.", "date"),
        (WHOLE | {"date": 20261129}, "“date” is no date like 2026-11-29: 20261129.", "date"),
        (WHOLE | {"medium": "stone"}, "“medium” is one of: paper、紙、electronic、電子.", "medium"),
        (WHOLE | {"issuer": 3}, "“issuer” is an object with “name”.", "issuer"),
        (
            WHOLE | {"issuer": {"name": "㈱髙﨑商店", "registration_number": "T123"}},
            "The registration number “T123” is not T and 13 digits.",
            "issuer.registration_number",
        ),
        (
            WHOLE | {"terms": {}},
            "“terms” is a list of 20 objects at most, each with title and words.",
            "terms",
        ),
        (WHOLE | {"terms": ["x"]}, "“terms[1]” is an object with title and words.", "terms[1]"),
        (WHOLE | {"terms": [{"title": "引渡し"}]}, "“terms[1].words” is missing.", "terms[1].words"),
        (WHOLE | {"terms": [{"words": "5日"}]}, "“terms[1].title” is missing.", "terms[1].title"),
        ("three", "The file holds no document: a JSON object with “lines” is wanted.", ""),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(said: Any, words: str, field: str) -> None:
    assert refused(said) == (words, field)


@pytest.mark.parametrize(
    ("said", "words", "field"),
    [
        (
            with_line(taxIncluded=True),
            "“lines[1].taxIncluded” is unknown; “tax_included” is meant?",
            "lines[1].taxIncluded",
        ),
        (WHOLE | {"Lines": []}, "“Lines” is unknown; “lines” is meant?", "Lines"),
        (
            WHOLE | {"issuer": {"name": "㈱髙﨑商店", "registrationNumber": "T7000012050002"}},
            "“issuer.registrationNumber” is unknown; “registration_number” is meant?",
            "issuer.registrationNumber",
        ),
        (
            WHOLE | {"recipient": {"name": "みなと食堂", "xyz": 1}},
            "“recipient.xyz” is unknown; known are name, registration_number, address, phone, mail, representative.",
            "recipient.xyz",
        ),
    ],
)
def test_a_name_that_nobody_knows_is_refused_with_the_nearest_known_one(
    said: Any, words: str, field: str
) -> None:
    assert refused(said) == (words, field)


def test_names_with_a_line_before_them_are_remarks() -> None:
    said = with_line(_why="おまけ") | {"_form": {"version": 2}, "recipient": {"name": "山田", "_id": 3}}
    assert as_words(read(said))["totals"] == {"net": 7_600, "tax": 760, "total": 8_360}


def test_a_name_said_twice_is_refused() -> None:
    content = b'{"lines": [{"name": "a", "quantity": 1, "unit_price": 1, "quantity": 2, "tax_rate": 10}]}'
    with translation.override("en"), pytest.raises(Refused, match="“quantity” is said twice") as caught:
        read_document(Kind.INVOICE, content)
    assert caught.value.field == "quantity"


@pytest.mark.parametrize(
    ("rate", "percent"),
    [(0.1, 10), (0.08, 8), (10, 10), ("10%", 10), ("8 %", 8), ("0.1", 10), (0, 0), ("0%", 0)],
)
def test_a_rate_is_percent_or_a_part_of_one(rate: Any, percent: int) -> None:
    assert read(with_line(tax_rate=rate)).lines[0].tax_rate == percent


@pytest.mark.parametrize("rate", ["0.1%", "0.08%", "0.1\uff05", 0.5, 1, -10])
def test_what_is_no_rate_is_refused(rate: Any) -> None:
    words, field = refused(with_line(tax_rate=rate))
    assert (words.endswith("; known are 10、8、0 percent."), field) == (True, "lines[1].tax_rate")


@pytest.mark.parametrize("quantity", ["1.0000000", "1.00000000000000000000"])
def test_zeros_after_the_point_say_nothing(quantity: str) -> None:
    content = json.dumps(with_line()).replace('"quantity": 2', f'"quantity": {quantity}').encode()
    assert read_document(Kind.INVOICE, content).lines[0].quantity == 1
    words, _field = refused(with_line(quantity="1.0000001"))
    assert words == "“lines[1].quantity” takes 10 digits, and 6 after the point."


@pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.RECEIPT])
def test_nobody_is_asked_for_less_than_nothing(kind: Kind) -> None:
    off = {"name": "お値引き", "quantity": 1, "unit_price": -7_600, "tax_rate": 10}
    assert read([POT, off], kind).totals.total == 0
    with translation.override("en"), pytest.raises(Refused) as caught:
        read([POT, off | {"unit_price": -7_601}], kind)
    said = "This comes to less than nothing (-1 yen). What is given back goes on a return slip, return-slip."
    assert (str(caught.value), caught.value.field) == (said, "lines")
    assert read([POT, off | {"unit_price": -7_601}], Kind.DELIVERY_NOTE).totals.total == -1


def test_a_line_over_a_trillion_yen_is_refused() -> None:
    assert read(with_line(quantity=1_000, unit_price=10**9)).totals.net == 10**12
    for price in (10**9, -(10**9)):
        words, field = refused(with_line(quantity=1_001, unit_price=price))
        assert (words, field) == ("“lines[1]” comes to more than 1,000,000,000,000 yen.", "lines[1]")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is no JSON: line 1, column 1."),
        (b"{", "The file is no JSON: line 1, column 2."),
        ('{"lines": "茶"}'.encode("cp932"), "The file is not written in UTF-8."),
        (b"[" * 100_000, "The file is no JSON that could be read."),
        (b'{"lines": [{"quantity": NaN}]}', "“NaN” is no number."),
        (b'{"a": ' + b"9" * 5_000 + b"}", "The file is no JSON that could be read."),
        (b" " * 2_000_001, "The file is larger than 2000000 bytes."),
    ],
)
def test_what_is_no_document_is_refused_in_words(content: bytes, words: str) -> None:
    with translation.override("en"), pytest.raises(Refused) as caught:
        read_document(Kind.INVOICE, content)
    assert str(caught.value) == words


def test_it_is_refused_in_japanese_too() -> None:
    with translation.override("ja"), pytest.raises(Refused) as caught:
        read(with_line(quantity="三"))
    assert str(caught.value) == "「lines[1].quantity」は数ではありません: 三"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WHOLE, *POT]), inner),
    max_leaves=12,
)


# Anything at all, and whole documents of which one thing says something else.
written = (
    values
    | st.builds(lambda key, value: WHOLE | {key: value}, st.sampled_from([*WHOLE]), values)
    | st.builds(lambda key, value: with_line(**{key: value}), st.sampled_from([*POT]), values)
)


def came_of(said: Any, kind: Kind) -> dict[str, Any] | str:
    """What it comes to, or in which words it is refused."""
    try:
        return as_words(read(said, kind))
    except Refused as refused:
        return str(refused)


@AT_ANY_SPEED
@given(written, st.sampled_from(list(Kind)))
def test_what_is_written_is_refused_in_words_or_comes_to_whole_yen(said: Any, kind: Kind) -> None:
    words = came_of(said, kind)
    if isinstance(words, str):
        assert words != ""
        return
    figures = [words["totals"], *words["by_rate"]]
    assert {type(one[name]) for one in figures for name in ("net", "tax", "total")} == {int}
    assert all(one["net"] + one["tax"] == one["total"] for one in figures)
    assert sum(one["total"] for one in words["by_rate"]) == words["totals"]["total"]


def test_both_are_tried() -> None:
    """What is made up above is not refused always."""
    assert as_words(read(WHOLE | {"number": "7"}))["totals"]["total"] == 11_859
    with pytest.raises(Refused):
        read(WHOLE | {"lines": None})


def test_kinds_have_english_and_japanese_names() -> None:
    assert {kind_named(name) for name in ("invoice", "適格請求書", "請求書", "INVOICE")} == {Kind.INVOICE}
    assert kind_named("delivery_note") == kind_named("納品書") == Kind.DELIVERY_NOTE
    assert [kind_named(name) for kind in Kind for name in (kind.value, *NAMES[kind])] == [
        kind for kind in Kind for _name in (kind.value, *NAMES[kind])
    ]
    with pytest.raises(Refused, match="見積書"):
        kind_named("見積書")


@pytest.mark.parametrize("number", ["7000012050002", "1180301018771", "7010001008844", "5010401067252"])
def test_real_corporate_numbers_pass(number: str) -> None:
    assert check_digit(number[1:]) == int(number[0])
    assert registration_number(f"t{number}") == f"T{number}"
    assert registration_number(f"T{number[:1]}-{number[1:]}") == f"T{number}"


@AT_ANY_SPEED
@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_found_but_for_nine_in_place_of_nothing(
    twelve: str, place: int, more: int
) -> None:
    wrong = twelve[:place] + str((int(twelve[place]) + more) % 10) + twelve[place + 1 :]
    same = check_digit(wrong) == check_digit(twelve)
    assert same == ({twelve[place], wrong[place]} == {"0", "9"})
    assert 1 <= check_digit(twelve) <= 9


def test_a_mistyped_registration_number_is_told_with_what_was_expected() -> None:
    said = WHOLE | {"issuer": {"name": "㈱髙﨑商店", "registration_number": "T7000012050003"}}
    words = "The registration number T7000012050003 is mistyped: by its other digits the first would be 6."
    assert refused(said) == (words, "issuer.registration_number")


@pytest.mark.parametrize(
    ("received", "yen"),
    [
        (49_999, 0),
        (50_000, 200),
        (1_000_000, 200),
        (1_000_001, 400),
        (3_000_000, 600),
        (1_000_000_000, 150_000),
        (1_000_000_001, 200_000),
        (-60_000, 0),
    ],
)
def test_receipts_on_paper_need_a_stamp_by_what_was_received_without_tax(received: int, yen: int) -> None:
    assert stamp_for(received, on_paper=True, by_card=False) == yen
    assert stamp_for(received, on_paper=False, by_card=False) == 0
    assert stamp_for(received, on_paper=True, by_card=True) == 0


def test_no_other_paper_needs_a_stamp() -> None:
    said = with_line(unit_price=50_000, quantity=1)
    assert [read(said, kind).stamp for kind in Kind] == [0, 200, 0, 0, 0]
