"""Jobs that are killed, repeated or outlived by what they made: nothing is lost, and nothing lies about."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from madoguchi.cases.factories import make_case
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rights import kept
from madoguchi.rights.actions import make_again, start_disclosure
from madoguchi.rights.actions.making import make
from madoguchi.rights.actions.working import MOST_BEGINNINGS, drop_expired, resume_left_over, work
from madoguchi.rights.factories import asked_for
from madoguchi.rights.models import Request
from madoguchi.rights.scheduling import is_scheduled

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def started(world: World, lead: Actor) -> Request:
    found = asked_for(make_case(world.ours.entry_point).customer_id, "disclosure", by=lead)
    with world.ours.scope():
        start_disclosure(found, by=lead)
    return found


def now_of(request: Request) -> Request:
    with scope.everywhere(reason="a test looks at everything"):
        return Request.objects.get(pk=request.pk)


def lying(company: int) -> list[str]:
    return sorted(path.stem for path in (Path(settings.FILES_ROOT) / str(company) / "disclosures").glob("*"))


def orphan(name: str, *, company: int, minutes: int) -> str:
    """A file that nobody named, last written to so long ago."""
    path = kept.path_of(name * 64, company=company)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK")
    written = (clock.now() - timedelta(minutes=minutes)).timestamp()
    os.utime(path, (written, written))
    return path.stem


def test_what_nobody_named_goes_after_an_hour_whoever_else_is_at_work(world: World, lead: Actor) -> None:
    under_way, nothing_made = world.ours.company.pk, world.theirs.company.pk
    started(world, lead)
    orphan("a", company=under_way, minutes=61)
    orphan("b", company=nothing_made, minutes=61)
    young = orphan("c", company=under_way, minutes=59)

    assert drop_expired() == 0

    assert (lying(under_way), lying(nothing_made)) == ([young], [])


def test_what_was_made_stays_however_old_its_file_is(world: World, lead: Actor) -> None:
    found = started(world, lead)
    work(found.pk, company=found.company_id)
    with clock.held_at(clock.now() + timedelta(days=6)):
        assert drop_expired() == 0

    assert lying(found.company_id) == [now_of(found).archive]


def test_what_is_named_while_others_are_thrown_away_stays(
    world: World, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = started(world, lead)
    name = orphan("a", company=found.company_id, minutes=61)
    look = kept.left_lying

    def named_meanwhile(*, before: datetime) -> Iterator[tuple[int, str]]:
        for company, left in look(before=before):
            with world.ours.scope():
                Request.objects.filter(pk=found.pk).update(archive=left)
            yield company, left

    monkeypatch.setattr(kept, "left_lying", named_meanwhile)
    drop_expired()

    assert lying(found.company_id) == [name]


def test_one_that_takes_each_worker_with_it_is_given_up(
    world: World, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = started(world, lead)
    with monkeypatch.context() as patch:
        patch.setattr("madoguchi.rights.actions.making.collected", _killed)
        for begun in range(1, MOST_BEGINNINGS + 1):
            with pytest.raises(KeyboardInterrupt):
                work(found.pk, company=found.company_id)
            assert (now_of(found).state, now_of(found).begun) == ("running", begun)

    work(found.pk, company=found.company_id)

    given_up = now_of(found)
    assert (given_up.state, given_up.archive, given_up.begun) == ("failed", "", MOST_BEGINNINGS + 1)
    assert given_up.trouble == "処理が何度も失敗しました。詳しくは運用担当者がログで確認できます。"
    assert lying(found.company_id) == []
    with world.ours.scope():
        start_disclosure(given_up, by=lead)
    work(found.pk, company=found.company_id)
    assert (now_of(found).state, now_of(found).trouble) == ("made", "")


def _killed(*_args: object) -> None:
    raise KeyboardInterrupt


def test_trouble_with_the_database_is_no_beginning(
    world: World, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_args: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1")
            cursor.execute("SELECT count(*) FROM generate_series(1, 1000000000)")

    found = started(world, lead)
    with monkeypatch.context() as patch:
        patch.setattr("madoguchi.rights.actions.making.collected", cut_off)
        for _time in range(MOST_BEGINNINGS + 1):
            with pytest.raises(OperationalError):
                work(found.pk, company=found.company_id)
            assert (now_of(found).state, now_of(found).begun) == ("running", 0)

    work(found.pk, company=found.company_id)

    assert now_of(found).state == "made"


def test_what_lost_its_job_gets_another_once(world: World, lead: Actor) -> None:
    lost = asked_for(make_case(world.ours.entry_point).customer_id, "disclosure", by=lead)
    with world.ours.scope():
        Request.objects.filter(pk=lost.pk).update(state="running")
    checked = asked_for(make_case(world.ours.entry_point).customer_id, "disclosure", by=lead)
    assert not is_scheduled(lost)

    assert resume_left_over() == 1
    assert resume_left_over() == 0

    assert is_scheduled(lost)
    assert not is_scheduled(checked)


def test_what_is_demanded_anew_meanwhile_is_not_made_twice(world: World, lead: Actor) -> None:
    found = started(world, lead)
    slow = now_of(found)
    work(found.pk, company=found.company_id)
    with world.ours.scope():
        make_again(now_of(found), by=lead)
    before, there = now_of(found), lying(found.company_id)

    assert make(slow, by=lead) is False

    after = now_of(found)
    assert (after.state, after.archive, after.generation, after.expires_at) == (
        "running",
        before.archive,
        before.generation,
        before.expires_at,
    )
    assert lying(found.company_id) == there == [before.archive]
