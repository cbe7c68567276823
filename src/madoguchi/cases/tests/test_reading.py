"""Companies are told of who reads very many of their customers, once for each person and hour; nobody is kept out."""

from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries
from tests.house.at_once import at_once

from madoguchi.cases import reading
from madoguchi.cases.actions import note_list, note_look_at_customer, note_search
from madoguchi.cases.read_counts import _LISTS, begin_of, counted, lists_taken
from madoguchi.cases.reading import (
    alarms_unseen,
    limit_of,
    limit_said,
    mark_looked,
    raise_alarms,
    set_reading_limit,
)
from madoguchi.cases.reading_models import ReadingAlarm, ReadingLimit, ReadingMark
from madoguchi.customers.models import Customer
from madoguchi.exports.events import ListTaken
from madoguchi.infra.event_log import record
from madoguchi.infra.models import LIST_KINDS, Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.reservations.events import ReservationsTaken

pytestmark = pytest.mark.django_db
MANY = 1_500
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
        set_reading_limit(ours.company, per_hour=5, per_day=MANY, by=actor_of(ours.company_manager))
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
        set_reading_limit(ours.company, per_hour=5, per_day=MANY, by=actor_of(ours.company_manager))
        customer = Customer.objects.create(company=ours.company, name="客", created_at=NOW)
        for _time in range(6):
            note_look_at_customer(customer.pk, by=actor_of(ours.agent))
    assert raise_alarms() == 0
    with ours.scope():
        record(ListTaken(company=ours.company.pk, export=1, cases=4), by=actor_of(ours.agent))

    assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 5)]


@pytest.mark.parametrize("of", ["customers", "orders"])
def test_records_that_were_taken_count_too(world: World, of: str) -> None:
    ours = world.ours
    with ours.scope():
        record(ListTaken(company=ours.company.pk, export=1, cases=0, **{of: 300}), by=actor_of(ours.agent))

    assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 300)]


def test_a_list_of_reservations_that_was_taken_counts_too(world: World) -> None:
    ours = world.ours
    with ours.scope():
        taken = ReservationsTaken(company=ours.company.pk, day="2027-01-20", store=None, count=300)
        record(taken, by=actor_of(ours.agent))

    assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 300)]


def test_all_companies_of_a_page_are_counted_in_one_query_each(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ours, other = world.ours.company, world.theirs.company.pk
    with world.ours.scope(), clock.held_at(NOW):
        set_reading_limit(ours, per_hour=50, per_day=MANY, by=actor_of(world.ours.company_manager))
        set_reading_limit(ours, per_hour=90, per_day=MANY, by=actor_of(world.ours.company_manager))
        for hours in range(2):
            ReadingAlarm.objects.create(
                company=ours, user=world.ours.agent, hour=NOW - timedelta(hours=hours), at=NOW, customers=500
            )
        with django_assert_num_queries(2):
            limits, unseen = reading.limits_of([ours.pk, other]), reading.unseen_of([ours.pk, other])
    assert (limits, unseen[ours.pk], unseen[other]) == ({ours.pk: (50, MANY), other: (300, MANY)}, 2, 0)


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
            return limit_of(company.pk)[0]

    with world.ours.scope(), clock.held_at(NOW):
        set_reading_limit(company, per_hour=90_000, per_day=MANY, by=manager)
        assert [counts(days=days) for days in (0, 6, 7)] == [300, 300, 90_000]
        with clock.held_at(NOW + timedelta(days=3)):
            set_reading_limit(company, per_hour=90_000, per_day=MANY, by=manager)
        assert [counts(days=days) for days in (6, 7)] == [300, 90_000]
        set_reading_limit(company, per_hour=50, per_day=MANY, by=manager)
        assert [counts(days=days) for days in (0, 7)] == [50, 50]
        assert limit_said(company.pk).per_hour == 50


def test_what_goes_wrong_with_one_company_keeps_no_other_from_being_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = sorted((world.ours, world.theirs), key=lambda side: side.company.pk)
    whole = reading.counted

    def counted(company: int, period: ReadingAlarm.Period, *, since: datetime) -> Counter[reading.Reading]:
        if company == ours.company.pk:
            raise ValueError
        return whole(company, period, since=since)

    with theirs.scope():
        set_reading_limit(theirs.company, per_hour=5, per_day=MANY, by=actor_of(theirs.company_manager))
    look(theirs, theirs.agent, times=5)
    monkeypatch.setattr(reading, "counted", counted)

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
            set_reading_limit(ours.company, per_hour=4, per_day=MANY, by=manager)
        for act in (
            lambda: set_reading_limit(ours.company, per_hour=50, per_day=MANY, by=leader),
            lambda: mark_looked(alarm, by=leader),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert (limit_of(ours.company.pk), ReadingLimit.objects.count()) == ((300, MANY), 0)
        for _time in range(2):
            set_reading_limit(ours.company, per_hour=50, per_day=MANY, by=manager)
            mark_looked(alarm, by=manager)

        alarm.refresh_from_db()
        assert (limit_of(ours.company.pk)[0], alarm.seen_by_id) == (50, ours.company_manager.pk)
        kinds = ("customers.reading_limit", "customers.read_many_seen")
        assert [Event.objects.filter(kind=kind).count() for kind in kinds] == [1, 1]


@pytest.mark.parametrize(("times", "told"), [(4, 0), (5, 1), (6, 1)])
def test_it_is_told_from_the_number_on_that_was_said(world: World, times: int, told: int) -> None:
    with world.ours.scope():
        set_reading_limit(
            world.ours.company, per_hour=5, per_day=MANY, by=actor_of(world.ours.company_manager)
        )
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
        set_reading_limit(
            world.ours.company, per_hour=6, per_day=MANY, by=actor_of(world.ours.company_manager)
        )
    for moment in (first, second):
        with clock.held_at(moment):
            look(world.ours, world.ours.agent, times=3)
    with clock.held_at(second):
        raise_alarms()

    assert [n for _who, n in alarms(world.ours)] == told


@pytest.mark.parametrize("hours", [0, 1, 2, 30])
def test_no_hour_is_lost_while_nobody_looked(world: World, hours: int) -> None:
    with world.ours.scope():
        set_reading_limit(
            world.ours.company, per_hour=5, per_day=MANY, by=actor_of(world.ours.company_manager)
        )
    with clock.held_at(NOW - timedelta(hours=1)):
        raise_alarms()
    with clock.held_at(NOW):
        look(world.ours, world.ours.agent, times=5)
    with clock.held_at(NOW + timedelta(hours=hours)):
        assert (raise_alarms(), raise_alarms()) == (1, 0)
    assert alarms(world.ours) == [(world.ours.agent.pk, 5)]


def test_what_was_not_counted_is_looked_at_again_from_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.ours.scope():
        set_reading_limit(
            world.ours.company, per_hour=5, per_day=MANY, by=actor_of(world.ours.company_manager)
        )
    with clock.held_at(NOW):
        raise_alarms()
        look(world.ours, world.ours.agent, times=5)
    with monkeypatch.context() as broken, clock.held_at(NOW + timedelta(hours=3)):
        broken.setattr(reading, "counted", None)
        assert raise_alarms() == 0
    with world.ours.scope():
        assert ReadingMark.objects.get().at == NOW
    with clock.held_at(NOW + timedelta(hours=30)):
        assert raise_alarms() == 1


def test_searches_count_by_how_many_customers_they_showed(world: World) -> None:
    ours, agent = world.ours, actor_of(world.ours.agent)
    with ours.scope(), clock.held_at(NOW):
        set_reading_limit(ours.company, per_hour=6, per_day=MANY, by=actor_of(ours.company_manager))
        rows = [Customer(company=ours.company, name=f"客{n}", created_at=NOW) for n in range(5)]
        shown = [row.pk for row in Customer.objects.bulk_create(rows)]
        for _time in range(3):  # each counts once within the hour
            note_search(customers=shown[:2], by=agent)
            note_list(customers=shown[:4], by=agent)
        note_look_at_customer(shown[0], by=agent)
        assert raise_alarms() == 0
        note_search(customers=shown, by=agent)
        assert raise_alarms() == 1
    assert alarms(ours) == [(ours.agent.pk, 6)]


def test_who_reads_a_few_every_hour_is_told_by_the_day(world: World) -> None:
    ours = world.ours
    with ours.scope():
        set_reading_limit(ours.company, per_hour=5, per_day=10, by=actor_of(ours.company_manager))
    # In Japan a day begins at 15:00 UTC: the first of these is of the day before.
    for hours, told in enumerate([0, 0, 0, 1, 0]):
        with clock.held_at(datetime(2027, 1, 20, 14, 30, tzinfo=UTC) + timedelta(hours=hours)):
            look(ours, ours.agent, times=4)
            assert raise_alarms() == told
    with ours.scope():
        alarm = ReadingAlarm.objects.get()
        fact = Event.objects.get(kind="customers.read_many")
    day = datetime(2027, 1, 20, 15, tzinfo=UTC)
    assert (alarm.period, alarm.hour, alarm.customers) == ("day", day, 12)
    assert (fact.data["period"], fact.data["customers"]) == ("day", 12)


def test_one_more_person_costs_no_more_queries_to_count(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ours = world.ours
    for person in (ours.agent, ours.supervisor, ours.manager):
        with clock.held_at(NOW):
            look(ours, person, times=2)
    with ours.scope(), django_assert_num_queries(3):
        found = counted(ours.company.pk, ReadingAlarm.Period.HOUR, since=NOW)
    assert sorted(found.values()) == [2, 2, 2]


def test_lists_that_were_taken_lie_in_a_short_index_however_long_the_log_is(world: World) -> None:
    """All that is ever asked for is in it, and it is the one that is used."""
    ours = world.ours
    with ours.scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, data)"
            " SELECT %s, 'case.changed', now() - make_interval(secs => n), 'person', 1, '', '{}'"
            " FROM generate_series(1, 20000) AS n",
            [ours.company.pk],
        )
        record(ListTaken(company=ours.company.pk, export=1, cases=4), by=actor_of(ours.agent))
        cursor.execute("ANALYZE infra_event")
        rows = lists_taken(ours.company.pk, since=begin_of(ReadingAlarm.Period.DAY, clock.now()))
        plan = rows.explain(analyze=True, buffers=True)
        assert list(rows.values_list("data__cases", flat=True)) == [4]
    assert "event_of_list" in plan, plan
    assert set(LIST_KINDS) == {ListTaken.kind, ReservationsTaken.kind} == set(_LISTS)


def test_a_higher_number_of_the_day_alone_waits_too(world: World) -> None:
    company, manager = world.ours.company, actor_of(world.ours.company_manager)
    with world.ours.scope(), clock.held_at(NOW):
        set_reading_limit(company, per_hour=100, per_day=9_000, by=manager)
        assert limit_of(company.pk) == (100, MANY)
        with clock.held_at(NOW + timedelta(days=3)):
            set_reading_limit(company, per_hour=90, per_day=9_000, by=manager)
            assert limit_of(company.pk) == (90, MANY)
        with clock.held_at(NOW + timedelta(days=7)):
            assert limit_of(company.pk) == (90, 9_000)
        with pytest.raises(Refused) as refused:
            set_reading_limit(company, per_hour=90, per_day=4, by=manager)
        assert (refused.value.field, limit_said(company.pk).per_day) == ("per_day", 9_000)


@pytest.mark.django_db(transaction=True)
def test_several_workers_tell_it_once(world: World) -> None:
    with world.ours.scope():
        set_reading_limit(
            world.ours.company, per_hour=5, per_day=MANY, by=actor_of(world.ours.company_manager)
        )
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
            set_reading_limit(ours.company, per_hour=40, per_day=MANY, by=who)
        assert (limit_of(ours.company.pk)[0], alarms_unseen(who)) == ((40, 1) if may else (300, 0))
    with world.theirs.scope():
        assert alarms_unseen(actor_of(world.theirs.company_manager)) == 0


@pytest.mark.parametrize(
    ("per_hour", "right"), [(4, False), (5, True), (100_000, True), (100_001, False), (-1, False)]
)
def test_a_number_that_makes_sense(world: World, per_hour: int, right: bool) -> None:
    with world.ours.scope():
        with nullcontext() if right else pytest.raises(Refused):
            set_reading_limit(
                world.ours.company, per_hour=per_hour, per_day=MANY, by=actor_of(world.ours.company_manager)
            )
        assert limit_said(world.ours.company.pk).per_hour == (per_hour if right else 300)
        assert Event.objects.filter(kind="customers.reading_limit").count() == right
