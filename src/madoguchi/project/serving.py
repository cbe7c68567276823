"""Serving the web by granian, in processes that end as soon as they are asked to."""

import multiprocessing
import os
import signal
from contextlib import suppress
from types import FrameType

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from setproctitle import getproctitle

# Open screens are sent away at once. Otherwise a worker waits for them to leave, and is killed in the end.
SEND_AWAY = signal.SIGUSR2


def serve(
    application: str, *, host: str, port: int, workers: int = 1, stop_seconds: int | None = None
) -> None:
    """Answer until a signal ends it: browsers with open screens are sent away, pages that are being made get done.

    What takes longer than `stop_seconds` is cut off.
    """
    server = Granian(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=stop_seconds,
        process_name=getproctitle(),
    )
    server.on_startup(_send_away_first)
    server.serve()


def _send_away_first() -> None:
    """Before granian hears that it is to end, its workers hear that their open screens are."""
    # A worker that has no screens yet is not to die of it.
    signal.signal(SEND_AWAY, signal.SIG_IGN)
    for number in (signal.SIGINT, signal.SIGTERM):
        theirs = signal.getsignal(number)

        def ours(number: int, frame: FrameType | None, theirs: object = theirs) -> None:
            try:
                for worker in multiprocessing.active_children():
                    with suppress(ProcessLookupError, TypeError):
                        os.kill(worker.pid, SEND_AWAY)  # type: ignore[arg-type]
            finally:
                if callable(theirs):
                    theirs(number, frame)

        signal.signal(number, ours)
