"""Asking other servers over HTTP, at addresses that strangers chose: nothing of the asker goes along, every hop is
checked, and neither time nor memory can be used up.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Timer
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from madoguchi.infra import outgoing
from madoguchi.kernel.identity import ascii_domain

_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 65_536
_KEPT = "%/:=&?~+!$,;'@()*[]"


class NoAnswer(OSError):
    """The other server gave nothing that can be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far an exchange may go."""

    most: int = 5_000_000
    seconds: float = 8
    redirects: int = 3
    allowed: outgoing.Rule = outgoing.public
    schemes: frozenset[str] = frozenset(_PORTS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = ""


def get(address: str, *, headers: Mapping[str, str], bounds: Bounds) -> Answer:
    """Fetch an address, following redirects; each hop is checked anew. Raises NoAnswer."""
    for _hop in range(bounds.redirects + 1):
        answer, onward = _exchange("GET", address, None, headers, bounds)
        if not onward:
            return answer
        address = urljoin(address, onward)
    raise NoAnswer("it sends on again and again")


def post(address: str, *, body: bytes, headers: Mapping[str, str], bounds: Bounds) -> Answer:
    """Send something to an address. What is sent goes nowhere else: redirects are not followed. Raises NoAnswer."""
    return _exchange("POST", address, body, headers, bounds)[0]


def _exchange(
    method: str, address: str, body: bytes | None, headers: Mapping[str, str], bounds: Bounds
) -> tuple[Answer, str]:
    try:
        parts = urlsplit(address)
        connection = _connection(parts, bounds)
        with _ended_after(bounds.seconds, connection):
            connection.request(method, _target(parts), body, {"Connection": "close", **headers})
            response = connection.getresponse()
            onward = response.getheader("Location", "") if response.status in _REDIRECTS else ""
            kind = response.getheader("Content-Type", "")
            return Answer(response.status, b"" if onward else _body(response, bounds.most), kind), onward
    except NoAnswer:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}") from error


def _connection(parts: SplitResult, bounds: Bounds) -> http.client.HTTPConnection:
    if parts.scheme not in bounds.schemes or not parts.hostname:
        raise NoAnswer("not an address on the web")
    host = ascii_domain(parts.hostname)
    return _Checked(host, parts.port or _PORTS[parts.scheme], secure=parts.scheme == "https", bounds=bounds)


class _Checked(http.client.HTTPConnection):
    """Connects to the address that was checked; certificates are for the name."""

    def __init__(self, host: str, port: int, *, secure: bool, bounds: Bounds) -> None:
        super().__init__(host, port, timeout=bounds.seconds)
        self.default_port = _PORTS["https" if secure else "http"]
        self._secure, self._bounds = secure, bounds

    def connect(self) -> None:
        self.sock = outgoing.connect(
            self.host, self.port, allowed=self._bounds.allowed, timeout=self._bounds.seconds
        )
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


@contextmanager
def _ended_after(seconds: float, connection: http.client.HTTPConnection) -> Iterator[None]:
    """Cuts the line when time is up, however slowly the other side drips; what came by then counts for nothing."""
    is_up = Event()
    timer = Timer(seconds, _cut, [connection, is_up])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()
        if is_up.is_set():
            raise NoAnswer(f"nothing whole within {seconds:g} seconds")


def _cut(connection: http.client.HTTPConnection, is_up: Event) -> None:
    is_up.set()
    with suppress(OSError):
        if connection.sock is not None:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_KEPT)
    return f"{path}?{quote(parts.query, safe=_KEPT)}" if parts.query else path


def _body(response: http.client.HTTPResponse, most: int) -> bytes:
    pieces: list[bytes] = []
    left = most
    while piece := response.read1(_PIECE):
        left -= len(piece)
        if left < 0:
            raise NoAnswer(f"more than {most} bytes")
        pieces.append(piece)
    if response.length:
        raise NoAnswer("the answer was cut off")
    return b"".join(pieces)
