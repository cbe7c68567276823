"""Calls that an Asterisk holds, one by one: their sound comes to us and goes there over a bridge of their own."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import structlog

from madoguchi.channels.phone.calling import dialled
from madoguchi.channels.phone.sip import Address
from madoguchi.voice.logic import By
from madoguchi.voice.terms import Miss

if TYPE_CHECKING:
    from madoguchi.channels.phone.asterisk.link import Link

logger = structlog.get_logger()
# The Stasis application that a dialplan leads calls to, and how everything is named that is made there for us.
APP = "madoguchi"
OURS = "madoguchi-"
CODEC = "ulaw"
# So long a call lasts at most, be it that nobody is here any more who could end it.
LONGEST_SECONDS = str(4 * 60 * 60)
# No telephone is told that its other side is now a channel of ours.
QUIETLY = {"inhibitConnectedLineUpdates": "true"}
KEYS = frozenset("0123456789*#")
_REASONS: Mapping[int, str] = {404: "unallocated", 486: "busy", 503: "congestion"}
# Why somebody did not answer, as Asterisk says it (Q.850).
_MISSES: Mapping[int, Miss] = {
    17: Miss.BUSY,
    21: Miss.BUSY,
    16: Miss.NO_ANSWER,
    18: Miss.NO_ANSWER,
    19: Miss.NO_ANSWER,
}


class Refusal(ConnectionError):
    """Asterisk does not do what it is asked, or is not there."""


class AsteriskCall:
    """One call that came in, until it is over.

    `on_end` is told who ended it, unless we did; `on_broken` that its sound is gone; `on_key` and `on_hold` what the
    caller's telephone does.
    """

    def __init__(self, link: "Link", channel: str, *, called: str, caller: str) -> None:
        self.link, self.channel, self.called, self.caller = link, channel, called, caller
        self.source: Address = (link.source, 0)
        made = f"{OURS}{uuid.uuid4().hex}"
        self.media, self.bridge = f"{made}-sound", f"{made}-bridge"
        self.on_end: Callable[[By], None] = lambda _by: None
        self.on_broken: Callable[[], None] = lambda: None
        self.on_key: Callable[[str], None] = lambda _key: None
        self.on_hold: Callable[[bool], None] = lambda _held: None
        self.heard = self.over = False

    def ring(self) -> None:
        """It is answered already when it could ring: nothing is done."""

    def accept(self, _sdp: str) -> None:
        """Sound and answer are there already: nothing is done."""

    async def open_sound(self, here: Address) -> Address:
        """Have the caller's sound come here; where Asterisk wants ours. Raises Refusal, ValueError."""
        ask, here_told = self.link.ask, f"[{here[0]}]:{here[1]}" if ":" in here[0] else f"{here[0]}:{here[1]}"
        try:
            await ask("POST", "bridges", bridgeId=self.bridge, type="mixing")
            there = self.link.expect(self.media)
            await ask(
                "POST",
                "channels",
                "externalMedia",
                app=APP,
                channelId=self.media,
                external_host=here_told,
                format=CODEC,
            )
            host, port = [await self._told(f"UNICASTRTP_LOCAL_{name}") for name in ("ADDRESS", "PORT")]
            await asyncio.wait_for(there, 5)
            await ask("POST", "bridges", self.bridge, "addChannel", channel=self.media, **QUIETLY)
        except TimeoutError:
            raise Refusal("its sound does not come") from None
        finally:
            if self.over:
                self._clear()
        if not 0 < int(port) < 1 << 16:
            raise ValueError(f"sound at port {port}")
        return host, int(port)

    async def answer(self) -> None:
        """Take the call. Raises Refusal. Its keys are told and kept out of the sound, where they could be heard.

        The dialplan gives us some seconds for that; from then on the call may last.
        """
        await self._may_last()
        await self.link.ask("POST", "channels", self.channel, "answer")
        await self._join()

    def refuse(self, code: int) -> None:
        """Do not take the call."""
        self._close(reason=_REASONS.get(code, "failure"))

    def hang_up(self) -> None:
        """End the call."""
        self._close(reason="normal")

    def press(self, keys: str) -> None:
        """Send keys to the other side, one after the other."""
        if not self.over:
            self.link.tell("POST", "channels", self.channel, "dtmf", dtmf=keys)

    def begun(self) -> None:
        """Asterisk leads it to us, once more."""

    def ended(self, _cause: object) -> None:
        """The other side is gone."""
        if not self.over:
            self._close()
            self.on_end(By.CALLER)

    def broken(self) -> None:
        """Its sound ended, though the call did not."""
        if not self.over:
            self.on_broken()

    def pressed(self, key: object) -> None:
        """A key was pressed on the caller's telephone."""
        if not self.over and key in KEYS:
            self.on_key(str(key))

    async def _may_last(self) -> None:
        """From now on Asterisk ends the call after so long, whoever is here then."""
        longest = {"variable": "TIMEOUT(absolute)", "value": LONGEST_SECONDS}
        await self.link.ask("POST", "channels", self.channel, "variable", **longest)

    async def _join(self) -> None:
        where = ("bridges", self.bridge, "addChannel")
        await self.link.ask("POST", *where, channel=self.channel, absorbDTMF="true", **QUIETLY)
        self.heard = True

    async def _told(self, variable: str) -> str:
        told = await self.link.ask("GET", "channels", self.media, "variable", variable=variable)
        return str(told["value"])

    def _close(self, **reason: str) -> None:
        if self.over:
            return
        self.over = True
        if reason:
            self.link.tell("DELETE", "channels", self.channel, **reason)
        self._clear()
        self.link.forget(self)

    def _clear(self) -> None:
        self.link.tell("DELETE", "channels", self.media)
        self.link.tell("DELETE", "bridges", self.bridge)


class AsteriskOutCall(AsteriskCall):
    """One call that we make, until it is over, by an endpoint of Asterisk such as `PJSIP/{number}@carrier`.

    `on_answer` is told that they answered, `on_miss` why they did not.
    """

    def __init__(self, link: "Link", endpoint: str, *, caller: str, to: str) -> None:
        super().__init__(link, f"{OURS}{uuid.uuid4().hex}", called=to, caller=caller)
        self.endpoint = endpoint.format(number=dialled(to))
        self.on_answer: Callable[[str], None] = lambda _sdp: None
        self.on_miss: Callable[[Miss], None] = lambda _why: None
        self.answered = False
        self.unreachable = False  # which way it takes, and which next, is Asterisk's own affair

    def ask(self, _sdp: str) -> None:
        """Have their phone ring."""
        if not self.over:
            self.link.calls[self.channel] = self
            self.link.spawn(self._ask())

    def begun(self) -> None:
        """They answered."""
        if not self.over and not self.answered:
            self.answered = True
            self.link.spawn(self._talk())

    def ended(self, cause: object) -> None:
        """They hung up, or did not answer."""
        if self.over:
            return
        if self.answered:
            super().ended(cause)
        else:
            self._missed(_MISSES.get(cause, Miss.UNREACHED) if isinstance(cause, int) else Miss.UNREACHED)

    async def _ask(self) -> None:
        try:
            await self.link.ask(
                "POST",
                "channels",
                endpoint=self.endpoint,
                app=APP,
                channelId=self.channel,
                callerId=dialled(self.caller),
                timeout="120",
            )
        except Refusal as error:
            logger.warning("phone_asterisk_calls_nobody", error=str(error))
            self._missed(Miss.UNREACHED)
        if self.over:
            self.link.tell("DELETE", "channels", self.channel)

    async def _talk(self) -> None:
        try:
            await self._may_last()
            await self._join()
        except Refusal as error:
            logger.warning("phone_asterisk_joins_nobody", error=str(error))
            self.answered = False
            self._missed(Miss.UNREACHED)
            return
        self.on_answer("")

    def _missed(self, why: Miss) -> None:
        if not self.over:
            self._close(reason="normal")
            self.on_miss(why)
