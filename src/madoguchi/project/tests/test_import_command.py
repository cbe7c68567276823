"""`madoguchi import`: where it goes, what it says, and how it ends."""

import hashlib
import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from madoguchi.administration import audit
from madoguchi.administration.wording import event_name
from madoguchi.customers.models import Identity
from madoguchi.imports import running
from madoguchi.imports.sources import Meter
from madoguchi.imports.tests.desks import mail, mbox, told
from madoguchi.infra import stopping
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.cli.import_from import import_
from madoguchi.project.tests.shell import Shell

pytestmark = pytest.mark.django_db
SHELL = Shell(import_)
T0 = datetime(2024, 5, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def where(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How a person names the desk, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    ours = world.ours
    return ["--company", ours.company.slug, "--desk", ours.desk.name, "--as", ours.supervisor.email]


def a_box(tmp_path: Path, count: int = 1) -> str:
    return str(mbox(tmp_path / "box", *(mail(T0, id=f"m{n}@a.example", text=f"{n}") for n in range(count))))


def runs(world: World) -> list[Event]:
    with world.ours.scope():
        return list(Event.objects.filter(kind="import.ran").order_by("id"))


def test_it_brings_mail_in_and_says_how_much(world: World, where: list[str], tmp_path: Path) -> None:
    where = [*where, "--source", "old"]
    said = SHELL.answer("mbox", a_box(tmp_path), *where)

    assert said == {
        "finished": True,
        "dry_run": False,
        "guessed": {},
        "counts": {"mail": {"created": 1}},
        "meanings": [],
        "report": None,
        "first": [],
    }
    assert len(told(world.ours)) == 1
    digest = hashlib.sha256((tmp_path / "box").read_bytes()).hexdigest()
    [run] = runs(world)
    assert (run.actor_id, run.desk_id, run.carried) == (
        world.ours.supervisor.pk,
        world.ours.desk.pk,
        False,
    )
    assert run.data == {
        "system": "mbox",
        "source": "old",
        "files": {"box": digest},
        "counts": {"mail": {"created": 1}},
        "finished": True,
    }
    again = SHELL.run("mbox", a_box(tmp_path), *where)
    assert (again.exit_code, again.stdout) == (
        0,
        "mail                 1 were here already or have no place\n",
    )
    assert [one.data["counts"] for one in runs(world)] == [{"mail": {"created": 1}}, {"mail": {"skipped": 1}}]


def test_a_run_that_breaks_off_is_in_the_log_with_what_it_did(
    world: World, where: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (tmp_path / name for name in ("here", "there"))
    for number, folder in enumerate((here, there)):
        folder.mkdir()
        mbox(folder / "box", mail(T0, id=f"m{number}@a.example"))
    monkeypatch.setattr(running, "AT_ONCE", 1)
    opener = running.SOURCES["mbox"]

    def breaking(paths: object, asked: object) -> object:
        source = opener(paths, asked)  # type: ignore[arg-type]

        def records(meter: Meter) -> object:
            yield next(iter(source.records(meter)))
            raise OSError("the disk is gone")

        return type(source)(size=source.size, records=records)  # type: ignore[arg-type]

    monkeypatch.setitem(running.SOURCES, "mbox", breaking)  # type: ignore[arg-type]
    done = SHELL.run("mbox", str(here / "box"), str(there / "box"), *where)

    assert isinstance(done.exception, OSError)
    [run] = runs(world)
    assert (run.data["counts"], run.data["finished"]) == ({"mail": {"created": 1}}, False)
    assert set(run.data["files"]) == {str(here / "box"), str(there / "box")}


def test_it_stands_in_the_audit_log_in_words(world: World, where: list[str], tmp_path: Path) -> None:
    SHELL.answer("mbox", a_box(tmp_path), *where)
    with world.ours.scope():
        page = audit.page(actor_of(world.ours.company_manager), audit.Filter(kind="import.ran"))
    [entry] = page.entries
    with translation.override("ja"):
        assert str(event_name(entry.kind)) == "ほかのシステムからデータを取り込みました"
    assert (entry.who, dict(entry.details)["counts"]) == (world.ours.supervisor.name, "mail: created: 1")


def test_a_dry_run_changes_nothing(world: World, where: list[str], tmp_path: Path) -> None:
    done = SHELL.run("mbox", a_box(tmp_path), *where, "--dry-run")

    assert (done.exit_code, done.stdout) == (0, "mail                 1 would be new\n")
    assert (told(world.ours), runs(world)) == ([], [])


def test_what_cannot_come_in_is_told_and_ends_nothing(world: World, where: list[str], tmp_path: Path) -> None:
    box = mbox(tmp_path / "box", b"Subject: nobody\n\nhello\n", mail(T0))

    done = SHELL.run("mbox", str(box), *where)

    assert done.exit_code == 1
    assert len(told(world.ours)) == 1
    [line] = [json.loads(one) for one in Path("import-report.jsonl").read_text().splitlines()]
    assert (line["place"], line["outcome"]) == ("box #1", "failed")
    assert line["reason"].startswith("In quarantine: ")


def test_a_card_number_in_place_of_a_phone_number_stays_out_and_its_customer_comes(
    world: World, where: list[str], tmp_path: Path
) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("名前,メール,電話\n花子,hanako@home.example,4111 1111 1111 1111\n太郎,,090-1234-5678\n")
    counts = {"customer": {"created": 2}, "unreadable": {"failed": 1}}

    foreseen = SHELL.run("csv", str(table), *where, "--dry-run", "--json")
    done = SHELL.run("csv", str(table), *where, "--json")
    again = SHELL.run("csv", str(table), *where, "--json")

    assert [json.loads(one.stdout)["counts"] for one in (foreseen, done)] == [counts, counts]
    assert json.loads(again.stdout)["counts"] == {"customer": {"skipped": 2}}
    assert [one.exit_code for one in (foreseen, done, again)] == [1, 1, 0]
    [line] = json.loads(done.stdout)["first"]
    assert (line["place"], line["reason"][:30]) == ("customers.csv line 2", "A card number stands where a p")
    with world.ours.scope():
        reached = set(Identity.objects.values_list("customer__name", "written"))
    assert {("花子", "hanako@home.example"), ("太郎", "090-1234-5678")} <= reached
    assert not [written for _name, written in reached if "4111" in written]


def test_what_words_of_the_other_system_become_is_foreseen_and_said_otherwise(
    world: World, where: list[str], tmp_path: Path
) -> None:
    table = tmp_path / "cases.csv"
    row = "{},件,文,花子,hanako@home.example,2024/05/01 10:00,{},{}\n"
    head = "番号,件名,本文,名前,メール,日時,状態,優先度\n"
    table.write_text(
        head + row.format(1, "様子見", "高") + row.format(2, "pending", "") + row.format(3, "pending", "")
    )

    foreseen = SHELL.run("csv", str(table), *where, "--dry-run")
    said = ("--status", "様子見=on hold", "--status", "pending=open", "--priority", "=low")
    done = SHELL.run("csv", str(table), *where, *said, "--json")

    assert foreseen.exit_code == 1
    assert foreseen.stdout.splitlines()[-4:] == [
        "status               1 様子見 → ? Nobody knows it. Say --status '様子見=…'",
        "priority             2 (none) → normal",
        "priority             1 高 → high",
        "status               2 pending → waiting-customer",
    ]
    assert done.exit_code == 0
    assert json.loads(done.stdout)["meanings"] == [
        {"what": "priority", "written": "", "became": "low", "count": 2},
        {"what": "priority", "written": "高", "became": "high", "count": 1},
        {"what": "status", "written": "pending", "became": "open", "count": 2},
        {"what": "status", "written": "様子見", "became": "waiting_third", "count": 1},
    ]
    assert [case["status"] for case in told(world.ours)] == ["waiting_third", "open", "open"]


def test_a_meaning_that_is_none_is_refused(world: World, where: list[str], tmp_path: Path) -> None:
    done = SHELL.run("mbox", a_box(tmp_path), *where, "--status", "pending=nonsense")

    assert (done.exit_code, told(world.ours)) == (2, [])
    assert "Write WORD=MEANING" in done.output


def test_ctrl_c_ends_it_after_the_record_at_hand(
    world: World, where: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, opener = a_box(tmp_path, count=5), running.SOURCES["mbox"]

    def interrupted(paths: object, asked: object) -> object:
        source = opener(paths, asked)  # type: ignore[arg-type]

        def records(meter: Meter) -> object:
            for number, record in enumerate(source.records(meter)):
                if number == 2:
                    os.kill(os.getpid(), signal.SIGINT)
                yield record

        return type(source)(size=source.size, records=records)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setitem(running.SOURCES, "mbox", interrupted)  # type: ignore[arg-type]
        done = SHELL.run("mbox", box, *where)

    assert (done.exit_code, len(told(world.ours))) == (3, 3)
    assert "Stopped. Begun again it goes on from here." in done.stderr
    assert [(run.data["counts"], run.data["finished"]) for run in runs(world)] == [
        ({"mail": {"created": 3}}, False)
    ]

    stopping._asked.clear()
    assert SHELL.answer("mbox", box, *where)["counts"] == {"mail": {"skipped": 3, "created": 2}}
    assert len(told(world.ours)) == 5


def test_who_may_not_read_the_cases_is_no_importer(world: World, where: list[str], tmp_path: Path) -> None:
    done = SHELL.run("mbox", a_box(tmp_path), *where[:4], "--as", world.theirs.supervisor.email)

    assert (done.exit_code, told(world.ours)) == (2, [])
    assert "does not read this desk's cases" in done.output


def test_a_desk_that_is_another_companys_does_not_exist(
    world: World, where: list[str], tmp_path: Path
) -> None:
    done = SHELL.run("mbox", a_box(tmp_path), *where[:2], "--desk", world.theirs.desk.name, *where[4:])

    assert (done.exit_code, told(world.ours)) == (2, [])


def test_what_is_no_mailbox_is_refused(world: World, where: list[str], tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(b"hello\n")

    done = SHELL.run("mbox", str(tmp_path / "box"), *where)

    assert done.exit_code == 1
    assert told(world.ours) == []
