"""What campaigns take off, reckoned by hand: by line and by rate, who cannot have them and why, and pieces in stock."""

from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.commerce.campaigning import coupon_of, hindrance, off_lines, spread, with_campaign
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.models import Campaign, Product, ShippingRule, Variant
from madoguchi.commerce.quoting import Basket, Terms, parts_of, priced, total_with
from madoguchi.commerce.stock import Taken, divided
from madoguchi.storefronts.proving import is_from

FLOOR = Terms(rule=None, rounding=Rounding.FLOOR)


def one(price: int, *, code: str = "A", rate: int = 10, inside: bool = True) -> Variant:
    product = Product(name="品", code=code, tax_rate=rate, tax_included=inside)
    return Variant(product=product, code=code, name=code, unit_price=price)


KETTLE_AND_TEA: Basket = [(one(13_200), 1), (one(1_080, code="TEA", rate=8), 3)]


@pytest.mark.parametrize(
    ("said", "off"),
    [
        ({"kind": "percent", "amount": 10}, (1_320, 324)),
        ({"kind": "percent", "amount": 1}, (132, 32)),
        ({"kind": "percent", "amount": 100}, (13_200, 3_240)),
        ({"kind": "percent", "amount": 10, "products": ["A"]}, (1_320, 0)),
        ({"kind": "percent", "amount": 10, "products": ["TEA"]}, (0, 324)),
        ({"kind": "percent", "amount": 10, "products": ["NONE"]}, (0, 0)),
        ({"kind": "yen", "amount": 1_000}, (803, 197)),
        ({"kind": "yen", "amount": 1}, (1, 0)),
        ({"kind": "yen", "amount": 16_440}, (13_200, 3_240)),
        ({"kind": "yen", "amount": 99_999}, (13_200, 3_240)),
        ({"kind": "yen", "amount": 1_000, "products": ["TEA"]}, (0, 1_000)),
        ({"kind": "yen", "amount": 5_000, "products": ["TEA"]}, (0, 3_240)),
        ({"kind": "yen", "amount": 1_000, "products": ["NONE"]}, (0, 0)),
        ({"kind": "shipping", "amount": 0}, (0, 0)),
    ],
)
def test_how_much_is_off_each_line(said: dict[str, Any], off: tuple[int, int]) -> None:
    assert off_lines(Campaign(**said), KETTLE_AND_TEA) == off


@pytest.mark.parametrize(
    ("yen", "amounts", "shares"),
    [
        (0, (100, 200), (0, 0)),
        (3, (100, 200), (1, 2)),
        (1, (1, 1, 1), (1, 0, 0)),
        (2, (1, 1, 1), (1, 1, 0)),
        (100, (1, 1, 1), (34, 33, 33)),
        (10, (999, 1), (10, 0)),
        (10, (0, 0, 7), (0, 0, 10)),
        (7, (1, 2, 4), (1, 2, 4)),
        (5, (), ()),
        (5, (0, 0), (0, 0)),
    ],
)
def test_whole_yen_by_share(yen: int, amounts: tuple[int, ...], shares: tuple[int, ...]) -> None:
    assert spread(yen, amounts) == shares


@pytest.mark.parametrize(
    ("said", "by_rate", "saved"),
    [
        # 13,200 and 3,240 with the tax in them.
        ({"kind": "percent", "amount": 10}, [(10, 10_800, 1_080), (8, 2_700, 216)], 1_644),
        ({"kind": "yen", "amount": 1_000}, [(10, 11_270, 1_127), (8, 2_818, 225)], 1_000),
        ({"kind": "yen", "amount": 16_440}, [(10, 0, 0), (8, 0, 0)], 16_440),
        ({"kind": "percent", "amount": 10, "products": ["TEA"]}, [(10, 12_000, 1_200), (8, 2_700, 216)], 324),
    ],
)
def test_the_tax_is_reckoned_of_what_is_left(
    said: dict[str, Any], by_rate: list[tuple[int, int, int]], saved: int
) -> None:
    made = with_campaign(KETTLE_AND_TEA, FLOOR, Campaign(**said))

    assert [(each.rate, each.net, each.tax) for each in made.totals.by_rate] == by_rate
    assert made.saved == saved


@pytest.mark.parametrize(
    ("rounding", "net", "tax"),
    [(Rounding.FLOOR, 899, 89), (Rounding.HALF_UP, 899, 90), (Rounding.CEIL, 899, 90)],
)
def test_of_prices_without_tax_the_tax_falls_too(rounding: Rounding, net: int, tax: int) -> None:
    """10 % of 998 are 99.8 yen, of which 99 are taken off: prices are whole yen."""
    found = [(one(998, inside=False), 1)]
    made = with_campaign(found, Terms(rule=None, rounding=rounding), Campaign(kind="percent", amount=10))

    assert (made.totals.net, made.totals.tax) == (net, tax)


@pytest.mark.parametrize(
    ("amount", "fee"),
    [(100, 0), (1_000, 0), (1_001, 660), (5_000, 660)],
)
def test_whether_sending_is_free_goes_by_what_is_left(amount: int, fee: int) -> None:
    rule = ShippingRule(fee=660, free_from=4_000, regions={})
    made = with_campaign(
        [(one(5_000), 1)], Terms(rule=rule, rounding=Rounding.FLOOR), Campaign(kind="yen", amount=amount)
    )

    assert (made.fee, made.totals.total) == (fee, 5_000 - amount + fee)


@pytest.mark.parametrize(("price", "fee", "saved"), [(3_999, 660, 660), (4_000, 0, 0)])
def test_free_sending_saves_what_it_costs(price: int, fee: int, saved: int) -> None:
    terms = Terms(rule=ShippingRule(fee=660, free_from=4_000, regions={}), rounding=Rounding.FLOOR)
    found = [(one(price), 1)]
    made = with_campaign(found, terms, Campaign(kind="shipping"))

    assert total_with(found, terms).fee == fee
    assert (made.fee, made.saved, made.rule) == (0, saved, terms.rule)


@pytest.mark.parametrize(
    ("said", "times", "words"),
    [
        ({}, 0, ""),
        ({"quota": 3, "used": 2}, 0, ""),
        ({"quota": 3, "used": 3}, 0, "3"),
        ({"per_customer": 2}, 1, ""),
        ({"per_customer": 2}, 2, "2"),
        ({"per_customer": 1}, 4, "4"),
        ({"least": 16_440}, 0, ""),
        ({"least": 16_441}, 0, "16,441"),
        ({"least": 3_241, "products": ["TEA"]}, 0, "3,240"),
        ({"products": ["TEA"]}, 0, ""),
        ({"products": ["NONE"]}, 0, "other products"),
    ],
)
def test_why_an_order_cannot_have_it(said: dict[str, Any], times: int, words: str) -> None:
    with override("en"):
        why = hindrance(Campaign(name="Spring", **said), KETTLE_AND_TEA, times)

    assert (words in why, bool(why)) == (True, bool(words))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("haru-10", "HARU-10"),
        ("ｈａｒｕ　１０", "HARU10"),
        ("春割", "春割"),
        ("h a r u", "HARU"),
        ("x" * 60, "X" * 40),
    ],
)
def test_a_coupon_as_it_is_kept(written: str, kept: str) -> None:
    assert coupon_of(written) == kept


@pytest.mark.parametrize(
    ("total", "quantity", "parts"),
    [
        (0, 3, [(3, 0)]),
        (3_000, 3, [(3, 1_000)]),
        (3_001, 3, [(2, 1_000), (1, 1_001)]),
        (2_999, 3, [(1, 999), (2, 1_000)]),
        (1, 2, [(1, 0), (1, 1)]),
        (7, 1, [(1, 7)]),
    ],
)
def test_pieces_of_one_price_or_of_two(total: int, quantity: int, parts: list[tuple[int, int]]) -> None:
    assert parts_of(total, quantity) == parts


def test_lines_are_charged_with_the_price_of_before_beside() -> None:
    lines = [
        [(part.count, part.price, part.list_price) for part in parts]
        for parts in priced(KETTLE_AND_TEA, (0, 100))
    ]

    assert lines == [[(1, 13_200, None)], [(1, 1_046, 1_080), (2, 1_047, 1_080)]]
    assert [[part.list_price for part in parts] for parts in priced(KETTLE_AND_TEA)] == [[None], [None]]


@pytest.mark.parametrize(
    ("taken", "counts", "found"),
    [
        (Taken(None, 0), [2, 1], [Taken(None, 0), Taken(None, 0)]),
        (Taken({"本店": 3}, 0), [3], [Taken({"本店": 3}, 0)]),
        (Taken({"本店": 3}, 0), [2, 1], [Taken({"本店": 2}, 0), Taken({"本店": 1}, 0)]),
        (Taken({"本店": 2}, 1), [2, 1], [Taken({"本店": 2}, 0), Taken({}, 1)]),
        (Taken({"本店": 1}, 2), [2, 1], [Taken({"本店": 1}, 1), Taken({}, 1)]),
        (
            Taken({"本店": 1, "倉庫": 2}, 0),
            [2, 1],
            [Taken({"本店": 1, "倉庫": 1}, 0), Taken({"倉庫": 1}, 0)],
        ),
        (Taken({}, 3), [1, 2], [Taken({}, 1), Taken({}, 2)]),
    ],
)
def test_what_was_taken_out_of_stock_by_line(taken: Taken, counts: list[int], found: list[Taken]) -> None:
    assert divided(taken, counts) == found


@pytest.mark.parametrize(
    ("kind", "domain", "named", "right"),
    [
        ("own", "", "", True),
        ("own", "", "other.myshopify.com", True),
        ("shopify", "", "other.myshopify.com", False),
        ("shopify", "", "", False),
        ("shopify", "hana.myshopify.com", "hana.myshopify.com", True),
        ("shopify", "hana.myshopify.com", " HANA.myshopify.com ", True),
        ("shopify", "hana.myshopify.com", "", False),
        ("shopify", "hana.myshopify.com", "hana.myshopify.com.example", False),
        ("shopify", "hana.myshopify.com", "xhana.myshopify.com", False),
    ],
)
def test_a_shop_is_known_by_its_domain(kind: str, domain: str, named: str, right: bool) -> None:
    assert is_from({"X-Shopify-Shop-Domain": named}, kind=kind, domain=domain) is right
