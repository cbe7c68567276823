"""A call that we make, as a line of the gateway: somebody of ours answers first, then the customer's phone rings."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import structlog
from aiosipua.sdp import parse_sdp

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.calling import OutCall, by_next_trunk
from madoguchi.channels.phone.line import Line, Number, open_leg, wire
from madoguchi.channels.phone.offers import NOWHERE, answered, is_held, lead, our_offer
from madoguchi.channels.phone.sip import own_address
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.actions import note_answered
from madoguchi.voice.flow import Flow
from madoguchi.voice.logic import Verb
from madoguchi.voice.outgoing import Taken
from madoguchi.voice.phones import note_connected
from madoguchi.voice.queries import NOTICE

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway

logger = structlog.get_logger()
NO_FLOW = Flow(start="", steps={})


class OutLine(Line):
    """One call that we make. Its row is there already, written with the phone of ours that it rings at first."""

    sip: OutCall

    def __init__(
        self, gateway: "Gateway", sip: OutCall, taken: Taken, own: Mapping[str, str] | None = None
    ) -> None:
        own = own or {}
        number = Number(taken.point, NO_FLOW, 0, at_work=True, sounds=own)
        super().__init__(gateway, sip, number, parse_sdp(""))
        self.uid = taken.uid
        # A recording that cannot be heard here gives way to the one that comes along.
        there = taken.notice in own or sounds.is_there(taken.notice)
        notice = taken.notice if there or not taken.notice else NOTICE
        self.call = logic.calling(taken.number, taken.begun_at, notice=notice)
        self._hear_of(sip)

    def _hear_of(self, sip: OutCall) -> None:
        sip.on_answer = self._taken
        sip.on_miss = self._missed

    def _do(self, verb: Verb) -> None:
        if isinstance(verb, logic.CallOut):
            self.gateway.spawn(self._call_out())
        else:
            super()._do(verb)

    def _missed(self, why: logic.Miss) -> None:
        """Nobody answered; where that is no fault of who was called, the next trunk is asked."""
        way = by_next_trunk(self.sip, self.gateway.tried)
        if way is None:
            self.hear(logic.Missed(clock.now(), why))
            return
        self.sip = way
        self._listen()
        self._hear_of(way)
        self.gateway.spawn(self._call_out())

    async def _call_out(self) -> None:
        try:
            sdp = await self._open()
        except (OSError, IndexError, ValueError) as error:
            logger.warning("phone_not_called", call=self.uid, error=repr(error)[:200])
            self.hear(logic.Missed(clock.now(), logic.Miss.UNREACHED))
            return
        if self.sip.over:
            self.gateway.leave(self)
            return
        self.sip.ask(sdp)

    async def _open(self) -> str:
        """Open the sound; our offer of it. Raises OSError, and IndexError where no port is left."""
        trunk = self.sip.trunk
        host = own_address(self.gateway.settings.host, trunk.address)
        leg = await open_leg(self, trunk.host)
        leg.session.update_remote((trunk.host, NOWHERE))  # it may be the second trunk
        leg.hold(True)
        wire(self, leg)
        return our_offer(host, self.port)

    def _taken(self, sdp: str) -> None:
        """The customer answered. What they say of sound must be of the trunk, or what belongs to it."""
        leg = self.leg
        if leg is None:
            return
        try:
            self.offer = answered(sdp)
            there = self.gateway.place_of(self.offer, self.sip)
        except Exception as error:  # noqa: BLE001  whatever somebody answers
            logger.warning("phone_answer_not_usable", call=self.uid, error=repr(error)[:200])
            self.hear(logic.Missed(clock.now(), logic.Miss.UNREACHED))
            return
        lead(leg, there, held=is_held(self.offer))
        self._talks()

    def _talks(self) -> None:
        now = clock.now()
        self.write(partial(note_answered, self.uid, at=now))
        self.write(partial(note_connected, self.uid, self.call.agent))
        self.hear(logic.Answered(now))
