"""`madoguchi case merge`, `unmerge`: one case of two of a customer, and two again."""

import json
from typing import Any

import click

from madoguchi.cases import actions, queries
from madoguchi.cases.merging import survivor
from madoguchi.cases.models import Merge
from madoguchi.desk.merging import Preview, number_of, preview_of
from madoguchi.infra import scope
from madoguchi.project.cli.asking import actor_named, case_seen_by


@click.command()
@click.argument("number")
@click.option("--into", "other", required=True, help="The case that goes on and takes this one in.")
@click.option("--as", "email", required=True, help="The mail address of who merges.")
@click.option("--check", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def merge(number: str, *, other: str, email: str, check: bool, as_json: bool) -> None:
    """Let the case NUMBER go on in another one of the same customer, with all that was said and noted in it."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        case, into = case_seen_by(actor, number), case_seen_by(actor, other)
        preview = preview_of(case, into, actor=actor)
        said = _would(preview) if check else _done(actions.merge(case, into=into, by=actor))
    begin = "Would go on" if check else "Goes on"
    click.echo(
        json.dumps(said, ensure_ascii=False)
        if as_json
        else f"{begin} in {said['into']}: {said['case']}, {said['messages']} messages, {said['notes']} notes"
    )


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of who undoes it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def unmerge(number: str, *, email: str, as_json: bool) -> None:
    """Make the case NUMBER, which was merged into another, a case of its own again: both as they were."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        merged = queries.merge_to_undo(case_seen_by(actor, number))
        actions.unmerge(merged, by=actor)
        merged.refresh_from_db()
        said = _done(merged)
    click.echo(
        json.dumps(said, ensure_ascii=False)
        if as_json
        else f"{said['case']}: a case of its own again, out of {said['into']}"
    )


def _done(merged: Merge) -> dict[str, Any]:
    moved = merged.moved
    return {
        "case": number_of(merged.case),
        "into": number_of(merged.into),
        "merge": merged.pk,
        "messages": len(moved["messages"]),
        "notes": len(moved["notes"]),
        "undone": merged.undone_at is not None,
    }


def _would(preview: Preview) -> dict[str, Any]:
    after = survivor(preview.case, preview.into)
    return {
        "case": preview.number,
        "into": preview.into_number,
        "merge": None,
        "messages": preview.messages,
        "notes": preview.notes,
        "files": preview.files,
        "on_its_way": preview.on_its_way,
        "afterwards": {name: after[name] for name in ("status", "priority", "tags")},
        "warnings": preview.warnings,
    }
