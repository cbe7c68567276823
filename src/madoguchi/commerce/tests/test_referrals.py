"""Codes by which customers recommend the company: given once, named in orders, and what they bring."""

from typing import Any

import pytest
from tests.house.at_once import at_once

from madoguchi.commerce.actions import move_order, place_order
from madoguchi.commerce.factories import make_variant, wanted
from madoguchi.commerce.models import Order
from madoguchi.commerce.referrals import LENGTH, LETTERS, Brought, brought_by, codes_of, give_referral
from madoguchi.customers.actions import join_customers, part_customers
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def misaki(world: World) -> Customer:
    return make_customer(world.ours.company, name="髙橋 美咲")


def give(side: Side, customer: Customer) -> str:
    with side.scope():
        return give_referral(customer, desk=side.desk, by=actor_of(side.agent))


def order(side: Side, customer: Customer, code: str, **said: Any) -> Order:
    piece = (make_variant(side.company, price=5_000), 1)
    with side.scope():
        return place_order(customer, wanted(piece, referral=code, **said), desk=side.desk, by=SHELL)


def brought(side: Side, customer: Customer) -> Brought:
    with side.scope():
        return brought_by(Customer.objects.get(pk=customer.pk))


def test_a_code_is_given_once_and_can_be_said(world: World, misaki: Customer) -> None:
    assert brought(world.ours, misaki) == Brought()

    first, again = (give(world.ours, misaki) for _time in range(2))

    assert (len(first), set(first) <= set(LETTERS), again) == (LENGTH, True, first)
    with world.ours.scope():
        told = Event.objects.filter(kind="referral.given")
        assert [(one.data["customer"], one.desk_id) for one in told] == [(misaki.pk, world.ours.desk.pk)]


def test_an_order_that_names_it_counts_for_whose_it_is(world: World, misaki: Customer) -> None:
    # given
    code, friend = give(world.ours, misaki), make_customer(world.ours.company)
    written = f" {code[:3].lower()}-{code[3:]} "

    # when
    kept, gone = order(world.ours, friend, written), order(world.ours, friend, code)
    with world.ours.scope():
        move_order(gone, Order.State.CANCELLED, by=actor_of(world.ours.agent))

    # then
    assert (kept.referral, order(world.ours, friend, "").referral) == (code, "")
    assert brought(world.ours, misaki) == Brought((code,), 1, kept.total)


def test_a_code_of_nobody_of_elsewhere_and_ones_own_take_no_order(world: World, misaki: Customer) -> None:
    own = give(world.ours, misaki)
    elsewhere = give(world.theirs, make_customer(world.theirs.company))

    for code, words in ((own, "ご本人"), (elsewhere, "見つかりません"), ("ZZZZZZ", "見つかりません")):
        with pytest.raises(Refused, match=words) as refused:
            order(world.ours, misaki, code)
        assert refused.value.field == "referral"
    with world.ours.scope():
        assert not Order.objects.exists()


def test_codes_go_along_when_records_are_joined_and_come_back_when_they_part(
    world: World, misaki: Customer
) -> None:
    # given a record with a code that brought an order
    code, friend = give(world.ours, misaki), make_customer(world.ours.company)
    other, by = make_customer(world.ours.company, name="髙橋 みさき"), actor_of(world.ours.supervisor)
    order(world.ours, friend, code)

    # when
    with world.ours.scope():
        join = join_customers(misaki, into=other, by=by)

    # then the other one has it, and nobody uses it for themselves
    assert (brought(world.ours, other).codes, give(world.ours, other)) == ((code,), code)
    with pytest.raises(Refused, match="ご本人"):
        order(world.ours, other, code)
    with world.ours.scope(), pytest.raises(Conflict):
        give_referral(misaki, desk=world.ours.desk, by=actor_of(world.ours.agent))

    # when, then
    with world.ours.scope():
        part_customers(join, by=by)
        assert (codes_of(misaki), codes_of(other)) == ((code,), ())


def test_who_takes_no_orders_gives_none(world: World, misaki: Customer) -> None:
    with world.ours.scope(), pytest.raises(NotAllowed):
        give_referral(misaki, desk=world.ours.desk, by=actor_of(world.ours.company_staff))
    with world.ours.scope(), pytest.raises(NotAllowed):
        give_referral(misaki, desk=world.theirs.desk, by=actor_of(world.ours.agent))

    assert brought(world.ours, misaki) == Brought()


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_gives_it(world: World, misaki: Customer) -> None:
    codes = at_once(*[lambda: give(world.ours, misaki)] * 8)

    assert len(set(codes)) == 1
    with world.ours.scope():
        assert Event.objects.filter(kind="referral.given").count() == 1


def test_what_was_sent_once_more_and_what_came_before_is_no_order_of_a_code(
    world: World, misaki: Customer
) -> None:
    # given an order before there was a code, one that names it, and goods of that one sent once more
    friend = make_customer(world.ours.company)
    before = order(world.ours, friend, "")
    code = give(world.ours, misaki)
    kept, again = order(world.ours, friend, code), order(world.ours, friend, code)
    with world.ours.scope():
        Order.objects.filter(pk=again.pk).update(resend_of=kept)

    assert brought(world.ours, misaki) == Brought((code,), 1, kept.total)
    assert before.referral == ""


@pytest.mark.parametrize("written", ["", "  ", "－・。", "\n"])
def test_nothing_written_is_no_code(world: World, misaki: Customer, written: str) -> None:
    assert order(world.ours, misaki, written).referral == ""


def test_a_code_that_everybody_writes_otherwise_is_the_same(world: World, misaki: Customer) -> None:
    code, friend = give(world.ours, misaki), make_customer(world.ours.company)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)

    assert {order(world.ours, friend, one).referral for one in (wide, " ".join(code), f"「{code}」")} == {
        code
    }


def test_an_order_of_a_record_that_was_the_same_person_brought_nobody(world: World, misaki: Customer) -> None:
    # given a second record of the same person, who orders by the code, and a friend who does
    code, friend = give(world.ours, misaki), make_customer(world.ours.company)
    twin, by = make_customer(world.ours.company, name="髙橋 みさき"), actor_of(world.ours.supervisor)
    order(world.ours, twin, code)
    kept = order(world.ours, friend, code)
    assert brought(world.ours, misaki).orders == 2

    # when
    with world.ours.scope():
        join_customers(twin, into=misaki, by=by)

    # then
    assert brought(world.ours, misaki) == Brought((code,), 1, kept.total)
