"""Companies are told of who reads very many of their customers, once for each person and hour; nobody is kept out."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries
from tests.house.at_once import at_once

from madoguchi.cases import reading
from madoguchi.cases.actions import note_look_at_customer
from madoguchi.cases.reading import (
    alarms_unseen,
    limit_of,
    limit_said,
    mark_looked,
    raise_alarms,
    set_reading_limit,
)
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
from madoguchi.reservations.events import ReservationsTaken

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


def test_a_list_of_reservations_that_was_taken_counts_too(world: World) -> None:
    ours = world.ours
    with ours.scope():
        taken = ReservationsTaken(company=ours.company.pk, day="2027-01-20", store=None, count=150)
        record(taken, by=actor_of(ours.agent))

    assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 150)]


def test_all_companies_of_a_page_are_counted_in_one_query_each(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ours, other = world.ours.company, world.theirs.company.pk
    with world.ours.scope(), clock.held_at(NOW):
        set_reading_limit(ours, per_hour=50, by=actor_of(world.ours.company_manager))
        set_reading_limit(ours, per_hour=90, by=actor_of(world.ours.company_manager))
        for hours in range(2):
            ReadingAlarm.objects.create(
                company=ours, user=world.ours.agent, hour=NOW - timedelta(hours=hours), at=NOW, customers=500
            )
        with django_assert_num_queries(2):
            limits, unseen = reading.limits_of([ours.pk, other]), reading.unseen_of([ours.pk, other])
    assert (limits, unseen[ours.pk], unseen[other]) == ({ours.pk: 50, other: 150}, 2, 0)


def test_who_was_told_of_is_not_who_looks_at_it(world: World) -> None:
    ours = world.ours
    with ours.scope():
        alarm = ReadingAlarm.objects.create(
            company=ours.company, user=ours.company_manager, hour=NOW, at=NOW, customers=500
        )
        with pytest.raises(Refused) as refused:
            mark_looked(alarm, by=actor_of(ours.company_manager))
        alarm.refresh_from_db()
        assert (refused.value.field, alarm.seen_at, alarm.seen_by_id) == ("seen", None, None)
        assert not Event.objects.filter(kind="customers.read_many_seen").exists()


def test_a_higher_limit_counts_seven_days_later_and_a_lower_one_at_once(world: World) -> None:
    company, manager = world.ours.company, actor_of(world.ours.company_manager)

    def counts(*, days: int) -> int:
        with clock.held_at(NOW + timedelta(days=days)):
            return limit_of(company.pk)

    with world.ours.scope(), clock.held_at(NOW):
        set_reading_limit(company, per_hour=90_000, by=manager)
        assert [counts(days=days) for days in (0, 6, 7)] == [150, 150, 90_000]
        with clock.held_at(NOW + timedelta(days=3)):
            set_reading_limit(company, per_hour=90_000, by=manager)
        assert [counts(days=days) for days in (6, 7)] == [150, 90_000]
        set_reading_limit(company, per_hour=50, by=manager)
        assert [counts(days=days) for days in (0, 7)] == [50, 50]
        assert limit_said(company.pk).per_hour == 50


def test_what_goes_wrong_with_one_company_keeps_no_other_from_being_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = sorted((world.ours, world.theirs), key=lambda side: side.company.pk)
    whole = reading._counted

    def counted(company: int, *, since: datetime) -> object:
        if company == ours.company.pk:
            raise ValueError
        return whole(company, since=since)

    with theirs.scope():
        set_reading_limit(theirs.company, per_hour=5, by=actor_of(theirs.company_manager))
    look(theirs, theirs.agent, times=5)
    monkeypatch.setattr(reading, "_counted", counted)

    assert raise_alarms() == 1
    assert (alarms(ours), alarms(theirs)) == ([], [(theirs.agent.pk, 5)])


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


@pytest.mark.parametrize(("times", "told"), [(4, 0), (5, 1), (6, 1)])
def test_it_is_told_from_the_number_on_that_was_said(world: World, times: int, told: int) -> None:
    with world.ours.scope():
        set_reading_limit(world.ours.company, per_hour=5, by=actor_of(world.ours.company_manager))
    look(world.ours, world.ours.agent, times=times)

    assert raise_alarms() == told
    assert alarms(world.ours) == [(world.ours.agent.pk, times)] * told


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        # Hours are those of the clock: what is read around the full hour is not added up.
        (datetime(2027, 1, 20, 3, 59, tzinfo=UTC), datetime(2027, 1, 20, 4, 0, tzinfo=UTC), []),
        (datetime(2027, 1, 20, 3, 0, tzinfo=UTC), datetime(2027, 1, 20, 3, 59, 59, tzinfo=UTC), [6]),
        # In Japan a day begins within an hour of the clock, too.
        (datetime(2027, 1, 20, 14, 59, tzinfo=UTC), datetime(2027, 1, 20, 15, 0, tzinfo=UTC), []),
    ],
)
def test_what_is_read_is_counted_by_the_hour(
    world: World, first: datetime, second: datetime, told: list[int]
) -> None:
    with world.ours.scope():
        set_reading_limit(world.ours.company, per_hour=6, by=actor_of(world.ours.company_manager))
    for moment in (first, second):
        with clock.held_at(moment):
            look(world.ours, world.ours.agent, times=3)
    with clock.held_at(second):
        raise_alarms()

    assert [n for _who, n in alarms(world.ours)] == told


@pytest.mark.parametrize(("hour", "minute", "told"), [(3, 41, 1), (4, 59, 1), (5, 0, 0)])
def test_an_hour_that_is_over_is_looked_at_once_more(world: World, hour: int, minute: int, told: int) -> None:
    with world.ours.scope():
        set_reading_limit(world.ours.company, per_hour=5, by=actor_of(world.ours.company_manager))
    with clock.held_at(NOW):
        look(world.ours, world.ours.agent, times=5)
    with clock.held_at(NOW.replace(hour=hour, minute=minute)):
        assert raise_alarms() == told


@pytest.mark.django_db(transaction=True)
def test_several_workers_tell_it_once(world: World) -> None:
    with world.ours.scope():
        set_reading_limit(world.ours.company, per_hour=5, by=actor_of(world.ours.company_manager))
    with clock.held_at(NOW):
        look(world.ours, world.ours.agent, times=5)

    def tell() -> int:
        with clock.held_at(NOW):
            return raise_alarms()

    assert sorted(at_once(*[tell] * 3)) == [0, 0, 1]
    assert alarms(world.ours) == [(world.ours.agent.pk, 5)]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("agent", False),
        ("supervisor", False),
        ("manager", False),
        ("company_staff", False),
        ("company_manager", True),
    ],
)
def test_the_company_alone_sets_the_number_and_sees_what_is_open(world: World, role: str, may: bool) -> None:
    ours, who = world.ours, actor_of(getattr(world.ours, role))
    with ours.scope():
        ReadingAlarm.objects.create(company=ours.company, user=ours.agent, hour=NOW, at=NOW, customers=500)
        with nullcontext() if may else pytest.raises(NotAllowed):
            set_reading_limit(ours.company, per_hour=40, by=who)
        assert (limit_of(ours.company.pk), alarms_unseen(who)) == ((40, 1) if may else (150, 0))
    with world.theirs.scope():
        assert alarms_unseen(actor_of(world.theirs.company_manager)) == 0


@pytest.mark.parametrize(
    ("per_hour", "right"), [(4, False), (5, True), (100_000, True), (100_001, False), (-1, False)]
)
def test_a_number_that_makes_sense(world: World, per_hour: int, right: bool) -> None:
    with world.ours.scope():
        with nullcontext() if right else pytest.raises(Refused):
            set_reading_limit(world.ours.company, per_hour=per_hour, by=actor_of(world.ours.company_manager))
        assert limit_said(world.ours.company.pk).per_hour == (per_hour if right else 150)
        assert Event.objects.filter(kind="customers.reading_limit").count() == right
