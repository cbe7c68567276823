"""What tests stand on: a real PostgreSQL, a database of this run's own, and a small world of people.

Tests act as the role the running product has, so row-level security binds them as it binds the product. The
database itself is made, emptied and dropped by the owner.
"""

import gc
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg
import pytest
from django.db import connection, connections, transaction
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as examples
from psycopg import sql
from tests.again import Again
from tests.servers import chromium, migrated
from whitenoise.middleware import WhiteNoiseMiddleware

from madoguchi.infra import limits, postgres, reactions, stopping
from madoguchi.infra.database import APP_ROLE
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.project.conf import config
from madoguchi.project.database import connection_settings

# How long an example takes depends on who else is at work on the machine; bench/ measures speed.
examples.register_profile("untimed", deadline=None)
examples.load_profile("untimed")
# As many processes as cores test: a matrix divided among threads would wait for them. Read when numpy is first loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What migrating puts there, and no test changes.
_MADE_BY_MIGRATING = {"django_migrations", "django_content_type", "auth_permission", "django_site"}


def pytest_configure(config: pytest.Config) -> None:
    """A page is waited for longer than usual: how quick it is is measured elsewhere, and a busy machine is no fault."""
    if config.getoption("markexpr") == "journey":
        from playwright.sync_api import expect

        expect.set_options(timeout=15_000)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Of journeys there are few: files without any are not read when only those are wanted."""
    if config.getoption("markexpr") != "journey" or not collection_path.match("test_*.py"):
        return None
    return None if "pytest.mark.journey" in collection_path.read_text() else True


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Of several processes each begins to read elsewhere: what one has compiled, the others need not compile again."""
    report = yield
    if isinstance(collector, pytest.Directory):
        begin = len(report.result) * _turn(collector.config)
        report.result = [*report.result[int(begin) :], *report.result[: int(begin)]]
    return report


def _turn(config: pytest.Config) -> float:
    """Where in a round of all processes of tests this one stands: 0 for the first, near 1 for the last."""
    worker = getattr(config, "workerinput", {"workerid": "gw0", "workercount": 1})
    return int(worker["workerid"].removeprefix("gw")) % worker["workercount"] / worker["workercount"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; all processes in the same order, wherever they began to read."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.path)
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What was loaded stays: without looking at it again, the search for what is done with takes a fraction."""
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.enable()
    return result


@pytest.fixture(scope="session", autouse=True)
def mail_servers_here() -> Iterator[None]:
    """The mail servers of tests are on this machine, where a company's may not be unless the installation says so."""
    with override_settings(PRIVATE_MAIL_NETWORKS=(ip_network("127.0.0.0/8"), ip_network("::1/128"))):
        yield


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a PostgreSQL to make databases in: the one that is set, else a bundled one.

    Each process of tests has a server to itself: the transactions of one are seen by all databases of a server.
    """
    if config.database_url:
        yield config.database_url
        return
    # One that was running when the machine went down is not trusted: it did not wait for the disk.
    boot = f"{psutil.boot_time() // 60:.0f}"
    folder = "-".join(["madoguchi-tests", str(os.getuid()), boot, *_worker(request)])
    with postgres.running(Path(tempfile.gettempdir()) / folder) as url:
        _wait_for_no_disk(url)
        yield url


def _wait_for_no_disk(url: str) -> None:
    """What tests write outlives the server, if that is killed, but not the machine."""
    with psycopg.connect(url, autocommit=True) as server:
        for setting in ("fsync", "full_page_writes"):
            server.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        server.execute("SELECT pg_reload_conf()")


def _worker(request: pytest.FixtureRequest) -> list[str]:
    """Which of several processes of tests this is; empty where there is one."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "")
    return [name] if name else []


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_server: str, request: pytest.FixtureRequest) -> None:
    """The test database is made by the owner, under a name that no other run uses at the same time."""
    as_owner_settings = connection_settings(replace(config, database_url=postgres_server), owner=True)
    of_this_run = _worker(request) if request.config.getvalue("reuse_db") else [str(os.getpid())]
    name = "_".join(["test_madoguchi", *of_this_run])
    connection.close()
    connection.settings_dict.update(as_owner_settings)
    connection.settings_dict["TEST"]["NAME"] = name
    with _server() as server:
        _drop_left_behind(server)
        connection.settings_dict["TEST"]["TEMPLATE"] = None if config.database_url else migrated.kept(server)


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    """The server itself, for what concerns whole databases."""
    now = connection.settings_dict
    parameters = {"user": now["USER"], "password": now["PASSWORD"] or None, "host": now["HOST"]}
    with psycopg.connect(
        **parameters, port=now["PORT"] or None, dbname="postgres", autocommit=True
    ) as server:
        yield server


def _drop_left_behind(server: psycopg.Connection[Any]) -> None:
    """Databases of runs that were killed."""
    for (name,) in server.execute("SELECT datname FROM pg_database").fetchall():
        run = re.fullmatch(r"test_madoguchi_(\d+)", name)
        if run and not psutil.pid_exists(int(run[1])):
            with suppress(psycopg.Error):
                server.execute(f'DROP DATABASE IF EXISTS "{name}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Everything after the making of the database happens as the product's role, emptying tables apart."""
    if not (config.database_url or connection.settings_dict["TEST"]["TEMPLATE"]):
        connections.close_all()
        with _server() as server:
            migrated.keep(server, connection.settings_dict["NAME"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _emptied_by_owner)
        _connect_as(APP_ROLE)
        yield
        _connect_as(None)


def _emptied_by_owner(_case: TransactionTestCase) -> None:
    """Rows are deleted from the few tables that have any: to truncate all eighty takes longer than most tests do."""
    with _acting_as_owner(), transaction.atomic(), connection.cursor() as cursor:
        # Neither foreign keys nor guards of what is never to be deleted: everything goes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables_with_rows(cursor):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        reactions.enrol()


# A table that never had rows has no pages: to ask all of them for a row takes longer to plan than most tests do.
_WITH_PAGES = """
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""


def _tables_with_rows(cursor: Any) -> list[str]:
    cursor.execute(_WITH_PAGES)
    tables = sorted({name for (name,) in cursor.fetchall()} - _MADE_BY_MIGRATING)
    if not tables:
        return []
    has_rows = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    cursor.execute(
        sql.SQL(" UNION ALL ").join(has_rows.format(table, sql.Identifier(table)) for table in tables)
    )
    return [name for (name,) in cursor.fetchall()]


def _connect_as(role: str | None) -> None:
    options = {k: v for k, v in connection.settings_dict["OPTIONS"].items() if k != "options"}
    connection.settings_dict["OPTIONS"] = {**options, "options": f"-c role={role}"} if role else options
    connections.close_all()


@contextmanager
def _acting_as_owner() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {APP_ROLE}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium.program(), "args": chromium.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    # What is still fading in has no contrast that axe could measure.
    return {
        **browser_context_args,
        "locale": "ja-JP",
        "timezone_id": "Asia/Tokyo",
        "reduced_motion": "reduce",
    }


Making = Callable[..., AbstractContextManager[None]]


def _kept(django_db_setup: None, django_db_blocker: Any, new_folder: Callable[[], Path]) -> Iterator[Making]:
    """`with kept_in_class("cases_case"):` makes rows that all tests of a class begin with, and has tables analysed.

    For what takes long to make and is only looked at. What a test does is undone alone; none may be transactional.
    """
    whole = transaction.atomic()

    @contextmanager
    def making(*analysed: str) -> Iterator[None]:
        with django_db_blocker.unblock(), override_settings(FILES_ROOT=new_folder()):
            yield
            with _acting_as_owner(), connection.cursor() as cursor:
                cursor.execute(
                    "SET CONSTRAINTS ALL IMMEDIATE"
                )  # each test would have all of them checked again
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                cursor.execute(f"ANALYZE {', '.join(analysed)}")

    with django_db_blocker.unblock():
        whole.__enter__()
    yield making
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


kept_in_class = pytest.fixture(scope="class", name="kept_in_class")(_kept)
kept_in_module = pytest.fixture(scope="module", name="kept_in_module")(_kept)


@pytest.fixture
def held_clock() -> Iterator[None]:
    """The moment of the test's beginning lasts to its end, so no window of a limit begins anew meanwhile."""
    with clock.held_at(clock.now()):
        yield


@pytest.fixture
def as_owner(db: None) -> Callable[[], AbstractContextManager[None]]:
    """`with as_owner():` acts as the owner of the tables, whom row-level security does not bind."""
    return _acting_as_owner


@pytest.fixture(scope="session")
def url_of_database(django_db_setup: None) -> str:
    """The URL of the test database, for processes that several tests share."""
    now = connection.settings_dict
    user = quote(now["USER"]) + (f":{quote(now['PASSWORD'])}" if now["PASSWORD"] else "")
    host, port = now["HOST"], f":{now['PORT']}" if now["PORT"] else ""
    if host.startswith("/"):
        return f"postgresql://{user}@{port}/{now['NAME']}?host={quote(host, safe='/')}"
    return f"postgresql://{user}@{host}{port}/{now['NAME']}"


@pytest.fixture
def database_url(db: None, url_of_database: str) -> str:
    """The URL of the test database, for processes that a test starts."""
    return url_of_database


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_up_once() -> Iterator[None]:
    """Each client of a test makes the middleware anew, and that looks at every static file: they are kept instead."""
    find, kept = WhiteNoiseMiddleware.add_files_from_finders, dict[str, Any]()

    def find_once(middleware: WhiteNoiseMiddleware) -> None:
        if not kept:
            find(middleware)
            kept.update(middleware.files)
        middleware.files.update(kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Makes folders. pytest's own reads all names of its folders for each, and there are thousands."""
    within, numbers = tmp_path_factory.mktemp("files"), count(1)

    def new() -> Path:
        folder = within / str(next(numbers))
        folder.mkdir()
        return folder

    return new


@pytest.fixture(autouse=True)
def kept_apart(settings: Any, new_folder: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test go to a folder of its own, passwords are hashed quickly, and nobody has asked us to stop."""
    monkeypatch.setattr(stopping, "_asked", threading.Event())
    settings.FILES_ROOT = new_folder()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_stays_counted(monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[None]:
    """What is counted in a transaction of its own is not undone with the test's."""
    counted: set[str] = set()
    apart = limits._apart

    def noted(statement: str, keys: Sequence[str], window: int) -> list[int]:
        counted.update(keys)
        return apart(statement, keys, window)

    monkeypatch.setattr(limits, "_apart", noted)
    yield
    if counted:
        with django_db_blocker.unblock(), closing(connection.copy()) as other, other.cursor() as cursor:
            cursor.execute("DELETE FROM infra_ratecount WHERE key = ANY (%s)", [sorted(counted)])


@pytest.fixture(scope="session")
def kept_world() -> Again:
    """Keeps the world that tests begin with. Its name is one that no test gives a value of its own."""
    return Again()


@pytest.fixture
def world(db: None, kept_world: Again) -> World:
    """Two companies, each with a desk, an operator and a person of each role; and an administrator."""
    return kept_world.world()


@pytest.fixture
def agent(world: World) -> Actor:
    """An agent of the first company's desk."""
    return actor_of(world.ours.agent)


@pytest.fixture
def supervisor(world: World) -> Actor:
    """The supervisor of the first company's desk."""
    return actor_of(world.ours.supervisor)
