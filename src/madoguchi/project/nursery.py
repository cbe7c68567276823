"""Where the supervisor gets processes of ours that need not load the product: they are forked from one that has.

Nothing depends on it. Where it cannot be had, or is gone, a process is started in the usual way and loads for itself;
what was forked before goes on.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

LOADED_SECONDS = 90
# The exit code of a process whose own is not known.
UNTOLD = 255
_LAST_SECONDS = 3


class Forked:
    """A process that was forked for us, as if it were a child of ours. It outlives the nursery."""

    def __init__(self, pid: int, told: asyncio.StreamReader) -> None:
        """Raises ProcessLookupError where it is gone without a trace, which is after the nursery is gone as well."""
        self.pid = pid
        self._told = told
        self._watched = os.pidfd_open(pid)

    def terminate(self) -> None:
        """Ask it to end. Raises ProcessLookupError when it has."""
        os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """Its exit code, once it ended; `UNTOLD` if nobody is left to tell it. To be called once."""
        try:
            told = await self._told.readline()
            if not told:
                await self._has_ended()
        finally:
            os.close(self._watched)
        return int(told) if told else UNTOLD

    async def _has_ended(self) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._watched, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._watched)


class Nursery:
    """The process that is forked, for as long as one is inside; what is forked sees `environment`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: Process | None = None
        self._ask: socket.socket | None = None

    async def __aenter__(self) -> Self:
        """Elsewhere than on Linux, what the system's libraries began does not outlive a fork."""
        if sys.platform == "linux" and _can_be_watched():
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "madoguchi.project.forking", str(theirs.fileno())),
                    stdin=DEVNULL,
                    env={**self._environment, "PYTHONUNBUFFERED": "1"},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            self._ask = ours
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ask is None or self._process is None:
            return
        self._ask.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _LAST_SECONDS)
        self._kill()

    async def fork(self, arguments: list[str], *, given: int, printed: int) -> Forked | None:
        """`madoguchi` with these arguments, on these files as its input and output; nothing if it cannot be had."""
        if self._ask is None:
            return None
        told = asyncio.StreamReader()
        read, write = os.pipe()
        try:
            socket.send_fds(self._ask, [json.dumps(arguments).encode()], [given, printed, write])
        except OSError:
            os.close(read)
            return None
        finally:
            os.close(write)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(told), os.fdopen(read, "rb")
        )
        try:
            number = await asyncio.wait_for(told.readline(), LOADED_SECONDS)
        except TimeoutError:
            self._kill()  # that it does not fork later what was begun elsewhere meanwhile
            return None
        try:
            return Forked(int(number), told) if number else None
        except ProcessLookupError:
            return None

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()


def _can_be_watched() -> bool:
    """Whether this kernel lets us wait for a process that is no child of ours."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True
