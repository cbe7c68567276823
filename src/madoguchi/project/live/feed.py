"""The one reader of the event log in a process, which hands what is new to the hub."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import structlog
from django.db import close_old_connections, connection

from madoguchi.companies.events import EngagementChanged, EngagementMade
from madoguchi.infra import event_log, scope
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.listen import wakes
from madoguchi.people.events import (
    AdministratorAppointed,
    AdministratorDismissed,
    PersonDeactivated,
    PlaceGiven,
    PlaceTaken,
    SeatsChanged,
)
from madoguchi.project.live.hub import Hub

logger = structlog.get_logger()
Result = TypeVar("Result")

BATCH = 500
LOOK_SECONDS = 2
# It looks every other second. One that has not looked for so long hangs, or hears nothing and is never woken.
STILL_SECONDS = 30
_BREATH, _SOON, _LATER = 0.02, 0.02, 1.0
# After one of these, somebody may see other things than before, or nothing any more.
_OF_ONE_PERSON = {
    fact.kind
    for fact in (
        AdministratorAppointed,
        AdministratorDismissed,
        PersonDeactivated,
        PlaceGiven,
        PlaceTaken,
        SeatsChanged,
    )
}
_OF_MANY = {EngagementMade.kind, EngagementChanged.kind}
Recheck = Callable[[int | None], Awaitable[None]]
_REASON = "the live feed reads for everybody connected; the hub tells each only what they may see"


class Feed:
    """Follows the log from now on: woken by the database, and every other second in case it was not.

    `recheck` looks again at what a person may see (None: everybody) before anything later is told.
    """

    def __init__(self, hub: Hub, recheck: Recheck) -> None:
        self._hub, self._recheck = hub, recheck
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live feed")
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._looked_at = 0.0

    @property
    def follows(self) -> bool:
        """Whether what happens is heard of; a feed that has ended, or has not looked for long, leaves screens that
        stand still. One that an old transaction holds back looks on: another process would hear no more.
        """
        running = self._task is not None and not self._task.done()
        return running and time.monotonic() - self._looked_at < STILL_SECONDS

    def start(self) -> None:
        """Begin to follow."""
        self._looked_at = time.monotonic()
        self._task = asyncio.create_task(self._follow())
        self._task.add_done_callback(_say_why)

    async def stop(self) -> None:
        """Follow no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._in_thread(_let_go)
        self._thread.shutdown()

    async def _follow(self) -> None:
        """Two at once: an old transaction holds the log back, but not who signs out or begins to write."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._listen())
            both.create_task(self._read_on())

    async def _listen(self) -> None:
        async for words in wakes(event_log.CHANNEL, at_least_every=LOOK_SECONDS):
            self._woken.set()
            self._hub.end_sessions(words)
            self._hub.pass_on(words)

    async def _read_on(self) -> None:
        pause = _SOON
        while await self._woken.wait():
            self._woken.clear()
            try:
                await self._catch_up()
                pause = _SOON
            except Exception:  # the database may be away; whatever it is, the log is read again, and soon
                logger.exception("live_feed_interrupted")
                await self._in_thread(_let_go)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LATER)
                self._woken.set()

    async def _catch_up(self) -> None:
        """Read until nothing is left, coming back soon for what an older transaction still holds back."""
        if self._hub.place is None:
            self._hub.place = await self._in_thread(_end)
        pause = _SOON
        while True:
            events, held_back = await self._in_thread(lambda: _read(self._hub.place or Cursor()))
            self._looked_at = time.monotonic()
            await self._tell(events)
            if len(events) < BATCH:
                if not held_back:
                    return
                await self._rest(pause)
                pause = _SOON if events else min(pause * 2, _LATER)

    async def _rest(self, seconds: float) -> None:
        """A pause that ends when something happens: what held the log back may have ended with it."""
        await asyncio.sleep(_BREATH)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()

    async def _tell(self, events: list[Recorded]) -> None:
        for together in _up_to_changed_sights(events):
            self._hub.publish(together)
            last = together[-1]
            if last.kind in _OF_ONE_PERSON:
                await self._recheck(json.loads(last.data_text)["person"])
            elif last.kind in _OF_MANY:
                await self._recheck(None)

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)


def _up_to_changed_sights(events: list[Recorded]) -> Iterator[list[Recorded]]:
    """The events in runs, each ending with one after which somebody may see other things."""
    run: list[Recorded] = []
    for event in events:
        run.append(event)
        if event.kind in _OF_ONE_PERSON or event.kind in _OF_MANY:
            yield run
            run = []
    if run:
        yield run


def missed(after: Cursor, *, upto: Cursor | None, most: int) -> list[Recorded] | None:
    """What happened after a place, up to where the feed is; None when that is more than `most`."""
    with scope.everywhere(reason=_REASON):
        events = event_log.read_after(after, most=most + 1)
    events = [event for event in events if upto is None or event.cursor <= upto]
    return events if len(events) <= most else None


def _say_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        logger.error("live_feed_ended", exc_info=task.exception())


def _let_go() -> None:
    connection.close()  # this thread's own


def _end() -> Cursor:
    close_old_connections()
    return event_log.end_of_log()


def _read(place: Cursor) -> tuple[list[Recorded], bool]:
    close_old_connections()
    with scope.everywhere(reason=_REASON):
        return event_log.read_after(place, most=BATCH), event_log.has_unsettled()
