"""The pages about a customer among a million, and whose an address is that writes or calls.

One company has them all, with ten times as many lines of orders; those who have cases have bought far more than others
do (on the average about a hundred orders, one in a thousand has thousands). Each page is asked for of one customer
after the other, so that none is warm from the one before: the case with the panel of the customer, what the panel
fetches (purchases, other records of the same person), the journey on one timeline, the phone on which that customer
rings, and the search for their name. CPU is that of the web process and the database; the floors of the same run are
the health page, which asks nothing, and Django's plain rows of `pages.py`.

Addresses are matched one by one by `find_or_create`, as those of mail, forms, chats and calls are: of ten one is new,
and of the others every second is a phone number. The floor is the bare statement, prepared. How many a second that is
on two cores is told by the CPU of this process and the database, since others use the machine as well.

Whatever is over its bound is said, and then the run ends with 1.

Run: `.venv/bin/python bench/customer.py [--customers 100000] [--cases 3000]`; a million make about 9 GB in a
quarter of an hour, five of it for the index of the search. A database that is filled already may be named:
`--database postgresql://…/bench_1234`.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.conf import settings

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock, own_database, used_database
from pages import PORT, Cpu, Reader, fill, plain, queries_of, session_of, web, with_django

ADDRESSES, PAGES, LINES, NEW_OF = 10_000, 400, 10, 10
MOST_ASKED_MS, LEAST_MATCHED = 150, 10_000
# Who calls is to be seen within a second, with all that the browser does as well; a search may take its time.
MOST_RINGING_MS, MOST_SEARCHED_MS = 500, 300
# The company with the most cases; its product and its desk are those of all that is made here.
_COMPANY = "SELECT company_id FROM cases_case GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
_CUSTOMERS = """
    INSERT INTO customers_customer (company_id, name, kana, address, memo, language, created_at)
    SELECT %(company)s, (ARRAY['佐藤','鈴木','髙橋','田中','渡邉'])[1 + n %% 5] || ' ' || n, 'べんち ' || n,
        '東京都千代田区丸の内' || n, '', 'ja', now() - n * interval '1 minute'
    FROM generate_series(1, %(count)s) AS n
"""
_IDENTITIES = """
    INSERT INTO customers_identity (company_id, customer_id, kind, value, written)
    SELECT company_id, id, 'email', 'c' || id || '@bench.example', 'C' || id || '@bench.example'
    FROM customers_customer WHERE company_id = %(company)s AND kana LIKE 'べんち %%'
    UNION ALL
    SELECT company_id, id, 'phone', '+81801' || lpad(id::text, 7, '0'), '0801' || lpad(id::text, 7, '0')
    FROM customers_customer WHERE company_id = %(company)s AND kana LIKE 'べんち %%'
"""
# Customers in the order of their ids: those of cases come first, and buy the most.
_ORDERS = """
    WITH whose AS (SELECT array_agg(id ORDER BY id) AS ids FROM customers_customer WHERE company_id = %(company)s)
    INSERT INTO commerce_order (company_id, number, customer_id, desk_id, state, payment, recipient, postcode, address,
        phone, note, rounding, net, tax, once, placed_at, delivered_at)
    SELECT %(company)s, 2000000 + n, ids[1 + floor(cardinality(ids) * power(random(), 2))::int],
        (SELECT min(desk_id) FROM cases_case WHERE company_id = %(company)s), 'delivered', 'transfer', 'S',
        '100-0005', '東京都千代田区丸の内', '', '', 'floor', 3000, 300, gen_random_uuid(),
        now() - n * interval '20 seconds',
        now() - n * interval '20 seconds' + interval '3 days'
    FROM whose, generate_series(1, %(count)s) AS n
"""
_LINES = """
    INSERT INTO commerce_orderline (company_id, order_id, place, variant_id, code, name, quantity, unit_price, tax_rate,
        tax_included, warranty_months)
    SELECT o.company_id, o.id, place, v.id, v.code, p.name, 1, 1100, 10, true, 12
    FROM commerce_order o CROSS JOIN generate_series(1, 3) AS place
    CROSS JOIN LATERAL (SELECT min(id) AS id FROM commerce_variant WHERE company_id = %(company)s) first
    JOIN commerce_variant v ON v.id = first.id JOIN commerce_product p ON p.id = v.product_id
    WHERE o.company_id = %(company)s AND o.number > 2000000
"""
_PARCELS = """
    INSERT INTO commerce_parcel (company_id, order_id, number, carrier, slip, state, moved_at)
    SELECT company_id, id, 1, 'yamato', (700000000000 + id)::text, 'delivered', delivered_at
    FROM commerce_order WHERE company_id = %(company)s AND number > 2000000
"""
_STEPS = """
    INSERT INTO commerce_parcelstep (company_id, parcel_id, state, at)
    SELECT company_id, id, came.state, moved_at - ago * interval '1 day' FROM commerce_parcel
    CROSS JOIN (VALUES ('handed_over', 2), ('delivered', 0)) AS came (state, ago)
    WHERE company_id = %(company)s AND slip LIKE '7000%%'
"""
_READER = """
    SELECT people_operatormember.user_id FROM people_operatormember
    JOIN companies_engagement USING (operator_id) JOIN cases_case USING (desk_id)
    WHERE role = 'manager' AND cases_case.company_id = %s GROUP BY 1 ORDER BY count(*) DESC LIMIT 1
"""
# One case of each customer, of desks at which the reader works, and the customer's name.
_CASES = """
    SELECT prefix || '-' || min(cases_case.number), max(customers_customer.name) FROM cases_case
    JOIN customers_customer ON customers_customer.id = cases_case.customer_id
    JOIN companies_company ON companies_company.id = cases_case.company_id
    JOIN companies_engagement USING (desk_id) JOIN people_operatormember USING (operator_id)
    WHERE cases_case.company_id = %s AND people_operatormember.user_id = %s AND continued_in_id IS NULL
    GROUP BY prefix, cases_case.customer_id ORDER BY md5(cases_case.customer_id::text) LIMIT %s
"""
_BARE = """
    SELECT customer.id, customer.name FROM customers_identity identity
    JOIN customers_customer customer ON customer.id = identity.customer_id
    WHERE identity.company_id = %s AND identity.kind = %s AND identity.value = %s
"""
# What is asked for of a case (its number, and who it is of), the longest that it may take, and its name in the report.
_PARTS = (
    ("case", "/cases/{number}/", MOST_ASKED_MS),
    ("purchases/", "/cases/{number}/purchases/", MOST_ASKED_MS),
    ("same-person/", "/cases/{number}/same-person/", MOST_ASKED_MS),
    ("journey/", "/cases/{number}/journey/", MOST_ASKED_MS),
    ("/phone/", "/phone/", MOST_RINGING_MS),
    ("search a name", "/cases/?q={name}", MOST_SEARCHED_MS),
)
# The call of the one whose turn it is rings at the reader's phone.
_RINGS = """
    UPDATE voice_call SET message_id = message.id, caller = coalesce(identity.value, '')
    FROM cases_case JOIN companies_company ON companies_company.id = cases_case.company_id
    JOIN cases_message message ON message.case_id = cases_case.id
    LEFT JOIN customers_identity identity ON identity.customer_id = cases_case.customer_id AND identity.kind = 'phone'
    WHERE uid = 'bench' AND companies_company.prefix || '-' || cases_case.number = %s
"""
_PHONE = """
import django; django.setup()
from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.voice.models import AgentPhone, Call
with scope.everywhere(reason="a benchmark rings"):
    case, now = Case.objects.filter(company={company}).first(), clock.now()
    Call.objects.update_or_create(
        uid="bench",
        defaults=dict(company=case.company, entry_point=case.entry_point, desk=case.desk, called="+81312345678",
            offered_at=now, alive_at=now),
    )
    AgentPhone.objects.update_or_create(
        user_id={user}, defaults=dict(state="ringing", call="bench", since=now, seen_at=now)
    )
"""
_INDEXED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """CPU milliseconds of a page, of the web process and of the database, and how long one waited for it."""

    web_ms: float
    database_ms: float
    p50_ms: float
    p95_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of both."""
        return self.web_ms + self.database_ms


def main() -> None:
    """Fill a database of our own, or take the one that is named, and measure it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=100_000)
    arguments.add_argument("--cases", type=int, default=3_000)
    arguments.add_argument("--database", metavar="URL")
    arguments.add_argument("--fill", action="store_true", help="fill --database, which is migrated, first")
    arguments.add_argument("--match", type=int, metavar="COMPANY", help=argparse.SUPPRESS)
    arguments.add_argument("--index", action="store_true", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.match:
        sys.exit(not match(asked.match))
    if asked.index:
        index_everybody()
        return
    settings.configure()
    with used_database(asked.database) if asked.database else own_database() as environ:
        environ |= {"MADOGUCHI_PORT": str(PORT), "MADOGUCHI_LOG_LEVEL": "ERROR"}
        if asked.fill or not asked.database:
            fill(asked.cases, environ)
            multiply(environ["MADOGUCHI_DATABASE_URL"], asked.customers)
            again(["--index"], environ)
            with connected(environ["MADOGUCHI_DATABASE_URL"]) as connection:
                connection.execute("VACUUM ANALYZE")
        within = report(environ)
    sys.exit(not within)


def connected(url: str) -> psycopg.Connection[Any]:
    """A connection that sees every company."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SELECT set_config('app.companies', '*', false)")
    return connection


def multiply(url: str, customers: int) -> None:
    """So many customers of one company, and ten lines of orders for each of them."""
    with connected(url) as connection:
        connection.execute("SET session_replication_role = replica")
        [company] = connection.execute(_COMPANY).fetchone() or (0,)
        for name, statement, count in (
            ("customers", _CUSTOMERS, customers),
            ("addresses", _IDENTITIES, 0),
            ("orders", _ORDERS, customers * LINES // 3 + 1),
            ("lines", _LINES, 0),
            ("parcels", _PARCELS, 0),
            ("steps of parcels", _STEPS, 0),
        ):
            began = time.perf_counter()
            made = connection.execute(statement, {"company": company, "count": count}).rowcount  # type: ignore[call-overload]
            print(f"  made {made:,} {name} in {time.perf_counter() - began:.0f} s", flush=True)


def index_everybody() -> None:
    """Do for all cases and customers what the worker does, and say what it took."""
    import django

    django.setup()
    from madoguchi.customers.models import Customer
    from madoguchi.infra import scope
    from madoguchi.search.actions import index, index_all

    began, written = time.perf_counter(), 0
    for _done in index_all():
        pass
    with scope.everywhere(reason="a benchmark indexes all companies"):
        ids = list(
            Customer.objects.filter(kana__startswith="べんち ").order_by("pk").values_list("pk", flat=True)
        )
        for start in range(0, len(ids), _INDEXED_AT_ONCE):
            written += index(cases=[], customers=ids[start : start + _INDEXED_AT_ONCE], many=True)
    print(f"  made {written:,} documents of the search in {time.perf_counter() - began:.0f} s", flush=True)


def report(environ: dict[str, str]) -> bool:
    """Measure pages and matching on a filled database; whether all is within its bounds."""
    with connected(environ["MADOGUCHI_DATABASE_URL"]) as connection:
        [company] = connection.execute(_COMPANY).fetchone() or (0,)
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in ("customers_customer", "commerce_orderline")
        ]
        size = connection.execute("SELECT pg_database_size(current_database()) / 1000000").fetchone()
        said = ", ".join(
            f"{count[0]:,} {name}"
            for count, name in zip(counts, ("customers", "lines"), strict=True)
            if count
        )
        print(f"{said}, {size[0] if size else 0:,} MB, load {os.getloadavg()[0]:.1f}", flush=True)
        within = again(["--match", str(company)], environ)
        user = (connection.execute(_READER, [company]).fetchone() or [0])[0]
        with_django(_PHONE.format(company=company, user=user), environ)
        cases = list(connection.execute(_CASES, [company, user, PAGES]))
        cookie = session_of(user, environ)
        with web(environ) as process:
            return pages(cases, cookie, connection, Cpu(process, connection), environ) and within


def pages(
    cases: Sequence[tuple[Any, ...]],
    cookie: str,
    connection: psycopg.Connection[Any],
    cpu: Cpu,
    environ: dict[str, str],
) -> bool:
    """Each page of each customer once, and the floors; whether all are within their bounds."""
    floor = _asked(itertools.repeat("/healthz", PAGES), cookie, cpu)
    print(f"  {'floor /healthz':<14} {floor.cpu_ms:5.1f} CPU-ms, p95 {floor.p95_ms:5.1f} ms", flush=True)
    within = True
    for part, address, most in _PARTS:
        addresses = _in_turn(address, cases, connection)
        fetched = part == "same-person/"
        queries, rows = queries_of(next(addresses), cookie, environ, part=fetched), plain()
        took = _asked(addresses, cookie, cpu, part=fetched)
        verdict = "" if took.p95_ms < most else f"   over {most} ms"
        within = within and not verdict
        print(
            f"  {part:<14} {took.cpu_ms:5.1f} CPU-ms (database {took.database_ms:4.1f}),"
            f" {took.cpu_ms / rows:4.1f} × plain ({rows:.1f} ms), {queries} queries, p50 {took.p50_ms:5.1f}"
            f" p95 {took.p95_ms:5.1f} ms, {len(cases)} customers, load {os.getloadavg()[0]:.1f}{verdict}",
            flush=True,
        )
    return within


def _in_turn(
    address: str, cases: Sequence[tuple[Any, ...]], connection: psycopg.Connection[Any]
) -> Iterator[str]:
    """The address of each customer's page; before it is asked for, that customer's call rings."""
    for number, name in cases:
        if address == "/phone/":
            connection.execute(_RINGS, [number])
        yield address.format(number=number, name=quote(name))


def _asked(addresses: Iterator[str], cookie: str, cpu: Cpu, *, part: bool = False) -> Asked:
    reader = Reader(cookie, part=part)
    reader.get("/healthz")
    before = cpu.now()
    took = sorted(reader.get(address)[0] * 1000 for address in addresses)
    web_ms, database_ms = ((b - a) / len(took) * 1000 for a, b in zip(before, cpu.now(), strict=True))
    return Asked(web_ms, database_ms, statistics.median(took), took[int(len(took) * 0.95)])


def again(arguments: Sequence[str], environ: dict[str, str]) -> bool:
    """Run this file in a process that has known nothing else; whether it ended well."""
    ready = environ | {"DJANGO_SETTINGS_MODULE": "madoguchi.project.settings"}
    return subprocess.run([sys.executable, __file__, *arguments], env=ready, check=False).returncode == 0


def match(company: int) -> bool:
    """Print how many addresses a second this process matches, against the bare statement; whether they are enough."""
    import django

    django.setup()
    from madoguchi.customers.actions import find_or_create
    from madoguchi.infra import scope
    from madoguchi.kernel.actor import system
    from madoguchi.kernel.channel import Party
    from madoguchi.kernel.identity import IdentityKind

    by = system("bench")
    with connected(os.environ["MADOGUCHI_DATABASE_URL"]) as bare:
        query = (
            "SELECT id FROM customers_customer WHERE kana LIKE 'べんち %%' ORDER BY md5(id::text) LIMIT %s"
        )
        ids = [row[0] for row in bare.execute(query, [ADDRESSES])]

        known = [
            (IdentityKind.EMAIL, f"c{pk}@bench.example")
            if place % 2
            else (IdentityKind.PHONE, f"+81801{pk:07}")
            for place, pk in enumerate(ids)
        ]
        writes = [f"C{pk}@bench.example" if place % 2 else f"0801{pk:07}" for place, pk in enumerate(ids)]
        strangers = itertools.count()

        def floor() -> None:
            for kind, value in known:
                assert bare.execute(_BARE, [company, kind, value], prepare=True).fetchone()

        def ours() -> None:
            with scope.acting_for([company]):
                for place, (pk, (kind, _value), written) in enumerate(zip(ids, known, writes, strict=True)):
                    new = place % NEW_OF == NEW_OF - 1
                    if new:
                        kind, written = IdentityKind.EMAIL, f"{os.getpid()}-{next(strangers)}@new.example"
                    found = find_or_create(
                        company=company, kind=kind, party=Party(written, ""), language="ja", by=by
                    )
                    assert (found == pk) != new

        clock = DatabaseClock(bare)
        least, took = _taken(floor, clock, len(ids)), _taken(ours, clock, len(ids))
    cores = 2e6 / took[1]
    verdict = "" if cores >= LEAST_MATCHED else f"   under {LEAST_MATCHED:,}"
    print(
        f"  one process: {1e6 / took[0]:,.0f} addresses/s, {took[1]:.0f} CPU-µs with the database's"
        f" ({took[1] / least[1]:.1f} × the floor, {least[1]:.0f}): {cores:,.0f}/s on two cores,"
        f" load {os.getloadavg()[0]:.1f}{verdict}",
        flush=True,
    )
    return not verdict


def _taken(work: Callable[[], None], clock: DatabaseClock, count: int) -> tuple[float, float]:
    """Microseconds an address, the second time: until it was done, and of CPU of this process and the database."""
    work()
    began, used = time.perf_counter(), time.process_time() + clock.seconds()
    work()
    each = 1e6 / count
    return (time.perf_counter() - began) * each, (time.process_time() + clock.seconds() - used) * each


if __name__ == "__main__":
    main()
