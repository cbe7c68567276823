"""An import of 50,000 tickets by the command line, to its end: how long it takes, and how much memory at most.

    MADOGUCHI_DATABASE_URL=postgresql://… .venv/bin/python bench/imports.py [--tickets 50000] [--formats csv zendesk]

Of each format a file is written (`exports.py`). The command looks at it, brings it in, is killed with -9 on the way
(`--kills`) and begun again, and at last is run once more, when nothing may be new. The floor, measured in the same run,
reads the same file with the standard library and inserts the same rows, 50 tickets a transaction, with nothing around
them; neither does it make them found by the search. CPU is that of the process and of the database.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
import exports
from ground import DatabaseClock, own_database, process_seconds

Said = tuple[str, str]  # who, and what
Ticket = tuple[str, str, str, str, list[Said]]  # id, subject, name, address, what was said
_AT_ONCE = 50
_WHERE = """
    SELECT c.id, c.slug, d.id, d.name, e.id, u.email
    FROM companies_company AS c JOIN companies_desk AS d ON d.company_id = c.id
        JOIN companies_entrypoint AS e ON e.desk_id = d.id AND e.kind = 'email'
        JOIN people_companymember AS m ON m.company_id = c.id JOIN people_user AS u ON u.id = m.user_id
    WHERE u.is_active ORDER BY c.id, d.position, d.id, e.id, m.id LIMIT 1
"""
_CUSTOMER = """
    INSERT INTO customers_customer (company_id, name, kana, address, memo, language, created_at)
    VALUES (%s, %s, '', '', '', 'ja', now()) RETURNING id
"""
_IDENTITY = """
    INSERT INTO customers_identity (company_id, customer_id, kind, value, written)
    VALUES (%s, %s, 'email', %s, %s)
"""
_CASE = """
    INSERT INTO cases_case (company_id, number, desk_id, entry_point_id, customer_id, channel, subject, status,
        priority, tags, language, reply_token, preview, message_count, opened_at, touched_at, waiting_since, version)
    VALUES (%s, %s, %s, %s, %s, 'email', %s, 'new', 2, '{}', 'ja', %s, '', 1, now(), now(), now(), 1) RETURNING id
"""
_CONTACT = """
    INSERT INTO cases_contact (company_id, case_id, customer_id, entry_point_id, channel, inbound, at)
    VALUES (%s, %s, %s, %s, 'email', true, now()) RETURNING id
"""
_MESSAGE = """
    INSERT INTO cases_message (company_id, case_id, contact_id, channel, author, sender_name, sender_address, "to", cc,
        subject, text, new_text, html, automatic, external_id, at)
    VALUES (%s, %s, %s, 'email', %s, '', '', '[]', '[]', %s, %s, '', '', '', %s, now()) RETURNING id
"""
_EVENT = """
    INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, case_id, desk_id, data)
    VALUES (%s, 'message.received', 'system', 'floor', %s, %s, '{}')
"""
_ORIGIN = """
    INSERT INTO imports_origin (company_id, source, kind, external_id, number, case_id, at)
    VALUES (%s, 'floor', %s, %s, '', %s, now())
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything goes, and by whom."""

    company: int
    slug: str
    desk: int
    desk_name: str
    point: int
    email: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took: seconds, CPU seconds of the process and of the database, and at most so many bytes."""

    wall: float
    own: float
    database: float
    peak: int

    @classmethod
    def of(cls, costs: "list[Cost]") -> "Cost":
        """Several runs as one."""
        return cls(
            sum(cost.wall for cost in costs),
            sum(cost.own for cost in costs),
            sum(cost.database for cost in costs),
            max(cost.peak for cost in costs),
        )

    def line(self, name: str, tickets: int, floor: "Cost | None" = None) -> str:
        """A line of the report."""
        cpu = self.own + self.database
        ratio = f"   {cpu / (floor.own + floor.database):.1f} x the floor" if floor else ""
        each = f"{cpu / tickets * 1000:.2f} CPU-ms each ({self.own / tickets * 1000:.2f} ours)"
        took = f"{self.wall:7.1f} s  {tickets / self.wall:6.0f}/s  {each}  peak {self.peak / 1e6:.0f} MB"
        return f"{name:<22} {took}{ratio}"


def main() -> None:
    """Fill a database of our own and measure each format."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tickets", type=int, default=50_000)
    arguments.add_argument("--formats", nargs="+", choices=("csv", "zendesk"), default=("csv", "zendesk"))
    arguments.add_argument("--kills", type=int, default=1, help="so often each import is killed on its way")
    asked = arguments.parse_args()
    with own_database() as environ, tempfile.TemporaryDirectory(prefix="madoguchi-exports-") as folder:
        seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", "1"]
        subprocess.run(seed, env=environ, check=True, stdout=subprocess.DEVNULL)
        with psycopg.connect(environ["MADOGUCHI_DATABASE_URL"], autocommit=True) as connection:
            connection.execute("SELECT set_config('app.companies', '*', false)")
            row = connection.execute(_WHERE).fetchone()
            assert row is not None
            for format_ in asked.formats:
                written = {"csv": exports.csv_table, "zendesk": exports.zendesk}[format_]
                path = written(Path(folder) / f"{format_}.txt", asked.tickets)
                _measure(format_, path, asked.tickets, asked.kills, Place(*row), environ, connection)


def _measure(
    format_: str,
    path: Path,
    tickets: int,
    kills: int,
    place: Place,
    environ: dict[str, str],
    connection: psycopg.Connection[Any],
) -> None:
    clock, size = DatabaseClock(connection), path.stat().st_size / 1e6
    print(f"{format_}: {tickets:,} in {size:.0f} MB; load {os.getloadavg()[0]:.1f}", flush=True)
    floor = _floor(format_, path, place, clock, connection)
    print(floor.line("floor", tickets), flush=True)
    command = [sys.executable, "-m", "madoguchi.project.cli", "import", format_, str(path), "--json"]
    command += ["--company", place.slug, "--desk", place.desk_name, "--as", place.email]
    command += ["--report", str(path.with_suffix(".report"))]

    def run(name: str, *more: str, kill_at: int = 0) -> Cost:
        cost, said = _command(
            [*command, *more], environ, clock, lambda: kill_at and _came(connection) > kill_at
        )
        if kill_at:
            print(
                f"{name:<22} {cost.wall:7.1f} s, {_came(connection):,} are in, peak {cost.peak / 1e6:.0f} MB",
                flush=True,
            )
        else:
            print(cost.line(name, tickets, floor), said.get("counts"), flush=True)
        return cost

    connection.execute("DELETE FROM imports_origin WHERE source = 'floor'")
    run("preview", "--dry-run")
    steps = [tickets * (number + 1) // (kills + 2) for number in range(kills)]
    costs = [run("killed with -9", kill_at=step) for step in steps]
    costs.append(run("begun again, to its end"))
    print(Cost.of(costs).line("all of it", tickets, floor), flush=True)
    run("once more")
    report = path.with_suffix(".report")
    lines = len(report.read_text(encoding="utf-8").splitlines()) if report.exists() else 0
    print(f"{'report':<22} {lines} lines", flush=True)
    connection.execute("DELETE FROM imports_origin")


def _came(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT count(*) FROM imports_origin WHERE kind = 'case'").fetchone()
    return int(row[0]) if row else 0


def _command(
    command: list[str], environ: dict[str, str], clock: DatabaseClock, is_time: Callable[[], object]
) -> tuple[Cost, dict[str, Any]]:
    began, database = time.perf_counter(), clock.seconds()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            if is_time():
                process.kill()

    watching = threading.Thread(target=watch)
    watching.start()
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watching.join()
    wall, own = time.perf_counter() - began, used.ru_utime + used.ru_stime
    cost = Cost(wall, own, clock.seconds() - database, used.ru_maxrss * 1024)
    return cost, json.loads(said) if said.strip() else {}


def _floor(
    format_: str, path: Path, place: Place, clock: DatabaseClock, connection: psycopg.Connection[Any]
) -> Cost:
    process, customers = psutil.Process(), dict[str, int]()
    began, own, database = time.perf_counter(), process_seconds(process), clock.seconds()
    tickets = (_of_csv if format_ == "csv" else _of_zendesk)(path)
    while some := list(islice(tickets, _AT_ONCE)):
        with connection.transaction():
            for ticket in some:
                _insert(connection, ticket, place, customers)
    wall, own = time.perf_counter() - began, process_seconds(process) - own
    return Cost(wall, own, clock.seconds() - database, process.memory_info().rss)


def _of_csv(path: Path) -> Iterator[Ticket]:
    with path.open(encoding="cp932", newline="") as file:
        rows = (row for row in csv.reader(file) if len(row) == len(exports.HEADINGS))
        next(rows)
        for id_, group in groupby(rows, key=lambda row: row[0]):
            together = list(group)
            said = [("staff" if row[3] == "回答" else "customer", row[2]) for row in together]
            yield id_, together[0][1], together[0][4], together[0][5], said


def _of_zendesk(path: Path) -> Iterator[Ticket]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            who = found["requester"]
            said = [(one["author"]["role"], one["plain_body"]) for one in found["comments"]]
            yield str(found["id"]), found["subject"], who["name"], who["email"], said


def _insert(
    connection: psycopg.Connection[Any], ticket: Ticket, place: Place, customers: dict[str, int]
) -> None:
    def made(statement: str, *values: object) -> int:
        row = connection.execute(statement, values).fetchone()
        assert row is not None
        return int(row[0])

    id_, subject, name, address, said = ticket
    if address not in customers:
        customers[address] = made(_CUSTOMER, place.company, name)
        values = (place.company, customers[address], f"floor-{customers[address]}-{address}", address)
        connection.execute(_IDENTITY, values)
    token = f"f{time.time_ns():x}"
    number = 10_000_000 + time.time_ns() % 1_000_000_000_000
    where = (place.company, number, place.desk, place.point, customers[address])
    case = made(_CASE, *where, subject, token)
    connection.execute(_ORIGIN, (place.company, "case", f"{id_}-{token}", case))
    for number, (who, text) in enumerate(said):
        contact = made(_CONTACT, place.company, case, customers[address], place.point)
        author, name_of = (
            ("customer", f"{token}-{number}") if who == "customer" else ("staff", f"{token}-{number}")
        )
        made(_MESSAGE, place.company, case, contact, author, subject, text, name_of)
        connection.execute(_EVENT, (place.company, case, place.desk))
        connection.execute(_ORIGIN, (place.company, "message", name_of, case))


if __name__ == "__main__":
    main()
