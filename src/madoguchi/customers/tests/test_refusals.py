"""Who refused and comes back by the same number or address is known to have refused, whatever was forgotten of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections, transaction

from madoguchi.customers.actions import Said, find_or_create, set_addresses, write_consent
from madoguchi.customers.actions.refuse import keep_refusals
from madoguchi.customers.consenting import history_of, may_approach
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Consent, Customer, Identity, Purpose, Refusal, RefusalKey, Way
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
NUMBER = "03-1234-5678"


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def says(customer: Customer, *, given: bool, by: Actor, ways: Sequence[str] = ("phone",)) -> None:
    day = clock.today() - timedelta(days=3) if not given else None
    write_consent(
        customer, Said(purpose="offers", ways=tuple(ways), given=given, how="phone", day=day), by=by
    )


def calls_in(side: Side, number: str = "０３（１２３４）５６７８") -> int:
    return find_or_create(
        company=side.company.pk,
        kind=IdentityKind.PHONE,
        party=Party(number),
        language="ja",
        by=system("intake"),
    )


def test_a_number_that_left_the_record_is_refused_still_for_whom_it_comes_to_next(
    world: World, agent: Actor
) -> None:
    before = make_customer(world.ours.company, phone=NUMBER)
    with world.ours.scope():
        says(before, given=False, by=agent)
        set_addresses(before, phones=[], by=agent)

        again = calls_in(world.ours)
        other = calls_in(world.ours, "03-9999-0000")

        assert again != before.pk
        assert not may_approach(again, Purpose.OFFERS, Way.PHONE)
        assert may_approach(other, Purpose.OFFERS, Way.PHONE)
        [said] = history_of(again)
        assert (said.how, said.given, said.channel) == ("kept", False, "phone")
        assert said.at.astimezone(clock.TOKYO).date() == clock.today() - timedelta(days=3)
        [kept] = Refusal.objects.values_list("digest", flat=True)
        assert (len(kept), "1234" in kept) == (64, False)
    with world.theirs.scope():
        stranger = calls_in(world.theirs)
        assert may_approach(stranger, Purpose.OFFERS, Way.PHONE)
        assert not Refusal.objects.exists()


def test_consent_given_since_counts_and_is_not_taken_back_by_the_number(world: World, agent: Actor) -> None:
    before = make_customer(world.ours.company, phone=NUMBER)
    with world.ours.scope():
        says(before, given=False, by=agent)
        set_addresses(before, phones=[], by=agent)
        again = Customer.objects.get(pk=calls_in(world.ours))

        says(again, given=True, by=agent)

        assert may_approach(again.pk, Purpose.OFFERS, Way.PHONE)
        assert not Refusal.objects.exists()
        set_addresses(again, phones=[], by=agent)
        assert may_approach(calls_in(world.ours), Purpose.OFFERS, Way.PHONE)


def test_each_way_is_known_by_its_own_addresses_and_said_once(world: World, agent: Actor) -> None:
    before = make_customer(world.ours.company, email="misaki@home.example", phone=NUMBER)
    with world.ours.scope():
        says(before, given=False, by=agent, ways=("phone", "sms", "email", "letter"))
        for _twice in range(2):
            kept = keep_refusals([before.pk], company=before.company_id)
        assert len(kept) == Refusal.objects.count() == 3
        Identity.objects.all().delete()
        new = make_customer(world.ours.company, email=None)

        for phones in ([], [NUMBER]):
            set_addresses(new, emails=["MISAKI@home.example"], phones=phones, by=agent)

        refused = Consent.objects.filter(customer=new, how="kept").order_by("channel")
        assert list(refused.values_list("channel", flat=True)) == ["email", "phone", "sms"]


def test_nobody_says_that_it_was_kept_and_without_its_key_nothing_is_known(
    world: World, agent: Actor
) -> None:
    before = make_customer(world.ours.company, phone=NUMBER)
    with world.ours.scope():
        kept = Said(purpose="offers", ways=("phone",), given=False, how="kept")
        with pytest.raises(Refused):
            write_consent(before, kept, by=agent)
        assert not Consent.objects.exists()
        says(before, given=False, by=agent)
        set_addresses(before, phones=[], by=agent)

        RefusalKey.objects.update(key="00" * 32)

        assert may_approach(calls_in(world.ours), Purpose.OFFERS, Way.PHONE)


@pytest.mark.django_db(transaction=True)
def test_two_who_make_a_company_s_first_key_at_once_have_one(world: World, agent: Actor) -> None:
    people = [make_customer(world.ours.company, phone=f"03-1234-000{n}") for n in range(4)]
    with world.ours.scope():
        for one in people:
            says(one, given=False, by=agent)
    together = Barrier(len(people))

    def keep(pk: int) -> None:
        try:
            with world.ours.scope(), transaction.atomic():
                together.wait()
                keep_refusals([pk], company=world.ours.company.pk)
        finally:
            connections.close_all()

    threads = [Thread(target=keep, args=[one.pk]) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with world.ours.scope():
        Identity.objects.all().delete()
        assert (RefusalKey.objects.count(), Refusal.objects.count()) == (1, len(people))
        for n in range(len(people)):
            again = calls_in(world.ours, f"03-1234-000{n}")
            assert not may_approach(again, Purpose.OFFERS, Way.PHONE)


def test_under_another_secret_key_who_refused_can_still_be_forgotten_and_is_known_from_then_on(
    world: World, agent: Actor, settings: Any
) -> None:
    before = make_customer(world.ours.company, phone=NUMBER)
    with world.ours.scope(), clock.held_at(NOON):
        says(before, given=False, by=agent)
        keep_refusals([before.pk], company=before.company_id)
        assert RefusalKey.objects.get().renewed_at is None
        settings.SECRET_KEY = "another"

        set_addresses(before, phones=[], by=agent)

        assert (RefusalKey.objects.get().renewed_at, Refusal.objects.count()) == (NOON, 2)
        assert not may_approach(calls_in(world.ours), Purpose.OFFERS, Way.PHONE)
