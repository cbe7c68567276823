"""What becomes of parcels, stock and goods sent back, whoever tells it: refusals change nothing, walls hold."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.translation import override

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, write_policy
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import (
    Decision,
    Order,
    OrderLine,
    Parcel,
    ParcelStep,
    Return,
    ReturnPiece,
    Stock,
)
from madoguchi.commerce.parcels import left_of, make_parcel, move_parcel, set_slip
from madoguchi.commerce.products import Said as Product
from madoguchi.commerce.products import keep_products, set_stock
from madoguchi.commerce.queries import (
    in_order,
    order_by_id,
    orders_named,
    orders_of,
    parcel_by_id,
    parcels_of,
    return_by_id,
    returns_of,
    variant_to_keep,
    variants_to_keep,
)
from madoguchi.commerce.returning import (
    ask_return,
    exchange,
    inspect,
    last_day_of,
    left_to_return,
    refund,
    refuse,
    what_it_comes_to,
)
from madoguchi.commerce.stock import put_in, take_out
from madoguchi.commerce.whereabouts import decide, resend
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SHELL = system("test")
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def order(world: World, case: Case) -> Order:
    """Two kettles, of five in the shop, and three packs of tea, whose stock nobody knows."""
    kettle = make_variant(
        world.ours.company, code="NB-1", name="南部鉄瓶", price=13_200, stock=5, place="本店"
    )
    tea = make_variant(world.ours.company, code="UJ-1", name="宇治煎茶", price=1_080, tax_rate=8)
    return order_of(case.customer_id, case.desk_id, (kettle, 2), (tea, 3), case=case.pk)


def stocks(**where: Any) -> dict[str, int]:
    return dict(Stock.objects.filter(**where).order_by("place").values_list("place", "quantity"))


class TestParcels:
    @pytest.mark.parametrize(
        ("said", "field", "words"),
        [
            ({"state": "lost"}, "state", "Choose how far the parcel has come."),
            ({"state": "delivered", "at": NOON + 2 * HOUR}, "at", "That moment is still to come."),
            ({"state": "delivered", "at": datetime(1899, 1, 1, tzinfo=UTC)}, "at", "That moment is still to"),
            ({"carrier": ""}, "carrier", "Choose a carrier."),
            ({"slip": "123"}, "slip", "“123” is no number of a slip."),
        ],
    )
    def test_what_makes_no_sense_makes_no_parcel(
        self, world: World, order: Order, said: dict[str, Any], field: str, words: str
    ) -> None:
        given = {"carrier": "other", "by": SHELL, **said}
        with world.ours.scope(), clock.held_at(NOON), override("en"):
            with pytest.raises(Refused) as caught:
                make_parcel(order, **given)
            assert (caught.value.field, str(caught.value).startswith(words)) == (field, True)
            assert not Parcel.objects.exists()
            assert Order.objects.get().state == "placed"

    def test_carriers_clocks_may_be_an_hour_ahead(self, world: World, order: Order) -> None:
        with world.ours.scope(), clock.held_at(NOON):
            parcel = make_parcel(order, carrier="other", state="in_transit", at=NOON + HOUR, by=SHELL)
        assert (parcel.state, parcel.moved_at) == ("in_transit", NOON + HOUR)

    def test_a_cancelled_order_goes_in_no_parcel(self, world: World, order: Order, agent: Actor) -> None:
        with world.ours.scope(), override("en"):
            move_order(order, "cancelled", by=agent)
            with pytest.raises(Refused, match="A cancelled order is not sent") as caught:
                make_parcel(order, carrier="yamato", by=agent)
            assert (caught.value.field, Parcel.objects.count()) == ("slip", 0)

    def test_parcels_are_numbered_within_their_order(self, world: World, order: Order, agent: Actor) -> None:
        with world.ours.scope():
            _kettle, tea = in_order(order)
            for _parcel in range(3):
                make_parcel(order, carrier="other", pieces={tea.pk: 1}, by=agent)
            assert [(one.number, str(one)) for one in parcels_of(order)] == [
                (1, "O-1001-1"),
                (2, "O-1001-2"),
                (3, "O-1001-3"),
            ]
            assert [line.name for line in left_of(order)] == ["南部鉄瓶"]

    def test_a_slip_is_put_right_and_none_of_another_is_taken(
        self, world: World, order: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            kettle, tea = in_order(order)
            first = make_parcel(order, carrier="other", slip="A-100", pieces={kettle.pk: 2}, by=agent)
            second = make_parcel(order, carrier="other", pieces={tea.pk: 3}, by=agent)
            set_slip(second, carrier="yamato", slip="1234 5678 9013", by=agent)
            for carrier, slip, field in (
                ("other", "A100", "slip"),
                ("sagawa", "A100", "slip"),
                ("pigeon", "", "carrier"),
            ):
                with pytest.raises(Refused) as caught:
                    set_slip(second, carrier=carrier, slip=slip, by=agent)
                assert caught.value.field == field
            kept = [(one.carrier, one.slip) for one in Parcel.objects.order_by("number")]
            set_slip(first, carrier="other", slip="", by=agent)
            set_slip(second, carrier="other", slip="", by=agent)
            assert kept == [("other", "A100"), ("yamato", "123456789013")]
            assert [one.slip for one in Parcel.objects.all()] == ["", ""]

    def test_what_is_brought_back_or_on_its_way_again_leaves_the_order_where_it_is(
        self, world: World, order: Order
    ) -> None:
        with world.ours.scope(), clock.held_at(NOON):
            parcel = make_parcel(order, carrier="other", state="delivered", at=NOON - DAY, by=SHELL)
            assert Order.objects.get().state == "delivered"
            move_parcel(parcel, "returned", by=SHELL)
            found = [(one.state, one.parcels.get().state) for one in Order.objects.all()]
            steps = list(ParcelStep.objects.order_by("at").values_list("state", flat=True))
        assert (found, steps) == ([("delivered", "returned")], ["delivered", "returned"])

    def test_another_company_sees_and_moves_none(self, world: World, order: Order) -> None:
        stranger = actor_of(world.theirs.agent)
        with world.ours.scope():
            parcel = make_parcel(order, carrier="yamato", slip="123456789013", by=SHELL)
            with pytest.raises(NotAllowed):
                move_parcel(parcel, "delivered", by=stranger)
            with pytest.raises(NotFound):
                parcel_by_id(parcel.pk, actor=stranger)
            with pytest.raises(NotFound):
                order_by_id(order.pk, actor=stranger)
            assert orders_named("123456789013", actor=stranger) == []
            assert orders_of(order.customer_id, actor=stranger, company=order.company_id) == []
            assert Parcel.objects.get().state == "preparing"
        with world.theirs.scope(), pytest.raises(NotFound):
            parcel_by_id(parcel.pk, actor=stranger)

    def test_an_order_is_found_as_people_write_its_number(
        self, world: World, order: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            make_parcel(order, carrier="yamato", slip="123456789013", by=SHELL)
            found = {
                written: [str(one) for one in orders_named(written, actor=agent)]
                for written in (
                    *("O-1001", "o1001", "１００１", " 1001 ", "1234-5678-9013", "1234 5678 9013"),
                    *("1002", "100", "O-", "", "-1001-x", "12345678901", "12345678901234"),
                )
            }
        assert [written for written, orders in found.items() if orders] == [
            *("O-1001", "o1001", "１００１", " 1001 ", "1234-5678-9013", "1234 5678 9013")
        ]
        assert {tuple(orders) for orders in found.values()} == {("O-1001",), ()}


class TestStock:
    def test_it_is_taken_from_place_after_place_and_goes_back_there(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        kettle = make_variant(world.ours.company, price=500, stock=2, place="本店")
        with world.ours.scope():
            set_stock(kettle, 4, place="倉庫", reason="received", by=SHELL)
        order = order_of(case.customer_id, case.desk_id, (kettle, 5))
        with world.ours.scope():
            (line,) = in_order(order)
            assert (line.taken, line.backordered, stocks()) == (
                {"倉庫": 4, "本店": 1},
                0,
                {"倉庫": 0, "本店": 1},
            )
            move_order(order, "cancelled", by=agent)
            assert stocks() == {"倉庫": 4, "本店": 2}

    def test_two_lines_of_one_thing_do_not_take_the_same_piece(self, world: World) -> None:
        kettle = make_variant(world.ours.company, stock=3, place="本店")
        with world.ours.scope():
            taken = take_out([(kettle, 2), (kettle, 2)])
            assert [(one.places, one.missing) for one in taken] == [({"本店": 2}, 0), ({"本店": 1}, 1)]
            assert stocks() == {"本店": 0}

    def test_what_is_not_there_at_all_is_all_missing(self, world: World) -> None:
        kettle = make_variant(world.ours.company, stock=0, place="本店")
        with world.ours.scope():
            (taken,) = take_out([(kettle, 2)])
            assert (taken.places, taken.missing, stocks()) == ({}, 2, {"本店": 0})

    def test_pieces_come_to_a_place_that_had_none_and_nothing_changes_for_none(
        self, world: World, order: Order
    ) -> None:
        with world.ours.scope():
            kettle, _tea = in_order(order)
            put_in(kettle, 1, place="検品棚")
            put_in(kettle, 2, place="検品棚")
            put_in(kettle, 0, place="本店")
            put_in(OrderLine(company_id=order.company_id, variant=None), 9, place="本店")
            assert stocks(variant=kettle.variant_id) == {"本店": 3, "検品棚": 3}

    @pytest.mark.parametrize(
        ("quantity", "reason", "field", "words"),
        [
            (1, "", "reason", "Choose a reason."),
            (1, "sold", "reason", "Choose a reason."),
            (-1, "counted", "quantity", "The stock is a number of pieces."),
            (10**9, "counted", "quantity", "The stock is a number of pieces."),
        ],
    )
    def test_a_number_without_sense_or_reason_is_refused(
        self, world: World, quantity: int, reason: str, field: str, words: str
    ) -> None:
        kettle = make_variant(world.ours.company, stock=5, place="本店")
        with world.ours.scope(), override("en"):
            with pytest.raises(Refused) as caught:
                set_stock(kettle, quantity, place="本店", reason=reason, by=SHELL)
            assert (caught.value.field, str(caught.value)) == (field, words)
            assert (stocks(), Event.objects.filter(kind="stock.changed").count()) == ({"本店": 5}, 0)

    def test_a_new_number_is_told_with_its_reason_and_the_same_is_no_news(self, world: World) -> None:
        kettle = make_variant(world.ours.company, stock=5, place="本店")
        keeper, agent = actor_of(world.ours.company_manager), actor_of(world.ours.agent)
        with world.ours.scope():
            news = [
                set_stock(kettle, count, place="本店", reason="damaged", by=keeper) for count in (5, 3, 3)
            ]
            with pytest.raises(NotAllowed):
                set_stock(kettle, 0, place="本店", reason="lost", by=agent)
            told = [one.data for one in Event.objects.filter(kind="stock.changed")]
            assert (news, stocks()) == ([False, True, False], {"本店": 3})
        assert told == [{"variant": kettle.pk, "before": 5, "after": 3, "reason": "damaged"}]

    def test_products_to_keep_hold_what_is_off_sale_and_nothing_of_others(self, world: World) -> None:
        with world.ours.scope():
            company = world.ours.company
            keep_products(
                company,
                [
                    Product(
                        code="TS-1", name="有田焼の急須", kana="アリタヤキノキュウス", price=6_600, stock=2
                    ),
                    Product(code="TS-2", name="白磁の急須", price=4_400, active=False),
                ],
                by=SHELL,
            )
        theirs = make_variant(world.theirs.company, code="TS-9", name="急須")
        with world.ours.scope():
            found = {
                words: [(one.code, one.in_stock) for one in variants_to_keep(company.pk, words=words)]  # type: ignore[attr-defined]
                for words in ("", "急須", "ありたやき", "ＴＳ-２", "白磁 急須", "白磁 有田")
            }
            with pytest.raises(NotFound):
                variant_to_keep(theirs.pk, company=company.pk)
        assert found == {
            "": [("TS-1", 2), ("TS-2", None)],
            "急須": [("TS-1", 2), ("TS-2", None)],
            "ありたやき": [("TS-1", 2)],
            "ＴＳ-２": [("TS-2", None)],
            "白磁 急須": [("TS-2", None)],
            "白磁 有田": [],
        }


class TestSentBack:
    @pytest.fixture
    def sent(self, world: World, order: Order) -> Order:
        """Delivered and paid at noon."""
        with world.ours.scope(), clock.held_at(NOON):
            move_order(order, "shipped", by=SHELL)
            move_order(order, "delivered", by=SHELL)
            return Order.objects.get(pk=order.pk)

    @pytest.mark.parametrize(
        ("days", "last"), [(None, "2026-12-07"), (0, "2026-11-29"), (30, "2026-12-29"), (365, "2027-11-29")]
    )
    def test_the_last_day_is_by_the_policy_of_when_it_was_ordered(
        self, world: World, case: Case, days: int | None, last: str
    ) -> None:
        with world.ours.scope():
            if days is not None:
                write_policy(world.ours.company, words=f"{days}日以内", days=days, by=SHELL)
        placed = order_of(case.customer_id, case.desk_id)
        with world.ours.scope(), clock.held_at(NOON):
            write_policy(world.ours.company, words="返品不可", days=1, by=SHELL)
            assert last_day_of(placed) is None
            move_order(placed, "shipped", by=SHELL)
            move_order(placed, "delivered", by=SHELL)
            assert str(last_day_of(Order.objects.select_related("policy").get(pk=placed.pk))) == last

    def test_goods_are_put_where_they_were_taken_from_or_where_one_says(
        self, world: World, sent: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            kettle, tea = in_order(sent)
            first = ask_return(sent, {kettle.pk: 1}, reason="defect", by=agent)
            inspect(first, {kettle.pk: 1}, by=agent)
            rest = ask_return(sent, {kettle.pk: 1, tea.pk: 2}, reason="defect", by=agent)
            inspect(rest, {kettle.pk: 1, tea.pk: 1}, place="検品棚", by=agent)
            kept = {piece.line.code: piece.restocked for piece in ReturnPiece.objects.filter(back=rest)}
            assert stocks(variant=kettle.variant_id) == {"本店": 4, "検品棚": 1}
            assert stocks(variant=tea.variant_id) == {}  # Nobody ever said how many there are.
        assert kept == {"NB-1": 1, "UJ-1": 1}

    def test_more_than_came_back_or_less_than_nothing_is_not_put_into_stock(
        self, world: World, sent: Order, agent: Actor
    ) -> None:
        with world.ours.scope(), override("en"):
            kettle, tea = in_order(sent)
            back = ask_return(sent, {kettle.pk: 1, tea.pk: 1}, reason="defect", by=agent)
            for restocked in ({kettle.pk: 2}, {kettle.pk: 1, tea.pk: 2}, {tea.pk: -1}):
                with pytest.raises(Refused, match="That is more than came back") as caught:
                    inspect(back, restocked, by=agent)
                assert caught.value.field == "restocked"
            found = Return.objects.get()
            assert (found.state, [one.restocked for one in found.pieces.all()]) == ("asked", [0, 0])
            assert stocks() == {"本店": 3}

    @pytest.mark.parametrize(
        ("act", "words"),
        [
            (refund, "Say first what became of the goods."),
            (lambda back, by: exchange(back, once=uuid4(), by=by), "Say first what became of the goods."),
        ],
    )
    def test_what_was_not_looked_over_is_not_settled(
        self, world: World, sent: Order, agent: Actor, act: Any, words: str
    ) -> None:
        with world.ours.scope(), override("en"):
            back = ask_return(sent, {in_order(sent)[0].pk: 1}, reason="defect", by=agent)
            with pytest.raises(Refused) as caught:
                act(back, by=agent)
            assert str(caught.value) == words
            assert (Return.objects.get().state, Order.objects.count()) == ("asked", 1)

    def test_what_is_settled_stays_so(self, world: World, sent: Order, agent: Actor) -> None:
        with world.ours.scope():
            kettle, _tea = in_order(sent)
            back = ask_return(sent, {kettle.pk: 1}, reason="defect", by=agent)
            inspect(back, {}, by=agent)
            refund(back, by=agent)
            for act in (
                lambda: refund(back, by=agent),
                lambda: refuse(back, by=agent),
                lambda: inspect(back, {kettle.pk: 1}, by=agent),
                lambda: exchange(back, once=uuid4(), by=agent),
            ):
                with pytest.raises(Conflict):
                    act()
            told = [one.data["after"] for one in Event.objects.filter(kind="return.moved").order_by("id")]
            assert [(one.state, one.total) for one in Return.objects.all()] == [("refunded", 13_200)]
            assert (told, stocks()) == (["inspected", "refunded"], {"本店": 3})

    def test_what_was_refused_may_be_asked_for_again_and_what_was_exchanged_too(
        self, world: World, sent: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            kettle, tea = in_order(sent)
            first = ask_return(sent, {kettle.pk: 2}, reason="changed_mind", by=agent)
            refuse(first, by=agent)
            assert left_to_return(sent) == {kettle: 2, tea: 3}
            second = ask_return(sent, {kettle.pk: 2}, reason="defect", by=agent)
            inspect(second, {}, by=agent)
            exchange(second, once=uuid4(), by=agent)
            assert left_to_return(sent) == {kettle: 2, tea: 3}
            assert [one.number for one in returns_of(sent)] == [1001, 1002]

    def test_what_a_return_comes_to_is_said_before_it_is_settled_and_after_others(
        self, world: World, sent: Order, agent: Actor
    ) -> None:
        """3 × 1,080 yen at 8 % are 3,240 with 240 of tax, by whose parts 1,080 hold 80."""
        with world.ours.scope():
            _kettle, tea = in_order(sent)
            one, two = (ask_return(sent, {tea.pk: n}, reason="defect", by=agent) for n in (1, 2))
            before = [
                (sum_.rate, sum_.net, sum_.tax) for back in (one, two) for sum_ in what_it_comes_to(back)
            ]
            inspect(one, {}, by=agent)
            refund(one, by=agent)
            after = [(sum_.rate, sum_.net, sum_.tax) for sum_ in what_it_comes_to(two)]
        assert before == [(8, 1_000, 80), (8, 2_000, 160)]
        assert after == [(8, 2_000, 160)]

    def test_cards_in_a_note_are_blotted_and_long_ones_cut(
        self, world: World, sent: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            tea = in_order(sent)[1].pk
            ask_return(sent, {tea: 1}, reason="defect", note="カード 4111 1111 1111 1111\nへ返金", by=agent)
            ask_return(sent, {tea: 1}, reason="defect", note="傷" * 400, by=agent)
            notes = list(Return.objects.order_by("number").values_list("note", flat=True))
        assert "4111 1111" not in notes[0]
        assert notes[0].startswith("カード ")
        assert "\n" not in notes[0]
        assert len(notes[1]) == 300

    def test_another_company_sees_no_return(self, world: World, sent: Order, agent: Actor) -> None:
        stranger = actor_of(world.theirs.agent)
        with world.ours.scope():
            back = ask_return(sent, {in_order(sent)[0].pk: 1}, reason="defect", by=agent)
            with pytest.raises(NotFound):
                return_by_id(back.pk, actor=stranger)
            for act in (refund, refuse, lambda back, by: inspect(back, {}, by=by)):
                with pytest.raises(NotAllowed):
                    act(back, by=stranger)
            assert return_by_id(back.pk, actor=agent).state == "asked"


class TestSentOnceMore:
    def test_what_was_decided_is_kept_once_with_its_reason(
        self, world: World, case: Case, order: Order, agent: Actor
    ) -> None:
        with world.ours.scope(), override("en"):
            for choice in ("", "pray"):
                with pytest.raises(Refused, match="Choose what to do") as caught:
                    decide(order, choice, by=agent)
                assert caught.value.field == "choice"
            with pytest.raises(NotAllowed):
                decide(order, "wait", by=actor_of(world.ours.company_staff))
            decide(order, "wait", case=case.pk, reason="明日\n届く見込み", by=agent)
            kept = [(one.choice, one.reason, one.parcel) for one in Decision.objects.all()]
            told = [(one.case_id, one.data["choice"]) for one in Event.objects.filter(kind="order.decided")]
        assert kept == [("wait", "明日 届く見込み", None)]
        assert told == [(case.pk, "wait")]

    def test_a_cancelled_order_is_not_sent_again(self, world: World, order: Order, agent: Actor) -> None:
        with world.ours.scope(), override("en"):
            kettle, _tea = in_order(order)
            move_order(order, "cancelled", by=agent)
            with pytest.raises(Refused, match="A cancelled order is not sent"):
                resend(order, {kettle.pk: 1}, once=uuid4(), by=agent)
            assert (Order.objects.count(), stocks()) == (1, {"本店": 5})

    def test_what_is_sent_a_third_time_is_of_the_first_order(
        self, world: World, order: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            kettle, _tea = in_order(order)
            second = resend(order, {kettle.pk: 2}, once=uuid4(), by=agent)
            third = resend(second, {in_order(second)[0].pk: 2}, once=uuid4(), by=agent)
            (line,) = in_order(third)
            assert (third.resend_of, third.total, str(third)) == (order, 0, "O-1003")
            assert (line.taken, line.backordered, stocks()) == ({"本店": 1}, 1, {"本店": 0})

    def test_for_what_cost_nothing_nothing_is_given_back(
        self, world: World, order: Order, agent: Actor
    ) -> None:
        with world.ours.scope():
            made = resend(order, {in_order(order)[0].pk: 1}, once=uuid4(), by=agent)
            move_order(made, "shipped", by=agent)
            back = ask_return(made, {in_order(made)[0].pk: 1}, reason="not_delivered", by=agent)
            assert what_it_comes_to(back) == ()
            with pytest.raises(Refused):
                refund(back, by=agent)
            assert (Return.objects.get().state, Return.objects.get().total) == ("asked", 0)
