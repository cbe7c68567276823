"""`madoguchi user`: people and their passwords."""

import json
import secrets
import sys
from typing import Any

import click
from django.conf import settings

from madoguchi.companies.models import OperatorCompany
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role, system
from madoguchi.kernel.errors import NotFound
from madoguchi.people import actions
from madoguchi.people.models import User
from madoguchi.people.queries import people_to_look_after, standing_of
from madoguchi.project.cli.asking import company_of, person_of

SHELL = system("madoguchi user")
SAMPLES = "sample-sign-ins.json"
_REASON = "the shell of the installation belongs to who runs it"
_ROLES = [role.value for role in Role if role != Role.ADMINISTRATOR]


@click.group()
def user() -> None:
    """People and their passwords."""


@user.command(name="list")
@click.option("--query", default="", help="Only people with these words in name, reading or address.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def list_(*, query: str, as_json: bool) -> None:
    """List people, by name."""
    with scope.everywhere(reason=_REASON):
        rows = [_row(person) for person in people_to_look_after(SHELL, words=query)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "" if row["active"] else "  (locked out)"
        click.echo(f"{row['email']:<36}  {row['name']}{state}")


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The name as customers and colleagues read it.")
@click.option("--kana", default="", help="Its reading.")
@click.option("--administrator", is_flag=True, help="An administrator of the installation.")
@click.option("--operator", help="The operator (its name) that employs them; needs --role.")
@click.option("--company", help="The company (its short name) they are of; needs --role.")
@click.option("--role", type=click.Choice(_ROLES), help="Their role there.")
@click.option("--password", help="Their password; - reads standard input. Without it, one is made and shown.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object with the password.")
def add(
    *,
    email: str,
    name: str,
    kana: str,
    administrator: bool,
    operator: str | None,
    company: str | None,
    role: str | None,
    password: str | None,
    as_json: bool,
) -> None:
    """Add a person with one role. Further roles and desks are given in the settings pages."""
    if [administrator, operator is not None, company is not None].count(True) != 1:
        raise click.UsageError("Say one of --administrator, --operator or --company.")
    if (role is None) != administrator:
        raise click.UsageError("--role goes with --operator or --company.")
    with scope.everywhere(reason=_REASON):
        person = actions.add_person(
            email=email,
            name=name,
            kana=kana,
            operator=_operator(operator),
            company=company_of(company),
            role=Role(role) if role else Role.ADMINISTRATOR,
            by=SHELL,
        )
        given = _give_password(person, password)
    _tell_password(person, given, as_json=as_json)


@user.command()
@click.argument("email")
@click.option("--password", help="The password; - reads standard input. Without it, one is made and shown.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object with the password.")
def password(*, email: str, password: str | None, as_json: bool) -> None:
    """Give a person a new password and end their sessions."""
    with scope.everywhere(reason=_REASON):
        person = person_of(email)
        given = _give_password(person, password)
    _tell_password(person, given, as_json=as_json)


@user.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def deactivate(*, email: str, as_json: bool) -> None:
    """Lock a person out at once and end their sessions."""
    with scope.everywhere(reason=_REASON):
        person = person_of(email)
        ended = actions.deactivate(person, by=SHELL)
    said = {"email": person.email, "sessions_ended": ended}
    click.echo(json.dumps(said) if as_json else f"{person.email} is locked out; {ended} sessions were ended.")


@user.command()
@click.argument("email")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def reactivate(*, email: str, as_json: bool) -> None:
    """Let a person sign in again, with the roles they had."""
    with scope.everywhere(reason=_REASON):
        person = person_of(email)
        actions.reactivate(person, by=SHELL)
    said = {"email": person.email, "active": True}
    click.echo(json.dumps(said) if as_json else f"{person.email} may sign in again.")


@user.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def samples(*, as_json: bool) -> None:
    """Print the sign-ins of the sample people."""
    file = settings.DATA / SAMPLES
    if not file.exists():
        where = f"There are no sample people in {settings.DATA}."
        raise click.ClickException(
            f"{where} Set MADOGUCHI_DATA to the folder that has them, or make some there by `madoguchi seed`."
        )
    rows = json.loads(file.read_text())
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['email']:<32}  {row['password']}  {row['role']}  {row['name']}  {row['where']}")


def _row(person: User) -> dict[str, Any]:
    standing = standing_of(person)
    return {
        "email": person.email,
        "name": person.name,
        "active": person.is_active,
        "administrator": person.is_administrator,
        "operators": sorted(standing.operators),
        "companies": sorted(standing.companies),
    }


def _operator(name: str | None) -> int | None:
    if name is None:
        return None
    found = OperatorCompany.objects.filter(name=name).first()
    if found is None:
        raise NotFound(f"there is no operator named {name}")
    return found.pk


def _give_password(person: User, wanted: str | None) -> str:
    given = sys.stdin.readline().rstrip("\n") if wanted == "-" else wanted or secrets.token_urlsafe(12)
    actions.set_password(person, password=given, by=SHELL)
    return given


def _tell_password(person: User, given: str, *, as_json: bool) -> None:
    said = {"email": person.email, "password": given}
    click.echo(json.dumps(said) if as_json else f"{person.email}  password: {given}")
