"""`madoguchi token`: by which programs act for people."""

import json
from typing import Any

import click

from madoguchi.infra import scope
from madoguchi.kernel.actor import Permission, system
from madoguchi.kernel.errors import NotFound
from madoguchi.people import actions
from madoguchi.people.models import AccessToken
from madoguchi.project.cli.asking import company_of, person_of

SHELL = system("madoguchi token")
_REASON = "the shell of the installation belongs to who runs it"
_PERMISSIONS = [permission.value for permission in Permission if permission != Permission.SELF]


@click.group()
def token() -> None:
    """Tokens by which programs act for people."""


@token.command()
@click.argument("email")
@click.option("--name", required=True, help="What it is for; shown in lists and in the log.")
@click.option("--may", "permissions", multiple=True, required=True, type=click.Choice(_PERMISSIONS))
@click.option("--days", default=90, show_default=True, help="How long it is valid, at most 366.")
@click.option("--company", help="Only for this company (its short name).")
@click.option(
    "--desk", "desks", multiple=True, type=int, help="Only cases of this desk (its id); several times."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object with the token.")
def add(
    *,
    email: str,
    name: str,
    permissions: tuple[str, ...],
    days: int,
    company: str | None,
    desks: tuple[int, ...],
    as_json: bool,
) -> None:
    """Make a token that acts as the person EMAIL, and show it: this once, for only its hash is kept.

    Customers belong to the company and not to a desk: with customer.read or customer.edit it reaches those of the
    whole company, whatever --desk says.
    """
    with scope.everywhere(reason=_REASON):
        made, words = actions.make_token(
            person_of(email),
            name=name,
            permissions=[Permission(p) for p in permissions],
            days=days,
            company=company_of(company),
            desks=desks,
            by=SHELL,
        )
        row = _row(made)
    click.echo(json.dumps(row | {"token": words}, ensure_ascii=False) if as_json else words)


@token.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def list_(*, as_json: bool) -> None:
    """List all tokens, newest first."""
    with scope.everywhere(reason=_REASON):
        found = AccessToken.objects.select_related("user", "company").order_by("-pk")
        rows = [_row(each) for each in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "revoked" if row["revoked"] else f"until {row['expires']}"
        click.echo(f"{row['selector']}  {row['email']:<32}  {state:<32}  {row['name']}")


@token.command()
@click.argument("selector")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def revoke(*, selector: str, as_json: bool) -> None:
    """End a token at once. SELECTOR is the part between its underscores, as `list` shows it."""
    with scope.everywhere(reason=_REASON):
        found = AccessToken.objects.select_related("user", "company").filter(selector=selector).first()
        if found is None:
            raise NotFound(f"there is no token {selector}")
        actions.revoke_token(found, by=SHELL)
        found.refresh_from_db()
        row = _row(found)
    click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{selector} opens nothing any more.")


def _row(token: AccessToken) -> dict[str, Any]:
    return {
        "selector": token.selector,
        "email": token.user.email,
        "name": token.name,
        "company": token.company.slug if token.company else None,
        "desks": token.desks,
        "permissions": token.permissions,
        "expires": token.expires_at.isoformat(timespec="seconds"),
        "used_on": token.used_on.isoformat() if token.used_on else None,
        "revoked": token.revoked_at is not None,
    }
