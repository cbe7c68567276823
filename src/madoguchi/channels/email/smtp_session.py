"""One session of SMTP or LMTP, and how much it may hold: a command is short, a line of a mail has its bound, and no
address has more than its share of connections.
"""

import asyncio
from collections import Counter
from typing import Any, Final, cast

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

# RFC 5321, 4.5.3.1.4 asks for 512 bytes, and extensions add to that.
LONGEST_COMMAND: Final = 4_096
# Programs write lines far beyond the thousand bytes of the standard, and other servers let them through.
LONGEST_LINE: Final = 1_000_000
MOST_CONNECTIONS: Final = 200
# Mail servers hand over on twenty at once.
MOST_OF_ONE_ADDRESS: Final = 50


class Connections:
    """Who is connected. Belongs to the loop that the sessions run in."""

    def __init__(self, *, most: int = MOST_CONNECTIONS, most_of_one: int = MOST_OF_ONE_ADDRESS) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._open: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many are connected."""
        return self._open.total()

    def enter(self, address: str) -> bool:
        """Count one more, unless there are too many, of this address or altogether."""
        if self.count >= self._most or self._open[address] >= self._most_of_one:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Forget one that `enter` has counted."""
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


class SmtpSession(SMTP):
    """SMTP within bounds. What goes beyond them is refused and leaves nothing behind."""

    line_length_limit = LONGEST_LINE
    _reader: asyncio.StreamReader

    def __init__(self, handler: Any, *, connections: Connections, **settings: Any) -> None:
        super().__init__(handler, **settings)
        self._connections = connections
        self._address = ""
        self._is_refused = False
        self._bound_lines(LONGEST_COMMAND)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or say that there are too many."""
        if self._original_transport is not None:  # the same one, encrypted from here on
            super().connection_made(transport)
            return
        self._address = str((transport.get_extra_info("peername") or [""])[0])
        self._is_refused = not self._connections.enter(self._address)
        if not self._is_refused:
            super().connection_made(transport)
            return
        refused = cast("asyncio.WriteTransport", transport)
        refused.write(b"421 4.7.0 Too many connections, try again later\r\n")
        refused.close()

    def data_received(self, data: bytes) -> None:
        """Pass on what a session says that was let in."""
        if not self._is_refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """End what was let in."""
        return None if self._is_refused else super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another."""
        if not self._is_refused:
            self._connections.leave(self._address)
            super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        """Take lines longer than commands, once there is somebody they are for."""
        if self.envelope is None or not self.envelope.rcpt_tos:
            await super().smtp_DATA(arg)
            return
        reader = self._reader
        self._bound_lines(LONGEST_LINE)
        self._reader = cast("asyncio.StreamReader", _Lines(reader))
        try:
            await super().smtp_DATA(arg)
        finally:
            self._reader = reader
            self._bound_lines(LONGEST_COMMAND)

    def _bound_lines(self, most: int) -> None:
        self._stream_reader._limit = most  # type: ignore[attr-defined]


class LmtpSession(SmtpSession, LMTP):
    """LMTP within the same bounds."""


class _Lines:
    """The lines of a mail. `read` is for the rest of one that is too long: nothing of it is kept."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def readuntil(self, separator: bytes) -> bytes:
        return await self._reader.readuntil(separator)

    async def read(self, most: int) -> bytes:
        await self._reader.read(most)
        return b""
