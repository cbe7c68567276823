"""`madoguchi case link`, `unlink`, `duplicates`: cases that belong together, and those that may be one."""

import json
from typing import Any

import click

from madoguchi.cases import actions
from madoguchi.cases.duplicates import Suggestion, duplicates_among
from madoguchi.cases.links import ROLES, link_of, ties_of
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.desk.merging import number_of
from madoguchi.infra import scope
from madoguchi.project.cli.asking import actor_named, case_seen_by


@click.command()
@click.argument("number")
@click.argument("kind", type=click.Choice(list(ROLES)))
@click.argument("other")
@click.option("--as", "email", required=True, help="The mail address of who links them.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def link(number: str, *, kind: str, other: str, email: str, as_json: bool) -> None:
    """Tie the case NUMBER to the case OTHER, which becomes its KIND: parent, child, duplicate (of it) …"""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        case, there = case_seen_by(actor, number), case_seen_by(actor, other)
        made = actions.link(case, role=kind, other=there, by=actor)
    said = {"case": number, "kind": kind, "other": other, "link": made.pk}
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else f"{number}: {kind} {other}")


@click.command()
@click.argument("number")
@click.argument("kind", type=click.Choice(list(ROLES)))
@click.argument("other")
@click.option("--as", "email", required=True, help="The mail address of who takes it away.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def unlink(number: str, *, kind: str, other: str, email: str, as_json: bool) -> None:
    """Take the link by which OTHER is the KIND of the case NUMBER away; both cases stay as they are."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        case, there = case_seen_by(actor, number), case_seen_by(actor, other)
        ties = ties_of(case, actor=actor).shown
        found = next((tie for tie in ties if tie.role == kind and tie.case.pk == there.pk), None)
        if found is None:
            raise click.ClickException(f"{other} is no {kind} of {number}.")
        actions.unlink(link_of(found.link, actor=actor), by=actor)
    said = {"case": number, "kind": kind, "other": other, "link": found.link}
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else f"{number}: no longer {kind} {other}")


@click.command()
@click.option("--desk", help="Only of this desk (its name or id).")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def duplicates(*, desk: str | None, as_json: bool) -> None:
    """List pairs among the newest cases that may be one matter told twice, the likest first."""
    with scope.everywhere(reason="the shell of the installation belongs to who runs it"):
        desks = [d.pk for d in Desk.objects.all() if desk in (None, d.name, str(d.pk))]
        if desk and not desks:
            raise click.BadParameter(f"No desk is called {desk}.", param_hint="--desk")
        rows = [_pair(found) for found in duplicates_among(desks, actor=None).found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['case']:>10}  {row['other']:>10}  {row['score']:>3} %  {row['subject']}")


def _pair(found: Suggestion) -> dict[str, Any]:
    return {
        "case": number_of(found.case),
        "other": number_of(found.other),
        "score": found.score,
        "same_subject": found.same_subject,
        "seconds_apart": int(found.apart.total_seconds()),
        "subject": found.case.subject,
        "desk": found.case.desk.name,
    }


def links_of(case: Case) -> list[dict[str, Any]]:
    """What a case is tied to, for `case show`."""
    return [
        {"kind": tie.role, "case": tie.number, "subject": tie.case.subject, "status": tie.case.status}
        | {"desk": tie.case.desk.name, "link": tie.link}
        for tie in ties_of(case, actor=None).shown
    ]
