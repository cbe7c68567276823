"""Several trunks: which shows whose number, which is asked first, and which gives way to which."""

import asyncio
from collections.abc import Callable

import pytest
from aiosipua.message import SipMessage, SipRequest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone.calling import OutCall
from madoguchi.channels.phone.sip import Address
from madoguchi.channels.phone.tests.wire import OFFER, Door, pass_time
from madoguchi.channels.phone.trunks import AVOIDED_SECONDS, Tried, Trunk, trunks_of, ways_for
from madoguchi.voice.terms import Miss

CALLER, CUSTOMER = "+815012345678", "+819012345678"
FIRST = Trunk("192.0.2.7", shows=("+8150",))
SECOND = Trunk("192.0.2.8", 5080, "desk", "secret", ("+",))
BEGINNINGS = st.text("0123456789", max_size=3).map(lambda digits: f"+{digits}")


@pytest.mark.parametrize(
    ("addresses", "trunks"),
    [
        ("", ()),
        ("sip://192.0.2.7", (Trunk("192.0.2.7"),)),
        ("sip://me%40here:p%3Ass@192.0.2.7:5080", (Trunk("192.0.2.7", 5080, "me@here", "p:ss"),)),
        (
            "sip://192.0.2.7 sip://me:p;ss@[2001:db8::5];shows=+8131,+8150",
            (Trunk("192.0.2.7"), Trunk("2001:db8::5", 5060, "me", "p;ss", ("+8131", "+8150"))),
        ),
    ],
)
def test_trunks_are_addresses(addresses: str, trunks: tuple[Trunk, ...]) -> None:
    assert trunks_of(addresses) == trunks
    assert "ss" not in repr(trunks).replace("address", "")


@pytest.mark.parametrize(
    ("shows", "ways"),
    [
        ([""], [0]),
        (["", "+8150"], [1]),
        (["", "+8133"], [0]),
        (["+8150", "+81501", "+8133"], [1, 0]),
        (["+", "+8150,+8133"], [1, 0]),
        (["+81", "", "+8150", "+81"], [2, 0, 3]),
        (["+8133"], []),
    ],
)
def test_a_call_goes_by_what_names_most_of_the_number_that_is_shown(
    shows: list[str], ways: list[int]
) -> None:
    trunks = [Trunk(f"192.0.2.{n}", shows=tuple(filter(None, one.split(",")))) for n, one in enumerate(shows)]

    assert ways_for(CALLER, trunks) == [trunks[n] for n in ways]


@given(st.lists(st.lists(BEGINNINGS, max_size=3), max_size=4), st.text("0123456789", min_size=4, max_size=8))
def test_no_number_is_shown_where_others_are_named(shows: list[list[str]], digits: str) -> None:
    trunks = [Trunk("192.0.2.7", n, shows=tuple(one)) for n, one in enumerate(shows)]

    ways = ways_for(f"+{digits}", trunks)

    assert all(not one.shows or f"+{digits}".startswith(one.shows) for one in ways)
    assert bool(ways) >= any(not one.shows for one in trunks)
    assert len({bool(one.shows) for one in ways}) < 2


def test_who_did_not_answer_is_asked_after_all_others_for_a_while() -> None:
    now = 1000.0
    tried = Tried(clock=lambda: now)
    tried.failed(FIRST)

    assert tried.ordered([FIRST, SECOND]) == [SECOND, FIRST]
    tried.failed(SECOND)
    assert tried.ordered([FIRST, SECOND]) == [FIRST, SECOND]
    now += AVOIDED_SECONDS
    assert tried.ordered([FIRST, SECOND]) == [FIRST, SECOND]


class Two:
    """A call by one trunk, with another one beside it, and what became of it."""

    def __init__(self) -> None:
        self.door = Door()
        strangers = frozenset({FIRST.address, SECOND.address})
        self.told: list[str] = []
        self.call = self.led(
            OutCall(
                self.door.door, FIRST, caller=CALLER, to=CUSTOMER, otherwise=[SECOND], strangers=strangers
            )
        )

    def led(self, call: OutCall) -> OutCall:
        call.on_answer = lambda _sdp: self.told.append("answer")
        call.on_miss = lambda why: self.told.append(f"{why.value} {call.unreachable}")
        call.ask(OFFER)
        return call

    def asked_last(self) -> SipRequest:
        sent = [SipMessage.parse(raw) for _when, raw, _to in self.door.wire.sent]
        return [one for one in sent if isinstance(one, SipRequest) and one.method == "INVITE"][-1]

    def says(self, code: int, *more: str, to: SipRequest, source: Address) -> list[tuple[str, Address]]:
        """Somebody answers; what is said to that, and to whom."""
        before = len(self.door.wire.sent)
        names = ("Via", "From", "Call-ID", "CSeq")
        head = [f"SIP/2.0 {code} Whatever", *(f"{name}: {to.get_header(name)}" for name in names)]
        head += [f"To: {to.get_header('To')};tag=theirs", "Contact: <sip:gate@192.0.2.9>", *more]
        self.door.door.datagram_received("\r\n".join([*head, "Content-Length: 0", "", ""]).encode(), source)
        return [(raw.split()[0].decode(), where) for _when, raw, where in self.door.wire.sent[before:]]


def at_leisure(scenario: Callable[[Two], object]) -> None:
    async def all_of_it() -> None:
        if asyncio.iscoroutine(done := scenario(Two())):
            await done

    pass_time(all_of_it())


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (503, "unreached True"),
        (502, "unreached True"),
        (401, "unreached True"),
        (404, "unreached False"),
        (500, "unreached False"),
        (486, "busy False"),
        (408, "no_answer False"),
    ],
)
def test_a_trunk_without_a_way_is_told_from_somebody_who_does_not_answer(code: int, told: str) -> None:
    def scenario(two: Two) -> None:
        asked = two.asked_last()
        assert two.says(code, to=asked, source=FIRST.address) == [("ACK", FIRST.address)]
        assert two.told == [told.replace("no_answer", Miss.NO_ANSWER.value)]

    at_leisure(scenario)


def test_nobody_is_rung_twice_by_two_trunks() -> None:
    def scenario(two: Two) -> None:
        asked = two.asked_last()
        two.says(180, to=asked, source=FIRST.address)
        two.says(503, to=asked, source=FIRST.address)
        assert two.told == ["unreached False"]

    at_leisure(scenario)


def test_a_silent_trunk_gives_way_soon_and_what_it_hears_late_is_taken_back() -> None:
    async def scenario(two: Two) -> None:
        late = two.asked_last()
        await asyncio.sleep(3.9)
        assert two.told == []
        await asyncio.sleep(0.2)
        assert two.told == ["unreached True"]

        again = two.led(two.call.again())
        now = two.asked_last()
        assert (again.trunk, again.otherwise, two.door.wire.sent[-1][2]) == (SECOND, [], SECOND.address)
        assert str(now.uri) == "sip:09012345678@192.0.2.8:5080"
        assert (now.get_header("From") or "").startswith("<sip:05012345678@192.0.2.8:5080>;tag=")
        assert now.get_header("Call-ID") != late.get_header("Call-ID")
        assert two.says(180, to=late, source=FIRST.address) == [("CANCEL", FIRST.address)]
        assert two.says(200, to=now, source=SECOND.address)[0][0] == "ACK"
        await asyncio.sleep(100)
        assert two.told == ["unreached True", "answer"]
        late_words = {
            raw.split()[0] for when, raw, to in two.door.wire.sent if to == FIRST.address and when > 4
        }
        assert late_words == {b"CANCEL"}

    at_leisure(scenario)


def test_a_trunk_that_was_heard_in_time_is_waited_for() -> None:
    async def scenario(two: Two) -> None:
        two.says(100, to=two.asked_last(), source=FIRST.address)
        await asyncio.sleep(10)
        assert two.told == []

    at_leisure(scenario)


def test_each_trunk_is_proved_who_we_are_there_alone() -> None:
    def scenario(two: Two) -> None:
        challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="abc", qop="auth", algorithm=MD5'
        assert two.says(401, challenge, to=two.asked_last(), source=FIRST.address) == [("ACK", FIRST.address)]
        two.led(two.call.again())
        said = two.says(401, challenge, to=two.asked_last(), source=SECOND.address)
        assert said == [("ACK", SECOND.address), ("INVITE", SECOND.address)]
        assert 'username="desk"' in (two.asked_last().get_header("Authorization") or "")

    at_leisure(scenario)


def test_what_another_trunk_says_of_a_call_is_not_heard() -> None:
    async def scenario(two: Two) -> None:
        asked = two.asked_last()
        for code in (180, 200, 401, 486):
            assert two.says(code, to=asked, source=SECOND.address) == []
        assert two.told == []
        await asyncio.sleep(0.6)
        assert two.door.wire.said == ["INVITE", "INVITE"]  # it is not quiet for that, either
        two.says(200, to=asked, source=("192.0.2.40", 5060))  # as where a proxy answers from elsewhere
        assert two.told == ["answer"]

    at_leisure(scenario)
