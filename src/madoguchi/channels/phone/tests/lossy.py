"""A way for sound that loses some of it, in both directions."""

import asyncio
import random
from contextlib import suppress
from typing import Any

from madoguchi.channels.phone.tests.phone import Phone


class Way(asyncio.DatagramProtocol):
    """Stands between a telephone and whoever sends it sound, and loses this share of what comes, each time the same."""

    def __init__(self, share: float) -> None:
        self.share, self.chance = share, random.Random(7)
        self.lost = self.passed = 0
        self.phone: tuple[str, int] = ("127.0.0.1", 0)
        self.further: tuple[str, int] = ("127.0.0.1", 0)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.chance.random() < self.share:
            self.lost += 1
            return
        self.passed += 1
        self.transport.sendto(data, self.further if addr == self.phone else self.phone)


class LossyPhone(Phone):
    """A telephone behind such a way."""

    def __init__(self, port: int, way: Way) -> None:
        super().__init__(port)
        self.way = way

    async def open(self) -> "LossyPhone":
        await super().open()
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self.way, local_addr=("127.0.0.1", 0)
        )
        self.way.phone = ("127.0.0.1", super().rtp_port)
        return self

    @property
    def rtp_port(self) -> int:
        return int(self.way.transport.get_extra_info("sockname")[1])

    def confirm(self, taken: str) -> None:
        super().confirm(taken)
        self.way.further, self.sound_to = self.sound_to, ("127.0.0.1", self.rtp_port)

    def close(self) -> None:
        super().close()
        with suppress(AttributeError):
            self.way.transport.close()
