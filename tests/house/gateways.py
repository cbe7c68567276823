"""`madoguchi phone serve` as a process of its own, for whoever takes something away from it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from django.conf import LazySettings

from madoguchi.channels.phone.tests import test_switchboard as board
from madoguchi.channels.phone.tests.browser import FakeBrowser
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import FlowVersion
from madoguchi.voice.phones import set_ready
from tests.servers.ground import free_ports

PATIENCE = 60.0
SECRET = "x" * 50
FLOW = {
    "start": "told",
    "steps": {
        "told": {"kind": "say", "sounds": ["recorded"], "next": "queue"},
        "queue": board.QUEUE,
    },
}


class Talk:
    """A caller and our agent at a gateway of its own."""

    def __init__(self, world: World, settings: LazySettings, data: Path) -> None:
        settings.SECRET_KEY, settings.FILES_ROOT = SECRET, data / "files"
        self.data, self.agent = data, world.ours.agent
        self.point = made_number(world)
        board._ACTORS[self.agent.pk] = actor_of(self.agent)
        set_ready(ready=True, by=actor_of(self.agent))
        [self.port] = free_ports(1)
        self.phone, self.browser = Phone(self.port), FakeBrowser.__new__(FakeBrowser)

    @contextmanager
    def gateway(self, url: str) -> Iterator[subprocess.Popen[bytes]]:
        """The process, while it is not killed."""
        [first] = free_ports(1)
        known = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
        environment = known | {
            "MADOGUCHI_DATABASE_URL": url,
            "MADOGUCHI_DATA": str(self.data),
            "MADOGUCHI_SECRET_KEY": SECRET,
            "MADOGUCHI_SIP_PORT": str(self.port),
            "MADOGUCHI_RTP_PORTS": f"{first - first % 2}-{first - first % 2 + 40}",
        }
        command = [sys.executable, "-P", "-m", "madoguchi.project.cli", "phone", "serve"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    async def begin(self) -> board.Room:
        """Until both hear one another; who listens for what pages are told."""
        gateway = SimpleNamespace(settings=SimpleNamespace(port=self.port))
        room = board.Room(gateway, self.point.company_id)  # type: ignore[arg-type]
        listening = asyncio.Event()
        self.hears = asyncio.create_task(room.listen(listening))
        await listening.wait()
        await self.phone.open()
        await self._call()
        await room.state(self.agent, "ringing")
        self.browser = await room.connect(self.agent)
        await room.state(self.agent, "talking")
        return room

    async def _call(self) -> None:
        """Call until the gateway is there, which says nothing before."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with asyncio.timeout(0.5):
                        await self.phone.ask("05000000001", 100)
                        break
                except TimeoutError:
                    continue
        self.phone.confirm(await self.phone.answer(200))

    async def talk(self, *, pieces: int) -> None:
        """Both say so many pieces of 20 ms, while as many come from the gateway, one every 20 ms."""
        while not self.phone.rtp.came.empty():
            self.phone.rtp.came.get_nowait()
        for _piece in range(pieces):
            self.phone.say(440)
            self.browser.say(1000)
            await self.phone.next()

    async def end(self) -> None:
        """Nothing is heard or listened to any more."""
        self.hears.cancel()
        self.phone.close()


def made_number(world: World) -> EntryPoint:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    with scope.acting_for([point.company_id]):
        where = {"company_id": point.company_id, "entry_point": point}
        FlowVersion.objects.create(**where, number=1, document=FLOW, at=clock.now())
    return point


def tones(both: Any) -> tuple[int, int]:
    """The loudest frequency on each side of a recording."""
    left, right = (round(board.loudest(both[:, side].astype(float)), -1) for side in (0, 1))
    return int(left), int(right)


def sides_of(samples: bytes) -> Any:
    """Both sides of a recording, one column each."""
    return np.frombuffer(samples, "<i2").reshape(-1, 2)
