"""A web process as browsers meet it: pages in lasting threads, large files both ways, health, live screens."""

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from madoguchi.people.factories import World
from madoguchi.project.live.tests.conftest import light
from madoguchi.project.tests import asgi_pages

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, PATIENCE = 3, 30
EDGE = "a-line-that-no-random-file-has"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Started:
    """What was started in one folder, in order."""

    database: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, database: str = "") -> int:
        """Starts a process of ours and says its port once it answers."""
        port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
            "MADOGUCHI_DATABASE_URL": database or self.database,
            "MADOGUCHI_DATA": str(self.folder),
            "MADOGUCHI_SECRET_KEY": settings.SECRET_KEY,
            "MADOGUCHI_PORT": str(port),
            "MADOGUCHI_WEB_WORKERS": "1",
            "MADOGUCHI_WEB_THREADS": str(THREADS),
            "DJANGO_SETTINGS_MODULE": "madoguchi.project.tests.asgi_settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        arguments = [part.format(port=port) for part in command]
        with (self.folder / "said").open("ab") as said:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "madoguchi.project.cli", *arguments],
                    env=environment,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                )
            )
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            assert time.monotonic() < deadline, "the process does not answer"
            time.sleep(0.05)
        return port

    def end(self) -> None:
        for process in self.processes:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def started(url_of_database: str, tmp_path: Path) -> Iterator[Started]:
    """For processes that a test ends, or has to itself."""
    started = Started(url_of_database, tmp_path)
    yield started
    started.end()


@pytest.fixture(scope="module")
def port(url_of_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a web process that answers all who only ask."""
    started = Started(url_of_database, tmp_path_factory.mktemp("web"))
    yield started.start("web")
    started.end()


def answers(port: int) -> bool:
    try:
        return get(port, "/healthz") == (200, b"ok")
    except OSError:
        return False


def get(port: int, path: str, *, cookie: str = "") -> tuple[int, bytes]:
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    browser.request("GET", path, headers={"Cookie": cookie})
    answer = browser.getresponse()
    return answer.status, answer.read()


def test_pages_are_answered_by_threads_that_stay_with_their_connections(port: int) -> None:
    with ThreadPoolExecutor(6) as browsers:
        seen = list(browsers.map(lambda _: get(port, "/whereabouts")[1], range(60)))
    pairs = {(place["thread"], place["connection"]) for place in map(json.loads, seen)}
    assert len(pairs) <= THREADS
    assert len({thread for thread, _ in pairs}) == len(pairs), "each thread keeps one connection"


def test_a_large_file_arrives_whole(port: int) -> None:
    content = os.urandom(24_000_000)
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    form = head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    browser.request("POST", "/upload", form, {"Content-Type": f"multipart/form-data; boundary={EDGE}"})
    assert browser.getresponse().read().decode() == hashlib.sha256(content).hexdigest()


def test_a_large_file_leaves_whole(port: int) -> None:
    status, content = get(port, "/download")
    assert (status, len(content)) == (200, len(asgi_pages.CHUNK) * asgi_pages.CHUNKS)
    assert content == asgi_pages.CHUNK * asgi_pages.CHUNKS


def test_browsers_that_leave_in_the_middle_take_no_thread_with_them(port: int) -> None:
    for _ in range(2 * THREADS):
        with socket.create_connection(("127.0.0.1", port)) as browser:
            browser.sendall(b"GET /download HTTP/1.1\r\nHost: localhost\r\n\r\n")
            browser.recv(1000)
    assert get(port, "/whereabouts")[0] == 200


def test_health_needs_no_database_and_readiness_does(port: int, started: Started) -> None:
    assert get(port, "/readyz") == (200, b"ok")
    lonely = started.start("web", database="postgresql://nobody@127.0.0.1:1/nothing")
    assert get(lonely, "/healthz") == (200, b"ok")
    assert get(lonely, "/readyz") == (503, b"The database does not answer")


def listening(port: int, world: World) -> http.client.HTTPResponse:
    """The stream of an open screen of the agent, after its greeting."""
    visitor = Client()
    visitor.force_login(world.ours.agent)
    session = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    browser.request("GET", "/live/stream", headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"})
    stream = browser.getresponse()
    assert stream.status == 200
    assert b'"kind":"hello"' in next(line for line in stream if line.startswith(b"data:"))
    return stream


@pytest.mark.parametrize("command", [("web",), ("live", "--port", "{port}")])
def test_live_screens_are_served(started: Started, world: World, command: tuple[str, ...]) -> None:
    stream = listening(started.start(*command), world)

    place = light(world.ours)

    assert next(line for line in stream if line.startswith(b"id:")).decode() == f"id: {place}\n"

    started.processes[0].terminate()

    # The stream ends as a stream does, so nobody had to be killed; the browser comes back to who is there then.
    assert b"".join(stream).endswith(b"\n\n")
    started.processes[0].wait(PATIENCE)
    assert b"Killing" not in (started.folder / "said").read_bytes()


def test_the_live_process_alone_has_no_pages(started: Started) -> None:
    assert get(started.start("live", "--port", "{port}"), "/whereabouts")[0] == 404
