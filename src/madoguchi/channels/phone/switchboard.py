"""Between callers and people of ours: whose phone rings, who answers, and what they then wish to be done.

What people do in their browsers is written in the database by the web server and announced on a channel; only the
gateway that holds the call acts on it.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from django.db import DatabaseError, InterfaceError, connection

from madoguchi.channels.phone.actions import announce
from madoguchi.channels.phone.browser import BrowserLeg, Unusable, read_offer
from madoguchi.channels.phone.flows import learn_sounds
from madoguchi.channels.phone.sip import own_address
from madoguchi.channels.phone.telephones import Telephones, limit
from madoguchi.infra import scope
from madoguchi.infra.listen import wakes
from madoguchi.kernel import clock
from madoguchi.voice import logic, terms
from madoguchi.voice.dividing import take_phone_of
from madoguchi.voice.looking import Wanted, worth_a_look
from madoguchi.voice.outgoing import AT_ONCE, Due, due_plans, take_plan
from madoguchi.voice.outside_contacts import let_contact_go, note_contact_there
from madoguchi.voice.phones import CHANNEL, give_answer, let_go, note_connected, offer_of

if TYPE_CHECKING:
    from madoguchi.channels.phone.gateway import Gateway
    from madoguchi.channels.phone.line import Line

logger = structlog.get_logger()
AT_LEAST_EVERY = 2.0
# Who has pressed the key is heard within so many seconds, or not at all.
CONNECT_SECONDS = 10
# Whose phone rings for a customer who is to be called back answers within so many seconds, or is away.
RING_SECONDS = 20
Got = TypeVar("Got")


class Switchboard:
    """Finds somebody for the calls that wait, the oldest first, and hears what people of ours do."""

    def __init__(self, gateway: "Gateway", threads: ThreadPoolExecutor) -> None:
        self._gateway, self._threads = gateway, threads
        self._seeking: dict[Line, terms.Dial] = {}
        self._announced: set[str] = set()
        self._last: Due | None = None
        # Whose offer is being taken, and whether another came meanwhile.
        self._connecting: dict[tuple[str, int], bool] = {}
        self._again = asyncio.Event()
        self._telephones = Telephones(gateway, self.ask)

    async def run(self) -> None:
        """Do so until cancelled."""
        self._gateway.spawn(self._look_for_people())
        async for words in wakes(CHANNEL, at_least_every=AT_LEAST_EVERY):
            for word in words:
                with _logged("phone_word_not_heard"):
                    self.hear(word)
            self._again.set()

    def seek(self, line: "Line", dial: terms.Dial) -> None:
        """Somebody is wanted for a call."""
        self._seeking[line] = dial
        self._again.set()

    def forget(self, line: "Line") -> None:
        """Nobody is wanted for it any more."""
        self._seeking.pop(line, None)

    def release(self, line: "Line", person: int, *, away: bool) -> None:
        """Somebody has nothing to do with a call any more."""
        self.drop(line, person)
        if person < 0:
            line.write(partial(let_contact_go, line.uid, -person))
        else:
            line.write(partial(let_go, line.uid, person, away=away))

    def drop(self, line: "Line", person: int) -> None:
        """Somebody's browser or telephone is heard no more."""
        for among in (line.talk.legs, line.talk.ringing):
            if leg := among.pop(person, None):
                leg.close()
                self._gateway.give_back(leg.port)

    def hear(self, word: str) -> None:
        """Something that somebody did, as the web server announced it."""
        with suppress(ValueError, KeyError, TypeError):
            said = json.loads(word)
            uid, person, what = str(said["call"]), int(said["person"]), str(said["what"])
            line = next((one for one in self._gateway.lines if one.uid == uid), None)
            if line is None:
                return
            if what == "answer":
                self._gateway.spawn(self._connect(line, person))
            elif event := _event(what, person, said):
                line.hear(event)

    async def _look_for_people(self) -> None:
        while True:
            await self._again.wait()
            self._again.clear()
            with _logged("phone_people_not_looked_for"):
                await self._look_once()

    async def _look_once(self) -> None:
        waiting = self._in_order(await self._due())
        worth = await _worth_a_look(waiting, self._seeking, self.ask)
        for one in waiting:
            with _logged("phone_nobody_given"):
                if isinstance(one, Due):
                    await self._call(one)
                elif (dial := self._seeking.get(one)) is not None and (dial.person or one.uid in worth):
                    await self._find(one, dial)

    def _in_order(self, plans: Sequence[Due]) -> Sequence["Line | Due"]:
        """Who was handed on first, then who has waited longest, also who did so on the line and gave it up for a call
        of ours.
        """
        waiting: list[Line | Due] = [*self._seeking, *plans]
        return sorted(waiting, key=_turn)

    async def _due(self) -> Sequence[Due]:
        """Whose turn it is to be called, one at each number. Of very many numbers some are looked at each time: those
        where nobody is free must not hide the others.
        """
        if not self._gateway.can_call_out:
            return ()
        plans = await self.ask(None, partial(due_plans, self._last)) or ()
        self._last = plans[-1] if len(plans) == AT_ONCE else None
        if self._last:
            self._again.set()
        return plans

    async def _call(self, plan: Due) -> None:
        taken = await self.ask(plan.company, partial(take_plan, plan.pk, uuid.uuid4().hex))
        if taken is None:
            return
        own = await self.ask(plan.company, partial(learn_sounds, plan.company))
        line = self._gateway.call_out(taken, own)
        self._announced.add(taken.uid)  # it is in its case already
        line.hear(terms.Ringing(clock.now(), taken.person))
        limit(line, taken.person, RING_SECONDS)
        self._gateway.spawn(self._telephones.ring(line, taken.person))
        self._gateway.spawn(
            self._connect(line, taken.person)
        )  # whoever calls by hand may have been faster than we
        # The next one at this number may have somebody, too.
        self._again.set()

    async def _find(self, line: "Line", dial: terms.Dial) -> None:
        if dial.person < 0:
            self.forget(line)
            await self._telephones.call_outside(line, dial.person)
            return
        point = line.number.point
        found = await self.ask(
            point.company_id,
            partial(
                take_phone_of,
                front=point.desk_id,
                desk=dial.desk,
                company=point.company_id,
                call=line.uid,
                person=dial.person,
                aside=dial.aside,
            ),
        )
        if self._seeking.get(line) is not dial:
            if found:
                line.write(partial(let_go, line.uid, found, away=False))
            return
        if found:
            self.forget(line)
            line.hear(terms.Ringing(clock.now(), found))
            self._tell(line, found)
            limit(line, found, dial.seconds)
            self._gateway.spawn(self._telephones.ring(line, found))
        elif dial.person:
            self.forget(line)
            line.hear(terms.NotAnswered(clock.now(), dial.person))

    def _tell(self, line: "Line", person: int) -> None:
        """The case is there from the first ring on."""
        company = line.number.point.company_id
        if line.uid not in self._announced:
            self._announced.add(line.uid)
            told = partial(announce, line.uid, company=company, person=person)
            self._gateway.ledger.put(told, line.uid, first=True)

    async def _connect(self, line: "Line", person: int) -> None:
        one = (line.uid, person)
        if one in self._connecting:
            self._connecting[one] = True
            return
        self._connecting[one] = False
        try:
            await self._take_offer(line, person)
        finally:
            if self._connecting.pop(one):
                self._gateway.spawn(self._connect(line, person))

    async def _take_offer(self, line: "Line", person: int) -> None:
        if person not in logic.present(line.call):
            line.write(partial(let_go, line.uid, person, away=False))
            return
        company = line.number.point.company_id
        sdp = await self.ask(company, partial(offer_of, person, call=line.uid))
        if not sdp:
            return
        try:
            leg = await _opened(self._gateway, read_offer(sdp))
        except (Unusable, OSError, IndexError) as error:
            logger.warning("phone_browser_not_connected", call=line.uid, error=repr(error)[:200])
            return
        self.drop(line, person)
        if person == line.call.agent:  # back with a new page: nothing is heard of the one before any more
            line.hear(terms.Vanished(clock.now(), person))
        if person not in logic.present(line.call):
            leg.close()
            self._gateway.give_back(leg.port)
            return
        line.talk.legs[person] = leg
        leg.on_connected = lambda: self.connected(line, person)
        _expect(line, person, leg)
        answer = leg.answer(own_address(self._gateway.settings.host, ("127.0.0.1", 9)))
        await self.ask(company, partial(give_answer, person, call=line.uid, sdp=answer))

    def connected(self, line: "Line", person: int) -> None:
        """Somebody of ours, or outside, and the line can hear one another."""
        if person < 0:
            line.write(partial(note_contact_there, line.uid, -person))
        elif not line.call.outgoing or line.call.answered_at:  # else it is one when the customer answers
            line.write(partial(note_connected, line.uid, person, desk=line.call.desk))
        line.hear(terms.Connected(clock.now(), person))

    async def ask(self, company: int | None, work: Callable[[], Got]) -> Got | None:
        """What the database says, asked for a company; None while it is away."""
        return await _asked(self._threads, company, work)


def _expect(line: "Line", person: int, leg: BrowserLeg) -> None:
    def too_long() -> None:
        if line.talk.legs.get(person) is leg and line.call.ringing == person:
            line.hear(terms.NotAnswered(clock.now(), person))

    asyncio.get_running_loop().call_later(CONNECT_SECONDS, too_long)


@contextmanager
def _logged(event: str) -> Iterator[None]:
    """Whatever goes wrong here is told in the log, and the next round comes all the same."""
    try:
        yield
    except Exception:
        logger.exception(event)


async def _opened(gateway: "Gateway", offer: Any) -> BrowserLeg:
    while True:
        port = gateway.ports.popleft()
        leg = BrowserLeg(offer)
        with suppress(OSError):  # somebody else has this port; the next one is tried, and this one not again
            await leg.open(gateway.settings.host, port)
            return leg


async def _asked(threads: ThreadPoolExecutor, company: int | None, work: Callable[[], Got]) -> Got | None:
    """What the database says; None while it is away."""

    def ask() -> Got:
        try:
            with scope.acting_for([company] if company else []):
                return work()
        finally:
            connection.close()

    try:
        return await asyncio.get_running_loop().run_in_executor(threads, ask)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("phone_people_not_asked", error=str(error).strip()[:200])
        return None


async def _worth_a_look(
    waiting: Sequence["Line | Due"], seeking: Mapping["Line", terms.Dial], ask: Callable[..., Awaitable[Any]]
) -> set[str]:
    """For which of those who wait somebody may be free, asked once for all callers of a company."""
    wanted: dict[int, list[Wanted]] = {}
    for line in waiting:
        if not isinstance(line, Due) and (dial := seeking.get(line)) is not None and not dial.person:
            point = line.number.point
            wanted.setdefault(point.company_id, []).append(Wanted(line.uid, point.desk_id, dial.desk))
    found: set[str] = set()
    for company, some in wanted.items():
        found |= await ask(company, partial(worth_a_look, some)) or set()
    return found


def _turn(one: "Line | Due") -> tuple[bool, datetime]:
    return (True, one.since) if isinstance(one, Due) else (not one.call.rings, one.waits_since)


def _event(what: str, person: int, said: dict[str, Any]) -> terms.Event | None:
    now = clock.now()
    match what:
        case "decline":
            return terms.NotAnswered(now, person)
        case "hang_up":
            return terms.LeftUs(now, person)
        case "hold" | "resume":
            return terms.Hold(now, person, on=what == "hold")
        case "pause" | "record":
            return terms.Secret(now, person, on=what == "pause")
        case "join" | "back":
            return terms.Hold(now, person, on=False) if what == "join" else terms.Back(now, person)
        case "put_through":
            return terms.PutThrough(now, person)
        case "press":
            return terms.Press(now, person, keys=str(said["keys"]))
        case "consult":
            return terms.Consult(now, person, to=int(said["to"]))
        case "watch":
            return terms.Watch(now, person, how=terms.How(said["how"]))
        case "transfer":
            return terms.Transfer(now, person, to=int(said["to"]), desk=int(said["desk"]))
    return None
