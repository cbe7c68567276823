"""Mails a second and CPU seconds per 1,000 mails, through the real SMTP door, against the floor.

The floor is one process that reads each mail with the standard library and inserts the same rows, one transaction a
mail, with nothing around it. Whatever the order, every answer must end in the case of what it answers. Run:
`.venv/bin/python bench/intake.py [--mails 1000] [--cases 0] [--order in-order|shuffled|backlog]`.
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
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent))
import mails
from ground import DatabaseClock, own_database, process_seconds

SMTP_PORT = 22525
ADDRESS, FLOOR_ADDRESS = "support@bench.example", "floor@bench.example"
_WORLD = """
    INSERT INTO companies_company (id, name, slug, prefix, accent_hue, created_at)
        VALUES (1, 'Bench', 'bench', 'Z', 262, now());
    INSERT INTO companies_desk (id, company_id, name, public_name, signature, hours, acknowledge,
        acknowledgement, position, active) VALUES (1, 1, 'Bench', 'Bench', '', '', false, '', 0, true);
    INSERT INTO companies_entrypoint (id, company_id, desk_id, kind, address, sender_name, medium, active)
        VALUES (1, 1, 1, 'email', '{address}', '', '', true), (2, 1, 1, 'email', '{floor}', '', '', true);
"""


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


def through_the_door(raw: list[bytes], connection: psycopg.Connection, environ: dict[str, str]) -> Figures:
    """Send over two SMTP connections and wait until every mail is a message."""
    door = subprocess.Popen([sys.executable, "-m", "madoguchi.project.cli", "mail", "doors"], env=environ)
    try:
        _until_open()
        process, clock = psutil.Process(door.pid), DatabaseClock(connection)
        own, database, start = process_seconds(process), clock.seconds(), time.perf_counter()
        senders = [threading.Thread(target=_send, args=(raw[n::2],)) for n in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        while _waiting(connection):
            time.sleep(0.05)
        took = time.perf_counter() - start
        return Figures(took, process_seconds(process) - own, clock.seconds() - database, len(raw))
    finally:
        door.terminate()
        door.wait()


def _send(raw: list[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", SMTP_PORT) as client:
        for mail in raw:
            client.sendmail("bench@home.example", [ADDRESS], mail)


def _until_open() -> None:
    for _ in range(200):
        try:
            smtplib.SMTP("127.0.0.1", SMTP_PORT).quit()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the door did not open")


def _waiting(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT count(*) FROM intake_arrival WHERE state = 'stored'").fetchone()
    return bool(row and row[0])


def floor(raw: list[bytes], connection: psycopg.Connection) -> Figures:
    """Read with the standard library, insert the same rows, one transaction a mail."""
    process, clock = psutil.Process(), DatabaseClock(connection)
    own, database, start = process_seconds(process), clock.seconds(), time.perf_counter()
    for number, mail in enumerate(raw):
        with connection.transaction():
            _insert(connection, number, mail)
    took = time.perf_counter() - start
    return Figures(took, process_seconds(process) - own, clock.seconds() - database, len(raw))


def _insert(connection: psycopg.Connection, number: int, raw: bytes) -> None:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    text = mail.get_body().get_content()
    subject, sender = mail["subject"], mail["from"].addresses[0]
    one = connection.execute
    answers = mail["in-reply-to"]
    arrival = one(
        "INSERT INTO intake_arrival (company_id, entry_point_id, channel, source, state, reason, tries, size, sha256,"
        " fingerprint, summary, arrived_at) VALUES (1, 2, 'email', 'floor', 'handled', '', 1, %s, %s, %s, %s, now())"
        " RETURNING id",
        [len(raw), hashlib.sha256(raw).digest(), hashlib.sha256(raw + b"f").digest(), subject],
    ).fetchone()[0]
    one("INSERT INTO intake_rawarrival (arrival_id, company_id, content) VALUES (%s, 1, %s)", [arrival, raw])
    known = one(
        "SELECT customer_id FROM customers_identity WHERE company_id = 1 AND kind = 'email' AND value = %s",
        [f"floor-{sender.addr_spec}"],
    ).fetchone()
    customer = known[0] if known else _customer(connection, sender)
    case = _case(connection, number, answers, customer, subject, text)
    contact = one(
        "INSERT INTO cases_contact (company_id, case_id, customer_id, entry_point_id, channel, inbound, at)"
        " VALUES (1, %s, %s, 2, 'email', true, now()) RETURNING id",
        [case, customer],
    ).fetchone()[0]
    message = one(
        "INSERT INTO cases_message (company_id, case_id, contact_id, channel, author, sender_name, sender_address,"
        " \"to\", cc, subject, text, new_text, html, automatic, external_id, at) VALUES (1, %s, %s, 'email',"
        " 'customer', %s, %s, %s, '[]', %s, %s, '', '', '', %s, now()) RETURNING id",
        [
            case,
            contact,
            sender.display_name,
            sender.addr_spec,
            json.dumps([{"address": FLOOR_ADDRESS}]),
            subject,
            text,
            f"floor-{mail['message-id'][1:-1]}",
        ],
    ).fetchone()[0]
    one(
        "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, case_id, desk_id, data)"
        " VALUES (1, 'message.received', 'system', 'floor', %s, 1, %s)",
        [case, json.dumps({"message": message})],
    )


def _customer(connection: psycopg.Connection, sender: email.headerregistry.Address) -> int:
    one = connection.execute
    customer = one(
        "INSERT INTO customers_customer (company_id, name, kana, address, memo, language, created_at)"
        " VALUES (1, %s, '', '', '', 'ja', now()) RETURNING id",
        [sender.display_name],
    ).fetchone()[0]
    one(
        "INSERT INTO customers_identity (company_id, customer_id, kind, value, written)"
        " VALUES (1, %s, 'email', %s, %s)",
        [customer, f"floor-{sender.addr_spec}", sender.addr_spec],
    )
    return customer


def _case(
    connection: psycopg.Connection, number: int, answers: str | None, customer: int, subject: str, text: str
) -> int:
    one = connection.execute
    if answers:
        found = one(
            "SELECT case_id FROM cases_message WHERE company_id = 1 AND external_id = %s",
            [f"floor-{answers[1:-1]}"],
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
        " VALUES (1, %s, 1, 2, %s, 'email', %s, 'new', 2, '{}', 'ja', %s, %s, 1, now(), now(), now(), 1) RETURNING id",
        [10_000_000 + number, customer, subject, f"floor{number}", text[:160]],
    ).fetchone()[0]


def main() -> None:
    """Measure both and print the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mails", type=int, default=1000)
    arguments.add_argument("--order", choices=["in-order", "shuffled", "backlog"], default="in-order")
    arguments.add_argument("--cases", type=int, default=0, help="sample cases there before the mails come")
    chosen = arguments.parse_args()
    with own_database() as environ:
        environ |= {"MADOGUCHI_SMTP_PORT": str(SMTP_PORT)}
        if chosen.cases:
            seed = [sys.executable, "-m", "madoguchi.project.cli", "seed", "--cases", str(chosen.cases)]
            subprocess.run(seed, env=environ, check=True)
        with psycopg.connect(environ["MADOGUCHI_DATABASE_URL"], autocommit=True) as connection:
            connection.execute("SELECT set_config('app.companies', '*', false)")
            company = _world(connection)
            raw = mails.in_order(mails.make(chosen.mails, to=ADDRESS), chosen.order)
            ours = through_the_door(raw, connection, environ)
            least = floor(
                mails.in_order(mails.make(chosen.mails, to=FLOOR_ADDRESS), chosen.order), connection
            )
            _report(connection, company, ours, least, chosen.cases)
            _report_threads(connection, company, mails.parents(raw), chosen.order)


def _world(connection: psycopg.Connection) -> int:
    connection.execute(_WORLD.format(address=ADDRESS, floor=FLOOR_ADDRESS))
    return 1


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
