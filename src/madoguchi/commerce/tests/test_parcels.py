"""Parcels: what goes in which, how far each came, told once or twice and in any order; and what is sent once more."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.issuing import issue, kinds_for
from madoguchi.commerce.models import Decision, Order, Parcel, ParcelStep, Stock
from madoguchi.commerce.parcels import left_of, make_parcel, move_parcel, set_slip
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.slips import slip_of
from madoguchi.commerce.whereabouts import advice_on, decide, resend
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "carrier", "kept"),
    [
        ("1234-5678-9013", "yamato", "123456789013"),
        ("１２３４ ５６７８ ９０１３", "sagawa", "123456789013"),
        ("4055-4842-4886", "japan_post", "405548424886"),
        ("123-45-67890-1", "japan_post", "12345678901"),
        ("EE123456785JP", "japan_post", "EE123456785JP"),
        ("A-100", "other", "A100"),
        ("", "yamato", ""),
    ],
)
def test_a_slip_has_one_form(written: str, carrier: str, kept: str) -> None:
    assert slip_of(written, carrier) == kept


@pytest.mark.parametrize(
    ("written", "carrier", "words"),
    [
        ("1234-5678-9012", "yamato", "3"),
        ("4055-4842-4880", "japan_post", "6"),
        ("1234567890", "sagawa", "1234567890"),
        ("未定", "other", "未定"),
    ],
)
def test_a_slip_that_is_none_is_refused(written: str, carrier: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        slip_of(written, carrier)
    assert caught.value.field == "slip"


@pytest.mark.parametrize(
    ("state", "days", "first"),
    [
        (None, 1, "wait"),
        ("preparing", 4, "ask_warehouse"),
        ("in_transit", 2, "wait"),
        ("in_transit", 4, "ask_carrier"),
        ("handed_over", 8, "resend"),
        ("absent", 1, "wait"),
        ("delivered", 1, "ask_carrier"),
        ("returned", 1, "resend"),
    ],
)
def test_what_is_advised_first(state: str | None, days: int, first: str) -> None:
    assert advice_on(state, NOON - timedelta(days=days), NOON).choices[0] == first


@pytest.fixture
def case(world: World, db: None) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def order(world: World, case: Case) -> Order:
    kettle = make_variant(world.ours.company, name="南部鉄瓶", price=13_200, stock=5, place="本店")
    tea = make_variant(world.ours.company, name="宇治煎茶", price=1_080, tax_rate=8)
    return order_of(case.customer_id, case.desk_id, (kettle, 2), (tea, 3), case=case.pk)


def state_of(world: World, order: Order) -> str:
    with world.ours.scope():
        return Order.objects.get(pk=order.pk).state


def test_an_order_goes_in_two_parcels_and_follows_them(world: World, order: Order) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        kettle, tea = in_order(order)
        first = make_parcel(order, carrier="yamato", slip="1234-5678-9013", pieces={kettle.pk: 2}, by=agent)
        assert {line.pk: n for line, n in left_of(order).items()} == {tea.pk: 3}
        move_parcel(first, "handed_over", by=agent)
    assert state_of(world, order) == "placed"

    with world.ours.scope():
        rest = make_parcel(order, carrier="other", state="handed_over", by=agent)
        assert left_of(order) == {}
    assert state_of(world, order) == "shipped"
    with world.ours.scope():
        move_parcel(first, "delivered", by=agent)
        assert state_of(world, order) == "shipped"
        move_parcel(rest, "delivered", by=agent)
        told = list(
            Event.objects.filter(kind="parcel.moved").order_by("id").values_list("data__after", flat=True)
        )
    assert state_of(world, order) == "delivered"
    assert told == ["handed_over", "handed_over", "delivered", "delivered"]


def test_what_is_told_twice_or_late_changes_nothing_known_later(world: World, order: Order) -> None:
    with world.ours.scope(), clock.held_at(NOON):
        parcel = make_parcel(
            order, carrier="yamato", state="handed_over", at=NOON - timedelta(days=2), by=SHELL
        )
        news = [
            move_parcel(parcel, "absent", at=NOON - timedelta(hours=1), by=SHELL),
            move_parcel(parcel, "absent", at=NOON - timedelta(hours=1), by=SHELL),
            move_parcel(parcel, "in_transit", at=NOON - timedelta(days=1), by=SHELL),
        ]
        found = Parcel.objects.get()
        steps = list(ParcelStep.objects.order_by("at").values_list("state", flat=True))
    assert news == [True, False, True]
    assert (found.state, found.moved_at) == ("absent", NOON - timedelta(hours=1))
    assert steps == ["handed_over", "in_transit", "absent"]


def test_nobody_sends_more_than_is_left_or_under_a_slip_of_another(world: World, order: Order) -> None:
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        kettle, _tea = in_order(order)
        parcel = make_parcel(order, carrier="yamato", slip="123456789013", pieces={kettle.pk: 1}, by=agent)
        for said, field in (
            ({"pieces": {kettle.pk: 2}}, "pieces"),
            ({"pieces": {}}, "pieces"),
            ({"pieces": {0: 1}}, "pieces"),
            ({"slip": "123456789013"}, "slip"),
            ({"slip": "123456789012"}, "slip"),
            ({"carrier": "pigeon"}, "carrier"),
        ):
            with pytest.raises(Refused) as caught:
                make_parcel(order, **{"carrier": "yamato", "by": agent, **said})  # type: ignore[arg-type]
            assert caught.value.field == field
        with pytest.raises(Refused):
            move_parcel(parcel, "delivered", at=clock.now() + timedelta(days=1), by=agent)
        with pytest.raises(Refused):
            move_order(order, "cancelled", by=agent) if move_parcel(parcel, "in_transit", by=agent) else None
        for staff in (world.ours.company_staff, world.theirs.agent):
            with pytest.raises(NotAllowed):
                make_parcel(order, carrier="yamato", by=actor_of(staff))
            with pytest.raises(NotAllowed):
                set_slip(parcel, carrier="other", slip="", by=actor_of(staff))
        assert [(one.state, one.slip) for one in Parcel.objects.all()] == [("in_transit", "123456789013")]
    assert state_of(world, order) == "placed"


def test_what_is_sent_once_more_costs_nothing_and_comes_with_a_delivery_note(
    world: World, case: Case, order: Order
) -> None:
    agent, once = actor_of(world.ours.agent), uuid4()
    with world.ours.scope():
        parcel = make_parcel(order, carrier="yamato", state="handed_over", by=agent)
        kettle, _tea = in_order(order)
        decide(order, "resend", parcel=parcel, case=case.pk, reason="一週間動きなし", by=agent)
        made, again = (
            resend(order, {kettle.pk: 2}, once=once, case=case.pk, by=agent) for _press in range(2)
        )
        make_parcel(made, carrier="yamato", by=agent)
        assert kinds_for(made) == [Kind.DELIVERY_NOTE]
        set_up_shop(world.ours.company, name="花もと", by=SHELL)
        note = issue(made, Kind.DELIVERY_NOTE, by=agent)
        lines = [(line.name, line.quantity, line.unit_price, line.taken) for line in in_order(made)]
        decided = [(one.choice, one.reason, one.case_id, one.user) for one in Decision.objects.all()]
        left = Stock.objects.get().quantity
        told = Event.objects.get(kind="order.resent").data
    assert (made.pk, made.total, made.payment, made.resend_of) == (again.pk, 0, "nothing", order)
    assert lines == [("南部鉄瓶", 2, 0, {"本店": 2})]
    assert (note.total, left) == (0, 1)
    assert note.kept["notes"] == "ご注文 O-1001 の再送です。代金はいただきません。"
    assert decided == [("resend", "一週間動きなし", case.pk, world.ours.agent)]
    assert told == {"order": made.pk, "number": 1002, "resend_of": order.pk, "resend_of_number": 1001}


def test_more_than_was_ordered_is_not_sent_once_more(world: World, order: Order) -> None:
    with world.ours.scope():
        kettle, _tea = in_order(order)
        for pieces in ({kettle.pk: 3}, {}, {kettle.pk: 0}):
            with pytest.raises(Refused):
                resend(order, pieces, once=uuid4(), by=SHELL)
        with pytest.raises(NotAllowed):
            resend(order, {kettle.pk: 1}, once=uuid4(), by=actor_of(world.ours.company_staff))
        assert [one.number for one in Order.objects.all()] == [1001]
