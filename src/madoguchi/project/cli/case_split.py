"""`madoguchi case split`, `unsplit`: messages of a case in a new one, and back."""

import json
from typing import Any

import click

from madoguchi.cases import actions, queries
from madoguchi.cases.models import Split
from madoguchi.desk.merging import number_of
from madoguchi.desk.splitting import SplitPreview, split_preview
from madoguchi.infra import scope
from madoguchi.project.cli.asking import actor_named, case_seen_by


@click.command()
@click.argument("number")
@click.option(
    "--message",
    "messages",
    type=int,
    multiple=True,
    required=True,
    help="A message's id, as `case show` has it.",
)
@click.option("--subject", default="", help="The new case's subject, else that of its first message.")
@click.option("--as", "email", required=True, help="The mail address of who splits.")
@click.option("--check", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def split(
    number: str, *, messages: tuple[int, ...], subject: str, email: str, check: bool, as_json: bool
) -> None:
    """Put messages of the case NUMBER into a new case of the same customer; repeat --message for each."""
    actor, chosen = actor_named(email), set(messages)
    with scope.acting_for(actor.companies):
        case = case_seen_by(actor, number)
        if check:
            said = _would(number_of(case), split_preview(case, chosen, subject=subject, actor=actor))
        else:
            said = _done(actions.split(case, messages=chosen, subject=subject, by=actor))
    where = said["into"] or "a new case"
    begin = "Would go" if check else "Went"
    words = f"{begin} into {where}: {len(said['messages'])} messages of {said['case']}"
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else words)


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of who undoes it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def unsplit(number: str, *, email: str, as_json: bool) -> None:
    """Put the messages of the case NUMBER, which was split off, back to where they were."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        done = queries.split_to_undo(case_seen_by(actor, number))
        actions.unsplit(done, by=actor)
        done.refresh_from_db()
        said = _done(done)
    words = f"Back in {said['case']}: {len(said['messages'])} messages of {said['into']}"
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else words)


def _done(done: Split) -> dict[str, Any]:
    return {
        "case": number_of(done.case),
        "into": number_of(done.into),
        "subject": done.into.subject,
        "split": done.pk,
        "messages": done.moved["messages"],
        "undone": done.undone_at is not None,
    }


def _would(number: str, preview: SplitPreview) -> dict[str, Any]:
    return {
        "case": number,
        "into": None,
        "subject": preview.subject,
        "split": None,
        "messages": [m.pk for m in preview.parts.chosen],
        "files": preview.files,
        "on_its_way": preview.on_its_way,
        "afterwards": {"case": preview.parts.old["status"], "into": preview.parts.new["status"]},
    }
