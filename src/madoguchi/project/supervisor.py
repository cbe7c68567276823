"""Keeps the processes of one installation running: started, started again when they die, stopped together.

It holds no Django and no data. Whatever kills it, the children follow: their standard input ends with it.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import STDOUT, Process
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from madoguchi.project.nursery import Forked, Nursery

STOP_SECONDS = 6
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LONGEST_LINE = 1_000_000

_OURS = [sys.executable, "-P", "-m", "madoguchi.project.cli"]

Say = Callable[[str, str], None]


class SupervisorError(Exception):
    """The installation cannot be started; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep running."""

    name: str
    command: list[str]

    @property
    def arguments(self) -> list[str] | None:
        """What `madoguchi` is called with, if it is a command of ours."""
        return self.command[len(_OURS) :] if self.command[: len(_OURS)] == _OURS else None


def ours(name: str, *arguments: str) -> Service:
    """A command of `madoguchi` as a service, ending with us."""
    return Service(name, [*_OURS, "--supervised", *arguments])


@dataclass(frozen=True, slots=True)
class _Running:
    """A process, what it prints, and the end of its standard input that ends when we do."""

    process: Process | Forked
    output: asyncio.StreamReader
    leash: int

    def ask_to_end(self) -> None:
        """The process alone: it ends what it started in its own order."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self) -> None:
        """The process and all it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """The processes of one `madoguchi up`. `say(name, line)` gets every line they print, and ours; they see
    `environment`, or ours. Commands of ours come from the `nursery` if there is one, which has the same environment.
    """

    def __init__(
        self,
        *,
        say: Say,
        first_pause: float = 0.5,
        environment: Mapping[str, str] | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self.say = _unhindered(say)
        self._nursery = nursery
        self.environment = os.environ if environment is None else environment
        self.stopping = asyncio.Event()
        self._first_pause = first_pause
        self._killing = False
        self._running: dict[str, _Running] = {}
        self.endings: Counter[str] = Counter()
        self._keepers: list[asyncio.Task[None]] = []
        self._watchers: list[asyncio.Task[None]] = []

    def stop_on_signals(self) -> None:
        """The first SIGINT, SIGTERM or SIGHUP stops everything in order, the second kills; under `nohup` no SIGHUP.

        SIGINT is heeded even so: a shell without job control has what it starts in the background ignore it.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._on_signal)

    async def once(
        self,
        name: str,
        command: list[str],
        *,
        environment: Mapping[str, str] | None = None,
        quiet: bool = False,
    ) -> tuple[int, list[str]]:
        """Runs one command to its end, and returns its exit code and lines. Stopping stops it too."""
        lines: list[str] = []
        take = lines.append if quiet else lambda line: self.say(name, line)
        return await self._run(Service(name, command), take, environment), lines

    def keep(self, service: Service) -> None:
        """Starts a process, and starts it again whenever it ends; later each time if it never lasts."""
        self._keepers.append(self._task(service.name, self._keep(service)))

    def watch(self, name: str, watching: Coroutine[Any, Any, None]) -> None:
        """Runs beside the processes, and is to end only when all are stopped."""
        self._watchers.append(self._task(name, watching))

    async def wait(self) -> None:
        """Until somebody wants everything stopped."""
        await self.stopping.wait()

    async def stops_within(self, seconds: float) -> bool:
        """Waits for a while, or until somebody wants everything stopped; which of the two."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
        return self.stopping.is_set()

    async def stop(self) -> None:
        """Asks every process to end and kills what is left after a few seconds, with all it started.

        Raises SupervisorError if one of those who kept them running had failed: the house was half empty.
        """
        self.stopping.set()
        for process in self._running.values():
            process.ask_to_end()
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=STOP_SECONDS)
        self.kill()
        tasks = [*self._keepers, *self._watchers]
        for task, failure in zip(tasks, await asyncio.gather(*tasks, return_exceptions=True), strict=True):
            if isinstance(failure, BaseException):
                name = task.get_name()
                raise SupervisorError(f"Nobody kept {name} running any more ({failure!r}).") from failure

    def kill(self) -> None:
        """Ends every process now, with all it started, and whatever is only just being started."""
        self._killing = True
        for process in self._running.values():
            process.kill()

    def _task(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """One that ends, whatever the reason, ends everything: half an installation would look like a whole one."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(lambda _: self.stopping.set())
        return task

    def _on_signal(self) -> None:
        if self.stopping.is_set():
            self.kill()
            return
        self.say("up", "Stopping. Once more to kill.")
        self.stopping.set()
        for process in self._running.values():
            process.ask_to_end()

    async def _keep(self, service: Service) -> None:
        pause = self._first_pause
        while not self.stopping.is_set():
            began = time.monotonic()
            how = await self._live(service)
            if self.stopping.is_set():
                return
            self.endings[service.name] += 1
            if time.monotonic() - began > STEADY_SECONDS:
                pause = self._first_pause
            self.say("up", f"{service.name} {how}; starting it again in {pause:g} s.")
            await self.stops_within(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _live(self, service: Service) -> str:
        """One life of a process, and how it ended. Memory and process numbers that are short come back."""
        try:
            code = await self._run(service, lambda line: self.say(service.name, line))
        except OSError as error:
            return f"could not be started ({error.strerror})"
        return f"ended ({_how(code)})"

    async def _run(
        self, service: Service, take: Callable[[str], None], environment: Mapping[str, str] | None = None
    ) -> int:
        started = await _start(
            service, environment or self.environment, nursery=None if environment else self._nursery
        )
        self._running[service.name] = started
        if self._killing:
            started.kill()
        elif self.stopping.is_set():
            started.ask_to_end()
        printing = asyncio.create_task(_print(started.output, take))
        code = await started.process.wait()
        # What it started may still hold its ports, and its output open.
        started.kill()
        del self._running[service.name]
        os.close(started.leash)
        await printing
        return code


async def _start(service: Service, environment: Mapping[str, str], *, nursery: Nursery | None) -> _Running:
    """In a session of its own: Ctrl-C in the terminal reaches us alone, and we can end all it starts.

    The pipes are ours, not asyncio's, which would take a process for running while a child of it holds one.
    """
    output = asyncio.StreamReader(limit=LONGEST_LINE)
    protocol = asyncio.StreamReaderProtocol(output)
    with ExitStack() as theirs, ExitStack() as ours:
        read, write = os.pipe()
        theirs.callback(os.close, write)
        reading, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: protocol, os.fdopen(read, "rb")
        )
        ours.callback(reading.close)
        input_end, leash = os.pipe()
        theirs.callback(os.close, input_end)
        ours.callback(os.close, leash)
        process: Process | Forked | None = None
        if nursery is not None and service.arguments is not None:
            process = await nursery.fork(service.arguments, given=input_end, printed=write)
        if process is None:
            process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=input_end,
                stdout=write,
                stderr=STDOUT,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        ours.pop_all()
    return _Running(process, output, leash)


def _unhindered(say: Say) -> Say:
    """Says what can be said: the processes go on, and are read, when nobody listens to us any more."""

    def say_if_heard(name: str, line: str) -> None:
        with suppress(OSError, ValueError):
            say(name, line)

    return say_if_heard


async def _print(output: asyncio.StreamReader, take: Callable[[str], None]) -> None:
    while True:
        try:
            line = await output.readline()
        except ValueError:
            take("(a line too long to show)")
            continue
        if not line:
            return
        take(line.decode(errors="replace").rstrip())


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
