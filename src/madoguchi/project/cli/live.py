"""`madoguchi live`."""

import click

from madoguchi.project import bundled
from madoguchi.project.conf import config
from madoguchi.project.serving import serve

APPLICATION = "madoguchi.project.asgi:live_only"
_STOP_SECONDS = 4


@click.command()
@click.option("--host", default="", metavar="ADDRESS", help="Where to listen instead of MADOGUCHI_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="The port to listen on.")
def live(*, host: str, port: int) -> None:
    """Serve /live/ alone, for installations on many machines; a proxy sends browsers here for it."""
    with bundled.database(config):
        serve(APPLICATION, host=host or config.host, port=port, stop_seconds=_STOP_SECONDS)
