"""`madoguchi routing`: who answers, tried out."""

import click

from madoguchi.project.cli.commands import Commands, Entry

COMMANDS = {
    "simulate": Entry(
        "Replay a day under several ways to share work out, without a database.",
        on_database=False,
        module="routing_simulate",
    ),
    "people": Entry(
        "How many people a queue needs (Erlang C and A).", on_database=False, module="routing_people"
    ),
    "day": Entry("What came to a desk and who was there, for `simulate`.", module="routing_day"),
}


@click.group(cls=Commands, entries=COMMANDS)
def routing() -> None:
    """Who answers, tried out."""
