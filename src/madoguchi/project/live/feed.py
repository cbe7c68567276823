"""The one reader of the event log in a process, which hands what is new to the hub."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog
from django.db import close_old_connections, connection

from madoguchi.infra import event_log, scope
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.listen import wakes
from madoguchi.project.live.hub import Hub

logger = structlog.get_logger()
Result = TypeVar("Result")

BATCH = 500
LOOK_SECONDS = 2
_SOON, _LATER = 0.01, 1.0
_REASON = "the live feed reads for everybody connected; the hub tells each only what they may see"


class Feed:
    """Follows the log from now on: woken by the database, and every other second in case it was not."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live feed")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Follow no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._in_thread(_let_go)
        self._thread.shutdown()

    async def _follow(self) -> None:
        async for _ in wakes(event_log.CHANNEL, at_least_every=LOOK_SECONDS):
            try:
                await self._catch_up()
            except Exception:  # the database may be away; whatever it is, the log is read again
                logger.exception("live_feed_interrupted")
                await self._in_thread(_let_go)

    async def _catch_up(self) -> None:
        """Read until nothing is left, coming back soon for what an older transaction still holds back."""
        if self._hub.place is None:
            self._hub.place = await self._in_thread(_end)
        pause = _SOON
        while True:
            events, held_back = await self._in_thread(lambda: _read(self._hub.place or Cursor()))
            self._hub.publish(events)
            if len(events) < BATCH:
                if not held_back:
                    return
                await asyncio.sleep(pause)
                pause = _SOON if events else min(pause * 2, _LATER)

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def missed(after: Cursor, *, upto: Cursor | None, most: int) -> list[Recorded] | None:
    """What happened after a place, up to where the feed is; None when that is more than `most`."""
    with scope.everywhere(reason=_REASON):
        events = event_log.read_after(after, most=most + 1)
    events = [event for event in events if upto is None or event.cursor <= upto]
    return events if len(events) <= most else None


def _let_go() -> None:
    connection.close()  # this thread's own


def _end() -> Cursor:
    close_old_connections()
    return event_log.end_of_log()


def _read(place: Cursor) -> tuple[list[Recorded], bool]:
    close_old_connections()
    with scope.everywhere(reason=_REASON):
        return event_log.read_after(place, most=BATCH), event_log.has_unsettled()
