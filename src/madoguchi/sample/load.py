"""Writing the sample world into the database: a handful of organisations by actions, the rest by COPY.

One transaction: a seed that is interrupted leaves nothing behind. The search index is left to the worker, so that the
product can be used sooner.
"""

import gc
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db import connection

from madoguchi.cases.actions import measure_reply_times
from madoguchi.cases.models import Case, Contact, Message, Note, NumberCounter
from madoguchi.companies.models import Company
from madoguchi.customers.models import Customer
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event, Reader
from madoguchi.kernel import clock
from madoguchi.people.models import User
from madoguchi.sample import calls, levels, organisations, seen, sign_ins, today
from madoguchi.sample.arrivals import DAYS
from madoguchi.sample.attachments import FILES
from madoguchi.sample.content import SampleCase
from madoguchi.sample.copying import reserve, staged, write
from madoguchi.sample.customers import count_for
from madoguchi.sample.organisations import Places
from madoguchi.sample.rows import (
    CUSTOMERS,
    EVENTS,
    IDENTITIES,
    TARGETS,
    Asset,
    Batch,
    Ids,
    RowMaker,
    asset_of,
    customer_event,
    customer_row,
    identity_rows,
)
from madoguchi.sample.set_up import values_of
from madoguchi.sample.shop import SOLD, Seller
from madoguchi.sample.story import Storyteller
from madoguchi.search.actions import leave_to_worker

Progress = Callable[[int], None]

BATCH = 1000
_REASON = "the sample world has several companies"
_BEFORE_ALL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was written; `sign_ins` is where the passwords are, where people were made."""

    cases: int
    customers: int
    messages: int
    events: int
    sign_ins: Path | None


def is_empty() -> bool:
    """Whether nobody has begun to use this installation: no company and no person."""
    with scope.everywhere(reason=_REASON):
        return not (Company.objects.exists() or User.objects.exists())


def load(*, cases: int, now: datetime, progress: Progress = lambda _done: None) -> Loaded:
    """Write a sample world of so many cases over the ninety days before `now`.

    Where it is already, so many cases are added to it. `progress` is told how many more cases are written.
    Raises Refused when something that is no part of the sample world is in its way.
    """
    with scope.everywhere(reason=_REASON), _no_garbage():
        fresh = not Event.objects.exists()
        before = Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        places, file = _places(now)
        first = _even(Case.objects.count())
        loading = _Loading(places, now=now, first=first, count=cases)
        with staged((*TARGETS, *SOLD)):
            loading.write_customers()
            loading.write_cases(progress)
        loading.count_numbers()
        _analyze()  # what follows asks for what was just written
        if fresh:
            calls.ring(places.desks, places.people, now=now)
            _let_readers_begin_here(Event.objects.latest("pk").pk)
            today.happen(places.desks, places.people, now=now)
            levels.wind(places.desks, now=now)
            seen.look_through(now=now)
        leave_to_worker(after=before)
    with clock.held_at(now):
        measure_reply_times()
    return Loaded(cases, loading.customers, loading.messages, loading.events, file)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Rows form no cycles; looking for some takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _even(count: int) -> int:
    return count + count % 2


def _places(now: datetime) -> tuple[Places, Path | None]:
    found = organisations.find()
    if found:
        return found, None
    password = sign_ins.new_password()
    settled = organisations.settle(since=now - timedelta(days=DAYS) - _BEFORE_ALL, password=password)
    return settled, sign_ins.keep(password)


class _Loading:
    """One run of the loader: cases `first` to `first + count`, and the customers that came with them."""

    def __init__(self, places: Places, *, now: datetime, first: int, count: int) -> None:
        self.places, self.indexes = places, range(first, first + count)
        self.first_customer, self.customers = count_for(first), count_for(count)
        self.teller = Storyteller(now=now, first_customer=self.first_customer)
        self.maker = RowMaker(places, _keep_assets(places), now=now)
        self.seller = Seller(places.companies, seed=self.teller.seed, now=now)
        self.customer_ids = array("q")
        self.numbers = _last_numbers(places)
        self.messages = self.events = self.last_event = 0

    def write_customers(self) -> None:
        """Everybody, and the addresses that reach them."""
        indexes = iter(range(self.first_customer, self.first_customer + self.customers))
        while batch := list(islice(indexes, BATCH)):
            people = [self.teller.customer(index) for index in batch]
            ids = reserve(Customer, len(people))
            known = [
                (id_, p, self.places.companies[p.company].pk) for id_, p in zip(ids, people, strict=True)
            ]
            events = reserve(Event, len(people))
            write(CUSTOMERS, (customer_row(*row) for row in known))
            write(IDENTITIES, (row for each in known for row in identity_rows(*each)))
            write(EVENTS, (customer_event(event, *row) for event, row in zip(events, known, strict=True)))
            self.seller.sell(list(zip(ids, people, strict=True)))
            self.customer_ids.extend(ids)
            self.events += len(events)

    def write_cases(self, progress: Progress) -> None:
        """All cases in the order of their arrival, so that their numbers follow it."""
        for batch in _one_ahead(self._tell()):
            self._write(batch)
            progress(len(batch))

    def _tell(self) -> Iterator[list[SampleCase]]:
        order = iter(sorted(self.indexes, key=self.teller.flow.at))
        while batch := list(islice(order, BATCH)):
            yield [self.teller.case(index, self._next_number) for index in batch]

    def _next_number(self, company: str) -> int:
        self.numbers[company] += 1
        return self.numbers[company]

    def _write(self, cases: list[SampleCase]) -> None:
        batch, ids = Batch(), _reserve_for(cases)
        for case in cases:
            customer = self.customer_ids[case.customer.index - self.first_customer]
            self.maker.add(batch, case, customer, ids)
        for where, rows in batch.by_target():
            write(where, rows)
        self.messages += len(batch.messages)
        self.events += len(batch.events)
        self.last_event = max(batch.events)[0]

    def count_numbers(self) -> None:
        """The next case of a company goes on from the last of these."""
        self.events += self.seller.events
        self.seller.count_numbers()
        for key, last in self.numbers.items():
            company = self.places.companies[key]
            NumberCounter.objects.update_or_create(company=company, defaults={"last": last})


def _one_ahead(batches: Iterator[list[SampleCase]]) -> Iterator[list[SampleCase]]:
    """The batches, each made while the database is busy with the one before it."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        coming = beside.submit(next, batches, None)
        while batch := coming.result():
            coming = beside.submit(next, batches, None)
            yield batch


def _reserve_for(cases: list[SampleCase]) -> Ids:
    messages = sum(len(case.messages) for case in cases)
    notes = sum(len(case.notes) for case in cases)
    changes = sum(len(case.changes) for case in cases)
    filled = sum(len(values_of(case)) for case in cases)
    # An event for each opening, note, change and value, and at most three for each message.
    events = len(cases) + notes + changes + filled + 3 * messages
    return Ids(
        cases=iter(reserve(Case, len(cases))),
        contacts=iter(reserve(Contact, messages)),
        messages=iter(reserve(Message, messages)),
        notes=iter(reserve(Note, notes)),
        events=iter(reserve(Event, events)),
    )


def _last_numbers(places: Places) -> dict[str, int]:
    counted = dict(NumberCounter.objects.values_list("company_id", "last"))
    begin = NumberCounter._meta.get_field("last").default
    return {key: counted.get(company.pk, begin) for key, company in places.companies.items()}


def _keep_assets(places: Places) -> dict[str, Asset]:
    """The files of all attachments, kept once per company."""
    assets = {}
    for file in sorted(FILES.iterdir()):
        content = file.read_bytes()
        digests = {files.put(content, company=company.pk) for company in places.companies.values()}
        assets[file.name] = asset_of(file.name, content, digests.pop())
    return assets


def _let_readers_begin_here(last_event: int) -> None:
    """What the readers of the log would do about the past has been done: they begin with what comes next."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        Reader.objects.update(tx=cursor.fetchone()[0], event_id=last_event)


def _analyze() -> None:
    """The planner must know the tables before anybody asks. PostgreSQL before 17 lets their owner alone tell it, and
    finds out by itself within a minute."""
    with connection.cursor() as cursor:
        tables = ", ".join(each.table for each in (*TARGETS, *SOLD))
        cursor.execute(f"ANALYZE cases_filledvalue, {tables}")
