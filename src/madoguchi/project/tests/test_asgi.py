"""A web process as browsers meet it: pages in lasting threads, large files both ways, health, live screens."""

import hashlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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

Start = Callable[..., int]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def processes() -> list[subprocess.Popen[bytes]]:
    """Those that were started, in order."""
    return []


@pytest.fixture
def start(database_url: str, tmp_path: Path, processes: list[subprocess.Popen[bytes]]) -> Iterator[Start]:
    """Starts a process of ours and says its port once it answers."""

    def start(*command: str, database: str = database_url) -> int:
        port = free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MADOGUCHI_")} | {
            "MADOGUCHI_DATABASE_URL": database,
            "MADOGUCHI_DATA": str(tmp_path),
            "MADOGUCHI_SECRET_KEY": settings.SECRET_KEY,
            "MADOGUCHI_PORT": str(port),
            "MADOGUCHI_WEB_WORKERS": "1",
            "MADOGUCHI_WEB_THREADS": str(THREADS),
            "DJANGO_SETTINGS_MODULE": "madoguchi.project.tests.asgi_settings",
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        arguments = [part.format(port=port) for part in command]
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "madoguchi.project.cli", *arguments],
                env=environment,
                stdout=(tmp_path / "said").open("ab"),
                stderr=subprocess.STDOUT,
            )
        )
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            assert time.monotonic() < deadline, "the process does not answer"
            time.sleep(0.05)
        return port

    yield start
    for process in processes:
        process.terminate()
        process.wait(PATIENCE)


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


def test_pages_are_answered_by_threads_that_stay_with_their_connections(start: Start) -> None:
    port = start("web")
    with ThreadPoolExecutor(6) as browsers:
        seen = list(browsers.map(lambda _: get(port, "/whereabouts")[1], range(60)))
    pairs = {(place["thread"], place["connection"]) for place in map(json.loads, seen)}
    assert len(pairs) <= THREADS
    assert len({thread for thread, _ in pairs}) == len(pairs), "each thread keeps one connection"


def test_a_large_file_arrives_whole(start: Start) -> None:
    port, content = start("web"), os.urandom(24_000_000)
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    form = head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()
    browser = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    browser.request("POST", "/upload", form, {"Content-Type": f"multipart/form-data; boundary={EDGE}"})
    assert browser.getresponse().read().decode() == hashlib.sha256(content).hexdigest()


def test_a_large_file_leaves_whole(start: Start) -> None:
    status, content = get(start("web"), "/download")
    assert (status, len(content)) == (200, len(asgi_pages.CHUNK) * asgi_pages.CHUNKS)
    assert content == asgi_pages.CHUNK * asgi_pages.CHUNKS


def test_browsers_that_leave_in_the_middle_take_no_thread_with_them(start: Start) -> None:
    port = start("web")
    for _ in range(2 * THREADS):
        with socket.create_connection(("127.0.0.1", port)) as browser:
            browser.sendall(b"GET /download HTTP/1.1\r\nHost: localhost\r\n\r\n")
            browser.recv(1000)
    assert get(port, "/whereabouts")[0] == 200


def test_health_needs_no_database_and_readiness_does(start: Start) -> None:
    port = start("web")
    assert get(port, "/readyz") == (200, b"ok")
    lonely = start("web", database="postgresql://nobody@127.0.0.1:1/nothing")
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
def test_live_screens_are_served(
    start: Start,
    world: World,
    command: tuple[str, ...],
    processes: list[subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    stream = listening(start(*command), world)

    place = light(world.ours)

    assert next(line for line in stream if line.startswith(b"id:")).decode() == f"id: {place}\n"

    processes[0].terminate()

    # The stream ends as a stream does, so nobody had to be killed; the browser comes back to who is there then.
    assert b"".join(stream).endswith(b"\n\n")
    processes[0].wait(PATIENCE)
    assert b"Killing" not in (tmp_path / "said").read_bytes()


def test_the_live_process_alone_has_no_pages(start: Start) -> None:
    assert get(start("live", "--port", "{port}"), "/whereabouts")[0] == 404
