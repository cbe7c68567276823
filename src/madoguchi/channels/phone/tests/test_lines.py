"""A gateway without a network and without a database: what it says to callers, and what it hands to be written down."""

import asyncio
import json
import math
import os
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial, wraps
from ipaddress import ip_network
from typing import Any, ClassVar

import pytest
from aiosipua.message import SipMessage
from django.db import InterfaceError, OperationalError

from madoguchi.channels.phone import gateway as gateway_module
from madoguchi.channels.phone import line as line_module
from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.gateway import Away, Directory, Gateway, Settings
from madoguchi.channels.phone.line import Line, Number
from madoguchi.channels.phone.tests.wire import Wire, pass_time, request
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.actions import Over
from madoguchi.voice.flow import read
from madoguchi.voice.ready import USUAL

PHONE = ("127.0.0.1", 5062)
# Each process has its own, so that no other takes the ports that are counted here.
_PID = os.getpid()
HERE = "127.0.0.1" if sys.platform == "darwin" else f"127.{_PID >> 8 & 127}.{_PID & 255}.2"
NUMBER = "+815000000001"
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
QUEUE = {"kind": "queue", "keys": {"2": "end"}, "every": 20, "longest": 60}


class Notes:
    """What was handed to be written down, in place of the thread that does."""

    def __init__(self) -> None:
        self.entries: list[Callable[[], object]] = []

    def put(self, entry: Callable[[], object], _lane: str = "", *, first: bool = False) -> None:
        self.entries.append(entry)

    def close(self) -> bool:
        return True

    @property
    def overs(self) -> list[Over]:
        """How calls went that are over."""
        return [
            e.args[1]() for e in self.entries if isinstance(e, partial) and e.func is line_module.write_down
        ]


class Desk:
    """A gateway with one number, and what it says."""

    made: ClassVar[list["Desk"]] = []

    def __init__(self, document: dict[str, Any] = USUAL, *, at_work: bool = True, **more: Any) -> None:
        networks = (ip_network("127.0.0.0/8"),)
        ports = more.pop("ports", (21600, 21640))
        self.gateway = Gateway(Settings(HERE, 5060, networks, ports, **more))
        self.made.append(self)
        self.gateway.ledger = self.notes = Notes()  # type: ignore[assignment]
        self.wire = Wire()
        self.gateway.door.connection_made(self.wire)
        point = EntryPoint(pk=7, company_id=1, desk_id=2, kind=Channel.PHONE, address=NUMBER)
        number = Number(point, read(document, sounds=lambda _name: True), 3, at_work)
        self.gateway._directory._known = {
            NUMBER: (math.inf, number),
            "+815000000009": (math.inf, None),
        }

    async def close(self) -> None:
        """No sound is left open."""
        for line in list(self.gateway.lines):
            self.gateway.leave(line)
        await asyncio.gather(*self.gateway._tasks)

    async def hear(self, raw: bytes) -> list[str]:
        """What is said when this comes in, and all that it leads to has happened."""
        before = len(self.wire.said)
        self.gateway.door.datagram_received(raw, PHONE)
        for _turn in range(20):
            await asyncio.sleep(0)
        return self.wire.said[before:]

    async def call(self, call_id: str = "call-1", *, sdp: str = "", **given: str) -> Line:
        """A call that was taken and confirmed."""
        name = f"Call-ID: {call_id}"
        await self.hear(request("INVITE", branch=call_id, sdp=sdp or offer(), call_id=name, **given))
        tag = self.wire.last.to_addr.tag
        await self.hear(request("ACK", branch=f"{call_id}-ack", to_tag=tag, call_id=name))
        return next(line for line in self.gateway.lines if line.sip.dialog.call_id == call_id)


def offer(sound: str = "m=audio 4000 RTP/AVP 0 96", *more: str, place: str = "c=IN IP4 127.0.0.1") -> str:
    keys = "a=rtpmap:96 telephone-event/8000" if sound.endswith(" 96") else ""
    lines = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", place, "t=0 0", sound, keys, *more)
    return "\r\n".join(filter(None, lines)) + "\r\n"


def gateway_test(scenario: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(scenario)
    def test(**given: Any) -> None:
        pass_time(_to_its_end(scenario(**given)))

    return test


async def _to_its_end(scenario: Coroutine[Any, Any, None]) -> None:
    try:
        await scenario
    finally:
        while Desk.made:
            await Desk.made.pop().close()


def queued(**more: Any) -> dict[str, Any]:
    return {"start": "queue", "steps": {"queue": QUEUE | more}}


def played(line: Line) -> None:
    """What is being played to the caller comes to its end."""
    assert line.leg is not None
    line.leg.be_quiet()
    line.leg.on_played()


@gateway_test
async def test_a_queue_without_music_waits_in_silence() -> None:
    desk = Desk(queued(music=[]))
    line = await desk.call()

    played(line)

    assert (line.call.phase, line.leg and line.leg._playing) == (logic.Phase.WAITING, [])
    await asyncio.sleep(20)  # it is told its place again
    assert line.leg is not None
    assert line.leg._playing == list(sounds.frames("position-1", 0))


@gateway_test
async def test_a_call_is_looked_up_taken_and_handed_to_be_written_down() -> None:
    desk = Desk()

    said = await desk.hear(request("INVITE", sdp=offer()))
    [line] = desk.gateway.lines

    assert said == ["100", "180", "200"]
    assert desk.wire.last.get_header("Content-Type") == "application/sdp"
    assert f"m=audio {line.port} RTP/AVP 0 96" in desk.wire.last.text
    assert (line.call.phase, line.call.caller, line.call.at_work) == (
        logic.Phase.SAYING,
        "+819012345678",
        True,
    )
    assert line.leg is not None
    assert line.leg._playing == list(sounds.frames("greeting", 0))
    assert len(desk.notes.entries) == 3  # that it began, that it was taken, and how it stands


@gateway_test
async def test_sound_that_is_only_to_be_told_of_sooner_is_plain_and_taken_as_it_is_offered() -> None:
    desk = Desk()

    assert await desk.hear(request("INVITE", sdp=offer("m=audio 4000 RTP/AVPF 0"))) == ["100", "180", "200"]

    [line] = desk.gateway.lines
    assert f"m=audio {line.port} RTP/AVPF 0" in desk.wire.last.text


@gateway_test
async def test_who_answers_again_while_the_first_answer_is_taken_is_taken_once_more() -> None:
    desk = Desk()
    line, board, taken, go_on = await desk.call(), desk.gateway.board, [], asyncio.Event()

    async def take(_line: Line, person: int) -> None:
        taken.append(person)
        await go_on.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board, "_take_offer", take)
        for _again in range(3):
            board.hear(json.dumps({"call": line.uid, "person": 7, "what": "answer"}))
        await asyncio.sleep(1)
        assert taken == [7]
        go_on.set()
        await asyncio.sleep(1)

    assert taken == [7, 7]


@gateway_test
async def test_a_call_that_is_over_gives_back_its_port_and_is_written_down() -> None:
    desk = Desk()
    before = set(desk.gateway.ports)
    line = await desk.call()
    assert line.port not in desk.gateway.ports

    tag = line.sip.dialog.local_tag
    assert await desk.hear(request("BYE", branch="bye", count=2, to_tag=tag)) == ["200"]

    assert (desk.gateway.lines, set(desk.gateway.ports)) == (set(), before)
    [over] = desk.notes.overs
    assert (over.outcome, over.ended_by, over.sound) == (logic.Outcome.SHORT, logic.By.CALLER, None)
    assert [span.spent for span in over.spans] == [logic.Spent.RING, logic.Spent.MENU]


@pytest.mark.parametrize(
    "sdp",
    [
        "nonsense",
        offer("m=video 4000 RTP/AVP 31"),
        offer("m=audio 0 RTP/AVP 0"),  # refused by the caller itself
        offer("m=audio 70000 RTP/AVP 0"),
        offer("m=audio 4000 RTP/SAVP 0"),  # encrypted in a way that is not ours: they would hear nothing
        offer("m=audio 4000 RTP/SAVPF 0"),
        offer(place=""),
        offer(place="c=IN IP4 phone.example"),  # nothing is looked up
    ],
)
@gateway_test
async def test_an_offer_of_no_sound_that_reaches_anybody_is_refused_before_the_call_begins(sdp: str) -> None:
    desk = Desk()
    before = set(desk.gateway.ports)

    assert await desk.hear(request("INVITE", sdp=sdp)) == ["100", "488"]

    assert (desk.gateway.lines, desk.notes.entries) == (set(), [])
    assert set(desk.gateway.ports) == before


@pytest.mark.parametrize(
    "sound",
    [
        "m=audio 4000 RTP/AVP 18",  # G.729
        "m=audio 4000 RTP/AVP 9 18",
        "m=audio 4000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2",
        "m=audio 4000 RTP/AVP 96",  # keys alone are no sound
    ],
)
@gateway_test
async def test_an_offer_without_a_codec_of_ours_is_refused_and_its_port_is_free_again(sound: str) -> None:
    desk = Desk()
    before = set(desk.gateway.ports)

    assert await desk.hear(request("INVITE", sdp=offer(sound))) == ["100", "488"]

    assert (desk.gateway.lines, set(desk.gateway.ports)) == (set(), before)
    [over] = desk.notes.overs
    assert (over.outcome, over.answered_at) == (logic.Outcome.REJECTED, None)


@pytest.mark.parametrize(
    ("sound", "answer", "codec"),
    [
        ("m=audio 4000 RTP/AVP 0", "m=audio {port} RTP/AVP 0", 0),
        ("m=audio 4000 RTP/AVP 8", "m=audio {port} RTP/AVP 8", 8),
        ("m=audio 4000 RTP/AVP 8 0", "m=audio {port} RTP/AVP 8", 8),  # what the caller likes better
        ("m=audio 4000 RTP/AVP 18 9 0 8", "m=audio {port} RTP/AVP 0", 0),
        ("m=audio 4000 RTP/AVP 0 96", "m=audio {port} RTP/AVP 0 96", 0),  # keys as the caller numbers them
        ("m=video 5000 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 0", "m=audio {port} RTP/AVP 0", 0),
    ],
)
@gateway_test
async def test_the_first_codec_of_ours_is_taken(sound: str, answer: str, codec: int) -> None:
    desk = Desk()

    line = await desk.call(sdp=offer(sound))

    [text] = [m.text for _when, raw, _to in desk.wire.sent if (m := SipMessage.parse(raw)).body]
    assert answer.format(port=line.port) in text.splitlines()
    assert line.leg is not None
    assert line.leg.payload_type == codec
    if "video" in sound:
        assert text.index("m=video 0 ") < text.index("m=audio")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("05000000009", ["100", "404"]),
        ("05000000001", ["100", "503"]),
    ],
)
@gateway_test
async def test_who_calls_nobody_is_told_so_and_who_calls_while_we_close_is_to_try_later(
    number: str, said: list[str]
) -> None:
    desk = Desk()
    desk.gateway.closing = True

    invite = request("INVITE", sdp=offer()).replace(
        b"sip:05000000001@192.0.2.1 SIP", f"sip:{number}@192.0.2.1 SIP".encode()
    )

    assert await desk.hear(invite) == said
    assert (desk.gateway.lines, desk.notes.entries) == (set(), [])


@gateway_test
async def test_one_call_more_than_may_be_is_busy_and_is_written_down() -> None:
    desk = Desk(most_calls=1)
    first = await desk.call()

    said = await desk.hear(request("INVITE", branch="two", call_id="Call-ID: two", sdp=offer()))

    assert said == ["100", "486"]
    assert desk.gateway.lines == {first}
    [over] = desk.notes.overs
    assert (over.outcome, over.ended_by) == (logic.Outcome.REJECTED, logic.By.US)


@gateway_test
async def test_without_a_port_for_sound_a_caller_hears_busy() -> None:
    desk = Desk(ports=(21700, 21702))
    await desk.call()
    assert not desk.gateway.ports

    said = await desk.hear(request("INVITE", branch="two", call_id="Call-ID: two", sdp=offer()))

    assert said == ["100", "486"]


@pytest.mark.parametrize(
    ("ports", "even"),
    [
        ((4000, 4006), [4000, 4002, 4004]),
        ((4001, 4006), [4002, 4004]),
        ((4000, 4001), [4000]),
        ((4001, 4002), []),
    ],
)
def test_sound_takes_even_ports_and_its_reports_the_next(ports: tuple[int, int], even: list[int]) -> None:
    settings = Settings("127.0.0.1", 5060, (), ports)

    assert list(Gateway(settings).ports) == even


@gateway_test
async def test_a_port_that_somebody_else_has_is_left_out() -> None:
    desk = Desk(ports=(21710, 21714))
    taken = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(HERE, 21710)
    )

    line = await desk.call()
    line.hear(logic.Broken(clock.now()))
    await asyncio.sleep(0.1)

    assert line.port == 21712
    assert list(desk.gateway.ports) == [21712]
    taken[0].close()


@pytest.mark.parametrize(
    ("sdp", "said", "direction", "goes_to"),
    [
        (offer("m=audio 4100 RTP/AVP 0"), "200", "sendrecv", ("127.0.0.1", 4100)),
        (offer("m=audio 4000 RTP/AVP 0", "a=sendonly"), "200", "recvonly", ("127.0.0.1", 4000)),  # held
        (offer("m=audio 4000 RTP/AVP 0", "a=inactive"), "200", "inactive", ("127.0.0.1", 4000)),
        (offer(place="c=IN IP4 127.0.0.2"), "200", "sendrecv", ("127.0.0.2", 4000)),  # handed on
        (offer(place="c=IN IP4 192.0.2.9"), "488", "", ("127.0.0.1", 4000)),  # to somebody who does not call
        ("", "200", "sendrecv", ("127.0.0.1", 4000)),  # without an offer: as it was
        (offer("m=audio 4100 RTP/AVP 8"), "488", "", ("127.0.0.1", 4000)),  # another codec
        (offer("m=audio 4100 RTP/AVP 18"), "488", "", ("127.0.0.1", 4000)),
        ("nonsense", "488", "", ("127.0.0.1", 4000)),
    ],
)
@gateway_test
async def test_a_new_offer_within_a_call_moves_its_sound_or_changes_nothing(
    sdp: str, said: str, direction: str, goes_to: tuple[str, int]
) -> None:
    desk = Desk(rtp_peers=(ip_network("127.0.0.2/32"),))
    line = await desk.call()

    tag = line.sip.dialog.local_tag
    again = request("INVITE", branch="again", count=2, to_tag=tag, sdp=sdp)
    assert await desk.hear(again) == [said]

    assert line.leg is not None
    assert line.leg.session._remote_addr == goes_to
    assert (f"a={direction}" in desk.wire.last.text) is (said == "200")
    assert desk.gateway.lines == {line}


@pytest.mark.parametrize(
    ("place", "peers", "said"),
    [
        ("127.0.0.1", (), ["100", "180", "200"]),  # where the call comes from
        ("127.0.0.2", (), ["100", "488"]),
        ("192.0.2.9", (), ["100", "488"]),
        ("192.0.2.9", ("192.0.2.8/31",), ["100", "180", "200"]),  # a media server that was named
        ("192.0.2.10", ("192.0.2.8/31",), ["100", "488"]),
        ("0.0.0.0", (), ["100", "180", "200"]),  # held from the beginning: nothing is sent
    ],
)
@gateway_test
async def test_sound_goes_to_who_calls_or_to_media_servers_that_were_named_and_to_nobody_else(
    place: str, peers: tuple[str, ...], said: list[str]
) -> None:
    desk = Desk(rtp_peers=tuple(map(ip_network, peers)))

    assert await desk.hear(request("INVITE", sdp=offer(place=f"c=IN IP4 {place}"))) == said

    assert len(desk.gateway.lines) == (said[-1] == "200")


@gateway_test
async def test_who_cancels_while_the_sound_is_being_opened_leaves_nothing_behind() -> None:
    desk = Desk()
    before = set(desk.gateway.ports)
    desk.gateway.door.datagram_received(request("INVITE", sdp=offer()), PHONE)
    while not desk.gateway.lines:
        await asyncio.sleep(0)

    assert await desk.hear(request("CANCEL")) == ["200", "487"]

    assert (desk.gateway.lines, set(desk.gateway.ports)) == (set(), before)
    [over] = desk.notes.overs
    assert (over.outcome, over.ended_by, over.answered_at) == (logic.Outcome.SHORT, logic.By.CALLER, None)


@gateway_test
async def test_who_leaves_a_queue_moves_those_behind_and_nobody_else() -> None:
    desk = Desk(queued())
    first, second, third = [await desk.call(f"call-{n}") for n in range(3)]
    assert [line.call.ahead for line in (first, second, third)] == [0, 1, 2]
    assert third.leg is not None
    assert third.leg._playing[-1] == sounds.frames("position-3", 0)[-1]

    second.hear(logic.HungUp(clock.now()))
    assert [line.call.ahead for line in (first, third)] == [0, 1]
    first.hear(logic.Key(clock.now(), "2"))
    assert third.call.ahead == 0

    third.hear(logic.Lost(clock.now()))
    assert len(desk.gateway.queues) == 0
    outcomes = [over.outcome for over in desk.notes.overs]
    assert outcomes == [logic.Outcome.SHORT, logic.Outcome.INFORMED, logic.Outcome.SHORT]


@pytest.mark.parametrize(("silent", "lost"), [(29.9, False), (30.1, True)])
@gateway_test
async def test_who_is_not_heard_for_30_seconds_is_hung_up_on(silent: float, lost: bool) -> None:
    desk = Desk()
    line = await desk.call()
    assert line.leg is not None

    line.look(line.leg.heard_at + silent)

    assert (desk.wire.said[-1] == "BYE") is lost
    assert [over.ended_by for over in desk.notes.overs] == ([logic.By.LOST] if lost else [])


@gateway_test
async def test_calls_that_go_on_when_the_gateway_closes_are_broken_off() -> None:
    desk = Desk(queued())
    for name in ("call-1", "call-2"):
        await desk.call(name)

    await desk.gateway.close()

    assert desk.wire.said[-2:] == ["BYE", "BYE"]
    assert [(over.outcome, over.ended_by) for over in desk.notes.overs] == [("broken", "fault")] * 2
    assert desk.gateway.lines == set()


@pytest.mark.parametrize(
    ("frames", "outcome", "sound"),
    [
        (100, logic.Outcome.MESSAGE, 44 + 100 * 320),
        (0, logic.Outcome.ABANDONED, 0),
    ],
)
@gateway_test
async def test_words_are_handed_on_as_a_file_where_there_are_any(
    frames: int, outcome: logic.Outcome, sound: int
) -> None:
    desk = Desk(at_work=False)
    with clock.held_at(NOON):
        line = await desk.call()
        for _step in ("greeting", "closed", "leave"):
            played(line)
        assert line.call.phase == logic.Phase.RECORDING
        assert line.leg is not None
        for number in range(frames):
            line.leg._heard(b"\x00\x20" * 160, number * 160)
    with clock.held_at(NOON + timedelta(seconds=frames / 50 or 0.5)):
        line.hear(logic.HungUp(clock.now()))

    [over] = desk.notes.overs
    size = over.sound.size if over.sound else 0
    assert (over.outcome if frames else logic.Outcome.ABANDONED, size) == (outcome, sound)
    assert over.spoken == timedelta(seconds=frames / 50 or 0.5)


def number(address: str = NUMBER) -> Number:
    point = EntryPoint(pk=7, company_id=1, desk_id=2, kind=Channel.PHONE, address=address)
    return Number(point, read(USUAL, sounds=lambda _name: True), 0, True)


def asked(*answers: Number | Exception | None, known: dict[str, tuple[float, Number | None]]) -> Any:
    """What a directory says that gets these answers, one for each time it asks."""
    left, heard = list(answers), []

    def look_up(_number: str) -> Number | None:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> None:
        with ThreadPoolExecutor(1) as threads:
            directory = Directory(threads, dict(known))
            for _time in answers:
                try:
                    heard.append(await directory.find(NUMBER))
                except Away:
                    heard.append("away")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway_module, "_look_up", look_up)
        patched.setattr(gateway_module, "BELIEVED", -1.0)
        asyncio.run(scenario())
    return heard


GONE = OperationalError("the database is away")
OURS = number()


@pytest.mark.parametrize(
    ("answers", "known", "heard"),
    [
        ([OURS], {}, [OURS]),
        ([None], {}, [None]),
        ([GONE], {}, ["away"]),
        ([GONE, OURS], {}, ["away", OURS]),
        ([OURS, GONE, None], {}, [OURS, OURS, None]),  # what was known is believed, and then no more
        ([None, InterfaceError("closed"), OURS], {}, [None, None, OURS]),
        ([GONE], {NUMBER: (0.0, OURS)}, [OURS]),
        ([KeyError("unforeseen"), OURS], {}, ["away", OURS]),
        ([None], {NUMBER: (math.inf, OURS)}, [OURS]),  # so fresh that nobody is asked
    ],
)
def test_a_number_is_believed_while_the_database_is_away(
    answers: list[Any], known: dict[str, tuple[float, Number | None]], heard: list[Any]
) -> None:
    assert asked(*answers, known=known) == heard


def test_a_directory_forgets_what_it_knows_before_it_grows_without_end() -> None:
    known: dict[str, tuple[float, Number | None]] = {str(n): (0.0, None) for n in range(1001)}

    async def scenario() -> None:
        with ThreadPoolExecutor(1) as threads:
            directory = Directory(threads, known)
            assert await directory.find(NUMBER) is OURS
            assert list(directory._known) == [NUMBER]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway_module, "_look_up", lambda _number: OURS)
        asyncio.run(scenario())


@pytest.mark.parametrize("answer", [OURS, GONE])
def test_many_who_call_a_number_at_once_ask_the_database_once(answer: Number | Exception) -> None:
    times: list[str] = []

    def look_up(number: str) -> Number | None:
        times.append(number)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario() -> list[Any]:
        with ThreadPoolExecutor(2) as threads:
            directory = Directory(threads)
            several = asyncio.gather(*(directory.find(NUMBER) for _ in range(20)), return_exceptions=True)
            first = await several
            assert directory._asked == {}
            return first

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway_module, "_look_up", look_up)
        heard = asyncio.run(scenario())

    assert times == [NUMBER]
    assert [type(one) for one in heard] == [Away if answer is GONE else Number] * 20
