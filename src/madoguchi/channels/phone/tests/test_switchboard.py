"""Calls that wait come to people who are free, over real UDP on both sides, with the real database between."""

import asyncio
import io
import time
import wave
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import numpy as np
import pytest
from django.db import connection
from tests.servers.ground import free_ports

from madoguchi.cases.models import Message
from madoguchi.channels.phone import switchboard
from madoguchi.channels.phone.browser import SILENT_SECONDS
from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.line import Line
from madoguchi.channels.phone.tests.browser import FakeBrowser, offer
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.channels.phone.tones import key_in
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files, scope
from madoguchi.infra.event_log import CHANNEL
from madoguchi.infra.listen import wakes
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice import logic
from madoguchi.voice.models import AgentPhone, Call, FlowVersion, Recording
from madoguchi.voice.notices import set_notice
from madoguchi.voice.phones import answer_call, ask_of_call, press_keys, set_ready

pytestmark = pytest.mark.django_db(transaction=True)
Scenario = Callable[["Room"], Awaitable[None]]
QUEUE = {"kind": "queue", "keys": {}, "sounds": [], "every": 20, "longest": 600, "ring": 120}
FLOW = {"start": "queue", "steps": {"queue": QUEUE}}
PATIENCE = 30.0
# Nothing happens by itself in so long a time: what is to pass is passed by the tests.
NEVER = 3600.0


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk that leads right into its queue."""
    return number_with(world, FLOW)


def number_with(world: World, flow: dict[str, Any]) -> EntryPoint:
    """A number of our desk at which callers meet this."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    with scope.acting_for([point.company_id]):
        FlowVersion.objects.create(
            company_id=point.company_id, entry_point=point, number=1, document=flow, at=clock.now()
        )
    return point


class Room:
    """A gateway, and people with phones in their browsers. `news` comes whenever a line or a phone may be otherwise."""

    def __init__(self, gateway: Gateway, company: int) -> None:
        self.gateway, self.company = gateway, company
        self.news = asyncio.Event()

    async def listen(self, listening: asyncio.Event) -> None:
        """Hear what is told to the screens."""
        async for _words in wakes(CHANNEL, at_least_every=NEVER):
            listening.set()
            self.news.set()

    async def call(self) -> Phone:
        phone = await Phone(self.gateway.settings.port).open()
        await phone.call("05000000001")
        return phone

    async def do(self, work: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Something that a page does."""

        def act() -> Any:
            try:
                with scope.acting_for([self.company]):
                    return work(*given, **more)
            finally:
                connection.close()

        return await asyncio.to_thread(act)

    async def state(self, user: User, *wanted: str) -> AgentPhone:
        """Somebody's phone, once it is in one of these states."""
        return await self.phone(user, lambda phone: phone.state in wanted)

    async def phone(self, user: User, is_so: Callable[[AgentPhone], object]) -> AgentPhone:
        """Somebody's phone, once this is so."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.news.clear()
                phone: AgentPhone = await self.do(AgentPhone.objects.get, user=user)
                if is_so(phone):
                    return phone
                await self.news.wait()

    async def so(self, is_so: Callable[[], bool]) -> None:
        """Until this is so in the database."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.news.clear()
                if await self.do(is_so):
                    return
                await self.news.wait()

    async def connect(self, user: User) -> FakeBrowser:
        """Somebody answers, or comes back."""
        await self.do(answer_call, offer=offer(), by=actor_of_(user))
        said = await self.phone(user, lambda phone: phone.answer)
        browser = await FakeBrowser(said.answer).connect()
        browser.say(1000)
        return browser

    @property
    def line(self) -> Line:
        [line] = self.gateway.lines
        return line

    async def until(self, phase: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.line.call.phase.value != phase:
                self.news.clear()
                await self.news.wait()

    async def talk(
        self, phone: Phone, ours: FakeBrowser | Phone, *, pieces: int, tones: tuple[int, ...] = (440,)
    ) -> None:
        """Both say so many pieces of 20 ms, and hear as many; the caller these `tones`."""
        for _piece in range(pieces):
            phone.say(*tones)
            ours.say(1000)
            self.line.send_next()
            await phone.next()
            await ours.next()

    async def hear(self, phone: Phone, sound: str) -> None:
        """What is played to the caller from now on is this."""
        hearing = asyncio.create_task(phone.hears(sound, since=len(phone.rtp.all)))
        for _piece in range(12):
            self.line.send_next()
        await hearing


_ACTORS: dict[int, Any] = {}


def actor_of_(user: User) -> Any:
    return _ACTORS[user.pk]


def run(
    scenario: Scenario, number: EntryPoint, *ready: User, others: Sequence[User] = (), notified: bool = True
) -> None:
    """Let something happen where these people are ready, and others are there; in the end all is written down. Whoever
    is on the line has heard already that talks are recorded, but where that (`notified`) is what it is about.
    """
    for user in (*ready, *others):
        _ACTORS[user.pk] = actor_of(user)
    for user in ready:
        set_ready(ready=True, by=_ACTORS[user.pk])
    [port] = free_ports(1)
    here = (ip_network("127.0.0.0/8"),)
    settings = Settings("127.0.0.1", port, here, (21800, 21900), silent_seconds=NEVER, tick=NEVER)

    async def all_of_it() -> None:
        gateway, listening = Gateway(settings), asyncio.Event()
        room = Room(gateway, number.company_id)
        hears = asyncio.create_task(room.listen(listening))
        await asyncio.wait_for(listening.wait(), PATIENCE)
        await gateway.open()
        try:
            with told_to(room, notified=notified):
                await scenario(room)
        finally:
            await gateway.close()
            hears.cancel()

    asyncio.run(all_of_it())


@contextmanager
def told_to(room: Room, *, notified: bool) -> Iterator[None]:
    """Whatever a line hears is news there; who answers has as long as it takes."""
    hear = Line.hear

    def told(line: Line, event: logic.Event) -> None:
        if notified and line.call.notified_at is None:
            line.call = replace(line.call, notified_at=event.at)
        hear(line, event)
        room.news.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Line, "hear", told)
        patch.setattr(switchboard, "CONNECT_SECONDS", NEVER)
        yield


def kept(number: EntryPoint) -> tuple[Call, list[dict[str, Any]]]:
    """The call, and what the log tells of rings."""
    with scope.acting_for([number.company_id]):
        rang = Event.objects.filter(kind="call.rang").order_by("id").values_list("data", flat=True)
        return Call.objects.get(), [dict(one) for one in rang]


def loudest(side: Any) -> float:
    return float(np.fft.rfftfreq(len(side), 1 / 8000)[np.abs(np.fft.rfft(side)).argmax()])


def test_who_is_free_is_rung_answers_and_both_are_heard_and_recorded(
    number: EntryPoint, world: World
) -> None:
    async def scenario(room: Room) -> None:
        phone = await room.call()
        ringing = await room.state(world.ours.agent, "ringing")
        assert ringing.call == room.line.uid
        browser = await room.connect(world.ours.agent)
        await room.until("talking")
        await room.talk(phone, browser, pieces=60)
        assert abs(loudest(np.frombuffer(b"".join(browser.heard[-20:]), "<i2").astype(float)) - 440) < 6
        await phone.gone()
        await room.state(world.ours.agent, "wrapping")
        browser.close()

    run(scenario, number, world.ours.agent)

    call, rang = kept(number)
    assert (call.outcome, call.ended_by, call.agent_id) == ("talked", "caller", world.ours.agent.pk)
    assert [span["spent"] for span in call.spans] == ["ring", "wait", "talk"]
    assert [(one["person"], one["answered"]) for one in rang] == [(world.ours.agent.pk, True)]
    with scope.acting_for([call.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=call.company_id)
        said = list(Message.objects.order_by("id").values_list("text", "case_id"))
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    assert [round(loudest(both[:, side]), -1) for side in (0, 1)] == [440, 1000]
    assert said[0][0] == "お客様からの電話です。"
    assert len({case for _text, case in said}) == 1


def test_who_does_not_want_to_is_away_and_the_next_is_rung(number: EntryPoint, world: World) -> None:
    first, second = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.state(first, "ringing")
        await room.do(ask_of_call, "decline", by=actor_of_(first))
        await room.state(second, "ringing")
        await room.state(first, "away")
        await phone.gone()
        await room.state(second, "ready")

    run(scenario, number, first, second)

    call, rang = kept(number)
    assert call.outcome in ("short", "abandoned")
    assert [(one["person"], one["answered"]) for one in rang] == [(first.pk, False), (second.pk, False)]


def test_hold_a_new_page_and_hanging_up(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.until("talking")
        await room.do(ask_of_call, "hold", by=actor_of_(agent))
        await room.until("holding")
        await room.hear(phone, "music")
        await room.do(ask_of_call, "resume", by=actor_of_(agent))
        await room.until("talking")

        browser.close()  # the page is gone without a word
        room.line.look(time.monotonic() + SILENT_SECONDS + 1)
        await room.until("parted")
        again = await room.connect(agent)
        await room.until("talking")

        await room.do(ask_of_call, "hang_up", by=actor_of_(agent))
        assert (await phone.answer(0)).startswith("BYE")
        await room.state(agent, "wrapping")
        again.close()

    run(scenario, number, agent)

    call, _rang = kept(number)
    assert (call.outcome, call.ended_by) == ("talked", "agent")
    assert [span["spent"] for span in call.spans] == ["ring", "wait", "talk", "hold", "talk", "hold", "talk"]


def test_a_caller_is_handed_on_to_a_colleague(number: EntryPoint, world: World) -> None:
    first, second = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        await room.call()
        await room.state(first, "ringing")
        one = await room.connect(first)
        await room.until("talking")
        await room.do(ask_of_call, "transfer", by=actor_of_(first), to=second.pk)
        await room.state(second, "ringing")
        await room.state(first, "wrapping")
        two = await room.connect(second)
        await room.until("talking")
        await room.do(ask_of_call, "hang_up", by=actor_of_(second))
        await room.state(second, "wrapping")
        one.close()
        two.close()

    run(scenario, number, first, second)

    call, rang = kept(number)
    assert (call.agent_id, call.outcome) == (second.pk, "talked")
    assert [one["person"] for one in rang] == [first.pk, second.pk]


def test_nobody_is_recorded_before_the_notice_was_heard_to_its_end(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.until("notifying")
        await room.hear(phone, "recorded")
        while room.line.call.phase == logic.Phase.NOTIFYING:
            room.line.send_next()
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.until("talking")
        assert room.line.talk.recording is not None
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()

    run(scenario, number, agent, notified=False)

    call, _rang = kept(number)
    assert [span["spent"] for span in call.spans] == ["ring", "menu", "wait", "talk"]
    with scope.acting_for([call.company_id]):
        heard = Event.objects.get(kind="call.notice_played")
    assert (heard.data["notice"], heard.data["at"]) == ("recorded", call.notified_at.isoformat())


def test_where_a_number_has_no_notice_nothing_is_recorded(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent
    with scope.acting_for([number.company_id]):
        set_notice(number, "", sounds=lambda _name: True, by=system("test"))

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.until("talking")
        await room.talk(phone, browser, pieces=5)
        assert room.line.talk.recording is None
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()

    run(scenario, number, agent, notified=False)

    call, _rang = kept(number)
    with scope.acting_for([call.company_id]):
        assert not Recording.objects.exists()
        assert not Event.objects.filter(kind="call.notice_played").exists()


def test_keys_of_a_card_leave_no_tone_of_the_talk_in_the_recording(number: EntryPoint, world: World) -> None:
    """The caller hums 440 Hz and somebody of ours 1000 Hz all the time; sixteen keys are pressed in the midst of it."""
    agent, before, beside = world.ours.agent, 60, 40

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.until("talking")
        await room.talk(phone, browser, pieces=before)
        for pressed, key in enumerate("4111111111111111", 1):
            phone.press(key)
            async with asyncio.timeout(PATIENCE):
                while room.line.call.secret < pressed:
                    room.news.clear()
                    await room.news.wait()
        await room.talk(phone, browser, pieces=beside)
        room.line.hear(logic.TimeUp(clock.now()))  # long after the last of them
        await room.talk(phone, browser, pieces=before)
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()

    run(scenario, number, agent)

    call, _rang = kept(number)
    with scope.acting_for([call.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=call.company_id)
        paused = Event.objects.get(kind="call.recording_paused")
        told = str(list(Event.objects.values_list("data", flat=True)))
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    first, secret, after = both[: before * 160], both[before * 160 :][: beside * 160], both[-40 * 160 :]
    assert len(both) == (2 * before + beside) * 160
    assert not secret.any()
    for part in (first[-40 * 160 :], after):
        assert [round(loudest(part[:, side]), -1) for side in (0, 1)] == [440, 1000]
    assert (paused.data["person"], call.keys) == (None, "")
    assert "4111" not in told


def test_keys_that_are_tones_choose_in_a_menu_and_are_silent_in_the_recording_of_a_talk(world: World) -> None:
    """Of a telephone that sends no keys beside its sound: a 1 in the menu, and a 7 in the talk, each 100 ms long."""
    agent = world.ours.agent
    menu = {"kind": "menu", "sounds": [], "keys": {"1": "queue"}, "seconds": 60}
    number = number_with(world, {"start": "menu", "steps": {"menu": menu, "queue": QUEUE}})

    async def scenario(room: Room) -> None:
        phone = Phone(room.gateway.settings.port)
        phone.sends_keys = False
        await phone.open()
        await phone.call("05000000001")
        await room.until("asking")
        phone.say(697, 1209, frames=5)
        phone.say(440, frames=2)
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.until("talking")
        await room.talk(phone, browser, pieces=60)
        await room.talk(phone, browser, pieces=5, tones=(852, 1209))
        await room.talk(phone, browser, pieces=40)
        assert room.line.call.secret == 1
        room.line.hear(logic.TimeUp(clock.now()))
        await room.talk(phone, browser, pieces=60)
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()

    run(scenario, number, agent)

    call, _rang = kept(number)
    with scope.acting_for([call.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=call.company_id)
    with wave.open(io.BytesIO(sound)) as file:
        caller = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 0]
    assert (call.keys, call.outcome, len(caller)) == ("1", "talked", 165 * 160)
    assert not any(key_in(caller[at : at + 320]) for at in range(0, len(caller) - 320, 20))
    assert (round(loudest(caller[:6400]), -1), round(loudest(caller[-6400:]), -1)) == (440, 440)
    assert not caller[68 * 160 : 100 * 160].any()


def test_keys_that_somebody_of_ours_presses_reach_the_other_side(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent

    async def scenario(room: Room) -> None:
        phone = await room.call()
        await room.state(agent, "ringing")
        browser = await room.connect(agent)
        await room.phone(agent, lambda held: held.connected)
        await room.until("talking")
        with pytest.raises(Refused):
            await room.do(press_keys, "abc", by=actor_of_(agent))
        begun = len(phone.rtp.all)
        await room.do(press_keys, "1-9#", by=actor_of_(agent))
        async with asyncio.timeout(PATIENCE):
            while not room.line.call.secret:
                room.news.clear()
                await room.news.wait()
        for _tick in range(40):
            room.line.send_next()
        async with asyncio.timeout(PATIENCE):
            while len(keys_of(phone.rtp.all[begun:])) < 3 * 8:
                await phone.rtp.came.get()
        keys = keys_of(phone.rtp.all[begun:])
        assert [one for n, one in enumerate(keys) if n == 0 or keys[n - 1] != one] == ["1", "9", "#"]
        await phone.gone()
        await room.state(agent, "wrapping")
        browser.close()

    run(scenario, number, agent)

    assert kept(number)[0].outcome == "talked"


def keys_of(packets: Sequence[bytes]) -> list[str]:
    """The keys of those packets that are of keys."""
    return ["0123456789*#"[packet[12]] for packet in packets if packet[1] & 127 == 96]
