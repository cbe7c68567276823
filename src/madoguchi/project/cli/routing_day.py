"""`madoguchi routing day`: days at a desk as they were, for `simulate`."""

import json
import sys
from datetime import datetime, timedelta

import click

from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.routing.days import MOST_DAYS
from madoguchi.routing.replay import day_of

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--desk", required=True, help="The desk, by its name or id.")
@click.option(
    "--company", default="", help="Its company, by the letters of its case numbers, if several have one."
)
@click.option("--from", "first", type=_DAY, required=True, help="The first day.")
@click.option("--to", "last", type=_DAY, help="The last day; without it, the first alone.")
def day(desk: str, *, company: str, first: datetime, last: datetime | None) -> None:
    """Write down as JSON what came to a desk and who was there, day by day, from the event log (docs/routing.md). No
    word of a customer and no name of anybody stands there.

    Exit codes: 0 written, 1 nothing came, 2 wrong use.
    """
    count = ((last or first) - first).days + 1
    if not 0 < count <= MOST_DAYS:
        raise click.BadParameter(f"1 to {MOST_DAYS} days, the first before the last.", param_hint="--to")
    with scope.everywhere(reason="the shell of an installation looks at any desk"):
        place = _desk(desk, company)
        days = [day_of(place, (first + timedelta(days=n)).date()) for n in range(count)]
    came = [one for one in days if one]
    if not came:
        click.echo("Nothing came to this desk then.", err=True)
        sys.exit(1)
    click.echo(json.dumps(came[0] if len(came) == 1 else {"days": came}, ensure_ascii=False, indent=1))


def _desk(name: str, company: str) -> Desk:
    rows = Desk.objects.select_related("company")
    found = [d for d in rows if name in (d.name, str(d.pk)) and company in ("", d.company.prefix)]
    if len(found) != 1:
        raise click.BadParameter(f"{len(found)} desks are called {name}.", param_hint="--desk")
    return found[0]
