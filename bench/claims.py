"""The part of `routing.py` that goes through the database: people take cases, and a desk gives them out, as live.

Run by `routing.py --database`, in a process that has known no other database than its own.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent))
from ground import DatabaseClock

TAKEN = 200
BATCH = 500
# A taken case has its row changed and two facts written: this much nobody can do without.
FLOOR = """
    WITH taken AS (
        UPDATE cases_case SET assignee_id = %(to)s, version = version + 1
        WHERE id = (SELECT id FROM cases_case WHERE assignee_id IS NULL AND status = 'new' AND desk_id = %(desk)s
            ORDER BY waiting_since LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, company_id, desk_id
    ) INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, case_id, desk_id, data)
    SELECT company_id, kind, 'system', '', id, desk_id, '{}' FROM taken, unnest(ARRAY['bench.a', 'bench.b']) AS kind
"""
# At most so many times the floor, in CPU of program and database: what `routing.py` ends with 1 above.
MOST_PULL, MOST_PUSH = 12.0, 2.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one assignment took, in CPU milliseconds."""

    program: float
    database: float

    @property
    def both(self) -> float:
        """Together."""
        return self.program + self.database


def measure(*, people: int, waiting: int, kinds: int) -> bool:
    """Fill a database, take cases and have them given out; whether that is within its bounds."""
    import django

    django.setup()
    from django.db import connection

    from madoguchi.infra import scope
    from madoguchi.people.factories import make_world
    from madoguchi.routing.models import Sharing

    world, random = make_world(), Random(1)
    with world.ours.scope():
        staff = employ(world.ours, people, random)
        fill(world.ours, waiting, kinds, staff, random)
        needs = [{"tag": f"用件{n}", "skill": f"skill{n}", "level": 1 + n % 3} for n in range(1, kinds, 2)]
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, needs=needs, pushes=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        assert connection.connection is not None
    clock = DatabaseClock(connection.connection)

    def floor() -> int:
        for n in range(TAKEN):
            with scope.acting_for([world.ours.company.pk]), connection.cursor() as cursor:
                cursor.execute(FLOOR, {"to": staff[n].pk, "desk": world.ours.desk.pk})
        return TAKEN

    least = cost(clock, floor)
    print(f"{waiting:,} wait, {people:,} people; one UPDATE and two facts: {said(least)}")
    pulled = cost(clock, lambda: taken(staff))
    report("taken", pulled, least)
    pushed = cost(clock, lambda: given_out(world.ours))
    report("given out", pushed, least)
    return pulled.both <= MOST_PULL * least.both and pushed.both <= MOST_PUSH * least.both


def employ(ours, count: int, random: Random) -> list:  # type: ignore[no-untyped-def, type-arg]
    """People who are here, and know nothing up to four things."""
    from madoguchi.infra import scope
    from madoguchi.kernel import clock
    from madoguchi.kernel.actor import Role
    from madoguchi.people.models import OperatorMember, Seat, User
    from madoguchi.routing.models import Skill, State, Worker

    users = User.objects.bulk_create(
        User(name=f"佐藤 花子{n}", email=f"bench{n}@staff.example", password="!") for n in range(count)
    )
    members = OperatorMember.objects.bulk_create(
        OperatorMember(user=user, operator=ours.operator, role=Role.AGENT) for user in users
    )
    with scope.everywhere(reason="a benchmark"):
        Seat.objects.bulk_create(
            Seat(member=one, engagement=ours.engagement, company=ours.company) for one in members
        )
    known = [(one, random.sample(range(20), random.randrange(5))) for one in members]
    Skill.objects.bulk_create(
        Skill(member=one, name=f"skill{n}", level=3) for one, some in known for n in some
    )
    now = clock.now()
    later = now + timedelta(hours=1)
    Worker.objects.bulk_create(
        Worker(user=user, state=State.AVAILABLE, since=now, seen_at=later, languages=[]) for user in users
    )
    return users


def fill(ours, count: int, kinds: int, staff: list, random: Random) -> None:  # type: ignore[no-untyped-def, type-arg]
    """Cases that wait, each due by itself; of one in five it is known who answered that customer last."""
    from madoguchi.cases.factories import make_case
    from madoguchi.cases.models import Case, Contact, Message, Status
    from madoguchi.customers.models import Customer
    from madoguchi.kernel import clock

    first = make_case(ours.entry_point)
    now, message = clock.now(), first.messages.get()
    customers = Customer.objects.bulk_create(
        (Customer(company=ours.company, name="髙橋 美咲", created_at=now) for _ in range(count)),
        batch_size=BATCH,
    )

    def case(number: int, customer: Customer, **more: object) -> Case:
        values = {
            f.attname: getattr(first, f.attname) for f in Case._meta.concrete_fields if not f.primary_key
        }
        told = {"number": 1_000_000 + number, "customer_id": customer.pk, "reply_token": f"bench{number}"}
        return Case(**values | told | more)

    def waits(n: int, customer: Customer) -> Case:
        since = now - timedelta(seconds=random.randrange(1, 50_000))
        due = since + timedelta(hours=1 + n % 4, seconds=n / 7)
        tags = [f"用件{random.randrange(kinds)}"]
        return case(n, customer, waiting_since=since, opened_at=since, due_at=due, tags=tags)

    Case.objects.bulk_create((waits(n, customer) for n, customer in enumerate(customers)), batch_size=BATCH)
    known = random.sample(customers, count // 5)
    before = Case.objects.bulk_create(
        (case(count + n, one, status=Status.SOLVED, waiting_since=None) for n, one in enumerate(known)),
        batch_size=BATCH,
    )
    contacts = Contact.objects.bulk_create(
        Contact(
            case=one,
            customer_id=one.customer_id,
            company=ours.company,
            channel="email",
            inbound=False,
            at=now,
        )
        for one in before
    )
    values = {
        f.attname: getattr(message, f.attname) for f in Message._meta.concrete_fields if not f.primary_key
    }
    Message.objects.bulk_create(
        Message(
            **values
            | {"case_id": one.case_id, "contact_id": one.pk, "author": "staff", "external_id": f"b{one.pk}"},
            user=random.choice(staff),
        )
        for one in contacts
    )


def taken(staff: list) -> int:  # type: ignore[type-arg]
    """As many people ask for the next case, one after the other, each in a transaction of their own."""
    from madoguchi.infra import scope
    from madoguchi.people.queries import actor_of
    from madoguchi.routing.actions import pull

    count = 0
    for person in staff[:TAKEN]:
        actor = actor_of(person)
        with scope.acting_for(actor.companies):
            count += pull(by=actor) is not None
    return count


def given_out(ours) -> int:  # type: ignore[no-untyped-def]
    """All that the people can hold, at once, by the desk itself."""
    from madoguchi.routing.actions import push

    with ours.scope():
        return push(ours.desk)


def cost(clock: DatabaseClock, work: Callable[[], int]) -> Cost:
    """CPU milliseconds of one assignment."""
    begun, database = time.process_time(), clock.seconds()
    count = work()
    return Cost((time.process_time() - begun) * 1e3 / count, (clock.seconds() - database) * 1e3 / count)


def said(one: Cost) -> str:
    """As people read it."""
    return (
        f"{1000 / one.both:,.0f} a CPU second ({one.program:.2f} ms, of the database {one.database:.2f} ms)"
    )


def report(name: str, found: Cost, least: Cost) -> None:
    """One line."""
    print(f"{name:<12}{said(found)}, {found.both / least.both:.1f} × the floor", flush=True)
