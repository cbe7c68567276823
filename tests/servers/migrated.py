"""A migrated database is kept between runs: to migrate takes longer than the tests that most runs ask for."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from madoguchi.infra import postgres
from madoguchi.project import migration

ROOT = Path(__file__).resolve().parents[2]
# What the tables and their first rows come from: migrations and what they call, who reads the log, and packages that
# bring migrations of their own.
_SOURCES = (
    "src/**/migrations/*.py",
    "src/**/reactions.py",
    "src/madoguchi/infra/*.py",
    "src/madoguchi/kernel/channel.py",
    "requirements/run.txt",
)

# Work trees side by side have one each.
_AT_MOST = 10
_OLDEST = r"SELECT datname FROM pg_database WHERE datname LIKE 'migrated\_madoguchi\_%%' ORDER BY oid DESC OFFSET %s"


def template_name() -> str:
    """Another one for every other content of what makes the tables."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in _SOURCES for path in ROOT.glob(pattern)}):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return f"migrated_madoguchi_{digest.hexdigest()[:16]}"


def kept(server: psycopg.Connection[Any]) -> str | None:
    """The database to copy instead of migrating, if a run before this one has left it."""
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template_name()]).fetchone()
    return template_name() if found else None


def keep(server: psycopg.Connection[Any], database: str) -> None:
    """Copies a database that has just been migrated, unless another run was first; the oldest copies go.

    Nobody may be connected to `database`.
    """
    with suppress(psycopg.errors.DuplicateDatabase):
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                *map(sql.Identifier, (template_name(), database))
            )
        )
    for (name,) in server.execute(_OLDEST, [_AT_MOST]).fetchall():
        with suppress(psycopg.Error):  # another run is copying it, or was first to drop it
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def install(data: Path) -> None:
    """Makes of `data` what `madoguchi migrate` makes of a folder where nothing is, by copying one."""
    kept = Path(tempfile.gettempdir()) / f"madoguchi-tests-{os.getuid()}-installed"
    kept.mkdir(exist_ok=True)
    made = kept / template_name()
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _install_slowly(made)
        for old in sorted(kept.glob("migrated_*"), key=os.path.getmtime, reverse=True)[_AT_MOST:]:
            shutil.rmtree(old)
        # The database belongs to an account of its own where the tests run as root.
        data.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", f"{made}/.", str(data)], check=True)


def _install_slowly(made: Path) -> None:
    draft = made.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    mine = {
        name: value for name, value in migration.environment().items() if name != "MADOGUCHI_DATABASE_URL"
    }
    with postgres.running(draft):
        environ = {**mine, "MADOGUCHI_DATA": str(draft), "PYTHONPATH": str(ROOT / "src")}
        subprocess.run(migration.command(), env=environ, check=True, stdout=subprocess.DEVNULL)
    draft.rename(made)
