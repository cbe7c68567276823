"""`madoguchi up` as a person meets it: what it refuses, what it starts, and that it leaves nothing behind."""

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import pytest
from tests.servers import migrated

from madoguchi.infra import postgres
from madoguchi.infra.tests.folders import data_folder
from madoguchi.project import conf, installation
from madoguchi.project.conf import Config
from madoguchi.project.supervisor import Supervisor, SupervisorError

pytestmark = pytest.mark.long

SOURCE = Path(conf.__file__).parents[2]


def free_ports() -> tuple[int, int]:
    """Two that nobody has; held at once, lest both be the same."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


def environ(data: Path) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    port, smtp_port = free_ports()
    return {
        **mine,
        "PYTHONPATH": str(SOURCE),
        "MADOGUCHI_DATA": str(data),
        "MADOGUCHI_PORT": str(port),
        "MADOGUCHI_SMTP_PORT": str(smtp_port),
        "MADOGUCHI_SIP_PORT": str(free_ports()[0]),
        "MADOGUCHI_SAMPLE": "false",
    }


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with data_folder() as folder:
        yield folder


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return conf.read(environ(tmp_path))


@contextmanager
def listening(port: int) -> Iterator[None]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        yield


def start(variables: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "madoguchi.project.cli", "up"],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(output: IO[str] | None, beginning: str) -> str:
    assert output is not None
    lines = []
    for line in output:
        lines.append(line)
        if line.startswith(beginning):
            return "".join(lines)
    raise AssertionError("".join(lines))


def test_a_port_in_use_is_named_with_its_setting(config: Config) -> None:
    with listening(config.smtp_port), pytest.raises(SupervisorError) as caught:
        asyncio.run(installation.ports_are_free(config))

    assert str(caught.value) == (
        f"MADOGUCHI_SMTP_PORT={config.smtp_port}: 127.0.0.1:{config.smtp_port} is in use by another program; "
        f"stop it or choose another port."
    )


def test_an_address_that_is_not_ours_is_named(config: Config) -> None:
    assert (
        installation.why_not("192.0.2.1", config.port)
        == "cannot be listened on (Cannot assign requested address)"
    )


def test_the_database_is_watched_on_when_looking_at_it_failed(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "WATCH_SECONDS", 0.01)
    (config.data / "postgres.gate").mkdir(parents=True)
    said: list[str] = []

    async def scene() -> None:
        def say(name: str, line: str) -> None:
            said.append(line)
            if len(said) == 2:
                one.stopping.set()

        one = Supervisor(say=say)
        one.watch("the database", installation._watch_database(one, config))
        await one.wait()
        await one.stop()

    asyncio.run(scene())

    trouble = f"The database: [Errno 21] Is a directory: '{config.data / 'postgres.gate'}'"
    assert said == [f"{trouble}\nTrying again in 0.01 s."] * 2


def test_two_on_one_data_folder_are_refused(tmp_path: Path) -> None:
    with installation.only_one(tmp_path) as unclean:
        assert not unclean
        assert installation.is_up(tmp_path)

        refusal = rf"already runs on {tmp_path} \(process {os.getpid()}\)"
        with pytest.raises(SupervisorError, match=refusal), installation.only_one(tmp_path):
            pass

    assert not installation.is_up(tmp_path)


def test_a_folder_whose_holder_was_killed_can_be_held_again(tmp_path: Path) -> None:
    code = (
        "import sys, signal; from pathlib import Path; from madoguchi.project import installation\n"
        "with installation.only_one(Path(sys.argv[1])): print('held', flush=True); signal.pause()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        text=True,
    )
    read_until(holder.stdout, "held")
    holder.kill()
    holder.wait()

    with installation.only_one(tmp_path) as unclean:
        assert unclean
    with installation.only_one(tmp_path) as unclean:
        assert not unclean


def test_a_gateway_without_sip_runs_where_an_asterisk_is_to_dial_it() -> None:
    neither = conf.read({"MADOGUCHI_SIP_PORT": "0"})
    asterisk = conf.read(
        {
            "MADOGUCHI_SIP_PORT": "0",
            "MADOGUCHI_ARI_PORT": "8096",
            "MADOGUCHI_ARI_PASSWORD": "a long password of tests",
        }
    )

    assert installation.why_no_phone(neither) == "MADOGUCHI_SIP_PORT is 0"
    assert installation.why_no_phone(asterisk) == ""


def test_nothing_is_started_where_a_port_is_taken(tmp_path: Path) -> None:
    variables = environ(tmp_path)
    with listening(int(variables["MADOGUCHI_PORT"])):
        done = start(variables)
        printed, _ = done.communicate()

    assert done.returncode == 1
    assert printed.startswith(f"Error: MADOGUCHI_PORT={variables['MADOGUCHI_PORT']}: ")
    assert not (tmp_path / "postgres").exists()


def test_up_starts_everything_and_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    variables = environ(tmp_path)
    port, smtp_port = variables["MADOGUCHI_PORT"], variables["MADOGUCHI_SMTP_PORT"]

    running = start(variables)
    greeting = read_until(running.stdout, "  Stop")

    assert re.search(r"^migrate\| \d+ migrations applied\.$", greeting, re.MULTILINE)
    assert f"  Open      http://localhost:{port}\n" in greeting
    assert f"  Mail in   SMTP on 127.0.0.1:{smtp_port}\n" in greeting
    assert (
        f"  Mail out  kept, to be read at http://localhost:{port}/outbox/ by supervisors and managers\n"
        in greeting
    )
    assert _status(port) == 200
    with socket.create_connection(("127.0.0.1", int(smtp_port))) as door:
        assert door.recv(3) == b"220"
    assert _answers_sip(int(variables["MADOGUCHI_SIP_PORT"]))
    family = psutil.Process(running.pid).children(recursive=True)

    running.send_signal(signal.SIGINT)
    rest, _ = running.communicate()

    assert running.returncode == 0
    assert rest.endswith("up     | Stopped.\n")
    assert [process.pid for process in family if _lives(process)] == []
    assert not postgres.is_running(tmp_path)


def _answers_sip(port: int) -> bool:
    """Whether the phone is there; it is not waited for at the start, so it is asked until it is."""
    asked = (
        "OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK{};rport\r\n"
        "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(1)
        for turn in range(60):
            phone.sendto(asked.format(turn).encode(), ("127.0.0.1", port))
            with suppress(TimeoutError, ConnectionError):
                return phone.recv(4096).startswith(b"SIP/2.0 200 OK")
    return False


def test_what_never_starts_is_not_tried_for_ever(tmp_path: Path) -> None:
    variables = environ(tmp_path)
    migrated.install(tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(
        "import sys\nsys.modules['madoguchi.project.serving'] = None  # importing it now fails\n"
    )
    variables["PYTHONPATH"] = f"{tmp_path / 'broken'}{os.pathsep}{SOURCE}"

    done = start(variables)
    printed, _ = done.communicate()

    assert done.returncode == 1
    assert printed.endswith("Error: web keeps ending; the lines above say why.\n")
    assert not postgres.is_running(tmp_path)


def test_up_after_kill_9_carries_on(tmp_path: Path) -> None:
    variables = environ(tmp_path)
    migrated.install(tmp_path)
    killed = start(variables)
    read_until(killed.stdout, "  Stop")
    killed.kill()
    killed.wait()

    running = start(variables)
    greeting = read_until(running.stdout, "  Stop")
    assert "migrate| The database is up to date.\n" in greeting
    assert _status(variables["MADOGUCHI_PORT"]) == 200

    running.send_signal(signal.SIGTERM)
    running.communicate()
    assert running.returncode == 0
    assert not postgres.is_running(tmp_path)


def _status(port: str) -> int:
    asked = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    asked.request("GET", "/healthz")
    return asked.getresponse().status


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
