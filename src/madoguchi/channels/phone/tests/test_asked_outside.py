"""Somebody outside is asked by a trunk while the customer waits, and the customer put through, over real UDP."""

from dataclasses import replace

import numpy as np
import pytest
from django.test import override_settings

from madoguchi.cases.models import Note
from madoguchi.channels.phone.tests.browser import FakeBrowser
from madoguchi.channels.phone.tests.customer import Customer
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.channels.phone.tests.test_switchboard import Room, actor_of_, kept, number, run
from madoguchi.channels.phone.tests.test_three import decoded, talking, tones
from madoguchi.channels.phone.trunks import Trunk
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone, OutsideContact, OutsideLeg
from madoguchi.voice.outside_contacts import add_contact, consult_outside, remove_contact
from madoguchi.voice.phones import Lines, ask_of_call

__all__ = ["number"]
pytestmark = pytest.mark.django_db(transaction=True)
LINES = Lines(summary="冷蔵庫の水漏れ")


@pytest.fixture
def shop(world: World, settings: object) -> OutsideContact:
    """A repair shop that our company wrote down; calls go out by a trunk."""
    settings.CALLS_GO_BY_TRUNK = True  # type: ignore[attr-defined]
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        return add_contact(world.ours.company.pk, name="修理受付", number="03-1234-5678", by=by)


async def trunk_of(room: Room) -> Customer:
    trunk = await Customer().open()
    room.gateway.settings = replace(room.gateway.settings, trunks=(Trunk("127.0.0.1", trunk.sip_port),))
    return trunk


async def asking(room: Room, agent: User, shop: OutsideContact) -> tuple[Phone, FakeBrowser, Customer]:
    """Our agent talks with a caller and has the shop called, which is at a trunk."""
    trunk = await trunk_of(room)
    phone, browser = await talking(room, agent)
    await room.do(consult_outside, contact=shop.pk, lines=LINES, by=actor_of_(agent))
    return phone, browser, trunk


def test_the_customer_waits_while_a_shop_is_asked_and_is_put_through_to_it(
    number: EntryPoint, world: World, shop: OutsideContact
) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone, browser, trunk = await asking(room, agent, shop)
        asked = await trunk.rings()
        assert asked.startswith(f"INVITE sip:0312345678@127.0.0.1:{trunk.sip_port} ")
        assert "\nFrom: <sip:05000000001@127.0.0.1" in asked
        with pytest.raises(Conflict):
            await room.do(ask_of_call, "put_through", by=actor_of_(agent))
        await room.hear(phone, "music")
        await trunk.take()
        await room.phone(agent, lambda held: held.outside_there)
        await room.do(ask_of_call, "put_through", by=actor_of_(agent))
        await room.state(agent, "wrapping")
        await room.until("talking")
        begun = len(trunk.rtp.all), len(phone.rtp.all)
        await room.talk(phone, trunk, pieces=16)
        sounds = (trunk.rtp.all[begun[0] :], phone.rtp.all[begun[1] :])
        told = (decoded(b"".join(packet[12:] for packet in one[-6:])) for one in sounds)
        assert [tones(np.frombuffer(one, "<i2").astype(float)) for one in told] == [{440}, {1000}]
        trunk.says_bye()
        assert (await phone.answer(0)).startswith("BYE")
        browser.close()
        trunk.close()

    run(scenario, number, agent)

    call, rang = kept(number)
    assert (call.outcome, call.agent_id) == ("talked", agent.pk)
    assert [span["spent"] for span in call.spans] == ["ring", "wait", "talk", "hold", "talk"]
    assert [span.get("outside", False) for span in call.spans] == [False] * 4 + [True]
    assert [one["person"] for one in rang] == [agent.pk]
    with scope.acting_for([number.company_id]):
        leg = OutsideLeg.objects.get()
        assert leg.call == call.uid
        assert leg.answered_at is not None
        assert leg.ended_at is not None
        assert Note.objects.get().text == "要約: 冷蔵庫の水漏れ"
        kinds = ["call.asked_outside", "call.put_through_outside", "call.recording_paused"]
        told = Event.objects.filter(kind__in=kinds).order_by("id").values_list("kind", "data__person")
        assert list(told) == [(kind, agent.pk) for kind in kinds]


def test_a_shop_that_does_not_answer_leaves_the_customer_with_us(
    number: EntryPoint, world: World, shop: OutsideContact
) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone, browser, trunk = await asking(room, agent, shop)
        await trunk.rings()
        trunk.reply(486, "Busy Here")
        held = await room.phone(agent, lambda held: held.asks == 0)
        assert (held.state, held.held) == ("talking", True)
        await room.do(consult_outside, contact=shop.pk, lines=LINES, by=actor_of_(agent))
        await trunk.rings()
        await room.do(ask_of_call, "back", by=actor_of_(agent))
        await trunk.comes("CANCEL")
        await room.until("talking")
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()
        trunk.close()

    run(scenario, number, agent)

    call, _rang = kept(number)
    assert (call.outcome, call.agent_id) == ("talked", agent.pk)
    with scope.acting_for([number.company_id]):
        assert OutsideLeg.objects.filter(ended_at=None).count() == 0
        assert OutsideLeg.objects.count() == 2
    assert AgentPhone.objects.get(user=agent).asks == 0


def test_only_who_is_written_down_is_called_and_no_more_than_the_day_allows(
    number: EntryPoint, world: World, shop: OutsideContact
) -> None:
    agent = world.ours.agent
    with world.theirs.scope():
        by = actor_of(world.theirs.company_manager)
        foreign = add_contact(world.theirs.company.pk, name="修理", number="03-1234-5678", by=by)
    with world.ours.scope():
        dear = OutsideContact.objects.create(company=world.ours.company, name="x", number="+19005550100")

    async def scenario(room: Room) -> None:
        trunk = await trunk_of(room)
        phone, browser = await talking(room, agent)
        for wanted in (foreign.pk, dear.pk, 10**9):
            with pytest.raises(NotFound):
                await room.do(consult_outside, contact=wanted, lines=LINES, by=actor_of_(agent))
        with pytest.raises(Refused):
            await room.do(consult_outside, contact=shop.pk, lines=Lines(), by=actor_of_(agent))
        with override_settings(CALLS_OUT_A_DAY=0), pytest.raises(Refused):
            await room.do(consult_outside, contact=shop.pk, lines=LINES, by=actor_of_(agent))
        assert room.line.call.phase == "talking"
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()
        trunk.close()

    run(scenario, number, agent)
    with scope.acting_for([number.company_id]):
        assert not OutsideLeg.objects.exists()
        assert not Note.objects.exists()


@pytest.mark.parametrize("written", ["110", "0990-123-456", "+1 900 555 0100", "abc", ""])
def test_what_must_not_be_called_is_not_written_down(world: World, written: str) -> None:
    with world.ours.scope(), pytest.raises(Refused) as refused:
        by = actor_of(world.ours.company_manager)
        add_contact(world.ours.company.pk, name="修理", number=written, by=by)
    assert refused.value.field == "number"
    with world.ours.scope():
        assert not OutsideContact.objects.exists()


def test_a_contact_that_is_removed_is_kept_for_what_was_and_called_no_more(
    world: World, shop: OutsideContact
) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        remove_contact(world.ours.company.pk, shop.pk, by=by)
        assert not OutsideContact.objects.get().active
        with pytest.raises(NotFound):
            remove_contact(world.ours.company.pk, shop.pk, by=by)
        told = Event.objects.filter(kind="company.outside_contact_set").order_by("id")
        assert [one.data for one in told] == [{"contact": shop.pk, "there": there} for there in (True, False)]
        # A private person's name must be able to go: it stands beside the log, which keeps all for good.
        assert list(words_of(one.pk for one in told).values()) == [
            {"name": ["", "修理受付"]},
            {"name": ["修理受付", ""]},
        ]
