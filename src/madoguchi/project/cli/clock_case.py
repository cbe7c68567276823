"""`madoguchi clock write`, `try`, `switch`, `show`, `events`: service levels of desks, and clocks of cases here."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.project.cli.asking import actor_named, case_anywhere
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.clocks import read_clocks
from madoguchi.promises.happened import events_of
from madoguchi.promises.long_trial import found_by, start_trial, stop_trial, work
from madoguchi.promises.models import LevelsTrial
from madoguchi.promises.queries import levels_to_set, policies_of
from madoguchi.promises.said import document, event_as_json
from madoguchi.promises.story import tell
from madoguchi.promises.trial import Trial

_SHELL = "the shell of an installation shows the clocks of any case"
_AS = click.option("--as", "email", required=True, help="Who sets up the desk.")
_DESK = click.option("--desk", required=True, help="The desk, by its name or id.")
NOT_RIGHT = 2


@click.command()
@click.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_DESK
@_AS
def write(policy: Path, *, desk: str, email: str) -> None:
    """Say by the file POLICY what a desk keeps towards its customers; `switch` takes it into use (docs/clocks.md)."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        try:
            levels = set_levels(_desk(desk, actor), text=policy.read_text(encoding="utf-8-sig"), by=actor)
        except (Refused, UnicodeDecodeError) as error:
            click.echo(f"{policy}: {error}", err=True)
            sys.exit(NOT_RIGHT)
    click.echo(f"{levels.desk}: version {levels.version}, {'in use' if levels.active else 'not in use'}")


@click.command()
@_DESK
@_AS
@click.option("--off", is_flag=True, help="Out of use; clocks that are there stay.")
def switch(*, desk: str, email: str, off: bool) -> None:
    """Take the service levels of a desk into use: cases that are opened from now on have clocks."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        found = _desk(desk, actor)
        levels = levels_to_set(actor, found)
        if levels is None:
            raise click.BadParameter(f"{desk} has no service levels. Set them first.", param_hint="--desk")
        switch_levels(levels, active=not off, by=actor)
    click.echo(f"{desk}: {'out of use' if off else 'in use'}")


@click.command("try")
@click.argument("policy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_DESK
@_AS
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def try_(policy: Path, *, desk: str, email: str, as_json: bool) -> None:
    """Try the file POLICY on all cases of a desk of the last 90 days. Nothing is changed; Ctrl-C stops it."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        try:
            trial = start_trial(_desk(desk, actor), text=policy.read_text(encoding="utf-8-sig"), by=actor)
        except (Refused, Conflict, UnicodeDecodeError) as error:
            click.echo(f"{policy}: {error}", err=True)
            sys.exit(NOT_RIGHT)
    _work_on(trial, actor)
    with scope.acting_for(actor.companies):
        trial.refresh_from_db()
        found = found_by(trial)
    click.echo(json.dumps(_as_json(trial, found)) if as_json else _as_lines(trial, found))


def _work_on(trial: LevelsTrial, actor: Actor) -> None:
    """In this process, as a worker would, which may take it up at the same time."""
    try:
        work(trial.pk, company=trial.company_id)
    except KeyboardInterrupt:
        with scope.acting_for(actor.companies):
            stop_trial(trial, by=actor)


def _as_json(trial: LevelsTrial, found: Trial) -> dict[str, Any]:
    kept = {
        one.metric.value: {"kept": one.kept, "broken": one.broken, "running": one.running}
        for one in found.kept
    }
    return {"state": trial.state, "cases": trial.done, "of": trial.total, "clocks": kept}


def _as_lines(trial: LevelsTrial, found: Trial) -> str:
    lines = [
        f"{one.metric.value:<16}{one.kept:>8,} kept {one.broken:>8,} broken {one.running:>8,} running"
        f"{'' if one.rate is None else f'  {one.rate:.1%}'}"
        for one in found.kept
    ]
    return "\n".join([f"{trial.done:,} of {trial.total:,} cases, {trial.state}", *lines])


@click.command()
@click.argument("number")
def show(number: str) -> None:
    """Print the clocks of a case as they stand now, in the form of `replay`."""
    with scope.everywhere(reason=_SHELL):
        case = case_anywhere(number)
        events = events_of(case)
        at = max(clock.now(), events[-1].at)
        clocks = read_clocks(tell(events), policies_of(case, events), at=at)
    click.echo(json.dumps(document(clocks, at=at), ensure_ascii=False, indent=2))


@click.command()
@click.argument("number")
def events(number: str) -> None:
    """Print what happened to a case, as `replay` reads it. It holds no word of the customer."""
    with scope.everywhere(reason=_SHELL):
        found = events_of(case_anywhere(number))
    for event in found:
        click.echo(json.dumps(event_as_json(event), ensure_ascii=False))


@click.command()
@_DESK
@_AS
def policy(*, desk: str, email: str) -> None:
    """Print what a desk keeps towards its customers, as it was set."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        levels = levels_to_set(actor, _desk(desk, actor))
    if levels is None:
        raise click.BadParameter(f"{desk} has no service levels.", param_hint="--desk")
    click.echo(levels.text)


def _desk(name: str, actor: Actor) -> Desk:
    found = [desk for desk in Desk.objects.select_related("company") if name in (desk.name, str(desk.pk))]
    if len(found) != 1:
        raise click.BadParameter(f"{len(found)} desks are called {name}.", param_hint="--desk")
    return found[0]
