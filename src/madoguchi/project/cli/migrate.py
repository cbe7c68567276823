"""`madoguchi migrate`."""

import click

from madoguchi.project import bundled, migration
from madoguchi.project.conf import config


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when there is something to do.")
@click.pass_context
def migrate(ctx: click.Context, *, check: bool) -> None:
    """Bring the database to this version, as the owner of its tables."""
    with bundled.database(config):
        ctx.exit(migration.run(check=check))
