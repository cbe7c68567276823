"""SIP telephones of people of ours on a call: rung by an INVITE, heard by RTP, and hung up with the call."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from aiosipua.message import SipRequest
from aiosipua.sdp import SdpMessage, parse_sdp

from madoguchi.channels.phone.calling import OutCall, by_next_trunk
from madoguchi.channels.phone.line import Line, open_sound
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.offers import answer_anew, answered, is_held, lead, our_offer, place_of
from madoguchi.channels.phone.sip import Address, own_address
from madoguchi.channels.phone.trunks import Trunk, ways_for
from madoguchi.kernel import clock
from madoguchi.voice import logic, terms
from madoguchi.voice.outside_contacts import number_to_ring
from madoguchi.voice.sip_phones import note_held, note_picked_up, telephone_for

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway

logger = structlog.get_logger()
WITHHELD = "anonymous"
# So long somebody outside is rung.
OUTSIDE_SECONDS = 45


class TelephoneLeg:
    """Somebody of ours at their telephone, among the people of a call as a browser is."""

    # Its port is given back when its sound is shut, not by who drops it.
    port = 0

    def __init__(self, line: Line, person: int, call: OutCall, leg: Leg, port: int) -> None:
        self.line, self.person, self.call = line, person, call
        self._leg, self._own_port = leg, port
        self._silent = line.gateway.settings.silent_seconds
        self._put_on_hold = False
        self._hear_of(call)

    def _hear_of(self, call: OutCall) -> None:
        call.on_answer = self._answered
        call.on_miss = lambda _why: self._missed()
        call.on_end = lambda _by: self._tell(terms.LeftUs)
        call.on_new_offer = self._new_offer

    def is_silent(self, now: float) -> bool:
        """Whether nothing was heard of it for too long; one that holds the call sends nothing."""
        return not self._leg.held and now - self._leg.heard_at > self._silent

    def take(self) -> bytes:
        """The next 20 ms of what is said, or silence."""
        return self._leg.take()

    def send(self, piece: bytes) -> None:
        """Say 20 ms."""
        self._leg.tick(piece)

    def ask(self) -> None:
        """Have it ring."""
        gateway = self.line.gateway
        host = own_address(gateway.settings.host, self.call.trunk.address)
        self.call.ask(our_offer(host, self._own_port))

    def close(self) -> None:
        """End it: it stops ringing, or is hung up."""
        self.call.hang_up()
        self.line.gateway.spawn(self.line.gateway.shut(self._leg, self._own_port))

    def _tell(self, event: type[logic.OfPerson]) -> None:
        self.line.hear(event(clock.now(), self.person))

    def _missed(self) -> None:
        self._tell(terms.NotAnswered)

    def _way(self, offer: SdpMessage) -> Address:
        """Where sound goes: to the machine that is called, whatever address it says: behind NAT that is its own."""
        _host, port = place_of(offer)
        return self.call.trunk.host, port

    def _answered(self, sdp: str) -> None:
        try:
            offer = answered(sdp)
            there = self._way(offer)
        except Exception as error:  # noqa: BLE001  whatever it answers
            logger.warning("phone_telephone_not_usable", call=self.line.uid, error=repr(error)[:200])
            self._tell(terms.NotAnswered)
            return
        lead(self._leg, there, held=is_held(offer))
        talk = self.line.talk
        talk.legs[self.person] = talk.ringing.pop(self.person)
        self.line.write(partial(note_picked_up, self.line.uid, self.person))
        self.line.gateway.board.connected(self.line, self.person)

    def _new_offer(self, request: SipRequest) -> str | None:
        """It holds the call, or goes on with it: then the caller hears music, or them again."""
        try:
            offer = parse_sdp(request.text)
            host = own_address(self.line.gateway.settings.host, self.call.source)
            here, there = (host, self._own_port), self._way(offer)
            answer = answer_anew(self._leg, offer, here=here, there=there)
        except Exception:  # noqa: BLE001  whatever it offers
            return None
        call, held = self.line.call, self._leg.held
        mine = call.agent == self.person and (
            call.phase == logic.Phase.TALKING if held else self._put_on_hold
        )
        if mine:
            self._put_on_hold = held
            self.line.hear(terms.Hold(clock.now(), self.person, on=held))
            self.line.write(partial(note_held, self.line.uid, self.person, on=held))
        return answer


class ContactLeg(TelephoneLeg):
    """Somebody outside who is asked beside a call, by a trunk: where one has no way, the next is taken."""

    def _way(self, offer: SdpMessage) -> Address:
        return self.line.gateway.place_of(offer, self.call)

    def _missed(self) -> None:
        way = by_next_trunk(self.call, self.line.gateway.tried)
        if way is None:
            super()._missed()
            return
        self.call = way
        self._hear_of(way)
        self.ask()


class Telephones:
    """Rings people of ours at their telephones. `ask` has the database asked."""

    def __init__(self, gateway: "Gateway", ask: Callable[..., Awaitable[Any]]) -> None:
        self._gateway, self._ask = gateway, ask

    async def ring(self, line: Line, person: int) -> None:
        """Ring somebody at their telephone for a call, if that is where they are rung."""
        company = line.number.point.company_id
        there = await self._ask(company, partial(telephone_for, person, call=line.uid))
        if there is None or line.call.ringing != person or person in line.talk.ringing:
            return
        caller, way = line.call.caller or WITHHELD, Trunk(there.host, there.port)
        call = OutCall(self._gateway.door, way, caller=caller, to=there.name, target=there.contact)
        await self._begin(TelephoneLeg, line, person, call)

    async def call_outside(self, line: Line, person: int) -> None:
        """Call a contact outside (its id with a minus), whom somebody asks beside a call."""
        company, shown = line.number.point.company_id, line.number.point.address
        number = ""
        if ways_for(shown, self._gateway.settings.trunks):
            number = await self._ask(company, partial(number_to_ring, -person, call=line.uid)) or ""
        line.hear(terms.Ringing(clock.now(), person))
        if not number:
            line.hear(terms.NotAnswered(clock.now(), person))
        elif line.call.ringing == person:
            limit(line, person, OUTSIDE_SECONDS)
            await self._begin(ContactLeg, line, person, self._gateway.by_trunk(shown, number))

    async def _begin(self, kind: type[TelephoneLeg], line: Line, person: int, call: OutCall) -> None:
        try:
            leg, port = await open_sound(self._gateway, call.trunk.host)
        except IndexError:
            line.hear(terms.NotAnswered(clock.now(), person))
            return
        if line.call.ringing != person:
            await self._gateway.shut(leg, port)
            return
        ours = kind(line, person, call, leg, port)
        line.talk.ringing[person] = ours
        ours.ask()


def limit(line: Line, person: int, seconds: float) -> None:
    """Whoever has not answered by then is not rung any more."""
    rang = len(line.call.rings)

    def too_long() -> None:
        if line.call.ringing == person and len(line.call.rings) == rang and person not in line.talk.legs:
            line.hear(terms.NotAnswered(clock.now(), person))

    asyncio.get_running_loop().call_later(seconds, too_long)
