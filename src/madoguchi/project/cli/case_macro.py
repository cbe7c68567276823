"""`madoguchi case macro`: several acts on a case at once, and back."""

import json
from typing import Any

import click

from madoguchi.desk.merging import number_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.macros.actions import Ran, run_macro, undo_run
from madoguchi.macros.models import Macro
from madoguchi.macros.queries import macros_for, run_of
from madoguchi.project.cli.asking import actor_named, agreed_by, case_seen_by


@click.command()
@click.argument("number")
@click.argument("name", default="")
@click.option("--as", "email", required=True, help="The mail address of who runs it.")
@click.option("--undo", type=int, help="The id of a run, which is undone.")
@click.option("--confirm", is_flag=True, help="Give the case to somebody who is not here, too.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, or a list of those there are.")
def macro(number: str, name: str, *, email: str, undo: int | None, confirm: bool, as_json: bool) -> None:
    """Run the macro NAME on the case NUMBER, with the rights of the person named; without NAME list those there are."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        case = case_seen_by(actor, number)
        there = macros_for(case, actor=actor)
        said: Any
        if undo is not None:
            said = _undone(undo, actor)
        elif name:
            with agreed_by("--confirm"):
                ran = run_macro(_named(name, there), case, by=actor, confirmed=None if confirm else ())
            said = _ran(number_of(case), ran)
        else:
            said = [{"id": one.pk, "name": one.name, "for": "desk" if one.desk_id else "me"} for one in there]
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else _words(said))


def _named(name: str, there: list[Macro]) -> Macro:
    found = [one for one in there if name in (one.name, str(one.pk))]
    if len(found) != 1:
        raise NotFound(
            f"{len(found)} macros for this case are called {name}; without a name they are listed."
        )
    return Macro.objects.get(pk=found[0].pk)


def _ran(number: str, ran: Ran) -> dict[str, Any]:
    return {
        "case": number,
        "macro": ran.run.macro.name,
        "run": ran.run.pk,
        "texts": ran.texts,
        "undone": False,
    }


def _undone(run: int, actor: Actor) -> dict[str, Any]:
    found = run_of(run, actor=actor)
    undo_run(found, by=actor)
    return _ran(number_of(found.case), Ran(found)) | {"undone": True}


def _words(said: Any) -> str:
    if isinstance(said, list):
        return "\n".join(f"{one['id']:>6}  {one['for']:<8}  {one['name']}" for one in said) or "No macro."
    done = "Undone" if said["undone"] else "Done"
    return f"{done}: {said['macro']} on {said['case']} (run {said['run']}; --undo {said['run']} undoes it)"
