"""The embedded gateway: calls that come in by SIP, led through their flow, and written down.

All of a call happens in one event loop; the database is asked and told by threads, and never waited for by a call that
goes on.
"""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from ipaddress import ip_address
from typing import Any

import structlog
from aiosipua.message import SipRequest
from aiosipua.sdp import SdpMessage, parse_sdp, serialize_sdp
from aiosipua.sdp_negotiate import negotiate_sdp
from django.db import DatabaseError, InterfaceError, connection

from madoguchi.channels.phone import numbers, sounds
from madoguchi.channels.phone.actions import finish
from madoguchi.channels.phone.ledger import Ledger
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.sip import T1, Address, Networks, SipCall, SipDoor, own_address
from madoguchi.channels.phone.switchboard import Switchboard
from madoguchi.channels.phone.talk import Recording, Talk
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.actions import Begun, Over, begin_call, keep_alive, note_answered
from madoguchi.voice.flow import Flow, FlowError, read
from madoguchi.voice.logic import Event, Verb
from madoguchi.voice.queries import flow_of, is_at_work
from madoguchi.voice.ready import USUAL

logger = structlog.get_logger()
MOST_CALLS = 50
# What was looked up is believed for so many seconds; when the database is away, for as long as that lasts.
BELIEVED = 5.0
ALIVE_EVERY = 10.0
# A phone that sends nothing for so long is gone; those that send nothing while their owner is silent say something.
SILENT_SECONDS = 30.0
# A browser sends all the time, also when its owner is silent.
BROWSER_SILENT_SECONDS = 4.0
TICK = 1 / sounds.FRAMES_A_SECOND
PCMU, PCMA, KEYS = 0, 8, 101
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is called: its entry point, what callers meet there, and whether its desk is at work."""

    point: EntryPoint
    flow: Flow
    version: int
    at_work: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the gateway listens, whom it hears, and how many calls it carries at once.

    Sound goes to the machine that calls, and, if the offer says so, to those of `rtp_peers`.
    """

    host: str
    port: int
    peers: Networks
    rtp_ports: tuple[int, int]
    rtp_peers: Networks = ()
    most_calls: int = MOST_CALLS
    silent_seconds: float = SILENT_SECONDS
    t1: float = T1
    tick: float = TICK


class Away(Exception):
    """The database cannot be asked, and the answer is not known from before."""


@dataclass
class Directory:
    """The numbers, as the database has them."""

    threads: ThreadPoolExecutor
    _known: dict[str, tuple[float, Number | None]] = field(default_factory=dict)

    async def find(self, number: str) -> Number | None:
        """What is known of a number that is called; None for one that is nobody's. Raises Away."""
        until, known = self._known.get(number, (0.0, None))
        if time.monotonic() < until:
            return known
        try:
            known = await asyncio.get_running_loop().run_in_executor(self.threads, _look_up, number)
        except (DatabaseError, InterfaceError) as error:
            if number not in self._known:
                raise Away from error
            return known
        if len(self._known) > 1000:
            self._known.clear()
        self._known[number] = (time.monotonic() + BELIEVED, known)
        return known


def _look_up(number: str) -> Number | None:
    try:
        point = entry_point_by_address(Channel.PHONE, number)
        if point is None:
            return None
        with scope.acting_for([point.company_id]):
            flow, version = _flow(point)
            return Number(point, flow, version, is_at_work(point.desk, clock.now()))
    finally:
        # Asked so seldom, a thread keeps no connection; and one that broke is not asked again.
        connection.close()


def _flow(point: EntryPoint) -> tuple[Flow, int]:
    """One that cannot be used any more, as when a recording is gone, gives way to the built-in one."""
    try:
        return flow_of(point, sounds=sounds.is_there)
    except FlowError as error:
        logger.error("phone_flow_unusable", entry_point=point.pk, problem=str(error))
        return read(USUAL, sounds=sounds.is_there), 0


class Line:
    """One call: what is heard on it goes through `logic.step`, and the verbs that come out are carried out here."""

    def __init__(self, gateway: "Gateway", sip: SipCall, number: Number, offer: SdpMessage) -> None:
        self.gateway, self.sip, self.number, self.offer = gateway, sip, number, offer
        self.uid = uuid.uuid4().hex
        self.call = logic.Call(flow=number.flow, caller=numbers.caller(sip.invite), at_work=number.at_work)
        self.leg: Leg | None = None
        self.port = 0
        self.recorded = b""
        self._timer: asyncio.TimerHandle | None = None
        self._heard: deque[Event] = deque()
        self._busy = False
        self.talk = Talk()
        sip.on_end = self._gone
        sip.on_new_offer = self._new_offer

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
                    self.gateway.park(self, first=first)
            case logic.Unpark():
                self._wake_after(0)
                self.gateway.unpark(self)
            case logic.Gather(seconds=seconds) | logic.Wait(seconds=seconds):
                self._wake_after(seconds)
            case logic.Dial():
                self.gateway.board.seek(self, verb)
            case logic.Release(person=person, away=away):
                self.gateway.board.release(self, person, away=away)
            case logic.RecordTalk(on=on):
                self.talk.record(on=on)
            case _ if leg is not None:
                self._sound(leg, verb)

    def _sound(self, leg: Leg, verb: Verb) -> None:
        match verb:
            case logic.Play(sounds=names, loop=loop):
                self._wake_after(0)
                leg.play(names, loop=loop)
                if not names and not loop:
                    self.hear(logic.Played(clock.now()))
            case logic.Bridge(hears=hears):
                self.talk.bridge(hears)
                if hears:
                    leg.be_quiet()
            case logic.Record(seconds=seconds):
                leg.record(most_seconds=seconds)
                self._wake_after(seconds)
            case logic.PauseRecording(seconds=pause):
                leg.mute(pause)
            case logic.StopRecording():
                self._wake_after(0)
                self.recorded += leg.recorded()

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
            self.gateway.give_back(self.port)
            self.sip.refuse(488)
            self.hear(logic.Refused(clock.now()))
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
        keys = _keys_of(self.offer)
        while True:
            self.port = self.gateway.ports.popleft()
            answer, payload_type = negotiate_sdp(self.offer, host, self.port, [PCMU, PCMA], keys)
            try:
                here = (self.gateway.settings.host, self.port)
                self.leg = await Leg.open(here, there, payload_type=payload_type, keys=keys)
                break
            except OSError:  # somebody else has this port; the next one is tried, and this one not again
                self.port = 0
        self.leg.hold(_is_held(self.offer))
        self.leg.on_key = lambda key: self.hear(logic.Key(clock.now(), key))
        self.leg.on_played = lambda: self.hear(logic.Played(clock.now()))
        return serialize_sdp(answer)

    def _new_offer(self, request: SipRequest) -> str | None:
        if self.leg is None:
            return None
        with suppress(Exception):
            offer = parse_sdp(request.text) if request.body else self.offer
            held, place = _is_held(offer), self.gateway.place_of(offer, self.sip)
            host = own_address(self.gateway.settings.host, self.sip.source)
            answer, _pt = negotiate_sdp(offer, host, self.port, [self.leg.payload_type], _keys_of(offer))
            # A place that is nowhere is how older phones say that they hold the call.
            if not ip_address(place[0]).is_unspecified:
                self.leg.session.update_remote(place)
            self.leg.hold(held)
            return serialize_sdp(answer)
        return None

    def look(self, now: float) -> None:
        """Whether anything is still heard of the caller; whoever holds the call sends nothing."""
        if self.leg and not self.leg.held and now - self.leg.heard_at > self.gateway.settings.silent_seconds:
            self.hear(logic.Lost(clock.now()))
            return
        for person, leg in list(self.talk.legs.items()):
            if now - leg.heard_at > BROWSER_SILENT_SECONDS:
                self.gateway.board.drop(self, person)
                self.hear(logic.Vanished(clock.now(), person))

    def send_next(self) -> None:
        """Send the next 20 ms: what is said to the caller, or what is played."""
        if self.leg:
            self.leg.tick(self.talk.exchange(self.leg))

    def _gone(self, by: logic.By) -> None:
        self.hear(logic.HungUp(clock.now()) if by == logic.By.CALLER else logic.Lost(clock.now()))

    def _over(self) -> None:
        self._wake_after(0)
        self.gateway.leave(self)
        # To put a long recording together takes so long that all calls would falter: the ledger's thread does it, once,
        # however often it then tries to write.
        how = cache(partial(_how_it_went, self.call, self.recorded, self.talk.recording))
        self.gateway.ledger.put(partial(write_down, self.uid, how, company=self.number.point.company_id))

    def write(self, entry: Callable[[], object]) -> None:
        """Have something of this call written down, in the scope of its company."""
        company = self.number.point.company_id

        def write() -> None:
            with scope.acting_for([company]):
                entry()

        self.gateway.ledger.put(write)


class Gateway:
    """All calls of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ledger = Ledger()
        self.lines: set[Line] = set()
        first, last = settings.rtp_ports
        self.ports = deque(range(first + first % 2, last, 2))
        self.closing = False
        self._queues: dict[tuple[int, str], list[Line]] = {}
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="phone-numbers")
        self._directory = Directory(self._threads)
        self._tasks: set[asyncio.Task[None]] = set()
        self.board = Switchboard(self, self._threads)
        self._door = SipDoor(
            host=settings.host,
            port=settings.port,
            peers=settings.peers,
            on_call=lambda call: self.spawn(self._take(call)),
            pace=Pace(),
            t1=settings.t1,
        )

    async def open(self) -> None:
        """Begin to take calls. Raises OSError where the port is not to be had."""
        await self._door.open()
        self.ledger.start()
        self.spawn(self._tick())
        self.spawn(self._keep_alive())
        self.spawn(self.board.run())

    async def close(self) -> None:
        """Take no more calls, break off those that go on, and write down what is left."""
        self.closing = True
        for line in list(self.lines):
            line.hear(logic.Broken(clock.now()))
        # The goodbyes are to leave before the door closes.
        await asyncio.sleep(0)
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._door.close()
        if not await asyncio.to_thread(self.ledger.close):
            logger.error("phone_rows_left_unwritten")
        self._threads.shutdown(wait=False)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the calls."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def park(self, line: Line, *, first: bool = False) -> None:
        """Put a call at the end of its queue, or before all others."""
        waiting = self._queues.setdefault(line.queue, [])
        waiting.insert(0 if first else len(waiting), line)
        told = waiting if first else [line]
        for one in told:
            one.hear(logic.Parked(clock.now(), waiting.index(one)))

    def unpark(self, line: Line) -> None:
        """Take a call out of its queue, and tell those behind it."""
        self.board.forget(line)
        for name, waiting in list(self._queues.items()):
            if line not in waiting:
                continue
            waiting.remove(line)
            for ahead, other in enumerate(waiting):
                other.hear(logic.Parked(clock.now(), ahead))
            if not waiting:
                del self._queues[name]

    def leave(self, line: Line) -> None:
        """A call is over: its sound ends, and its port is free."""
        self.lines.discard(line)
        self.unpark(line)
        for person in list(line.talk.legs):
            self.board.drop(line, person)
        leg, line.leg = line.leg, None
        if leg:
            self.spawn(self._shut(leg, line.port))

    async def _shut(self, leg: Leg, port: int) -> None:
        await leg.close()
        self.give_back(port)

    def give_back(self, port: int) -> None:
        """A port is free again."""
        if port:
            self.ports.append(port)

    def place_of(self, offer: SdpMessage, sip: SipCall) -> Address:
        """Where the caller wants our sound. Raises ValueError where that is nowhere, or a machine that has nothing to
        do with the call: whoever calls could have us flood anybody.
        """
        place = _place(offer)
        address = ip_address(place[0])
        allowed = (sip.source[0] == place[0], address.is_unspecified)
        if not any((*allowed, *(address in network for network in self.settings.rtp_peers))):
            raise ValueError(f"sound for {place[0]}, which does not call")
        return place

    async def _take(self, sip: SipCall) -> None:
        try:
            number = await self._directory.find(numbers.called(sip.invite))
        except Away:
            sip.refuse(503)
            return
        if number is None or self.closing:
            sip.refuse(503 if number else 404)
            return
        if sip.over:
            return
        try:
            offer = parse_sdp(sip.invite.text)
            self.place_of(offer, sip)
        except Exception:  # noqa: BLE001  whatever somebody offers
            sip.refuse(488)
            return
        free = len(self.lines) < self.settings.most_calls and bool(self.ports)
        line = Line(self, sip, number, offer)
        self.lines.add(line)
        line.begin(free=free)

    async def _tick(self) -> None:
        """Every 20 ms all calls send the next piece; a late one is made up for."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + self.settings.tick, loop.time() - 1)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.send_next()

    def send_next(self) -> None:
        """Send every caller the next 20 ms of sound, once they have confirmed the call: before that, the place that
        the offer names may be somebody else's.
        """
        now = time.monotonic()
        for line in list(self.lines):
            if line.leg:
                if line.sip.heard:
                    line.send_next()
                line.look(now)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY)
            for company in {line.number.point.company_id for line in self.lines}:
                uids = [line.uid for line in self.lines if line.number.point.company_id == company]
                self.ledger.put(partial(_say_alive, company, uids))


def _how_it_went(call: logic.Call, recorded: bytes, talk: Recording | None) -> Over:
    assert call.ended_at is not None
    sound = sounds.as_wav(recorded) if logic.spoken(call) >= logic.LEAST_MESSAGE else b""
    return Over(
        outcome=logic.outcome(call),
        ended_by=call.ended_by,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        spans=call.spans,
        keys=call.keys,
        sound=sound,
        talk=talk.wav() if talk and talk.length else b"",
        rings=call.rings,
        pauses=call.pauses,
        spoken=sounds.length_of(recorded) if sound else logic.spoken(call),
    )


def write_down(uid: str, how: Callable[[], Over], *, company: int) -> None:
    """Write down how a call went, which is found out only now."""
    finish(uid, how(), company=company)


def _say_alive(company: int, uids: list[str]) -> None:
    with scope.acting_for([company]):
        keep_alive(uids)


def _place(offer: SdpMessage) -> Address:
    """Where the caller wants our sound. Raises ValueError where that is nowhere."""
    place = offer.rtp_address
    if place is None or not 0 < place[1] < 65536:
        raise ValueError("no place for sound")
    return str(ip_address(place[0])), place[1]


def _is_held(offer: SdpMessage) -> bool:
    """Whether whoever offers this will hear nothing of us (RFC 3264 8.4). What is said of the whole session is said of
    its sound.
    """
    audio, place = offer.audio, offer.rtp_address
    if audio is None or place is None:
        return False
    if not any(way in audio.attributes for way in DIRECTIONS):
        audio.attributes.update({way: [] for way in DIRECTIONS if way in offer.attributes})
    return audio.direction in ("sendonly", "inactive") or ip_address(place[0]).is_unspecified


def _keys_of(offer: SdpMessage) -> int:
    """The payload type by which the caller sends keys."""
    audio = offer.audio
    codecs = audio.codecs if audio else []
    return next((c.payload_type for c in codecs if c.encoding_name.lower() == "telephone-event"), KEYS)
