"""Once a customer has withdrawn nothing more is sent to them, by whatever way; what is on its way may still arrive."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from tests.house.at_once import at_once

from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.models import (
    Decision,
    Order,
    OrderLine,
    Parcel,
    Return,
    Shop,
    Solicitation,
    Subscription,
    Variant,
)
from madoguchi.commerce.parcels import make_parcel, move_parcel, set_slip
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.recurring import make_due
from madoguchi.commerce.returning import agree, ask_return, exchange, inspect, refund, refuse, send_back
from madoguchi.commerce.solicitations import Heard, solicitation_of_subscription
from madoguchi.commerce.subscriptions import (
    Agreed,
    begin_subscription,
    quote_again,
    write_subscription_terms,
)
from madoguchi.commerce.tests.test_solicitations import (
    ALL,
    SHELL,
    TODAY,
    at,
    case,
    found,
    number,
    place,
    pot,
    tea,
    told,
)
from madoguchi.commerce.whereabouts import decide, resend
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

__all__ = ["case", "found", "number", "pot", "tea"]
pytestmark = pytest.mark.django_db
LATER, WITHDRAWN = date(2026, 12, 3), "クーリングオフされています"


def parcel_of(order: Order, name: str, state: str, count: int = 1) -> Parcel:
    """So many pieces of the line of this name, as a parcel."""
    line = next(line for line in in_order(order) if line.name == name)
    return make_parcel(order, carrier="yamato", pieces={line.pk: count}, state=state, by=SHELL)


def standing() -> dict[str, Any]:
    """All that could be sent, and how often something was said of it."""
    return {
        "orders": list(Order.objects.order_by("pk").values_list("number", "state")),
        "parcels": list(Parcel.objects.order_by("pk").values_list("pk", "state", "slip")),
        "returns": list(Return.objects.order_by("pk").values_list("state", "reason", "in_exchange")),
        "events": Event.objects.count(),
    }


def test_of_half_an_order_the_rest_stays_here(world: World, found: Solicitation, pot: Variant) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        sent = parcel_of(order, "煎茶", "handed_over")
        rest = parcel_of(order, "急須", "preparing")
        decide(order, "ask_warehouse", parcel=rest, by=SHELL)
        gone = rest.pk
        withdraw(found, TODAY, by=SHELL)

        # What was put together is taken apart, and what was decided about it is not forgotten.
        assert [one.pk for one in Parcel.objects.all()] == [sent.pk]
        assert told("parcel.dropped") == [{"order": order.pk, "parcel": gone, "number": 1001}]
        assert [(one.choice, one.parcel) for one in Decision.objects.all()] == [("ask_warehouse", None)]
        before = standing()
        for field, act in {
            "slip": lambda: parcel_of(Order.objects.get(), "急須", "preparing"),
            "state": lambda: move_order(Order.objects.get(), "shipped", by=SHELL),
        }.items():
            with pytest.raises(Refused, match=WITHDRAWN) as refused:
                act()
            assert refused.value.field == field
        # Who looks at the page of before is refused as well.
        with pytest.raises(Refused, match=WITHDRAWN):
            move_parcel(rest, "handed_over", by=SHELL)
        for old in (
            lambda: move_parcel(rest, "preparing", by=SHELL),
            lambda: set_slip(rest, carrier="yamato", slip="", by=SHELL),
        ):
            with pytest.raises(Conflict, match=r"^その間にほかの人がこの荷物を取り消しました"):
                old()
        assert standing() == before

        # What is on its way goes on, to the end.
        for state in ("in_transit", "absent", "delivered", "returned"):
            assert move_parcel(sent, state, by=SHELL)
        assert Parcel.objects.get().state == "returned"


def test_what_was_put_together_before_it_was_dropped_by_itself_is_not_handed_over(
    world: World, found: Solicitation
) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        parcel_of(order, "煎茶", "handed_over")
        rest = parcel_of(order, "急須", "preparing")
        Solicitation.objects.update(withdrawn_on=TODAY)
        before = standing()
        for state in ("handed_over", "in_transit", "delivered"):
            with pytest.raises(Refused, match=WITHDRAWN) as refused:
                move_parcel(rest, state, by=SHELL)
            assert refused.value.field == "state"

        assert standing() == before


def test_what_was_set_to_be_shipped_by_hand_still_arrives(world: World, found: Solicitation) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        parcel = make_parcel(order, carrier="yamato", by=SHELL)
        move_order(order, "shipped", by=SHELL)
        back = withdraw(found, TODAY, by=SHELL)

        assert back is not None
        assert move_parcel(parcel, "delivered", by=SHELL)
        assert [(one.state, one.slip) for one in Parcel.objects.all()] == [("delivered", "")]
        assert Order.objects.get().state == "delivered"


def test_of_an_order_of_a_subscription_no_more_is_sent_either(
    world: World, case: Case, number: EntryPoint, tea: Variant
) -> None:
    with world.ours.scope():
        order = place(case, (tea, 2), point=number)
        terms = write_subscription_terms(
            world.ours.company, words="条件", notice_days=1, least_orders=1, by=SHELL
        )
        (line,) = in_order(order)
        said: dict[str, Any] = {"terms": terms.pk, "said": "読み上げ", "line": line.pk, "once": uuid4()}
        said |= {"every": 1, "unit": "week", "total": quote_again(line, order).totals.total}
        with at(TODAY):
            agreed = Agreed(**said, first_on=date(2026, 12, 2), heard=Heard(number.pk, ALL))
            found = solicitation_of_subscription(begin_subscription(order, agreed, by=SHELL).pk)
        assert found is not None
        with at(LATER):
            assert make_due() == 1
            made = Order.objects.get(number=1002)
            parcel_of(made, "煎茶", "handed_over")
            again = resend(made, {in_order(made)[0].pk: 1}, once=uuid4(), by=SHELL)
            back = withdraw(found, TODAY, by=SHELL)
            assert back is not None
            before = standing()
            with pytest.raises(Refused, match=WITHDRAWN):
                make_parcel(made, carrier="yamato", by=SHELL)
            with pytest.raises(Refused, match=WITHDRAWN):
                resend(made, {in_order(made)[0].pk: 1}, once=uuid4(), by=SHELL)
            assert standing() == before
            assert (back.order, Subscription.objects.get().state) == (made, "ended")
            assert Order.objects.get(pk=again.pk).state == "cancelled"
            # The order from which it was begun was not withdrawn from.
            make_parcel(order, carrier="yamato", state="handed_over", by=SHELL)
            assert Order.objects.get(pk=order.pk).state == "shipped"


@pytest.mark.parametrize("limit", [None, 0])
def test_what_was_withdrawn_from_is_not_exchanged(
    world: World, found: Solicitation, limit: int | None
) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        set_up_shop(world.ours.company, refund_limit=limit, by=SHELL)
        mark_paid(order, by=SHELL)
        move_order(order, "shipped", by=SHELL)
        back = withdraw(found, TODAY, by=SHELL)
        assert back is not None
        inspect(back, {}, by=SHELL)
        before = standing()
        with pytest.raises(Refused, match=WITHDRAWN) as refused:
            exchange(back, once=uuid4(), by=SHELL)

        assert refused.value.field == "refund"
        assert standing() == before


def test_it_is_not_sent_once_more(world: World, found: Solicitation, pot: Variant) -> None:
    with world.ours.scope(), at(LATER):
        order, once = Order.objects.get(), uuid4()
        move_order(order, "shipped", by=SHELL)
        lines = {line.pk: 1 for line in in_order(order)}
        first = resend(order, lines, once=once, by=SHELL)
        move_order(first, "shipped", by=SHELL)
        withdraw(found, TODAY, by=SHELL)
        before = standing()
        for one in (order, first):
            pieces = {line.pk: 1 for line in in_order(one)}
            with pytest.raises(Refused, match=WITHDRAWN) as refused:
                resend(one, pieces, once=uuid4(), by=SHELL)
            assert refused.value.field == "pieces"
        # A second press of the button of before gives what that has made.
        assert resend(order, lines, once=once, by=SHELL) == first

        assert standing() == before
        assert before["orders"] == [(1001, "shipped"), (1002, "shipped")]


def test_what_was_to_be_sent_once_more_stays_here(world: World, found: Solicitation, pot: Variant) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        move_order(order, "shipped", by=SHELL)
        lines = {line.pk: 1 for line in in_order(order)}
        whole, half, bare = (resend(order, lines, once=uuid4(), by=SHELL) for _time in range(3))
        make_parcel(whole, carrier="yamato", by=SHELL)
        sent = parcel_of(half, "煎茶", "handed_over")
        parcel_of(half, "急須", "preparing")
        assert pot.stock.get().quantity == 5
        back = withdraw(found, TODAY, by=SHELL)

        states = {one.pk: one.state for one in Order.objects.all()}
        assert states == {order.pk: "shipped", whole.pk: "cancelled", half.pk: "placed", bare.pk: "cancelled"}
        assert [one.pk for one in Parcel.objects.all()] == [sent.pk]
        assert pot.stock.get().quantity == 7
        # What it comes to is what was ordered, once.
        assert back is not None
        assert [(one.line.name, one.quantity) for one in back.pieces.order_by("line__place")] == [
            ("煎茶", 1),
            ("急須", 1),
        ]
        with pytest.raises(Refused, match=WITHDRAWN):
            make_parcel(half, carrier="yamato", by=SHELL)
        with pytest.raises(Refused, match=WITHDRAWN):
            move_order(Order.objects.get(pk=half.pk), "shipped", by=SHELL)
        assert move_parcel(sent, "delivered", by=SHELL)


@pytest.mark.django_db(transaction=True)
def test_sent_once_more_while_they_withdraw_it_stays_here(world: World, found: Solicitation) -> None:
    with world.ours.scope(), at(LATER):
        order = Order.objects.get()
        move_order(order, "shipped", by=SHELL)
        first = resend(order, {line.pk: 1 for line in in_order(order)}, once=uuid4(), by=SHELL)

    def leave() -> Any:
        with world.ours.scope(), at(LATER):
            return withdraw(Solicitation.objects.select_related("order").get(), TODAY, by=SHELL)

    def again(pk: int) -> Any:
        with world.ours.scope(), at(LATER):
            one = Order.objects.get(pk=pk)
            return resend(one, {line.pk: 1 for line in in_order(one)}, once=uuid4(), by=SHELL)

    done = at_once(lambda: again(order.pk), leave, lambda: again(first.pk))

    assert isinstance(done[1], Return)
    assert {type(one) for one in (done[0], done[2])} <= {Order, Refused}
    with world.ours.scope():
        made = sum(isinstance(one, Order) for one in done)
        states = Order.objects.order_by("number").values_list("state", flat=True)
        assert list(states) == ["shipped", "cancelled"] + ["cancelled"] * made


@pytest.fixture
def paid(world: World, found: Solicitation) -> Order:
    """What was solicited, with what sending it costs, delivered and paid, at a company that gives back up to 100 yen by
    one person."""
    with world.ours.scope(), at(LATER):
        set_up_shop(world.ours.company, refund_limit=100, by=SHELL)
        order = Order.objects.get()
        place = 1 + max(line.place for line in in_order(order))
        same = {"company_id": order.company_id, "order": order, "tax_rate": 10, "tax_included": True}
        OrderLine.objects.create(**same, place=place, name="送料", quantity=1, unit_price=550, shipping=True)
        for state in ("shipped", "delivered"):
            move_order(order, state, by=SHELL)
        if order.paid_at is None:
            mark_paid(order, by=SHELL)
        return Order.objects.get()


def asked(order: Order, *names: str, reason: str = "changed_mind") -> Return:
    pieces = {line.pk: line.quantity for line in in_order(order) if line.name in names}
    return ask_return(order, pieces, reason=reason, by=SHELL)


def pieces_of(back: Return) -> list[str]:
    return [one.line.name for one in back.pieces.order_by("line__place")]


def test_what_was_to_come_back_by_the_terms_comes_back_by_law(
    world: World, found: Solicitation, paid: Order
) -> None:
    with world.ours.scope(), at(LATER):
        first = asked(paid, "煎茶")
        second = asked(paid, "急須", reason="defect")
        inspect(second, {}, by=SHELL)
        assert first.until == date(2026, 12, 11)
        back = withdraw(found, TODAY, by=SHELL)

        # What sending cost is given back as well, by a return of its own.
        assert back is not None
        assert pieces_of(back) == ["送料"]
        rows = Return.objects.order_by("pk").values_list("state", "reason", "until")
        assert list(rows) == [
            ("asked", "withdrawn", None),
            ("inspected", "withdrawn", None),
            ("asked", "withdrawn", None),
        ]
        assert [(one["back"], one["reason"]) for one in told("return.asked")] == [
            (first.pk, "changed_mind"),
            (second.pk, "defect"),
            (first.pk, "withdrawn"),
            (second.pk, "withdrawn"),
            (back.pk, "withdrawn"),
        ]
        for one in (first, second, back):
            with pytest.raises(Refused, match="返金してください"):
                refuse(one, by=SHELL)
        # All that was paid is given back, to the yen.
        set_up_shop(world.ours.company, refund_limit=None, by=SHELL)
        Shop.objects.update(limit_from=None)
        for one in Return.objects.filter(state="asked"):
            inspect(one, {}, by=SHELL)
        for one in Return.objects.all():
            refund(one, by=SHELL)
        assert sum(one.total for one in Return.objects.all()) == 1_080 + 4_400 + 550


def test_where_nothing_else_is_left_the_open_return_is_given_back(
    world: World, found: Solicitation, paid: Order
) -> None:
    with world.ours.scope(), at(LATER):
        refused = asked(paid, "煎茶", "急須", "送料")
        refuse(refused, by=SHELL)
        first = asked(paid, "煎茶")
        second = asked(paid, "急須", "送料", reason="wrong")
        back = withdraw(found, TODAY, by=SHELL)

        assert back == first
        assert told("solicitation.withdrawn")[0]["back"] == first.pk
        rows = Return.objects.order_by("pk").values_list("pk", "state", "reason")
        assert list(rows) == [
            (refused.pk, "refused", "changed_mind"),
            (first.pk, "asked", "withdrawn"),
            (second.pk, "asked", "withdrawn"),
        ]


@pytest.mark.parametrize(("reason", "state"), [("defect", "inspected"), ("not_delivered", "asked")])
def test_goods_that_wait_for_a_second_person_are_not_sent_in_exchange(
    world: World, found: Solicitation, paid: Order, reason: str, state: str
) -> None:
    agent, senior = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with world.ours.scope(), at(LATER):
        one = asked(paid, "煎茶", "急須", "送料", reason=reason)
        if reason == "defect":
            inspect(one, {}, by=SHELL)
        assert exchange(one, once=uuid4(), by=agent) is None
        assert Return.objects.get().in_exchange
        back = withdraw(found, TODAY, by=SHELL)

        assert back == one
        kept = Return.objects.get()
        assert (kept.state, kept.reason, kept.in_exchange) == (state, "withdrawn", False)
        assert (kept.refund_by, kept.sums, kept.total) == (None, [], 0)
        for page in (one, kept):
            with pytest.raises((Conflict, Refused)):
                agree(page, by=senior)
        # The money is asked for anew, and given back once somebody else agrees.
        if state == "asked":
            inspect(kept, {}, by=agent)
        refund(kept, by=agent)
        assert Return.objects.get().state == "awaiting"
        agree(kept, by=senior)

        done = Return.objects.get()
        assert (done.state, done.total, Order.objects.count()) == ("refunded", 6_030, 1)


def test_money_that_waits_for_a_second_person_still_does(
    world: World, found: Solicitation, paid: Order
) -> None:
    agent, senior = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with world.ours.scope(), at(LATER):
        one = asked(paid, "煎茶", "急須", "送料", reason="not_delivered")
        refund(one, by=agent)
        withdraw(found, TODAY, by=SHELL)
        assert [(r.state, r.reason, r.total) for r in Return.objects.all()] == [
            ("awaiting", "withdrawn", 6_030)
        ]
        send_back(Return.objects.get(), by=senior)
        with pytest.raises(Refused, match="返金してください"):
            refuse(Return.objects.get(), by=senior)
        refund(Return.objects.get(), by=agent)
        agree(Return.objects.get(), by=senior)

        assert [(r.state, r.total) for r in Return.objects.all()] == [("refunded", 6_030)]
