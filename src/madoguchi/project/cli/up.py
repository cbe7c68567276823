"""`madoguchi up`."""

import asyncio

import click

from madoguchi.project import installation
from madoguchi.project.conf import config
from madoguchi.project.supervisor import SupervisorError


@click.command()
def up() -> None:
    """Start everything and keep it running until Ctrl-C.

    The bundled PostgreSQL (unless MADOGUCHI_DATABASE_URL names another), the migrations, sample data into an
    empty database, and then the web server, the worker and the mail doors, each started again when it ends.
    """
    try:
        asyncio.run(installation.up(config))
    except SupervisorError as error:
        raise click.ClickException(str(error)) from error
