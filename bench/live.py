"""Live delivery to many open screens: how long an event takes, and what each delivery costs.

    MADOGUCHI_DATABASE_URL=postgresql://… .venv/bin/python bench/live.py [--connections 1000] [--events 50]

It makes a database of its own beside the one named (the bundled server is started when none is), runs one live
process, opens WebSockets of signed-in agents, records events and counts. The floor, measured in the same run, is
a bare ASGI application under the same server that sends as many bytes to as many sockets and does nothing else.
Aims: p95 under 250 ms, at most 40 CPU-µs a delivery.
"""

import argparse
import asyncio
import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psutil
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
SCREENS_EACH = 5
PAUSE = 0.1

# --- the floor -------------------------------------------------------------------------------------------------

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
_sockets: set[Send] = set()
_TEXT = '{"id":"100000-100000","kind":"bench.tick","case":1,"company":1,"desk":1,"actor":null,"at":"%s"}'


async def floor(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
    """Whatever is asked of it by HTTP is sent to every socket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        _sockets.add(send)
        await receive()
        _sockets.discard(send)
    elif scope["type"] == "http":
        message = {"type": "websocket.send", "text": _TEXT % scope["query_string"].decode()}
        await asyncio.gather(*(each(message) for each in _sockets))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


# --- screens ---------------------------------------------------------------------------------------------------


@dataclass
class Arrivals:
    """When which event came to how many screens."""

    connected: int = 0
    times: dict[str, list[float]] = field(default_factory=dict)

    def note(self, frame: bytes, marker: bytes) -> None:
        begin = frame.find(marker)
        if begin >= 0:
            begin += len(marker)
            key = frame[begin : frame.index(b'"', begin)].decode()
            self.times.setdefault(key, []).append(time.perf_counter())


class Screen(asyncio.Protocol):
    """The least of a WebSocket client: shakes hands and takes text frames apart."""

    def __init__(self, arrivals: Arrivals, marker: bytes, request: bytes) -> None:
        self.arrivals, self.marker, self.request = arrivals, marker, request
        self.buffer, self.open = b"", False

    def connection_made(self, transport: Any) -> None:
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.open, self.buffer = True, rest
            self.arrivals.connected += 1
        while (frame := self._frame()) is not None:
            self.arrivals.note(frame, self.marker)

    def _frame(self) -> bytes | None:
        if len(self.buffer) < 4:
            return None
        size, begin = self.buffer[1] & 127, 2
        if size == 126:
            size, begin = int.from_bytes(self.buffer[2:4], "big"), 4
        if len(self.buffer) < begin + size:
            return None
        frame, self.buffer = self.buffer[begin : begin + size], self.buffer[begin + size :]
        return frame


def handshake(port: int, session: str) -> bytes:
    """What a browser asks to open the socket."""
    lines = [
        "GET /live/socket HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Cookie: madoguchi_session={session}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# --- measuring -------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What a run came to."""

    deliveries: int
    cpu: float
    waits: list[float]

    def line(self, name: str) -> str:
        waits = sorted(self.waits)
        p50, p95, worst = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.95, 0.9999))
        each = 1e6 * self.cpu / self.deliveries
        return (
            f"{name:<10} {self.deliveries:>8} deliveries  {each:6.1f} CPU-µs each"
            f"  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  last {worst:6.1f} ms"
        )


def cpu_of(process: subprocess.Popen[bytes]) -> float:
    """CPU seconds of a process and its children so far."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    return sum(sum(each.cpu_times()[:2]) for each in family)


async def measure(
    process: subprocess.Popen[bytes],
    port: int,
    sessions: list[str],
    events: int,
    tell: Callable[[int], str],
    marker: bytes,
) -> Figures:
    """Open a screen for each session, let `tell` make things happen, and count until all have arrived."""
    arrivals, loop = Arrivals(), asyncio.get_running_loop()
    for session in sessions:
        request = handshake(port, session)
        await loop.create_connection(lambda r=request: Screen(arrivals, marker, r), "127.0.0.1", port)
    await until(lambda: arrivals.connected == len(sessions))
    warm = await asyncio.to_thread(tell, 0)
    await until(lambda: len(arrivals.times.get(warm, [])) == len(sessions))
    told, cpu = {}, cpu_of(process)
    for number in range(1, events + 1):
        began = time.perf_counter()
        told[await asyncio.to_thread(tell, number)] = began
        await asyncio.sleep(PAUSE)
    await until(lambda: all(len(arrivals.times.get(key, [])) == len(sessions) for key in told))
    waits = [moment - began for key, began in told.items() for moment in arrivals.times[key]]
    return Figures(len(waits), cpu_of(process) - cpu, waits)


async def until(reached: Callable[[], bool], *, seconds: float = 120) -> None:
    """Wait for something, not for ever."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit("not everything arrived")
        await asyncio.sleep(0.02)


# --- the installation under test -------------------------------------------------------------------------------


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """A fresh database on the server of this URL."""
    name = f"bench_live_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    parts = url.partition("?")
    try:
        yield parts[0].rpartition("/")[0] + f"/{name}" + parts[1] + parts[2]
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def process(*command: str, port: int, path: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, once it answers."""
    running = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT / "bench")
    try:
        for _ in range(400):
            try:
                urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
                break
            except OSError:
                time.sleep(0.05)
        yield running
    finally:
        running.terminate()
        running.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(connections: int) -> tuple[list[str], Callable[[int], str]]:
    """Agents of one desk with their sessions, and a way to make something happen there."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from madoguchi.kernel.actor import Role
    from madoguchi.people.factories import make_operator_person, make_world

    settings.ALLOWED_HOSTS = ["*"]
    side, sessions = make_world().ours, []
    for number in range(connections):
        if number % SCREENS_EACH == 0:
            agent = make_operator_person(side.operator, Role.AGENT, seats=(side.engagement,))
        browser = Client()
        browser.force_login(agent)
        sessions.append(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    company, desk = side.company.pk, side.desk.pk

    def tell(number: int) -> str:
        with psycopg.connect(os.environ["MADOGUCHI_DATABASE_URL"]) as database:
            database.execute(
                "INSERT INTO infra_event (company_id, desk_id, kind, actor_kind, actor_name, data)"
                " VALUES (%s, %s, 'bench.tick', 'system', 'bench', jsonb_build_object('number', %s::text))",
                [company, desk, f"n{number}"],
            )
        return f"n{number}"

    return sessions, tell


def main() -> None:
    """Both runs, side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--events", type=int, default=50)
    options = parser.parse_args()
    with stage():
        sessions, tell = prepare(options.connections)
        print(run_floor(sessions, options.events), flush=True)
        print(run_live(sessions, options.events, tell), flush=True)


@contextmanager
def stage(**more: str) -> Iterator[None]:
    """A migrated database of this run, which this process and those that it starts use from now on."""
    sys.path.insert(0, str(ROOT / "src"))
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        url = os.environ.get("MADOGUCHI_DATABASE_URL") or stack.enter_context(bundled(data))
        os.environ |= {
            "MADOGUCHI_DATABASE_URL": stack.enter_context(own_database(url)),
            "MADOGUCHI_DATA": str(data),
            "DJANGO_SETTINGS_MODULE": "madoguchi.project.settings",
            "PYTHONPATH": str(ROOT / "src"),
            **more,
        }
        command = [sys.executable, "-m", "madoguchi.project.cli", "migrate"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield


def run_floor(sessions: list[str], events: int) -> str:
    """The bare application."""
    port = free_port()

    def tell(number: int) -> str:
        urlopen(f"http://127.0.0.1:{port}/?n{number}", timeout=60).read()
        return f"n{number}"

    server = (
        "granian",
        "--interface",
        "asgi",
        "--no-access-log",
        "--log-level",
        "error",
        "--port",
        str(port),
    )
    with process(*server, "live:floor", port=port, path="/?up") as running:
        return asyncio.run(measure(running, port, sessions, events, tell, b'"at":"')).line("floor")


def run_live(sessions: list[str], events: int, tell: Callable[[int], str]) -> str:
    """The product's live process."""
    port = free_port()
    command = ("madoguchi.project.cli", "live", "--port", str(port))
    with process(*command, port=port, path="/healthz") as running:
        memory = psutil.Process(running.pid)
        figures = asyncio.run(measure(running, port, sessions, events, tell, b'"number":"'))
        family = [memory, *memory.children(recursive=True)]
        size = sum(each.memory_full_info().pss for each in family) / 1e6
        return f"{figures.line('live')}\n{'':<10} {len(sessions)} connections, {size:.0f} MB"


@contextmanager
def bundled(data: Path) -> Iterator[str]:
    """The bundled server, where none is named."""
    from madoguchi.infra import postgres

    with postgres.running(data / "database") as url:
        yield url


if __name__ == "__main__":
    main()
