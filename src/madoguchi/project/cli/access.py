"""`madoguchi access`: who was shown which customer's data, and when."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import click
from django.utils.timezone import get_default_timezone

from madoguchi.cases.looks import Looked, every_look
from madoguchi.infra import scope
from madoguchi.kernel.text import as_cell
from madoguchi.project.cli.asking import actor_named, case_anywhere, case_seen_by, person_of

_SHELL = "the shell of the installation belongs to who runs it"
_FIELDS = ("at", "person", "email", "company", "customer", "case", "searches", "shown")


@click.command()
@click.option("--case", "number", help="Looks at the customer of this case.")
@click.option("--person", help="Looks of this person (their mail address).")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--as", "email", help="With the rights of this person; else all companies.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for spreadsheets.")
def access(
    *,
    number: str | None,
    person: str | None,
    since: datetime | None,
    email: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Say who was shown which case and customer, hour by hour, and who searched; the newest first."""
    actor = actor_named(email) if email else None
    with ExitStack() as within:
        within.enter_context(scope.acting_for(actor.companies) if actor else scope.everywhere(reason=_SHELL))
        case = None
        if number:
            case = case_seen_by(actor, number) if actor else case_anywhere(number)
        who = person_of(person).pk if person else None
        begin = since.replace(tzinfo=get_default_timezone()) if since else None
        _print(every_look(actor=actor, person=who, case=case, since=begin), as_json=as_json, as_csv=as_csv)


def _print(looks: Iterator[Looked], *, as_json: bool, as_csv: bool) -> None:
    table = csv.DictWriter(sys.stdout, _FIELDS) if as_csv else None
    if table:
        table.writeheader()
    for row in map(_row, looks):
        if table:
            table.writerow({name: as_cell(str(value)) for name, value in row.items()})
        else:
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _row(look: Looked) -> dict[str, Any]:
    searches = look.times if look.is_search else 0
    values = (look.at.astimezone(UTC).isoformat(), look.person, look.email, look.company)
    return dict(zip(_FIELDS, (*values, look.customer, look.number, searches, look.shown), strict=True))


def _line(row: dict[str, Any]) -> str:
    what = f"{row['searches']} searches, {row['shown']} shown" if row["searches"] else row["case"] or "-"
    return f"{row['at'][:19]:19}  {what:<24}  {row['person']} <{row['email']}>  {row['company']}"
