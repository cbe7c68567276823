"""SIP over TCP (RFC 3261 18): whoever is heard by UDP may open a connection to the same port, and is answered on it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

Address = tuple[str, int]

logger = structlog.get_logger()
LONGEST_HEAD, LONGEST_BODY = 12_288, 4_096
# So many connections there are at most; one on which nothing comes for so many seconds, or whose other side does not
# read, is closed.
MOST, IDLE, UNREAD = 64, 3600.0, 1 << 18
END = b"\r\n\r\n"


class Streams:
    """The connections that others opened. `hears` says of whom, and `take` is told each message and its source."""

    def __init__(self, hears: Callable[[str], bool], take: Callable[[bytes, Address], None]) -> None:
        self._hears, self._take = hears, take
        self._open: dict[Address, asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    def __contains__(self, place: Address) -> bool:
        return place in self._open

    async def open(self, host: str, port: int) -> None:
        """Begin to listen. Where that port is somebody else's by TCP, calls come by UDP alone."""
        try:
            self._server = await asyncio.start_server(self._come, host, port, limit=LONGEST_HEAD)
        except OSError as error:
            logger.warning("sip_not_by_tcp", port=port, error=str(error))

    def close(self) -> None:
        """Listen no more, and end what is open."""
        if self._server:
            self._server.close()
        for writer in list(self._open.values()):
            writer.close()

    def send(self, raw: bytes, to: Address) -> None:
        """Say something on the connection from there."""
        writer = self._open[to]
        if writer.transport.get_write_buffer_size() > UNREAD:
            writer.transport.abort()
            return
        writer.write(by_tcp(raw))

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = writer.get_extra_info("peername") or ("", 0)
        source = (str(place[0]), int(place[1]))
        if not self._hears(source[0]) or len(self._open) >= MOST:
            writer.close()
            return
        self._open[source] = writer
        try:
            while True:
                async with asyncio.timeout(IDLE):
                    self._take(await _message(reader), source)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # it was closed, or what comes is no SIP: where the next message begins is not known then
        finally:
            self._open.pop(source, None)
            with suppress(OSError):
                writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next message: its head, and as much as that says. What is between two to keep the connection up is passed
    over. Raises EOFError, ValueError, LimitOverrunError.
    """
    head = b""
    while not head.strip():
        head = await reader.readuntil(b"\r\n")
    head += b"" if head == b"\r\n" else await reader.readuntil(END)
    length = _length(head)
    if not 0 <= length <= LONGEST_BODY:
        raise ValueError("too long")
    return head + (await reader.readexactly(length) if length else b"")


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l"):
            return int(value)
    return 0


def by_tcp(raw: bytes) -> bytes:
    """What we say, with where and how we want to be answered."""
    head, end, body = raw.partition(END)
    lines = head.split(b"\r\n")
    ours = next((n for n, line in enumerate(lines) if line.startswith(b"Via: SIP/2.0/UDP")), None)
    if not raw.startswith(b"SIP/2.0") and ours is not None:
        lines[ours] = lines[ours].replace(b"/UDP", b"/TCP", 1)
    for n, line in enumerate(lines):
        if line.startswith(b"Contact: <") and line.endswith(b">"):
            lines[n] = line[:-1] + b";transport=tcp>"
    return b"\r\n".join(lines) + end + body
