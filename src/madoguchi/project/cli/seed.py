"""`madoguchi seed`: sample data."""

import json
import sys
from dataclasses import asdict
from datetime import datetime

import click

from madoguchi.kernel import clock
from madoguchi.sample.load import Loaded, is_empty, load


@click.command()
@click.option("--cases", type=click.IntRange(1, 1_000_000), default=6000, show_default=True, help="How many.")
@click.option("--if-empty", is_flag=True, help="Do nothing where somebody has begun already.")
@click.option("--add", is_flag=True, help="Add the cases to what is there.")
@click.option(
    "--now", "until", help="The moment the ninety days end at (ISO 8601); the present if not given."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def seed(*, cases: int, if_empty: bool, add: bool, until: str | None, as_json: bool) -> None:
    """Fill the database with a made-up world: companies, people, customers, and ninety days of cases."""
    now = _moment(until)
    if not add and not is_empty():
        _leave(if_empty=if_empty, as_json=as_json)
        return
    hidden = as_json or not sys.stderr.isatty()
    with click.progressbar(length=cases, label="Cases", file=sys.stderr, hidden=hidden) as bar:
        loaded = load(cases=cases, now=now, progress=bar.update)
    _say(loaded, as_json=as_json)


def _moment(written: str | None) -> datetime:
    if written is None:
        return clock.now()
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--now") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.TOKYO)


def _leave(*, if_empty: bool, as_json: bool) -> None:
    if not if_empty:
        raise click.ClickException(
            "There are companies or people here already. `--add` puts sample cases beside them,"
            " `--if-empty` leaves everything as it is."
        )
    click.echo(json.dumps({"cases": 0}) if as_json else "There is data already; nothing was added.")


def _say(loaded: Loaded, *, as_json: bool) -> None:
    if as_json:
        said = asdict(loaded) | {"sign_ins": str(loaded.sign_ins) if loaded.sign_ins else None}
        click.echo(json.dumps(said))
        return
    click.echo(
        f"{loaded.cases:,} cases of {loaded.customers:,} customers with {loaded.messages:,} messages were made."
    )
    if loaded.sign_ins:
        click.echo("Sign-ins: madoguchi user samples (all forty sample people have that password).")
