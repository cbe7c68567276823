"""The list of 50 cases and a case of ten messages, at growing numbers of cases.

For each size: CPU milliseconds a page (web process and database together), queries a page, p50 and p95 with one and
with eight clients, and pages a second; the floor is the health page of the same server, which asks nothing.
Run: `.venv/bin/python bench/pages.py [--cases 10000 100000 1000000]`.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock, own_database, process_seconds

PORT = 28000
ROUNDS = 200
_MANAGER = """
    SELECT people_user.id FROM people_user JOIN people_operatormember ON user_id = people_user.id
    JOIN companies_engagement USING (operator_id) JOIN cases_case USING (desk_id)
    WHERE role = 'manager' GROUP BY people_user.id ORDER BY count(*) DESC LIMIT 1
"""
_CASE = """
    SELECT prefix || '-' || number, count(*)
    FROM cases_case JOIN companies_company ON companies_company.id = company_id
    JOIN companies_engagement USING (desk_id) JOIN people_operatormember USING (operator_id)
    JOIN cases_message ON case_id = cases_case.id
    WHERE people_operatormember.user_id = %s GROUP BY cases_case.id, prefix HAVING count(*) <= 10
    ORDER BY count(*) DESC, cases_case.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Figures:
    """What a page took."""

    cpu_ms: float
    p50_ms: float
    p95_ms: float
    per_second: float


class Reader:
    """A browser with one connection and one person's session."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def get(self, address: str) -> tuple[float, int]:
        """Seconds and bytes of one page; anything but 200 ends the run."""
        start = time.perf_counter()
        self.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{address} answered {answer.status}")
        return time.perf_counter() - start, len(body)


def measure(address: str, cookie: str, *, clients: int, cpu: "Cpu") -> Figures:
    """Ask for a page ROUNDS times in all, over this many connections at once."""
    readers = [Reader(cookie) for _ in range(clients)]
    for reader in readers:
        reader.get(address)
    before, start = cpu.seconds(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        work = [pool.submit(_ask, reader, address, ROUNDS // clients) for reader in readers]
        took = sorted(t for w in work for t in w.result())
    elapsed = time.perf_counter() - start
    return Figures(
        (cpu.seconds() - before) / len(took) * 1000,
        statistics.median(took) * 1000,
        took[int(len(took) * 0.95)] * 1000,
        len(took) / elapsed,
    )


def _ask(reader: Reader, address: str, times: int) -> list[float]:
    return [reader.get(address)[0] for _ in range(times)]


class Cpu:
    """CPU seconds of the web processes and the database together."""

    def __init__(self, web: psutil.Process, connection: psycopg.Connection) -> None:
        self.web, self.database = web, DatabaseClock(connection)

    def seconds(self) -> float:
        processes = [self.web, *self.web.children(recursive=True)]
        return sum(map(process_seconds, processes)) + self.database.seconds()


@contextmanager
def web(environ: dict[str, str]) -> Iterator[psutil.Process]:
    """The web process, ready to answer."""
    command = [sys.executable, "-m", "madoguchi.project.cli", "web"]
    process = subprocess.Popen(command, env=environ)
    try:
        _until_ready()
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def _until_ready() -> None:
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not answer")


def session_of(user: int, environ: dict[str, str]) -> str:
    """A signed-in session's cookie, made as signing in makes it."""
    script = (
        "import django; django.setup()\n"
        "from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "from django.conf import settings\n"
        f"user = get_user_model().objects.get(pk={user})\n"
        "store = SessionStore()\n"
        "store[SESSION_KEY] = str(user.pk); store[HASH_SESSION_KEY] = user.get_session_auth_hash()\n"
        "store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]\n"
        "store.create(); print(f'{settings.SESSION_COOKIE_NAME}={store.session_key}')\n"
    )
    environ = environ | {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
    run = subprocess.run(
        [sys.executable, "-c", script], env=environ, check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


def report(cases: int, environ: dict[str, str]) -> None:
    """Fill a database with so many cases and measure on it."""
    seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(cases)]
    subprocess.run(seed, env=environ, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(environ["MADOGUCHI_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        connection.execute("VACUUM ANALYZE")
        user = connection.execute(_MANAGER).fetchone()[0]
        number, messages = connection.execute(_CASE, [user]).fetchone()
        cookie = session_of(user, environ)
        with web(environ) as process:
            cpu = Cpu(process, connection)
            pages = {
                "floor": "/healthz",
                "list of 50": "/cases/?view=all",
                f"case of {messages}": f"/cases/{number}/",
            }
            for name, address in pages.items():
                _line(name, address, cookie, cpu)


def _line(name: str, address: str, cookie: str, cpu: Cpu) -> None:
    size = Reader(cookie).get(address)[1]
    one, eight = (measure(address, cookie, clients=n, cpu=cpu) for n in (1, 8))
    print(
        f"  {name:<11} {one.cpu_ms:6.1f} CPU-ms   1 client: p50 {one.p50_ms:6.1f} p95 {one.p95_ms:6.1f} ms"
        f"   8 clients: p50 {eight.p50_ms:6.1f} p95 {eight.p95_ms:6.1f} ms, {eight.per_second:5.0f} pages/s"
        f"   {size / 1000:.0f} KB",
        flush=True,
    )


def main() -> None:
    """Measure each size in a database of its own."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    for cases in arguments.parse_args().cases:
        with own_database() as environ:
            print(f"{cases:,} cases, {os.cpu_count()} cores", flush=True)
            report(cases, environ | {"MADOGUCHI_PORT": str(PORT), "MADOGUCHI_LOG_LEVEL": "ERROR"})


if __name__ == "__main__":
    main()
