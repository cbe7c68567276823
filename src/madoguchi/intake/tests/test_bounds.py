"""However much has come before, placing one arrival reads a bounded number of rows, each by an index."""

from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from madoguchi.cases.actions import join
from madoguchi.cases.models import Case, Contact, Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.intake import healing, repeating, reports, threading
from madoguchi.intake.actions import INTAKE
from madoguchi.intake.models import Arrival, Awaited
from madoguchi.intake.tests.test_any_order import case_of, mail
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.kernel import clock
from madoguchi.people.factories import World, make_world

pytestmark = [pytest.mark.long, pytest.mark.django_db]
MANY = 2_000
BIG = {"cases_case", "cases_message", "cases_contact", "intake_awaited"}


def plan_of(statement: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """How the database ran it. The plan is that for very many rows: small tables are cheaper to read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20000")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        (plan,) = cursor.fetchone()
        cursor.execute("SET LOCAL enable_seqscan = on")
    return dict(plan[0]["Plan"])


def rows_read(plan: Mapping[str, Any]) -> Counter[str]:
    """How many rows of each table were taken, those that a condition then threw away included."""
    read: Counter[str] = Counter()
    table = plan.get("Relation Name")
    if table in BIG:
        assert plan["Node Type"] != "Seq Scan", plan
        per_loop = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        read[table] += round(per_loop * plan["Actual Loops"])
    for part in plan.get("Plans", []):
        read += rows_read(part)
    return read


def assert_bounded(statement: str, values: Mapping[str, Any], **most: int) -> None:
    read = rows_read(plan_of(statement, values))
    assert {table: count for table, count in read.items() if count > most.get(table, 0)} == {}


def copy(row: Any, count: int, **differing: Any) -> list[Any]:
    """So many rows like this one; a value may be a function of the number."""
    rows = []
    for n in range(count):
        values = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname != "id"}
        values |= {name: value(n) if callable(value) else value for name, value in differing.items()}
        rows.append(type(row)(**values))
    made: list[Any] = type(row).objects.bulk_create(rows, batch_size=1000)
    return made


def make_crowd(world: World) -> Arrival:
    """A circular that very many answered and that never came; one of them, a robot, has very many cases, and another
    program gives all its mails one Message-ID.
    """
    arrival = arrive(world.ours, mail(2, answers=1))
    case = case_of(arrival)
    with world.ours.scope():
        said = Message.objects.get(pk=arrival.message_id)
        cases = copy(
            case,
            MANY,
            number=lambda n: 100_000 + n,
            reply_token=lambda n: f"crowd{n}",
            opened_at=lambda n: case.opened_at - timedelta(seconds=n),
        )
        copy(Awaited.objects.get(), MANY, case_id=lambda n: cases[n].pk)
        contacts = copy(said.contact, MANY, case_id=lambda n: cases[n].pk)
        copy(
            said,
            MANY,
            case_id=lambda n: cases[n].pk,
            contact_id=lambda n: contacts[n].pk,
            external_id="always@broken.example",
        )
    return arrival


@pytest.fixture(scope="module")
def made(kept_in_module: Any) -> tuple[World, Arrival]:
    with kept_in_module(*BIG):
        world = make_world()
        return world, make_crowd(world)


@pytest.fixture
def world(db: None, made: tuple[World, Arrival]) -> World:
    return deepcopy(made[0])


@pytest.fixture
def crowd(db: None, made: tuple[World, Arrival]) -> Arrival:
    return deepcopy(made[1])


def asked(raw: bytes, world: World) -> dict[str, Any]:
    inbound = EmailChannel().read(raw, own_addresses=[world.ours.entry_point.address])
    return threading.asked_of(inbound, company=world.ours.company.pk, arrival=0)


def test_an_answer_of_one_with_very_many_cases(world: World, crowd: Arrival) -> None:
    answer = mail(3, answers=1, more="References: <always@broken.example>\r\n")

    with world.ours.scope():
        # Fifty of theirs, looked at for what is awaited, and those behind what was found.
        assert_bounded(
            threading._FIND, asked(answer, world), cases_case=300, cases_message=102, intake_awaited=52
        )


def test_an_answer_of_who_stands_in_none_of_very_many(world: World, crowd: Arrival) -> None:
    answer = mail(3, sender="third", more="References: <always@broken.example>\r\n")

    with world.ours.scope():
        # A hundred cases under that id, of which three are looked into for who is written to there.
        assert_bounded(threading._FIND, asked(answer, world), cases_case=100, cases_message=100 + 3 * 50)


def test_a_circular_that_comes_after_very_many_answers(world: World, crowd: Arrival) -> None:
    with world.ours.scope():
        assert_bounded(threading._FIND, asked(mail(1), world), cases_case=200, intake_awaited=100)
    circular = arrive(world.ours, mail(1))

    with world.ours.scope():
        joined = Case.objects.filter(continued_in=case_of(circular)).count()
        assert (circular.state, joined) == ("handled", threading._MOST_JOINED)


def test_a_first_mail_asks_for_nobodys_cases(world: World, crowd: Arrival) -> None:
    with world.ours.scope():
        assert_bounded(threading._FIND, asked(mail(9), world))


def test_a_mail_that_mentions_very_many(world: World, crowd: Arrival) -> None:
    answer = mail(900, mentions=range(100, 800))

    with world.ours.scope():
        values = asked(answer, world)
        assert (len(values["message_id"]), len(values["mentioned"])) == (500, 50)
        assert_bounded(threading._FIND, values, cases_case=200, intake_awaited=0)


def test_what_was_parted_is_looked_for_among_the_newest(world: World, crowd: Arrival) -> None:
    with world.ours.scope():
        Awaited.objects.filter(pk__in=Awaited.objects.order_by("-pk")[:10]).update(
            value="always@broken.example"
        )
        most = {"cases_case": 2 * 20 + 10 * 20, "cases_message": 10 * 20, "intake_awaited": 20}
        assert_bounded(healing._PARTED, {"most": 20, "pairs": 500}, **most)


def test_a_bounce_that_names_one_with_very_many_cases(world: World, crowd: Arrival) -> None:
    values = {
        "company": world.ours.company.pk,
        "about": ["always@broken.example"],
        "recipient": "misaki@home.example",
        "by_address": reports._BY_ADDRESS,
        "now": clock.now(),
    }
    with world.ours.scope():
        assert_bounded(reports._ABOUT, values, cases_case=101, cases_message=101)


def test_two_cases_become_one_without_a_look_through_all(
    world: World, crowd: Arrival, django_assert_max_num_queries: Any
) -> None:
    other = case_of(arrive(world.ours, mail(50)))
    with world.ours.scope():
        one = Case.objects.order_by("pk").first()
        assert one is not None
        with django_assert_max_num_queries(25) as captured:
            assert join(other.pk, into=one.pk, by=INTAKE)
        assert Contact.objects.filter(case=one).count() == 2
        said = [q["sql"] for q in captured.captured_queries if q["sql"].startswith(("SELECT", "UPDATE"))]
        changed = [sql for sql in said if "cases_contact" in sql]
        assert len(changed) == 1
        for statement in [sql for sql in said if "%(" not in sql]:
            rows_read(plan_of(statement.replace("%", "%%"), {}))


def test_however_much_somebody_wrote_few_rows_are_read(world: World, crowd: Arrival) -> None:
    with world.ours.scope():
        customer = Message.objects.get(pk=crowd.message_id).contact.customer_id
        values = {"company": world.ours.company.pk, "customer": customer, "sender": "misaki@home.example"}
        assert_bounded(repeating._EARLIER, values, cases_case=5, cases_message=50)
