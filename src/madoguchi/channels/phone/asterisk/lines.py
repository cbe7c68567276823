"""Calls that an Asterisk holds, as lines of the gateway. Their sound is as that of any line; only its way differs."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast

from aiosipua.sdp import parse_sdp

from madoguchi.channels.phone.asterisk.calls import AsteriskCall, AsteriskOutCall
from madoguchi.channels.phone.line import Line, Number, open_leg, wire
from madoguchi.channels.phone.outgoing import OutLine
from madoguchi.channels.phone.sip import own_address
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.outgoing import Taken

if TYPE_CHECKING:
    from madoguchi.channels.phone.calling import OutCall
    from madoguchi.channels.phone.gateway import Gateway
    from madoguchi.channels.phone.media import Leg
    from madoguchi.channels.phone.sip import SipCall


class AsteriskLine(Line):
    """One call that came in. That its sound cannot be opened is no fault of the caller, who is called back."""

    sip: AsteriskCall  # type: ignore[assignment]  # as far as a line needs it, it is as one of SIP
    cannot = logic.Broken

    def __init__(self, gateway: "Gateway", call: AsteriskCall, number: Number) -> None:
        super().__init__(gateway, cast("SipCall", call), number, parse_sdp(""))

    def _listen(self) -> None:
        hear(self, self.sip)

    def press(self, leg: "Leg", keys: str) -> None:
        """Send keys to the other side: Asterisk makes what its telephone takes of them."""
        self.sip.press(keys)

    async def _open(self) -> str:
        """Open the sound and take the call. Raises OSError, IndexError, Refusal, ValueError."""
        await open_sound(self, self.sip)
        await self.sip.answer()
        return ""


class AsteriskOutLine(OutLine):
    """One call that we make."""

    sip: AsteriskOutCall  # type: ignore[assignment]

    def __init__(
        self, gateway: "Gateway", call: AsteriskOutCall, taken: Taken, own: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(gateway, cast("OutCall", call), taken, own)

    def _listen(self) -> None:
        hear(self, self.sip)

    def press(self, leg: "Leg", keys: str) -> None:
        """Send keys to the other side: Asterisk makes what its telephone takes of them."""
        self.sip.press(keys)

    async def _open(self) -> str:
        """Open the sound, before anybody is called. Raises OSError, IndexError, Refusal, ValueError."""
        await open_sound(self, self.sip)
        return ""

    def _taken(self, sdp: str) -> None:
        """The customer answered, and is heard."""
        self._talks()


def hear(line: Line, call: AsteriskCall) -> None:
    """What happens on a call of Asterisk's is heard on its line."""

    def held(on: bool) -> None:
        if line.leg:
            line.leg.hold(on)

    call.on_end = lambda _by: line.hear(logic.HungUp(clock.now()))
    call.on_broken = lambda: line.hear(logic.Broken(clock.now()))
    call.on_key = line.keying.sent
    call.on_hold = held


async def open_sound(line: Line, call: AsteriskCall) -> "Leg":
    """The sound between Asterisk and us, both ways."""
    leg = await open_leg(line, call.source[0])
    wire(line, leg)
    here = own_address(line.gateway.settings.host, call.source)
    host, port = await call.open_sound((here, line.port))
    if ip_address(host).is_unspecified:  # it hears on all its addresses
        host = call.source[0]
    line.gateway.settings.check_place(host, call.source[0])
    leg.session.update_remote((host, port))
    return leg
