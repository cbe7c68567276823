"""Lists in other orders than the newest first: every case once, whatever the order, the filter and the pages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import asking
from madoguchi.cases.factories import make_case
from madoguchi.cases.lists import View
from madoguchi.cases.models import Case, Priority
from madoguchi.cases.queries import page_of
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World, make_world
from madoguchi.people.queries import actor_of
from madoguchi.views import ordered, statements
from madoguchi.views.filters import All, Condition
from madoguchi.views.meaning import Reader, matches
from madoguchi.views.ordered import every_case_ordered, page_ordered
from madoguchi.views.orders import DUE, NEWEST, PRIORITY, WAITING, Spot, is_order, read_order, stretches_of
from madoguchi.views.ready import READY
from madoguchi.views.tests.trees import NOW, read_at_random, shuffle, trees, unread_by

EXAMPLES = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
AMOUNTS = (0, -3, 12, 12.5, 12, 999_999_999_999_999)


@pytest.fixture
def fields(world: World) -> list[Field]:
    return make_fields(world)


def make_fields(world: World) -> list[Field]:
    desk = world.ours.desk
    return [
        make_field(desk, "number", label="返金額"),
        make_field(desk, "date", label="購入日"),
        make_field(desk, "choice", label="原因", choices=["破損", "初期不良"]),
    ]


@pytest.fixture
def many(world: World, fields: list[Field]) -> Iterator[list[Case]]:
    """Twenty-four cases of two companies in any state, with ties in everything that they are put in order by."""
    made = [make_case((world.ours if n % 4 else world.theirs).entry_point) for n in range(24)]
    with world.ours.scope():
        yield made


def tied(cases: list[Case], fields: list[Field], seed: int) -> None:
    """Moments and values that several cases share, and none."""
    number, date, choice = fields
    for n, case in enumerate(cases):
        k = (n * 7 + seed) % 11
        case.touched_at = NOW - timedelta(hours=k % 4)
        case.waiting_since = None if k < 3 else NOW - timedelta(minutes=k % 3, microseconds=k % 2)
        case.due_at = None if k % 3 == 0 else NOW + timedelta(hours=k % 2)
        case.priority = Priority.values[(k + seed) % 4]
        values: dict[str, Any] = {number.key: AMOUNTS[k % 6], date.key: f"2026-08-0{k % 3 + 1}"}
        values[choice.key] = ("破損", "初期不良")[k % 2]
        case.filled |= {key: value for at, (key, value) in enumerate(values.items()) if (k + at) % 4}
    Case.objects.bulk_update(cases, ["touched_at", "waiting_since", "due_at", "priority", "filled"])


def expected(cases: list[Case], order: str, fields: list[Field]) -> list[int]:
    """The same by plain sorting: newest first, then by the order, which leaves ties as it is told."""
    newest = sorted(cases, key=lambda case: (case.touched_at, case.pk), reverse=True)
    if order == NEWEST:
        return [case.pk for case in newest]
    if order == PRIORITY:
        return [case.pk for case in sorted(newest, key=lambda case: -case.priority)]
    key: Callable[[Case], Any] = lambda case: case.waiting_since  # noqa: E731
    if order == DUE:
        key = lambda case: case.due_at  # noqa: E731
    elif order != WAITING:
        key = lambda case: case.filled.get(order.partition(":")[2])  # noqa: E731
    there = [case for case in newest if key(case) is not None]
    there.sort(key=lambda case: (key(case), case.pk), reverse=order.startswith("down:"))
    return [case.pk for case in [*there, *(case for case in newest if key(case) is None)]]


@EXAMPLES
@given(data=st.data())
def test_every_case_is_there_once_in_its_place(
    many: list[Case], world: World, fields: list[Field], data: st.DataObject
) -> None:
    people = [world.ours.agent.pk, world.ours.supervisor.pk]
    ours = list(Case.objects.order_by("id"))
    seed = data.draw(st.integers(0, 9))
    shuffle(ours, people=people, seed=seed)
    read_at_random(ours, people=people, seed=seed)
    tied(ours, fields, seed)
    own = [f"{way}:{field.pk}" for way in ("up", "down") for field in fields]
    order = data.draw(st.sampled_from([NEWEST, WAITING, PRIORITY, DUE, *own]))
    customers = [case.customer_id for case in ours[:3]]
    tree = data.draw(
        st.one_of(
            st.just(All()),
            st.sampled_from([READY[view] for view in READY]),
            trees(people=people, desks=[world.ours.desk.pk], customers=customers),
        )
    )
    actor = data.draw(st.sampled_from([None, actor_of(world.ours.agent)]))
    who = actor.id if actor else None
    reader = Reader(who, NOW, unread=unread_by(who))
    history: list[Any] = []
    wanted = [case for case in ours if matches(tree, case, history, reader)]
    asks_events = "event" in repr(tree)

    with clock.held_at(NOW), pytest.MonkeyPatch.context() as patch:
        few = data.draw(st.sampled_from([0, 3, 2_000]))
        patch.setattr(asking, "FEW", few)
        patch.setattr(ordered, "FEW", few)
        patch.setattr(statements, "LOOKED_AT", data.draw(st.sampled_from([3, 7, 20_000])))
        size = data.draw(st.sampled_from([1, 3, 50]))
        desks = [world.ours.desk.pk]
        found = [
            line.id for line in every_case_ordered(tree, order=order, desks=desks, actor=actor, size=size)
        ]
    if asks_events:
        assert len(found) == len(set(found))
    else:
        assert found == expected(wanted, order, fields)


@pytest.mark.parametrize("view", list(READY))
def test_a_ready_made_list_holds_the_same_cases_in_every_order(
    many: list[Case], world: World, fields: list[Field], view: View
) -> None:
    ours = list(Case.objects.order_by("id"))
    shuffle(ours, people=[world.ours.agent.pk], seed=3)
    desks, actor = [world.ours.desk.pk], actor_of(world.ours.agent)
    newest = [line.id for line in page_of(view, desks=desks, person=actor.id).cases]

    for order in (WAITING, PRIORITY, DUE):
        page = page_ordered(READY[view], order=order, desks=desks, actor=actor)
        assert (sorted(line.id for line in page.cases), page.next) == (sorted(newest), None)
    by_hand = page_ordered(READY[view], order=NEWEST, desks=desks, actor=actor)
    assert [line.id for line in by_hand.cases] == newest


def test_a_page_looks_so_far_and_no_further(
    many: list[Case], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "LOOKED_AT", 6)
    Case.objects.update(waiting_since=NOW)
    last = Case.objects.order_by("waiting_since", "id").last()
    assert last is not None
    Case.objects.filter(pk=last.pk).update(subject="これだけ")
    wanted, desks = Condition("subject", "contains", "これだけ"), [world.ours.desk.pk]

    first = page_ordered(wanted, order=WAITING, desks=desks, actor=None, size=2)
    found = list(every_case_ordered(wanted, order=WAITING, desks=desks, actor=None, size=2))

    assert (first.cases, first.next is None) == ([], False)
    assert [line.id for line in found] == [last.pk]


@pytest.mark.parametrize(
    "spot", ["9~x~1", "0~soon~1", "0~2026-08-05~1~2", "0~infinity~1", "~~", "2026-08-05T00:00:00+00:00~1"]
)
def test_a_spot_that_cannot_be_is_the_beginning(many: list[Case], world: World, spot: str) -> None:
    Case.objects.update(waiting_since=NOW)
    page = page_ordered(
        All(), order=WAITING, desks=[world.ours.desk.pk], actor=None, after=Spot.read(spot), size=3
    )
    assert [line.id for line in page.cases] == list(
        Case.objects.order_by("id").values_list("pk", flat=True)[:3]
    )


def test_what_a_field_holds_of_the_customer_puts_nothing_in_order(world: World) -> None:
    phone = make_field(world.ours.desk, "text", label="電話", holds="phone")

    assert stretches_of(f"up:{phone.pk}", phone) == stretches_of(NEWEST)
    assert stretches_of("up:1", None) == stretches_of(NEWEST)


def test_an_order_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match="newest, waiting, priority, due, up:FIELD"):
        read_order("oldest")
    assert [is_order(one) for one in ("due", "up:5", "down:5", "up:0", "up:x", "")] == [True] * 3 + [
        False
    ] * 3


def make_thousands(world: World, fields: list[Field]) -> None:
    """Three thousand cases of which one in fifty waits, is due and urgent; and all have an amount."""
    first = make_case(world.ours.entry_point)
    with world.ours.scope():
        made = [
            Case(
                company=world.ours.company,
                number=100_000 + n,
                desk=world.ours.desk,
                customer_id=first.customer_id,
                channel=first.channel,
                subject=f"ご相談 {n}",
                reply_token=f"many-{n}",
                opened_at=first.opened_at,
                touched_at=first.opened_at - timedelta(minutes=n),
                waiting_since=first.opened_at if n % 50 == 0 else None,
                due_at=first.opened_at if n % 50 == 0 else None,
                priority=4 if n % 50 == 0 else 2,
                filled={fields[0].key: n},
            )
            for n in range(3_000)
        ]
        Case.objects.bulk_create(made, batch_size=1000)


@pytest.mark.django_db
class TestThousands:
    """They are made once for all the orders."""

    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, kept_in_class: Any) -> tuple[World, list[Field]]:
        with kept_in_class("cases_filledvalue", "cases_case"):
            world = make_world()
            fields = make_fields(world)
            make_thousands(world, fields)
            return world, fields

    @pytest.mark.parametrize(
        ("order", "index"),
        [
            (WAITING, "case_by_waiting"),
            (DUE, "case_by_due"),
            (PRIORITY, "case_by_priority"),
            ("up", "value_by_number"),
        ],
    )
    def test_the_first_stretch_is_read_from_its_index_and_never_sorts_all(
        self, made: tuple[World, list[Field]], order: str, index: str
    ) -> None:
        world, fields = made
        order = f"up:{fields[0].pk}" if order == "up" else order
        stretch = stretches_of(order, fields[0])[0]
        with world.ours.scope(), connection.cursor() as cursor:
            reader = Reader(None, NOW)
            statement, values = ordered._statement(
                All(), stretch, [world.ours.desk.pk], reader, None, 51, None
            )
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())

        assert index in plan
        assert "Seq Scan on cases_case" not in plan
