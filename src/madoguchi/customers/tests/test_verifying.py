"""How we know that an address is a customer's: said by people, by a code, taken back, kept from whom it is kept."""

import pytest

from madoguchi.customers.actions import add_first_address, set_addresses, verify_identity
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import view_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")


def told() -> list[tuple[str, int]]:
    rows = Event.objects.filter(kind="customer.verified").order_by("id").values_list("data", flat=True)
    return [(one["how"], one["identity"]) for one in rows]


@pytest.fixture
def customer(world: World) -> Customer:
    return make_customer(world.ours.company, email="misaki@home.example", phone="090-1234-5678")


def of(customer: Customer, kind: str) -> Identity:
    return Identity.objects.get(customer=customer, kind=kind)


def test_it_is_said_with_when_and_by_whom_and_taken_back(world: World, customer: Customer) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope(), clock.held_at(clock.now()):
        mail, where = of(customer, "email"), {"customer": customer.pk, "company": customer.company_id}
        verify_identity(mail.pk, how="document", by=by, **where)
        seen = {one.kind: one for one in view_of(customer, actor=by).addresses}

        assert (seen["email"].verified_how, seen["email"].verified_by) == ("document", world.ours.agent.name)
        assert (seen["email"].verified_at, seen["email"].how_in_words) == (clock.now(), "書類で確認")
        assert (seen["phone"].verified_how, seen["phone"].verified_at, seen["phone"].verified_by) == (
            "",
            None,
            "",
        )
        verify_identity(mail.pk, how="", by=by, **where)
        verify_identity(mail.pk, how="", by=by, **where)
        fresh = of(customer, "email")
        assert (fresh.verified_how, fresh.verified_at, fresh.verified_by) == ("", None, None)
        assert told() == [("document", mail.pk), ("", mail.pk)]


@pytest.mark.parametrize(("kind", "how"), [("email", "call"), ("phone", "mail"), ("email", "guessed")])
def test_a_way_that_does_not_go_with_the_address_is_refused(
    world: World, customer: Customer, kind: str, how: str
) -> None:
    with world.ours.scope():
        one = of(customer, kind)
        with pytest.raises(Refused):
            where = {"customer": customer.pk, "company": customer.company_id}
            verify_identity(one.pk, how=how, by=actor_of(world.ours.agent), **where)
        assert (of(customer, kind).verified_how, told()) == ("", [])


def test_strangers_and_readers_say_nothing_and_another_customers_address_is_not_found(
    world: World, customer: Customer
) -> None:
    with world.ours.scope():
        one, other = of(customer, "email"), make_customer(world.ours.company)
        where = {"customer": customer.pk, "company": customer.company_id, "how": "told"}
        for user in (world.theirs.agent, world.ours.company_staff):
            with pytest.raises(NotAllowed):
                verify_identity(one.pk, by=actor_of(user), **where)
        with pytest.raises(NotFound):
            verify_identity(one.pk, by=actor_of(world.ours.agent), **where | {"customer": other.pk})
        assert (of(customer, "email").verified_how, told()) == ("", [])


@pytest.mark.parametrize(("narrowed", "seen"), [("hidden", ["email"]), ("masked", ["email", "phone"])])
def test_who_is_kept_from_phones_says_nothing_of_them(
    world: World, customer: Customer, narrowed: str, seen: list[str]
) -> None:
    with world.ours.scope():
        setattr(world.ours.engagement, narrowed, ["phone"])
        world.ours.engagement.save()
        by, phone = actor_of(world.ours.agent), of(customer, "phone")
        where = {"customer": customer.pk, "company": customer.company_id}
        with pytest.raises(NotAllowed):
            verify_identity(phone.pk, how="call", by=by, **where)
        shown = view_of(customer, actor=by).addresses

        assert (told(), [one.kind for one in shown]) == ([], seen)
        assert "1234" not in "".join(one.written for one in shown)


def test_what_is_known_of_an_address_stays_where_the_addresses_are_put_in_another_order(
    world: World, customer: Customer
) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        where = {"customer": customer.pk, "company": customer.company_id}
        verify_identity(of(customer, "email").pk, how="mail", by=by, **where)
        set_addresses(customer, emails=["new@home.example", "misaki@home.example"], by=by)

        seen = [
            (one.written, one.verified_how, one.verified_by) for one in view_of(customer, actor=by).addresses
        ]
    assert seen == [
        ("090-1234-5678", "", ""),
        ("new@home.example", "", ""),
        ("misaki@home.example", "mail", world.ours.agent.name),
    ]


def test_an_address_that_was_shown_by_a_code_is_known_by_it_once(world: World) -> None:
    with world.ours.scope():
        nobody = make_customer(world.ours.company, email=None)
        for _twice in range(2):
            where = {"company": nobody.company_id, "address": "shown@home.example"}
            assert add_first_address(nobody.pk, by=SHELL, **where)
        one = of(nobody, "email")
        assert (one.verified_how, one.verified_by, told()) == ("code", None, [("code", one.pk)])
