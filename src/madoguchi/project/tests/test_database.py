"""Who signs in to the database as whom."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.servers.migrated import install

from madoguchi.infra import postgres
from madoguchi.infra.tests.folders import data_folder
from madoguchi.project import conf, doctor, migration
from madoguchi.project.database import app_url, connection_settings, owner_url

from .test_installation import environ

OWN = "postgresql://madoguchi_app:a@db.example.jp/shop"
OWNER = "postgresql://madoguchi:b@db.example.jp/shop"


@pytest.fixture(scope="module")
def installed() -> Iterator[Path]:
    """A data folder whose database is migrated, and its server is running."""
    with data_folder() as data:
        install(data)
        with postgres.running(data):
            yield data


@pytest.mark.parametrize(
    ("given", "app", "owner"),
    [
        ({}, ("madoguchi_app", "", None), ("madoguchi", "", None)),
        # One user is both: it acts as the other once it is in.
        ({"DATABASE_URL": OWNER}, ("madoguchi", "b", "-c role=madoguchi_app"), ("madoguchi", "b", None)),
        ({"DATABASE_URL": OWN}, ("madoguchi_app", "a", None), ("madoguchi_app", "a", None)),
        (
            {"DATABASE_URL": OWN, "OWNER_DATABASE_URL": OWNER},
            ("madoguchi_app", "a", None),
            ("madoguchi", "b", None),
        ),
    ],
)
def test_the_product_and_the_owner_sign_in_apart(
    given: dict[str, str], app: tuple[str, str, str | None], owner: tuple[str, str, str | None]
) -> None:
    config = conf.read({f"MADOGUCHI_{name}": value for name, value in given.items()})

    for expected, is_owner in ((app, False), (owner, True)):
        made = connection_settings(config, owner=is_owner)
        assert (made["USER"], made["PASSWORD"], made["OPTIONS"].get("options")) == expected


def test_services_do_not_know_how_the_owner_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_OWNER_DATABASE_URL", OWNER)
    monkeypatch.setenv("MADOGUCHI_PORT", "8001")

    assert "MADOGUCHI_OWNER_DATABASE_URL" not in migration.environment_of_services()
    assert migration.environment_of_services()["MADOGUCHI_PORT"] == "8001"
    assert migration.environment()["MADOGUCHI_OWNER_DATABASE_URL"] == OWNER


@pytest.mark.long
def test_the_running_product_cannot_become_the_owner_of_the_tables(installed: Path) -> None:
    config = conf.read(environ(installed))

    with psycopg.connect(app_url(config), autocommit=True) as product:
        for statement in (
            "SET ROLE madoguchi",
            "SET SESSION AUTHORIZATION madoguchi",
            "DROP TABLE cases_case",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                product.execute(statement)
        product.execute("SET ROLE NONE")
        asked = product.execute(
            "SELECT session_user, current_user, to_regclass('cases_case') IS NULL"
        ).fetchall()

    assert asked == [("madoguchi_app", "madoguchi_app", False)]


@pytest.mark.long
def test_the_running_product_tells_the_planner_what_is_in_its_tables(installed: Path) -> None:
    with psycopg.connect(app_url(conf.read(environ(installed))), autocommit=True) as product:
        heard: list[str] = []
        product.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
        product.execute("ANALYZE cases_case")

    assert heard == []


@pytest.mark.long
def test_a_role_made_by_an_older_version_is_let_in_by_the_next_migrating(installed: Path) -> None:
    config = conf.read(environ(installed))
    with psycopg.connect(owner_url(config), autocommit=True) as owner:
        owner.execute("ALTER ROLE madoguchi_app NOLOGIN")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(app_url(config))

    migrate = [sys.executable, "-P", "-m", "madoguchi.project.cli", "migrate"]
    subprocess.run(migrate, env=environ(installed), check=True, capture_output=True)

    psycopg.connect(app_url(config)).close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("user", "state", "words"),
    [("madoguchi_app", "right", "bound by"), ("madoguchi", "note", "signed in as the owner")],
)
def test_the_doctor_says_when_the_product_signs_in_as_the_owner(
    installed: Path, user: str, state: str, words: str
) -> None:
    own = postgres.database_url(installed, user=user)
    variables = environ(installed) | {
        "MADOGUCHI_DATABASE_URL": own,
        "MADOGUCHI_OWNER_DATABASE_URL": postgres.database_url(installed),
    }

    [found] = [each for each in doctor.examine(conf.read(variables)) if each.subject == "Role"]

    assert found.state == state
    assert words in found.text
