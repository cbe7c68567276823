"""Registering at carriers, message by message by a clock nobody waits for, and once with a registrar of our own."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from aiosipua.message import SipMessage, SipRequest
from django.urls import reverse
from tests.servers.ground import free_ports

from madoguchi.channels.phone.gateway import Gateway
from madoguchi.channels.phone.models import TrunkRegistration
from madoguchi.channels.phone.registering import Registration, Standing, write_standing
from madoguchi.channels.phone.tests.test_switchboard import PATIENCE, Room, number, run
from madoguchi.channels.phone.tests.wire import Door, pass_time
from madoguchi.channels.phone.trunks import Trunk, trunks_of
from madoguchi.companies.models import EntryPoint
from madoguchi.desk.tests.conftest import signed_in
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import SipPhone
from madoguchi.voice.sip_phones import give_sip_phone

__all__ = ["number"]
TRUNK = Trunk("192.0.2.7", user="me", password="secret", number="+81312345678", domain="sip.example.jp")
ASKS = 'WWW-Authenticate: Digest realm="carrier", nonce="n1", qop="auth"'


class Asked:
    """A registration on a wire, and how it stands."""

    def __init__(self) -> None:
        self.door, self.told = Door(), list[Standing]()
        self.registration = Registration(self.door.door, TRUNK, self.told.append)
        self.registration.begin()

    @property
    def last(self) -> SipRequest:
        found = SipMessage.parse(self.door.wire.sent[-1][1])
        assert isinstance(found, SipRequest)
        return found

    def answer(self, code: int, *more: str, source: str = "192.0.2.7") -> None:
        head = [f"SIP/2.0 {code} Whatever"]
        head += [f"{name}: {self.last.get_header(name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        self.door.door.datagram_received("\r\n".join([*head, *more, "", ""]).encode(), (source, 5060))


def runs(scenario: Callable[[Asked], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        await scenario(Asked())

    pass_time(all_of_it())


def test_it_proves_who_we_are_and_asks_again_before_it_expires() -> None:
    async def scenario(asked: Asked) -> None:
        first = asked.last
        assert (first.method, str(first.uri)) == ("REGISTER", "sip:sip.example.jp")
        assert first.get_header("To") == "<sip:me@sip.example.jp>"
        assert first.get_header("Contact") == "<sip:0312345678@192.0.2.1:5060>"
        assert asked.door.wire.sent[-1][2] == ("192.0.2.7", 5060)
        asked.answer(401, ASKS)
        proof = asked.last.get_header("Authorization") or ""
        assert 'username="me"' in proof
        assert 'uri="sip:sip.example.jp"' in proof
        assert asked.last.get_header("CSeq") == "2 REGISTER"
        asked.answer(200, "Contact: <sip:0312345678@192.0.2.1:5060>;expires=100")
        assert asked.told == [Standing("registered", 200, 100)]
        sent = len(asked.door.wire.sent)
        await asyncio.sleep(79)
        assert len(asked.door.wire.sent) == sent
        await asyncio.sleep(2)
        assert asked.last.get_header("CSeq") == "3 REGISTER"
        asked.registration.end()

    runs(scenario)


def test_refusals_and_silence_are_told_and_tried_again_ever_more_slowly() -> None:
    async def scenario(asked: Asked) -> None:
        asked.answer(401, ASKS)
        asked.answer(401, ASKS)
        assert asked.told == [Standing("refused", 401)]
        count = len(asked.door.wire.sent)
        await asyncio.sleep(29)
        assert len(asked.door.wire.sent) == count
        await asyncio.sleep(2)
        asked.answer(403)
        await asyncio.sleep(59)
        assert asked.last.get_header("CSeq") == "3 REGISTER"
        await asyncio.sleep(2)
        assert asked.last.get_header("CSeq") == "4 REGISTER"
        asked.answer(200, "Expires: 60", source="203.0.113.9")  # somebody else
        assert [one.state for one in asked.told] == ["refused", "refused"]
        await asyncio.sleep(32)
        assert [one.state for one in asked.told] == ["refused", "refused", "silent"]
        asked.registration.end()

    runs(scenario)


def test_an_interval_too_brief_is_made_longer_once_and_a_stale_nonce_is_no_refusal() -> None:
    async def scenario(asked: Asked) -> None:
        asked.answer(423, "Min-Expires: 600")
        assert asked.last.get_header("Expires") == "600"
        asked.answer(401, ASKS)
        asked.answer(401, ASKS.replace("n1", "n2") + ", stale=true")
        assert 'nonce="n2"' in (asked.last.get_header("Authorization") or "")
        asked.answer(200)
        assert asked.told == [Standing("registered", 200, 600)]
        asked.registration.end()

    runs(scenario)


def test_of_several_bindings_our_own_says_how_long() -> None:
    async def scenario(asked: Asked) -> None:
        asked.answer(
            200,
            "Contact: <sip:0399999999@203.0.113.9:5060>;expires=3600",
            "Contact: <sip:0312345678@203.0.113.9:5060>;expires=40, <sip:0312345678@192.0.2.1>;expires=120",
        )
        asked.registration.begin()
        asked.answer(
            200, "Contact: <sip:b@203.0.113.9>;expires=3600, <sip:0312345678@198.51.100.1:6000>;expires=90"
        )
        assert asked.told == [Standing("registered", 200, 120), Standing("registered", 200, 90)]
        asked.registration.end()

    runs(scenario)


def test_how_a_trunk_is_written_that_wants_it() -> None:
    [one, two] = trunks_of(
        "sip://me:p%40ss@192.0.2.7:5070;register=+81312345678!sip.example.jp;shows=+8131,+8150 sip://192.0.2.9"
    )
    assert one == Trunk("192.0.2.7", 5070, "me", "p@ss", ("+8131", "+8150"), "+81312345678", "sip.example.jp")
    assert (one.name, two.number, two.shows) == ("me@sip.example.jp", "", ())


@pytest.mark.django_db(transaction=True)
def test_a_gateway_registers_at_another_and_how_it_stands_is_shown(world: World, number: EntryPoint) -> None:
    with world.ours.scope():
        phone, secret = give_sip_phone(world.ours.agent, by=actor_of(world.ours.manager))

    async def scenario(room: Room) -> None:
        here = (ip_network("127.0.0.0/8"),)
        room.gateway.door.telephones = here
        [port] = free_ports(1)
        trunk = Trunk("127.0.0.1", room.gateway.settings.port, phone.name, secret, (), "+81312345678")
        other = Gateway(replace(room.gateway.settings, port=port, trunks=(trunk,), peers=here))
        await other.open()
        async with asyncio.timeout(PATIENCE):
            while not await room.do(TrunkRegistration.objects.filter(state="registered").exists):
                pass
        await other.close()
        held = await room.do(SipPhone.objects.get)
        assert held.contact == f"sip:0312345678@127.0.0.1:{port}"

    run(scenario, number, world.ours.agent)

    browser, shown = signed_in(world.administrator), reverse("administration:entry_points")
    assert TrunkRegistration.objects.get().holds
    assert phone.name not in browser.get(shown).content.decode()
    TrunkRegistration.objects.update(until=clock.now() - timedelta(seconds=1))
    assert phone.name in browser.get(shown).content.decode()
    write_standing(Trunk("127.0.0.1", 1, phone.name, "", (), "+81312345678"), Standing("refused", 403))
    assert "SIP 403" in browser.get(shown).content.decode()
    assert phone.name not in signed_in(world.ours.company_manager).get(shown).content.decode()
