"""The embedded gateway: calls that come in by SIP, led through their flow, and written down.

All of a call happens in one event loop; the database is asked and told by threads, and never waited for by a call that
goes on.
"""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Any

import structlog
from aiosipua.sdp import SdpMessage
from django.db import DatabaseError, InterfaceError, connection

from madoguchi.channels.phone import numbers, sounds
from madoguchi.channels.phone.asterisk.calls import AsteriskCall, AsteriskOutCall
from madoguchi.channels.phone.asterisk.door import Asterisk, AsteriskDoor
from madoguchi.channels.phone.asterisk.lines import AsteriskLine, AsteriskOutLine
from madoguchi.channels.phone.asterisk.link import Link
from madoguchi.channels.phone.calling import OutCall
from madoguchi.channels.phone.flows import flow_in_force, learn_sounds
from madoguchi.channels.phone.late import line_of
from madoguchi.channels.phone.ledger import Ledger
from madoguchi.channels.phone.line import Line, Number
from madoguchi.channels.phone.media import Leg
from madoguchi.channels.phone.offers import place_of
from madoguchi.channels.phone.outgoing import OutLine
from madoguchi.channels.phone.pace import Networks, Pace
from madoguchi.channels.phone.queues import Queues
from madoguchi.channels.phone.registering import Registration, registrations
from madoguchi.channels.phone.registrar import Registrar
from madoguchi.channels.phone.sip import T1, Address, SipCall, SipDoor
from madoguchi.channels.phone.switchboard import Switchboard
from madoguchi.channels.phone.trunks import Tried, Trunk, ways_for
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.infra.growing import Living
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.actions import keep_alive
from madoguchi.voice.outgoing import Taken
from madoguchi.voice.queries import is_at_work
from madoguchi.voice.sip_phones import keep_present
from madoguchi.voice.waits import answers_of

logger = structlog.get_logger()
MOST_CALLS = 50
# What was looked up is believed for so many seconds; when the database is away, for as long as that lasts.
BELIEVED = 5.0
ALIVE_EVERY = 10.0
# A phone that sends nothing for so long is gone; those that send nothing while their owner is silent say something.
SILENT_SECONDS = 30.0
TICK = 1 / sounds.FRAMES_A_SECOND


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the gateway listens (not for SIP, where `port` is 0), whom it hears, and how many calls it carries at once.

    Calls go out by one of `trunks`, or else by an `asterisk`, if there is one. Sound goes to the machine that calls or
    is called, and, if they say so, to those of `rtp_peers`. Telephones of people of ours register from `telephones`.
    """

    host: str
    port: int
    peers: Networks
    rtp_ports: tuple[int, int]
    rtp_peers: Networks = ()
    trunks: tuple[Trunk, ...] = ()
    asterisk: Asterisk | None = None
    telephones: Networks = ()
    most_calls: int = MOST_CALLS
    silent_seconds: float = SILENT_SECONDS
    t1: float = T1
    tick: float = TICK

    @property
    def calls_go_out(self) -> bool:
        """Whether calls can be made at all."""
        return bool(self.trunks or (self.asterisk and self.asterisk.endpoint))

    def check_place(self, host: str, source: str) -> None:
        """Raises ValueError where sound is to go to a machine that has nothing to do with the call."""
        address = ip_address(host)
        allowed = (source == host, address.is_unspecified)
        if not any((*allowed, *(address in network for network in self.rtp_peers))):
            raise ValueError(f"sound for {host}, which does not call")


class Away(Exception):
    """The database cannot be asked, and the answer is not known from before; or asking failed otherwise."""


@dataclass
class Directory:
    """The numbers, as the database has them."""

    threads: ThreadPoolExecutor
    _known: dict[str, tuple[float, Number | None]] = field(default_factory=dict)
    _asked: dict[str, asyncio.Future[Number | None]] = field(default_factory=dict)

    async def find(self, number: str) -> Number | None:
        """What is known of a number that is called; None for one that is nobody's. Raises Away, also where something
        unforeseen goes wrong: whoever calls is told to try again, and not left without an answer.
        """
        until, known = self._known.get(number, (0.0, None))
        if time.monotonic() < until:
            return known
        try:
            known = await self._ask(number)
        except (DatabaseError, InterfaceError) as error:
            if number not in self._known:
                raise Away from error
            return known
        except Exception as error:
            logger.exception("phone_number_not_looked_up")
            raise Away from error
        if len(self._known) > 1000:
            self._known.clear()
        self._known[number] = (time.monotonic() + BELIEVED, known)
        return known

    async def _ask(self, number: str) -> Number | None:
        """Many who call a number at once ask the database once."""
        if number not in self._asked:
            asked = asyncio.get_running_loop().run_in_executor(self.threads, _look_up, number)
            asked.add_done_callback(lambda _done: self._asked.pop(number, None))
            self._asked[number] = asked
        return await asyncio.shield(self._asked[number])


def _time() -> float:
    return asyncio.get_running_loop().time()


def _look_up(number: str) -> Number | None:
    try:
        point = entry_point_by_address(Channel.PHONE, number)
        if point is None:
            return None
        with scope.acting_for([point.company_id]):
            flow, version = flow_in_force(point)
            own = learn_sounds(point.company_id)
            at_work, answers = is_at_work(point.desk, clock.now()), answers_of(point, flow)
            return Number(point, flow, version, at_work, own, answers)
    finally:
        # Asked so seldom, a thread keeps no connection; and one that broke is not asked again.
        connection.close()


class Gateway:
    """All calls of one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.name = uuid.uuid4().hex
        self._living: Living | None = None
        self.ledger = Ledger()
        self.lines: set[Line] = set()
        first, last = settings.rtp_ports
        self.ports = deque(range(first + first % 2, last, 2))
        self.closing = False
        self.queues = Queues(_time)
        self.tried = Tried()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="phone-numbers")
        self._directory = Directory(self._threads)
        self._tasks: set[asyncio.Task[None]] = set()
        self._registered: list[Registration] = []
        self.board = Switchboard(self, self._threads)
        self._registrar = Registrar(self.board.ask, lambda *said: self.door.said.reply(*said))
        self.door = SipDoor(
            host=settings.host,
            port=settings.port,
            peers=settings.peers,
            on_call=lambda call: self.spawn(self._take(call)),
            pace=Pace(),
            t1=settings.t1,
            telephones=settings.telephones,
            on_register=lambda *heard: self.spawn(self._registrar.hear(*heard)),
        )
        self.link = Link(
            on_call=lambda call: self.spawn(self._take_from_asterisk(call)), spawn=self.spawn, pace=Pace()
        )
        told = settings.asterisk
        self._asterisk = (
            AsteriskDoor(self.link, told, host=settings.host, peers=settings.peers) if told else None
        )

    async def open(self) -> None:
        """Begin to take calls. Raises OSError where a port is not to be had."""
        if self.settings.port:
            await self.door.open()
        if self._asterisk:
            await self._asterisk.open()
        self._living = _seen_to_live(self.name)
        self.ledger.start()
        self._registered = registrations(self.door, self.settings.trunks, self.ledger.put)
        for one in self._registered if self.settings.port else ():
            one.begin()
        self.spawn(_tick(self))
        self.spawn(_keep_alive(self))
        self.spawn(self.board.run())

    async def close(self) -> None:
        """Take no more calls, break off those that go on, and write down what is left."""
        self.closing = True
        for one in self._registered:
            one.end()
        for line in list(self.lines):
            line.hear(logic.Broken(clock.now()))
        # The goodbyes are to leave before the door closes.
        await asyncio.sleep(0)
        tasks, self._tasks = list(self._tasks), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.door.close()
        if self._asterisk:
            await self._asterisk.close()
        if not await asyncio.to_thread(self.ledger.close):
            logger.error("phone_rows_left_unwritten")
        if self._living:
            self._living.end()
        self._threads.shutdown(wait=False)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the calls. What it fails of is told in the log."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(_tell_failure)

    def park(self, line: Line, *, first: bool = False) -> None:
        """Put a call at the end of its queue, or before all others."""
        self.queues.park(line, first=first)

    def call_out(self, taken: Taken, own: Mapping[str, str] | None = None) -> OutLine:
        """Begin a call that we make, which rings at somebody of ours. `own` are the company's own recordings."""
        caller, asterisk = taken.point.address, self.settings.asterisk
        line: OutLine
        if self.settings.trunks:
            line = OutLine(self, self.by_trunk(caller, taken.number), taken, own)
        else:
            assert asterisk is not None
            call = AsteriskOutCall(self.link, asterisk.endpoint, caller=caller, to=taken.number)
            line = AsteriskOutLine(self, call, taken, own)
        self.lines.add(line)
        return line

    def by_trunk(self, caller: str, to: str) -> OutCall:
        """A call that goes out by the trunks that show this number of ours. There has to be one."""
        trunks = self.settings.trunks
        first, *otherwise = self.tried.ordered(ways_for(caller, trunks))
        strangers = frozenset(one.address for one in trunks)
        return OutCall(self.door, first, caller=caller, to=to, otherwise=otherwise, strangers=strangers)

    @property
    def can_call_out(self) -> bool:
        """Whether one more call can be made just now."""
        way = self.settings.trunks or (self.settings.calls_go_out and self.link.there)
        return bool(way) and not self.is_full and not self.closing

    @property
    def is_full(self) -> bool:
        """Whether it can carry no more calls."""
        return len(self.lines) >= self.settings.most_calls or not self.ports

    def _takes_one_more(self, number: Number) -> bool:
        """Whether one more call at a number can be taken. Calls that we make from it do not count at it."""
        there = [line for line in self.lines if line.number.point.pk == number.point.pk]
        others = sum(not line.call.outgoing for line in there)
        return not self.is_full and number.flow.takes_one_more(others)

    def unpark(self, line: Line) -> None:
        """Take a call out of its queue, and tell those behind it."""
        self.board.forget(line)
        self.queues.unpark(line)

    def leave(self, line: Line) -> None:
        """A call is over: its sound ends, and its port is free."""
        self.lines.discard(line)
        self.unpark(line)
        for person in {*line.talk.legs, *line.talk.ringing}:
            self.board.drop(line, person)
        leg, line.leg = line.leg, None
        if leg:
            self.spawn(self.shut(leg, line.port))

    async def shut(self, leg: Leg, port: int) -> None:
        """Some sound is over, and its port free."""
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
        place = place_of(offer)
        self.settings.check_place(place[0], sip.source[0])
        return place

    async def _find(self, called: str, call: SipCall | AsteriskCall) -> Number | None:
        """What is known of the number that is called; None where the call is refused, or over."""
        try:
            number = await self._directory.find(called)
        except Away:
            call.refuse(503)
            return None
        if number is None or self.closing:
            call.refuse(503 if number else 404)
            return None
        return None if call.over else number

    async def _take_from_asterisk(self, call: AsteriskCall) -> None:
        if number := await self._find(call.called, call):
            free = self._takes_one_more(number)
            line = AsteriskLine(self, call, number)
            self.lines.add(line)
            line.begin(free=free)

    async def _take(self, sip: SipCall) -> None:
        number = await self._find(numbers.called(sip.invite), sip)
        if number is None:
            return
        line = line_of(self, sip, number)
        if line is None:
            sip.refuse(488)
            return
        free = self._takes_one_more(number)
        self.lines.add(line)
        line.begin(free=free)

    def send_next(self) -> None:
        """Send every caller the next 20 ms of sound, once they have confirmed the call: before that, the place that
        the offer names may be somebody else's.
        """
        now = time.monotonic()
        for line in list(self.lines):
            try:
                _send_next_of(line, now)
            except Exception:  # what is wrong with one call silences no other
                logger.exception("phone_line_failed", call=line.uid)


def _send_next_of(line: Line, now: float) -> None:
    if line.leg:
        if line.sip.heard:
            line.send_next()
        line.look(now)


def _seen_to_live(name: str) -> Living | None:
    try:
        return Living(name)
    except OSError as error:
        logger.warning("phone_gateway_not_seen_to_live", error=str(error))
        return None


async def _tick(gateway: Gateway) -> None:
    """Every 20 ms all calls send the next piece; a late one is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + gateway.settings.tick, loop.time() - 1)
        await asyncio.sleep(max(0.0, due - loop.time()))
        gateway.send_next()


async def _keep_alive(gateway: Gateway) -> None:
    while True:
        await asyncio.sleep(ALIVE_EVERY)
        for company in {line.number.point.company_id for line in gateway.lines}:
            uids = [line.uid for line in gateway.lines if line.number.point.company_id == company]
            gateway.ledger.put(partial(_say_alive, company, uids))
        if gateway.settings.telephones:
            await gateway.board.ask(None, keep_present)


def _tell_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("phone_task_failed", exc_info=error)


def _say_alive(company: int, uids: list[str]) -> None:
    with scope.acting_for([company]):
        keep_alive(uids)
