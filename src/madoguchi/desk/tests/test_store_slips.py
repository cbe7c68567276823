"""Message slips for a store: offered where one is written, sent without a supervisor's consent, listed and counted."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_entry_point
from madoguchi.desk.tests.conftest import everything, signed_in
from madoguchi.escalations.models import Slip
from madoguchi.escalations.slips import finish_slip, make_slip, withdraw_slip
from madoguchi.escalations.tests.conftest import HOUR, NINE
from madoguchi.escalations.tests.test_slips import written
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.factories import make_store
from madoguchi.reservations.models import Store

pytestmark = pytest.mark.django_db
MAIL = "ginza@stores.example"
SAID = {"name": "銀座店", "address": MAIL, "words": "お取り置きの確認", "due": "2026-12-01T15:00"}


@pytest.fixture
def store(world: World) -> Store:
    return make_store(world.ours.company, email=f" {MAIL.upper()} ", entry_point=world.ours.entry_point)


def form(client: Client, number: str, **typed: str) -> str:
    with clock.held_at(NINE):
        return client.get(f"/cases/{number}/raised/", {"form": "slip", **typed}).text


def sent(client: Client, number: str, **said: str) -> int:
    with clock.held_at(NINE):
        return client.post(f"/cases/{number}/slip/", SAID | said).status_code


class TestWriting:
    def test_who_came_by_its_number_means_the_store(
        self, world: World, store: Store, number: str, agent: Client
    ) -> None:
        page = form(agent, number)

        assert f'<option value="{store.pk}" selected>銀座店</option>' in page
        assert f'name="address" value="{MAIL}"' in page

    def test_another_store_is_chosen_and_what_was_typed_stays(
        self, world: World, store: Store, number: str, agent: Client
    ) -> None:
        other = make_store(world.ours.company, name="梅田店", email="umeda@shop.example")
        make_store(world.ours.company, name="宛先のない店")
        make_store(world.theirs.company, name="よその店", email="yoso@elsewhere.example")

        page = form(agent, number, store=str(other.pk), words="お取り置き", name="銀座店", address=MAIL)

        assert f'<option value="{other.pk}" selected>梅田店</option>' in page
        assert ('value="umeda@shop.example"' in page, ">お取り置き</textarea>" in page) == (True, True)
        assert ("宛先のない店" in page, "よその店" in page) == (False, False)

    def test_no_store_and_one_of_elsewhere_leave_the_address_as_typed(
        self, world: World, store: Store, number: str, agent: Client
    ) -> None:
        theirs = make_store(world.theirs.company, name="よその店", email="yoso@elsewhere.example")

        for chosen in ("", str(theirs.pk), "x"):
            page = form(agent, number, store=chosen, address="kenji@shop.example")
            assert 'value="kenji@shop.example"' in page
            assert "yoso@elsewhere.example" not in page

    def test_it_leaves_without_a_supervisors_consent_to_the_address(
        self, world: World, store: Store, number: str, agent: Client
    ) -> None:
        # given an address that nobody who approves answers has written to
        assert sent(agent, number, address="kenji@elsewhere.example") == 422
        assert everything(Slip) == []

        # when
        assert sent(agent, number, address=MAIL.upper()) == 302

        # then
        [slip] = everything(Slip)
        assert (slip.to_name, slip.to_address) == ("銀座店", MAIL)

    def test_a_store_of_another_company_settles_nothing(
        self, world: World, number: str, agent: Client
    ) -> None:
        make_store(world.theirs.company, name="よその店", email=MAIL)

        assert sent(agent, number) == 422
        assert everything(Slip) == []


@pytest.fixture
def told(world: World, store: Store, case: Case) -> list[Slip]:
    """Slips for the store: of a case by its number one open and one done, of another case one open
    and one withdrawn; and one for somebody else.
    """
    by = actor_of(world.ours.agent)
    elsewhere = make_case(make_entry_point(world.ours.desk, kind=Channel.FORM))
    make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(NINE):
        slips = [
            make_slip(one, written(to_address=MAIL, is_settled=True), by=by)
            for one in (case, case, elsewhere, elsewhere)
        ]
        finish_slip(slips[1], words="", by=by)
        withdraw_slip(slips[3], by=by)
        make_slip(case, written(to_address="kenji@shop.example"), by=by)
    return slips


class TestSeeing:
    def test_slips_of_a_store(self, world: World, store: Store, told: list[Slip], agent: Client) -> None:
        with clock.held_at(NINE + HOUR):
            page = agent.get(f"/slips/?state=open&store={store.pk}")
            all_open = agent.get("/slips/?state=open&store=x")

        assert [line.slip.pk for line in page.context["lines"]] == [told[2].pk, told[0].pk]
        assert ("銀座店あて" in page.text, f"?state=late&amp;store={store.pk}" in page.text) == (True, True)
        assert (len(all_open.context["lines"]), "銀座店あて" in all_open.text) == (3, False)

    def test_messages_are_counted_by_store(
        self, world: World, store: Store, told: list[Slip], case: Case
    ) -> None:
        make_store(world.ours.company, name="梅田店", email="umeda@shop.example")
        make_store(world.ours.company, name="知られない店")

        with clock.held_at(NINE + timedelta(days=1)):
            page = signed_in(world.ours.supervisor).get("/queue/media/?days=7")

        umeda, ginza = page.context["stores"]
        assert (ginza.messages, ginza.waiting, ginza.cases, ginza.forwarded) == (3, 2, 2, 1)
        assert (ginza.message_rate, "3 (50.0%)" in page.text) == (50.0, True)
        assert f'href="/slips/?state=open&amp;store={store.pk}">2</a>' in page.text
        assert (umeda.name, umeda.messages, umeda.message_rate) == ("梅田店", 0, None)
