"""Calls of who says nothing of sound before we have (RFC 3261 13.2.1), as some exchanges and carriers do."""

from typing import TYPE_CHECKING

import structlog
from aiosipua.sdp import parse_sdp

from madoguchi.channels.phone.line import Line, Number, open_leg, wire
from madoguchi.channels.phone.offers import answered, is_held, lead, our_offer, sends_keys
from madoguchi.channels.phone.sip import SipCall, own_address
from madoguchi.kernel import clock
from madoguchi.voice import logic

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway

logger = structlog.get_logger()


class LateLine(Line):
    """One such call: our offer goes with our answer, and what they say to it comes with their confirmation."""

    def __init__(self, gateway: "Gateway", sip: SipCall, number: Number) -> None:
        super().__init__(gateway, sip, number, parse_sdp(""))

    def _listen(self) -> None:
        super()._listen()
        self.sip.on_confirmed = self._confirmed

    async def _open(self) -> str:
        """Open the sound; our offer of it. Raises OSError, and IndexError where no port is left."""
        leg = await open_leg(self, self.sip.source[0])
        wire(self, leg)
        return our_offer(own_address(self.gateway.settings.host, self.sip.source), self.port)

    def _confirmed(self, sdp: str) -> None:
        if self.leg is None:
            return
        try:
            self.offer = answered(sdp)
            there = self.gateway.place_of(self.offer, self.sip)
        except Exception as error:  # noqa: BLE001  whatever somebody answers
            logger.warning("phone_answer_not_usable", call=self.uid, error=repr(error)[:200])
            self.hear(logic.Lost(clock.now()))
            return
        self.keying.by_tones = not sends_keys(self.offer)
        lead(self.leg, there, held=is_held(self.offer))


def line_of(gateway: "Gateway", sip: SipCall, number: Number) -> Line | None:
    """The line of a call that came in; None where what its caller offers is no sound that reaches them."""
    if not (sip.invite.text or "").strip():
        return LateLine(gateway, sip, number)
    try:
        offer = parse_sdp(sip.invite.text)
        gateway.place_of(offer, sip)
    except Exception:  # noqa: BLE001  whatever somebody offers
        return None
    return Line(gateway, sip, number, offer)
