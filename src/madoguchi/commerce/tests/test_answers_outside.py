"""What carriers and warehouses answer about an order that has not come: once, by who may, and how long it took."""

from datetime import timedelta

import pytest
from tests.rows import all_of

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Decision, Order, Parcel
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.whereabouts import decide, note_answer, usual_wait
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def order(world: World) -> Order:
    case = make_case(world.ours.entry_point)
    kettle = make_variant(world.ours.company, name="南部鉄瓶", price=13_200)
    return order_of(case.customer_id, case.desk_id, (kettle, 1), case=case.pk)


def asked(order: Order, choice: str = "ask_warehouse", parcel: Parcel | None = None) -> Decision:
    return decide(order, choice, parcel=parcel, by=SHELL)


def answered(order: Order, choice: str, after: timedelta, parcel: Parcel | None = None) -> None:
    then = clock.now() - timedelta(days=10)
    with clock.held_at(then):
        made = asked(order, choice, parcel)
    with clock.held_at(then + after):
        note_answer(made, cause="late", answer="", by=SHELL)


@pytest.mark.parametrize("cause", Decision.Cause.values)
def test_each_cause_is_kept_with_the_words_and_the_time(world: World, order: Order, cause: str) -> None:
    with world.ours.scope():
        made = asked(order)
        with clock.held_at(made.at + timedelta(hours=2, seconds=59)):
            note_answer(
                made,
                cause=cause,
                answer=" 棚に\n残って いた 4111 1111 1111 1111",
                by=actor_of(world.ours.agent),
            )

        kept = Decision.objects.get(pk=made.pk)
        assert (kept.cause, kept.answered_by_id) == (cause, world.ours.agent.pk)
        assert kept.answer.startswith("棚に 残って いた")
        assert "4111" not in kept.answer
        assert kept.answered_at == made.at + timedelta(hours=2, seconds=59)
        fact = Event.objects.get(kind="order.answered").data
        assert (fact["cause"], fact["choice"], fact["minutes"]) == (cause, "ask_warehouse", 120)


@pytest.mark.parametrize("choice", ["wait", "resend", "refund"])
def test_nobody_outside_answers_what_they_were_not_asked(world: World, order: Order, choice: str) -> None:
    with world.ours.scope():
        made = asked(order, choice)
        before = all_of(world.ours.company.pk)
        with pytest.raises(Conflict):
            note_answer(made, cause="late", answer="", by=SHELL)
        assert all_of(world.ours.company.pk) == before


def test_an_answer_is_written_once_with_a_cause_by_who_takes_orders_here(world: World, order: Order) -> None:
    with world.ours.scope():
        made = asked(order)
        before = all_of(world.ours.company.pk)
        for cause in ("", "nonsense"):
            with pytest.raises(Refused):
                note_answer(made, cause=cause, answer="?", by=SHELL)
        with pytest.raises(NotAllowed):
            note_answer(made, cause="late", answer="?", by=actor_of(world.theirs.agent))
        assert all_of(world.ours.company.pk) == before
        note_answer(made, cause="late", answer="明日着きます", by=SHELL)
        with pytest.raises(Conflict):
            note_answer(made, cause="lost", answer="", by=SHELL)
        assert Decision.objects.get(pk=made.pk).cause == "late"


def test_how_long_it_usually_takes_is_the_middle_of_five_or_more(world: World, order: Order) -> None:
    company = world.ours.company.pk
    with world.ours.scope():
        for hours in (1, 3, 90, 2):
            answered(order, "ask_warehouse", timedelta(hours=hours))
        assert usual_wait(company, "ask_warehouse") is None
        answered(order, "ask_warehouse", timedelta(hours=4))

        assert usual_wait(company, "ask_warehouse") == (timedelta(hours=3), 5)
        assert usual_wait(company, "ask_carrier") is None
        with clock.held_at(clock.now() + timedelta(days=91)):
            assert usual_wait(company, "ask_warehouse") is None


def test_of_carriers_each_is_told_by_its_own(world: World, order: Order) -> None:
    company = world.ours.company.pk
    with world.ours.scope():
        parcels = {
            one: make_parcel(order_again(order), carrier=one, by=SHELL) for one in ("yamato", "sagawa")
        }
        for _time in range(5):
            answered(order, "ask_carrier", timedelta(hours=1), parcels["yamato"])
            answered(order, "ask_carrier", timedelta(hours=7), parcels["sagawa"])

        assert usual_wait(company, "ask_carrier", carrier="yamato") == (timedelta(hours=1), 5)
        assert usual_wait(company, "ask_carrier", carrier="sagawa") == (timedelta(hours=7), 5)
        assert usual_wait(company, "ask_carrier") == (timedelta(hours=4), 10)


def order_again(order: Order) -> Order:
    return order_of(order.customer_id, order.desk_id, case=order.case_id)
