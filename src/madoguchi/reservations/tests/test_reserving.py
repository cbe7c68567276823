"""A time is held, had, waited for, changed, given up and had again; a refusal changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.reservations import actions
from madoguchi.reservations.actions import book, cancel, change, drop, hold, offer, undo, wait
from madoguchi.reservations.factories import at, make_resource, make_store
from madoguchi.reservations.models import Reservation, Resource
from madoguchi.reservations.queries import (
    could_have,
    free_on,
    reservation_by_id,
    reservations_of,
    reservations_on,
    resource_by_id,
    resources_to_have,
    slots_on,
    waiting_for,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 1, tzinfo=UTC)
DAY = date(2026, 11, 30)
TEN, ELEVEN = datetime(2026, 11, 30, 1, tzinfo=UTC), datetime(2026, 11, 30, 2, tzinfo=UTC)
_State = Reservation.State


@pytest.fixture(autouse=True)
def ours(world: World) -> Any:
    with world.ours.scope(), clock.held_at(NOW):
        yield


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def fitting(world: World) -> Resource:
    """One of it, for an hour, every half hour, for two people."""
    return make_resource(make_store(world.ours.company), seats=2)


@pytest.fixture
def held(case: Case, fitting: Resource, agent: Actor) -> Reservation:
    return hold(case.customer, fitting, at(TEN, people=2, note="杖"), desk=case.desk, case=case.pk, by=agent)


def rows() -> list[Any]:
    return list(Reservation.objects.order_by("id").values())


def kinds() -> list[str]:
    return list(
        Event.objects.filter(kind__startswith="reservation.").order_by("id").values_list("kind", flat=True)
    )


def test_a_time_is_held_and_then_had(held: Reservation, case: Case, agent: Actor) -> None:
    assert (held.state, held.number, held.unit, str(held)) == (_State.HELD, 1001, 1, "V-1001")
    assert (held.begins, held.ends, held.held_until) == (TEN, ELEVEN, NOW + timedelta(minutes=10))
    assert (held.customer, held.case_id, held.user_id, held.people, held.note) == (
        *(case.customer, case.pk, agent.id),
        *(2, "杖"),
    )

    book(held, by=agent)

    held.refresh_from_db()
    assert (held.state, held.held_until, held.unit) == (_State.BOOKED, None, 1)
    assert kinds() == ["reservation.held", "reservation.booked"]
    assert Event.objects.get(kind="reservation.booked").data == {
        "reservation": held.pk,
        "number": 1001,
        "begins": TEN.isoformat(),
    }


def test_a_second_press_is_the_same_reservation(case: Case, fitting: Resource, agent: Actor) -> None:
    once = uuid4()
    first = hold(case.customer, fitting, at(TEN, once=once), desk=case.desk, by=agent)
    again = hold(case.customer, fitting, at(TEN, once=once), desk=case.desk, by=agent)
    news = [book(first, by=agent), book(first, by=agent)]

    assert (first.pk, len(rows()), news) == (again.pk, 1, [True, False])
    assert kinds() == ["reservation.held", "reservation.booked"]


def test_what_one_has_no_other_has(held: Reservation, case: Case, fitting: Resource, agent: Actor) -> None:
    before = rows()

    for moment in (TEN, TEN + timedelta(minutes=30)):
        with pytest.raises(Conflict, match="別の方"):
            hold(case.customer, fitting, at(moment), desk=case.desk, by=agent)

    assert rows() == before
    assert {one.slot.begins: one.units for one in free_on(fitting, DAY)}[TEN] == 0
    assert hold(case.customer, fitting, at(ELEVEN), desk=case.desk, by=agent).unit == 1


def test_of_two_units_both_are_had(world: World, case: Case, agent: Actor) -> None:
    tables = make_resource(make_store(world.ours.company), units=2, kind="table")

    units = [hold(case.customer, tables, at(TEN), desk=case.desk, by=agent).unit for _one in (1, 2)]

    assert units == [1, 2]
    with pytest.raises(Conflict):
        hold(case.customer, tables, at(TEN), desk=case.desk, by=agent)


def test_a_hold_is_over_by_itself_after_ten_minutes(
    held: Reservation, case: Case, fitting: Resource, agent: Actor
) -> None:
    """Nobody sweeps: it is read as over, and the row says so once somebody else takes the time."""
    with clock.held_at(NOW + timedelta(minutes=10) - timedelta(seconds=1)):
        assert free_on(fitting, DAY)[0].units == 0
    with clock.held_at(NOW + timedelta(minutes=10)):
        assert free_on(fitting, DAY)[0].units == 1
        other = hold(case.customer, fitting, at(TEN), desk=case.desk, by=agent)
        assert [
            one.pk for one in reservations_of(case.customer_id, actor=agent, company=case.company_id)
        ] == [other.pk]
        with pytest.raises(Conflict):
            book(held, by=agent)

    held.refresh_from_db()
    assert (held.state, other.state) == (_State.LAPSED, _State.HELD)


def test_who_reads_back_slowly_still_has_what_nobody_else_took(held: Reservation, agent: Actor) -> None:
    with clock.held_at(NOW + timedelta(minutes=25)):
        book(held, by=agent)

    held.refresh_from_db()
    assert held.state == _State.BOOKED


def test_what_is_let_go_is_free(held: Reservation, fitting: Resource, agent: Actor) -> None:
    drop(held, by=agent)
    drop(held, by=agent)

    assert free_on(fitting, DAY)[0].units == 1
    assert kinds() == ["reservation.held", "reservation.dropped"]
    with pytest.raises(Conflict):
        book(held, by=agent)


@pytest.mark.parametrize(
    ("moment", "people", "field"),
    [
        (TEN + timedelta(minutes=7), 1, "at"),
        (NOW - timedelta(hours=1), 1, "at"),
        (TEN + timedelta(hours=7, minutes=30), 1, "at"),
        (TEN + timedelta(days=120), 1, "at"),
        (TEN, 3, "people"),
        (TEN, 0, "people"),
    ],
)
def test_a_time_that_there_is_not_is_refused(
    case: Case, fitting: Resource, agent: Actor, moment: datetime, people: int, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        hold(case.customer, fitting, at(moment, people=people), desk=case.desk, by=agent)

    assert (refused.value.field, rows(), kinds()) == (field, [], [])


def test_a_number_of_a_card_is_never_kept(case: Case, fitting: Resource, agent: Actor) -> None:
    made = hold(case.customer, fitting, at(TEN, note="4111 1111 1111 1111"), desk=case.desk, by=agent)

    assert "4111" not in made.note


def test_another_time_is_had_and_the_change_undone(
    held: Reservation, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    half_past = TEN + timedelta(minutes=30)

    news = [change(held, fitting, at(half_past, people=1), by=agent) for _press in (1, 2)]

    assert news == [True, False]
    held.refresh_from_db()
    assert (held.begins, held.people, held.note) == (half_past, 1, "")
    undo(held, by=agent)
    held.refresh_from_db()
    assert (held.begins, held.ends, held.people, held.note, held.former) == (TEN, ELEVEN, 2, "杖", None)
    assert kinds()[2:] == ["reservation.changed", "reservation.restored"]
    with pytest.raises(Conflict):
        undo(held, by=agent)


def test_whoever_cannot_go_elsewhere_still_has_what_they_had(
    held: Reservation, case: Case, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    hold(case.customer, fitting, at(ELEVEN), desk=case.desk, by=agent)
    before = rows()

    with pytest.raises(Conflict):
        change(held, fitting, at(ELEVEN), by=agent)

    assert rows() == before


def test_it_goes_over_to_something_else_and_back(
    world: World, held: Reservation, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    other = make_resource(fitting.store, name="相談", seats=2)

    change(held, other, at(TEN, people=2), by=agent)

    assert [free_on(one, DAY)[0].units for one in (fitting, other)] == [1, 0]
    undo(Reservation.objects.get(pk=held.pk), by=agent)
    assert [free_on(one, DAY)[0].units for one in (fitting, other)] == [0, 1]


def test_what_is_cancelled_is_free_until_that_is_undone(
    held: Reservation, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    cancelled = cancel(held, by=agent)
    assert (cancelled.state, free_on(fitting, DAY)[0].units) == (_State.CANCELLED, 1)

    undo(cancelled, by=agent)

    held.refresh_from_db()
    assert (held.state, held.former, free_on(fitting, DAY)[0].units) == (_State.BOOKED, None, 0)
    assert kinds()[2:] == ["reservation.cancelled", "reservation.restored"]


def test_a_cancellation_is_not_undone_over_another(
    held: Reservation, case: Case, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    cancelled = cancel(held, by=agent)
    hold(case.customer, fitting, at(TEN + timedelta(minutes=30)), desk=case.desk, by=agent)
    before = rows()

    with pytest.raises(Conflict):
        undo(cancelled, by=agent)
    with clock.held_at(TEN), pytest.raises(Conflict, match="始まって"):
        undo(cancelled, by=agent)
    with pytest.raises(Conflict):
        cancel(held, by=agent)

    assert rows() == before


def test_the_waiting_list_is_served_in_its_order(
    held: Reservation, case: Case, fitting: Resource, agent: Actor
) -> None:
    book(held, by=agent)
    first, second = (wait(case.customer, fitting, at(TEN), desk=case.desk, by=agent) for _one in (1, 2))
    assert (first.state, first.unit) == (_State.WAITING, None)
    assert could_have([first, second]) == set()
    with pytest.raises(Conflict):
        offer(first, by=agent)

    cancelled = cancel(held, by=agent)

    assert [one.pk for one in waiting_for(cancelled)] == [first.pk, second.pk]
    assert could_have([first, second]) == {first.pk, second.pk}
    offer(first, by=agent)
    book(first, by=agent)
    assert [one.pk for one in waiting_for(cancelled)] == [second.pk]
    assert could_have([second]) == set()
    with pytest.raises(Conflict):
        undo(cancelled, by=agent)
    waits_no_more = cancel(second, by=agent)
    undo(waits_no_more, by=agent)
    second.refresh_from_db()
    assert (second.state, second.unit) == (_State.WAITING, None)


def test_nobody_waits_for_what_is_free(case: Case, fitting: Resource, agent: Actor) -> None:
    with pytest.raises(Refused) as refused:
        wait(case.customer, fitting, at(TEN), desk=case.desk, by=agent)

    assert (refused.value.field, rows()) == ("at", [])


def test_rooms_are_had_by_the_night(world: World, case: Case, agent: Actor) -> None:
    room = make_resource(make_store(world.ours.company), kind="room", seats=2)
    arrives = datetime(2026, 11, 30, 15, tzinfo=clock.TOKYO)

    two = hold(case.customer, room, at(arrives, nights=2), desk=case.desk, by=agent)

    assert (two.begins, two.ends) == (arrives, datetime(2026, 12, 2, 10, tzinfo=clock.TOKYO))
    assert free_on(room, date(2026, 12, 1))[0].units == 0
    assert free_on(room, date(2026, 12, 2))[0].units == 1
    assert free_on(room, date(2026, 11, 29), nights=1)[0].units == 1
    assert free_on(room, date(2026, 11, 29), nights=2)[0].units == 0
    assert free_on(room, date(2026, 11, 28)) == []


def test_the_database_itself_keeps_two_apart(held: Reservation) -> None:
    """What goes past the actions meets the constraint."""
    taken = Reservation.objects.filter(pk=held.pk).values().get()
    other = {**taken, "id": None, "number": 7, "once": uuid4(), "begins": TEN + timedelta(minutes=59)}
    other |= {"ends": ELEVEN + timedelta(minutes=59), "taken_until": ELEVEN + timedelta(minutes=59)}

    with pytest.raises(IntegrityError, match="one_customer_at_a_time"), transaction.atomic():
        Reservation.objects.create(**other)
    for apart in ({"begins": ELEVEN, "once": uuid4()}, {"unit": 2, "number": 8, "once": uuid4()}):
        Reservation.objects.create(**(other | apart))


def test_a_row_that_meets_another_is_said_in_words(
    held: Reservation, case: Case, fitting: Resource, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should somebody ever take a time without the lock, the constraint refuses, and it is told as ever."""
    monkeypatch.setattr(actions, "_free_unit", lambda *_args, **_more: 1)
    before = rows()

    with pytest.raises(Conflict, match="別の方"):
        hold(case.customer, fitting, at(TEN), desk=case.desk, by=agent)

    assert rows() == before


def test_a_company_reads_and_reserves_nothing(
    world: World, held: Reservation, case: Case, fitting: Resource
) -> None:
    staff = actor_of(world.ours.company_manager)
    before = rows()
    assert reservation_by_id(held.pk, actor=staff) == held

    for act in (book, drop, cancel, undo, offer):
        with pytest.raises(NotAllowed):
            act(held, by=staff)
    with pytest.raises(NotAllowed):
        change(held, fitting, at(ELEVEN), by=staff)
    for way in (hold, wait):
        with pytest.raises(NotAllowed):
            way(case.customer, fitting, at(ELEVEN), desk=case.desk, by=staff)

    assert rows() == before


def test_nothing_is_had_at_another_companys_store(world: World, case: Case, agent: Actor) -> None:
    elsewhere = make_resource(make_store(world.theirs.company))
    stranger = actor_of(world.theirs.agent)
    with scope.everywhere(reason="a test tries what nobody sees"):
        with pytest.raises(NotAllowed):
            hold(case.customer, elsewhere, at(TEN), desk=case.desk, by=system("test"))
        mine = hold(
            case.customer, make_resource(make_store(world.ours.company)), at(TEN), desk=case.desk, by=agent
        )
        with pytest.raises(NotAllowed):
            change(mine, elsewhere, at(ELEVEN), by=agent)
        with pytest.raises(NotFound):
            reservation_by_id(mine.pk, actor=stranger)
        assert list(reservations_on(DAY, actor=stranger)) == []
        assert reservations_of(case.customer_id, actor=stranger, company=case.company_id) == []
        with pytest.raises(NotFound):
            resource_by_id(elsewhere.pk, company=world.ours.company.pk)


def test_a_day_shows_who_comes_who_stays_and_who_waits(
    held: Reservation, case: Case, fitting: Resource, agent: Actor
) -> None:
    room = make_resource(fitting.store, name="和室", kind="room")
    stay = hold(
        case.customer,
        room,
        at(datetime(2026, 11, 29, 15, tzinfo=clock.TOKYO), nights=2),
        desk=case.desk,
        by=agent,
    )
    waits = wait(case.customer, fitting, at(TEN), desk=case.desk, by=agent)
    let_go = hold(case.customer, fitting, at(ELEVEN), desk=case.desk, by=agent)
    drop(let_go, by=agent)

    def on(day: date, store: int | None = None) -> list[int]:
        return [one.pk for one in reservations_on(day, actor=agent, store=store)]

    assert on(DAY) == [stay.pk, held.pk, waits.pk]
    assert on(date(2026, 11, 29)) == [stay.pk]
    assert on(date(2026, 12, 1)) == [stay.pk]
    assert on(date(2026, 12, 2)) == []
    assert on(DAY, store=fitting.store_id + 1) == []
    with clock.held_at(NOW + timedelta(minutes=10)):
        assert on(DAY) == [waits.pk]


def test_times_of_today_that_have_begun_are_not_offered(fitting: Resource) -> None:
    with clock.held_at(TEN + timedelta(hours=6)):
        assert [one.begins for one in slots_on(fitting, DAY)] == [
            TEN + timedelta(hours=6, minutes=30),
            TEN + timedelta(hours=7),
        ]
    assert resources_to_have(fitting.company_id) == [fitting]
