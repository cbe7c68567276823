"""SIP telephones of people of ours on a call: rung by an INVITE, heard by RTP, and hung up with the call."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from aiosipua.message import SipRequest
from aiosipua.sdp import parse_sdp, serialize_sdp
from aiosipua.sdp_negotiate import build_sdp, negotiate_sdp

from madoguchi.channels.phone.calling import OutCall
from madoguchi.channels.phone.line import KEYS, PCMU, Line, is_held, keys_of, open_sound, place_of
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.sip import own_address
from madoguchi.channels.phone.trunks import Trunk
from madoguchi.kernel import clock
from madoguchi.voice import logic, terms
from madoguchi.voice.sip_phones import Reached, note_held, note_picked_up, telephone_for

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway

logger = structlog.get_logger()
WITHHELD = "anonymous"


class TelephoneLeg:
    """Somebody of ours at their telephone, among the people of a call as a browser is."""

    # Its port is given back when its sound is shut, not by who drops it.
    port = 0

    def __init__(self, line: Line, person: int, call: OutCall, leg: Leg, port: int) -> None:
        self.line, self.person, self.call = line, person, call
        self._leg, self._own_port = leg, port
        self._silent = line.gateway.settings.silent_seconds
        self._put_on_hold = False
        call.on_answer = self._answered
        call.on_miss = lambda _why: self._tell(terms.NotAnswered)
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
        offer = build_sdp(host, self._own_port, PCMU, "PCMU", dtmf_payload_type=KEYS)
        self.call.ask(serialize_sdp(offer))

    def close(self) -> None:
        """End it: it stops ringing, or is hung up."""
        self.call.hang_up()
        self.line.gateway.spawn(self.line.gateway.shut(self._leg, self._own_port))

    def _tell(self, event: type[logic.OfPerson]) -> None:
        self.line.hear(event(clock.now(), self.person))

    def _answered(self, sdp: str) -> None:
        try:
            offer = parse_sdp(sdp)
            _host, port = place_of(offer)
            if PCMU not in [codec.payload_type for codec in offer.audio.codecs]:  # type: ignore[union-attr]
                raise ValueError("no sound that we know")
        except Exception as error:  # noqa: BLE001  whatever it answers
            logger.warning("phone_telephone_not_usable", call=self.line.uid, error=repr(error)[:200])
            self._tell(terms.NotAnswered)
            return
        self._lead_to(port, held=is_held(offer))
        talk = self.line.talk
        talk.legs[self.person] = talk.ringing.pop(self.person)
        self.line.write(partial(note_picked_up, self.line.uid, self.person))
        self.line.gateway.board.connected(self.line, self.person)

    def _lead_to(self, port: int, *, held: bool) -> None:
        """Sound goes to the machine that is called, whatever address it says: behind NAT that is its own."""
        self._leg.session.update_remote((self.call.trunk.host, port))
        self._leg.hold(held)

    def _new_offer(self, request: SipRequest) -> str | None:
        """It holds the call, or goes on with it: then the caller hears music, or them again."""
        try:
            offer = parse_sdp(request.text)
            _host, port = place_of(offer)
            host = own_address(self.line.gateway.settings.host, self.call.source)
            answer, _pt = negotiate_sdp(offer, host, self._own_port, [PCMU], keys_of(offer))
        except Exception:  # noqa: BLE001  whatever it offers
            return None
        held = is_held(offer)
        self._lead_to(port, held=held)
        call = self.line.call
        mine = call.agent == self.person and (
            call.phase == logic.Phase.TALKING if held else self._put_on_hold
        )
        if mine:
            self._put_on_hold = held
            self.line.hear(terms.Hold(clock.now(), self.person, on=held))
            self.line.write(partial(note_held, self.line.uid, self.person, on=held))
        return serialize_sdp(answer)


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
        try:
            leg, port = await open_sound(self._gateway, there.host)
        except IndexError:
            line.hear(terms.NotAnswered(clock.now(), person))
            return
        if line.call.ringing != person:
            await self._gateway.shut(leg, port)
            return
        ours = TelephoneLeg(line, person, self._call(line, there), leg, port)
        line.talk.ringing[person] = ours
        ours.ask()

    def _call(self, line: Line, there: Reached) -> OutCall:
        caller = line.call.caller or WITHHELD
        way = Trunk(there.host, there.port)
        return OutCall(self._gateway.door, way, caller=caller, to=there.name, target=there.contact)
