"""`madoguchi web`."""

import importlib

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from madoguchi.project import bundled
from madoguchi.project.conf import config

APPLICATION = "madoguchi.project.asgi:application"
_STOP_SECONDS = 4


@click.command()
def web() -> None:
    """Answer browsers on MADOGUCHI_HOST and MADOGUCHI_PORT: the pages, their files and the live socket."""
    # Loaded once before the workers are forked, so that they share its memory.
    importlib.import_module(APPLICATION.partition(":")[0])
    memory = importlib.import_module("madoguchi.project.memory")
    memory.keep_heap_in_few_pieces()
    memory.load_before_forking()
    with bundled.database(config):
        Granian(
            APPLICATION,
            address=config.host,
            port=config.port,
            interface=Interfaces.ASGI,
            workers=config.web_workers,
            log_level=LogLevels.warning,
            log_access=False,
            respawn_failed_workers=True,
            respawn_interval=0.5,
            workers_kill_timeout=_STOP_SECONDS,
        ).serve()
