"""`madoguchi token`."""

import json

import pytest
from click.testing import CliRunner

from madoguchi.people.factories import World
from madoguchi.people.models import AccessToken
from madoguchi.people.tokens import token_shown
from madoguchi.project.cli.token import token

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    done = CliRunner().invoke(token, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_token_is_made_listed_and_revoked(world: World) -> None:
    email = world.ours.agent.email
    made = json.loads(run("add", email, "--name", "倉庫", "--may", "case.read", "--days", "7", "--json"))
    shown = token_shown(made["token"])
    assert shown is not None
    (row,) = json.loads(run("list", "--json"))
    assert (row["email"], row["permissions"], row["revoked"]) == (email, ["case.read"], False)
    assert "token" not in row
    assert json.loads(run("revoke", row["selector"], "--json"))["revoked"] is True
    assert token_shown(made["token"]) is None
    assert "revoked" in run("list")


def test_a_token_for_one_company(world: World) -> None:
    slug = world.ours.company.slug
    words = run("add", world.ours.agent.email, "--name", "x", "--may", "case.read", "--company", slug).strip()
    shown = token_shown(words)
    assert shown is not None
    assert shown.company_id == world.ours.company.pk


def test_the_help_says_what_a_desk_does_not_narrow() -> None:
    words = " ".join(run("add", "--help").split())
    assert "with customer.read or customer.edit it reaches those of the whole company" in words


def test_a_permission_that_is_none_makes_nothing(world: World) -> None:
    done = CliRunner().invoke(token, ["add", world.ours.agent.email, "--name", "x", "--may", "self"])
    assert done.exit_code == 2
    assert not AccessToken.objects.exists()
