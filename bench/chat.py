"""Open chats on one live process: how long until a visitor's page hears of an answer, and what being open costs.

    MADOGUCHI_DATABASE_URL=postgresql://… .venv/bin/python bench/chat.py [--connections 2000] [--events 200]

It makes a database of its own, lets as many visitors write, runs one live process, opens a WebSocket for each
and records that somebody answered, one case after another. The floor, measured in the same run, is a bare ASGI
application under the same server that sends as many bytes to one socket at a time. Aim: 2,000 chats on one process.
"""

import argparse
import asyncio
import json
import os
import subprocess
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.request import urlopen

import psutil
import psycopg
from live import cpu_of, free_port, handshake, process, stage, until

_NEWS = '{"kind":"news"}'
_AT_ONCE = 50
_sockets: dict[int, Any] = {}


async def floor(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """What is asked of it by HTTP is told to the socket of that number."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        _sockets[int((await receive())["text"])] = send
        await send({"type": "websocket.send", "text": _NEWS})
        await receive()
    elif scope["type"] == "http":
        to = _sockets.get(int(scope["query_string"] or b"0"))
        if to:
            await to({"type": "websocket.send", "text": _NEWS})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


@dataclass
class Heard:
    """How often, and when last, each page was told of news."""

    times: list[int]
    at: dict[int, float] = field(default_factory=dict)


class Guest(asyncio.Protocol):
    """The least of a chat's page: shakes hands, shows its pass, and hears."""

    def __init__(self, number: int, heard: Heard, request: bytes, words: str) -> None:
        self.number, self.heard, self.request, self.words = number, heard, request, words.encode()
        self.open, self.buffer = False, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            head, end, self.buffer = self.buffer.partition(b"\r\n\r\n")
            assert end, "a handshake in two pieces"
            assert head.startswith(b"HTTP/1.1 101"), head
            self.open = True
            size = len(self.words)
            length = bytes([128 | size]) if size < 126 else bytes([254]) + size.to_bytes(2, "big")
            self.transport.write(b"\x81" + length + bytes(4) + self.words)  # masked by nothing, as is allowed
        while b"news" in self.buffer:
            self.buffer = self.buffer.partition(b"news")[2]
            self.heard.times[self.number] += 1
            self.heard.at[self.number] = time.perf_counter()


async def measure(
    running: subprocess.Popen[bytes], port: int, words: list[str], events: int, tell: Callable[[int], None]
) -> tuple[float, float, float, float]:
    """KB a connection, p50 and p95 in ms, and CPU-µs a delivery."""
    heard, loop = Heard([0] * len(words)), asyncio.get_running_loop()
    before, request = memory(running), handshake(port, "").replace(b"/live/socket", b"/live/chat")
    for number, said in enumerate(words):
        await loop.create_connection(partial(Guest, number, heard, request, said), "127.0.0.1", port)
    await until(lambda: all(heard.times))
    each, waits, cpu = (memory(running) - before) / len(words) / 1000, [], cpu_of(running)
    for event in range(events):
        number = event * 7919 % len(words)
        count, began = heard.times[number], time.perf_counter()
        await asyncio.to_thread(tell, number)
        while heard.times[number] == count:
            await asyncio.sleep(0.001)
            assert time.perf_counter() - began < 60, "never heard"
        waits.append(1000 * (heard.at[number] - began))
    waits.sort()
    spent = 1e6 * (cpu_of(running) - cpu) / events
    return each, waits[len(waits) // 2], waits[int(len(waits) * 0.95)], spent


def memory(running: subprocess.Popen[bytes]) -> float:
    """Bytes (PSS) of a process and its children."""
    family = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
    return float(sum(one.memory_full_info().pss for one in family))


def prepare(connections: int) -> tuple[list[str], Callable[[int], None]]:
    """Visitors who have written, by their passes, and a way to tell that one was answered."""
    import django

    django.setup()
    from madoguchi.channels.webchat.saying import Saying, encode
    from madoguchi.companies.factories import make_company, make_desk, make_entry_point
    from madoguchi.infra import scope
    from madoguchi.intake.actions import handle_many, receive
    from madoguchi.intake.models import Arrival
    from madoguchi.kernel.channel import Channel
    from madoguchi.portal.chat.passes import new_pass

    desk = make_desk(make_company(name="ひなた衣料"))
    point, company = make_entry_point(desk, kind=Channel.CHAT), desk.company_id
    passes = [new_pass(point.pk) for _ in range(connections)]
    sayings = [Saying(id="1", visitor=one.visitor, text="在庫は？", language="ja") for one in passes]
    arrivals = [receive(raw=encode(one), entry_point=point, source="bench") for one in sayings]
    ids = [arrival for arrival in arrivals if arrival is not None]
    for first in range(0, len(ids), _AT_ONCE):
        handle_many(ids[first : first + _AT_ONCE], company=company)
    with scope.acting_for([company]):
        cases = dict(Arrival.objects.values_list("pk", "case_id"))

    def tell(number: int) -> None:
        with psycopg.connect(os.environ["MADOGUCHI_DATABASE_URL"]) as database:
            database.execute(
                "INSERT INTO infra_event (company_id, desk_id, case_id, kind, actor_kind, actor_name, data)"
                " VALUES (%s, %s, %s, 'message.written', 'system', 'bench', %s)",
                [company, desk.pk, cases[ids[number]], json.dumps({"message": 1, "automatic": ""})],
            )

    return [one.signed for one in passes], tell


def line(name: str, figures: tuple[float, float, float, float]) -> str:
    """The figures of one run."""
    each, p50, p95, spent = figures
    return f"{name:<6} {each:6.1f} KB a connection  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  {spent:7.0f} CPU-µs an answer"


def main() -> None:
    """Both runs, side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    with stage(MADOGUCHI_CHAT_CONNECTIONS="100000"):
        passes, tell = prepare(options.connections)
        print(line("floor", run_floor(options.connections, options.events)), flush=True)
        print(line("chat", run_chat(passes, options.events, tell)), flush=True)


def run_floor(connections: int, events: int) -> tuple[float, float, float, float]:
    """The bare application."""
    port = free_port()

    def tell(number: int) -> None:
        urlopen(f"http://127.0.0.1:{port}/?{number}", timeout=60).read()

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
    with process(*server, "chat:floor", port=port, path="/") as running:
        words = [str(number) for number in range(connections)]
        return asyncio.run(measure(running, port, words, events, tell))


def run_chat(
    passes: list[str], events: int, tell: Callable[[int], None]
) -> tuple[float, float, float, float]:
    """The product's live process."""
    port = free_port()
    command = ("madoguchi.project.cli", "live", "--port", str(port))
    with process(*command, port=port, path="/healthz") as running:
        return asyncio.run(measure(running, port, passes, events, tell))


if __name__ == "__main__":
    main()
