"""`madoguchi clock`: service levels and the clocks that measure them."""

import click

from madoguchi.project.cli.commands import Commands, Entry

COMMANDS = {
    "replay": Entry(
        "Run a policy over what happened to a case, without a database.",
        on_database=False,
        module="clock_replay",
    ),
}


@click.group(cls=Commands, entries=COMMANDS)
def clock() -> None:
    """Service levels and the clocks that measure them."""
