"""What every benchmark stands on: a database of its own, and CPU seconds of a process and of the database."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg

from madoguchi.infra import postgres
from madoguchi.project.conf import config

DATABASE = f"bench_{os.getpid()}"


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """A migrated database of this run; yields the environment under which the product uses it."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with _server(Path(folder)) as url, _database_on(url) as own_url:
            environ = _environment(own_url, folder)
            subprocess.run(
                [sys.executable, "-m", "madoguchi.project.cli", "migrate"],
                env=environ,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            yield environ


@contextmanager
def used_database(url: str) -> Iterator[dict[str, str]]:
    """A database that is filled and migrated already; yields the environment under which the product uses it."""
    with tempfile.TemporaryDirectory(prefix="madoguchi-bench-", ignore_cleanup_errors=True) as folder:
        yield _environment(url, folder)


def _environment(url: str, folder: str) -> dict[str, str]:
    environ = os.environ | {"MADOGUCHI_DATABASE_URL": url, "MADOGUCHI_DATA": folder}
    return environ | {"MADOGUCHI_MAIL_TRANSPORT": "outbox", "MADOGUCHI_UNDO_SECONDS": "0"}


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    if config.database_url:
        yield config.database_url
        return
    with postgres.running(folder) as url:
        yield url


@contextmanager
def _database_on(url: str) -> Iterator[str]:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{DATABASE}"))
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


class DatabaseClock:
    """CPU seconds that the whole database server has used; sessions that ended count."""

    def __init__(self, connection: psycopg.Connection) -> None:  # type: ignore[type-arg]
        backend = psutil.Process(connection.info.backend_pid)
        self.postmaster = backend.parent()

    def seconds(self) -> float:
        """CPU seconds until now."""
        assert self.postmaster is not None
        ended = self.postmaster.cpu_times()
        total = ended.user + ended.system + ended.children_user + ended.children_system
        for child in self.postmaster.children():
            with suppress(psutil.NoSuchProcess):
                times = child.cpu_times()
                total += times.user + times.system
        return total


def process_seconds(process: psutil.Process) -> float:
    """CPU seconds that a process has used until now."""
    times = process.cpu_times()
    return times.user + times.system
