"""`madoguchi view`: saved views, with the rights of a person."""

import json

import click

from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import desks_of
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.project.cli.asking import actor_named
from madoguchi.views.actions import add_view, delete_view, restore_view
from madoguchi.views.models import SavedView
from madoguchi.views.orders import NEWEST
from madoguchi.views.queries import view_by_id, view_counts, views_of

_AS = click.option("--as", "email", required=True, help="The mail address of who asks.")


@click.group()
def view() -> None:
    """Saved views."""


@view.command(name="list")
@_AS
@click.option("--json", "as_json", is_flag=True)
def list_(*, email: str, as_json: bool) -> None:
    """List the views a person sees, and how many cases each holds for them."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        views = views_of(actor)
        counts = view_counts(views, desks=desks_of(actor), actor=actor)
        rows = [
            {name: getattr(v, name) for name in ("name", "audience", "filter", "columns", "order")}
            | {"id": v.pk, "desk": v.desk_id}
            | ({"count": counts[v.pk].found, "more": counts[v.pk].more} if v.pk in counts else {})
            for v in views
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['id']:>6}  {row.get('count', '')}{'+' if row.get('more') else ''}  {row['name']}")


@view.command()
@click.argument("name")
@click.option("--filter", "written", required=True, help="The filter as JSON.")
@_AS
@click.option("--desk", help="For the people of this desk (its name or id).")
@click.option("--company", help="For all desks of this company (its short name).")
@click.option("--order", default=NEWEST, help="newest, waiting, priority, due; up:ID or down:ID by a field.")
def add(name: str, *, written: str, email: str, desk: str | None, company: str | None, order: str) -> None:
    """Save a filter under a name; without --desk and --company for the person alone."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        place = _desk(actor, desk) if desk else None
        audience = SavedView.Audience.DESK if desk else SavedView.Audience.COMPANY
        if not (desk or company):
            audience = SavedView.Audience.OWNER
        try:
            saved = add_view(
                place.company if place else _company(actor, company),
                audience=audience,
                desk=place,
                name=name,
                filter=json.loads(written),
                order=order,
                by=actor,
            )
        except (json.JSONDecodeError, Refused) as error:
            raise click.BadParameter(str(error)) from None
    click.echo(saved.pk)


@view.command()
@click.argument("pk", type=int)
@_AS
@click.option("--restore", is_flag=True, help="Take a deleted one back.")
def delete(pk: int, *, email: str, restore: bool) -> None:
    """Delete a view, or take it back."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        found = view_by_id(pk, actor=actor, deleted=restore)
        (restore_view if restore else delete_view)(found, by=actor)


def view_named(name: str, actor: Actor) -> SavedView:
    """The view of this name or id that a person sees. Raises BadParameter."""
    found = [v for v in views_of(actor) if name in (v.name, str(v.pk))]
    if len(found) != 1:
        said = "No view is" if not found else "Several views are"
        raise click.BadParameter(f"{said} called {name}.", param_hint="--view")
    return found[0]


def _desk(actor: Actor, name: str) -> Desk:
    found = [desk for desk in desks_of(actor) if name in (desk.name, str(desk.pk))]
    if len(found) != 1:
        raise click.BadParameter(f"{len(found)} desks are called {name}.", param_hint="--desk")
    return found[0]


def _company(actor: Actor, slug: str | None) -> Company:
    found = [c for c in Company.objects.filter(pk__in=actor.companies) if slug in (None, c.slug)]
    if len(found) != 1:
        raise click.BadParameter("Name one company by --company.", param_hint="--company")
    return found[0]
