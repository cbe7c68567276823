"""`madoguchi case fill`: what a desk wants to know of a case; and how `case show` tells it."""

import json
from typing import Any

import click
from django.db import transaction

from madoguchi.cases.actions import choose_matter
from madoguchi.cases.actions import fill as fill_in
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.customers.queries import show
from madoguchi.fields.models import Field
from madoguchi.fields.references import Names, names_of
from madoguchi.fields.values import asked, say_value
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.project.cli.asking import actor_named, case_seen_by


@click.command()
@click.argument("number")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--as", "email", required=True, help="The mail address of who fills it in.")
@click.option("--matter", help="Of which kind the matter is (its name); empty for none.")
@click.option("--json", "as_json", is_flag=True)
def fill(number: str, values: tuple[str, ...], *, email: str, matter: str | None, as_json: bool) -> None:
    """Fill in what the desk wants to know of a case: all of it, or nothing. FIELD is a label or an id."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies), transaction.atomic():
        found = case_seen_by(actor, number)
        if matter is not None:
            choose_matter(found, to=_matter(found, matter), by=actor)
        for written in values:
            _fill_one(found, written, actor)
        told = filled_in(found, actor=actor)
    lines = [f"{one['label']}: {one['words']}" for one in told["fields"]]
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines))


def filled_in(case: Case, *, actor: Actor | None = None) -> dict[str, Any]:
    """What a case is known to be: its kind of matter and the values of its fields, also of those no longer asked."""
    wanted = asked_of(case)
    now = asked(wanted.form, case.filled)
    known = [field for field in [*wanted.form, *wanted.old] if field in now or field.key in case.filled]
    values = [case.filled[field.key] for field in known if field.key in case.filled]
    names = names_of(values, actor=actor)
    return {
        "matter": wanted.matter.name if wanted.matter else None,
        "fields": [
            _told(field, _seen(field, case.filled.get(field.key), actor), names, asked=field in now)
            for field in known
        ],
    }


def _seen(field: Field, value: Any, actor: Actor | None) -> Any:
    """A value as this person may see what it holds of the customer; without an actor, whole."""
    if actor is None or not field.holds or value is None:
        return value
    return show(say_value(field, value), field.holds, actor.data_scope(company=field.company_id))


def _told(field: Field, value: Any, names: Names, *, asked: bool) -> dict[str, Any]:
    words = names.of(value) if isinstance(value, dict) else value
    return {
        "id": field.pk,
        "label": field.label,
        "kind": field.kind,
        "value": value,
        "words": "" if words is None else str(words),
        "asked": asked,
        "required": field.required,
    }


def _matter(case: Case, name: str) -> int | None:
    if not name:
        return None
    found = next((one for one in asked_of(case).matters if one.name == name), None)
    if found is None:
        raise click.BadParameter(f"The desk knows no kind of matter called {name}.", param_hint="--matter")
    return found.pk


def _fill_one(case: Case, written: str, actor: Actor) -> None:
    name, equals, value = written.partition("=")
    form = asked_of(case).form
    found = next((field for field in form if name in (field.label, field.key)), None)
    if found is None or not equals:
        raise click.BadParameter(f"The case is not asked for {name}.", param_hint="FIELD=VALUE")
    fill_in(case, field=found.pk, written=value, by=actor)
