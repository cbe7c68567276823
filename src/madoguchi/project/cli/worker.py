"""`madoguchi worker`."""

import asyncio
import signal

import click

from madoguchi.infra import worker as process
from madoguchi.project.memory import keep_heap_in_few_pieces


@click.command()
@click.option(
    "--queues",
    default="",
    metavar="NAME,…",
    help="Only the jobs of these queues; `sending` is that of mail that leaves.",
)
def worker(*, queues: str) -> None:
    """Do the jobs, read and seal the event log, until SIGTERM or Ctrl-C; jobs at hand are finished first."""
    keep_heap_in_few_pieces()
    asyncio.run(_run([name.strip() for name in queues.split(",") if name.strip()]))


async def _run(queues: list[str]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await process.run(queues=queues, stop=stop)
