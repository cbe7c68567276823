"""Which events tell of a customer: written by the database with each of them, of before and from now on."""

from typing import Any

import pytest
from django.db import connection
from django.db.utils import Error as DatabaseError

from madoguchi.customers.events import CustomerChanged, CustomersJoined
from madoguchi.infra import event_customers, scope
from madoguchi.infra.event_customers import go_through, telling_of
from madoguchi.infra.event_log import record
from madoguchi.infra.jobs import customers_of_events
from madoguchi.infra.models import Event, EventCustomer, GoneThrough
from madoguchi.kernel.actor import system
from madoguchi.people.factories import Side, World

pytestmark = pytest.mark.django_db
BY = system("test")


def changed(company: int, customer: int) -> int:
    return record(CustomerChanged(company=company, customer=customer, fields=["name"]), by=BY)


@pytest.fixture(autouse=True)
def gone_through(db: None) -> None:
    GoneThrough.objects.update_or_create(name="event_customers", defaults={"done": True})


def found(world: World, *customers: int, by: Side | None = None) -> list[int]:
    with (by or world.ours).scope():
        return list(Event.objects.filter(telling_of(customers)).order_by("pk").values_list("pk", flat=True))


def rows() -> list[tuple[int, int, int]]:
    with scope.everywhere(reason="a test looks at what is there"):
        return sorted(EventCustomer.objects.values_list("customer_id", "event_id", "company_id"))


def test_every_event_that_names_a_customer_is_found_by_them_within_the_wall(world: World) -> None:
    ours, theirs = world.ours.company.pk, world.theirs.company.pk
    with world.ours.scope():
        first, other, second = (changed(ours, customer) for customer in (7, 8, 7))
    with world.theirs.scope():
        foreign = changed(theirs, 7)

    assert rows() == sorted([(7, first, ours), (8, other, ours), (7, second, ours), (7, foreign, theirs)])
    assert (found(world, 7), found(world, 8, 7, 9)) == ([first, second], [first, other, second])
    assert (found(world), found(world, 9)) == ([], [])
    assert found(world, 7, 8, by=world.theirs) == [foreign]


@pytest.mark.parametrize(
    "data",
    [{}, {"customer": None}, {"customer": "7"}, {"customer": [7]}, {"customer": 7.5}, {"customer": 1e30}],
)
def test_what_names_no_customer_by_an_id_is_written_all_the_same(world: World, data: dict[str, Any]) -> None:
    with world.ours.scope():
        made = Event.objects.create(
            company=world.ours.company, kind="test.told", actor_kind="system", actor_name="test", data=data
        )

        assert Event.objects.filter(pk=made.pk).exists()
    assert rows() == []


def test_the_same_transaction_keeps_both_or_neither(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.ours.scope():
        changed(world.ours.company.pk, 7)
        raise ZeroDivisionError
    assert rows() == []
    with pytest.raises(DatabaseError), world.ours.scope():
        changed(world.theirs.company.pk, 7)
    assert rows() == []


def test_until_the_events_of_before_are_gone_through_the_log_itself_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In portions, each kept for itself: broken off, it goes on from there, and writes none twice."""
    with world.ours.scope():
        made = [changed(world.ours.company.pk, customer) for customer in (7, 8, 9, 7, 8)]
    there = rows()
    with world.ours.scope():
        EventCustomer.objects.exclude(event_id=made[2]).delete()
    GoneThrough.objects.update(done=False, event_id=made[0] - 1)
    monkeypatch.setattr(event_customers, "AT_ONCE", 2)

    steps = go_through()
    assert next(steps) == made[0] + 1
    steps.close()
    assert {event for _, event, _ in rows()} == {made[0], made[1], made[2]}
    assert found(world, 7) == [made[0], made[3]]

    # What happens meanwhile is written by the database, also beyond what is still to come.
    with world.ours.scope():
        late = changed(world.ours.company.pk, 7)
    assert list(go_through()) == [made[3], late]
    assert GoneThrough.objects.get().done
    assert rows() == sorted([*there, (7, late, world.ours.company.pk)])
    assert found(world, 7) == [made[0], made[3], late]
    assert list(go_through()) == []


def test_where_no_mark_is_the_log_is_read_and_gone_through_from_its_beginning(world: World) -> None:
    GoneThrough.objects.all().delete()
    with world.ours.scope():
        made = changed(world.ours.company.pk, 7)
        EventCustomer.objects.all().delete()
    assert found(world, 7) == [made]

    customers_of_events(timestamp=0)

    assert (found(world, 7), rows()) == ([made], [(7, made, world.ours.company.pk)])
    assert GoneThrough.objects.get().done


def test_the_index_is_read_and_not_the_log(world: World) -> None:
    """A thousand events of others: what is one's own is read by its ids alone."""
    company = world.ours.company.pk
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_name, data)"
            " SELECT %s, 'customer.changed', now(), 'system', 'test', jsonb_build_object('customer', n)"
            " FROM generate_series(1, 1000) AS n",
            [company],
        )
        (mine,) = Event.objects.filter(telling_of([77])).values_list("pk", flat=True)
        plan = EventCustomer.objects.filter(customer_id__in=[77]).explain(format="json")
        assert "infra_eventcustomer_pkey" in plan
        assert "Seq Scan" not in plan
        assert Event.objects.get(pk=mine).data == {"customer": 77}


def test_of_two_customers_of_one_event_it_is_found_by_whose_it_is(world: World) -> None:
    fact = CustomersJoined(company=world.ours.company.pk, customer=7, other=8, join=1, led=[])
    with world.ours.scope():
        made = record(fact, by=BY)
    assert (found(world, 7), found(world, 8)) == ([made], [])
