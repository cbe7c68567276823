"""A real Asterisk, where there is one: calls that it holds go as those that come by SIP."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import time
from ipaddress import ip_network
from typing import Any

import numpy as np
import pytest

from madoguchi.channels.phone.asterisk.door import Asterisk
from madoguchi.channels.phone.asterisk.lines import AsteriskLine, AsteriskOutLine
from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.line import Line
from madoguchi.channels.phone.tests import test_call_backs, test_switchboard, test_three
from madoguchi.channels.phone.tests import test_lines as embedded
from madoguchi.channels.phone.tests.customer import Customer
from madoguchi.channels.phone.tests.phone import Phone, _Socket
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import files, scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.models import Call, Recording
from tests.contracts.calls import Embedded as Way
from tests.contracts.test_calls import STORIES, Story, expected_kinds, left_by
from tests.servers.asterisk import PASSWORD, WHY_NOT, Ground, asterisk

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-"),
]
PATIENCE = 30.0
HERE = (ip_network("127.0.0.0/8"),)


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """An Asterisk that takes calls, and dials us."""
    with asterisk() as made:
        asyncio.run(_answers(made))
        yield made


async def _answers(made: Ground) -> None:
    """Until its SIP is there: it answers, be it that it knows no such number."""
    for _try in range(100):
        phone = await Phone(made.sip).open()
        phone.send(phone.request("OPTIONS", "0"))
        try:
            await asyncio.wait_for(phone.sip.came.get(), 0.3)
            return
        except TimeoutError:
            continue
        finally:
            phone.close()
    raise AssertionError(made.log.read_text()[-3000:])


class OverAsterisk(Gateway):
    """A gateway that takes calls once Asterisk has dialled it. `left` are its lines that are over, in order."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.left: list[Line] = []

    async def open(self) -> None:
        await super().open()
        await there(self)

    def leave(self, line: Line) -> None:
        if line in self.lines:
            self.left.append(line)
        super().leave(line)


async def there(gateway: Gateway) -> None:
    async with asyncio.timeout(PATIENCE):
        while not gateway.link.there:
            await asyncio.sleep(0.02)


class CalledByAsterisk(Customer):
    """A customer where Asterisk calls them."""

    port = 0

    async def open(self) -> Customer:
        await super().open()
        self.sip.transport.close()
        self.sip = _Socket()
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self.sip, local_addr=("127.0.0.1", self.port)
        )
        return self


@pytest.fixture
def over_asterisk(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> list[OverAsterisk]:
    """Tests of the gateway go by Asterisk: callers call it, and it calls customers. The gateways that were made."""
    way, gateways = Asterisk(ground.ari, PASSWORD, "PJSIP/{number}@carrier"), list[OverAsterisk]()

    def settings(host: str, _port: int, *given: Any, **more: Any) -> Settings:
        return Settings(host, 0, *given, asterisk=way, **more)

    def gateway(told: Settings) -> OverAsterisk:
        gateways.append(OverAsterisk(told))
        return gateways[-1]

    monkeypatch.setattr(test_switchboard, "Settings", settings)
    monkeypatch.setattr(test_switchboard, "Gateway", gateway)
    monkeypatch.setattr(test_switchboard.Room, "call", lambda _room: calling(ground))
    monkeypatch.setattr(test_call_backs, "replace", lambda settings, trunks: settings)
    monkeypatch.setattr(test_call_backs, "Customer", CalledByAsterisk)
    monkeypatch.setattr(CalledByAsterisk, "port", ground.customer)
    return gateways


@pytest.mark.parametrize(
    "told",
    [
        test_switchboard.test_who_is_free_is_rung_answers_and_both_are_heard_and_recorded,
        test_switchboard.test_who_does_not_want_to_is_away_and_the_next_is_rung,
        test_switchboard.test_hold_a_new_page_and_hanging_up,
        test_switchboard.test_a_caller_is_handed_on_to_a_colleague,
        test_three.test_a_colleague_is_asked_all_three_talk_and_the_caller_is_put_through,
        test_three.test_a_supervisor_listens_whispers_and_joins,
    ],
    ids=lambda told: told.__name__,
)
def test_people_of_ours_talk_on_it_as_on_any_call(
    told: Callable[..., None], over_asterisk: list[OverAsterisk], world: World
) -> None:
    told(test_switchboard.number_with(world, test_switchboard.FLOW), world)

    [gateway] = over_asterisk
    assert [type(line) for line in gateway.left] == [AsteriskLine]
    assert (gateway.lines, gateway.link.calls) == (set(), {})


@pytest.mark.parametrize(
    "told",
    [
        test_call_backs.test_who_gave_up_waiting_is_called_and_both_are_heard_and_recorded,
        test_call_backs.test_a_line_that_is_busy_is_tried_again_later,
        test_call_backs.test_what_rings_at_the_customer_is_taken_back,
    ],
    ids=lambda told: told.__name__,
)
def test_calls_go_out_by_it(
    told: Callable[..., None], over_asterisk: list[OverAsterisk], world: World
) -> None:
    told(test_switchboard.number_with(world, test_call_backs.FLOW), world)

    [gateway] = over_asterisk
    assert [type(line) for line in gateway.left] == [AsteriskLine, AsteriskOutLine]
    assert (gateway.lines, gateway.link.calls) == (set(), {})


def happens(ground: Ground, scenario: Callable[[OverAsterisk], Awaitable[None]]) -> None:
    """Let something happen where a gateway takes calls from Asterisk; in the end all is written down."""

    async def all_of_it() -> None:
        gateway = made(ground)
        await gateway.open()
        try:
            await scenario(gateway)
        finally:
            await gateway.close()

    asyncio.run(all_of_it())


def made(ground: Ground, password: str = PASSWORD) -> OverAsterisk:
    return OverAsterisk(
        Settings("127.0.0.1", 0, HERE, (21200, 21400), asterisk=Asterisk(ground.ari, password))
    )


async def calling(ground: Ground, **more: Any) -> Phone:
    phone = await Phone(ground.sip, **more).open()
    await phone.call("05000000001")
    return phone


async def so(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.02)


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def the_call(number: EntryPoint) -> Call:
    with scope.acting_for([number.company_id]):
        return Call.objects.get()


def test_what_is_said_after_the_tone_is_kept_and_no_tone_of_a_key(ground: Ground, number: EntryPoint) -> None:
    with scope.acting_for([number.company_id]):
        Desk.objects.filter(pk=number.desk_id).update(opens=time(3), closes=time(3, 1))

    async def scenario(gateway: OverAsterisk) -> None:
        phone = await calling(ground, payload_type=8)
        await so(lambda: gateway.lines)
        [line] = gateway.lines
        await so(lambda: line.call.phase == "recording")
        for piece in range(100):
            phone.say(440)
            await asyncio.sleep(0.02)
            if piece == 50:
                phone.press("5")
        phone.press("#")
        assert (await phone.answer(0)).startswith("BYE")
        phone.close()

    happens(ground, scenario)

    call = the_call(number)
    assert (call.outcome, call.ended_by, call.caller, call.keys) == ("message", "us", "+819012345678", "")
    with scope.acting_for([number.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=number.company_id)
    with wave.open(io.BytesIO(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    spectrum, bins = np.abs(np.fft.rfft(samples)), np.fft.rfftfreq(len(samples), 1 / 8000)
    assert abs(bins[spectrum.argmax()] - 440) < 6
    # The tones of a 5 are 770 and 1336 Hz.
    keys = max(spectrum[(bins > tone - 15) & (bins < tone + 15)].max() for tone in (770, 1336))
    assert keys < spectrum.max() / 50


def test_the_socket_breaks_in_a_call_which_goes_on(ground: Ground, number: EntryPoint) -> None:
    async def scenario(gateway: OverAsterisk) -> None:
        phone = await calling(ground)
        await phone.hears("greeting")
        socket = gateway.link._socket
        assert socket is not None
        await socket.close()
        await so(lambda: gateway.link._socket not in (None, socket))
        await phone.hears("menu")
        phone.press("1")
        assert (await phone.answer(0)).startswith("BYE")
        phone.close()

    happens(ground, scenario)

    call = the_call(number)
    assert (call.outcome, call.ended_by, call.keys) == ("call_back", "us", "1")


def test_who_hung_up_while_the_socket_was_away_is_found_out(ground: Ground, number: EntryPoint) -> None:
    async def scenario(gateway: OverAsterisk) -> None:
        door = gateway._asterisk
        assert door is not None
        phone = await calling(ground)
        await phone.hears("greeting")
        await door.close()
        await phone.gone()
        [line] = gateway.lines
        assert line.call.ended_at is None
        await door.open()
        await so(lambda: not gateway.lines)
        phone.close()

    happens(ground, scenario)

    call = the_call(number)
    assert (call.outcome, call.ended_by) == (
        "abandoned" if call.answered_at is None else call.outcome,
        "caller",
    )


def test_calls_of_a_gateway_that_was_killed_are_hung_up_by_the_next_one(
    ground: Ground, number: EntryPoint
) -> None:
    async def scenario(gateway: OverAsterisk) -> None:
        phone = await calling(ground)
        await phone.hears("greeting")
        gateway.link.calls.clear()  # nobody here knows of it any more, as after a kill
        socket = gateway.link._socket
        assert socket is not None
        await socket.close()
        assert (await phone.answer(0)).startswith("BYE")
        phone.close()

    happens(ground, scenario)

    assert the_call(number).outcome == "broken"


def test_who_rang_while_the_socket_was_away_is_answered(ground: Ground, number: EntryPoint) -> None:
    async def scenario(gateway: OverAsterisk) -> None:
        door = gateway._asterisk
        assert door is not None
        await door.close()
        phone = await Phone(ground.sip).open()
        asking = asyncio.create_task(phone.call("05000000001"))
        await asyncio.sleep(0.5)
        await door.open()
        await asking
        await phone.hears("greeting")
        await phone.gone()
        await so(lambda: not gateway.lines)
        phone.close()

    happens(ground, scenario)

    assert the_call(number).ended_by == "caller"


def test_whose_number_is_withheld_and_who_calls_nobodys_number(ground: Ground, number: EntryPoint) -> None:
    async def scenario(gateway: OverAsterisk) -> None:
        stranger = await Phone(ground.sip).open()
        assert (await stranger.ask("05000000009", 404)).startswith("SIP/2.0 404 ")
        stranger.close()
        phone = await calling(ground, more="P-Asserted-Identity: <sip:0312345678@x>\r\nPrivacy: id")
        await phone.gone()
        await so(lambda: not gateway.lines)
        phone.close()

    happens(ground, scenario)

    call = the_call(number)
    assert (call.caller, call.called, call.outcome) == ("", "+815000000001", "short")


class RealAsterisk(Way):
    """The gateway with calls that a real Asterisk holds, which take as long as they take."""

    def __init__(self, patch: pytest.MonkeyPatch, ground: Ground) -> None:
        super().__init__(patch)
        self.ground = ground
        patch.setattr(embedded, "HERE", "127.0.0.1")

    def _let_pass(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run(work)

    def _desk(self) -> embedded.Desk:
        return embedded.Desk(silent_seconds=1e9, asterisk=Asterisk(self.ground.ari, PASSWORD))

    async def _begin(self, desk: embedded.Desk, caller: str) -> Line:
        door = desk.gateway._asterisk
        assert door is not None
        self.door = door
        await door.open()
        await there(desk.gateway)
        self.phone = await Phone(self.ground.sip, caller=caller or "anonymous").open()
        await self.phone.call("05000000001")
        await so(lambda: any(line.call.answered_at for line in desk.gateway.lines))
        [line] = desk.gateway.lines
        return line

    async def _hang_up(self, desk: embedded.Desk, line: Line) -> None:
        await self.phone.gone()
        await so(lambda: line.call.ended_at)

    async def _press(self, line: Line, key: str) -> None:
        call = next(iter(line.gateway.link.calls.values()))
        pressed, told = asyncio.Event(), call.on_key

        def heard(pressed_key: str) -> None:
            told(pressed_key)
            pressed.set()

        call.on_key = heard
        self.phone.press(key)
        await asyncio.wait_for(pressed.wait(), PATIENCE)
        call.on_key = told

    async def _end(self) -> None:
        await self.door.close()
        self.phone.close()


def is_short(story: Story) -> bool:
    """It takes a quarter of a minute at most, with no keys but those that somebody presses in their time."""
    keys = sum(what == "press" for what, _given in story.deeds)
    return keys < 4 and sum(given for what, given in story.deeds if what != "press" and given) < 20


SHORT = [story for story in STORIES if is_short(story)]


@pytest.mark.parametrize("story", SHORT, ids=lambda story: story.name)
def test_a_call_leaves_the_same_behind(
    monkeypatch: pytest.MonkeyPatch, ground: Ground, number: EntryPoint, story: Story
) -> None:
    way = RealAsterisk(monkeypatch, ground)

    told, row, kinds = left_by(way, number, story)

    assert told == story.told
    assert row == ("ended", story.caller, number.address, 1 if story.flow else 0)
    assert kinds == expected_kinds(story.told, notified=way.records and story.flow is not None)


# The last one: Asterisk keeps what happens meanwhile, and tells it to the next gateway that is there.
def test_a_call_that_nobody_takes_ends_where_the_password_is_wrong(
    ground: Ground, number: EntryPoint
) -> None:
    async def all_of_it() -> None:
        gateway = made(ground, "another long password")
        await Gateway.open(gateway)
        phone = await Phone(ground.sip).open()
        assert (await phone.ask("05000000001", 603)).startswith("SIP/2.0 603 ")
        assert not gateway.link.there
        phone.close()
        await gateway.close()

    asyncio.run(all_of_it())

    with scope.acting_for([number.company_id]):
        assert not Call.objects.exists()
