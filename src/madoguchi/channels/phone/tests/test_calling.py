"""Calls that go out, message by message, by a clock that nobody waits for."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from aiosipua.auth import SipDigestAuth, build_credentials
from aiosipua.headers import parse_auth, stringify_auth
from aiosipua.message import SipMessage, SipRequest

from madoguchi.channels.phone.calling import OutCall, dialled
from madoguchi.channels.phone.tests.wire import ANSWER, OFFER, Door, pass_time
from madoguchi.channels.phone.trunks import Trunk
from madoguchi.voice.terms import Miss

TRUNK = ("192.0.2.7", 5060)
CALLER, CUSTOMER = "+815012345678", "+819012345678"


class Made:
    """A call on its way, and what became of it."""

    def __init__(self, *, user: str = "", peers: tuple[str, ...] = ("192.0.2.0/24",)) -> None:
        self.door = Door(peers=peers)
        self.call = OutCall(
            self.door.door, Trunk(*TRUNK, user=user, password="secret"), caller=CALLER, to=CUSTOMER
        )
        self.told: list[str] = []
        self.call.on_answer = lambda sdp: self.told.append(f"answer {len(sdp)}")
        self.call.on_miss = lambda why: self.told.append(why.value)
        self.call.on_end = lambda by: self.told.append(by.value)

    @property
    def said(self) -> list[str]:
        return self.door.wire.said

    @property
    def invite(self) -> SipRequest:
        sent = [SipMessage.parse(raw) for _when, raw, _to in self.door.wire.sent]
        return [one for one in sent if isinstance(one, SipRequest) and one.method == "INVITE"][-1]

    def ask(self) -> None:
        self.call.ask(OFFER)

    def answer(
        self, code: int, *more: str, tag: str = "theirs", sdp: str = "", to: str = "INVITE"
    ) -> list[str]:
        """The trunk answers; what is said to that."""
        before = len(self.said)
        asked = next(
            one
            for one in map(SipMessage.parse, [raw for _w, raw, _to in reversed(self.door.wire.sent)])
            if isinstance(one, SipRequest) and one.method == to
        )
        head = [f"SIP/2.0 {code} Whatever"]
        head += [f"{name}: {asked.get_header(name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
        head += [
            f"To: {asked.get_header('To')}"
            + ("" if "tag=" in (asked.get_header("To") or "") else f";tag={tag}")
        ]
        head += ["Contact: <sip:gate@192.0.2.8:5070>", *more, f"Content-Length: {len(sdp)}"]
        raw = "\r\n".join([*head, "", sdp]).encode()
        self.door.door.datagram_received(raw, TRUNK)
        return self.said[before:]

    def bye(self, branch: str) -> list[str]:
        dialog = self.call.dialog
        lines = [
            "BYE sip:us@192.0.2.1 SIP/2.0",
            f"Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK{branch}",
            f"From: <{dialog.remote_uri}>;tag={dialog.remote_tag}",
            f"To: <{dialog.local_uri}>;tag={dialog.local_tag}",
            f"Call-ID: {dialog.call_id}",
            "CSeq: 7 BYE",
            "Content-Length: 0",
        ]
        return self.door.hear("\r\n".join([*lines, "", ""]).encode(), TRUNK)


def runs(scenario: Callable[[], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        await scenario()

    pass_time(all_of_it())


def test_who_is_called_by_whom_and_where() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        invite, [(_when, _raw, to)] = made.invite, made.door.wire.sent
        assert to == TRUNK
        assert str(invite.uri) == "sip:09012345678@192.0.2.7:5060"
        assert (invite.get_header("From") or "").startswith("<sip:05012345678@192.0.2.7:5060>;tag=")
        assert invite.text == OFFER

    runs(scenario)


@pytest.mark.parametrize(
    ("number", "written"), [("+81312345678", "0312345678"), ("+14155550100", "+14155550100")]
)
def test_carriers_in_japan_take_numbers_from_the_zero_on(number: str, written: str) -> None:
    assert dialled(number) == written


def test_it_is_said_again_until_somebody_hears_it_and_then_given_up() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        await asyncio.sleep(31.9)
        assert made.told == []
        await asyncio.sleep(0.2)
        assert set(made.said) == {"INVITE"}
        assert made.door.wire.times[:4] == [0.0, 0.5, 1.5, 3.5]
        assert made.told == [Miss.UNREACHED]
        assert made.door.door._calls == {}

    runs(scenario)


def test_an_answer_is_confirmed_as_often_as_it_comes_and_told_once() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        assert made.answer(100) == made.answer(180) == []
        await asyncio.sleep(100)  # it may ring for long
        assert made.said == ["INVITE"]
        assert made.answer(200, sdp=ANSWER) == ["ACK"]
        assert made.answer(200, sdp=ANSWER) == ["ACK"]
        assert made.told == [f"answer {len(ANSWER)}"]
        ack = made.door.wire.last
        assert str(ack.uri) == "sip:gate@192.0.2.8:5070"
        assert ack.get_header("CSeq") == "1 ACK"
        assert made.door.wire.sent[-1][2] == ("192.0.2.8", 5070)
        assert ";tag=theirs" in ack.get_header("To")

    runs(scenario)


def test_whatever_a_contact_names_goodbyes_go_to_peers_alone() -> None:
    async def scenario() -> None:
        made = Made(peers=("192.0.2.7/32",))
        made.ask()
        made.answer(200, sdp=ANSWER)
        made.call.hang_up()
        assert made.said == ["INVITE", "ACK", "BYE"]
        assert {to for _when, _raw, to in made.door.wire.sent} == {TRUNK}

    runs(scenario)


def test_they_hang_up_once_it_is_a_call() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        assert made.bye("early") == ["481"]
        made.answer(200, sdp=ANSWER)
        assert made.bye("late") == ["200"]
        assert made.told[1:] == ["caller"]
        assert made.bye("again") == ["481"]
        assert made.door.door._calls == {}

    runs(scenario)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        *((code, Miss.BUSY) for code in (486, 600, 603)),
        *((code, Miss.NO_ANSWER) for code in (408, 480, 487)),
        *((code, Miss.UNREACHED) for code in (302, 401, 403, 404, 407, 488, 500, 503)),
    ],
)
def test_why_they_did_not_answer(code: int, why: Miss) -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        made.answer(180)
        assert made.answer(code, tag="refused") == ["ACK"]
        assert made.answer(code, tag="refused") == []  # of no call that is known
        assert made.told == [why]
        ack = made.door.wire.last
        assert ack.get_header("Via") == made.invite.get_header("Via")
        assert ack.get_header("To").endswith(";tag=refused")

    runs(scenario)


@pytest.mark.parametrize(
    ("code", "header", "proof"),
    [
        (401, "WWW-Authenticate", "Authorization"),
        (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ],
)
def test_a_trunk_that_asks_who_calls_is_told_once(code: int, header: str, proof: str) -> None:
    challenge = 'Digest realm="carrier", nonce="abc", qop="auth", algorithm=MD5'

    async def scenario() -> None:
        made = Made(user="desk")
        made.ask()
        assert made.answer(code, f"{header}: {challenge}") == ["ACK", "INVITE"]
        given = parse_auth(made.invite.get_header(proof) or "")
        uri = "sip:09012345678@192.0.2.7:5060"
        wanted = build_credentials(
            SipDigestAuth("desk", "secret"),
            parse_auth(challenge),
            "INVITE",
            uri,
            cnonce=given.params["cnonce"],
        )
        assert wanted is not None
        assert stringify_auth(wanted) == made.invite.get_header(proof)
        assert (made.invite.get_header("CSeq"), made.invite.text) == ("2 INVITE", OFFER)
        assert made.told == []

        assert made.answer(code, f"{header}: {challenge}") == ["ACK"]  # another password is wanted
        assert made.told == [Miss.UNREACHED]

    runs(scenario)


def test_what_rings_is_taken_back() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        made.answer(180)
        made.call.hang_up()
        made.call.hang_up()
        cancel = made.door.wire.last
        assert (made.said[1:], cancel.get_header("CSeq")) == (["CANCEL"], "1 CANCEL")
        assert cancel.get_header("Via") == made.invite.get_header("Via")
        made.answer(200, to="CANCEL")
        assert made.answer(487) == ["ACK"]
        await asyncio.sleep(100)
        assert (made.said, made.told) == (["INVITE", "CANCEL", "ACK"], [])
        assert made.door.door._calls == {}

    runs(scenario)


def test_what_nobody_heard_of_is_taken_back_as_soon_as_they_say_that_they_do() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        made.call.hang_up()
        assert made.said == ["INVITE"]
        assert made.answer(100) == ["CANCEL"]
        assert made.answer(180) == []

    runs(scenario)


def test_who_answers_while_it_is_taken_back_is_hung_up_on() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        made.answer(180)
        made.call.hang_up()
        made.answer(200, to="CANCEL")
        assert made.answer(200, sdp=ANSWER) == ["ACK", "BYE"]
        assert made.told == []
        made.answer(200, to="BYE")
        await asyncio.sleep(100)
        assert made.said == ["INVITE", "CANCEL", "ACK", "BYE"]

    runs(scenario)


def test_a_call_that_was_never_begun_is_just_over() -> None:
    async def scenario() -> None:
        made = Made()
        made.call.hang_up()
        made.ask()
        assert (made.said, made.call.over) == ([], True)

    runs(scenario)


def test_answers_to_somebody_elses_call_are_nothing() -> None:
    async def scenario() -> None:
        made = Made()
        made.ask()
        raw = bytes(made.invite).decode()
        other = re.sub(r"branch=\w+", "branch=z9hG4bKother", raw)
        heads = "\r\n".join(
            line
            for line in other.split("\r\n")[1:]
            if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")
        )
        assert made.door.hear(f"SIP/2.0 200 OK\r\n{heads}\r\n\r\n".encode(), TRUNK) == []
        assert made.told == []

    runs(scenario)
