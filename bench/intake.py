"""Mails a second and CPU seconds per 1,000 mails, through the real SMTP door, against the floor.

The floor is one process that reads each mail with the standard library and inserts the same rows, one transaction a
mail, with nothing around it. Whatever the order, every answer must end in the case of what it answers. Run:
`.venv/bin/python bench/intake.py [--mails 1000] [--cases 0] [--order in-order|shuffled|backlog …]`.

A database that `madoguchi seed` has filled may be named instead (`--database postgresql://…/filled`, on this machine).
The mails come in beside what is there, to a company of their own for each order; they stay, so name a copy.
"""

import argparse
import email
import email.policy
import hashlib
import json
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
import mails
from ground import DatabaseClock, own_database, process_seconds, used_database

SMTP_PORT = 22525
ORDERS = ("in-order", "shuffled", "backlog")
_COMPANY = """
    INSERT INTO companies_company (name, slug, prefix, accent_hue, created_at)
    SELECT %(run)s, %(run)s, free, 262, now()
    FROM (SELECT 'Z' || chr(65 + n / 26) || chr(65 + n %% 26) FROM generate_series(0, 675) AS n) AS letters(free)
    WHERE NOT EXISTS (SELECT FROM companies_company WHERE prefix = free) LIMIT 1
    RETURNING id
"""
_DESK = """
    INSERT INTO companies_desk (company_id, name, public_name, signature, hours, acknowledge, acknowledgement, position,
        active)
    VALUES (%(company)s, 'Bench', 'Bench', '', '', false, '', 0, true) RETURNING id
"""
_ENTRY_POINT = """
    INSERT INTO companies_entrypoint (company_id, desk_id, kind, address, sender_name, medium, active)
    VALUES (%(company)s, %(desk)s, 'email', %(address)s, '', '', true) RETURNING id
"""


@dataclass(frozen=True)
class World:
    """A company of this run, and where its mails and those of the floor come in."""

    company: int
    desk: int
    floor_entry: int
    address: str
    floor_address: str


@dataclass(frozen=True)
class Figures:
    """What a run took."""

    seconds: float
    own_cpu: float
    database_cpu: float
    mails: int

    @property
    def cpu_per_thousand(self) -> float:
        return (self.own_cpu + self.database_cpu) / self.mails * 1000

    def line(self, name: str) -> str:
        per = 1000 / self.mails
        own, database = self.own_cpu * per, self.database_cpu * per
        return (
            f"{name:<22} {self.mails / self.seconds:7.0f} mails/s   {self.cpu_per_thousand:5.2f} CPU-s per 1,000"
            f"   (process {own:.2f}, database {database:.2f})"
        )


def through_the_door(
    raw: list[bytes], connection: psycopg.Connection, environ: dict[str, str], world: World
) -> Figures:
    """Send over two SMTP connections and wait until every mail is a message."""
    door = subprocess.Popen([sys.executable, "-m", "madoguchi.project.cli", "mail", "doors"], env=environ)
    try:
        _until_open()
        process, clock = psutil.Process(door.pid), DatabaseClock(connection)
        own, database, start = process_seconds(process), clock.seconds(), time.perf_counter()
        senders = [threading.Thread(target=_send, args=(raw[n::2], world.address)) for n in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        while _waiting(connection, world):
            time.sleep(0.05)
        took = time.perf_counter() - start
        return Figures(took, process_seconds(process) - own, clock.seconds() - database, len(raw))
    finally:
        door.terminate()
        door.wait()


def _send(raw: list[bytes], address: str) -> None:
    with smtplib.SMTP("127.0.0.1", SMTP_PORT) as client:
        for mail in raw:
            client.sendmail("bench@home.example", [address], mail)


def _until_open() -> None:
    for _ in range(200):
        try:
            smtplib.SMTP("127.0.0.1", SMTP_PORT).quit()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the door did not open")


def _waiting(connection: psycopg.Connection, world: World) -> bool:
    asked = "SELECT EXISTS (SELECT FROM intake_arrival WHERE state = 'stored' AND company_id = %s)"
    row = connection.execute(asked, [world.company]).fetchone()
    return bool(row and row[0])


def floor(raw: list[bytes], connection: psycopg.Connection, world: World) -> Figures:
    """Read with the standard library, insert the same rows, one transaction a mail."""
    process, clock = psutil.Process(), DatabaseClock(connection)
    own, database, start = process_seconds(process), clock.seconds(), time.perf_counter()
    for number, mail in enumerate(raw):
        with connection.transaction():
            _insert(connection, number, mail, world)
    took = time.perf_counter() - start
    return Figures(took, process_seconds(process) - own, clock.seconds() - database, len(raw))


def _insert(connection: psycopg.Connection, number: int, raw: bytes, world: World) -> None:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = mail.get_body().get_content()
    subject, sender = mail["subject"], mail["from"].addresses[0]
    one = connection.execute
    answers = mail["in-reply-to"]
    arrival = one(
        "INSERT INTO intake_arrival (company_id, entry_point_id, channel, source, state, reason, tries, size, sha256,"
        " fingerprint, summary, arrived_at) VALUES (%s, %s, 'email', 'floor', 'handled', '', 1, %s, %s, %s, %s, now())"
        " RETURNING id",
        [
            world.company,
            world.floor_entry,
            len(raw),
            hashlib.sha256(raw).digest(),
            hashlib.sha256(raw + b"f").digest(),
            subject,
        ],
    ).fetchone()[0]
    one(
        "INSERT INTO intake_rawarrival (arrival_id, company_id, content) VALUES (%s, %s, %s)",
        [arrival, world.company, raw],
    )
    known = one(
        "SELECT customer_id FROM customers_identity WHERE company_id = %s AND kind = 'email' AND value = %s",
        [world.company, f"floor-{sender.addr_spec}"],
    ).fetchone()
    customer = known[0] if known else _customer(connection, sender, world)
    case = _case(connection, number, answers, customer, subject, text, world)
    contact = one(
        "INSERT INTO cases_contact (company_id, case_id, customer_id, entry_point_id, channel, inbound, at)"
        " VALUES (%s, %s, %s, %s, 'email', true, now()) RETURNING id",
        [world.company, case, customer, world.floor_entry],
    ).fetchone()[0]
    message = one(
        "INSERT INTO cases_message (company_id, case_id, contact_id, channel, author, sender_name, sender_address,"
        " \"to\", cc, subject, text, new_text, html, automatic, external_id, at) VALUES (%s, %s, %s, 'email',"
        " 'customer', %s, %s, %s, '[]', %s, %s, '', '', '', %s, now()) RETURNING id",
        [
            world.company,
            case,
            contact,
            sender.display_name,
            sender.addr_spec,
            json.dumps([{"address": world.floor_address}]),
            subject,
            text,
            f"floor-{mail['message-id'][1:-1]}",
        ],
    ).fetchone()[0]
    one(
        "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, case_id, desk_id, data)"
        " VALUES (%s, 'message.received', 'system', 'floor', %s, %s, %s)",
        [world.company, case, world.desk, json.dumps({"message": message})],
    )


def _customer(connection: psycopg.Connection, sender: email.headerregistry.Address, world: World) -> int:
    one = connection.execute
    customer = one(
        "INSERT INTO customers_customer (company_id, name, kana, address, memo, language, created_at)"
        " VALUES (%s, %s, '', '', '', 'ja', now()) RETURNING id",
        [world.company, sender.display_name],
    ).fetchone()[0]
    one(
        "INSERT INTO customers_identity (company_id, customer_id, kind, value, written)"
        " VALUES (%s, %s, 'email', %s, %s)",
        [world.company, customer, f"floor-{sender.addr_spec}", sender.addr_spec],
    )
    return customer


def _case(
    connection: psycopg.Connection,
    number: int,
    answers: str | None,
    customer: int,
    subject: str,
    text: str,
    world: World,
) -> int:
    one = connection.execute
    if answers:
        found = one(
            "SELECT case_id FROM cases_message WHERE company_id = %s AND external_id = %s",
            [world.company, f"floor-{answers[1:-1]}"],
        ).fetchone()
        if found:
            one(
                "UPDATE cases_case SET message_count = message_count + 1, touched_at = now(), status = 'open'"
                " WHERE id = %s",
                [found[0]],
            )
            return found[0]
    return one(
        "INSERT INTO cases_case (company_id, number, desk_id, entry_point_id, customer_id, channel, subject, status,"
        " priority, tags, language, reply_token, preview, message_count, opened_at, touched_at, waiting_since, version)"
        " VALUES (%s, %s, %s, %s, %s, 'email', %s, 'new', 2, '{}', 'ja', %s, %s, 1, now(), now(), now(), 1)"
        " RETURNING id",
        [
            world.company,
            10_000_000 + number,
            world.desk,
            world.floor_entry,
            customer,
            subject,
            f"floor{world.company}x{number}",
            text[:160],
        ],
    ).fetchone()[0]


def main() -> None:
    """Measure both in each order and print the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    arguments.add_argument("--order", nargs="+", choices=ORDERS, default=ORDERS[:1])
    arguments.add_argument("--cases", type=int, default=0, help="sample cases there before the mails come")
    arguments.add_argument("--database", metavar="URL", help="one that is filled already")
    asked = arguments.parse_args()
    with _database(asked.database) as environ:
        environ |= {"MADOGUCHI_SMTP_PORT": str(SMTP_PORT)}
        if asked.cases and not asked.database:
            seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(asked.cases)]
            subprocess.run(seed, env=environ, check=True)
        with psycopg.connect(environ["MADOGUCHI_DATABASE_URL"], autocommit=True) as connection:
            connection.execute("SELECT set_config('app.companies', '*', false)")
            _measure(connection, environ, asked.mails, asked.order)


def _database(url: str | None) -> AbstractContextManager[dict[str, str]]:
    return used_database(url) if url else own_database()


def _measure(
    connection: psycopg.Connection, environ: dict[str, str], count: int, orders: Iterable[str]
) -> None:
    for order in orders:
        before = connection.execute("SELECT count(*) FROM cases_case").fetchone()
        world = _world(connection, f"bench-{order}-{time.time_ns()}")
        raw = mails.in_order(mails.make(count, to=world.address), order)
        ours = through_the_door(raw, connection, environ, world)
        least = floor(mails.in_order(mails.make(count, to=world.floor_address), order), connection, world)
        _report(connection, world.company, ours, least, before[0] if before else 0)
        _report_threads(connection, world.company, mails.parents(raw), order)


def _world(connection: psycopg.Connection, run: str) -> World:
    def made(statement: str, **values: object) -> int:
        row = connection.execute(statement, values).fetchone()
        assert row is not None
        return int(row[0])

    company = made(_COMPANY, run=run)
    desk = made(_DESK, company=company)
    address, floor_address = f"{run}@bench.example", f"floor-{run}@bench.example"
    made(_ENTRY_POINT, company=company, desk=desk, address=address)
    floor_entry = made(_ENTRY_POINT, company=company, desk=desk, address=floor_address)
    return World(company, desk, floor_entry, address, floor_address)


def _report(connection: psycopg.Connection, company: int, ours: Figures, least: Figures, cases: int) -> None:
    handled = connection.execute(
        "SELECT count(*) FROM cases_message WHERE company_id = %s AND external_id LIKE 'm%%@home.example'",
        [company],
    ).fetchone()
    print(
        f"{os.cpu_count()} cores, {cases:,} cases before, {ours.mails} mails, {handled and handled[0]} became messages"
    )
    print(ours.line("through the SMTP door"))
    print(least.line("floor"))
    print(f"CPU: {least.cpu_per_thousand / ours.cpu_per_thousand:.0%} of the floor's economy")
    print(f"rate: {(ours.mails / ours.seconds) / (least.mails / least.seconds):.0%} of the floor's rate")


def _report_threads(
    connection: psycopg.Connection, company: int, parents: dict[int, int], order: str
) -> None:
    rows = connection.execute(
        "SELECT substring(external_id FROM 2 FOR position('@' IN external_id) - 2)::int, case_id"
        " FROM cases_message WHERE company_id = %s AND external_id LIKE 'm%%@home.example'",
        [company],
    ).fetchall()
    cases = dict(rows)
    right = sum(cases.get(number) == cases.get(parent, -1) for number, parent in parents.items())
    conversations = len(cases) - len(parents)
    print(
        f"{order}: {right:,} of {len(parents):,} answers in the right case;"
        f" {len(set(cases.values())):,} cases for {conversations:,} conversations"
    )


if __name__ == "__main__":
    main()
