"""Processes as tests of the supervisor watch them: what they say, and whether they live."""

import asyncio

import psutil


class Heard:
    """What the supervisor said, to be waited for line by line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def __call__(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._queue.put_nowait((name, line))

    async def until(self, name: str, beginning: str) -> str:
        while True:
            said, line = await asyncio.wait_for(self._queue.get(), 30)
            if said == name and line.startswith(beginning):
                return line


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def ends(pid: int) -> bool:
    """Whether a process that was signalled is gone, or will be in a moment."""
    if not alive(pid):
        return True
    gone, _ = psutil.wait_procs([psutil.Process(pid)], timeout=20)
    return bool(gone) or not alive(pid)
