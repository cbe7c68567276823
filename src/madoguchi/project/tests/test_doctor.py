"""The doctor finds what is wrong, names what to do, and leaves everything as it was."""

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from tests.servers.migrated import install

from madoguchi.bot import jobs
from madoguchi.cases.factories import make_case
from madoguchi.channels.email.models import Mailbox, SmtpServer
from madoguchi.customers.models import RefusalKey
from madoguchi.infra import postgres, scope
from madoguchi.infra.tests.folders import data_folder
from madoguchi.infra.tests.scanner import scanner
from madoguchi.kernel.channel import File
from madoguchi.people.factories import World
from madoguchi.project import conf, doctor, installation
from madoguchi.project.doctor import Finding
from madoguchi.search.actions import index_again, index_all, leave_to_worker
from madoguchi.search.factories import index_everything
from madoguchi.search.models import FileText

from .test_installation import SOURCE, environ, listening

pytestmark = pytest.mark.long


def findings(variables: dict[str, str]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in doctor.examine(conf.read(variables))}


def examined(variables: dict[str, str]) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "madoguchi.project.cli", "doctor", "--json"],
        env=variables,
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def migrated() -> Iterator[Path]:
    with data_folder() as data:
        install(data)
        yield data


def test_an_empty_folder_is_healthy_and_stays_empty(tmp_path: Path) -> None:
    code, report = examined(environ(tmp_path))

    assert code == 0
    assert [finding["subject"] for finding in report["findings"] if finding["state"] == "wrong"] == []
    assert report["settings"]["MADOGUCHI_DATA"] == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_migrated_database_is_right_in_every_respect(migrated: Path) -> None:
    code, report = examined(environ(migrated))

    states = {finding["subject"]: finding["state"] for finding in report["findings"]}
    wrong = [finding for finding in report["findings"] if finding["state"] == "wrong"]
    assert (code, wrong) == (0, [])
    assert {states[subject] for subject in ("Database", "Clock", "Role", "Migrations")} == {"right"}
    assert not postgres.is_running(migrated)


@pytest.mark.django_db(transaction=True)
def test_it_tells_how_far_the_search_is(database_url: str, world: World) -> None:
    point = world.ours.entry_point
    first, *_rest = (make_case(point, text=f"{n}") for n in range(3))
    leave_to_worker(after=first.pk - 1)
    assert next(index_all(most=1)) == first.pk

    behind = doctor.search_index(database_url)
    assert list(index_all()) != []

    assert (behind.state, behind.text) == ("note", "1 of 3 cases are indexed (33 %)")
    after = doctor.search_index(database_url)
    assert (after.state, after.text) == ("right", "all cases are indexed")
    index_again()
    anew = doctor.search_index(database_url)
    words = "0 of 3 cases are indexed anew, the others are found as before (0 %)"
    assert (anew.state, anew.text) == ("note", words)


@pytest.mark.django_db(transaction=True)
def test_it_tells_of_files_that_were_given_up(database_url: str, world: World) -> None:
    make_case(world.ours.entry_point, files=(File("a.txt", "text/plain", "返品".encode()),))
    index_everything()
    before = doctor.files_given_up(database_url)
    with scope.everywhere(reason="a test gives a file up"):
        FileText.objects.update(state=FileText.State.GIVEN_UP)

    told = doctor.files_given_up(database_url)

    assert (before.state, before.text) == ("right", "no file was given up")
    assert (told.state, told.text[:24]) == ("note", "1 files could not be rea")
    assert told.remedy.endswith("then run: madoguchi search --retry-files")


@pytest.mark.django_db(transaction=True)
def test_it_tells_of_refusals_that_cannot_be_matched_any_more(world: World, database_url: str) -> None:
    company, at = world.ours.company.pk, datetime(2026, 11, 29, 3, tzinfo=UTC)
    with world.ours.scope():
        RefusalKey.objects.create(company_id=company, key="00" * 32, renewed_at=at)

    [renewed, right] = doctor.refusal_keys(database_url, settings.SECRET_KEY)
    [wrong, _renewed] = doctor.refusal_keys(database_url, "another")

    assert (renewed.state, renewed.text) == (
        "note",
        f"what was kept for company {company} before 2026-11-29 03:00 UTC is matched no more",
    )
    assert (right.state, right.text) == ("right", "the keys of 1 companies can be read")
    assert (wrong.state, wrong.text) == (
        "wrong",
        f"earlier refusals of company {company} cannot be matched: their key cannot be read",
    )


@pytest.mark.django_db(transaction=True)
def test_it_tells_of_a_bot_that_answers_nobody(database_url: str) -> None:
    before = doctor.bot_queue(database_url)
    jobs.answer(1, company=1)
    jobs.answer(2, company=1)
    fresh = doctor.bot_queue(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE procrastinate_events SET at = now() - interval '9 minutes'")

    told = doctor.bot_queue(database_url)

    assert (before.state, before.text) == ("right", "0 messages wait to be answered")
    assert (fresh.state, fresh.text) == ("right", "2 messages wait to be answered")
    assert (told.state, told.text) == (
        "wrong",
        "2 messages wait to be answered, the oldest for 9 minutes; people are given them",
    )


@pytest.mark.django_db(transaction=True)
def test_it_tells_of_mail_servers_in_networks_that_are_kept_from_companies(
    database_url: str, world: World
) -> None:
    point = world.ours.entry_point
    with world.ours.scope():
        Mailbox.objects.create(
            company=world.ours.company, entry_point=point, host="10.1.2.3", port=993, username="u"
        )
        SmtpServer.objects.create(
            company=world.ours.company, entry_point=point, host="169.254.169.254", port=25
        )

    private, nowhere = doctor.mail_hosts(database_url, [])
    [left] = doctor.mail_hosts(database_url, ["10.0.0.0/8"])

    assert (private.state, private.text) == ("wrong", "10.1.2.3 is at 10.1.2.3, a private network")
    assert "MADOGUCHI_PRIVATE_MAIL_NETWORKS" in private.remedy
    assert (left.state, left.text) == (nowhere.state, nowhere.text)
    assert nowhere.text == "169.254.169.254 is at 169.254.169.254, where no server can be"
    with scope.everywhere(reason="a test"):
        SmtpServer.objects.update(active=False)
    [right] = doctor.mail_hosts(database_url, ["10.0.0.0/8"])
    assert right.state == "right"


def test_a_database_without_tables_needs_migrating(tmp_path: Path) -> None:
    with postgres.running(tmp_path):
        code, report = examined(environ(tmp_path))

    wrong = {finding["subject"]: finding for finding in report["findings"] if finding["state"] == "wrong"}
    assert code == 1
    assert wrong["Role"]["text"] == "madoguchi_app is missing"
    assert wrong["Role"]["remedy"] == "Run: madoguchi migrate"
    assert wrong["Migrations"]["text"] == "some are not applied"


def test_a_role_that_sees_everything_is_found(migrated: Path) -> None:
    with postgres.running(migrated) as url, psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER ROLE madoguchi_app BYPASSRLS")
        found = findings(environ(migrated))["Role"]
        owner.execute("ALTER ROLE madoguchi_app NOBYPASSRLS")

    assert found.state == "wrong"
    assert found.text == "madoguchi_app may see the data of every company"


def test_a_server_that_does_not_answer_is_found(tmp_path: Path) -> None:
    variables = {**environ(tmp_path), "MADOGUCHI_DATABASE_URL": f"postgresql:///madoguchi?host={tmp_path}"}

    found = findings(variables)

    assert found["Database"].state == "wrong"
    assert found["Database"].remedy == "Is the server running, and is MADOGUCHI_DATABASE_URL right?"
    assert (found["Links"].state, found["Secret key"].state) == ("wrong", "note")


def test_a_taken_port_is_found_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    variables = environ(tmp_path)
    with listening(int(variables["MADOGUCHI_SMTP_PORT"])):
        found = findings(variables)["Port"]

    assert found.state == "wrong"
    assert found.remedy == "Or set MADOGUCHI_SMTP_PORT to another."


def test_an_installation_that_runs_but_does_not_answer_is_found(tmp_path: Path) -> None:
    with installation.only_one(tmp_path):
        found = findings(environ(tmp_path))["Doors"]

    assert (found.state, found.text) == ("wrong", "The web server does not answer")


def test_a_scanner_that_answers_is_right(tmp_path: Path) -> None:
    with scanner() as place:
        found = findings({**environ(tmp_path), "MADOGUCHI_CLAMD": place})["ClamAV"]

    assert (found.state, found.text) == ("right", f"answers at {place}")


def test_a_scanner_that_does_not_answer_is_found_with_what_to_do(tmp_path: Path) -> None:
    place = f"unix:{tmp_path}/clamd.ctl"

    found = findings({**environ(tmp_path), "MADOGUCHI_CLAMD": place})["ClamAV"]

    assert (found.state, found.text) == ("wrong", f"{place}: No such file or directory")
    assert found.remedy.startswith("Is clamd running, is MADOGUCHI_CLAMD right")


def test_without_a_scanner_none_is_spoken_of(tmp_path: Path) -> None:
    assert "ClamAV" not in findings(environ(tmp_path))


def test_a_full_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 10**18)

    assert findings(environ(tmp_path))["Disk"].state == "wrong"


def test_packages_that_are_not_as_locked_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text(
        "click==0.1 \\\n    --hash=sha256:00\nnever-heard-of==1.0\nonly-windows==1.0 ; sys_platform == 'win32'\n"
    )
    monkeypatch.setattr(doctor, "LOCK", lock)

    found = findings(environ(tmp_path))["Packages"]

    assert found.state == "wrong"
    assert found.text.endswith("and 0.1 is locked; never-heard-of 1.0 is missing")
    assert found.remedy == "Run: make run (it installs what is locked)"


def test_a_package_locked_apart_for_some_pythons_is_right_in_either_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, lock = importlib.metadata.version("click"), tmp_path / "run.txt"
    lock.write_text(
        f"click=={now} ; python_full_version < '3.12' \\\nclick==99.0 ; python_full_version >= '3.12' \\\n"
    )
    monkeypatch.setattr(doctor, "LOCK", lock)

    assert (doctor._packages().state, doctor._packages().text) == ("right", "all 1 as locked")


def test_a_folder_in_a_place_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    found = findings({**environ(tmp_path), "MADOGUCHI_DATA": str(tmp_path / "file" / "data")})["Data folder"]

    assert found.state == "wrong"


def test_bad_settings_are_findings_too(tmp_path: Path) -> None:
    code, report = examined({**environ(tmp_path), "MADOGUCHI_PORT": "x", "PYTHONPATH": str(SOURCE)})

    assert code == 1
    assert [finding["text"] for finding in report["findings"]] == [
        "MADOGUCHI_PORT=x must be a whole number from 1 to 65535."
    ]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    variables = {**environ(tmp_path), "MADOGUCHI_SECRET_KEY": "geheim"}

    assert doctor.settings_in_force(conf.read(variables))["MADOGUCHI_SECRET_KEY"] == "(set)"
    assert "MADOGUCHI_SECRET_KEY" not in os.environ
