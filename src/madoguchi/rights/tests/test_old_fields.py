"""Rules of retention for single fields of customers' records: of whom they go, of whom they stay, what else goes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.models import Order
from madoguchi.customers.actions import add_customer, change_customer, join_customers, know_place
from madoguchi.customers.consenting import Purpose
from madoguchi.customers.models import Consent, Customer, Identity, Join, PostalAddress
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.people.factories import World, make_company_person
from madoguchi.people.queries import actor_of
from madoguchi.rights.actions.retaining import start_run, switch_off, switch_on, work_on_run, write_rule
from madoguchi.rights.models import RetentionRule
from madoguchi.rights.old_fields import due_customers, let_fields_go
from madoguchi.rights.queries import rules_of
from madoguchi.rights.retention import cutoff_of

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1_200)


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


def known(world: World, name: str, **more: Any) -> Customer:
    """A customer of long ago, with a phone, a mail address, an address and a memo."""
    at = clock.now() - LONG_AGO
    said: dict[str, Any] = {"phones": [f"090-0000-{len(name):04}"], "emails": [f"{name}@home.example"]}
    said |= {"address": "京都市", "memo": "犬"}
    with world.ours.scope(), clock.held_at(at):
        return add_customer(world.ours.company.pk, name=name, by=system("test"), **(said | more))


def rule_on(world: World, lead: Actor, kind: str) -> RetentionRule:
    second = actor_of(make_company_person(world.ours.company, Role.COMPANY_MANAGER))
    rule = write_rule(world.ours.company.pk, kind=kind, months=36, by=lead)
    switch_on(rule, months=36, by=second)
    return RetentionRule.objects.get(pk=rule.pk)


def due(world: World, kind: str) -> list[str]:
    rows = due_customers(world.ours.company.pk, kind, cutoff_of(36))
    return sorted(rows.values_list("name", flat=True))


def carried_out(rule: RetentionRule, by: Actor) -> dict[str, int]:
    run = start_run(rule, by=by)
    work_on_run(run.pk, company=run.company_id)
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", run.total)
    return dict(run.result)


def test_phone_numbers_of_who_was_long_not_in_touch_go_and_all_else_stays(world: World, lead: Actor) -> None:
    old = known(world, "a")
    known(world, "bb", phones=[])
    with world.ours.scope():
        Customer.objects.filter(pk=known(world, "ccc").pk).update(created_at=clock.now())
        change_customer(old, memo="犬と猫", by=system("test"))
        rule = rule_on(world, lead, "phone")
        [shown] = rules_of(lead)
        assert (shown.cases, dict(shown.rows)) == (1, {"customers.Identity": 1})
        assert Identity.objects.filter(kind="phone").count() == 2

        assert carried_out(rule, lead) == {"customers.Identity": 1}

        assert list(Identity.objects.filter(customer=old).values_list("kind", flat=True)) == ["email"]
        old.refresh_from_db()
        assert (old.name, old.address, old.memo) == ("a", "京都市", "犬と猫")
        assert Identity.objects.filter(kind="phone").count() == 1
        ran = Event.objects.get(kind="retention.ran").data
        assert (ran["what"], ran["cases"], ran["customers"]) == ("phone", 0, 1)
        changed = Event.objects.filter(kind="customer.changed").order_by("id")
        assert [one.data["fields"] for one in changed] == [["memo"], ["phones"]]
        assert carried_out(rule, lead) == {}


def test_what_a_field_was_goes_from_the_log_of_changes_too(world: World, lead: Actor) -> None:
    old = known(world, "a")
    with world.ours.scope(), clock.held_at(clock.now() - LONG_AGO):
        change_customer(old, memo="犬と猫", by=system("test"))
        change_customer(old, address="東京都", by=system("test"))
        know_place(old.pk, written="港区1-2-3", how=PostalAddress.How.SENT, by=system("test"))
    with world.ours.scope():
        went = {"customers.Customer": 1, "customers.PostalAddress": 1}
        assert carried_out(rule_on(world, lead, "address"), lead) == went

        told = Event.objects.filter(kind="customer.changed").order_by("id")
        assert [words_of([one.pk]).get(one.pk) for one in told] == [{"memo": ["犬", "犬と猫"]}, *[None] * 3]
        assert Customer.objects.get(pk=old.pk).address == ""


def test_records_that_were_joined_lose_the_field_too(world: World, lead: Actor) -> None:
    """One into another into a third, of which only the first two have an address."""
    first, second, third = (
        known(world, n, address=at) for n, at in (("a", "東京都"), ("bb", "京都市"), ("ccc", ""))
    )
    with world.ours.scope():
        with clock.held_at(clock.now() - LONG_AGO):
            change_customer(first, address="大阪市", by=system("test"))
        by = actor_of(world.ours.agent)
        join_customers(first, into=second, by=by)
        join_customers(second, into=third, by=by)
        Customer.objects.filter(pk=third.pk).update(address="")
        assert due(world, "address") == ["ccc"]

        assert carried_out(rule_on(world, lead, "address"), lead) == {"customers.Customer": 2}

        assert list(Customer.objects.exclude(address="")) == []
        told = Event.objects.filter(kind="customer.changed").values_list("pk", flat=True)
        assert words_of(list(told)) == {}
        kept = [(one.before, one.after) for one in Join.objects.all()]
        assert not any("市" in str(pair) or "都" in str(pair) for pair in kept)
        assert (due(world, "address"), due(world, "memo")) == ([], ["ccc"])


@pytest.mark.parametrize("why", ["case", "open", "order", "under way", "refused"])
def test_nothing_goes_while_something_goes_on_or_law_wants_it(world: World, lead: Actor, why: str) -> None:
    one = known(world, "a")
    with world.ours.scope():
        long_ago, now = clock.now() - LONG_AGO, clock.now()
        if why in ("case", "open"):
            case = make_case(world.ours.entry_point)
            touched, status = (now, "closed") if why == "case" else (long_ago, "open")
            Case.objects.filter(pk=case.pk).update(customer=one, touched_at=touched, status=status)
        if why in ("order", "under way"):
            order = order_of(one.pk, world.ours.desk.pk)
            placed, state = (now, "delivered") if why == "order" else (long_ago, "shipped")
            Order.objects.filter(pk=order.pk).update(placed_at=placed, state=state)
        if why == "refused":
            said = {"purpose": Purpose.values[0], "channel": "phone", "given": False, "how": "phone"}
            Consent.objects.create(
                company=one.company, customer=one, **said, at=long_ago, written_at=long_ago
            )

        rule = rule_on(world, lead, "phone")

        assert carried_out(rule, lead) == {}
        assert Identity.objects.filter(customer=one, kind="phone").exists()
        # A refusal to be called keeps the number, and no more than that.
        assert due(world, "memo") == (["a"] if why == "refused" else [])


def test_switched_off_before_its_run_nothing_goes(world: World, lead: Actor) -> None:
    one = known(world, "a")
    with world.ours.scope():
        rule = rule_on(world, lead, "memo")
        run = start_run(rule, by=lead)

        switch_off(rule, by=lead)
        work_on_run(run.pk, company=run.company_id)

        one.refresh_from_db()
        run.refresh_from_db()
        assert (one.memo, run.state, run.done) == ("犬", "cancelled", 0)
        assert not Event.objects.filter(kind="retention.ran").exists()


def test_changes_of_records_are_looked_for_among_themselves_however_long_the_log_is(world: World) -> None:
    company, old = world.ours.company.pk, known(world, "a")
    with world.ours.scope(), connection.cursor() as cursor:
        change_customer(old, memo="犬と猫", by=system("test"))
        changed = Event.objects.get(kind="customer.changed").pk
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, data)"
            " SELECT %s, 'case.changed', now(), 'person', 1, '', jsonb_build_object('customer', n)"
            " FROM generate_series(1, 20000) AS n",
            [company],
        )
        cursor.execute("ANALYZE infra_event")
        with CaptureQueriesContext(connection) as asked:
            assert let_fields_go(company, "memo", [old.pk]) == {"customers.Customer": 1}
        assert words_of([changed]) == {}
        queries = [one["sql"] for one in asked if "'customer.changed'" in one["sql"]]
        cursor.execute(f"EXPLAIN {queries[0]}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "event_of_changed" in plan, plan
