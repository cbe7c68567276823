"""`madoguchi migrate`."""

import click
import psycopg

from madoguchi.project import bundled, migration
from madoguchi.project.cli.commands import refused
from madoguchi.project.conf import config
from madoguchi.project.database import owner_url


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when there is something to do.")
@click.pass_context
def migrate(ctx: click.Context, *, check: bool) -> None:
    """Bring the database to this version, as the owner of its tables."""
    with bundled.database(config):
        # Migrating runs in a process of its own, which would tell of this in a page of code.
        try:
            psycopg.connect(owner_url(config), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            raise refused(error) from error
        ctx.exit(migration.run(check=check))
