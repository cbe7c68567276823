"""Files are looked through before anybody opens them, and wait where that is not possible."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.cases import jobs
from madoguchi.cases.actions import check_files, check_left_over
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case
from madoguchi.cases.queries import attachment
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.infra.tests.scanner import EICAR, scanner
from madoguchi.kernel import clock
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 8, 3, tzinfo=UTC)
GOOD, BAD = File("a.txt", "text/plain", b"harmless"), File("b.txt", "text/plain", b"see: " + EICAR)


@pytest.fixture
def clamd(settings: Any) -> Iterator[str]:
    with scanner() as settings.CLAMD:
        yield settings.CLAMD


def all_of(model: Any, **wanted: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at what is there"):
        return list(model.objects.filter(**wanted).order_by("pk"))


def checks() -> list[tuple[str, str]]:
    return [(file.scan, file.finding) for file in all_of(Attachment)]


def message_of(case: Case) -> int:
    return int(all_of(Attachment, message__case=case)[0].message_id)


def test_without_a_scanner_files_are_as_they_were(world: World) -> None:
    make_case(world.ours.entry_point, files=(GOOD,))

    assert checks() == [("", "")]
    assert not ProcrastinateJob.objects.filter(task_name="cases.check_files").exists()


def test_with_one_they_wait_for_it_by_a_job(world: World, clamd: str) -> None:
    case = make_case(world.ours.entry_point, files=(GOOD, BAD))

    assert checks() == [("waiting", ""), ("waiting", "")]
    (job,) = ProcrastinateJob.objects.filter(task_name="cases.check_files")
    assert job.args == {"message": message_of(case), "company": world.ours.company.pk}


def test_what_is_harmful_is_held_and_told(world: World, clamd: str) -> None:
    case = make_case(world.ours.entry_point, files=(GOOD, BAD))

    jobs.check(message_of(case), world.ours.company.pk)
    jobs.check(message_of(case), world.ours.company.pk)

    assert checks() == [("clean", ""), ("harmful", "Eicar-Test-Signature")]
    (event,) = all_of(Event, kind="file.held")
    assert (event.case_id, event.actor_name) == (case.pk, "file check")
    assert event.data == {"attachment": all_of(Attachment)[1].pk, "finding": "Eicar-Test-Signature"}


def test_while_the_scanner_is_away_they_wait(world: World, settings: Any) -> None:
    settings.CLAMD = "unix:/nowhere/clamd"
    case = make_case(world.ours.entry_point, files=(GOOD, BAD))

    assert check_files(message_of(case), company=world.ours.company.pk) == 2
    assert check_left_over() == 0
    assert checks() == [("waiting", ""), ("waiting", "")]
    with scanner() as settings.CLAMD:
        jobs.left_over(0)
    assert checks() == [("clean", ""), ("harmful", "Eicar-Test-Signature")]


def test_left_over_files_of_all_companies_are_looked_through(world: World, clamd: str) -> None:
    for side in (world.ours, world.theirs):
        make_case(side.entry_point, files=(GOOD,))

    assert check_left_over() == 2
    assert check_left_over() == 0
    assert checks() == [("clean", ""), ("clean", "")]


def test_what_the_scanner_does_not_judge_keeps_no_other_waiting(world: World, clamd: str) -> None:
    too_large = File("large.bin", "application/octet-stream", bytes(1_000_001))
    gone = File("gone.txt", "text/plain", b"gone")
    first = make_case(world.ours.entry_point, files=(too_large, gone, GOOD))
    make_case(world.theirs.entry_point, files=(BAD,))
    file = all_of(Attachment)[1]
    (Path(product.FILES_ROOT) / str(file.company_id) / file.sha256[:2] / file.sha256).unlink()

    assert check_files(message_of(first), company=world.ours.company.pk) == 2
    assert check_left_over(most=1) == 1
    assert check_left_over(most=1) == 0
    assert checks() == [
        ("waiting", ""),
        ("waiting", ""),
        ("clean", ""),
        ("harmful", "Eicar-Test-Signature"),
    ]


def test_what_the_scanner_does_not_judge_is_asked_for_ever_more_seldom(world: World, clamd: str) -> None:
    too_large = File("large.bin", "application/octet-stream", bytes(1_000_001))
    with clock.held_at(MORNING):
        check_files(
            message_of(make_case(world.ours.entry_point, files=(too_large,))), company=world.ours.company.pk
        )
    assert asked() == (1, MORNING + timedelta(minutes=1))

    for minutes, times, pause in ((0.5, 1, None), (1, 2, 2), (2, 2, None), (3, 3, 4), (7, 4, 8)):
        at = MORNING + timedelta(minutes=minutes)
        with clock.held_at(at):
            assert check_left_over() == 0
        assert asked()[0] == times
        assert pause is None or asked()[1] == at + timedelta(minutes=pause)

    with world.ours.scope():
        Attachment.objects.update(asks=999, ask_again_at=MORNING)
    with clock.held_at(MORNING):
        check_left_over()
    assert asked() == (1000, MORNING + timedelta(days=1))


def test_the_scanners_absence_puts_no_file_off(world: World, settings: Any) -> None:
    settings.CLAMD = "unix:/nowhere/clamd"
    check_files(message_of(make_case(world.ours.entry_point, files=(GOOD,))), company=world.ours.company.pk)

    assert (check_left_over(), asked()) == (0, (0, None))


def asked() -> tuple[int, datetime | None]:
    (file,) = all_of(Attachment)
    return file.asks, file.ask_again_at


def test_what_is_held_opens_for_those_who_look_after_quarantine(world: World, clamd: str) -> None:
    case = make_case(world.ours.entry_point, files=(GOOD, BAD))
    good, bad = all_of(Attachment)
    may_open: Callable[..., Any] = attachment

    with world.ours.scope():
        for waiting in (good, bad):
            with pytest.raises(NotAllowed):
                may_open(waiting.pk, actor=actor_of(world.ours.agent))
    check_files(message_of(case), company=world.ours.company.pk)
    with world.ours.scope():
        assert may_open(good.pk, actor=actor_of(world.ours.agent)) == good
        for person in (world.ours.agent, world.ours.company_manager):
            with pytest.raises(NotAllowed):
                may_open(bad.pk, actor=actor_of(person))
        kept = may_open(bad.pk, actor=actor_of(world.ours.supervisor))
    assert files.read(kept.sha256, company=kept.company_id) == BAD.content
