"""What an order would come to: what sending costs where, what it is free from, and what is missing in stock."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.actions import write_shipping_rule
from madoguchi.commerce.delivering import PREFECTURES, phone_of, postcode_of, prefecture_of
from madoguchi.commerce.documents.tax import Line, Rounding, Sum, totals_of
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.models import Order, Product, ShippingRule, Variant
from madoguchi.commerce.quoting import (
    MOST_LINES,
    MOST_PIECES,
    MOST_YEN,
    basket,
    fee_for,
    quote,
    reckoned_now,
    shipping_lines,
)
from madoguchi.commerce.stock import missing_of
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
SHELL = system("test")
RULE = ShippingRule(fee=660, free_from=5_500, regions={"沖縄県": 1_500, "北海道": 0})


@pytest.mark.parametrize(
    ("amount", "prefecture", "fee"),
    [
        (5_499, "京都府", 660),
        (5_500, "京都府", 0),
        (5_501, "京都府", 0),
        (5_499, "沖縄県", 1_500),
        (5_500, "沖縄県", 0),
        (1, "北海道", 0),
        (1, "", 660),
        (0, "京都府", 660),
    ],
)
def test_what_sending_costs_and_from_when_it_is_free(amount: int, prefecture: str, fee: int) -> None:
    assert fee_for(RULE, amount, prefecture) == fee


@pytest.mark.parametrize(("free_from", "fee"), [(None, 660), (0, 0), (10**9, 660)])
def test_free_from_nothing_on_is_always_and_from_none_never(free_from: int | None, fee: int) -> None:
    assert fee_for(ShippingRule(fee=660, free_from=free_from, regions={}), 100_000, "京都府") == fee


def test_sending_is_one_line_at_the_standard_rate_with_tax() -> None:
    (line,) = shipping_lines(1_100)

    assert line == Line(
        name="送料", quantity=Decimal(1), unit_price=Decimal(1_100), tax_rate=10, tax_included=True
    )
    assert totals_of([line]).by_rate == (Sum(rate=10, net=1_000, tax=100),)
    assert shipping_lines(0) == []


@pytest.mark.parametrize(
    ("there", "count", "missing"),
    [(None, 9_999, 0), (5, 5, 0), (5, 6, 1), (0, 3, 3), (-2, 3, 3), (5, 1, 0)],
)
def test_how_many_are_not_there(there: int | None, count: int, missing: int) -> None:
    variant = Variant(name="")
    variant.in_stock = there  # type: ignore[attr-defined]

    assert missing_of(variant, count) == missing


def test_where_the_stock_was_not_asked_nothing_is_missing() -> None:
    assert missing_of(Variant(name=""), 9_999) == 0


def test_a_variant_is_reckoned_at_its_price_and_tax_of_now() -> None:
    tea = Variant(
        product=Product(name="宇治煎茶", tax_rate=8, tax_included=True), name="100g", unit_price=1_080
    )

    assert reckoned_now(tea, 3) == Line(
        name=str(tea), quantity=Decimal(3), unit_price=Decimal(1_080), tax_rate=8, tax_included=True
    )


@AT_ANY_SPEED
@given(st.integers(0, 20_000), st.integers(0, 20_000), st.sampled_from(["沖縄県", "北海道", "京都府", ""]))
def test_who_buys_more_never_pays_more_for_sending(one: int, other: int, prefecture: str) -> None:
    less, more = sorted((one, other))

    assert fee_for(RULE, more, prefecture) <= fee_for(RULE, less, prefecture)


@pytest.mark.parametrize("name", PREFECTURES)
def test_every_prefecture_is_known_by_how_an_address_begins(name: str) -> None:
    assert prefecture_of(f" {name}中央区1-1") == name
    assert [other for other in PREFECTURES if other.startswith(name)] == [name]


def test_there_are_forty_seven_from_north_to_south() -> None:
    assert (len(PREFECTURES), PREFECTURES[0], PREFECTURES[-1]) == (47, "北海道", "沖縄県")


@pytest.mark.parametrize(
    ("postcode", "prefecture"),
    [
        ("001-0010", "北海道"),
        ("010-0951", ""),  # 秋田
        ("030-0801", ""),  # 青森
        ("039-4601", ""),
        ("040-0001", "北海道"),
        ("099-6501", "北海道"),
        ("100-0001", ""),
        ("899-8608", ""),  # 鹿児島
        ("900-0001", "沖縄県"),
        ("907-1801", "沖縄県"),  # 与那国
        ("910-0001", ""),  # 福井
        ("", ""),
    ],
)
def test_of_postcodes_only_those_of_the_far_north_and_south_tell(postcode: str, prefecture: str) -> None:
    assert prefecture_of("中央区1-1", postcode) == prefecture


@pytest.mark.parametrize("written", ["604-800", "604-80055", "ABC-DEFG", "〒", "604_8005", "六〇四八〇〇五"])
def test_what_is_no_postcode_is_refused_in_its_own_words(written: str) -> None:
    with override("ja"), pytest.raises(Refused, match=f"「{written}」") as caught:
        postcode_of(written)
    assert (caught.value.field, "604-8005" in str(caught.value)) == ("postcode", True)


@pytest.mark.parametrize("written", ["12", "なし", "075-000", "+999"])
def test_what_is_no_phone_number_is_refused_in_its_own_words(written: str) -> None:
    with override("ja"), pytest.raises(Refused) as caught:
        phone_of(written)
    assert (caught.value.field, f"「{written}」" in str(caught.value)) == ("phone", True)


@AT_ANY_SPEED
@given(st.from_regex(r"[0-9]{7}", fullmatch=True))
def test_a_postcode_that_is_printed_is_read_as_itself(digits: str) -> None:
    printed = postcode_of(digits)

    assert printed == f"{digits[:3]}-{digits[3:]}"
    assert postcode_of(printed) == postcode_of(f"〒{printed}") == printed


@pytest.mark.django_db
def test_a_basket_that_nobody_buys_is_refused_at_its_field(world: World) -> None:
    company = world.ours.company.pk
    kettle = make_variant(world.ours.company, price=13_200)
    gone = make_variant(world.ours.company, name="終売", active=False)
    foreign = make_variant(world.theirs.company)
    with world.ours.scope(), override("en"):
        for pieces, field, words in (
            ((), "q", "Choose a product first."),
            (((kettle.pk, 1),) * (MOST_LINES + 1), "q", "An order takes 50 lines at most."),
            (((0, 1),), "q", "One of the products is not on sale any more."),
            (((kettle.pk, 1), (gone.pk, 1)), "q", "One of the products is not on sale any more."),
            (((foreign.pk, 1),), "q", "One of the products is not on sale any more."),
            (((kettle.pk, 0),), f"count-{kettle.pk}", "Write how many, from 1 to 9999."),
            (((kettle.pk, -1),), f"count-{kettle.pk}", "Write how many, from 1 to 9999."),
            (((kettle.pk, MOST_PIECES + 1),), f"count-{kettle.pk}", "Write how many, from 1 to 9999."),
        ):
            with pytest.raises(Refused) as caught:
                basket(pieces, company=company)
            assert (caught.value.field, str(caught.value)) == (field, words)
        assert basket(((kettle.pk, MOST_PIECES),), company=company) == [(kettle, MOST_PIECES)]


@pytest.mark.django_db
def test_a_quote_is_free_by_what_the_goods_come_to_and_says_what_is_missing(world: World) -> None:
    company = world.ours.company
    kettle = make_variant(company, price=2_750, stock=1, place="本店")
    tea = make_variant(company, name="宇治煎茶", price=1_080, tax_rate=8)
    with world.ours.scope():
        before = quote(
            basket(((kettle.pk, 1),), company=company.pk), company=company.pk, address="那覇市", postcode=""
        )
        rule = write_shipping_rule(company, fee=660, free_from=5_500, regions={"沖縄県": 1_500}, by=SHELL)
        asked = [
            quote(basket(pieces, company=company.pk), company=company.pk, address=address, postcode=postcode)
            for pieces, address, postcode in (
                (((kettle.pk, 1), (tea.pk, 2)), "那覇市泉崎", "900-0021"),
                (((kettle.pk, 1), (tea.pk, 2)), "京都市中京区", "604-8005"),
                (((kettle.pk, 2),), "那覇市泉崎", "900-0021"),
            )
        ]
        kept = Order.objects.count()
    assert (before.fee, before.rule, before.totals.total, before.missing) == (0, None, 2_750, 0)
    assert [(one.fee, one.totals.total, one.missing, one.rule) for one in asked] == [
        (1_500, 6_410, 0, rule),
        (660, 5_570, 0, rule),
        (0, 5_500, 1, rule),
    ]
    assert asked[0].totals.by_rate == (Sum(rate=10, net=3_864, tax=386), Sum(rate=8, net=2_000, tax=160))
    assert (asked[0].rounding, kept) == (Rounding.FLOOR, 0)


@pytest.mark.django_db
def test_where_days_alone_are_said_nothing_is_charged_but_in_regions_with_a_fee(world: World) -> None:
    company = world.ours.company
    kettle = make_variant(company, price=2_750)
    fees = []
    with world.ours.scope():
        for regions in ({}, {"沖縄県": 1_500}):
            write_shipping_rule(company, fee=None, free_from=None, regions=regions, days=2, by=SHELL)
            for address in ("京都市中京区", "沖縄県那覇市"):
                found = basket(((kettle.pk, 1),), company=company.pk)
                one = quote(found, company=company.pk, address=address, postcode="")
                fees.append((one.fee, one.totals.total))
    assert fees == [(0, 2_750), (0, 2_750), (0, 2_750), (1_500, 4_250)]


@pytest.mark.django_db
def test_more_than_anybody_pays_is_refused(world: World) -> None:
    company = world.ours.company
    dear = make_variant(company, price=MOST_YEN // 20)
    with world.ours.scope(), override("en"):
        just = quote(
            basket(((dear.pk, 20),), company=company.pk), company=company.pk, address="京都市", postcode=""
        )
        with pytest.raises(Refused) as caught:
            quote([(dear, 21)], company=company.pk, address="京都市", postcode="")
    assert (just.totals.total, str(caught.value)) == (
        MOST_YEN,
        "An order comes to 1,000,000,000 yen at most.",
    )
