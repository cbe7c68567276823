"""Goods that come back: what is given back is what was paid, to the yen, in however many parts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, set_up_shop, write_policy, write_shipping_rule
from madoguchi.commerce.documents.kept import as_kept, from_kept
from madoguchi.commerce.documents.tax import RATES, Line, Rounding, given_back, totals_of
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import IssuedDocument, Order, Return, Stock
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.returning import (
    ask_return,
    exchange,
    give_slip,
    inspect,
    left_to_return,
    refund,
    refuse,
    slip_of,
)
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
LINE = st.tuples(st.integers(1, 6), st.integers(0, 30_000), st.sampled_from(RATES), st.booleans())


def lines(rows: list[tuple[int, int, int, bool]], counts: list[int]) -> list[Line]:
    return [
        Line(name="品", quantity=Decimal(n), unit_price=Decimal(price), tax_rate=rate, tax_included=included)
        for (_count, price, rate, included), n in zip(rows, counts, strict=True)
        if n
    ]


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(LINE, min_size=1, max_size=6), rounding=st.sampled_from(Rounding), data=st.data())
def test_all_parts_together_are_what_was_paid_and_none_is_more(
    rows: list[tuple[int, int, int, bool]], rounding: Rounding, data: st.DataObject
) -> None:
    left = [row[0] for row in rows]
    paid, back = totals_of(lines(rows, left), rounding), dict.fromkeys(RATES, (0, 0))
    while any(left):
        part = [data.draw(st.integers(0, n)) for n in left]
        after = [n - k for n, k in zip(left, part, strict=True)] if any(part) else [0] * len(left)
        totals = given_back(lines(rows, left), lines(rows, after), rounding)
        for one in totals.by_rate:
            assert one.net >= 0
            assert one.tax >= 0
            back[one.rate] = (back[one.rate][0] + one.net, back[one.rate][1] + one.tax)
        left = after
        assert sum(map(sum, back.values())) <= paid.total
    assert {rate: sums for rate, sums in back.items() if any(sums)} == {
        one.rate: (one.net, one.tax) for one in paid.by_rate if one.total
    }


@pytest.fixture
def case(world: World, db: None) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def order(world: World, case: Case) -> Order:
    """Two kettles and three packs of tea, with what sending cost, delivered and paid."""
    company = world.ours.company
    kettle = make_variant(company, name="南部鉄瓶", price=13_333, stock=5, place="本店")
    tea = make_variant(company, name="宇治煎茶", price=1_081, tax_rate=8)
    with world.ours.scope(), clock.held_at(NOON):
        set_up_shop(company, name="花もと", registration_number="T7000012050002", by=SHELL)
        write_policy(company, words="到着後8日以内", days=8, by=SHELL)
        write_shipping_rule(company, fee=660, free_from=None, regions={}, by=SHELL)
        made = order_of(case.customer_id, case.desk_id, (kettle, 2), (tea, 3), case=case.pk)
        move_order(made, "shipped", by=SHELL)
        move_order(made, "delivered", by=SHELL)
        return Order.objects.get(pk=made.pk)


def came_back(
    world: World, order: Order, *counts: int, reason: str = "changed_mind", restocked: int = 0
) -> Return:
    """A return of so many of each line, looked over."""
    rows = in_order(order)
    pieces = {line.pk: n for line, n in zip(rows, counts, strict=False)}
    back = ask_return(order, pieces, reason=reason, by=actor_of(world.ours.agent))
    inspect(back, {rows[0].pk: restocked}, by=actor_of(world.ours.agent))
    return back


def test_two_returns_come_to_what_was_paid(world: World, case: Case, order: Order) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope(), clock.held_at(NOON):
        first = came_back(world, order, 1, 1, restocked=1)
        refund(first, by=agent)
        slip = give_slip(first, by=agent)
        rest = came_back(world, order, 1, 2, 1, reason="defect")
        refund(rest, by=agent)
        kept = Stock.objects.get().quantity
        told = [
            (e.case_id, e.data["after"], e.data["total"]) for e in Event.objects.filter(kind="return.moved")
        ]
        paper = slip_of(first)
        nothing = left_to_return(order)
    assert (first.total, rest.total, first.total + rest.total) == (14_414, 16_155, order.total)
    assert (first.until, rest.until, nothing) == (date(2026, 12, 7), None, {})
    assert kept == 4
    assert (slip.number, slip.total, slip.back, slip.kind) == ("RTN-1001", 14_414, first, "return-slip")
    assert (paper.original_number, paper.original_date, paper.totals.total) == (
        "O-1001",
        date(2026, 11, 29),
        14_414,
    )
    assert from_kept(as_kept(paper)) == paper
    assert told[1] == (case.pk, "refunded", 14_414)


def test_what_cannot_be_given_back_is_refused_and_changes_nothing(world: World, order: Order) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        kettle, *_others = in_order(order)
        for pieces, reason, field in (
            ({kettle.pk: 3}, "defect", "pieces"),
            ({}, "defect", "pieces"),
            ({0: 1}, "defect", "pieces"),
            ({kettle.pk: 1}, "whim", "reason"),
        ):
            with pytest.raises(Refused) as caught:
                ask_return(order, pieces, reason=reason, by=agent)
            assert caught.value.field == field
        for staff in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                ask_return(order, {kettle.pk: 1}, reason="defect", by=actor_of(staff))
        assert not Return.objects.exists()

        back = ask_return(order, {kettle.pk: 2}, reason="defect", by=agent)
        with pytest.raises(Refused):
            refund(back, by=agent)
        with pytest.raises(Refused):
            inspect(back, {kettle.pk: 3}, by=agent)
        with pytest.raises(Refused):
            give_slip(back, by=agent)
        with pytest.raises(Refused):
            ask_return(order, {kettle.pk: 1}, reason="defect", by=agent)
        refuse(back, by=agent)
        with pytest.raises(Conflict):
            refund(back, by=agent)
        assert [(one.state, one.total) for one in Return.objects.all()] == [("refused", 0)]
        assert (Stock.objects.get().quantity, IssuedDocument.objects.count()) == (3, 0)


def test_before_it_was_sent_or_paid_nothing_is_given_back(world: World, case: Case) -> None:
    agent = actor_of(world.ours.agent)
    placed = order_of(case.customer_id, case.desk_id, case=case.pk)
    with world.ours.scope():
        (line,) = in_order(placed)
        with pytest.raises(Refused):
            ask_return(placed, {line.pk: 1}, reason="not_delivered", by=agent)
        move_order(placed, "shipped", by=agent)
        back = ask_return(placed, {line.pk: 1}, reason="not_delivered", by=agent)
        with pytest.raises(Refused):
            refund(back, by=agent)
        mark_paid(placed, by=agent)
        refund(back, by=agent)
        assert [(one.state, one.total) for one in Return.objects.all()] == [("refunded", placed.total)]


def test_an_exchange_sends_the_same_for_nothing(world: World, order: Order) -> None:
    agent, once = actor_of(world.ours.agent), uuid4()
    with world.ours.scope():
        back = came_back(world, order, 1, reason="defect")
        made = exchange(back, once=once, by=agent)
        assert [(line.name, line.quantity, line.unit_price) for line in in_order(made)] == [
            ("南部鉄瓶", 1, 0)
        ]
        assert (made.total, made.resend_of, back.state) == (0, order, "exchanged")
        with pytest.raises(Conflict):
            refund(back, by=agent)
