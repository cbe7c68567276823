"""What may be written in a filter, and that the database reads it as it is meant."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import asking
from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.views import statements
from madoguchi.views.filters import All, Condition, Node, Not, Some, read_filter, write_filter
from madoguchi.views.meaning import Reader, matches
from madoguchi.views.moments import moment
from madoguchi.views.queries import every_case_wanted, page_wanted
from madoguchi.views.tests.trees import NOW, read_at_random, shuffle, trees, unread_by

OPEN = {"field": "status", "test": "in", "value": ["open", "new"]}
LATE = {"field": "waiting", "test": "before", "value": "4h"}
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def many(world: World) -> Iterator[list[Case]]:
    """Twenty-four cases of two companies, some with a history."""
    cases = [make_case((world.ours if n % 4 else world.theirs).entry_point) for n in range(24)]
    with world.ours.scope():
        ours = list(Case.objects.order_by("id"))
        for case in ours[:6]:
            assign(case, to=world.ours.agent.pk, by=system("test"))
        for case in ours[3:9]:
            change_status(case, to=Status.SOLVED, by=system("test"))
        yield cases


def events_by_case() -> dict[int | None, list[tuple[str, datetime]]]:
    history: dict[int | None, list[tuple[str, datetime]]] = {}
    for case, kind, at in Event.objects.values_list("case_id", "kind", "at"):
        history.setdefault(case, []).append((kind, at))
    return history


@FEW
@given(data=st.data())
def test_the_database_agrees_with_the_plain_reading(
    many: list[Case], world: World, data: st.DataObject
) -> None:
    """Whatever the tree, the cases and the person: the same cases, in the same order, on whatever pages."""
    people = [world.ours.agent.pk, world.ours.supervisor.pk]
    ours = list(Case.objects.order_by("id"))
    seed = data.draw(st.integers(0, 9))
    shuffle(ours, people=people, seed=seed)
    read_at_random(ours, people=people, seed=seed)
    customers = [case.customer_id for case in ours[:3]]
    tree = data.draw(trees(people=people, desks=[world.ours.desk.pk], customers=customers))
    assert read_filter(write_filter(tree)) in (tree, All((tree,)))
    history = events_by_case()
    actor = data.draw(st.sampled_from([None, actor_of(world.ours.agent), actor_of(world.ours.supervisor)]))
    who = actor.id if actor else None
    reader = Reader(who, NOW, unread=unread_by(who))

    newest = sorted(ours, key=lambda case: (case.touched_at, case.pk), reverse=True)
    expected = [case.pk for case in newest if matches(tree, case, history.get(case.pk, []), reader)]

    with clock.held_at(NOW), pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "FEW", data.draw(st.sampled_from([0, 3, 2_000])))
        patch.setattr(statements, "LOOKED_AT", data.draw(st.sampled_from([3, 7, 20_000])))
        size = data.draw(st.sampled_from([1, 3, 50]))
        found = every_case_wanted(tree, desks=[world.ours.desk.pk], actor=actor, size=size)
        assert [line.id for line in found] == expected


def test_a_page_looks_so_far_and_no_further(
    many: list[Case], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given one old case among many, the first page is empty, says where to go on, and that leads to it."""
    monkeypatch.setattr(statements, "LOOKED_AT", 6)
    oldest = Case.objects.order_by("touched_at", "id").first()
    assert oldest is not None
    Case.objects.filter(pk=oldest.pk).update(subject="これだけ")
    wanted, desks = Condition("subject", "contains", "これだけ"), [world.ours.desk.pk]

    first = page_wanted(wanted, desks=desks, actor=None, size=2)
    found = list(every_case_wanted(wanted, desks=desks, actor=None, size=2))

    assert (first.cases, first.next is None) == ([], False)
    assert [line.id for line in found] == [oldest.pk]


def test_nothing_of_other_desks_is_found(many: list[Case], world: World) -> None:
    """A filter that names another company's desk finds nothing there."""
    theirs = Condition("desk", "in", (world.theirs.desk.pk,))
    both = [world.ours.desk.pk, world.theirs.desk.pk]

    assert page_wanted(theirs, desks=[world.ours.desk.pk], actor=None).cases == []
    assert page_wanted(theirs, desks=both, actor=None).cases == []
    assert len(page_wanted(All(), desks=both, actor=None).cases) == 18


def test_a_filter_is_read_and_written() -> None:
    written = {"version": 1, "any": [OPEN, {"not": {"all": [LATE, OPEN]}}]}

    tree = read_filter(written)

    status = Condition("status", "in", ("open", "new"))
    late = Condition("waiting", "before", "4h")
    assert tree == Some((status, Not(All((late, status)))))
    assert write_filter(tree) == written


def test_cases_are_found_by_the_language_they_are_written_in(many: list[Case], world: World) -> None:
    written = Case.objects.order_by("id").first()
    assert written is not None
    Case.objects.filter(pk=written.pk).update(language="zh-Hant")
    wanted = Condition("language", "in", ("zh-Hant", "zh-Hans"))

    found = page_wanted(read_filter(write_filter(wanted)), desks=[world.ours.desk.pk], actor=None).cases

    assert [line.id for line in found] == [written.pk]


def one(**said: Any) -> dict[str, Any]:
    return {"version": 1, "all": [said]}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ([], "version"),
        ({"version": 2, "all": []}, "version"),
        ({"version": 1}, "“all”, “any”, “not”"),
        ({"version": 1, "all": [], "any": []}, "“all”, “any”, “not”"),
        ({"version": 1, "all": OPEN}, "list of parts"),
        ({"version": 1, "all": ["open"]}, "is an object"),
        ({"version": 1, "all": [OPEN] * 31}, "30 conditions"),
        ({"version": 1, "not": {"not": {"not": {"not": {"not": {"not": OPEN}}}}}}, "nested"),
        (one(field="colour", test="in", value=["red"]), "“colour” is not known here"),
        (one(field="status", test="is", value=["open"]), "“is” is not known here. Choose one of: in."),
        (one(field="status", test="in", value=["opened"]), "“opened” is not known here"),
        (one(field="status", test="in", value=[]), "between 1 and 50"),
        (one(field="priority", test="in", value=[True]), "not known here"),
        (one(field="assignee", test="in", value=["us"]), "by its id"),
        (one(field="desk", test="in", value=[2**63]), "by its id"),
        (one(field="tags", test="in", value=["a\0"]), "empty or too long"),
        (one(field="subject", test="contains", value=" "), "what the subject contains"),
        (one(field="undelivered", test="is", value="yes"), "true or false"),
        (one(field="opened", test="before", value="soon"), "Write 4h, 30m or 3d"),
        (one(field="opened", test="before", value="0001-01-01"), "Write 4h, 30m or 3d"),
        (one(field="event", test="known", value=True), "kind of event"),
        (one(field="event", kind="case.eaten", test="known", value=True), "kind of event"),
        (one(field="event", kind="case.taken_over", test="known", value=True), "kind of event"),
        (one(field="opened", kind="case.opened", test="known", value=True), "kind of event"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(written: Any, said: str) -> None:
    with override("en"), pytest.raises(Refused) as refused:
        read_filter(written)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4h", "2026-08-04T23:00:00+00:00"),
        ("30m", "2026-08-05T02:30:00+00:00"),
        ("2d", "2026-08-03T03:00:00+00:00"),
        ("today", "2026-08-05T00:00:00+09:00"),
        ("yesterday", "2026-08-04T00:00:00+09:00"),
        ("this_week", "2026-08-03T00:00:00+09:00"),
        ("this_month", "2026-08-01T00:00:00+09:00"),
        ("2026-08-01", "2026-08-01T00:00:00+09:00"),
        ("2026-08-01T10:00:00+00:00", "2026-08-01T10:00:00+00:00"),
    ],
)
def test_moments(written: str, meant: str) -> None:
    assert moment(written, now=NOW) == datetime.fromisoformat(meant)


def test_every_condition_keeps_a_meaning_when_nothing_is_known(many: list[Case], world: World) -> None:
    """Not waiting for four hours includes those who do not wait."""
    desks = [world.ours.desk.pk]
    late: Node = Condition("waiting", "before", "4h")

    assert page_wanted(late, desks=desks, actor=None).cases == []
    assert len(page_wanted(Not(late), desks=desks, actor=None).cases) == 18
