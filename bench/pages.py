"""The list of 50 cases, a case of ten messages and the wall, at growing numbers of cases.

For each size, read by a manager who sees all and by one from whom fields of customers are kept: CPU milliseconds a page
(web process and database together, and the database's part of it), queries a page, p50 and p95 with one and with eight
clients, pages a second, and the memory of the web process (PSS) at rest and after all those pages. Two floors of the
same run: the health page of the same server, which asks nothing, and CPU milliseconds that Django takes for 50 plain
rows in this process just before (`plain`), since a machine that others use as well may be several times slower from one
hour to the next.

Run: `.venv/bin/python bench/pages.py [--cases 10000 100000 1000000]`. A million cases take their time to make, so a
database that `madoguchi seed` has filled may be named instead, and is left as it is but for the rows of one sign-in:
`.venv/bin/python bench/pages.py --database postgresql://…/filled`.
"""

import argparse
import http.client
import os
import socket
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
from django.conf import settings
from django.template import Context, Engine

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock, own_database, process_seconds, used_database

ROUNDS = 200
# One of its own: whatever else answers on this machine is not what is measured.
with socket.socket() as _free:
    _free.bind(("127.0.0.1", 0))
    PORT = _free.getsockname()[1]
_MANAGERS = """
    SELECT people_user.id, bool_or(cardinality(masked) + cardinality(hidden) > 0) AS kept
    FROM people_user JOIN people_operatormember ON user_id = people_user.id
    JOIN companies_engagement USING (operator_id) JOIN cases_case USING (desk_id)
    WHERE role = 'manager' GROUP BY people_user.id ORDER BY count(*) DESC
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
    database_ms: float
    p50_ms: float
    p95_ms: float
    per_second: float


class Reader:
    """A browser with one connection and one person's session."""

    def __init__(self, cookie: str, *, part: bool = False) -> None:
        self.headers = {"Cookie": cookie} | ({"HX-Request": "true"} if part else {})
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def get(self, address: str) -> tuple[float, int]:
        """Seconds and bytes of one page; anything but 200 ends the run."""
        start = time.perf_counter()
        self.connection.request("GET", address, headers=self.headers)
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
    before, start = cpu.now(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        work = [pool.submit(_ask, reader, address, ROUNDS // clients) for reader in readers]
        took = sorted(t for w in work for t in w.result())
    elapsed, after = time.perf_counter() - start, cpu.now()
    web_ms, database_ms = ((b - a) / len(took) * 1000 for a, b in zip(before, after, strict=True))
    return Figures(
        web_ms + database_ms,
        database_ms,
        statistics.median(took) * 1000,
        took[int(len(took) * 0.95)] * 1000,
        len(took) / elapsed,
    )


def _ask(reader: Reader, address: str, times: int) -> list[float]:
    return [reader.get(address)[0] for _ in range(times)]


class Cpu:
    """CPU seconds of the web processes and of the database."""

    def __init__(self, web: psutil.Process, connection: psycopg.Connection) -> None:
        self.web, self.database = web, DatabaseClock(connection)

    def now(self) -> tuple[float, float]:
        """Of the web processes, and of the database."""
        return sum(map(process_seconds, _family(self.web))), self.database.seconds()


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


_PLAIN = "{% for row in rows %}" + "<b>{{ row.name }}</b>{% if row.open %}x{% endif %}" * 13 + "{% endfor %}"


def plain() -> float:
    """CPU milliseconds for 50 rows of 13 fields and 13 conditions in a template of Django's own engine."""
    template, page = (
        Engine(debug=False).from_string(_PLAIN),
        Context({"rows": [{"name": "ひなた", "open": True}] * 50}),
    )
    template.render(page)
    start = time.process_time()
    for _ in range(50):
        template.render(page)
    return (time.process_time() - start) / 50 * 1000


def megabytes(process: psutil.Process) -> float:
    """Of a process and its children, each shared page counted once (PSS)."""
    return sum(each.memory_full_info().pss for each in _family(process)) / 1e6


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
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web process did not answer")


_SESSION = """
import django; django.setup()
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.get(pk={user})
store = SessionStore()
store[SESSION_KEY] = str(user.pk); store[HASH_SESSION_KEY] = user.get_session_auth_hash()
store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
store.create(); print(f"{{settings.SESSION_COOKIE_NAME}}={{store.session_key}}")
"""
_QUERIES = """
import django; django.setup()
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
name, _, value = {cookie!r}.partition("=")
client = Client(headers={{"host": "localhost"}} | ({{"HX-Request": "true"}} if {part} else {{}}))
client.cookies[name] = value
client.get({address!r})
with CaptureQueriesContext(connection) as asked:
    assert client.get({address!r}).status_code == 200
print(len(asked))
"""


def with_django(script: str, environ: dict[str, str]) -> str:
    """What a few lines print that need the product's own settings."""
    environ = environ | {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def session_of(user: int, environ: dict[str, str]) -> str:
    """A signed-in session's cookie, made as signing in makes it."""
    return with_django(_SESSION.format(user=user), environ)


def queries_of(address: str, cookie: str, environ: dict[str, str], *, part: bool = False) -> int:
    """How many statements a page asks the database, a warm one; or a `part` that a page fetches."""
    return int(with_django(_QUERIES.format(cookie=cookie, address=address, part=part), environ))


def fill(cases: int, environ: dict[str, str]) -> None:
    """Make so many cases."""
    seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(cases)]
    subprocess.run(seed, env=environ, check=True, stdout=subprocess.DEVNULL)


def report(environ: dict[str, str]) -> None:
    """Measure on a filled database."""
    with psycopg.connect(environ["MADOGUCHI_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT set_config('app.companies', '*', false)")
        connection.execute("VACUUM ANALYZE")
        cases = connection.execute("SELECT count(*) FROM cases_case").fetchone()[0]
        print(f"{cases:,} cases, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
        readers = connection.execute(_MANAGERS).fetchall()
        with web(environ) as process:
            cpu = Cpu(process, connection)
            at_rest = megabytes(process)
            for who, wanted in {
                "from whom nothing is kept": False,
                "from whom fields are kept": True,
            }.items():
                if user := next((user for user, kept in readers if kept == wanted), None):
                    print(f" read by a manager {who}:", flush=True)
                    _pages(user, environ, connection, cpu)
            print(f"  web process {at_rest:.0f} MB at rest, {megabytes(process):.0f} MB after", flush=True)


def _pages(user: int, environ: dict[str, str], connection: psycopg.Connection, cpu: "Cpu") -> None:  # type: ignore[type-arg]
    number, messages = connection.execute(_CASE, [user]).fetchone()  # type: ignore[misc]
    cookie = session_of(user, environ)
    _line("floor", "/healthz", 0, cookie, cpu)
    for name, address in {
        "list of 50": "/cases/?view=all",
        **{f"by {order}": f"/cases/?view=all&order={order}" for order in ("waiting", "priority", "due")},
        f"case of {messages}": f"/cases/{number}/",
        "wall": "/wall/",
    }.items():
        _line(name, address, queries_of(address, cookie, environ), cookie, cpu)


def _line(name: str, address: str, queries: int, cookie: str, cpu: Cpu) -> None:
    size = Reader(cookie).get(address)[1]
    measure(address, cookie, clients=8, cpu=cpu)
    floor = plain()
    one, eight = (measure(address, cookie, clients=n, cpu=cpu) for n in (1, 8))
    print(
        f"  {name:<11} {one.cpu_ms:5.1f} CPU-ms (database {one.database_ms:4.1f}), {queries:2} queries,"
        f" {one.cpu_ms / floor:4.1f} × plain ({floor:.1f} ms)"
        f"   1 client: p50 {one.p50_ms:5.1f} p95 {one.p95_ms:5.1f} ms"
        f"   8 clients: {eight.cpu_ms:5.1f} CPU-ms, p50 {eight.p50_ms:5.1f} p95 {eight.p95_ms:5.1f} ms,"
        f" {eight.per_second:5.0f} pages/s   {size / 1000:.0f} KB, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    """Measure each size in a database of its own, or the databases that are named."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, nargs="+", default=[10_000, 100_000])
    arguments.add_argument("--database", nargs="+", metavar="URL", default=[])
    asked = arguments.parse_args()
    settings.configure()
    own = {"MADOGUCHI_PORT": str(PORT), "MADOGUCHI_LOG_LEVEL": "ERROR"}
    for url in asked.database:
        with used_database(url) as environ:
            report(environ | own)
    for cases in () if asked.database else asked.cases:
        with own_database() as environ:
            fill(cases, environ)
            report(environ | own)


if __name__ == "__main__":
    main()
