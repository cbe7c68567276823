"""Query sets that are put into SQL once: the same rows as Django's own, whatever the values, never another's."""

import os
import socket

import pytest
from django.db import ProgrammingError, close_old_connections, connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.infra.prepared import fetch_one
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.people.factories import World, make_person
from madoguchi.people.models import User

DESKS = PreparedQuery(lambda: Desk.objects.select_related("company"))
POINTS = PreparedQuery(
    lambda: (
        EntryPoint.objects.filter(Q(desk=Slot("desk")) | Q(address=Slot("address")), active=True)
        .select_related("desk__company")
        .order_by("id")
    )
)
THESE = PreparedQuery(lambda: Desk.objects.filter(id__among=Slot("ids")).order_by("id"))
OF_THESE = PreparedQuery(lambda: EntryPoint.objects.filter(desk__among=Slot("desks")).order_by("id"))
PEOPLE = PreparedQuery(lambda: User.objects.filter(id=Slot("id")))
PERCENT = PreparedQuery(
    lambda: Desk.objects.filter(id=Slot("id")).annotate(
        said=RawSQL("CASE WHEN 'ab' LIKE 'a%%' THEN '100 %%' ELSE '' END", [])
    )
)
NAMELESS = PreparedQuery(lambda: Desk.objects.defer("name"))
ANSWERING = PreparedQuery(
    lambda: Desk.objects.select_related("company").annotate(
        answers=Exists(EntryPoint.objects.filter(desk=OuterRef("pk"), address=Slot("address")))
    )
)


def test_rows_are_those_of_the_query_set_with_everything_of_them(world: World) -> None:
    with world.ours.scope():
        expected = list(Desk.objects.select_related("company"))
        found = DESKS.rows({})
        assert found == expected
        assert {**vars(found[0]), "_state": None} == {**vars(expected[0]), "_state": None}
        assert vars(found[0])["_state"].fields_cache["company"] == world.ours.company
        assert (found[0]._state.adding, found[0]._state.db) == (False, "default")


def test_only_the_values_change_from_one_time_to_the_next(world: World) -> None:
    other = make_entry_point(make_desk(world.ours.company))
    with world.ours.scope():
        assert POINTS.rows({"desk": world.ours.desk.pk, "address": ""}) == [world.ours.entry_point]
        assert POINTS.rows({"desk": other.desk_id, "address": ""}) == [other]
        assert POINTS.rows({"desk": None, "address": other.address}) == [other]
        assert POINTS.rows({"desk": other.desk_id, "address": world.ours.entry_point.address}) == [
            world.ours.entry_point,
            other,
        ]


def test_a_value_that_is_missing_is_an_error(world: World) -> None:
    with world.ours.scope(), pytest.raises(KeyError, match="address"):
        POINTS.rows({"desk": 1})


def test_it_is_one_query_with_what_it_is_related_to(world: World) -> None:
    with world.ours.scope(), CaptureQueriesContext(connection) as asked:
        point = POINTS.first({"desk": world.ours.desk.pk, "address": ""})
        assert point is not None
        assert (point.desk.company.name, point.desk.name) == (
            world.ours.company.name,
            world.ours.desk.name,
        )
    assert len(asked) == 1


def test_a_scope_of_its_own_each_time(world: World) -> None:
    both = [world.ours.company.pk, world.theirs.company.pk]
    for side in (world.ours, world.theirs, world.ours):
        with side.scope():
            assert DESKS.rows({}) == [side.desk]
            assert THESE.rows({"ids": [world.ours.desk.pk, world.theirs.desk.pk]}) == [side.desk]
    with scope.acting_for(both):
        assert set(DESKS.rows({})) == {world.ours.desk, world.theirs.desk}
    with scope.everywhere(reason="a test looks at everything"):
        assert set(DESKS.rows({})) == {world.ours.desk, world.theirs.desk}


def test_no_company_no_row_and_no_scope_is_an_error(world: World) -> None:
    with scope.acting_for([]):
        assert DESKS.rows({}) == []
        assert DESKS.first({}) is None
    with pytest.raises(scope.Unscoped):
        DESKS.rows({})


def test_what_belongs_to_no_company_needs_no_scope(world: World) -> None:
    person = make_person()

    assert PEOPLE.first({"id": person.pk}) == person
    assert PEOPLE.first({"id": 2**40}) is None
    with world.ours.scope():
        assert PEOPLE.rows({"id": person.pk}) == [person]


def test_at_most_so_many_and_any_number_of_values(world: World) -> None:
    desks = [world.ours.desk, *(make_desk(world.ours.company) for _ in range(3))]
    points = [world.ours.entry_point, *map(make_entry_point, desks[1:])]
    with world.ours.scope():
        ids = [desk.pk for desk in desks]
        assert THESE.rows({"ids": ids}, most=2) == desks[:2]
        assert THESE.rows({"ids": ids}, most=0) == []
        for number in range(5):
            assert THESE.rows({"ids": ids[:number]}) == desks[:number]
            assert OF_THESE.rows({"desks": ids[:number]}) == points[:number]


def test_fields_that_are_left_out_come_when_they_are_asked_for(world: World) -> None:
    with world.ours.scope():
        desk = NAMELESS.first({})
        assert desk is not None
        assert desk.get_deferred_fields() == {"name"}
        assert desk.name == world.ours.desk.name


def test_what_a_column_holds_becomes_what_its_field_makes_of_it(world: World) -> None:
    events = PreparedQuery(lambda: Event.objects.order_by("id"))
    with world.ours.scope():
        Event.objects.create(
            company=world.ours.company, kind="test.made", actor_kind="system", actor_name="", data={"a": [1]}
        )
        (made,), (expected,) = events.rows({}), Event.objects.all()
        assert (made.data, made.tx, made.at) == (expected.data, expected.tx, expected.at)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_between_two_pages_is_made_anew() -> None:
    assert fetch_one("SELECT 1", []) == (1,)
    close_old_connections()
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)

    assert fetch_one("SELECT 2", []) == (2,)


def test_a_row_read_so_can_be_written_again(world: World) -> None:
    with world.ours.scope():
        desk = DESKS.first({})
        assert desk is not None
        desk.name = "新しい名前"
        desk.save()
        assert Desk.objects.get(pk=desk.pk).name == "新しい名前"
        assert isinstance(desk.company, Company)


def test_what_a_query_adds_to_its_rows_follows_the_values_and_the_scope(world: World) -> None:
    other = make_desk(world.ours.company)
    ours, theirs = (side.entry_point.address for side in (world.ours, world.theirs))
    with world.ours.scope():
        found = {desk.pk: desk for desk in ANSWERING.rows({"address": ours})}
        assert {pk: desk.answers for pk, desk in found.items()} == {world.ours.desk.pk: True, other.pk: False}
        assert {desk.company for desk in found.values()} == {world.ours.company}
        assert not any(desk.answers for desk in ANSWERING.rows({"address": theirs}))


def test_it_is_put_into_sql_once_whoever_asks(world: World) -> None:
    # given a query set that notes how often it is built
    built = list[str]()

    def build() -> QuerySet[Desk]:
        built.append("once")
        return Desk.objects.order_by("id")

    desks = PreparedQuery(build)
    # when people of two companies, of both and of none ask
    found = []
    for companies in ([world.ours.company.pk], [world.theirs.company.pk], [], [world.theirs.company.pk]):
        with scope.acting_for(companies):
            found.append(desks.rows({}))
    # then each sees their own, by the same SQL
    assert found == [[world.ours.desk], [world.theirs.desk], [], [world.theirs.desk]]
    assert built == ["once"]


def test_what_was_built_for_all_companies_serves_nobody_else(world: World) -> None:
    # given a query set that was asked for every company first
    desks = PreparedQuery(lambda: Desk.objects.order_by("id"))
    with scope.everywhere(reason="a test looks at everything"):
        assert {world.ours.desk, world.theirs.desk} == set(desks.rows({}))
    # when somebody of one company asks, and somebody without a scope
    with world.ours.scope():
        found = desks.rows({})
    # then the first sees their own, and the second is refused
    assert found == [world.ours.desk]
    with pytest.raises(scope.Unscoped):
        desks.rows({})


def test_a_query_set_of_django_s_own_is_filtered_as_ever(world: World) -> None:
    # given a query set that is being put into SQL, and one beside it that is not
    with world.ours.scope(), scope.left_open(Slot("companies in scope")):
        beside = Desk.objects.all()
    # when the one beside it is asked
    # then it was left open for nobody, and says so
    with world.ours.scope(), pytest.raises(ProgrammingError):
        list(beside)


def test_a_percent_sign_of_the_statement_is_no_parameter(world: World) -> None:
    with world.ours.scope():
        [desk] = PERCENT.rows({"id": world.ours.desk.pk})

    assert (desk.pk, desk.said) == (world.ours.desk.pk, "100 %")  # type: ignore[attr-defined]
