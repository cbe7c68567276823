"""Two records of one person become one and two again: exactly as they were, whatever hung on them."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import calls_since, merge, part_customers
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Message
from madoguchi.commerce.factories import make_subscription, order_of
from madoguchi.commerce.models import Order, SubscriptionOrder
from madoguchi.customers.actions import (
    change_customer,
    join_customers,
    know_place,
    set_addresses,
    write_consent,
    write_note,
)
from madoguchi.customers.actions.consent import Said as ConsentSaid
from madoguchi.customers.actions.join import hanging_on_a_customer
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Belonging, Customer, CustomerNote, Identity, Join, PostalAddress
from madoguchi.customers.queries import customer_by_id, joins_of
from madoguchi.imports.models import Origin
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations.actions import hold
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation
from madoguchi.rights.factories import asked_for

pytestmark = pytest.mark.django_db
AT_HOME, AT_WORK = Party("misaki@home.example", "髙橋 美咲"), Party("m.takahashi@work.example", "高橋美咲")
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
# Whatever hangs on a customer, by the models themselves; and what hangs on that.
ROWS = (
    *dict.fromkeys(model for _name, model, _field in hanging_on_a_customer()),
    *(Customer, Identity, Message, SubscriptionOrder),
)


def one_at_home_one_at_work(world: World) -> tuple[Case, Case]:
    """A case of each of two records, which are one person's."""
    with clock.held_at(MORNING):
        return (
            make_case(world.ours.entry_point, sender=AT_HOME, subject="炊飯器の件"),
            make_case(world.ours.entry_point, sender=AT_WORK, subject="靴の件"),
        )


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: [model_to_dict(row) | {"pk": row.pk} for row in model.objects.order_by("pk")]
        for model in ROWS
    }


def customer_of(case: Case) -> Customer:
    return Case.objects.select_related("customer").get(pk=case.pk).customer


def reserves(case: Case, by: Actor) -> Reservation:
    """An hour of its own, so that nobody is in anybody's way."""
    resource = make_resource(make_store(case.company, name=f"店舗{Reservation.objects.count()}"))
    morning = clock.now().astimezone(clock.TOKYO).replace(
        hour=11, minute=0, second=0, microsecond=0
    ) + timedelta(days=7)
    return hold(customer_of(case), resource, at(morning), desk=case.desk, case=case.pk, by=by)


def came_in(case: Case, by: Actor) -> Origin:
    number = Origin.objects.count()
    return Origin.objects.create(
        company=case.company, source="old", kind="ticket", external_id=f"{number}", case=case,
        customer_id=customer_of(case).pk, at=clock.now(),
    )  # fmt: skip


def belongs(case: Case, by: Actor) -> Belonging:
    firm = make_customer(case.company, name="山田商店")
    Customer.objects.filter(pk=firm.pk).update(sort="firm")
    Identity.objects.filter(customer=firm).delete()
    row = {"company": case.company, "customer": customer_of(case), "group": firm, "at": clock.now()}
    return Belonging.objects.create(**row)


def consents(case: Case, by: Actor) -> Any:
    said = ConsentSaid(purpose="offers", ways=("email",), given=False, how="phone")
    return write_consent(customer_of(case), said, by=by)


def notes(case: Case, by: Actor) -> CustomerNote:
    count = CustomerNote.objects.count()
    return write_note(customer_of(case), kind="wish", text=f"置き配を希望 {count}", case=case.pk, by=by)


def demands(case: Case, by: Actor) -> None:
    """A second time the same is under way already."""
    with suppress(Refused):
        asked_for(customer_of(case).pk, "disclosure", by=system("test"), checked=False)


# What is done in a case, and comes into a table of what hangs on a customer.
IN_A_CASE: dict[str, Callable[[Case, Actor], Any]] = {
    "speaks": lambda case, by: say_again(case),
    "orders": lambda case, by: order_of(customer_of(case).pk, case.desk_id, case=case.pk),
    "subscribes": lambda case, by: make_subscription(
        order_of(customer_of(case).pk, case.desk_id, case=case.pk)
    ),
    "reserves": reserves,
    "is noted down": notes,
    "came in": came_in,
}
# What is said of a customer, in no case.
OF_A_CUSTOMER: dict[str, Callable[[Case, Actor], Any]] = {
    "belongs": belongs,
    "refuses": consents,
    "demands": demands,
    "has goods sent": lambda case, by: know_place(
        customer_of(case).pk, written=f"京都市中京区{case.pk}-1", how=PostalAddress.How.SENT, by=by
    ),
}
DEEDS: dict[str, Callable[[Case, Actor], Any]] = {
    **IN_A_CASE,
    **OF_A_CUSTOMER,
    "is named": lambda case, by: change_customer(customer_of(case), name="髙橋", kana="たかはし", by=by),
    "is noted": lambda case, by: change_customer(customer_of(case), memo=case.subject, by=by),
    "moves": lambda case, by: change_customer(customer_of(case), address="京都市中京区", by=by),
    "is reached by phone": lambda case, by: set_addresses(
        customer_of(case), phones=[f"075-000-{case.customer_id % 10_000:04}"], by=by
    ),
}
history = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.booleans()), max_size=8)
since = st.lists(st.tuples(st.sampled_from(sorted(IN_A_CASE | OF_A_CUSTOMER)), st.booleans()), max_size=5)


def whose() -> dict[str, dict[int, int]]:
    """Whose every row is that hangs on a customer, by table."""
    return {
        name: dict(model.objects.values_list("pk", field)) for name, model, field in hanging_on_a_customer()
    }


def test_every_table_that_hangs_on_a_customer_is_written_to_by_a_deed(world: World) -> None:
    by = actor_of(world.ours.manager)
    home, _work = one_at_home_one_at_work(world)
    with world.ours.scope():
        for deed in (IN_A_CASE | OF_A_CUSTOMER).values():
            deed(home, by)

        assert [name for name, rows in whose().items() if not rows] == []


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history, since)
def test_what_came_since_goes_with_whom_it_came(
    world: World, deeds: list[tuple[str, bool]], later: list[tuple[str, bool]]
) -> None:
    by = actor_of(world.ours.manager)
    home, work = one_at_home_one_at_work(world)
    with world.ours.scope():
        for minute, (deed, which) in enumerate(deeds):
            with clock.held_at(MORNING + timedelta(minutes=minute)):
                DEEDS[deed](home if which else work, by)
        expected = whose()
        with clock.held_at(MORNING + timedelta(hours=1)):
            joined = join_customers(customer_of(work), into=customer_of(home), by=by)
        for minute, (deed, which) in enumerate(later):
            with clock.held_at(MORNING + timedelta(hours=1, minutes=1 + minute)):
                (IN_A_CASE | OF_A_CUSTOMER)[deed](home if which else work, by)
            theirs = work.customer_id if deed in IN_A_CASE and not which else home.customer_id
            for name, rows in whose().items():
                # The group in which somebody is stays theirs alone.
                new = {pk: of if name.endswith("group") else theirs for pk, of in rows.items()}
                expected[name] = new | expected[name]

        part_customers(joined, by=by)

        assert whose() == expected


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history)
def test_joining_and_parting_leaves_every_row_as_it_was(world: World, deeds: list[tuple[str, bool]]) -> None:
    by = actor_of(world.ours.supervisor)
    home, work = one_at_home_one_at_work(world)
    with world.ours.scope():
        for minute, (deed, which) in enumerate(deeds):
            with clock.held_at(MORNING + timedelta(minutes=minute)):
                DEEDS[deed](home if which else work, by)
        before = everything()

        joined = join_customers(customer_of(work), into=customer_of(home), by=by)
        assert {case.customer_id for case in Case.objects.all()} == {home.customer_id}
        assert {row.customer_id for row in Identity.objects.all()} == {home.customer_id}
        assert not Order.objects.exclude(customer=home.customer_id).exists()
        part_customers(joined, by=by)

        assert everything() == before
        part_customers(joined, by=by)
        assert everything() == before


class TestJoining:
    def test_what_is_known_stays_what_is_empty_is_filled_and_both_memos_are_kept(
        self, world: World, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            kept = make_customer(world.ours.company, name="髙橋 美咲")
            Customer.objects.filter(pk=kept.pk).update(memo="夜に電話")
            other = make_customer(world.ours.company, name="高橋", phone="090-0000-0001")
            Customer.objects.filter(pk=other.pk).update(memo="犬あり", address="京都市中京区")

            made = join_customers(other, into=kept, by=supervisor)

            kept.refresh_from_db()
            assert (kept.name, kept.address, kept.memo) == ("髙橋 美咲", "京都市中京区", "夜に電話\n犬あり")
            assert [row.written for row in kept.identities.filter(kind="phone")] == ["090-0000-0001"]
            assert customer_by_id(other.pk, actor=supervisor) == kept
            assert joins_of(kept.pk) == [made]
            told = Event.objects.get(kind="customer.joined")
            assert told.data == {"customer": kept.pk, "other": other.pk, "join": made.pk, "led": []}

    @pytest.mark.parametrize("which", ["itself", "another company's", "joined already"])
    def test_what_makes_no_sense_is_refused_and_nothing_changes(
        self, world: World, supervisor: Actor, which: str
    ) -> None:
        with scope.everywhere(reason="a test looks at two companies"):
            kept, other = make_customer(world.ours.company), make_customer(world.ours.company)
            if which == "itself":
                other = kept
            elif which == "another company's":
                other = make_customer(world.theirs.company)
            else:
                join_customers(other, into=make_customer(world.ours.company), by=supervisor)
            before = everything()

            with pytest.raises(Refused):
                join_customers(other, into=kept, by=supervisor)

            assert everything() == before

    def test_who_does_not_see_customers_whole_joins_none(self, world: World, agent: Actor) -> None:
        with world.ours.scope():
            kept, other = make_customer(world.ours.company), make_customer(world.ours.company)
            masked = DataScope(masked=frozenset({"phone"}))
            behind = replace(agent, grants=tuple(replace(g, data_scope=masked) for g in agent.grants))
            before = everything()

            with pytest.raises(NotAllowed):
                join_customers(other, into=kept, by=behind)

            assert everything() == before
            assert not Join.objects.exists()

    def test_cases_of_both_may_then_be_merged(self, world: World, supervisor: Actor) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            with pytest.raises(Refused):
                merge(work, into=home, by=supervisor)
            joined = join_customers(work.customer, into=home.customer, by=supervisor)

            merged = merge(work, into=home, by=supervisor)

            assert merged.into_id == home.pk
            before = everything()
            with pytest.raises(Refused, match="先に用件の統合を取り消してください"):
                part_customers(joined, by=supervisor)
            assert everything() == before

    def test_a_record_goes_on_through_two_joins_and_back_the_last_first(
        self, world: World, supervisor: Actor
    ) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            third = make_customer(world.ours.company)
            before = everything()
            first = join_customers(work.customer, into=home.customer, by=supervisor)
            second = join_customers(customer_of(home), into=third, by=supervisor)
            assert customer_by_id(work.customer_id, actor=supervisor) == third

            with pytest.raises(Refused, match="先にそちらを元に戻してください"):
                part_customers(first, by=supervisor)
            part_customers(second, by=supervisor)
            assert customer_by_id(work.customer_id, actor=supervisor) == home.customer
            part_customers(first, by=supervisor)

            assert everything() == before


class TestSince:
    def test_who_writes_after_the_join_is_one_person(self, world: World, supervisor: Actor) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            join_customers(work.customer, into=home.customer, by=supervisor)

            later = make_case(world.ours.entry_point, sender=AT_WORK, subject="もう一つ")

            assert later.customer_id == home.customer_id

    def test_parted_again_each_keeps_what_came_from_them_since(self, world: World, supervisor: Actor) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            joined = join_customers(work.customer, into=home.customer, by=supervisor)
            change_customer(customer_of(home), address="京都市中京区", by=supervisor)
            from_work = make_case(world.ours.entry_point, sender=AT_WORK, subject="会社から")
            from_home = make_case(world.ours.entry_point, sender=AT_HOME, subject="家から")

            part_customers(joined, by=supervisor)

            assert customer_of(from_work) == work.customer
            assert {row.customer_id for row in Contact.objects.filter(case=from_work)} == {work.customer_id}
            assert customer_of(from_home) == home.customer
            assert customer_of(home).address == "京都市中京区"
            assert customer_of(work).joined_into is None

    def test_what_was_ordered_and_noted_since_in_a_case_that_goes_goes_with_it(
        self, world: World, supervisor: Actor
    ) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            before = order_of(home.customer_id, home.desk_id, case=home.pk)
            joined = join_customers(work.customer, into=home.customer, by=supervisor)
            theirs = order_of(home.customer_id, work.desk_id, case=work.pk)
            again = order_of(home.customer_id, work.desk_id)
            Order.objects.filter(pk=again.pk).update(resend_of=theirs)
            stays = order_of(home.customer_id, home.desk_id, case=home.pk)
            whose_case = {home.pk: home.customer_id, work.pk: work.customer_id}
            for case in whose_case:
                said = {"kind": "wish", "text": "午前", "until": clock.today(), "at": clock.now()}
                CustomerNote.objects.create(
                    company=home.company, customer=home.customer, case_id=case, **said
                )

            part_customers(joined, by=supervisor)

            whose = dict(Order.objects.values_list("pk", "customer"))
            assert {pk for pk, customer in whose.items() if customer == work.customer_id} == {
                theirs.pk,
                again.pk,
            }
            assert {pk for pk, customer in whose.items() if customer == home.customer_id} == {
                before.pk,
                stays.pk,
            }
            assert dict(CustomerNote.objects.values_list("case_id", "customer")) == whose_case

    @pytest.mark.parametrize("kind", ["phone", "line", "web"])
    def test_who_called_or_wrote_otherwise_since_gets_that_back(
        self, world: World, supervisor: Actor, kind: str
    ) -> None:
        home, work = one_at_home_one_at_work(world)
        address = {"phone": "", "line": f"U{'0' * 32}", "web": "visitor-0123456789abcdef"}[kind]
        value = address or "+81750000001"
        with world.ours.scope():
            work.customer.identities.create(company=work.company, kind=kind, value=value, written=value)
            joined = join_customers(work.customer, into=home.customer, by=supervisor)
            since = [make_case(world.ours.entry_point, sender=AT_HOME) for _n in range(3)]
            said = Message.objects.filter(case__in=since).update(sender_address=address)
            Message.objects.filter(case=since[2]).update(sender_address=AT_HOME.address)
            assert said == 3
            Message.objects.filter(case__in=since[:2]).update(channel="phone" if kind == "phone" else "line")
            first, other = (
                Message.objects.filter(case__in=since[:2]).order_by("case").values_list("pk", flat=True)
            )
            called = {first: "075-000-0001", other: "075-000-0002"} if kind == "phone" else {}
            assert calls_since(joined) == sorted(called)

            part_customers(joined, callers=called, by=supervisor)

            whose = [customer_of(one).pk == work.customer_id for one in since]
            assert whose == ([True, False, False] if kind == "phone" else [True, True, False])

    def test_addresses_that_were_put_in_another_order_go_back_too(
        self, world: World, supervisor: Actor
    ) -> None:
        home, work = one_at_home_one_at_work(world)
        with world.ours.scope():
            joined = join_customers(work.customer, into=home.customer, by=supervisor)
            set_addresses(customer_of(home), emails=[AT_WORK.address, AT_HOME.address], by=supervisor)

            part_customers(joined, by=supervisor)

            whose = dict(Identity.objects.values_list("value", "customer"))
            assert whose == {AT_HOME.address: home.customer_id, AT_WORK.address: work.customer_id}


def test_every_table_of_customers_rows_leads_on_what_comes_late(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'joins_led_on'")
        led = {table for (table,) in cursor.fetchall()}

    tables = {model._meta.db_table for _name, model, _field in hanging_on_a_customer()}

    assert led == tables | {Identity._meta.db_table}


@pytest.mark.django_db(transaction=True)
def test_what_was_on_its_way_when_two_became_one_arrives_with_the_one(
    world: World, supervisor: Actor
) -> None:
    """A mail is looked up before the join and written after it has begun."""
    with scope.everywhere(reason="a test looks at rows of its own"):
        kept, other = make_customer(world.ours.company), make_customer(world.ours.company)
    begun, written = threading.Event(), list[int]()

    def arrive() -> None:
        with scope.everywhere(reason="another process"):
            begun.set()
            row = Identity.objects.create(
                company=world.ours.company, customer=other, kind="phone", value="+81900000001", written="090"
            )
            written.append(Identity.objects.values_list("customer", flat=True).get(pk=row.pk))
        connections.close_all()

    late = threading.Thread(target=arrive)
    with scope.everywhere(reason="a test looks at rows of its own"), transaction.atomic():
        join_customers(other, into=kept, by=supervisor)
        late.start()
        begun.wait(timeout=10)
        _until_it_waits(late)
    late.join(timeout=10)

    assert written == [kept.pk]


def _until_it_waits(late: threading.Thread) -> None:
    waiting = 0
    while not waiting and late.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            [waiting] = cursor.fetchone()
