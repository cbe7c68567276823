"""Companies are told of who reads very many of their customers, once for each person and hour; nobody is kept out."""

from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.cases.actions import note_look_at_customer
from madoguchi.cases.reading import limit_of, mark_looked, raise_alarms, set_reading_limit
from madoguchi.cases.reading_models import ReadingAlarm, ReadingLimit
from madoguchi.customers.models import Customer
from madoguchi.exports.events import ListTaken
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 1, 20, 3, 40, tzinfo=UTC)


def look(side: Side, person: User, *, times: int, first: int = 0) -> None:
    """Open so many customers of a company."""
    with side.scope():
        rows = [Customer(company=side.company, name=f"客{n}", created_at=NOW) for n in range(first + times)]
        for row in Customer.objects.bulk_create(rows)[first:]:
            note_look_at_customer(row.pk, by=actor_of(person))


def alarms(side: Side) -> list[tuple[int, int]]:
    with side.scope():
        return list(ReadingAlarm.objects.order_by("at", "pk").values_list("user", "customers"))


def test_who_reads_so_many_in_an_hour_is_told_once_to_their_company_alone(world: World) -> None:
    ours, theirs = world.ours, world.theirs
    with ours.scope():
        set_reading_limit(ours.company, per_hour=5, by=actor_of(ours.company_manager))
    with clock.held_at(NOW):
        look(ours, ours.agent, times=5)
        look(ours, ours.supervisor, times=4)
        look(theirs, theirs.agent, times=5)
        assert raise_alarms() == 1
        look(ours, ours.agent, times=3)
        assert raise_alarms() == 0
    with clock.held_at(NOW + timedelta(hours=1)):
        look(ours, ours.agent, times=4)
        assert raise_alarms() == 0
        look(ours, ours.agent, times=1)
        assert raise_alarms() == 1

    assert (alarms(ours), alarms(theirs)) == ([(ours.agent.pk, 5), (ours.agent.pk, 5)], [])
    with ours.scope():
        fact = Event.objects.filter(kind="customers.read_many").order_by("id").first()
        assert fact is not None
        assert (fact.data["person"], fact.data["customers"]) == (ours.agent.pk, 5)
        # Nothing is held back: the next customer is read as the ones before.
    look(ours, ours.agent, times=1)


def test_the_same_customer_counts_once_and_lists_that_were_taken_count_too(world: World) -> None:
    ours = world.ours
    with ours.scope():
        set_reading_limit(ours.company, per_hour=5, by=actor_of(ours.company_manager))
        customer = Customer.objects.create(company=ours.company, name="客", created_at=NOW)
        for _time in range(6):
            note_look_at_customer(customer.pk, by=actor_of(ours.agent))
    assert raise_alarms() == 0
    with ours.scope():
        record(ListTaken(company=ours.company.pk, export=1, cases=4), by=actor_of(ours.agent))

    assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 5)]


def test_a_company_says_from_how_many_on_and_that_it_has_looked(world: World) -> None:
    ours = world.ours
    manager, leader = actor_of(ours.company_manager), actor_of(ours.supervisor)
    with ours.scope():
        alarm = ReadingAlarm.objects.create(
            company=ours.company, user=ours.agent, hour=NOW, at=NOW, customers=500
        )
        with pytest.raises(Refused):
            set_reading_limit(ours.company, per_hour=4, by=manager)
        for act in (
            lambda: set_reading_limit(ours.company, per_hour=50, by=leader),
            lambda: mark_looked(alarm, by=leader),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert (limit_of(ours.company.pk), ReadingLimit.objects.count()) == (150, 0)
        for _time in range(2):
            set_reading_limit(ours.company, per_hour=50, by=manager)
            mark_looked(alarm, by=manager)

        alarm.refresh_from_db()
        assert (limit_of(ours.company.pk), alarm.seen_by_id) == (50, ours.company_manager.pk)
        kinds = ("customers.reading_limit", "customers.read_many_seen")
        assert [Event.objects.filter(kind=kind).count() for kind in kinds] == [1, 1]
