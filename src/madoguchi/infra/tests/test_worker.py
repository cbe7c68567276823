"""The worker as a process: killed, stopped, and left by its database."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from tests.servers import migrated

from madoguchi.companies.models import Company
from madoguchi.infra import event_log, limits, postgres, reactions, scope
from madoguchi.infra.jobs import MOST_ATTEMPTS, _redo, forget_counts, redo_stalled
from madoguchi.infra.models import RateCount, Seal
from madoguchi.infra.reactions import MOST_BEGINNINGS, NOT_ENDED
from madoguchi.infra.tests.chores import DEADLY
from madoguchi.infra.tests.happenings import LampLit
from madoguchi.infra.tests.workers import PATIENCE, eventually, worker
from madoguchi.kernel.actor import system
from madoguchi.project import doctor

# Whether somebody waits for what this connection holds.
HELD_UP = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


def ask(query: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def light(company: Company, path: Path, *, watts: int = 40) -> None:
    with scope.acting_for([company.pk]):
        event_log.record(LampLit(company=company.pk, where=str(path), watts=watts), by=system("test"))


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The file that a worker under test writes into."""
    return tmp_path / "notes"


def enrolled() -> bool:
    """Whether the worker has taken its place in the log."""
    return bool(ask("SELECT 1 FROM infra_reader WHERE name = 'test.lamplighter'"))


def have_stalled_jobs_redone() -> None:
    """As the minute does; where it just did, the job is there already."""
    with suppress(AlreadyEnqueued, IntegrityError), transaction.atomic():
        redo_stalled.defer(timestamp=0)


def close_after(act: Callable[[], None]) -> None:
    """Do something in a thread of its own, which has its own connection."""
    try:
        act()
    finally:
        connection.close()


def test_a_job_whose_worker_is_killed_is_done_by_another(
    database_url: str, tmp_path: Path, notes: Path
) -> None:
    go = tmp_path / "go"
    app.configure_task("test.wait", queue="test").defer(path=str(notes), until=str(go))
    with worker(database_url, tmp_path) as first:
        eventually(lambda: lines(notes) == ["began"])
        first.kill()
        first.wait()
    assert ask("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test.wait'") == [("doing",)]
    go.touch()
    ask("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
    have_stalled_jobs_redone()
    with worker(database_url, tmp_path):
        eventually(lambda: lines(notes) == ["began", "began", "done"])
        done = "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'test.wait' AND status = 'succeeded'"
        eventually(lambda: ask(done))


def test_a_job_whose_next_waits_already_keeps_no_other_from_being_redone(
    database_url: str, tmp_path: Path, notes: Path
) -> None:
    """A killed worker had a job of which one at a time waits, and another; the next of the first waits since."""
    states = "SELECT args ->> 'line', status::text FROM procrastinate_jobs WHERE task_name = 'test.note' ORDER BY id"
    one_at_a_time = app.configure_task("test.note", queue="test", lock="sole", queueing_lock="sole")
    one_at_a_time.defer(path=str(notes), line="killed")
    app.configure_task("test.note", queue="test").defer(path=str(notes), line="other")
    ask("UPDATE procrastinate_jobs SET status = 'doing', attempts = 1 WHERE task_name = 'test.note'")
    one_at_a_time.defer(path=str(notes), line="next")
    have_stalled_jobs_redone()
    with worker(database_url, tmp_path):
        ended = [("killed", "failed"), ("other", "succeeded"), ("next", "succeeded")]
        eventually(lambda: ask(states) == ended)
    assert sorted(lines(notes)) == ["next", "other"]


def test_a_job_that_is_given_up_in_the_same_moment_is_not_redone(db: None) -> None:
    """Two look after stalled jobs at once, as where the minute comes while the last one's is still at it."""
    job_id = app.configure_task("test.note", queue="test").defer(path="", line="killed")
    ask("UPDATE procrastinate_jobs SET status = 'doing', attempts = 1 WHERE id = %s", job_id)
    [stalled] = async_to_sync(app.job_manager.list_jobs_async)(id=job_id)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            ask("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", job_id)
            other = pool.submit(close_after, lambda: _redo(stalled))
            eventually(lambda: other.done() or ask(HELD_UP))
        other.result()

    assert ask("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = %s", job_id) == [
        ("failed", 1)
    ]


def test_a_job_that_another_worker_took_up_in_the_same_moment_is_not_redone(db: None) -> None:
    job_id = app.configure_task("test.note", queue="test").defer(path="", line="killed")
    ask("UPDATE procrastinate_jobs SET status = 'doing', attempts = 1 WHERE id = %s", job_id)
    [stalled] = async_to_sync(app.job_manager.list_jobs_async)(id=job_id)
    ask("UPDATE procrastinate_jobs SET attempts = 2 WHERE id = %s", job_id)

    _redo(stalled)

    assert ask("SELECT status::text, attempts FROM procrastinate_jobs WHERE id = %s", job_id) == [
        ("doing", 2)
    ]


def test_a_job_that_took_too_many_workers_with_it_is_given_up(
    database_url: str, tmp_path: Path, notes: Path
) -> None:
    app.configure_task("test.note", queue="test").defer(path=str(notes), line="never")
    ask(
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s WHERE task_name = 'test.note'",
        MOST_ATTEMPTS,
    )
    have_stalled_jobs_redone()
    with worker(database_url, tmp_path):
        given_up = "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'test.note' AND status = 'failed'"
        eventually(lambda: ask(given_up))
    assert lines(notes) == []


def test_a_worker_that_is_told_to_stop_finishes_its_job_first(
    database_url: str, tmp_path: Path, notes: Path
) -> None:
    go = tmp_path / "go"
    app.configure_task("test.wait", queue="test").defer(path=str(notes), until=str(go))
    with worker(database_url, tmp_path) as process:
        eventually(lambda: lines(notes) == ["began"])
        [(its_worker,)] = ask("SELECT worker_id FROM procrastinate_jobs WHERE task_name = 'test.wait'")
        process.send_signal(signal.SIGTERM)
        go.touch()
        assert process.wait(PATIENCE) == 0
    assert lines(notes) == ["began", "done"]
    assert ask("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test.wait'") == [
        ("succeeded",)
    ]
    # Workers of other queues may be stopped while they enrol; what they leave is pruned by the next ones.
    assert ask("SELECT 1 FROM procrastinate_workers WHERE id = %s", its_worker) == []


def test_a_worker_that_is_told_to_stop_has_long_work_left_where_it_is(
    database_url: str, tmp_path: Path, notes: Path
) -> None:
    app.configure_task("test.go_on", queue="test").defer(path=str(notes))
    with worker(database_url, tmp_path) as process:
        eventually(lambda: lines(notes) == ["began"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert lines(notes) == ["began", "left"]


def test_an_event_is_reacted_to_its_job_done_and_the_log_sealed(
    database_url: str, tmp_path: Path, notes: Path, company: Company
) -> None:
    with worker(database_url, tmp_path):
        eventually(enrolled)
        light(company, notes)
        eventually(lambda: lines(notes) == ["reacted", "job 0"])
        eventually(Seal.objects.exists)
    with scope.everywhere(reason="a test verifies the log"):
        assert list(event_log.verify()) == []


def test_what_a_failing_reaction_deferred_is_not_done(
    database_url: str, tmp_path: Path, notes: Path, company: Company
) -> None:
    with worker(database_url, tmp_path):
        eventually(enrolled)
        light(company, notes, watts=500)
        light(company, notes)
        eventually(lambda: len(lines(notes)) == 3)
    assert lines(notes) == ["reacted", "reacted", "job 0"]
    assert ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'test.note'") == [(1,)]


def test_an_event_that_kills_each_worker_is_given_up_and_the_next_ones_are_handled(
    database_url: str, tmp_path: Path, notes: Path, company: Company
) -> None:
    reactions.enrol()
    with worker(database_url, tmp_path):
        eventually(enrolled)
    light(company, notes, watts=DEADLY)
    light(company, notes)
    for _ in range(MOST_BEGINNINGS):
        with worker(database_url, tmp_path) as victim:
            assert victim.wait(PATIENCE) == -signal.SIGKILL
    with worker(database_url, tmp_path) as survivor:
        eventually(lambda: lines(notes)[-2:] == ["reacted", "job 0"])
        assert survivor.poll() is None
    assert lines(notes) == ["killed"] * MOST_BEGINNINGS + ["reacted", "job 0"]
    (found,) = doctor.failed_reactions(database_url)
    assert (found.state, found.remedy) == (
        "wrong",
        "Mend what the error says, then run: madoguchi events retry",
    )
    assert "test.lamplighter: 1 failed" in found.text
    assert found.text.endswith(f"1 of them given up; the last: {NOT_ENDED}")


def test_old_counts_are_forgotten() -> None:
    limits.count("form", most=5, seconds=60)
    RateCount.objects.create(key="old", window=1_700_000_000, count=3)
    forget_counts(timestamp=0)
    assert [row.key for row in RateCount.objects.all()] == ["form"]


def test_readers_have_their_place_before_any_worker_runs(db: None) -> None:
    """They were given it when the database was made, so that nothing is missed until the first worker starts."""
    places = set(ask("SELECT name FROM infra_reader"))
    assert places == {(reaction.name,) for reaction in reactions.registered()}


def test_when_the_database_is_killed_and_comes_back_the_worker_goes_on(tmp_path: Path, notes: Path) -> None:
    data = tmp_path / "data"
    migrated.install(data)
    with postgres.running(data) as url, worker(url, data):
        eventually(lambda: rows(url, "SELECT 1 FROM infra_reader WHERE name = 'test.lamplighter'"))
        light_by_hand(url, notes)
        eventually(lambda: lines(notes) == ["reacted", "job 0"])
        kill_server(data)
        assert postgres.ensure_running(data)
        light_by_hand(url, notes)
        eventually(lambda: sorted(lines(notes)) == ["job 0", "job 0", "reacted", "reacted"])


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as server:
        return server.execute(query).fetchall()


def light_by_hand(url: str, path: Path) -> None:
    with psycopg.connect(url) as server:
        server.execute(
            "INSERT INTO companies_company (name, slug, prefix, accent_hue, created_at)"
            " VALUES ('あおい', 'aoi', 'A', 262, now()) ON CONFLICT DO NOTHING"
        )
        server.execute(
            "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, data)"
            " SELECT id, 'test.lamp_lit', 'system', 'test', jsonb_build_object('where', %s::text)"
            " FROM companies_company",
            [str(path)],
        )


def kill_server(data: Path) -> None:
    """As when the machine runs out of memory."""
    (pid_file,) = data.rglob("postmaster.pid")
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
