"""`madoguchi phone`: take calls, say what callers meet, list calls."""

import click

from madoguchi.project.cli.commands import Commands, Entry

COMMANDS = {
    "serve": Entry(
        "Take calls by SIP or from Asterisk (one of the processes of `up`).", module="phone_in", lasting=True
    ),
    "numbers": Entry("The numbers that can be called.", module="phone_in"),
    "flow": Entry("Show or change what callers meet at a number.", module="phone_in"),
    "product": Entry("Show or change which product a number is for.", module="phone_in"),
}


@click.group(cls=Commands, entries=COMMANDS)
def phone() -> None:
    """Take calls, say what callers meet, list calls."""
