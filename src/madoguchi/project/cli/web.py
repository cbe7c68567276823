"""`madoguchi web`."""

import importlib

import click

from madoguchi.project import bundled
from madoguchi.project.conf import config
from madoguchi.project.serving import serve

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
        serve(
            APPLICATION,
            host=config.host,
            port=config.port,
            workers=config.web_workers,
            stop_seconds=_STOP_SECONDS,
        )
