"""Tax: one rounding per rate per document, whatever the lines."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.documents.tax import Line, Rounding, Sum, Totals, totals_of, whole_yen

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PRICES = (1_111, 2_223, 3_339, 4_447, 5_551)


def line(
    price: int | str, quantity: int | str = 1, *, rate: int = 10, included: bool = False, name: str = "急須"
) -> Line:
    return Line(
        name=name,
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
        tax_rate=rate,
        tax_included=included,
    )


def test_five_lines_are_rounded_once_and_not_one_by_one() -> None:
    found = totals_of([line(price) for price in PRICES])

    assert found == Totals(by_rate=(Sum(rate=10, net=16_671, tax=1_667),))
    assert (found.net, found.tax, found.total) == (16_671, 1_667, 18_338)
    assert sum(totals_of([line(price)]).tax for price in PRICES) == 1_665


def test_prices_with_tax_are_backed_out_once() -> None:
    found = totals_of([line(price, included=True) for price in PRICES])

    assert (found.net, found.tax, found.total) == (15_156, 1_515, 16_671)


@pytest.mark.parametrize(
    ("rounding", "tax"), [(Rounding.FLOOR, 1_667), (Rounding.HALF_UP, 1_667), (Rounding.CEIL, 1_668)]
)
def test_the_company_says_how_a_part_of_a_yen_is_rounded(rounding: Rounding, tax: int) -> None:
    assert totals_of([line(price) for price in PRICES], rounding).tax == tax


def test_half_a_yen_goes_up_by_half_up_alone() -> None:
    assert [totals_of([line(105)], rounding).tax for rounding in Rounding] == [10, 11, 11]


def test_both_rates_stand_apart_the_higher_first() -> None:
    found = totals_of([line(1_080, 3, rate=8), line(3_800, 2), line(-500)])

    assert found.by_rate == (Sum(rate=10, net=7_100, tax=710), Sum(rate=8, net=3_240, tax=259))
    assert [one.reduced for one in found.by_rate] == [False, True]
    assert found.total == 11_309


def test_what_is_free_of_tax_has_none() -> None:
    assert totals_of([line(1_000, rate=0), line(500, rate=0, included=True)]).by_rate == (
        Sum(rate=0, net=1_500, tax=0),
    )


def test_a_part_of_a_quantity_makes_a_whole_price() -> None:
    assert line("1980", "0.35", rate=8).amount(Rounding.FLOOR) == 693
    assert line("12.5", "3").amount(Rounding.FLOOR) == 37
    assert line("12.5", "3").amount(Rounding.HALF_UP) == 38


def test_prices_with_and_without_tax_of_one_rate_are_brought_to_one_sum() -> None:
    """108 yen without tax are 118 with it; of 118 + 115 the tax is taken once: 233 × 10 / 110 = 21.18…"""
    assert totals_of([line(108), line(115, included=True)]).by_rate == (Sum(rate=10, net=212, tax=21),)


lines = st.lists(
    st.builds(
        Line,
        name=st.just("品"),
        quantity=st.decimals(-999, 999, places=2),
        unit_price=st.decimals(-99_999, 99_999, places=1),
        tax_rate=st.sampled_from([10, 8, 0]),
        tax_included=st.booleans(),
    ),
    min_size=1,
    max_size=20,
)
roundings = st.sampled_from(list(Rounding))


@AT_ANY_SPEED
@given(lines, roundings, st.randoms())
def test_the_order_of_lines_changes_nothing(found: list[Line], rounding: Rounding, random: "object") -> None:
    other = list(found)
    random.shuffle(other)  # type: ignore[attr-defined]
    assert totals_of(other, rounding) == totals_of(found, rounding)


@AT_ANY_SPEED
@given(lines, roundings)
def test_what_is_given_back_cancels_what_was_paid(found: list[Line], rounding: Rounding) -> None:
    back = [
        Line(
            name=x.name,
            quantity=-x.quantity,
            unit_price=x.unit_price,
            tax_rate=x.tax_rate,
            tax_included=x.tax_included,
        )
        for x in found
    ]
    paid, returned = totals_of(found, rounding), totals_of(back, rounding)
    assert [(one.rate, -one.net, -one.tax) for one in returned.by_rate] == [
        (one.rate, one.net, one.tax) for one in paid.by_rate
    ]


@AT_ANY_SPEED
@given(lines, roundings)
def test_parts_add_up_and_the_tax_is_less_than_a_yen_from_exact(
    found: list[Line], rounding: Rounding
) -> None:
    totals = totals_of(found, rounding)
    assert totals.total == totals.net + totals.tax == sum(one.net + one.tax for one in totals.by_rate)
    for one in totals.by_rate:
        here = [x for x in found if x.tax_rate == one.rate]
        amounts = sum(x.amount(rounding) for x in here)
        if all(x.tax_included for x in here):
            assert one.total == amounts
            assert abs(one.tax - Fraction(amounts * one.rate, 100 + one.rate)) < 1
        elif not any(x.tax_included for x in here):
            assert one.net == amounts
            assert abs(one.tax - Fraction(amounts * one.rate, 100)) < 1
        else:
            assert abs(one.tax - Fraction(one.total * one.rate, 100 + one.rate)) < 1


@AT_ANY_SPEED
@given(st.fractions(), roundings)
def test_rounding_is_the_same_on_both_sides_of_nothing(exact: Fraction, rounding: Rounding) -> None:
    assert whole_yen(-exact, rounding) == -whole_yen(exact, rounding)
    assert abs(whole_yen(exact, rounding) - exact) < 1
