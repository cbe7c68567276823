"""`madoguchi clock`: service levels and the clocks that measure them."""

import click

from madoguchi.project.cli.commands import Commands, Entry

COMMANDS = {
    "replay": Entry(
        "Run a policy over what happened to a case, without a database.",
        on_database=False,
        module="clock_replay",
    ),
    "show": Entry("The clocks of a case.", module="clock_case"),
    "events": Entry("What happened to a case, for `replay`.", module="clock_case"),
    "policy": Entry("What a desk keeps towards its customers, for `replay`.", module="clock_case"),
    "write": Entry("Say what a desk keeps towards its customers.", module="clock_case"),
    "try": Entry("Try that on the cases of the last 90 days.", module="clock_case"),
    "switch": Entry("Take that into use, or out of it.", module="clock_case"),
}


@click.group(cls=Commands, entries=COMMANDS)
def clock() -> None:
    """Service levels and the clocks that measure them."""
