"""`madoguchi webhook`: what a company's own systems are told, and how that went."""

import json
from typing import Any

import click

from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.project.cli.asking import company_of
from madoguchi.webhooks import actions
from madoguchi.webhooks.models import Delivery, Endpoint
from madoguchi.webhooks.public import COMPANY_KINDS
from madoguchi.webhooks.queries import deliveries_of, delivery_of, endpoint_of, endpoints_of

SHELL = system("madoguchi webhook")
_REASON = "the shell of the installation belongs to who runs it"


@click.group()
def webhook() -> None:
    """Where events of a company are sent."""


@webhook.command()
@click.argument("company")
@click.argument("url")
@click.option(
    "--type", "kinds", multiple=True, type=click.Choice(sorted(COMPANY_KINDS)), help="Default: all."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object with the secret.")
def add(*, company: str, url: str, kinds: tuple[str, ...], as_json: bool) -> None:
    """Send the events of COMPANY (its short name) to URL, and show the secret that signs them: this once."""
    with scope.everywhere(reason=_REASON):
        made = actions.add_endpoint(company_of(company), url=url, kinds=kinds, by=SHELL)
        row = _row(made) | {"secret": made.secret}
    click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{row['id']}  {row['secret']}")


@webhook.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def list_(*, as_json: bool) -> None:
    """List the endpoints of all companies."""
    with scope.everywhere(reason=_REASON):
        rows = [_row(each) for each in endpoints_of(SHELL)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['id']:>5}  {row['company']:<16}  {row['off'] or 'on':<36}  {row['url']}")


@webhook.command()
@click.argument("endpoint", type=int)
@click.option("--most", default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def log(*, endpoint: int, most: int, as_json: bool) -> None:
    """What was sent to ENDPOINT, the newest first, and what it said."""
    with scope.everywhere(reason=_REASON):
        rows = [_sent(each) for each in deliveries_of(endpoint_of(endpoint, actor=SHELL))[:most]]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        said = row["status"] or row["response"]
        click.echo(f"{row['id']:>8}  {row['state']:<10}  {row['tries']:>2}  {row['type']:<24}  {said}")


@webhook.command()
@click.argument("delivery", type=int)
def replay(*, delivery: int) -> None:
    """Send DELIVERY once more, under the same id."""
    with scope.everywhere(reason=_REASON):
        actions.replay(delivery_of(delivery, actor=SHELL), by=SHELL)
    click.echo(f"{delivery} is sent once more.")


@webhook.command()
@click.argument("endpoint", type=int)
@click.option("--on/--off", default=True, help="On again, or off.")
def switch(*, endpoint: int, on: bool) -> None:
    """Switch ENDPOINT on or off."""
    with scope.everywhere(reason=_REASON):
        actions.switch(endpoint_of(endpoint, actor=SHELL), on=on, by=SHELL)
    click.echo(f"{endpoint} is {'on' if on else 'off'}.")


@webhook.command()
@click.argument("endpoint", type=int)
def rotate(*, endpoint: int) -> None:
    """Give ENDPOINT a new secret and show it: this once. For a day the old one signs beside it."""
    with scope.everywhere(reason=_REASON):
        found = endpoint_of(endpoint, actor=SHELL)
        actions.rotate_secret(found, by=SHELL)
    click.echo(found.secret)


@webhook.command()
@click.argument("endpoint", type=int)
def remove(*, endpoint: int) -> None:
    """Tell ENDPOINT nothing any more."""
    with scope.everywhere(reason=_REASON):
        actions.remove_endpoint(endpoint_of(endpoint, actor=SHELL), by=SHELL)
    click.echo(f"{endpoint} is told nothing any more.")


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.pk,
        "company": endpoint.company.slug,
        "url": endpoint.url,
        "types": endpoint.kinds,
        "off": endpoint.off_why,
        "failing_since": endpoint.failing_since and endpoint.failing_since.isoformat(),
    }


def _sent(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "event": delivery.event_id,
        "type": delivery.kind,
        "state": delivery.state,
        "tries": delivery.tries,
        "status": delivery.status,
        "response": delivery.response,
        "due_at": delivery.due_at.isoformat(),
        "tried_at": delivery.tried_at and delivery.tried_at.isoformat(),
    }
