"""Calls on one gateway: how many are held without losing a piece of sound, what each costs, and how many begin.

    MADOGUCHI_DATABASE_URL=postgresql://… .venv/bin/python bench/phone.py [--calls 50] [--seconds 30] [--set-ups 400]
        [--gateways 1]

It makes a database of its own, runs one `madoguchi phone serve`, calls it over UDP, answers each call in a browser of
its own (ICE, DTLS, SRTP), and has both sides say pieces of 20 ms that bear their number. Every piece is looked for at
the other side and in the recording. Then as many callers as wished come, are answered, and hang up.

A gateway that gets no CPU loses sound. On a machine that others use as well, `--nice -12` (as root) lets it and its
callers come first; what is told is CPU that was used, and pieces that were lost.

The floors, measured in the same run, are a bare asyncio process that sends and hears as many datagrams (no RTP, nothing
encrypted, mixed or recorded), and one that answers as many INVITEs by echoing their lines and writes two rows for each.
With more `--gateways` the calls are shared out among as many processes, as a proxy before them would; what is told is
the CPU of all of them together. All who call and answer are one process, which carries about 100 calls.

Aim: 50 bridged and recorded calls on one core, none of their pieces lost. CPU is of the gateways alone.
"""

import argparse
import asyncio
import io
import os
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import psycopg
from live import ROOT, cpu_of, free_port, stage

TICK, WARM = 0.02, 2.0
FIRST_PORT, PORTS, MOST_GATEWAYS = 30000, 500, 4
Processes = Sequence[subprocess.Popen[bytes]]
QUEUE = {"kind": "queue", "keys": {}, "sounds": [], "every": 20, "longest": 600, "ring": 120}
FLOW = {"start": "queue", "steps": {"queue": QUEUE}}
HELD, SHORT = "+815000000001", "+815000000002"
# Each address may make 20 calls a second. All are as long as 127.0.0.1, so that lengths of messages stay right.
ADDRESSES, AT_ONCE = [f"127.0.{net}.{host}" for net in range(1, 6) for host in range(1, 10)], 20
PATIENCE = 120


# --- floors ----------------------------------------------------------------------------------------------------


class Echo(asyncio.DatagramProtocol):
    """Sends to whoever sent, every 20 ms, and hears."""

    def __init__(self) -> None:
        self.there: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.there = addr


class Answering(asyncio.DatagramProtocol):
    """Answers an INVITE and a BYE with the lines that it bore; a row for the one, and another one for the other."""

    def __init__(self, url: str) -> None:
        self.threads, self.database = ThreadPoolExecutor(1), psycopg.connect(url, autocommit=True)
        self.database.execute("CREATE TABLE IF NOT EXISTS bench_call (uid text PRIMARY KEY, told text)")

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        head = data.decode().partition("\r\n\r\n")[0].split("\r\n")
        lines = [line for line in head if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
        uid = next(line for line in lines if line.startswith("Call-ID"))
        if head[0].startswith("INVITE"):
            self._answer([line + ";tag=floor" * line.startswith("To") for line in lines], addr)
            self._write("INSERT INTO bench_call VALUES (%(uid)s, %(told)s)", uid, head[0])
        elif not head[0].startswith("ACK"):
            self._answer(lines, addr)
            self._write("UPDATE bench_call SET told = %(told)s WHERE uid = %(uid)s", uid, head[0])

    def _answer(self, lines: list[str], there: Any) -> None:
        said = ["SIP/2.0 200 OK", *lines, "Content-Length: 24", "", "m=audio 9 RTP/AVP 0 101\r\n"]
        self.transport.sendto("\r\n".join(said).encode(), there)

    def _write(self, statement: str, uid: str, told: str) -> None:
        self.threads.submit(self.database.execute, statement, {"uid": uid, "told": told})


async def floor(port: int, legs: int) -> None:
    """Both floors in one process: legs from one port on, INVITEs at the one before."""
    loop = asyncio.get_running_loop()
    url = os.environ["MADOGUCHI_DATABASE_URL"]
    await loop.create_datagram_endpoint(lambda: Answering(url), local_addr=("127.0.0.1", port))
    echoes = [Echo() for _ in range(legs)]
    for number, echo in enumerate(echoes):
        await loop.create_datagram_endpoint(
            lambda echo=echo: echo, local_addr=("127.0.0.1", FIRST_PORT + number)
        )
    due, piece = loop.time(), bytes(172)
    while True:
        due = max(due + TICK, loop.time() - 1)
        await asyncio.sleep(max(0.0, due - loop.time()))
        for echo in echoes:
            if echo.there:
                echo.transport.sendto(piece, echo.there)


# --- the gateway and who uses it -----------------------------------------------------------------------------------


@contextmanager
def running(*command: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process with more settings, ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT / "bench", stdout=subprocess.DEVNULL, env=os.environ | more
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def prepare(calls: int) -> tuple[int, list[Any]]:
    """A company with two numbers, and as many people who take calls, by themselves."""
    import django

    django.setup()
    from madoguchi.companies.factories import make_entry_point
    from madoguchi.infra import scope
    from madoguchi.kernel import clock
    from madoguchi.kernel.actor import Role
    from madoguchi.kernel.channel import Channel
    from madoguchi.people.factories import make_operator_person, make_world
    from madoguchi.people.queries import actor_of
    from madoguchi.voice.models import AgentPhone, FlowVersion

    side = make_world().ours
    held = make_entry_point(side.desk, kind=Channel.PHONE, address=HELD)
    make_entry_point(side.desk, kind=Channel.PHONE, address=SHORT)
    people = [make_operator_person(side.operator, Role.AGENT, seats=(side.engagement,)) for _ in range(calls)]
    now, later = clock.now(), clock.now().replace(year=clock.now().year + 1)
    with scope.acting_for([side.company.pk]):
        FlowVersion.objects.create(
            company_id=side.company.pk, entry_point=held, number=1, document=FLOW, at=now
        )
    phones = [AgentPhone(user=one, state="ready", since=now, seen_at=later) for one in people]
    AgentPhone.objects.bulk_create(phones)
    return side.company.pk, [actor_of(one) for one in people]


@dataclass
class Office:
    """The calls that are held, and a way to the database."""

    ports: list[int]
    company: int
    people: list[Any]
    callers: list[Any] = field(default_factory=list)
    browsers: list[Any] = field(default_factory=list)

    async def ask(self, work: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Something that a page does."""
        from django.db import connection

        from madoguchi.infra import scope

        def act() -> Any:
            try:
                with scope.acting_for([self.company]):
                    return work(*given, **more)
            finally:
                connection.close()

        return await asyncio.to_thread(act)

    async def connect(self) -> None:
        """Everybody is called, and answers; who has is talking, for who is silent is taken for gone."""
        from callers import Browser, Caller

        from madoguchi.channels.phone.tests.browser import offer
        from madoguchi.voice.models import AgentPhone
        from madoguchi.voice.phones import answer_call

        by_id = {actor.id: actor for actor in self.people}
        talking = asyncio.create_task(talk(self.say, PATIENCE * 5, asyncio.Event().set))
        for number, _person in enumerate(self.people):
            caller = await Caller(self.ports[number % len(self.ports)]).open()
            await caller.phone.call(HELD)
            self.callers.append(caller)
            [person] = await self.until(_ids(AgentPhone, state="ringing"))
            await self.ask(answer_call, offer=offer(), by=by_id[person])
            [sdp] = await self.until(_answers(AgentPhone, person))
            self.browsers.append(await Browser(sdp).connect())
        await self.until(lambda: AgentPhone.objects.filter(connected=True).count() == len(self.people))
        talking.cancel()

    async def until(self, found: Callable[[], Any]) -> Any:
        """What the database says, once it says something."""
        for _ in range(PATIENCE * 20):
            if got := await self.ask(found):
                return got
            await asyncio.sleep(0.05)
        raise SystemExit("nothing came of it")

    @property
    def ears(self) -> list[Any]:
        """Of both sides."""
        return [one.sound.ears for one in self.callers] + [one.ears for one in self.browsers]

    def say(self) -> None:
        """Everybody's next 20 ms."""
        for caller in self.callers:
            caller.say()
        for browser in self.browsers:
            browser.say_next()


def _ids(phones: Any, **state: str) -> Callable[[], list[int]]:
    return lambda: list(phones.objects.filter(**state).values_list("user_id", flat=True))


def _answers(phones: Any, person: int) -> Callable[[], list[str]]:
    return lambda: list(
        phones.objects.filter(user=person).exclude(answer="").values_list("answer", flat=True)
    )


# --- measuring -------------------------------------------------------------------------------------------------


async def is_up(port: int) -> None:
    """Ask until somebody answers."""
    from callers import Caller

    for _ in range(PATIENCE):
        asking = await Caller(port).open()
        asking.phone.send(asking.phone.request("OPTIONS", SHORT, count=1))
        try:
            await asyncio.wait_for(asking.phone.sip.came.get(), 1)
            return
        except TimeoutError:
            continue
        finally:
            asking.close()
    raise SystemExit("it does not start")


async def talk(say: Callable[[], None], seconds: float, begin: Callable[[], object]) -> float:
    """Say pieces for so long, after a time to get warm; by how much the worst one of them was late, in ms."""
    loop = asyncio.get_running_loop()
    due, worst = loop.time(), 0.0
    for piece in range(round((WARM + seconds) / TICK)):
        if piece == round(WARM / TICK):
            begin()
            worst = 0.0
        due += TICK
        await asyncio.sleep(max(0.0, due - loop.time()))
        worst = max(worst, loop.time() - due)
        say()
    return 1000 * worst


def serving(place: int, port: int) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """One of the gateways, with ports of its own."""
    first = FIRST_PORT + place * PORTS
    rtp = f"{first}-{first + PORTS}"
    command = ("-m", "madoguchi.project.cli", "phone", "serve")
    return running(*command, MADOGUCHI_SIP_PORT=str(port), MADOGUCHI_RTP_PORTS=rtp)


def cpu_of_all(processes: Processes) -> float:
    """Seconds of CPU that they have used together."""
    return sum(map(cpu_of, processes))


def thrown_away() -> int:
    """Datagrams that the kernel threw away at sockets of this machine's ports of sound."""
    rows = [line.split() for line in Path("/proc/net/udp").read_text().splitlines()[1:]]
    ours = [
        row
        for row in rows
        if FIRST_PORT <= int(row[1].split(":")[1], 16) < FIRST_PORT + MOST_GATEWAYS * PORTS
    ]
    return sum(int(row[-1]) for row in ours)


async def hold(processes: Processes, office: Office, seconds: float) -> float:
    """Everybody talks; what a leg costs, in parts of a core."""
    began = [0.0, 0.0]

    def begin() -> None:
        for ears in office.ears:
            ears.forget()
        began[:] = [cpu_of_all(processes), thrown_away()]

    worst = await talk(office.say, seconds, begin)
    each = (cpu_of_all(processes) - began[0]) / seconds / (2 * len(office.callers))
    heard, lost, silent, gaps = (
        sum(getattr(ears, name) for ears in office.ears) for name in ("heard", "lost", "silent", "gaps")
    )
    print(
        f"held       {len(office.callers)} calls, {seconds:g} s: {heard} pieces heard, {lost} lost, {silent} not there"
        f" in time, {gaps} packets missing, {thrown_away() - began[1]:g} thrown away by the kernel; latest said"
        f" {worst:.0f} ms late\n"
        f"           {each * 100:.3f} % of a core a leg, {each * 200 * len(office.callers):.0f} % in all"
    )
    return each


async def carry(process: subprocess.Popen[bytes], legs: int, seconds: float) -> float:
    """As many datagrams to and from the floor; what a leg costs there."""
    loop, began, sent = asyncio.get_running_loop(), [0.0], bytes(172)
    ends = [
        await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", FIRST_PORT + number)
        )
        for number in range(legs)
    ]

    def begin() -> None:
        began[0] = cpu_of(process)

    await talk(lambda: [end.sendto(sent) for end, _protocol in ends] and None, seconds, begin)
    for end, _protocol in ends:
        end.close()
    each = (cpu_of(process) - began[0]) / seconds / legs
    print(f"floor      {legs} legs of bare datagrams: {each * 100:.3f} % of a core a leg")
    return each


async def set_up(processes: Processes, name: str, ports: Sequence[int], many: int) -> float:
    """As many calls begin and end, some at once; CPU seconds of one."""
    from callers import Caller

    left = iter(range(many))
    waits: list[float] = []

    async def one_by_one(first: int) -> None:
        for number in left:
            port, host = ports[number % len(ports)], ADDRESSES[(first + number) % len(ADDRESSES)]
            caller = await Caller(port, host=host).open()
            asked = time.perf_counter()
            await caller.phone.call(SHORT)
            waits.append(time.perf_counter() - asked)
            await caller.phone.gone()
            caller.close()

    cpu, began = cpu_of_all(processes), time.perf_counter()
    await asyncio.gather(*(one_by_one(first) for first in range(AT_ONCE)))
    taken, each = time.perf_counter() - began, (cpu_of_all(processes) - cpu) / many
    waits.sort()
    print(
        f"{name:<10} {many} set-ups, {AT_ONCE} at once: {many / taken:.0f} a second, {1000 * each:.2f} CPU-ms each,"
        f" answered p50 {1000 * waits[many // 2]:.0f} ms, p95 {1000 * waits[int(many * 0.95)]:.0f} ms"
    )
    return each


def recorded(company: int, calls: int, seconds: float) -> str:
    """What the recordings hold: pieces in each, and those that are missing in the last seconds."""
    import numpy as np
    from aiortp.codecs import get_codec
    from callers import NUMBERS

    from madoguchi.infra import files, scope
    from madoguchi.voice.models import Recording

    lost, pieces = 0, []
    with scope.acting_for([company]):
        rows = list(Recording.objects.all())
        for row in rows:
            with wave.open(io.BytesIO(files.read(row.sha256, company=company))) as file:
                both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
            pieces.append(len(both) // 160)
            for side in (0, 1):
                codes = get_codec(0).encode(both[80::160, side].astype("<i2").tobytes())
                said = [code for code in codes if 1 <= code <= NUMBERS][-round(seconds / TICK) :]
                lost += sum((b - a - 1) % NUMBERS for a, b in pairwise(said))
    least, most = min(pieces, default=0), max(pieces, default=0)
    return (
        f"recorded   {len(rows)} of {calls} calls, {least} to {most} pieces, {lost} of those last said lost"
    )


async def gateway(options: argparse.Namespace, company: int, people: Sequence[Any]) -> None:
    """The product's gateways, and the floor beside them."""
    from madoguchi.voice.models import Call

    ports = [free_port() for _ in range(options.gateways)]
    office = Office(ports, company, list(people))
    with ExitStack() as all_of_them:
        processes = [all_of_them.enter_context(serving(place, port)) for place, port in enumerate(ports)]
        for port in ports:
            await is_up(port)
        seen = [psutil.Process(process.pid) for process in processes]
        await office.connect()
        leg = await hold(processes, office, options.seconds)
        before = cpu_of_all(processes)
        for caller in office.callers:
            await caller.phone.gone()
        await office.until(lambda: Call.objects.filter(state="ended").count() == options.calls)
        print(
            f"ended      {1000 * (cpu_of_all(processes) - before) / options.calls:.0f} CPU-ms a recorded call of ours"
        )
        print(await office.ask(recorded, company, options.calls, options.seconds), flush=True)
        each = await set_up(processes, "set-ups", ports, options.set_ups)
        began = time.perf_counter()
        await office.until(
            lambda: Call.objects.filter(state="ended").count() == options.calls + options.set_ups
        )
        print(f"           all written {time.perf_counter() - began:.1f} s later")
        print(f"           {sum(one.memory_full_info().pss for one in seen) / 1e6:.0f} MB in all")
    bare = free_port()
    with running("phone.py", "--floor", str(bare), "--calls", str(options.calls)) as process:
        await is_up(bare)
        floor_leg = await carry(process, 2 * options.calls, options.seconds)
        floor_each = await set_up([process], "floor", [bare], options.set_ups)
    print(f"ratio      a leg {leg / floor_leg:.1f}, a set-up {each / floor_each:.1f}")


def come_first(nice: int) -> None:
    """Before others of this machine, also where Linux shares it out by session."""
    os.nice(nice)
    group = Path("/proc/self/autogroup")
    if nice and group.exists():
        group.write_text(str(nice))


def main() -> None:
    """Both, side by side."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--set-ups", type=int, default=400)
    parser.add_argument("--gateways", type=int, default=1)
    parser.add_argument("--nice", type=int, default=0, help="-15 as root: on a machine that others use, too")
    parser.add_argument("--floor", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        asyncio.run(floor(options.floor, 2 * options.calls))
        return
    with stage(
        MADOGUCHI_SIP_CALLS="500",
        MADOGUCHI_MAIL_TRANSPORT="outbox",
    ):
        company, people = prepare(options.calls)
        come_first(options.nice)
        asyncio.run(gateway(options, company, people))


if __name__ == "__main__":
    main()
