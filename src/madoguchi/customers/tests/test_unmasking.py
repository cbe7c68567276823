"""What is kept from somebody is shown to them alone: one field of one customer, for ten minutes, and nowhere else."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.companies.models import Engagement
from madoguchi.customers.actions import change_customer
from madoguchi.customers.models import Customer, Unmasking
from madoguchi.customers.queries import view_of
from madoguchi.customers.unmasking import kept_from, may_unmask, scope_for, unmask, unmaskings_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOW, WHY = datetime(2027, 1, 20, 3, tzinfo=UTC), "配送会社へ住所を伝えるため"


@pytest.fixture
def customer(world: World) -> Customer:
    """A customer whose address is masked, and whose memo is hidden, for all who answer."""
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        change_customer(case.customer, address="京都市中京区三条通", memo="午後に電話", by=system("test"))
        Engagement.objects.update(masked=["address"], hidden=["memo"])
        return Customer.objects.get(pk=case.customer_id)


@pytest.fixture
def leader(world: World, customer: Customer) -> Actor:
    return actor_of(world.ours.supervisor)


def shown(world: World, customer: Customer, actor: Actor) -> tuple[bool, bool]:
    """Whether the address and the memo are seen whole."""
    view = view_of(customer, actor=actor)
    return view.address == "京都市中京区三条通", view.memo == "午後に電話"


@pytest.mark.parametrize(
    ("later", "seen"),
    [
        (timedelta(0), (True, False)),
        (timedelta(minutes=9, seconds=59), (True, False)),
        (timedelta(minutes=10), (False, False)),
        (timedelta(days=1), (False, False)),
    ],
)
def test_ten_minutes_and_not_longer(
    world: World, customer: Customer, leader: Actor, later: timedelta, seen: tuple[bool, bool]
) -> None:
    with world.ours.scope():
        with clock.held_at(NOW):
            unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=leader)
        with clock.held_at(NOW + later):
            assert shown(world, customer, leader) == seen


def test_a_hidden_field_too_and_the_other_stays_as_it_was(
    world: World, customer: Customer, leader: Actor
) -> None:
    with world.ours.scope():
        unmask(customer, "memo", reason=WHY, desk=world.ours.desk.pk, by=leader)
        assert shown(world, customer, leader) == (False, True)
        assert kept_from(customer, actor=leader) == ["address"]
        unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=leader)
        assert (shown(world, customer, leader), kept_from(customer, actor=leader)) == ((True, True), [])


def test_it_is_of_one_customer_and_one_person(world: World, customer: Customer, leader: Actor) -> None:
    other_case = make_case(world.ours.entry_point)
    usual = DataScope(masked=frozenset({"address"}), hidden=frozenset({"memo"}))
    with world.ours.scope():
        other = other_case.customer
        unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=leader)
        assert scope_for(customer, actor=leader).masked == frozenset()
        assert scope_for(other, actor=leader) == usual
        for role in ("agent", "manager"):
            assert scope_for(customer, actor=actor_of(getattr(world.ours, role))) == usual
        # What is asked of the company as a whole (lists, search, exports) does not know of it.
        assert leader.data_scope(company=world.ours.company.pk) == usual


@pytest.mark.parametrize(
    ("field", "reason", "wrong"),
    [
        ("phone", WHY, "field"),
        ("", WHY, "field"),
        ("password", WHY, "field"),
        ("address", "", "reason"),
        ("address", "    ", "reason"),
        ("address", "確認", "reason"),
    ],
)
def test_without_a_field_that_is_kept_or_a_reason_nothing_is_shown(
    world: World, customer: Customer, leader: Actor, field: str, reason: str, wrong: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            unmask(customer, field, reason=reason, desk=world.ours.desk.pk, by=leader)
        assert refused.value.field == wrong
        assert (Unmasking.objects.count(), shown(world, customer, leader)) == (0, (False, False))
        assert not Event.objects.filter(kind="customer.unmasked").exists()


def test_what_is_shown_already_is_not_asked_for_again(
    world: World, customer: Customer, leader: Actor
) -> None:
    with world.ours.scope():
        with clock.held_at(NOW):
            unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=leader)
            with pytest.raises(Refused):
                unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=leader)
        with clock.held_at(NOW + timedelta(minutes=10)):
            unmask(customer, "address", reason="もう一度伝えるため", desk=world.ours.desk.pk, by=leader)
        rows = list(unmaskings_of(world.ours.company.pk).values_list("reason", "until"))

    assert rows == [
        ("もう一度伝えるため", NOW + timedelta(minutes=20)),
        (WHY, NOW + timedelta(minutes=10)),
    ]


def test_no_number_of_a_card_stays_in_the_reason(world: World, customer: Customer, leader: Actor) -> None:
    with world.ours.scope():
        made = unmask(
            customer,
            "address",
            reason="4111 1111 1111 1111 の件で確かめるため",
            desk=world.ours.desk.pk,
            by=leader,
        )

    assert "4111" not in made.reason


@pytest.mark.parametrize(
    ("role", "may"),
    [("agent", False), ("supervisor", True), ("manager", True), ("company_staff", False)],
)
def test_who_leads_may_and_whoever_answers_may_not(
    world: World, customer: Customer, role: str, may: bool
) -> None:
    who, desk = actor_of(getattr(world.ours, role)), world.ours.desk.pk
    with world.ours.scope():
        assert may_unmask(who, company=world.ours.company.pk, desk=desk) is may
        with nullcontext() if may else pytest.raises(NotAllowed):
            unmask(customer, "address", reason=WHY, desk=desk, by=who)
        assert Unmasking.objects.count() == may


def test_people_of_another_company_and_programs_are_shown_nothing(world: World, customer: Customer) -> None:
    with world.ours.scope():
        for who in (actor_of(world.theirs.supervisor), actor_of(world.administrator), system("test")):
            with pytest.raises(NotAllowed):
                unmask(customer, "address", reason=WHY, desk=world.ours.desk.pk, by=who)
        assert not Unmasking.objects.exists()
