"""The bundled server with its real programs and real processes: shared, stopped, killed and started again."""

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from madoguchi.infra import postgres, server_account
from madoguchi.infra.postgres import PostgresError

from .folders import data_folder

SOURCE = Path(postgres.__file__).parents[2]
OURS = {**os.environ, "PYTHONPATH": str(SOURCE)}

# A process of its own that is inside until it is told to leave, as `madoguchi up` is.
GUEST = """
import sys
from pathlib import Path
from madoguchi.infra import postgres
with postgres.running(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    with postgres.running(tmp_path):
        pass


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """A cluster that was made once, for tests that only start and stop it."""
    with data_folder() as data:
        with postgres.running(data):
            pass
        yield data


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def guest(data: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", GUEST, data],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=OURS,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == postgres.database_url(data)
    return process


def leave(process: subprocess.Popen[str]) -> None:
    process.communicate("go\n")
    assert process.returncode == 0


def server(data: Path) -> psutil.Process:
    return psutil.Process(int((data / "postgres" / "postmaster.pid").read_text().split()[0]))


def kill(data: Path, *titles: str) -> None:
    """Kill one process of each title as soon as all are there, or none once the server takes connections."""
    while True:
        children = {process: title(process) for process in server(data).children()}
        found = [
            next((p for p, name in children.items() if name.startswith(wanted)), None) for wanted in titles
        ]
        if all(found):
            break
        if "postgres: startup" in titles and postgres.is_running(data):
            return
    for process in found:
        assert process is not None
        process.kill()


def title(process: psutil.Process) -> str:
    try:
        return "".join(process.cmdline()[:1])
    except psutil.Error:
        return ""


def gone(process: psutil.Process) -> bool:
    """In a container without an init process the dead stay listed."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_an_empty_folder_becomes_a_database_that_is_gone_when_left(data: Path) -> None:
    with postgres.running(data) as url:
        assert one(url, "SELECT current_database() || ' ' || current_user") == "madoguchi madoguchi"
        assert postgres.is_running(data)
        process = server(data)

    assert not postgres.is_running(data)
    assert gone(process)


def test_what_was_written_is_there_at_the_next_start(kept: Path) -> None:
    with postgres.running(kept) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT '窓口' AS word")

    with postgres.running(kept) as url:
        assert one(url, "SELECT word FROM kept") == "窓口"


def test_it_is_safe_private_and_in_utc(kept: Path) -> None:
    wanted = {
        "fsync": "on",
        "jit": "off",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
    }
    with postgres.running(kept) as url:
        assert {name: one(url, f"SHOW {name}") for name in wanted} == wanted


def test_a_second_process_uses_the_same_server_and_the_last_one_out_stops_it(kept: Path) -> None:
    first = guest(kept)
    process = server(kept)
    second = guest(kept)

    leave(first)
    assert postgres.is_running(kept)
    assert server(kept) == process

    leave(second)
    assert not postgres.is_running(kept)


def test_many_that_start_at_once_get_one_server(kept: Path) -> None:
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", GUEST, kept],
            stdin=subprocess.DEVNULL,
            env=OURS,
        )
        for _ in range(4)
    ]

    assert [process.wait() for process in crowd] == [0, 0, 0, 0]
    assert not postgres.is_running(kept)


def test_what_a_killed_process_leaves_running_is_taken_over_and_stopped(kept: Path) -> None:
    killed = guest(kept)
    killed.kill()
    killed.wait()
    left = server(kept)

    with postgres.running(kept) as url:
        assert server(kept) == left
        assert one(url, "SELECT 1") == 1
    assert gone(left)


def test_nothing_committed_is_lost_when_the_server_itself_is_killed(kept: Path) -> None:
    with postgres.running(kept) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE survivors AS SELECT generate_series(1, 1000) AS number")
        server(kept).kill()
        psutil.wait_procs([server(kept)], timeout=10)

    with postgres.running(kept) as url:
        assert one(url, "SELECT count(*) FROM survivors") == 1000


def test_a_server_that_died_is_started_again_by_who_watches(kept: Path) -> None:
    with postgres.running(kept) as url:
        assert not postgres.ensure_running(kept)

        server(kept).kill()

        assert postgres.ensure_running(kept)
        assert one(url, "SELECT 1") == 1


def test_a_server_that_hangs_is_ended_and_started_again(kept: Path) -> None:
    with postgres.running(kept) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE patient AS SELECT 1 AS number")
        hanging = server(kept)
        hanging.suspend()

        assert postgres.ensure_running(kept, patience=1)

        assert gone(hanging)
        assert one(url, "SELECT count(*) FROM patient") == 1


def test_a_server_that_is_stuck_in_recovery_is_started_again(kept: Path) -> None:
    """PostgreSQL 18 with I/O workers waits for ever if one is killed together with the recovering process."""
    with postgres.running(kept) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET io_method = 'worker'")
    with postgres.running(kept) as url:
        assert one(url, "SELECT current_setting('io_method')") == "worker"
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE waiting AS SELECT generate_series(1, 200000) AS number")
        kill(kept, "postgres: walwriter")
        kill(kept, "postgres: startup", "postgres: io worker")

        postgres.ensure_running(kept, patience=1)

        with psycopg.connect(url, autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM waiting").fetchone() == (200_000,)
            connection.execute("ALTER SYSTEM RESET io_method")


def test_a_helper_that_is_just_going_says_nothing_of_a_recovery(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = postgres._Cluster(kept / "postgres", server_account.for_folder(kept / "postgres"))
    with postgres.running(kept):
        told = [pid for pid, _spent in postgres._signs_of_life(cluster)]
        assert told == [one.pid for one in server(kept).children() if "checkpointer" in title(one)]

        # when one of its processes has given back its memory, and its name with it
        monkeypatch.setattr(psutil.Process, "cmdline", lambda _process: [])

        monkeypatch.setattr(postgres, "_server", lambda _cluster: server(kept))
        assert postgres._signs_of_life(cluster) == []


def test_kills_at_random_lose_nothing_that_was_committed(kept: Path) -> None:
    chance = random.Random(3)
    with postgres.running(kept) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE told (number int PRIMARY KEY)")
        committed: set[int] = set()
        for round_ in range(4):
            with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as connection:
                for number in range(round_ * 1000, round_ * 1000 + 1000):
                    if number % 1000 == chance.randrange(50, 900):
                        children = server(kept).children()
                        for process in chance.sample(children, chance.choice([1, 2, len(children)])):
                            with suppress(psutil.NoSuchProcess):
                                process.kill()
                    connection.execute("INSERT INTO told VALUES (%s)", [number])
                    committed.add(number)

            postgres.ensure_running(kept, patience=2)

        with psycopg.connect(url) as connection:
            kept_numbers = {row[0] for row in connection.execute("SELECT number FROM told")}
        assert committed <= kept_numbers


def test_a_number_that_now_belongs_to_a_stranger_is_not_taken_for_the_server(kept: Path) -> None:
    with postgres.running(kept):
        recorded = (kept / "postgres" / "postmaster.pid").read_text()
    _, _, rest = recorded.partition("\n")
    (kept / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")

    with postgres.running(kept) as url:
        assert one(url, "SELECT 1") == 1


def test_the_server_of_another_folder_that_was_given_the_number_is_left_alone(kept: Path, data: Path) -> None:
    with postgres.running(data) as theirs:
        other = server(data)
        stale = (data / "postgres" / "postmaster.pid").read_text()
        recorded = kept / "postgres" / "postmaster.pid"
        recorded.write_text(stale)

        assert not postgres.holds(kept)
        recorded.write_text(stale)
        with postgres.running(kept) as url:
            assert one(url, "SELECT 1") == 1
            assert server(kept).pid != other.pid
            # Ours dies, and its number is taken for theirs once more: leaving must not stop them.
            ours = [server(kept), *server(kept).children()]
            for process in ours:
                process.kill()
            psutil.wait_procs(ours, timeout=20)
            recorded.write_text(stale)

        assert not gone(other)
        assert one(theirs, "SELECT 1") == 1
    assert not recorded.exists()


def test_a_server_of_another_folder_is_never_ended_for_being_stuck(kept: Path, data: Path) -> None:
    with postgres.running(data) as theirs:
        (kept / "postgres" / "postmaster.pid").write_text((data / "postgres" / "postmaster.pid").read_text())

        assert postgres.ensure_running(kept, patience=0.1)

        assert one(theirs, "SELECT 1") == 1
        with postgres.running(kept) as url:  # and out again, which stops it
            assert one(url, "SELECT 1") == 1


def test_a_full_disk_leaves_the_configuration_as_it_was(kept: Path) -> None:
    home = kept / "postgres"
    cluster = postgres._Cluster(home, server_account.for_folder(home))
    before = (home / "postgresql.conf").read_text()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            postgres._configure(cluster, home)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert (home / "postgresql.conf").read_text() == before
    assert not (home / "postgresql.conf.new").exists()
    assert (home / "postgresql.conf").stat().st_uid == cluster.account.uid


def test_a_start_that_was_killed_half_way_is_begun_again(data: Path) -> None:
    (data / "postgres.new" / "base").mkdir(parents=True)

    with postgres.running(data) as url:
        assert one(url, "SELECT 1") == 1
    assert not (data / "postgres.new").exists()


def test_a_long_folder_name_gets_a_private_short_socket(tmp_path: Path) -> None:
    data = tmp_path / ("長い" * 20)

    with postgres.running(data) as url:
        assert one(url, "SELECT 1") == 1
        socket = Path(str(psycopg.conninfo.conninfo_to_dict(url)["host"]))
        assert socket.parent == Path("/tmp")
        assert socket.stat().st_mode & 0o777 == 0o700
    assert not socket.exists()


def test_a_cluster_of_another_version_is_refused_with_what_to_do(kept: Path) -> None:
    version = kept / "postgres" / "PG_VERSION"
    was = version.read_text()
    version.write_text("12\n")

    with (
        pytest.raises(PostgresError, match=r"made by PostgreSQL 12, and the bundled one is \d+\. Dump it"),
        postgres.running(kept),
    ):
        pass

    version.write_text(was)
    assert not postgres.is_running(kept)


def test_a_server_that_cannot_start_shows_its_own_words(kept: Path) -> None:
    changes = kept / "postgres" / "postgresql.auto.conf"
    was = changes.read_text()
    changes.write_text("shared_buffers = 'plenty'\n")

    with (
        pytest.raises(PostgresError, match='invalid value for parameter "shared_buffers"'),
        postgres.running(kept),
    ):
        pass

    changes.write_text(was)


def test_a_terminated_guest_leaves_no_lock_behind(kept: Path) -> None:
    process = guest(kept)
    process.send_signal(signal.SIGTERM)
    process.wait()

    with postgres.running(kept):
        pass
    assert not postgres.is_running(kept)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
class TestAsRoot:
    def test_the_server_runs_as_an_account_of_its_own(self, kept: Path) -> None:
        with postgres.running(kept):
            assert server(kept).username() == server_account.NAME

    def test_a_closed_folder_above_lets_only_that_account_pass(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)

        with postgres.running(closed / "data") as url:
            assert one(url, "SELECT 1") == 1

        stranger = subprocess.run(["ls", closed], user=65534, group=65534, capture_output=True)
        assert stranger.returncode != 0
        account = server_account.for_folder(closed / "data" / "postgres")
        looking = subprocess.run(["ls", closed], capture_output=True, **account.process)
        assert looking.returncode != 0

    def test_a_cluster_keeps_the_account_that_owns_it(self, tmp_path: Path) -> None:
        (tmp_path / "postgres").mkdir()
        os.chown(tmp_path / "postgres", 12345, 12345)

        account = server_account.for_folder(tmp_path / "postgres")

        assert (account.uid, account.gid) == (12345, 12345)
