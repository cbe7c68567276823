"""Papers as they are read and seen: the words of the PDF, and the ink of its letters."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdf
import pytest

from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kept import as_kept, from_kept
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.paper import as_pdf, plain, yen
from madoguchi.commerce.documents.tax import Line, Rounding
from madoguchi.kernel.errors import Refused

POT = Line(name="①番急須", quantity=Decimal(2), unit_price=Decimal(3800), tax_rate=10)
TEA = Line(name="宇治煎茶", quantity=Decimal("0.350"), unit_price=Decimal(1980), tax_rate=8)
WHOLE = Document(
    kind=Kind.INVOICE,
    lines=(POT, TEA),
    number="INV-2026-000123",
    date=date(2026, 11, 29),
    due_date=date(2026, 12, 31),
    bank="みどり銀行 浅草支店",
    issuer=Party(name="㈱髙﨑商店", registration_number="T7000012050002", address="東京都台東区浅草橋1-2-3"),
    recipient=Party(name="𠮷野 森鷗外"),
)


def pages(document: Document) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(as_pdf(document))).pages]


def words(document: Document) -> str:
    return "\n".join(pages(document))


def test_all_that_the_law_wants_stands_on_an_invoice() -> None:
    said = words(WHOLE)

    for wanted in (
        "㈱髙﨑商店",
        "登録番号 T7000012050002",
        "取引年月日 2026年11月29日",
        "①番急須 2 3,800 10% 7,600",
        "宇治煎茶 ※ 0.35 1,980 8% 693",
        "※は軽減税率(8%)対象商品です。",
        "10%対象 ¥7,600 ¥760 ¥8,360",
        "8%対象(軽減税率) ¥693 ¥55 ¥748",
        "合計 ¥8,293 ¥815 ¥9,108",
        "𠮷野 森鷗外 様",
        "お支払期限 2026年12月31日",
    ):
        assert wanted in said
    assert "再発行" not in said
    assert "収入印紙" not in said


def test_every_letter_is_drawn_in_a_font_of_ours() -> None:
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(as_pdf(WHOLE))).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert {name.partition("+")[2] for name in fonts} == {
        "NotoSansCJKjp-Regular-Identity-H",
        "NotoSansCJKjp-Bold-Identity-H",
    }


def test_a_receipt_says_what_for_and_where_the_stamp_goes() -> None:
    pot = replace(POT, unit_price=Decimal(30_000))
    receipt = replace(WHOLE, kind=Kind.RECEIPT, lines=(pot,), purpose="茶器代", reissue=True)

    said = words(receipt)

    assert "但し 茶器代として" in said
    assert "領収金額 ¥66,000(税込)" in said
    assert "収入印紙 ¥200" in said
    assert "再発行" in said
    assert "お振込先" not in said
    assert "電子発行につき収入印紙は不要です" in words(replace(receipt, on_paper=False))
    assert "収入印紙" not in words(replace(receipt, by_card=True))


def test_a_return_slip_names_the_sale_that_it_takes_back() -> None:
    slip = replace(
        WHOLE, kind=Kind.RETURN_SLIP, original_date=date(2026, 11, 1), original_number="INV-2026-000099"
    )

    said = words(slip)

    assert "元の取引日 2026年11月1日" in said
    assert "元の番号 INV-2026-000099" in said
    assert "ご返金額 ¥9,108(税込)" in said


TERMS = replace(
    WHOLE,
    kind=Kind.WRITTEN_TERMS,
    original_number="O-1001",
    person="青木 翔",
    issuer=replace(WHOLE.issuer, phone="03-0000-0000", representative="代表取締役 髙﨑 誠"),
    terms=(("商品の引渡しの時期", "ご注文から5日以内に発送"), ("代金の支払の時期と方法", "代金引換")),
)


def test_written_terms_say_what_the_law_wants_with_the_notice_in_red() -> None:
    said = words(TERMS)

    for wanted in (
        "代表者 代表取締役 髙﨑 誠",
        "東京都台東区浅草橋1-2-3",
        "電話 03-0000-0000",
        "担当者 青木 翔",
        "契約年月日 2026年11月29日",
        "ご注文番号 O-1001",
        "①番急須 2 3,800 10% 7,600",
        "お支払い総額 ¥9,108(税込)",
        "商品の引渡しの時期 ご注文から5日以内に発送",
        "代金の支払の時期と方法 代金引換",
        "この書面の内容を十分にお読みください。",
        "を発した時に効力を生じます",
    ):
        assert wanted in said
    for part in ("受け取られた日を含めて8日間", "損害賠償や違約金", "利益に相当する金銭", "威迫して困惑"):
        assert part in said.replace("\n", "")
    assert "クーリング・オフ" not in words(WHOLE)
    assert from_kept(as_kept(TERMS)) == TERMS


@pytest.mark.parametrize(
    ("lacks", "field"),
    [
        ({"issuer": replace(TERMS.issuer, representative="")}, "issuer.representative"),
        ({"issuer": replace(TERMS.issuer, address="")}, "issuer.address"),
        ({"issuer": replace(TERMS.issuer, phone="")}, "issuer.phone"),
        ({"person": ""}, "person"),
        ({"terms": ()}, "terms"),
    ],
)
def test_terms_without_what_the_law_wants_become_no_paper(lacks: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as error:
        as_pdf(replace(TERMS, **lacks))
    assert error.value.field == field


def test_a_delivery_note_is_laid_out_too() -> None:
    assert "納品日 2026年11月29日" in words(replace(WHOLE, kind=Kind.DELIVERY_NOTE))


def test_many_lines_go_on_over_pages_with_the_heading_again() -> None:
    many = replace(WHOLE, lines=tuple(replace(POT, name=f"商品{n}番") for n in range(120)))

    found = pages(many)

    assert [f"商品{n}番" in "".join(found) for n in range(120)] == [True] * 120
    assert [page.count("品名") for page in found] == [1] * len(found)
    assert len(found) > 2
    assert found[-1].rstrip().endswith(f"{len(found)} / {len(found)}")


def test_no_word_is_taken_for_markup() -> None:
    notes = '#set text(red) *bold* $x$ "#read("/etc/passwd") \\ <a> @b'
    assert notes in words(replace(WHOLE, notes=notes))


def test_what_lacks_something_becomes_no_paper() -> None:
    with pytest.raises(Refused, match=r"issuer\.registration_number") as caught:
        as_pdf(replace(WHOLE, issuer=Party(name="㈱髙﨑商店")))
    assert caught.value.field == "issuer.registration_number"


@pytest.mark.parametrize(
    ("name", "addressed"),
    [
        ("株式会社みなと食堂", "株式会社みなと食堂 御中"),
        ("山田 花子", "山田 花子 様"),
        ("山田 花子 様", "山田 花子 様"),
        ("上様", "上様"),
    ],
)
def test_people_and_firms_are_addressed_as_they_are(name: str, addressed: str) -> None:
    assert addressed in words(replace(WHOLE, recipient=Party(name=name))).splitlines()


def test_what_is_kept_of_a_document_is_all_of_it() -> None:
    for document in (WHOLE, replace(WHOLE, rounding=Rounding.CEIL, original_date=date(2026, 1, 2))):
        assert from_kept(as_kept(document)) == document


def test_the_same_document_gives_the_same_bytes() -> None:
    assert as_pdf(WHOLE) == as_pdf(WHOLE)


def test_numbers_stand_as_they_are_read() -> None:
    assert [yen(n) for n in (0, -1234, 1_000_000)] == ["¥0", "-¥1,234", "¥1,000,000"]
    numbers = ("100", "0.350", "1234.50", "10")
    assert [plain(Decimal(n)) for n in numbers] == ["100", "0.35", "1,234.5", "10"]
