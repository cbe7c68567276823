"""SIP for calls that go out: RFC 3261 as far as who calls by a trunk needs it. What is within a call is as in `sip`."""

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence

import structlog
from aiosipua.auth import SipDigestAuth, answer_challenge
from aiosipua.dialog import Dialog
from aiosipua.headers import Via, stringify_uri, stringify_via
from aiosipua.message import SipRequest, SipResponse
from aiosipua.utils import bracket_ipv6, format_addr, generate_branch, generate_call_id, generate_tag

from madoguchi.channels.phone.sip import AGENT, ALLOW, GIVE_UP, Address, SipCall, SipDoor, key_of, next_hop
from madoguchi.channels.phone.trunks import Tried, Trunk
from madoguchi.voice.terms import Miss

logger = structlog.get_logger()
CHALLENGES = (401, 407)
# What a trunk says that has no way to anybody just now.
NO_WAY = (502, 503, 504)
# Of whom nothing is heard for so many times T1 is given up, where there is another way.
HASTY = 8
_MISSES: Mapping[int, Miss] = {
    **dict.fromkeys((486, 600, 603), Miss.BUSY),
    **dict.fromkeys((408, 480, 487), Miss.NO_ANSWER),
}


class OutCall(SipCall):
    """One call that we make, until it is over.

    `on_answer` is told what they say of sound (SDP), `on_miss` why they did not answer, `on_end` that they hung up.
    `otherwise` are the trunks by which it may go where this one is `unreachable`: silent, without a way, or without a
    place for us. What comes from one of `strangers` is not heard, unless this trunk is there. `target` is the address
    (SIP URI) that is asked for, where that is not the number at the trunk: the contact of a telephone.
    """

    refreshes = False

    def __init__(
        self,
        door: SipDoor,
        trunk: Trunk,
        *,
        caller: str,
        to: str,
        otherwise: Sequence[Trunk] = (),
        strangers: Container[Address] = (),
        target: str = "",
    ) -> None:
        self.trunk, self.otherwise = trunk, otherwise
        self._strangers = strangers
        self._caller, self._to, self._target = caller, to, target
        self.unreachable = False
        place = format_addr(*trunk.address)
        dialog = Dialog(
            call_id=generate_call_id(bracket_ipv6(trunk.host)),
            local_tag=generate_tag(),
            local_uri=f"sip:{dialled(caller)}@{place}",
            remote_uri=f"sip:{dialled(to)}@{place}",
        )
        self.mine = _invite(dialog, door, trunk, target)
        super().__init__(door, self.mine, trunk.address, dialog)
        self.on_answer: Callable[[str], None] = lambda _sdp: None
        self.on_miss: Callable[[Miss], None] = lambda _why: None
        self.heard = True
        self._asked = self._came = self._proved = self._rang = False
        self._haste: asyncio.TimerHandle | None = None

    def ask(self, sdp: str) -> None:
        """Have their phone ring, with an offer of sound."""
        if self.over:
            return
        self._asked = True
        self.door.follow(self)
        self.mine.text = sdp
        self.mine.headers.set_single("Content-Type", "application/sdp")
        self._send()

    def again(self) -> "OutCall":
        """The same call by the next trunk. There has to be one."""
        trunk, *otherwise = self.otherwise
        return OutCall(
            self.door,
            trunk,
            caller=self._caller,
            to=self._to,
            otherwise=otherwise,
            strangers=self._strangers,
        )

    def hang_up(self) -> None:
        """End the call, or stop asking where they have not answered yet.

        What they have not heard of cannot be taken back (RFC 3261 9.1): it is, as soon as they say so.
        """
        if self.answered:
            super().hang_up()
            return
        if self.over:
            return
        self._stop()

    def _stop(self) -> None:
        self.over = True
        self._wait()
        if self._asked:
            asyncio.get_running_loop().call_later(GIVE_UP * self.door.said.t1, self.door.forget, self)
        if self._came:
            self._cancel()

    def replied(self, response: SipResponse) -> None:
        """They answered something to our call."""
        if key_of(response) != key_of(self.mine):
            return
        self._wait()
        if response.status_code < 200:
            first, self._came = not self._came, True
            self._rang |= response.status_code > 100
            if first and self.over:
                self._cancel()
        elif response.status_code < 300:
            self._taken(response)
        else:
            self._confirm_refusal(response)
            self._refused(response)

    def expects(self, source: Address) -> bool:
        """Whether what comes from there may be about this call."""
        return source == self.trunk.address or source not in self._strangers

    def _send(self) -> None:
        self.door.said.send_request(self.mine, self.trunk.address, give_up=self._unheard)
        if self.otherwise:
            self._haste = asyncio.get_running_loop().call_later(HASTY * self.door.said.t1, self._too_long)

    def _wait(self) -> None:
        """Something was heard of them, or nothing is to be heard any more: there is no haste."""
        if self._haste:
            self._haste.cancel()
            self._haste = None

    def _too_long(self) -> None:
        """Nothing was heard. Should they hear of it yet, it is taken back."""
        logger.error("phone_trunk_silent", trunk=self.trunk.host)
        self.door.said.heard(key_of(self.mine))
        self._stop()
        self._missed(Miss.UNREACHED, unreachable=True)

    def _missed(self, why: Miss, *, unreachable: bool = False) -> None:
        self.unreachable = unreachable
        self.on_miss(why)

    def _taken(self, response: SipResponse) -> None:
        """The first answer makes the call; when it comes again, they have not heard that we did."""
        first, self.answered = not self.answered, True
        if first:
            self.dialog.remote_tag = (response.to_addr.tag if response.to_addr else "") or ""
            self.dialog.route_set = list(reversed(response.headers.get("record-route")))
            if response.contact:
                self.dialog.remote_target = stringify_uri(response.contact[0].uri)
            self.dialog.confirm()
        self._confirm()
        if first and self.over:  # it was stopped meanwhile
            self.over = False
            super().hang_up()
        elif first:
            self.on_answer(response.text or "")

    def _refused(self, response: SipResponse) -> None:
        code = response.status_code
        if self.over:
            self.door.forget(self)
        elif code in CHALLENGES and not self._proved and (proof := self._proof(response)):
            self._proved = True
            sdp = self.mine.text or ""
            self.mine = _invite(self.dialog, self.door, self.trunk, self._target)
            self.mine.headers.set_single(*proof)
            self.ask(sdp)
        elif not self.answered:
            if code in CHALLENGES:
                logger.error("phone_trunk_refuses_us", trunk=self.trunk.host, code=code)
            self._close()
            no_way = code in CHALLENGES or (code in NO_WAY and not self._rang)
            self._missed(_MISSES.get(code, Miss.UNREACHED), unreachable=no_way)

    def _proof(self, response: SipResponse) -> tuple[str, str] | None:
        if not self.trunk.user:
            return None
        who = SipDigestAuth(self.trunk.user, self.trunk.password)
        return answer_challenge(who, response, response.status_code, "INVITE", str(self.mine.uri))

    def _unheard(self) -> None:
        self.door.forget(self)
        if not self.over:
            logger.error("phone_trunk_silent", trunk=self.trunk.host)
            self._close()
            self._missed(Miss.UNREACHED, unreachable=True)

    def _cancel(self) -> None:
        self.door.said.send_request(self._beside("CANCEL"), self.trunk.address)

    def _confirm(self) -> None:
        """An ACK to an answer goes the way of the call, with a branch of its own (RFC 3261 13.2.2.4)."""
        host, port = self.door.shown(self.source)
        count = self.dialog.local_cseq
        ack = self.dialog.create_request("ACK", via_host=host, via_port=port)
        self.dialog.local_cseq = count
        ack.headers.set_single("CSeq", f"{_count(self.mine)} ACK")
        hop = next_hop(self.dialog, self.trunk.address)
        self.door.said.send_once(ack, self.door.way_to(hop, self.trunk.address))

    def _confirm_refusal(self, response: SipResponse) -> None:
        """An ACK to a refusal has the tag of who refused (RFC 3261 17.1.1.3)."""
        ack = self._beside("ACK")
        ack.headers.set_single("To", response.get_header("To") or "")
        self.door.said.send_once(ack, self.trunk.address)

    def _beside(self, method: str) -> SipRequest:
        """What belongs to our call as if it were a part of it: of the same branch and count."""
        made = SipRequest(method=method, uri=self.mine.uri)
        for name in ("Via", "From", "To", "Call-ID", "Route"):
            for value in self.mine.headers.get(name):
                made.headers.append(name, value)
        made.headers.set_single("CSeq", f"{_count(self.mine)} {method}")
        made.headers.set_single("Max-Forwards", "70")
        return made


def by_next_trunk(call: OutCall, tried: Tried) -> OutCall | None:
    """The same call by the next trunk, where this one is not to be reached; None without another."""
    if not call.unreachable:
        return None
    tried.failed(call.trunk)
    return call.again() if call.otherwise else None


def dialled(number: str) -> str:
    """A number as carriers in Japan take it: one of Japan from its 0 on, others in full."""
    return f"0{number[3:]}" if number.startswith("+81") else number


def _count(request: SipRequest) -> int:
    return request.cseq.seq if request.cseq else 1


def _invite(dialog: Dialog, door: SipDoor, trunk: Trunk, target: str) -> SipRequest:
    here = door.shown(trunk.address)
    lines = {
        "From": f"<{dialog.local_uri}>;tag={dialog.local_tag}",
        "To": f"<{dialog.remote_uri}>",
        "Call-ID": dialog.call_id,
        "CSeq": f"{dialog.next_cseq()} INVITE",
        "Contact": f"<sip:{format_addr(*here)}>",
        "P-Preferred-Identity": f"<{dialog.local_uri}>",
        "Allow": ALLOW,
    }
    return first_request("INVITE", target or dialog.remote_uri, lines, here=here)


def first_request(method: str, uri: str, lines: Mapping[str, str], *, here: Address) -> SipRequest:
    """A request that belongs to nothing before it, of a branch of its own (RFC 3261 8.1.1), with these lines."""
    params = {"branch": generate_branch(), "rport": None}
    via = stringify_via(Via(transport="UDP", host=here[0], port=here[1], params=params))
    made = SipRequest(method=method, uri=uri)
    for name, value in {"Via": via, **lines, "Max-Forwards": "70", "User-Agent": AGENT}.items():
        made.headers.append(name, value)
    return made
