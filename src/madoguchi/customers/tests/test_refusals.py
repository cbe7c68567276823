"""Who refused and comes back by the same number or address is known to have refused, whatever was forgotten of them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

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
