"""Calls that Asterisk holds, event by event, with a stand-in for it and by a clock that nobody waits for."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from datetime import timedelta
from functools import wraps
from ipaddress import ip_network
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.channels.phone.asterisk import link as link_module
from madoguchi.channels.phone.asterisk.calls import AsteriskOutCall
from madoguchi.channels.phone.asterisk.door import Asterisk
from madoguchi.channels.phone.asterisk.link import KNOWN_WITHIN, Link
from madoguchi.channels.phone.line import Line
from madoguchi.channels.phone.pace import Pace
from madoguchi.channels.phone.tests.asterisk import CHANNEL, SOUND_PORT, SOURCE, StandIn, settled
from madoguchi.channels.phone.tests.test_lines import NOON, NUMBER, Desk, gateway_test, queued
from madoguchi.companies.models import EntryPoint
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.voice import logic
from madoguchi.voice.outgoing import Taken

CUSTOMER = "+819012345678"
WAY = Asterisk(8096, "a long password of tests", "PJSIP/{number}@carrier")
Scenario = Callable[["Meeting"], Coroutine[Any, Any, None]]


class Meeting:
    """A gateway, and an Asterisk that has dialled it."""

    def __init__(self, **more: Any) -> None:
        self.desk = Desk(queued(), asterisk=WAY, silent_seconds=1e9, **more)
        self.gateway, self.asterisk = self.desk.gateway, StandIn()
        self.ports = len(self.gateway.ports)

    async def dials(self) -> None:
        self.attending = asyncio.create_task(self.gateway.link.attend(self.asterisk, SOURCE))
        await settled()

    async def breaks(self) -> None:
        """The socket closes."""
        await self.asterisk.close()
        await self.attending

    async def call(self, **more: str) -> Line:
        """Somebody calls, and is answered."""
        self.asterisk.rings(**more)
        await settled()
        return self.line

    @property
    def line(self) -> Line:
        [line] = self.gateway.lines
        return line

    @property
    def left(self) -> tuple[list[str], set[str], int]:
        """What is left of calls there, and how many of our ports are in use."""
        return list(self.asterisk.channels), self.asterisk.bridges, self.ports - len(self.gateway.ports)

    @property
    def outcome(self) -> str:
        [over] = self.desk.notes.overs
        return over.outcome.value


def meeting(scenario: Scenario) -> Callable[..., None]:
    """A test of what happens once Asterisk has dialled us."""

    @wraps(scenario)
    def test(**given: Any) -> None:
        async def all_of_it() -> None:
            met = Meeting()
            await met.dials()
            await scenario(met, **given)
            await settled()

        gateway_test(all_of_it)()

    del test.__wrapped__  # type: ignore[attr-defined]  pytest is not to ask for what it is given
    return test


@meeting
async def test_a_call_is_answered_and_its_sound_comes_here_and_goes_there(met: Meeting) -> None:
    line = await met.call()

    assert (line.call.phase, line.call.caller) == ("waiting", CUSTOMER)
    assert line.leg is not None
    assert line.leg.session._remote_addr == (SOURCE, 9)
    [bridge] = met.asterisk.bridges
    media = bridge.replace("-bridge", "-sound")
    said = [what for what in met.asterisk.asked if not what.startswith(("GET", "PUT"))]
    assert said == [
        f"POST bridges/{bridge}/addChannel" if what == "join" else what
        for what in (
            "POST bridges",
            "POST channels/externalMedia",
            "join",
            f"POST channels/{CHANNEL}/variable",
            f"POST channels/{CHANNEL}/answer",
            "join",
        )
    ]
    assert set(met.asterisk.channels) == {CHANNEL, media}
    assert line.sip.heard


@meeting
async def test_who_hangs_up_leaves_nothing_behind(met: Meeting) -> None:
    line = await met.call()
    met.asterisk.hangs_up()
    await settled()

    assert line.call.ended_by == logic.By.CALLER
    assert met.left == ([], set(), 0)
    assert met.gateway.link.calls == {}


@pytest.mark.parametrize(
    ("shown", "caller", "known"),
    [
        ("allowed", "09012345678", CUSTOMER),
        ("allowed_passed_screen", "+819012345678", CUSTOMER),
        ("prohib", "09012345678", ""),
        ("unavailable", "09012345678", ""),
        ("", "09012345678", ""),
        ("allowed", "anonymous", ""),
        ("allowed", "9" * 4000, ""),
    ],
)
def test_a_number_is_known_where_the_network_says_that_it_may_be(shown: str, caller: str, known: str) -> None:
    async def scenario(met: Meeting) -> None:
        assert (await met.call(shown=shown, caller=caller)).call.caller == known

    meeting(scenario)()


@pytest.mark.parametrize("number", ["05000000009", "s", "not a number", "0" * 300, ""])
def test_who_calls_nobodys_number_is_told_so(number: str) -> None:
    async def scenario(met: Meeting) -> None:
        met.gateway._directory._known[""] = met.gateway._directory._known["+815000000009"]
        met.asterisk.rings(number)
        await settled()
        assert f"DELETE channels/{CHANNEL}" in met.asterisk.asked
        assert (met.left, met.gateway.lines) == (([], set(), 0), set())

    meeting(scenario)()


def test_one_more_than_the_gateway_carries_is_busy() -> None:
    @gateway_test
    async def test() -> None:
        met = Meeting(most_calls=1)
        await met.dials()
        first = await met.call()
        met.asterisk.rings(name="another")
        await settled()
        assert met.line is first
        assert "DELETE channels/another" in met.asterisk.asked
        assert [over.outcome for over in met.desk.notes.overs] == ["rejected"]

    test()


@meeting
async def test_a_flood_of_calls_is_held_off(met: Meeting) -> None:
    met.gateway.link.pace = Pace(calls=2)
    for number in range(10):
        met.asterisk.rings(name=f"flood-{number}")
    await settled()
    await settled()

    assert len(met.gateway.lines) == 4
    assert sum(what.startswith("DELETE channels/flood-") for what in met.asterisk.asked) == 6


@pytest.mark.parametrize(
    "refused",
    ["POST bridges", "POST channels/externalMedia", "GET channels", f"POST channels/{CHANNEL}/answer"],
)
def test_a_call_whose_sound_does_not_come_is_broken_and_called_back(refused: str) -> None:
    async def scenario(met: Meeting) -> None:
        met.asterisk.refused = (refused,)
        met.asterisk.rings()
        await settled()
        assert met.outcome == "broken"
        assert (met.left, met.gateway.lines) == (([], set(), 0), set())

    meeting(scenario)()


@meeting
async def test_what_asterisk_does_not_answer_it_does_not_do(met: Meeting) -> None:
    met.asterisk.silent = True
    met.asterisk.rings()
    await asyncio.sleep(link_module.ANSWER_SECONDS + 1)

    assert met.outcome == "broken"
    assert len(met.gateway.ports) == met.ports
    assert met.gateway.link._asked == {}


def test_sound_goes_to_no_machine_that_is_not_asterisks() -> None:
    async def wants_it_at(host: str, port: int = SOUND_PORT, **more: Any) -> Meeting:
        met = Meeting(**more)
        met.asterisk.sound_host, met.asterisk.sound_port = host, port
        await met.dials()
        met.asterisk.rings()
        await settled()
        return met

    @gateway_test
    async def test() -> None:
        assert (await wants_it_at("127.0.0.9")).outcome == "broken"
        allowed = await wants_it_at("127.0.0.9", rtp_peers=(ip_network("127.0.0.9"),))
        assert allowed.line.call.phase == "waiting"
        assert (await wants_it_at("media.example")).outcome == "broken"
        for port in (0, -1, 65536):
            assert (await wants_it_at(SOURCE, port)).outcome == "broken"
        everywhere = await wants_it_at("0.0.0.0")
        assert everywhere.line.leg.session._remote_addr == (SOURCE, SOUND_PORT)

    test()


@meeting
async def test_who_hangs_up_while_the_sound_is_being_opened_leaves_nothing(met: Meeting) -> None:
    met.asterisk.rings()
    for _turn in range(12):
        await asyncio.sleep(0)
    assert met.line.call.answered_at is None
    met.asterisk.hangs_up()
    await settled()

    assert met.outcome == "short"
    assert (met.left, met.gateway.lines) == (([], set(), 0), set())


@meeting
async def test_sound_that_ends_before_the_call_breaks_it(met: Meeting) -> None:
    line = await met.call()
    met.asterisk.hangs_up(line.sip.media)  # type: ignore[attr-defined]
    await settled()

    assert met.outcome == "broken"
    assert met.left == ([], set(), 0)


@meeting
async def test_who_holds_the_call_is_sent_nothing_and_not_lost(met: Meeting) -> None:
    line = await met.call()
    met.asterisk.tell("ChannelHold", **met.asterisk.of(CHANNEL))
    await settled()
    assert line.leg is not None
    assert line.leg.held
    met.asterisk.tell("ChannelUnhold", **met.asterisk.of(CHANNEL))
    await settled()
    assert not line.leg.held


@meeting
async def test_only_keys_of_a_telephone_are_heard(met: Meeting) -> None:
    line = await met.call()
    for key in ("7", "A", "77", "", "*"):
        met.asterisk.presses(key)
    await settled()

    assert line.call.keys == "7*"


@meeting
async def test_a_call_goes_on_while_the_socket_is_away(met: Meeting) -> None:
    line = await met.call()
    await met.breaks()
    assert not met.gateway.link.there
    assert line.call.ended_at is None
    await met.dials()
    met.asterisk.presses("2")
    await settled()

    assert line.call.ended_by == logic.By.US
    assert met.left == ([], set(), 0)


@meeting
async def test_what_happened_while_the_socket_was_away_is_found_out(met: Meeting) -> None:
    line = await met.call()
    await met.breaks()
    met.asterisk.hangs_up()
    met.asterisk.inbox = asyncio.Queue()  # nobody hears of it
    met.asterisk._there("rings", "05000000001", "09087654321", "madoguchi,allowed")
    met.asterisk._there("gone-on", "05000000001", "09012345678", "madoguchi,allowed")
    met.asterisk.channels["gone-on"]["state"] = "Up"
    met.asterisk._there("not-ours", "05000000001", "09012345678", "another,allowed")
    met.asterisk.bridges |= {"madoguchi-left-bridge", "not-ours"}
    await met.dials()
    await asyncio.sleep(KNOWN_WITHIN + 1)
    await settled()

    assert line.call.ended_by == logic.By.CALLER
    assert met.line.call.caller == "+819087654321"
    ours = {met.line.sip.media, met.line.sip.bridge}  # type: ignore[attr-defined]
    assert set(met.asterisk.channels) - ours == {"rings", "not-ours"}
    assert met.asterisk.bridges - ours == {"not-ours"}


@meeting
async def test_what_we_end_while_the_socket_is_away_ends_when_it_is_back(met: Meeting) -> None:
    line = await met.call()
    await met.breaks()
    line.hear(logic.Lost(clock.now()))
    assert CHANNEL in met.asterisk.channels
    await met.dials()
    await asyncio.sleep(KNOWN_WITHIN + 1)
    await settled()

    assert met.left == ([], set(), 0)


@meeting
async def test_one_that_dials_again_takes_the_place_of_the_one_before(met: Meeting) -> None:
    before, attending = met.asterisk, met.attending
    met.asterisk = StandIn()
    await met.dials()
    await attending
    await met.call()

    assert "POST channels/externalMedia" not in before.asked
    assert "POST channels/externalMedia" in met.asterisk.asked


@meeting
async def test_it_is_asked_again_until_it_tells_what_is_there(met: Meeting) -> None:
    await met.breaks()
    met.asterisk.refused = ("PUT applications",)
    met.asterisk.bridges.add("madoguchi-left-bridge")
    await met.dials()
    met.asterisk.refused = ()
    await asyncio.sleep(link_module.ANSWER_SECONDS + 1)

    assert met.asterisk.bridges == set()


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "dialplan"]), inner),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    said=st.dictionaries(
        st.sampled_from(["channel", "digit", "args", "cause", "request_id", "status_code"]), ODD, max_size=4
    ),
    what=st.sampled_from([*link_module.WANTED, "RESTResponse", "Dial"]) | ODD,
)
def test_nothing_that_comes_in_can_raise(said: dict[str, Any], what: Any) -> None:
    taken: list[object] = []
    link = Link(on_call=taken.append, spawn=lambda work: work.close(), pace=Pace())

    link.hear(json.dumps({**said, "type": what}))

    assert taken == []


@pytest.mark.parametrize("raw", ["", "{", "[]", "1", "null", "{}", b"\xff", "[" * 100_000])
def test_what_is_no_event_is_passed_over(raw: str | bytes) -> None:
    link = Link(on_call=lambda _call: None, spawn=lambda work: work.close(), pace=Pace())

    link.hear(raw)

    assert link.strange == 1


# Calls that go out ------------------------------------------------------------------------------------------------


def calls_out(met: Meeting) -> Line:
    """A call that we make, which somebody of ours has answered."""
    point = EntryPoint(pk=7, company_id=1, desk_id=2, kind=Channel.PHONE, address=NUMBER)
    line = met.gateway.call_out(Taken("out", 5, CUSTOMER, point, NOON, notice=""))
    line.hear(logic.Ringing(NOON, 5))
    line.hear(logic.Connected(NOON + timedelta(seconds=2), 5))
    return line


@meeting
async def test_a_customer_is_called_by_the_endpoint_and_heard_when_they_answer(met: Meeting) -> None:
    assert met.gateway.can_call_out
    line = calls_out(met)
    await settled()
    assert isinstance(line.sip, AsteriskOutCall)
    assert (line.sip.endpoint, met.asterisk.channels[met.asterisk.called]["caller"]["number"]) == (
        "PJSIP/09012345678@carrier",
        "05000000001",
    )
    assert line.call.phase == "calling"
    called = met.asterisk.called
    met.asterisk.answers(called)
    await settled()
    assert line.call.phase == "talking"
    assert met.asterisk.variables == {called: {"TIMEOUT(absolute)": "14400"}}
    said = [what for what in met.asterisk.asked if what.startswith("POST")]
    assert [what.split("/")[-1] for what in said[-2:]] == ["variable", "addChannel"]
    met.asterisk.hangs_up(met.asterisk.called)
    await settled()

    assert (line.call.ended_by, met.left) == (logic.By.CALLER, ([], set(), 0))


@pytest.mark.parametrize(
    ("cause", "outcome"), [(17, "busy"), (21, "busy"), (19, "no_answer"), (1, "unreached"), (0, "unreached")]
)
def test_why_somebody_was_not_reached(cause: int, outcome: str) -> None:
    async def scenario(met: Meeting) -> None:
        calls_out(met)
        await settled()
        gone = met.asterisk.of(met.asterisk.called)
        met.asterisk.channels.pop(met.asterisk.called)
        met.asterisk.tell("ChannelDestroyed", cause=cause, **gone)
        await settled()
        assert (met.outcome, met.left) == (outcome, ([], set(), 0))

    meeting(scenario)()


@pytest.mark.parametrize("refused", ["POST channels", "POST bridges"])
def test_a_call_that_asterisk_does_not_make_has_reached_nobody(refused: str) -> None:
    async def scenario(met: Meeting) -> None:
        met.asterisk.refused = (refused,)
        calls_out(met)
        await settled()
        assert (met.outcome, met.left) == ("unreached", ([], set(), 0))

    meeting(scenario)()


@meeting
async def test_a_call_that_could_last_for_ever_is_not_joined(met: Meeting) -> None:
    line = calls_out(met)
    await settled()
    met.asterisk.refused = (f"POST channels/{met.asterisk.called}/variable",)
    met.asterisk.answers(met.asterisk.called)
    await settled()

    assert not line.sip.heard
    assert (met.outcome, met.left) == ("unreached", ([], set(), 0))


@meeting
async def test_ports_that_others_have_are_given_back_by_nobody(met: Meeting) -> None:
    ports = list(met.gateway.ports)
    with ExitStack() as stack:
        for port in ports:
            other = stack.enter_context(socket(AF_INET, SOCK_DGRAM))
            other.bind((met.gateway.settings.host, port))
        met.asterisk.rings()
        await settled()

    assert list(met.gateway.ports) == []


@meeting
async def test_what_rings_is_taken_back(met: Meeting) -> None:
    line = calls_out(met)
    await settled()
    line.hear(logic.LeftUs(NOON, 5))
    await settled()

    assert (met.outcome, met.left) == ("stopped", ([], set(), 0))


@meeting
async def test_without_asterisk_nobody_is_called(met: Meeting) -> None:
    assert met.gateway.can_call_out
    await met.breaks()
    assert met.gateway.settings.calls_go_out
    assert not met.gateway.can_call_out

    calls_out(met)
    await settled()
    assert met.outcome == "unreached"
