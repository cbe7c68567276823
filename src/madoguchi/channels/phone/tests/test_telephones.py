"""SIP telephones of people of ours, over real UDP: they register, ring, talk, hold, and hang up."""

import io
import re
import wave
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import numpy as np
import pytest

from madoguchi.channels.phone.tests.handset import Handset
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.channels.phone.tests.test_switchboard import Room, Scenario, actor_of_, kept, loudest, number
from madoguchi.channels.phone.tests.test_switchboard import run as run_room
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files, limits, scope
from madoguchi.infra.models import RateCount
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import AgentPhone, Recording, SipPhone
from madoguchi.voice.phones import ask_of_call, gone_away
from madoguchi.voice.sip_phones import (
    COUNTED_SECONDS,
    MOST_WRONG,
    MOST_WRONG_OF_HOST,
    give_sip_phone,
    keep_present,
)

__all__ = ["number"]
pytestmark = pytest.mark.django_db(transaction=True)
LOOPBACK = (ip_network("127.0.0.0/8"),)


def run(scenario: Scenario, number: EntryPoint, *ready: User, **more: Any) -> None:
    """Let something happen where telephones may register from this machine."""

    async def all_of_it(room: Room) -> None:
        room.gateway.door.telephones = LOOPBACK
        await scenario(room)

    run_room(all_of_it, number, *ready, **more)


@pytest.fixture
def given(world: World) -> tuple[str, str]:
    """The name and secret that our agent was given."""
    with world.ours.scope():
        phone, secret = give_sip_phone(world.ours.agent, by=actor_of(world.ours.manager))
    return phone.name, secret


async def there(room: Room, given: tuple[str, str]) -> Handset:
    handset = Handset(room.gateway.settings.port, *given)
    await handset.open()
    assert await handset.register() == 200
    return handset


async def rung(room: Room, given: tuple[str, str]) -> tuple[Phone, Handset]:
    """Somebody calls, and it rings at the telephone that is there."""
    handset = await there(room, given)
    phone = await room.call()
    await handset.rings()
    return phone, handset


def test_a_call_rings_at_a_telephone_that_is_registered_and_is_talked_on_held_and_hung_up_there(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        handset = await there(room, given)
        await room.do(gone_away, by=actor_of_(agent))  # no page is open
        phone = await room.call()
        asked = await handset.rings()
        assert asked.startswith(f"INVITE sip:desk@127.0.0.1:{handset.sip_port};ob ")
        assert "\nFrom: <sip:09012345678@127.0.0.1" in asked
        ringing = await room.state(agent, "ringing")
        assert (ringing.telephone, ringing.call) == (True, room.line.uid)
        await handset.take()
        await room.phone(agent, lambda held: held.state == "talking" and held.connected)
        await room.talk(phone, handset, pieces=60)
        handset.holds(on=True)
        await handset.answer(200)
        await room.phone(agent, lambda held: held.held)
        assert room.line.call.phase == "holding"
        handset.holds(on=False)
        await handset.answer(200)
        await room.phone(agent, lambda held: not held.held)
        await room.until("talking")
        await room.do(ask_of_call, "hold", by=actor_of_(agent))  # the page does as well
        await room.until("holding")
        handset.says_bye()
        assert (await phone.answer(0)).startswith("BYE")
        await room.state(agent, "wrapping")
        handset.close()

    run(scenario, number, agent)

    call, rang = kept(number)
    assert (call.outcome, call.ended_by, call.agent_id) == ("talked", "agent", agent.pk)
    assert [span["spent"] for span in call.spans] == ["ring", "wait", "talk", "hold", "talk", "hold"]
    assert [(one["person"], one["answered"]) for one in rang] == [(agent.pk, True)]


def test_what_is_said_on_both_sides_is_recorded(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    async def scenario(room: Room) -> None:
        phone, handset = await rung(room, given)
        await handset.take()
        await room.until("talking")
        await room.talk(phone, handset, pieces=60)
        await phone.gone()
        await handset.comes("BYE")
        await room.state(world.ours.agent, "wrapping")
        handset.close()

    run(scenario, number, world.ours.agent)

    with scope.acting_for([number.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=number.company_id)
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    assert [round(loudest(both[:, side]), -1) for side in (0, 1)] == [440, 1000]


def test_who_declines_at_a_telephone_is_away_and_the_next_is_rung(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    agent, other = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        phone, handset = await rung(room, given)
        handset.reply(603, "Decline")
        await handset.comes("ACK")
        await room.state(agent, "away")
        await room.state(other, "ringing")
        await phone.gone()
        await room.state(other, "ready")
        handset.close()

    run(scenario, number, agent, other)
    assert not AgentPhone.objects.filter(telephone=True).exists()


def test_a_caller_who_hangs_up_stops_the_ringing(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone, handset = await rung(room, given)
        await phone.gone()
        await handset.comes("CANCEL")
        await room.state(agent, "ready")
        handset.close()

    run(scenario, number, agent)
    assert not AgentPhone.objects.filter(telephone=True).exists()


def test_a_telephone_takes_itself_away_and_one_that_expires_is_not_rung(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    async def scenario(room: Room) -> None:
        handset = await there(room, given)
        phone = await room.do(SipPhone.objects.get)
        assert (phone.contact, phone.host, phone.port, phone.agent) == (
            f"sip:desk@127.0.0.1:{handset.sip_port};ob",
            "127.0.0.1",
            handset.sip_port,
            "Handset 1",
        )
        assert timedelta(seconds=110) < phone.registered_until - clock.now() <= timedelta(seconds=120)
        assert await handset.register(expires=30) == 423
        assert await handset.register(host="192.168.7.7") == 200  # behind NAT it is rung where it came from
        phone = await room.do(SipPhone.objects.get)
        assert (phone.host, phone.port) == ("127.0.0.1", handset.sip_port)
        assert await handset.register(expires=0) == 200
        phone = await room.do(SipPhone.objects.get)
        assert (phone.registered_until, phone.contact) == (None, "")
        handset.close()

    run(scenario, number, world.ours.agent)

    AgentPhone.objects.update(seen_at=clock.now() - timedelta(minutes=5))
    SipPhone.objects.update(registered_until=clock.now())
    keep_present()
    assert AgentPhone.objects.get().seen_at < clock.now() - timedelta(minutes=4)
    SipPhone.objects.update(registered_until=clock.now() + timedelta(minutes=1))
    keep_present()
    assert AgentPhone.objects.get().seen_at > clock.now() - timedelta(minutes=1)


def test_wrong_secrets_are_refused_counted_and_then_not_looked_at(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    name, secret = given

    async def scenario(room: Room) -> None:
        wrong = Handset(room.gateway.settings.port, name, "guessed")
        await wrong.open()
        for _try in range(MOST_WRONG):
            assert await wrong.register() == 403
        right = Handset(room.gateway.settings.port, name, secret)
        await right.open()
        assert await right.register() == 403  # also who is right is not looked at from there now
        nobody = Handset(room.gateway.settings.port, "nobody", secret)
        await nobody.open()
        assert await nobody.register() == 403
        for each in (wrong, right, nobody):
            each.close()

    run(scenario, number, world.ours.agent)

    assert SipPhone.objects.get().registered_until is None
    counted = dict(RateCount.objects.filter(key__startswith="sip ").values_list("key", "count"))
    assert counted == {
        f"sip 127.0.0.1 {name}": MOST_WRONG,
        "sip 127.0.0.1 nobody": 1,
        "sip 127.0.0.1": MOST_WRONG + 1,
    }


def test_wrong_secrets_of_others_behind_one_address_lock_out_nobody_who_is_right(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    name, secret = given

    def wrong_ones_of_the_host() -> None:
        for _try in range(MOST_WRONG_OF_HOST):
            limits.count("sip 127.0.0.1", most=MOST_WRONG_OF_HOST, seconds=COUNTED_SECONDS)

    async def scenario(room: Room) -> None:
        await room.do(wrong_ones_of_the_host)
        (await there(room, given)).close()
        for who in (("nobody", secret), *[(name, "guessed")] * MOST_WRONG, given):
            handset = Handset(room.gateway.settings.port, *who)
            await handset.open()
            # At last also who is right: guesses at a name count all the same.
            assert await handset.register() == 403
            handset.close()

    run(scenario, number, world.ours.agent)

    counted = dict(RateCount.objects.filter(key__startswith="sip ").values_list("key", "count"))
    assert counted == {
        f"sip 127.0.0.1 {name}": MOST_WRONG,
        "sip 127.0.0.1": MOST_WRONG_OF_HOST + MOST_WRONG + 1,
    }


def test_a_proof_counts_once_and_for_its_own_nonce(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    async def scenario(room: Room) -> None:
        handset = Handset(room.gateway.settings.port, *given)
        await handset.open()
        handset.ask_to_register()
        asked = await handset.answer(401)
        proof = handset.proof(asked)
        handset.ask_to_register(proof)
        await handset.answer(200)
        handset.ask_to_register(proof)
        assert "stale=true" in await handset.answer(401)
        handset.ask_to_register(handset.proof(asked, count=2))
        await handset.answer(200)
        forged = re.sub(r'nonce="[^"]*', lambda found: found[0][:-1] + "x", asked)
        handset.ask_to_register(handset.proof(forged))
        assert "stale=true" in await handset.answer(401)
        handset.ask_to_register('Authorization: Digest realm="madoguchi", nc=xyz, qop=auth')
        await handset.answer(401)
        handset.close()

    run(scenario, number, world.ours.agent)


def test_no_call_comes_from_where_telephones_are_and_nobody_registers_from_elsewhere(
    number: EntryPoint, world: World, given: tuple[str, str]
) -> None:
    async def scenario(room: Room) -> None:
        door, handset = room.gateway.door, await there(room, given)
        door.peers, handset.there = (), handset.gateway
        assert (await handset.ask("05000000001", 403)).startswith("SIP/2.0 403")
        assert not room.gateway.lines
        door.peers, door.telephones = LOOPBACK, ()
        handset.ask_to_register()
        assert (await handset.answer(405)).startswith("SIP/2.0 405")
        handset.close()

    run(scenario, number, world.ours.agent)
