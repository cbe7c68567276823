"""Where an Asterisk dials us: one WebSocket, known by a password."""

import asyncio
import base64
import hmac
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING

import structlog

from madoguchi.channels.phone.asterisk.link import Link

logger = structlog.get_logger()

if TYPE_CHECKING:
    from websockets.asyncio.server import Server, ServerConnection
    from websockets.http11 import Request, Response

USER = "madoguchi"
MOST_BYTES = 4_000_000
# Who does not know the password waits so long to be told.
WRONG_SECONDS = 1.0
# One that is there and does not answer within so many seconds is dead.
ALIVE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Asterisk:
    """On which port an Asterisk dials us, its password, and by which of its endpoints calls go out, if they do."""

    port: int
    password: str = field(repr=False)
    endpoint: str = ""


class AsteriskDoor:
    """Listens for an Asterisk, which is one of `peers`."""

    def __init__(
        self, link: Link, told: Asterisk, *, host: str, peers: Sequence[IPv4Network | IPv6Network]
    ) -> None:
        self.link, self.told, self.host, self.peers = link, told, host, peers
        self.refused = 0
        self._server: Server | None = None
        self._socket: ServerConnection | None = None

    async def open(self) -> None:
        """Begin to listen. Raises OSError."""
        from websockets.asyncio.server import serve  # where no Asterisk dials, it is not loaded

        quiet = logging.Logger("ari", logging.CRITICAL + 1)
        self._server = await serve(
            self._attend,
            self.host,
            self.told.port,
            subprotocols=["ari"],  # type: ignore[list-item]
            compression=None,
            process_request=self._check,
            max_size=MOST_BYTES,
            server_header=None,
            logger=quiet,
        )

    async def close(self) -> None:
        """Listen no more; what was said leaves before."""
        await self.link.flush()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _attend(self, socket: "ServerConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        self._socket = socket
        with suppress(ConnectionClosed):
            await self.link.attend(socket, _host(socket))  # type: ignore[arg-type]

    async def _check(self, socket: "ServerConnection", request: "Request") -> "Response | None":
        if not any(ip_address(_host(socket)) in peer for peer in self.peers):
            self._was_refused(socket, "no peer")
            return socket.respond(HTTPStatus.FORBIDDEN, "")
        who = base64.b64encode(f"{USER}:{self.told.password}".encode())
        said = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(b"Basic " + who, said):
            self._was_refused(socket, "password")
            await asyncio.sleep(WRONG_SECONDS)
            return socket.respond(HTTPStatus.UNAUTHORIZED, "")
        if await self._is_another_there():
            logger.warning("phone_second_asterisk", source=_host(socket))
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        return None

    def _was_refused(self, socket: "ServerConnection", why: str) -> None:
        """Say so: an Asterisk set wrong dials for ever. The first time is told, the second, the fourth, and so on."""
        self.refused += 1
        if self.refused & (self.refused - 1) == 0:
            logger.warning("phone_asterisk_refused", source=_host(socket), why=why, so_many=self.refused)

    async def _is_another_there(self) -> bool:
        """Whether one has dialled already that is alive; the calls of two would be taken for lost by turns."""
        from websockets.exceptions import ConnectionClosed

        if not self._socket or not self.link.there:
            return False
        try:
            await asyncio.wait_for(await self._socket.ping(), ALIVE_SECONDS)
        except (TimeoutError, ConnectionClosed):
            return False
        return True


def _host(socket: "ServerConnection") -> str:
    return str(socket.remote_address[0])
