"""PostgreSQL's own programs, by which a database is written out and read in again."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from madoguchi.infra import postgres
from madoguchi.project.conf import Config
from madoguchi.project.database import connection_settings

# The owner of the tables is bound by row-level security too, unless it says that it is to see all.
_EVERY_ROW: Final = "-c app.companies=*"
_TABLES: Final = """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg_toast%'
"""


class DumpFailed(Exception):
    """PostgreSQL's program ended with an error; the text is its own."""


def server_version(config: Config) -> int:
    """The server's major version, such as 18."""
    with psycopg.connect(_conninfo(config), password=_password(config)) as connection:
        return connection.info.server_version // 10_000


def is_empty(config: Config) -> bool:
    """Whether the database holds no table at all."""
    with psycopg.connect(_conninfo(config), password=_password(config)) as connection:
        row = connection.execute(_TABLES).fetchone()
    return not row or row[0] == 0


@contextmanager
def dumped(config: Config) -> Iterator[IO[bytes]]:
    """The database as one moment saw it, as a stream; raises DumpFailed where the program says no."""
    arguments = ["--format=custom", "--enable-row-security", "--no-privileges", "--no-owner"]
    with _running(config, "pg_dump", *arguments, write=False) as stream:
        yield stream


@contextmanager
def restored(config: Config) -> Iterator[IO[bytes]]:
    """What is written inside becomes the database, all or nothing; raises DumpFailed."""
    arguments = ["--single-transaction", "--exit-on-error", "--no-privileges", "--no-owner"]
    with _running(config, "pg_restore", *arguments, write=True) as stream:
        yield stream


@contextmanager
def _running(config: Config, name: str, *arguments: str, write: bool) -> Iterator[IO[bytes]]:
    program = _program(name, server_version(config))
    # Its words go to a file: a pipe that nobody reads meanwhile would stop a program that has many.
    with TemporaryFile() as words:
        process = subprocess.Popen(
            [program, *arguments, f"--dbname={_conninfo(config)}"],
            stdin=subprocess.PIPE if write else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if write else subprocess.PIPE,
            stderr=words,
            env={"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": _password(config), "PGOPTIONS": _EVERY_ROW},
        )
        stream = process.stdin if write else process.stdout
        assert stream is not None
        try:
            yield stream
            stream.close()
        except BrokenPipeError:
            pass  # the program has read all it wants, or has ended and says why below
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.wait():
            words.seek(0)
            raise DumpFailed(f"{name}: {words.read().decode(errors='replace').strip()}")


def _program(name: str, server: int) -> Path:
    """The program of the server's own version where this machine has it, else the bundled one.

    pg_dump reads servers of its own version and older; what a newer pg_restore says, an older server may refuse.
    """
    found = shutil.which(name)
    if found and _major(Path(found)) == server:
        return Path(found)
    bundled = postgres.program(name)
    if _major(bundled) < server:
        raise DumpFailed(f"{name} of PostgreSQL {server} is needed; install the client of that version.")
    return bundled


def _major(program: Path) -> int:
    printed = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"\) (\d+)", printed)
    return int(found[1]) if found else 0


def _conninfo(config: Config) -> str:
    """Where the database is, as its owner; without the password, which other processes could read."""
    settings = connection_settings(config, owner=True)
    ours = ("server_side_binding", "prepare_threshold")
    values: dict[str, Any] = {name: value for name, value in settings["OPTIONS"].items() if name not in ours}
    for name, key in {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}.items():
        values[name] = settings[key] or None
    return make_conninfo(**values)


def _password(config: Config) -> str:
    return str(connection_settings(config, owner=True)["PASSWORD"])
