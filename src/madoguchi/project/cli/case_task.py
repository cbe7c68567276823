"""`madoguchi case tasks` and `madoguchi case task`: what is to be done in a case."""

import json
from typing import Any

import click

from madoguchi.api.tasks import owner_of, shown, tasks_in
from madoguchi.cases.blotted import blotter_of
from madoguchi.delivery.scheduling import read_moment
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.project.cli.asking import actor_named, case_seen_by
from madoguchi.tasks.actions import Wanted, add_task, tick
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import task_by_id


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of who reads them.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def tasks(number: str, *, email: str, as_json: bool) -> None:
    """List what is to be done in the case NUMBER, in order, done tasks too."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        found = tasks_in(case_seen_by(actor, number), actor=actor)
    lines = "\n".join(_line(one) for one in found) or "No task."
    click.echo(json.dumps(found, ensure_ascii=False, default=str) if as_json else lines)


@click.group()
def task() -> None:
    """Set a task, or say that one is done."""


@task.command()
@click.argument("number")
@click.argument("title")
@click.option("--as", "email", required=True, help="The mail address of who sets it.")
@click.option("--owner", default="", help="Whose it is: me, or a mail address of the desk; else nobody's.")
@click.option("--due", default="", help="By when, such as 2026-12-01T09:00 (Japan).")
@click.option("--minutes", type=int, help="How long it should take.")
@click.option("--json", "as_json", is_flag=True)
def add(
    number: str, title: str, *, email: str, owner: str, due: str, minutes: int | None, as_json: bool
) -> None:
    """Set TITLE as something to be done in the case NUMBER, with the rights of the person named."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        case = case_seen_by(actor, number)
        due_at = read_moment(due) if due else None
        wanted = Wanted(title=title, owner=owner_of(case, owner, actor), due_at=due_at, minutes=minutes)
        made = task_by_id(add_task(case, wanted, by=actor).pk, actor=actor)
        _tell(made, actor, as_json=as_json)


@task.command()
@click.argument("id_", metavar="ID", type=int)
@click.option("--as", "email", required=True, help="The mail address of who did it.")
@click.option("--undo", is_flag=True, help="It is not done after all.")
@click.option("--json", "as_json", is_flag=True)
def done(id_: int, *, email: str, undo: bool, as_json: bool) -> None:
    """Say that the task ID is done. Twice changes nothing."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        tick(task_by_id(id_, actor=actor), done=not undo, by=actor)
        _tell(task_by_id(id_, actor=actor), actor, as_json=as_json)


def _tell(found: Task, actor: Actor, *, as_json: bool) -> None:
    blot = blotter_of(found.home, actor=actor)
    told = shown(found, prefix=found.home.company.prefix, blot=blot)
    click.echo(json.dumps(told, ensure_ascii=False, default=str) if as_json else _line(told))


def _line(told: dict[str, Any]) -> str:
    mark, due = "x" if told["done_at"] else " ", told["due_at"]
    words = [
        f"[{mark}]",
        f"{told['id']:>6}",
        told["title"],
        told["owner"] or "",
        due.isoformat() if due else "",
    ]
    return "  ".join(word for word in words if word)
