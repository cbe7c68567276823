"""Uploaded files: looked at, brought in once, stopped and gone on with, and thrown away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.cases.models import Case
from madoguchi.imports import running
from madoguchi.imports.actions import working
from madoguchi.imports.actions.target import _LOCK
from madoguchi.imports.actions.uploading import KEPT_DAYS, look_again, start, stop, throw_away, upload
from madoguchi.imports.actions.working import forget_old, resume_left_over, work
from madoguchi.imports.models import Upload
from madoguchi.imports.queries import upload_of, uploads_of
from madoguchi.imports.tests.desks import told
from madoguchi.infra import scope, stopping
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
CASES = (
    "受付番号,件名,内容,お名前,メール,状態,日時\r\n"
    "1,届きません,注文した品が届きません。,髙橋 ①,hanako@home.example,完了,2024/05/01 10:00\r\n"
    "2,返品したい,サイズが違いました。,佐藤,sato@home.example,様子見,2024/05/02 10:00\r\n"
    "3,電話ください,折り返しを。,鈴木,nowhere,完了,2024/05/03 10:00\r\n"
)


def a_file(text: str = CASES, letters: str = "cp932", name: str = "cases.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(letters))


def uploaded(world: World, *files: SimpleUploadedFile, by: User | None = None, **more: Any) -> Upload:
    given = {"system": "csv", "said": {}} | more
    with world.ours.scope():
        who = actor_of(by or world.ours.company_manager)
        return upload(files or (a_file(),), desk=world.ours.desk, by=who, **given)


def go(found: Upload) -> Upload:
    work(found.pk, company=found.company_id)
    return now(found)


def now(found: Upload) -> Upload:
    with scope.acting_for([found.company_id]):
        return Upload.objects.get(pk=found.pk)


def do(act: Any, found: Upload, world: World, **more: Any) -> Upload:
    with world.ours.scope():
        act(found, by=actor_of(world.ours.company_manager), **more)
    return now(found)


def lines(found: Upload) -> list[tuple[str, str, str]]:
    with scope.acting_for([found.company_id]):
        return list(found.lines.order_by("id").values_list("place", "outcome", "reason"))


def kept_files(found: Upload) -> list[bytes]:
    folder = Path(settings.FILES_ROOT) / str(found.company_id) / "uploads" / found.folder
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def events(world: World) -> list[tuple[str, int | None]]:
    with world.ours.scope():
        rows = Event.objects.filter(kind__startswith="import.").order_by("id")
        return [(row.kind, row.actor_id) for row in rows]


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every record is a portion of its own."""
    monkeypatch.setattr(running, "AT_ONCE", 1)


@pytest.fixture
def busy(world: World) -> Iterator[None]:
    """Another import goes into the company, from the command line."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f"SELECT {_LOCK.format('try_advisory_lock')}", [world.ours.company.pk])
    yield
    other.close()


def test_what_would_come_is_shown_in_the_owners_words_and_nothing_changes(world: World) -> None:
    found = go(uploaded(world))

    assert (found.state, found.trouble, found.passed) == ("looked", "", 3)
    assert found.found["counts"] == {"case": {"created": 1}, "unreadable": {"failed": 2}}
    assert found.found["headings"] == ["受付番号", "件名", "内容", "お名前", "メール", "状態", "日時"]
    assert found.found["guessed"]["letters"] == "cp932"
    assert [(s["who"], s["what"]) for s in found.found["samples"]] == [("髙橋 ①", "届きません")]
    assert ["status", "様子見", "", 1] in found.found["words"]
    assert lines(found) == [
        (
            "cases.csvの3行目",
            "failed",
            "状態「様子見」の意味がわかりません。何に当たるかを指定してください。",
        ),
        ("cases.csvの4行目", "failed", "「nowhere」はメールアドレスではありません。"),
    ]
    assert told(world.ours) == []
    assert events(world) == [("import.uploaded", world.ours.company_manager.pk)]


def test_it_comes_in_as_was_said_and_a_second_upload_brings_nothing_twice(world: World) -> None:
    found = go(uploaded(world))
    found = go(do(look_again, found, world, said={"statuses": {"様子見": "waiting_customer"}}))
    assert found.found["counts"] == {"case": {"created": 2}, "unreadable": {"failed": 1}}

    found = go(do(start, found, world))

    assert (found.state, found.found["counts"]) == (
        "done",
        {"case": {"created": 2}, "unreadable": {"failed": 1}},
    )
    assert [(c["subject"], c["customer"], c["status"]) for c in told(world.ours)] == [
        ("届きません", "髙橋 ①", "closed"),
        ("返品したい", "佐藤", "waiting_customer"),
    ]
    assert [kind for kind, _by in events(world)] == ["import.uploaded", "import.started", "import.ran"]

    again = go(uploaded(world, said={"statuses": {"様子見": "waiting_customer"}}))
    again = go(do(start, again, world))

    assert again.found["counts"] == {"case": {"skipped": 2}, "unreadable": {"failed": 1}}
    assert len(told(world.ours)) == 2


@pytest.mark.usefixtures("one_at_a_time")
def test_a_worker_that_is_to_end_leaves_the_rest_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = do(start, go(uploaded(world)), world)
    monkeypatch.setattr(working, "is_stopping", lambda: True)

    half = go(found)
    monkeypatch.setattr(working, "is_stopping", stopping.is_stopping)
    whole = go(half)

    assert (half.state, half.passed) == ("running", 1)
    assert (whole.state, whole.found["counts"]) == (
        "done",
        {"case": {"created": 1}, "unreadable": {"failed": 2}},
    )


@pytest.mark.usefixtures("one_at_a_time")
def test_a_record_that_was_not_settled_is_taken_by_the_next_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = do(start, go(uploaded(world)), world)

    def dies(*_about: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(working, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        go(found)
    assert (now(found).begun, now(found).passed) == (1, 0)
    monkeypatch.undo()
    ProcrastinateJob.objects.all()._raw_delete(ProcrastinateJob.objects.db)

    assert resume_left_over() == 1
    assert go(found).found["counts"] == {"case": {"created": 1}, "unreadable": {"failed": 2}}


def test_files_that_take_each_worker_with_them_are_set_aside(world: World) -> None:
    found = uploaded(world)
    with world.ours.scope():
        Upload.objects.filter(pk=found.pk).update(begun=working.MOST_BEGINNINGS)

    found = go(found)

    assert (found.state, found.trouble) == (
        "failed",
        "このファイルの処理中にプログラムのエラーが続きました。詳しい内容は、システムのログにあります。",
    )


@pytest.mark.usefixtures("one_at_a_time")
def test_it_is_stopped_and_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = do(start, go(uploaded(world)), world)
    do(stop, found, world)

    assert go(found).state == "stopped"
    assert told(world.ours) == []
    found = go(do(start, now(found), world))

    assert (found.state, len(told(world.ours))) == ("done", 1)
    assert [kind for kind, _by in events(world)] == [
        *("import.uploaded", "import.started", "import.ran"),
        *("import.started", "import.ran"),
    ]


def test_files_that_cannot_be_read_say_why_and_can_be_read_otherwise(world: World) -> None:
    found = go(uploaded(world, a_file("誰,何\n花子,届きません\n")))

    assert (found.state, found.found["headings"]) == ("failed", ["誰", "何"])
    assert found.trouble == (
        "氏名・メールアドレス・電話番号のどれに当たる列もわかりません。ファイルにある列: 誰、何"
    )
    with override("ja"), pytest.raises(Refused, match="二つの項目に同じ列"):
        do(look_again, found, world, said={"columns": {"name": "誰", "subject": "誰"}})
    assert now(found).state == "failed"
    found = go(do(look_again, found, world, said={"columns": {"name": "誰", "subject": "何"}}))
    assert (found.state, found.found["guessed"]["name"]) == ("looked", "誰")


@pytest.mark.usefixtures("busy")
def test_it_waits_for_another_import_into_the_company(world: World) -> None:
    found = go(do(start, go(uploaded(world)), world))

    assert (found.state, found.trouble, found.begun) == (
        "running",
        "この委託元への別の取り込みが進んでいます。",
        0,
    )


def test_what_is_not_the_time_for_is_refused(world: World) -> None:
    found = uploaded(world)
    with pytest.raises(Conflict):
        do(start, found, world)
    with pytest.raises(Conflict):
        do(throw_away, found, world)
    found = go(do(start, go(found), world))
    with pytest.raises(Conflict):
        do(look_again, found, world, said={})
    with pytest.raises(Conflict):
        do(start, found, world)
    assert now(found).state == "done"


def test_what_was_uploaded_is_thrown_away_after_the_time(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    found = go(uploaded(world))
    assert kept_files(found) == [CASES.encode("cp932")]
    assert forget_old() == 0

    later = clock.now() + timedelta(days=KEPT_DAYS, seconds=1)
    with clock.held_at(later), django_capture_on_commit_callbacks(execute=True):
        assert forget_old() == 1

    found = now(found)
    assert set(found.found) == {"counts", "shape", "words"}
    assert found.found["counts"] == {"case": {"created": 1}, "unreadable": {"failed": 2}}
    assert kept_files(found) == []
    assert lines(found) == []
    with pytest.raises(Conflict):
        do(start, found, world)


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "company_staff"])
def test_others_import_nothing_and_keep_nothing(world: World, role: str) -> None:
    with pytest.raises(NotAllowed):
        uploaded(world, by=getattr(world.ours, role))
    with world.ours.scope():
        assert Upload.objects.count() == 0
    assert not (Path(settings.FILES_ROOT) / str(world.ours.company.pk) / "uploads").exists()


def test_an_upload_is_seen_by_who_made_it_and_who_reads_what_comes_of_it(world: World) -> None:
    found = uploaded(world)
    by_administrator = uploaded(world, by=world.administrator)

    def seen(person: User) -> list[int]:
        return [one.pk for one in uploads_of(actor_of(person))]

    with world.ours.scope():
        assert seen(world.ours.company_manager) == [by_administrator.pk, found.pk]
        assert seen(world.administrator) == [by_administrator.pk]
        assert seen(world.ours.supervisor) == []
        with pytest.raises(NotFound):
            upload_of(found.pk, actor=actor_of(world.administrator))


def test_no_file_of_the_companys_people_speaks_for_the_operators_or_gives_them_work(world: World) -> None:
    agent = world.ours.agent
    forged = (
        "受付番号,件名,内容,お名前,メール,状態,日時,担当者\r\n"
        f"1,電話,今日中に電話せよ,佐藤,sato@home.example,新規,2024/05/01 10:00,{agent.email}\r\n"
    )

    found = go(uploaded(world, a_file(forged)))
    do(start, found, world)
    go(found)

    with world.ours.scope():
        assert [(case.subject, case.assignee_id) for case in Case.objects.all()] == [("電話", None)]


def test_whoever_sets_the_installation_up_keeps_who_was_responsible(world: World) -> None:
    agent = world.ours.agent
    before = (
        "受付番号,件名,内容,お名前,メール,状態,日時,担当者\r\n"
        f"1,電話,折り返し,佐藤,sato@home.example,新規,2024/05/01 10:00,{agent.email}\r\n"
    )

    found = go(uploaded(world, a_file(before), by=world.administrator))
    with world.ours.scope():
        start(found, by=actor_of(world.administrator))
    go(found)

    with world.ours.scope():
        assert [case.assignee_id for case in Case.objects.all()] == [agent.pk]
