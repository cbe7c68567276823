"""`madoguchi live`."""

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from madoguchi.project import bundled
from madoguchi.project.conf import config

APPLICATION = "madoguchi.project.asgi:live_only"


@click.command()
@click.option("--host", default="", metavar="ADDRESS", help="Where to listen instead of MADOGUCHI_HOST.")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="The port to listen on.")
def live(*, host: str, port: int) -> None:
    """Serve /live/ alone, for installations on many machines; a proxy sends browsers here for it."""
    with bundled.database(config):
        Granian(
            APPLICATION,
            address=host or config.host,
            port=port,
            interface=Interfaces.ASGI,
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
        ).serve()
