"""Households and firms: who belongs to them, what is refused, joined and parted exactly."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.customers.actions import (
    belong,
    belong_to_new,
    join_customers,
    leave,
    part_customers,
    set_sort,
)
from madoguchi.customers.actions.belong import MOST_GROUPS
from madoguchi.customers.belonging import belonging_of, belongings_of, people_in
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Belonging, Customer
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def make_group(world: World, name: str = "㈱髙﨑商事", sort: str = "firm") -> Customer:
    made = make_customer(world.ours.company, name=name, email=None)
    with world.ours.scope():
        Customer.objects.filter(pk=made.pk).update(sort=sort)
    made.sort = sort
    return made


def told() -> list[tuple[str, int, int]]:
    rows = Event.objects.filter(kind__in=("customer.belongs", "customer.left")).order_by("id")
    return [(one.kind, one.data["customer"], one.data["group"]) for one in rows]


def kept_beside(*kinds: str) -> list[tuple[str, dict[str, list[str]] | None]]:
    """What the log keeps of each such event beside itself."""
    rows = list(Event.objects.filter(kind__in=kinds).order_by("id"))
    words = words_of(one.pk for one in rows)
    return [(one.kind, words.get(one.pk)) for one in rows]


def test_somebody_belongs_as_something_and_leaves(world: World, agent: Actor) -> None:
    one, firm = make_customer(world.ours.company), make_group(world)
    with world.ours.scope():
        made = belong(one, to=firm, role=" 購買 担当 ", by=agent)
        again = belong(one, to=firm, role="購買 担当", by=agent)
        other = belong(one, to=firm, role="部長", by=agent)

        assert {made.pk, again.pk, other.pk} == {made.pk}
        groups, people = belongings_of(one.pk)
        assert ([(row.group_id, row.role) for row in groups], people) == ([(firm.pk, "部長")], [])
        assert [row.customer_id for row in belongings_of(firm.pk)[1]] == [one.pk]
        assert [row.pk for row in people_in([firm.pk])[firm.pk]] == [made.pk]
        leave(belonging_of(one.pk, made.pk), by=agent)
        leave(made, by=agent)
        assert belongings_of(one.pk) == ([], [])
        pair = (one.pk, firm.pk)
        assert told() == [("customer.belongs", *pair)] * 2 + [("customer.left", *pair)]
        assert kept_beside("customer.belongs") == [
            ("customer.belongs", {"role": ["", "購買 担当"]}),
            ("customer.belongs", {"role": ["購買 担当", "部長"]}),
        ]
        with pytest.raises(NotFound):
            belonging_of(one.pk, made.pk)


def test_a_new_household_is_made_with_its_first_person(world: World, agent: Actor) -> None:
    one = make_customer(world.ours.company)
    with world.ours.scope():
        made = belong_to_new(one, sort="household", name="田中家", role="世帯主", by=agent)

        made.group.refresh_from_db()
        assert (made.group.name, made.group.sort, made.role) == ("田中家", "household", "世帯主")
        for wrong, field in (({"sort": "", "name": "x"}, "sort"), ({"sort": "firm", "name": " "}, "name")):
            with pytest.raises(Refused) as refused:
                belong_to_new(one, by=agent, **wrong)
            assert refused.value.field == field
        assert Customer.objects.count() == 2
        again = belong_to_new(one, sort="firm", name="㈱髙﨑商事", by=agent)
        assert kept_beside("customer.changed", "customer.belongs") == [
            ("customer.changed", {"sort": ["", "household"]}),
            ("customer.belongs", {"role": ["", "世帯主"]}),
            ("customer.changed", {"sort": ["", "firm"]}),
            ("customer.belongs", None),
        ]
        fact = Event.objects.get(kind="customer.changed", data__customer=again.group_id)
        assert (fact.data["fields"], fact.actor_id) == (["sort"], agent.id)


def test_what_makes_no_sense_is_refused_and_nothing_changes(world: World, agent: Actor) -> None:
    one, other, firm = (*(make_customer(world.ours.company) for _ in range(2)), make_group(world))
    theirs = make_customer(world.theirs.company)
    with world.ours.scope():
        belong(one, to=firm, by=agent)
        gone = make_customer(world.ours.company)
        join_customers(gone, into=other, by=agent)
        gone.refresh_from_db()
        before = list(Belonging.objects.values_list("pk", "customer", "group", "role"))
        for person, to in (
            (one, other),
            (firm, firm),
            (firm, make_group(world, "田中家", "household")),
            (gone, firm),
        ):
            with pytest.raises(Refused):
                belong(person, to=to, by=agent)
        with pytest.raises(Refused):
            belong(other, to=firm, role="あ" * 61, by=agent)
        with pytest.raises(NotFound):
            belong(theirs, to=firm, by=agent)
        for customer, sort in ((one, "household"), (firm, ""), (other, "club")):
            with pytest.raises(Refused):
                set_sort(customer, sort, by=agent)
        with pytest.raises(Refused):
            join_customers(other, into=firm, by=agent)
        with pytest.raises(NotAllowed):
            belong(other, to=firm, by=actor_of(world.ours.company_staff))
        with pytest.raises(IntegrityError), transaction.atomic():
            Belonging.objects.filter(customer=one).update(customer=firm)
        assert list(Belonging.objects.values_list("pk", "customer", "group", "role")) == before


def test_a_firm_may_turn_out_to_be_a_household(world: World, agent: Actor) -> None:
    one, firm = make_customer(world.ours.company), make_group(world)
    with world.ours.scope():
        belong(one, to=firm, by=agent)
        set_sort(firm, "household", by=agent)
        set_sort(firm, "household", by=agent)
        firm.refresh_from_db()
        events = Event.objects.filter(kind="customer.changed", data__customer=firm.pk)
        assert (firm.sort, [one.data["fields"] for one in events]) == ("household", [["sort"]])


def test_five_groups_are_enough(world: World, agent: Actor) -> None:
    one = make_customer(world.ours.company)
    with world.ours.scope():
        for number in range(MOST_GROUPS):
            belong(one, to=make_group(world, f"商事{number}"), by=agent)
        with pytest.raises(Refused) as refused:
            belong(one, to=make_group(world, "もう一つ"), by=agent)
        assert (refused.value.field, Belonging.objects.count()) == ("other", MOST_GROUPS)


def everything() -> list[dict[str, Any]]:
    rows = [*Customer.objects.order_by("pk"), *Belonging.objects.order_by("pk")]
    return [model_to_dict(row) | {"pk": row.pk} for row in rows]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=6), st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_joined_and_parted_every_belonging_is_as_it_was(
    world: World, agent: Actor, pairs: list[tuple[int, int]], of_firms: bool
) -> None:
    with world.ours.scope(), transaction.atomic():
        people = [make_customer(world.ours.company) for _ in range(3)]
        groups = [make_group(world, f"商事{number}") for number in range(3)]
        for person, group in pairs:
            belong(people[person], to=groups[group], role=str(person), by=agent)
        before = everything()
        one, other = (groups if of_firms else people)[:2]
        whose = {row.pk: (row.customer_id, row.group_id) for row in Belonging.objects.all()}

        join = join_customers(other, into=one, by=agent)
        now = {row.pk: (row.customer_id, row.group_id) for row in Belonging.objects.all()}
        led = {pk: tuple(one.pk if end == other.pk else end for end in ends) for pk, ends in whose.items()}
        assert now == led
        here = belongings_of(one.pk)[of_firms]
        assert len(here) == len({(row.customer_id, row.group_id) for row in here})
        part_customers(join, by=agent)

        assert everything() == before
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_said_by_two_at_once_it_is_one(world: World, agent: Actor) -> None:
    one, firm = make_customer(world.ours.company), make_group(world)
    start = threading.Barrier(2)
    made: list[int] = []

    def say() -> None:
        try:
            with world.ours.scope():
                start.wait()
                made.append(belong(one, to=firm, role="担当", by=agent).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with world.ours.scope():
        assert (len(made), len(set(made)), Belonging.objects.count()) == (2, 1, 1)


def test_what_comes_late_for_a_group_that_was_joined_is_the_other_ones(world: World, agent: Actor) -> None:
    one, firm, same = make_customer(world.ours.company), make_group(world), make_group(world, "髙崎商事")
    with world.ours.scope():
        join_customers(same, into=firm, by=agent)
        late = Belonging.objects.create(
            company_id=one.company_id, customer=one, group=same, at=one.created_at
        )
        late.refresh_from_db()
        assert late.group_id == firm.pk
