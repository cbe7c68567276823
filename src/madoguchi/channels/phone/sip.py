"""SIP for calls that come in, by UDP or on connections of `streams`: RFC 3261 as far as who is called needs it.

aiosipua reads and writes messages and keeps dialogs; what it leaves to others is here: server transactions (what comes
twice is answered twice and heard once), retransmission of what we send, Record-Route, the route set, limits, and that
nothing that comes in can raise.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any, Protocol

import structlog
from aiosipua.dialog import (
    Dialog,
    DialogState,
    create_dialog_from_request,
    dialog_matches,
    remote_cseq_valid,
)
from aiosipua.headers import parse_uri, stringify_uri, stringify_via
from aiosipua.message import SipMessage, SipRequest, SipResponse, missing_required_headers

from madoguchi.channels.phone import numbers
from madoguchi.channels.phone.pace import Networks, Pace, is_in
from madoguchi.channels.phone.streams import Streams
from madoguchi.channels.phone.timers import LEAST, OPTION, Timer, agreed, is_too_brief, listed
from madoguchi.voice.logic import By

logger = structlog.get_logger()
Address = tuple[str, int]
Key = tuple[str, str]

T1, T2 = 0.5, 4.0
GIVE_UP = 64
LONGEST_MESSAGE = 16_384
AGENT = "Madoguchi"
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE")
ALLOW = ", ".join(METHODS)
RELIABLY = "100rel"
REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    420: "Bad Extension",
    422: "Session Interval Too Small",
    423: "Interval Too Brief",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
}


class SipCall:
    """One call that came in, until it is over. `on_end` is told who ended it, unless we did, `on_confirmed` what the
    caller says of sound (SDP) when they have heard our answer. `refreshes` is whether we can keep it up ourselves where
    a carrier wants that.
    """

    refreshes = True
    _kept: asyncio.TimerHandle | None = None
    _refresh: Key | None = None

    def __init__(self, door: "SipDoor", invite: SipRequest, source: Address, dialog: Dialog) -> None:
        self.door, self.invite, self.source, self.dialog = door, invite, source, dialog
        self.key = key_of(invite)
        self.on_end: Callable[[By], None] = lambda _by: None
        self.on_new_offer: Callable[[SipRequest], str | None] = lambda _request: None
        self.on_confirmed: Callable[[str], None] = lambda _sdp: None
        self.answered = self.heard = self.over = False
        self.caller = numbers.caller(invite)

    def ring(self) -> None:
        """Tell the caller that it rings; who wants to confirm that (RFC 3262) is told nothing before the answer."""
        if RELIABLY not in listed(self.invite, "require"):
            self._reply(180)

    def accept(self, sdp: str) -> None:
        """Take the call; said again and again until the caller confirms it. Without that the call is lost."""
        if self.over or self.answered:
            return
        self.answered = True
        self.dialog.confirm()
        self._reply(200, sdp)
        self.door.said.repeat(self.key, lambda: self._lost())

    def refuse(self, code: int) -> None:
        """Do not take the call."""
        if not self.over and not self.answered:
            self._close()
            self._reply(code)
            self.door.said.repeat(self.key)

    def hang_up(self) -> None:
        """End the call, or refuse it where it has not been taken yet."""
        if self.over:
            return
        if not self.answered:
            self.refuse(503)
            return
        self._close()
        host, port = self.door.shown(self.source)
        bye = self.dialog.create_request("BYE", via_host=host, via_port=port)
        self.dialog.terminate()
        self.door.said.send_request(bye, self.door.way_to(next_hop(self.dialog, self.source), self.source))

    def confirmed(self, sdp: str) -> None:
        """The caller has heard our answer; the first time they may say something of sound with it."""
        first, self.heard = not self.heard, True
        self.door.said.heard(self.key)
        if first and not self.over:
            self.on_confirmed(sdp)

    def ended(self, by: By) -> None:
        """The other side is gone."""
        if not self.over:
            self._close()
            self.dialog.terminate()
            self.on_end(by)

    def renegotiate(self, request: SipRequest) -> None:
        """A new offer within the call, as when it is held: the same sound, perhaps to another place."""
        self.invite, self.key = request, key_of(request)
        answer = self.on_new_offer(request)
        if answer and (contacts := request.contact):  # they may have moved (RFC 3261 12.2.2)
            self.dialog.remote_target = stringify_uri(contacts[0].uri)
        self._reply(200 if answer else 488, answer or "")
        self.door.said.repeat(self.key)

    def updated(self, request: SipRequest) -> None:
        """A sign that the call is there, perhaps with a new offer, as `renegotiate`."""
        answer = self.on_new_offer(request) if request.body else ""
        if request.body and not answer:
            self.door.said.reply(request, answer_within(self, request, 488), self.source)
            return
        response = answer_within(self, request, 200)
        if answer:
            response.text = answer
            response.headers.set_single("Content-Type", "application/sdp")
        if contacts := request.contact:
            self.dialog.remote_target = stringify_uri(contacts[0].uri)
        self._keep(request, response)
        self.door.said.reply(request, response, self.source)

    def _keep(self, request: SipRequest, response: SipResponse) -> None:
        """Say how long the call counts as there from now on, and see to it."""
        if timer := agreed(request, may_refresh=self.refreshes):
            timer.write(response)
            self._keep_for(timer)

    def _keep_for(self, timer: Timer) -> None:
        if self._kept:
            self._kept.cancel()
        then = partial(self._ask_whether_there, timer) if timer.ours else self._lost
        self._kept = asyncio.get_running_loop().call_later(timer.waits, then)

    def _ask_whether_there(self, timer: Timer) -> None:
        host, port = self.door.shown(self.source)
        update = self.dialog.create_request("UPDATE", via_host=host, via_port=port)
        update.headers.set_single("Session-Expires", f"{timer.seconds};refresher=uac")
        update.headers.set_single("Supported", OPTION)
        update.headers.set_single("Contact", contact_at(host, port))
        self._refresh = key_of(update)
        to = self.door.way_to(next_hop(self.dialog, self.source), self.source)
        self.door.said.send_request(update, to, give_up=self._lost)
        self._keep_for(timer)

    def expects(self, source: Address) -> bool:
        """Whether what comes from there may be about this call."""
        return True

    def replied(self, response: SipResponse) -> None:
        """Something that we asked within the call was answered, or that we call at all."""
        if key_of(response) == self._refresh and response.status_code in (408, 481):
            self._lost()

    def _lost(self) -> None:
        if self.over:
            return
        self.hang_up()
        self.on_end(By.LOST)

    def _close(self) -> None:
        self.over = True
        if self._kept:
            self._kept.cancel()
        self.door.said.heard(self.key)
        self.door.forget(self)

    def _reply(self, code: int, sdp: str = "") -> None:
        host, port = self.door.shown(self.source)
        contact = contact_at(host, port)
        response = self.dialog.create_response(self.invite, code, REASONS[code], contact=contact)
        if code == 200:
            response.headers.set_single("Allow", ALLOW)
            response.headers.set_single("Supported", OPTION)
            self._keep(self.invite, response)
        if 100 < code < 300:
            for route in self.invite.headers.get("record-route"):
                response.headers.append("Record-Route", route)
        if sdp:
            response.text = sdp
            response.headers.set_single("Content-Type", "application/sdp")
        self.door.said.reply(self.invite, response, self.source)


class Transactions:
    """What is said to others over UDP, which loses some: again until it is heard. What comes twice is answered twice.

    `t1` is the first pause, in seconds (RFC 3261 17.1.1.1).
    """

    def __init__(self, t1: float) -> None:
        self.t1 = t1
        self.transport: asyncio.DatagramTransport | None = None
        self.streams: Streams | None = None
        self._replies: dict[Key, tuple[bytes, Address]] = {}
        self._repeats: dict[Key, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Nothing is said again."""
        for timer in self._repeats.values():
            timer.cancel()
        if self.transport:
            self.transport.close()
        if self.streams:
            self.streams.close()

    def was_answered(self, key: Key) -> bool:
        """Whether this came before; then it is answered as it was."""
        if key in self._replies:
            self._send(*self._replies[key])
        return key in self._replies

    def reply(self, request: SipRequest, response: SipResponse, source: Address) -> None:
        """Answer a request where it came from, and again whenever it comes again."""
        response.headers.set_single("User-Agent", AGENT)
        _stamp(response, source)
        key, raw = key_of(request), bytes(response)
        to = source if self.is_stream(source) else _return_address(request, source)
        if key not in self._replies:
            asyncio.get_running_loop().call_later(GIVE_UP * self.t1, self._replies.pop, key, None)
        self._replies[key] = (raw, to)
        self._send(raw, to)

    def repeat(self, key: Key, give_up: Callable[[], None] = lambda: None) -> None:
        """Say the last answer again until it is heard, ever more slowly."""
        if key in self._replies:
            raw, to = self._replies[key]
            self._again(key, raw, to, self.t1, GIVE_UP * self.t1, give_up)

    def send_request(
        self, request: SipRequest, to: Address, give_up: Callable[[], None] = lambda: None
    ) -> None:
        """Ask something, again and again until it is answered."""
        key, raw = key_of(request), bytes(request)
        self._send(raw, to)
        self._again(key, raw, to, self.t1, GIVE_UP * self.t1, give_up)

    def send_once(self, request: SipRequest, to: Address) -> None:
        """Say what nobody answers: that an answer was heard."""
        self._send(bytes(request), to)

    def heard(self, key: Key) -> None:
        """The other side has it: no more of that."""
        if timer := self._repeats.pop(key, None):
            timer.cancel()

    def _again(
        self, key: Key, raw: bytes, to: Address, pause: float, left: float, give_up: Callable[[], None]
    ) -> None:
        pause = min(pause, left)

        def repeat() -> None:
            self._repeats.pop(key, None)
            if pause >= left:
                give_up()
                return
            self._send(raw, to)
            self._again(key, raw, to, min(pause * 2, T2), left - pause, give_up)

        self.heard(key)
        self._repeats[key] = asyncio.get_running_loop().call_later(pause, repeat)

    def is_stream(self, place: Address) -> bool:
        """Whether what comes from there comes on a connection."""
        return self.streams is not None and place in self.streams

    def _send(self, raw: bytes, to: Address) -> None:
        if self.streams and to in self.streams:
            self.streams.send(raw, to)
        elif self.transport and not self.transport.is_closing():
            with suppress(OSError):
                self.transport.sendto(raw, to)


class Asking(Protocol):
    """What we ask outside of calls, under a Call-ID of its own."""

    call_id: str

    def expects(self, source: Address) -> bool:
        """Whether what comes from there may be about it."""

    def replied(self, response: SipResponse) -> None:
        """It was answered."""


class SipDoor(asyncio.DatagramProtocol):
    """Listens for calls. Who is not of `peers` is not answered; more than `pace` allows is refused.

    `on_call` is told each call that comes in; it answers by `ring`, `accept` or `refuse`. From `telephones`, too, is
    heard who registers (`on_register`), and what is said within calls that we make there; calls come from peers alone.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        peers: Networks,
        on_call: Callable[[SipCall], None],
        pace: Pace,
        t1: float = T1,
        telephones: Networks = (),
        on_register: Callable[[Key, SipRequest, Address], None] = lambda *_: None,
    ) -> None:
        self.telephones, self.on_register = telephones, on_register
        self.host, self.port, self.peers, self.on_call, self.pace = host, port, peers, on_call, pace
        self.strange = 0
        self.said = Transactions(t1)
        self._calls: dict[str, SipCall] = {}
        self._asking: dict[str, Asking] = {}

    async def open(self) -> None:
        """Begin to listen. Raises OSError."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        self.said.streams = Streams(self._is_peer, self.datagram_received)
        await self.said.streams.open(self.host, self.port)

    def close(self) -> None:
        """Listen no more; what is to be repeated is not."""
        self.said.close()

    def shown(self, to: Address) -> Address:
        """Our address as the other side reaches it."""
        return own_address(self.host, to), self.port

    def way_to(self, place: Address, source: Address) -> Address:
        """Where a request within a call may go: where the other side wants it, if that is a peer of ours; else where
        the call came from. A Contact can name any machine of the world.
        """
        return place if self._is_peer(place[0]) and not self.said.is_stream(source) else source

    def connection_made(self, transport: Any) -> None:
        self.said.transport = transport

    def error_received(self, exc: Exception) -> None:
        """Nobody listens where we sent something: the time limits see to it."""

    def datagram_received(self, data: bytes, addr: Any) -> None:
        source = (str(addr[0]), int(addr[1]))
        known = self._is_peer(source[0]) or is_in(source[0], self.telephones)
        if not data.strip() or not known:
            return
        try:
            self._take(data, source)
        except Exception as error:  # noqa: BLE001  whatever somebody sends
            self.strange += 1
            if self.strange & (self.strange - 1) == 0:  # the first, the second, the fourth, …
                logger.warning(
                    "sip_not_understood", source=source[0], so_many=self.strange, error=repr(error)[:200]
                )

    def follow(self, call: SipCall) -> None:
        """A call that we make: what is said of it is told it."""
        self._calls[call.dialog.call_id] = call

    def ask(self, asking: "Asking") -> None:
        """Something that we ask outside of calls: what is said to it is told it."""
        self._asking[asking.call_id] = asking

    def forget(self, call: SipCall) -> None:
        """A call is over."""
        self._calls.pop(call.dialog.call_id, None)

    def _is_peer(self, host: str) -> bool:
        return is_in(host, self.peers)

    def _take(self, data: bytes, source: Address) -> None:
        if len(data) > LONGEST_MESSAGE:
            raise ValueError("too long")
        message = SipMessage.parse(data)
        if isinstance(message, SipResponse):
            name = message.call_id or ""
            call: SipCall | Asking | None = self._calls.get(name) or self._asking.get(name)
            if call is None or call.expects(source):
                self.said.heard(key_of(message))
                if call:
                    call.replied(message)
            return
        if missing := missing_required_headers(message):
            raise ValueError(f"without {', '.join(missing)}")
        key = key_of(message)
        if message.method == "ACK":
            self._confirmed(message)
        elif self.said.was_answered(key):
            return
        elif not self.pace.allows(source[0], call=message.method == "INVITE"):
            self._refuse(message, 503, source)
        else:
            self._hear(message, source)

    def _hear(self, request: SipRequest, source: Address) -> None:
        if request.method in METHODS and request.method != "CANCEL" and _required(request):
            self._refuse(request, 420, source)  # no other extension is known here (RFC 3261 8.2.2.3)
            return
        if request.method in ("INVITE", "UPDATE") and is_too_brief(request):
            self._refuse(request, 422, source)
            return
        match request.method:
            case "INVITE" if _tag(request):
                self._within(request, source, SipCall.renegotiate)
            case "INVITE" if not self._is_peer(source[0]):
                self._refuse(request, 403, source)
            case "INVITE":
                self._offered(request, source)
            case "REGISTER" if is_in(source[0], self.telephones):
                self.on_register(key_of(request), request, source)
            case "UPDATE":
                self._within(request, source, SipCall.updated)
            case "BYE":
                self._within(request, source, self._bye)
            case "CANCEL":
                self._cancelled(request, source)
            case "OPTIONS":
                self._refuse(request, 200, source)
            case _:
                self._refuse(request, 405, source)

    def _offered(self, request: SipRequest, source: Address) -> None:
        dialog = create_dialog_from_request(request)
        if dialog.call_id in self._calls:
            self._refuse(request, 500, source)
            return
        call = SipCall(self, request, source, dialog)
        self._calls[dialog.call_id] = call
        self.said.reply(request, dialog.create_response(request, 100, "Trying"), source)
        try:
            self.on_call(call)
        except Exception:
            call.refuse(500)
            raise

    def _within(
        self, request: SipRequest, source: Address, then: Callable[[SipCall, SipRequest], None]
    ) -> None:
        call = self._calls.get(request.call_id or "")
        if (
            call is None
            or call.dialog.state != DialogState.CONFIRMED
            or not dialog_matches(call.dialog, request)
        ):
            self._refuse(request, 481, source)
        elif not remote_cseq_valid(call.dialog, request):
            self._refuse(request, 500, source)
        else:
            call.source = source
            then(call, request)

    def _bye(self, call: SipCall, request: SipRequest) -> None:
        self.said.reply(request, call.dialog.create_response(request, 200, "OK"), call.source)
        call.ended(By.CALLER)

    def _cancelled(self, request: SipRequest, source: Address) -> None:
        branch, _method = key_of(request)
        call = next((c for c in self._calls.values() if c.key == (branch, "INVITE")), None)
        if call is None:
            self._refuse(request, 481, source)
            return
        self.said.reply(request, call.dialog.create_response(request, 200, "OK"), source)
        if not call.answered:
            call.refuse(487)
            call.on_end(By.CALLER)

    def _confirmed(self, request: SipRequest) -> None:
        """An ACK: to a refusal it bears the branch of the call, to an answer one of its own."""
        branch, _method = key_of(request)
        self.said.heard((branch, "INVITE"))
        call = self._calls.get(request.call_id or "")
        if call and dialog_matches(call.dialog, request):
            call.confirmed(request.text or "")

    def _refuse(self, request: SipRequest, code: int, source: Address) -> None:
        response = answer_to(request, code)
        if code in (200, 405):
            response.headers.set_single("Allow", ALLOW)
            response.headers.set_single("Supported", OPTION)
        if code == 422:
            response.headers.set_single("Min-SE", str(LEAST))
        if code == 420:
            response.headers.set_single("Unsupported", ", ".join(_required(request)))
        if code == 503:
            response.headers.set_single("Retry-After", "5")
        self.said.reply(request, response, source)
        if request.method == "INVITE":
            self.said.repeat(key_of(request))


def answer_to(request: SipRequest, code: int) -> SipResponse:
    """An answer to what is asked outside of calls."""
    return create_dialog_from_request(request).create_response(request, code, REASONS[code])


def answer_within(call: SipCall, request: SipRequest, code: int) -> SipResponse:
    """An answer to what is asked within a call."""
    where = contact_at(*call.door.shown(call.source))
    return call.dialog.create_response(request, code, REASONS[code], contact=where)


def contact_at(host: str, port: int) -> str:
    """Where we want to be reached."""
    return f"<sip:{f'[{host}]' if ':' in host else host}:{port}>"


def own_address(host: str, to: Address) -> str:
    """The address under which somebody reaches us, where we listen on this one."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return host
    family = socket.AF_INET6 if ":" in to[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(to)
        return str(probe.getsockname()[0])


def next_hop(dialog: Dialog, source: Address) -> Address:
    """Where a request within a call goes: to the first of the route, else to the contact; by name, back to the source,
    for nothing is looked up here.
    """
    uri = dialog.route_set[0] if dialog.route_set else dialog.remote_target
    with suppress(Exception):
        place = parse_uri(uri.partition("<")[2].partition(">")[0] if "<" in uri else uri)
        host = place.host.strip("[]")
        ip_address(host)
        return host, place.port or 5060
    return source


def key_of(message: SipMessage) -> Key:
    """What makes two messages one: the branch and the method; an ACK or CANCEL bears the branch of its INVITE."""
    via, cseq = message.via, message.cseq
    if not via or not via[0].branch or cseq is None:
        raise ValueError("without a branch or a CSeq")
    top = via[0]
    method = message.method if isinstance(message, SipRequest) else cseq.method
    return f"{top.branch}@{top.host}:{top.port or 5060}", method.upper()


def _required(request: SipRequest) -> list[str]:
    """The extensions without which a request is not to be understood."""
    known = {OPTION, RELIABLY} if request.method == "INVITE" else {OPTION}
    return sorted(listed(request, "require") - known)


def _tag(request: SipRequest) -> str:
    to = request.to_addr
    return (to.tag if to else "") or ""


def _stamp(response: SipResponse, source: Address) -> None:
    """Say in the topmost Via where the request came from (RFC 3261 18.2.1, RFC 3581)."""
    vias = response.via
    top = vias[0]
    top.params["received"] = source[0]
    if "rport" in top.params:
        top.params["rport"] = str(source[1])
    rest = response.headers.get("via")[1:]
    response.headers.set_single("Via", stringify_via(top))
    for via in rest:
        response.headers.append("Via", via)


def _return_address(request: SipRequest, source: Address) -> Address:
    top = request.via[0]
    return source if "rport" in top.params else (source[0], top.port or 5060)
