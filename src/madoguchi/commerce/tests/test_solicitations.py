"""Orders on the phone beside what was advertised: duties, refusals, written terms, and withdrawing for nothing."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order
from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.factories import make_campaign, make_variant, order_of, wanted
from madoguchi.commerce.models import Order, Return, Solicitation, Subscription, Variant
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.recurring import make_due
from madoguchi.commerce.returning import inspect, refund, refuse
from madoguchi.commerce.solicitations import (
    Heard,
    adverts_at,
    keep_papers,
    knows_adverts,
    outside_of,
    solicitation_by_id,
    solicitation_of,
    solicitation_of_subscription,
)
from madoguchi.commerce.soliciting import Advert, Duty
from madoguchi.commerce.subscriptions import (
    Agreed,
    begin_subscription,
    keep_on,
    quote_again,
    write_subscription_terms,
)
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.actions import Said, write_consent
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
ALL = tuple(duty.value for duty in Duty)
NO = Said(purpose="offers", ways=("phone",), given=False, how="phone")
TODAY = date(2026, 12, 1)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=EntryPoint.Kind.PHONE, address="+815012345678")


@pytest.fixture
def tea(world: World, number: EntryPoint) -> Variant:
    """What was advertised with the number: two of it at most, nothing off."""
    made = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, stock=9)
    said: dict[str, Any] = {"kind": "nothing", "amount": 0, "products": ["TEA"], "most_pieces": 2}
    make_campaign(world.ours.company, name="朝刊の広告", entry_points=[number.pk], **said)
    return made


@pytest.fixture
def pot(world: World) -> Variant:
    return make_variant(world.ours.company, code="POT", name="急須", price=4_400, stock=9)


def place(
    case: Case, *pieces: tuple[Variant, int], point: EntryPoint | None, duties: Any = (), **said: Any
) -> Order:
    """An order on the phone, by a number."""
    asked = wanted(*pieces, heard=Heard(point.pk if point else None, tuple(duties)), **said)
    with clock.held_at(datetime(2026, 12, 1, 12, tzinfo=clock.TOKYO)):
        return place_order(case.customer, asked, desk=case.desk, case=case.pk, by=SHELL)


def told(kind: str) -> list[dict[str, Any]]:
    return [one.data for one in Event.objects.filter(kind=kind).order_by("id")]


def test_what_was_advertised_is_a_plain_order(
    world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant
) -> None:
    with world.ours.scope():
        place(case, (tea, 2), point=number)
        # Nobody knows what was advertised to who came by another number, or who did not call at all.
        place(case, (pot, 1), point=world.ours.entry_point)
        place(case, (pot, 1), point=None)
        order_of(case.customer_id, case.desk_id, (pot, 1))

        assert (Order.objects.count(), Solicitation.objects.count()) == (4, 0)


def test_where_nobody_knows_what_was_advertised_what_was_offered_counts(
    world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant
) -> None:
    offered = frozenset({pot.pk})
    basket = [(tea, 1), (pot, 1)]
    known, unknown = number.pk, world.ours.entry_point.pk
    with world.ours.scope():
        names = {
            (point, ids): outside_of(basket, company=case.company_id, heard=Heard(point, offered=ids))
            for point in (known, unknown, None)
            for ids in (frozenset[int](), offered, frozenset({tea.pk}))
        }

        # Where it is known, the advertisement decides, whatever is said.
        assert {tuple(names[known, ids]) for ids in (frozenset[int](), offered)} == {("急須",)}
        assert names[known, frozenset({tea.pk})] == ["急須"]
        for point in (unknown, None):
            assert names[point, frozenset()] == []
            assert names[point, offered] == ["急須"]
            assert names[point, frozenset({tea.pk})] == ["煎茶"]
        assert outside_of(basket, company=case.company_id, heard=None) == []
        asked = [knows_adverts(case.company_id, heard) for heard in (None, Heard(known), Heard(unknown))]
        assert asked == [True, True, False]


@pytest.mark.parametrize("duties", [(), ALL[:3], ("x", "name", "purpose", "goods")])
def test_nothing_else_is_sold_before_all_is_told(
    world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant, duties: tuple[str, ...]
) -> None:
    with world.ours.scope(), pytest.raises(Refused, match=r"^「急須」は広告にありません") as error:
        place(case, (tea, 1), (pot, 1), point=number, duties=duties)

    assert error.value.field == "duties"
    with world.ours.scope():
        assert (Order.objects.count(), pot.stock.get().quantity) == (0, 9)


def test_told_it_is_kept_with_the_order(
    world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant
) -> None:
    with world.ours.scope():
        once = uuid4()
        order = place(case, (tea, 3), (pot, 1), point=number, duties=ALL, once=once)
        again = place(case, (tea, 3), (pot, 1), point=number, duties=(), once=once)
        (found,) = Solicitation.objects.all()

        assert again == order
        assert (found.order, found.outside, found.duties) == (order, ["煎茶", "急須"], list(ALL))
        assert (found.papers_due, found.last_day) == (date(2026, 12, 4), None)
        assert told("solicitation.made") == [
            {"order": order.pk, "subscription": None, "name": "O-1001", "papers_due": "2026-12-04"}
        ]
        assert solicitation_by_id(found.pk, actor=actor_of(world.ours.agent)) == found
        with pytest.raises(NotFound):
            solicitation_by_id(found.pk, actor=actor_of(world.theirs.agent))


def test_who_has_said_no_is_solicited_no_more_until_they_ask(
    world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant
) -> None:
    with world.ours.scope():
        write_consent(case.customer, NO, by=SHELL)
        with pytest.raises(Refused, match="電話での勧誘をお断りになっています"):
            place(case, (pot, 1), point=number, duties=ALL)
        # What they call for is sold to them all the same.
        place(case, (tea, 1), point=number)
        assert (Order.objects.count(), Solicitation.objects.count()) == (1, 0)

        with clock.held_at(clock.now() + timedelta(days=1)):
            yes = Said(purpose="offers", ways=("phone",), given=True, how="phone")
            write_consent(case.customer, yes, by=SHELL)
        place(case, (pot, 1), point=number, duties=ALL)
        assert Solicitation.objects.count() == 1


def test_which_advertisements_count(world: World, number: EntryPoint, tea: Variant, pot: Variant) -> None:
    company, at = world.ours.company, number.pk
    usual: dict[str, Any] = {"kind": "nothing", "amount": 0, "products": ["POT"], "entry_points": [at]}
    make_campaign(company, **usual, active=False)
    make_campaign(company, **usual, begins=date(2026, 12, 2))
    # What ended long ago nobody answers any more.
    make_campaign(company, **usual, ends=date(2026, 10, 1))
    make_campaign(company, **usual | {"entry_points": [], "desks": [world.ours.desk.pk]})
    make_campaign(company, **usual | {"entry_points": [], "products": []})
    with world.ours.scope(), clock.held_at(datetime(2026, 12, 1, 12, tzinfo=clock.TOKYO)):
        only = [Advert(frozenset({"TEA"}), 2)]
        assert adverts_at(company.pk, at) == only
        assert adverts_at(company.pk, None) == adverts_at(company.pk, world.ours.entry_point.pk) == []
        make_campaign(company, **usual | {"entry_points": []})
        make_campaign(company, **usual, ends=date(2026, 10, 2), also_again=True)
        later = [Advert(frozenset({"POT"})), Advert(frozenset({"POT"}), again=True)]
        assert sorted(adverts_at(company.pk, at), key=str) == sorted(only + later, key=str)
        # Advertised everywhere, but with no number: that alone says nothing about a number.
        assert adverts_at(company.pk, world.ours.entry_point.pk) == []


@pytest.fixture
def found(world: World, case: Case, number: EntryPoint, tea: Variant, pot: Variant) -> Solicitation:
    with world.ours.scope():
        order = place(case, (tea, 1), (pot, 1), point=number, duties=ALL)
        made = solicitation_of(order.pk)
        assert made is not None
        return made


def at(day: date) -> Any:
    return clock.held_at(datetime(day.year, day.month, day.day, 12, tzinfo=clock.TOKYO))


def test_the_day_of_the_written_terms_is_kept_and_may_be_mended(world: World, found: Solicitation) -> None:
    with world.ours.scope(), at(date(2026, 12, 4)):
        for wrong in (TODAY - timedelta(days=1), date(2026, 12, 5)):
            with pytest.raises(Refused, match="注文日から今日まで"):
                keep_papers(found, wrong, by=SHELL)
        with pytest.raises(NotAllowed):
            keep_papers(found, TODAY, by=actor_of(world.ours.company_staff))
        for day in (date(2026, 12, 4), date(2026, 12, 3), date(2026, 12, 3)):
            keep_papers(found, day, by=SHELL)

        assert Solicitation.objects.get().last_day == date(2026, 12, 10)
        assert [one["on"] for one in told("solicitation.papers")] == ["2026-12-04", "2026-12-03"]


def test_withdrawn_in_time_what_was_not_sent_is_cancelled(
    world: World, found: Solicitation, pot: Variant
) -> None:
    with world.ours.scope(), at(date(2026, 12, 20)):
        # The written terms never came: the days have not begun.
        assert withdraw(found, date(2026, 12, 19), by=SHELL) is None
        order = Order.objects.get()
        with pytest.raises(Conflict):
            withdraw(found, date(2026, 12, 19), by=SHELL)
        with pytest.raises(Conflict):
            keep_papers(found, date(2026, 12, 19), by=SHELL)

        assert (order.state, pot.stock.get().quantity) == ("cancelled", 9)
        assert [(one["back"], one["on"]) for one in told("solicitation.withdrawn")] == [(None, "2026-12-19")]


@pytest.mark.parametrize("notice", [date(2026, 12, 11), date(2026, 12, 21), date(2026, 11, 30)])
def test_a_notice_of_another_time_withdraws_nothing(world: World, found: Solicitation, notice: date) -> None:
    with world.ours.scope(), at(date(2026, 12, 20)):
        keep_papers(found, date(2026, 12, 3), by=SHELL)
        with pytest.raises(Refused):
            withdraw(found, notice, by=SHELL)
        assert Solicitation.objects.get().withdrawn_on is None
        assert Order.objects.get().state == "placed"


def test_what_was_sent_goes_back_and_all_that_was_paid(world: World, found: Solicitation) -> None:
    with world.ours.scope(), at(date(2026, 12, 9)):
        order = Order.objects.get()
        mark_paid(order, by=SHELL)
        move_order(order, "shipped", by=SHELL)
        move_order(order, "delivered", by=SHELL)
        keep_papers(found, date(2026, 12, 3), by=SHELL)
        # The last day was the tenth: a notice that left then counts whenever it comes.
        with at(date(2026, 12, 12)):
            back = withdraw(found, date(2026, 12, 10), by=SHELL)
        assert back is not None
        assert [(p.line.name, p.quantity) for p in back.pieces.order_by("line__place")] == [
            ("煎茶", 1),
            ("急須", 1),
        ]
        with pytest.raises(Refused, match="返金してください"):
            refuse(back, by=SHELL)
        inspect(back, {}, by=SHELL)
        refund(back, by=SHELL)

        kept = Return.objects.get()
        assert (kept.reason, kept.state, kept.total) == ("withdrawn", "refunded", order.total)


def test_half_sent_the_rest_stays_here(world: World, found: Solicitation) -> None:
    with world.ours.scope(), at(date(2026, 12, 3)):
        order = Order.objects.get()
        first, _second = in_order(order)
        make_parcel(order, carrier="yamato", pieces={first.pk: 1}, state="handed_over", by=SHELL)
        back = withdraw(found, TODAY, by=SHELL)
        with pytest.raises(Refused, match="クーリングオフされています"):
            make_parcel(Order.objects.get(), carrier="yamato", by=SHELL)
        assert back is not None
        # Nothing was paid: once it is looked over it is simply closed.
        refuse(back, by=SHELL)
        assert Return.objects.get().state == "refused"


def test_a_subscription_that_was_not_advertised_is_solicited_and_ends_at_once(
    world: World, case: Case, number: EntryPoint, tea: Variant
) -> None:
    with world.ours.scope():
        order = place(case, (tea, 1), point=number)
        terms = write_subscription_terms(
            world.ours.company, words="条件", notice_days=9, least_orders=5, by=SHELL
        )
        (line,) = in_order(order)
        said: dict[str, Any] = {"terms": terms.pk, "said": "読み上げ", "line": line.pk, "once": uuid4()}
        said |= {"every": 1, "unit": "week", "total": quote_again(line, order).totals.total}
        with at(TODAY):
            first = TODAY + timedelta(days=1)
            agreed = Agreed(**said, first_on=first, heard=Heard(number.pk))
            with pytest.raises(Refused, match=r"^「煎茶」は広告にありません"):
                begin_subscription(order, agreed, by=SHELL)
            assert Subscription.objects.count() == 0
            agreed = Agreed(**said, first_on=first, heard=Heard(number.pk, ALL))
            made = begin_subscription(order, agreed, by=SHELL)
        found = solicitation_of_subscription(made.pk)
        assert found is not None
        assert (str(found), found.subscription, solicitation_of(order.pk)) == ("S-1001", made, None)
        with at(first):
            assert make_due() == 1
            assert withdraw(found, first, by=SHELL) is None

        # Whatever the terms say of notice and of how many at least; the order of the day is not sent either.
        kept = Subscription.objects.get()
        assert (kept.state, kept.last_on) == ("ended", None)
        with pytest.raises(Refused, match="新しく始めて"):
            keep_on(kept, by=SHELL)
        assert Subscription.objects.get().state == "ended"
        assert [one.state for one in Order.objects.order_by("number")] == ["placed", "cancelled"]


@pytest.mark.django_db(transaction=True)
def test_two_who_withdraw_at_once_make_one_return(world: World, found: Solicitation) -> None:
    with world.ours.scope():
        order = Order.objects.get()
        move_order(order, "shipped", by=SHELL)

    def one() -> Any:
        with world.ours.scope(), at(date(2026, 12, 3)):
            return withdraw(Solicitation.objects.select_related("order").get(), TODAY, by=SHELL)

    done = at_once(one, one)

    assert sorted(type(result).__name__ for result in done) == ["Conflict", "Return"]
    with world.ours.scope():
        assert Return.objects.count() == 1
