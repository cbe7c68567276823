"""One call in the gateway: what is heard on it goes through the logic of calls, and what comes out is carried out."""

import asyncio
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

import structlog
from aiosipua.message import SipRequest
from aiosipua.sdp import SdpMessage, parse_sdp, serialize_sdp
from aiosipua.sdp_negotiate import negotiate_sdp

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.actions import finish, over_of
from madoguchi.channels.phone.broken import TALK
from madoguchi.channels.phone.journal import Journal
from madoguchi.channels.phone.keying import Keying
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.offers import (
    KEYS,
    NOWHERE,
    PCMA,
    PCMU,
    answer_anew,
    is_held,
    keys_of,
    sends_keys,
)
from madoguchi.channels.phone.sip import SipCall, own_address
from madoguchi.channels.phone.talk import Recording, Talk
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.actions import Begun, Over, begin_call, note_answered, note_waits, note_waits_no_more
from madoguchi.voice.flow import Flow
from madoguchi.voice.logic import Event, Verb
from madoguchi.voice.outside_contacts import put_through_outside
from madoguchi.voice.phones import lead
from madoguchi.voice.waits import Answer

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is called: its entry point, what callers meet there, and whether its desk is at work. `sounds` are
    the company's own recordings, which are played in place of those of their names; `answers` when its queues were
    answered lately, by their steps (`voice.waits`).
    """

    point: EntryPoint
    flow: Flow
    version: int
    at_work: bool
    sounds: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)


class Line:
    """One call: what is heard on it goes through `logic.step`, and the verbs that come out are carried out here.

    `cannot` is what it means that its sound cannot be opened.
    """

    cannot: type[Event] = logic.Refused

    def __init__(self, gateway: "Gateway", sip: SipCall, number: Number, offer: SdpMessage) -> None:
        self.gateway, self.sip, self.number, self.offer = gateway, sip, number, offer
        self.uid = uuid.uuid4().hex
        self.call = logic.Call(flow=number.flow, caller=sip.caller, at_work=number.at_work)
        self.leg: Leg | None = None
        self.port = 0
        self.recorded = b""
        self._timer: asyncio.TimerHandle | None = None
        self._heard: deque[Event] = deque()
        self._busy = False
        self.journal, self.keying = Journal(self, gateway.name), Keying(self)
        self.talk = Talk(partial(self.journal.grow, TALK))
        self._listen()

    def _listen(self) -> None:
        self.sip.on_end = partial(_gone, self)
        self.sip.on_new_offer = partial(_new_answer, self)

    @property
    def waits_since(self) -> datetime:
        """Since when the caller waits for somebody."""
        return self.call.since or clock.now()

    @property
    def queue(self) -> tuple[int, str]:
        """The queue in which it stands, when it does."""
        return self.number.point.pk, self.call.step

    def begin(self, *, free: bool) -> None:
        """The call comes in."""
        now = clock.now()
        begun = Begun(uid=self.uid, caller=self.call.caller, flow=self.number.version, at=now)
        self.write(partial(begin_call, self.number.point, begun))
        self.hear(logic.Offered(now, free))

    def hear(self, event: Event) -> None:
        """Something happened. What happens while verbs are carried out is heard after them."""
        self._heard.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._heard:
                was_over = self.call.phase == logic.Phase.ENDED
                self.call, verbs = logic.step(self.call, self._heard.popleft())
                for verb in verbs:
                    self._do(verb)
                if self.call.phase == logic.Phase.ENDED and not was_over:
                    self._over()
            self.journal.note()
        finally:
            self._busy = False

    def _do(self, verb: Verb) -> None:
        leg = self.leg
        match verb:
            case logic.Answer():
                self.gateway.spawn(self._answer())
            case logic.Reject():
                self.sip.refuse(486)
            case logic.HangUp():
                self.sip.hang_up()
            case logic.Park(seconds=seconds, first=first):
                self._wake_after(seconds)
                if not seconds:
                    _write_waits(self, self.call.since, None if first else self.call.desk)
                    self.gateway.park(self, first=first)
            case logic.Unpark():
                self._wake_after(0)
                _write_waits(self, None)
                self.gateway.unpark(self)
            case logic.Gather(seconds=seconds) | logic.Wait(seconds=seconds):
                self._wake_after(seconds)
            case logic.Dial():
                self.gateway.board.seek(self, verb)
            case logic.Release(person=person, away=away):
                self.gateway.board.release(self, person, away=away)
            case logic.Lead(person=person, before=before):
                self.write(_lead(self.uid, person, before))
            case logic.RecordTalk(on=on):
                self.talk.record(on=on)
            case _ if leg is not None:
                self._sound(leg, verb)

    def _sound(self, leg: Leg, verb: Verb) -> None:
        match verb:
            case logic.Play(sounds=names, loop=loop):
                self._wake_after(0)
                leg.play(tuple(self.number.sounds.get(name, name) for name in names), loop=loop)
                if not names and not loop:
                    self.hear(logic.Played(clock.now()))
            case logic.Bridge(hears=hears):
                self.talk.bridge(hears)
                if logic.CALLER in dict(hears):
                    leg.be_quiet()
            case logic.Record(seconds=seconds):
                leg.record(most_seconds=seconds)
                self._wake_after(seconds)
            case logic.PauseRecording(seconds=pause):
                leg.mute(pause)
            case logic.Dtmf(keys=keys):
                self.press(leg, keys)
            case logic.StopRecording():
                self._wake_after(0)
                self.journal.keep_said(leg, over=True)
                self.recorded += leg.recorded()

    def press(self, leg: Leg, keys: str) -> None:
        """Send keys to the other side."""
        leg.press(keys)

    def _wake_after(self, seconds: float) -> None:
        if self._timer:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = (
            loop.call_later(seconds, lambda: self.hear(logic.TimeUp(clock.now()))) if seconds else None
        )

    async def _answer(self) -> None:
        try:
            sdp = await self._open()
        except Exception as error:  # noqa: BLE001  whatever somebody offers
            logger.warning("phone_not_answered", call=self.uid, error=repr(error)[:200])
            if self.leg is None and self in self.gateway.lines:  # else the port was given back with the leg
                self.gateway.give_back(self.port)
            self.sip.refuse(488)
            self.hear(self.cannot(clock.now()))
            self.gateway.leave(self)
            return
        if self.sip.over:
            self.gateway.leave(self)
            return
        self.sip.ring()
        self.sip.accept(sdp)
        now = clock.now()
        self.write(partial(note_answered, self.uid, at=now))
        self.hear(logic.Answered(now))

    async def _open(self) -> str:
        """Open the sound; the SDP that answers the offer. Raises what is wrong with that, or OSError."""
        there = self.gateway.place_of(self.offer, self.sip)
        host = own_address(self.gateway.settings.host, self.sip.source)
        keys, held = (
            keys_of(self.offer),
            is_held(self.offer),
        )  # first, for the answer goes by what that finds out
        while True:
            self.port = self.gateway.ports.popleft()
            answer, payload_type = negotiate_sdp(self.offer, host, self.port, [PCMU, PCMA], keys)
            try:
                here = (self.gateway.settings.host, self.port)
                self.leg = await Leg.open(here, there, payload_type=payload_type, keys=keys)
                break
            except OSError:  # somebody else has this port; the next one is tried, and this one not again
                self.port = 0
        self.leg.hold(held)
        wire(self, self.leg, by_tones=not sends_keys(self.offer))
        return serialize_sdp(answer)

    def look(self, now: float) -> None:
        """Whether anything is still heard of the caller; whoever holds the call sends nothing."""
        if self.leg and not self.leg.held and now - self.leg.heard_at > self.gateway.settings.silent_seconds:
            self.hear(logic.Lost(clock.now()))
            return
        for person, leg in list(self.talk.legs.items()):
            if leg.is_silent(now):
                self.gateway.board.drop(self, person)
                self.hear(logic.Vanished(clock.now(), person))

    def send_next(self) -> None:
        """Send the next 20 ms: what is said to the caller, or what is played."""
        if leg := self.leg:
            leg.tick(self.talk.exchange(leg))
        # What was played to its end may have ended the call.
        if self.leg:
            self.journal.keep_said(self.leg)

    def _over(self) -> None:
        self._wake_after(0)
        self.gateway.leave(self)
        # To put a long recording together takes so long that all calls would falter: the ledger's thread does it, once,
        # however often it then tries to write.
        calls_out = self.gateway.settings.calls_go_out
        company, talk = self.number.point.company_id, self.talk.recording
        how = cache(partial(_how_it_went, self.call, self.recorded, talk, company, calls_out))
        left = self.journal.over()
        self.gateway.ledger.put(partial(write_down, self.uid, how, company=company, left=left), self.uid)

    def write(self, entry: Callable[[], object]) -> None:
        """Have something of this call written down, in the scope of its company."""
        self.gateway.ledger.put(partial(_written, entry, self.number.point.company_id), self.uid)


def _gone(line: Line, by: logic.By) -> None:
    line.hear(logic.HungUp(clock.now()) if by == logic.By.CALLER else logic.Lost(clock.now()))


def wire(line: Line, leg: Leg, *, by_tones: bool = False) -> None:
    """What happens on its sound is heard on the line; `by_tones` is whether keys come by no other way."""
    line.keying.by_tones = by_tones
    leg.on_key, leg.on_tone = line.keying.sent, line.keying.toned
    leg.on_played = lambda: line.hear(logic.Played(clock.now()))


def _lead(uid: str, person: int, before: int) -> Callable[[], object]:
    if person < 0:
        return partial(put_through_outside, uid, -person, before)
    return partial(lead, uid, person, before)


def _written(entry: Callable[[], object], company: int) -> None:
    with scope.acting_for([company]):
        entry()


def _write_waits(line: Line, since: datetime | None, desk: int | None = None) -> None:
    call, now = line.call, clock.now()
    if since:
        line.write(partial(note_waits, line.uid, call.step, since=since, desk=desk, purpose=call.purpose))
    else:
        answered = call.phase == logic.Phase.TALKING
        line.write(partial(note_waits_no_more, line.uid, at=now, answered=answered))


async def open_leg(line: Line, host: str) -> Leg:
    """Sound by µ-law on the next free port; of the other side only the address is known. Raises OSError, and IndexError
    where no port is left.
    """
    if line.leg is None:
        line.leg, line.port = await open_sound(line.gateway, host)
    return line.leg


async def open_sound(gateway: "Gateway", host: str) -> tuple[Leg, int]:
    """As `open_leg`, for whoever keeps sound and port themselves. Raises IndexError where no port is left."""
    while True:
        port = gateway.ports.popleft()
        with suppress(OSError):  # somebody else has this port; the next one is tried, and this one not again
            here, there = (gateway.settings.host, port), (host, NOWHERE)
            return await Leg.open(here, there, payload_type=PCMU, keys=KEYS), port


def _new_answer(line: Line, request: SipRequest) -> str | None:
    if line.leg is None:
        return None
    with suppress(Exception):
        offer = parse_sdp(request.text) if request.body else line.offer
        place = line.gateway.place_of(offer, line.sip)
        host = own_address(line.gateway.settings.host, line.sip.source)
        return answer_anew(line.leg, offer, here=(host, line.port), there=place)
    return None


def _how_it_went(
    call: logic.Call, recorded: bytes, talk: Recording | None, company: int, calls_out: bool
) -> Over:
    """Its sound is in the file store from now on. Only where calls go out is a place kept."""
    left = bool(recorded) and logic.spoken(call) >= logic.LEAST_MESSAGE
    sound = files.put_sealed([sounds.as_wav(recorded)], company=company) if left else None
    kept = files.put_sealed(talk.wav(), company=company) if talk and talk.length else None
    spoken = sounds.length_of(recorded) if sound else logic.spoken(call)
    return over_of(call, sound=sound, talk=kept, spoken=spoken, calls_out=calls_out)


def write_down(uid: str, how: Callable[[], Over], *, company: int, left: Callable[[], None]) -> None:
    """Write down how a call went, which is found out only now; what was kept while it went on is `left` after that."""
    finish(uid, how(), company=company)
    left()
