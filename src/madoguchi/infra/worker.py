"""The worker process: jobs, readers of the event log, and its sealing. Any number may run, any be killed."""

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from madoguchi.infra import event_log, reactions, scope, stopping
from madoguchi.infra.listen import connection_parameters, wakes

logger = structlog.get_logger()

JOBS_AT_ONCE = 4
# The queues of jobs that talk to other people's servers, which may let one wait for minutes: mail that leaves,
# what other systems are told, and what is fetched from LINE. Each has slots of its own, so that nothing else ever
# waits for them; so has the bot, which asks one process that reads articles,
# and the search for what no article says, which reads for minutes.
SENDING, TELLING, BOT, FETCHING, SEARCHING = "sending", "webhooks", "bot", "fetching", "gaps"
TELLING_AT_ONCE, BOT_AT_ONCE, FETCHING_AT_ONCE, SEARCHING_AT_ONCE = 3, 2, 3, 1
SEAL_SECONDS = 10
READ_SECONDS = 5
# How late a job with a time may begin: an answer leaves so long after its undo time at most.
JOB_SECONDS = 1
# How soon to look again for events that an older transaction holds back.
UNSETTLED_SECONDS = 0.05
_PAUSE = 1.0
_OTHER_THREADS = 4


async def run(*, queues: Sequence[str] = (), stop: asyncio.Event) -> None:
    """Work until `stop` is set, then finish the jobs that are running. No queue named: all of them."""
    reader = LogReader()
    reader.start()
    shares = _shares(queues)
    # A thread for each job, or the slots of one share would wait for those of the other after all.
    threads = ThreadPoolExecutor(sum(shares.values()) + _OTHER_THREADS, thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    tasks = [asyncio.create_task(_do_jobs(names, at_once)) for names, at_once in shares.items()]
    tasks.append(asyncio.create_task(_wake(reader)))
    try:
        stopped = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        stopping.ask_to_stop()
        reader.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(reader.join)


def _shares(queues: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Which queues are worked on together, and how many of their jobs at once."""
    app.perform_import_paths()
    apart = {SENDING: settings.SENDING_AT_ONCE, TELLING: TELLING_AT_ONCE, BOT: BOT_AT_ONCE}
    apart |= {FETCHING: FETCHING_AT_ONCE, SEARCHING: SEARCHING_AT_ONCE}
    every = {task.queue for task in app.tasks.values()} | set(apart)
    wanted = set(queues) or every
    shares = {tuple(sorted(wanted - set(apart))): JOBS_AT_ONCE}
    shares |= {(queue,): at_once for queue, at_once in apart.items() if queue in wanted}
    return {names: at_once for names, at_once in shares.items() if names and at_once}


async def _do_jobs(queues: Sequence[str], at_once: int) -> None:
    """Procrastinate's worker ends when the database goes; another takes its place once it is back."""
    while True:
        try:
            await _do_jobs_once(queues, at_once)
        except (ConnectorException, psycopg.Error, OSError) as error:
            logger.warning("jobs_interrupted", error=str(error).strip())
        await sync_to_async(_let_go)()
        await asyncio.sleep(_PAUSE)


def _let_go() -> None:
    connection.close()  # this thread's own, by which periodic jobs are deferred


async def _do_jobs_once(queues: Sequence[str], at_once: int) -> None:
    # An app beside the usual one, whose own connector stays: what a job or a reaction defers must still be
    # part of Django's transaction.
    connector = PsycopgConnector(kwargs=connection_parameters(), min_size=1, max_size=at_once)
    jobs: App = app.with_connector(connector)
    async with jobs.open_async():
        await jobs.run_worker_async(
            queues=list(queues),
            concurrency=at_once,
            install_signal_handlers=False,
            fetch_job_polling_interval=JOB_SECONDS,
        )


async def _wake(reader: "LogReader") -> None:
    async for _ in wakes(event_log.CHANNEL, at_least_every=READ_SECONDS):
        reader.wake()


class LogReader(threading.Thread):
    """Runs the readers of the event log when something happened, and seals the log now and then."""

    def __init__(self) -> None:
        super().__init__(name="log reader", daemon=True)
        self._news = threading.Event()
        self._stopping = False
        self._sealed_at = 0.0

    def wake(self) -> None:
        """Something may have happened."""
        self._news.set()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stopping = True
        self._news.set()

    def run(self) -> None:
        pause = 0.0
        while not self._stopping:
            self._news.wait(pause)
            self._news.clear()
            pause = self._round()
        connection.close()

    def _round(self) -> float:
        """One look at everything; returns after how many seconds to look again without being woken."""
        try:
            close_old_connections()
            reactions.run_all()
            self._seal_if_due()
            with scope.everywhere(reason="whether anything is held back concerns every company's events"):
                return UNSETTLED_SECONDS if event_log.has_unsettled() else READ_SECONDS
        except Exception:  # the database may be away; whatever it is, the log is read again
            logger.exception("log_reader_interrupted")
            connection.close()
            return _PAUSE

    def _seal_if_due(self) -> None:
        if time.monotonic() - self._sealed_at < SEAL_SECONDS:
            return
        with scope.everywhere(reason="the audit chain runs over every company's events"):
            event_log.seal()
        self._sealed_at = time.monotonic()
