"""A call that waits is offered at the desk of the operator that the rules name, and goes on where nobody takes it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.channels.phone.actions import announce
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.dividing import divide, set_division, set_in_use
from madoguchi.routing.models import Division
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.dividing import take_phone_of
from madoguchi.voice.looking import Wanted, worth_a_look
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import let_go, note_connected, set_ready

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
TEST = system("test")


@dataclass(frozen=True)
class Line:
    """A number of our desk, and the desks of two operators, with a person each whose phone is ready or not."""

    point: EntryPoint
    desks: Sequence[Desk]
    people: Sequence[User]

    def rule(self, by: str = "share", **more: Any) -> None:
        to = [{"desk": desk.pk, "weight": weight} for desk, weight in zip(self.desks, (2, 1), strict=True)]
        rules = [{"name": "電話", "by": by, "channels": ["phone"], "to": to} | more]
        set_division(self.point.desk, rules=rules, is_on=True, by=TEST)

    def ready(self, *which: int, after: int = 0) -> None:
        with self.later(after):
            for one in which:
                set_ready(ready=True, by=actor_of(self.people[one]))

    def call(self, uid: str = "c1") -> None:
        begin_call(self.point, Begun(uid=uid, caller="+819012345678", flow=0, at=clock.now()))

    def look(self, uid: str = "c1", *, after: int = 0, **more: Any) -> int | None:
        """Whose phone rings now, by their number."""
        with self.later(after):
            company, front = self.point.company_id, self.point.desk_id
            found = take_phone_of(front=front, company=company, call=uid, **({"desk": 0} | more))
        people = [person.pk for person in self.people]
        return people.index(found) if found in people else found

    def at(self, uid: str = "c1") -> str:
        return Call.objects.get(uid=uid).desk.name

    @contextmanager
    def later(self, seconds: int) -> Iterator[None]:
        with clock.held_at(NOON + timedelta(seconds=seconds)):
            yield


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    side = world.ours
    point = make_entry_point(side.desk, kind=Channel.PHONE)
    with side.scope(), clock.held_at(NOON):
        desks = [make_desk(side.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        seats = [make_engagement(make_operator(name=f"受託{n}"), desk) for n, desk in enumerate(desks)]
        people = [make_operator_person(seat.operator, seats=(seat,)) for seat in seats]
        yield Line(point, desks, people)


def told() -> list[dict[str, Any]]:
    rows = Event.objects.filter(kind="call.divided").order_by("id").values_list("desk_id", "data")
    return [{"desk": desk} | data for desk, data in rows]


def came_back() -> list[dict[str, Any]]:
    rows = Event.objects.filter(kind="call.came_back").order_by("id").values_list("data", flat=True)
    return [{name: row[name] for name in ("from_desk", "reason", "seconds")} for row in rows]


def test_it_rings_at_the_desk_that_the_rule_names_and_is_told_at_the_desk_of_the_rules(line: Line) -> None:
    line.rule(to=[{"desk": line.desks[1].pk}])
    line.ready(0, 1)
    line.call()

    assert line.look() == 1

    call = Call.objects.get(uid="c1")
    assert call.desk == line.desks[1]
    assert call.divided == [{"rule": "電話", "to": line.desks[1].pk, "at": NOON.isoformat()}]
    said = {"named": "電話", "chosen_by": "share", "own": 0, "whole": 0, "seconds": 0}
    where = {"desk": line.point.desk_id, "call": call.pk, "to_desk": line.desks[1].pk}
    assert told() == [said | where]


def test_shares_of_cases_and_calls_are_counted_together(line: Line) -> None:
    line.rule(channels=[])
    line.ready(0, 1)
    went = Counter()
    for number in range(3):
        line.call(f"c{number}")
        line.look(f"c{number}")
        went[line.at(f"c{number}")] += 1
        went[divide(make_case(line.point.desk.entry_points.exclude(kind="phone").first())).name] += 1
    assert went == {"昼の窓口": 4, "夜の窓口": 2}


def test_without_a_rule_that_fits_it_rings_where_it_came_in(line: Line, world: World) -> None:
    set_ready(ready=True, by=actor_of(world.ours.agent))
    line.ready(0, 1)
    line.call()
    line.rule(channels=["email"])
    assert line.look() == world.ours.agent.pk
    assert (line.at(), told()) == (world.ours.desk.name, [])


def test_it_goes_to_a_desk_where_somebody_is_at_the_phones(line: Line) -> None:
    line.rule(by="order")
    line.call()
    assert line.look() is None
    assert Call.objects.get().divided == []
    line.ready(1)
    assert line.look() == 1


def test_it_waits_for_who_is_busy_and_goes_on_in_the_time_of_the_rule(line: Line) -> None:
    line.rule(by="order", calls_after=20)
    line.ready(0, 1)
    line.call("other")
    assert line.look("other") == 0
    line.call()
    assert [line.look(after=seconds) for seconds in (0, 19, 20)] == [None, None, 1]
    assert [(one["to_desk"], one["seconds"]) for one in told()[1:]] == [
        (line.desks[0].pk, 0),
        (line.desks[1].pk, 20),
    ]


def test_it_stays_where_the_rule_says_nothing_of_time(line: Line) -> None:
    line.rule(by="order")
    line.ready(0, 1)
    line.call("other")
    line.look("other")
    line.call()
    assert [line.look(after=seconds) for seconds in (0, 35)] == [None, None]
    assert line.at() == "昼の窓口"


def test_it_goes_on_at_once_where_nobody_is_left_and_back_to_who_is_free(line: Line) -> None:
    line.rule(by="order", calls_after=10)
    line.ready(0, 1)
    line.call()
    assert line.look() == 0
    let_go("c1", line.people[0].pk, away=True)
    assert line.look() == 1
    let_go("c1", line.people[1].pk, away=True)
    assert line.look() is None
    line.ready(0)
    assert (line.look(), line.at()) == (0, "昼の窓口")
    first, second = (desk.pk for desk in line.desks)
    assert [one["to"] for one in Call.objects.get().divided] == [first, second, line.point.desk_id, first]
    assert came_back() == [{"from_desk": second, "reason": "nobody", "seconds": 0}]


def test_a_full_desk_gets_no_more(line: Line) -> None:
    full = {"desk": line.desks[0].pk, "most": 1}
    line.rule(by="order", to=[full, {"desk": line.desks[1].pk}])
    line.ready(0, 1)
    for uid in ("a", "b"):
        line.call(uid)
    assert [line.look(uid) for uid in ("a", "b")] == [0, 1]


def test_who_is_wanted_by_name_is_looked_for_where_the_call_is(line: Line) -> None:
    line.rule(to=[{"desk": line.desks[1].pk}])
    line.ready(1)
    line.call()
    assert line.look() == 1
    colleague = make_operator_person(
        line.people[1].operator_memberships.get().operator,
        seats=tuple(seat.engagement for seat in line.people[1].operator_memberships.get().seats.all()),
    )
    set_ready(ready=True, by=actor_of(colleague))
    assert line.look(person=colleague.pk, aside=True) == colleague.pk
    assert AgentPhone.objects.get(user=colleague).role == "asked"


def test_its_case_goes_along_and_is_theirs_who_answer(line: Line) -> None:
    line.rule(by="order", calls_after=10)
    line.ready(0, 1)
    line.call()
    first, second = line.people
    company = line.point.company_id
    assert line.look() == 0
    announce("c1", company=company, person=first.pk)
    assert list(Case.objects.values_list("desk__name", flat=True)) == ["昼の窓口"]

    let_go("c1", first.pk, away=True)
    assert line.look() == 1
    AgentPhone.objects.filter(user=second).update(state="talking")
    note_connected("c1", second.pk)

    case = Case.objects.get()
    assert (case.desk.name, case.assignee, case.hops) == ("夜の窓口", second, 0)
    assert [
        actor_of(one).may("case.read", company=company, desk=case.desk_id) for one in (first, second)
    ] == [
        False,
        True,
    ]


class TestComingBack:
    """The call waits at the first operator's desk, with its case."""

    @pytest.fixture
    def waiting(self, line: Line) -> Line:
        line.rule(by="order", to=[{"desk": line.desks[0].pk}])
        line.ready(0)
        line.call()
        assert line.look() == 0
        announce("c1", company=line.point.company_id, person=line.people[0].pk)
        let_go("c1", line.people[0].pk, away=True)
        return line

    def stands(self, line: Line) -> tuple[str, str, int]:
        """Where call and case are, and how many events tell of a way back."""
        return line.at(), Case.objects.get().desk.name, len(came_back())

    @pytest.mark.parametrize("how", ["off", "removed", "for others", "desk closed"])
    def test_where_no_rule_is_for_it_any_more(self, waiting: Line, how: str) -> None:
        desk, there = waiting.point.desk, waiting.desks[0]
        if how == "off":
            set_in_use(desk, is_on=False, by=TEST)
        elif how == "removed":
            set_division(desk, rules=[], is_on=True, by=TEST)
        elif how == "for others":
            waiting.rule(name="メール", channels=["email"])
        else:
            Desk.objects.filter(pk=there.pk).update(active=False)

        assert waiting.look(after=7) is None

        assert self.stands(waiting) == (desk.name, desk.name, 1)
        reason = "nobody" if how == "desk closed" else "rules"
        assert came_back() == [{"from_desk": there.pk, "reason": reason, "seconds": 7}]
        waiting.look(after=9)
        assert len(came_back()) == 1

    def test_where_nobody_is_left_and_then_to_who_comes(self, waiting: Line) -> None:
        assert waiting.look(after=3) is None
        assert self.stands(waiting) == (waiting.point.desk.name, waiting.point.desk.name, 1)

        waiting.ready(0, after=5)
        assert waiting.look(after=5) == 0
        assert self.stands(waiting) == ("昼の窓口", "昼の窓口", 1)

    def test_it_is_rung_where_it_came_in_then(self, waiting: Line, world: World) -> None:
        set_in_use(waiting.point.desk, is_on=False, by=TEST)
        set_ready(ready=True, by=actor_of(world.ours.agent))
        assert waiting.look() == world.ours.agent.pk
        assert self.stands(waiting) == (waiting.point.desk.name, waiting.point.desk.name, 1)

    def test_under_a_new_name_the_rule_goes_on(self, waiting: Line) -> None:
        waiting.rule(by="order", name="夜の電話")
        waiting.ready(1)
        assert waiting.look() == 1
        assert self.stands(waiting) == ("夜の窓口", "夜の窓口", 0)

    def test_without_rules_who_is_there_alone_keeps_it(self, waiting: Line, world: World) -> None:
        waiting.ready(0)
        waiting.call("other")
        assert waiting.look("other") == 0
        set_in_use(waiting.point.desk, is_on=False, by=TEST)
        assert waiting.look() is None
        assert self.stands(waiting) == ("昼の窓口", "昼の窓口", 0)

        set_ready(ready=True, by=actor_of(world.ours.agent))
        assert waiting.look() == world.ours.agent.pk
        assert self.stands(waiting) == (waiting.point.desk.name, waiting.point.desk.name, 1)

    def test_a_share_is_counted_once(self, line: Line) -> None:
        line.rule()
        line.ready(0)
        line.call()
        line.look()
        let_go("c1", line.people[0].pk, away=True)
        line.look()
        line.ready(0)
        assert line.look() == 0
        assert Division.objects.get().given[0]["had"] == [1]


class TestWorthALook:
    def wanted(self, line: Line, count: int) -> list[Wanted]:
        for number in range(count):
            line.call(f"c{number}")
            line.look(f"c{number}")
        return [Wanted(f"c{number}", line.point.desk_id) for number in range(count)]

    def test_however_many_wait_it_takes_the_same_queries(
        self, line: Line, django_assert_num_queries: Any
    ) -> None:
        line.rule(calls_after=5)
        line.ready(0, 1)
        wanted = self.wanted(line, 12)
        for count in (3, 12):
            # Calls, rules, their desks, phones, who is away, two for who works where, who waits.
            with django_assert_num_queries(8):
                worth_a_look(wanted[:count])

    def test_where_nobody_is_at_the_phones_three_less(
        self, line: Line, django_assert_num_queries: Any
    ) -> None:
        line.rule()
        wanted = self.wanted(line, 4)
        with django_assert_num_queries(5):
            assert worth_a_look(wanted) == set()

    def test_those_first_for_whom_somebody_is_free(self, line: Line, world: World) -> None:
        wanted = self.wanted(line, 3)
        assert worth_a_look(wanted) == set()
        set_ready(ready=True, by=actor_of(world.ours.agent))
        set_ready(ready=True, by=actor_of(world.ours.supervisor))
        assert worth_a_look(wanted) == {"c0", "c1"}
        assert worth_a_look(wanted[::-1]) == {"c2", "c1"}

    def test_who_works_at_two_desks_is_kept_for_the_one_that_has_nobody_else(self, line: Line) -> None:
        operator = make_operator()
        both, second = (make_engagement(operator, desk) for desk in line.desks)
        people = [
            make_operator_person(operator, seats=(both, second)),
            make_operator_person(operator, seats=(both,)),
        ]
        line = replace(line, people=people)
        line.ready(1)
        line.ready(0, after=1)
        for uid in ("c1", "c2"):
            line.call(uid)
        front, (first_desk, second_desk) = line.point.desk_id, line.desks
        wanted = [Wanted("c1", front, first_desk.pk), Wanted("c2", front, second_desk.pk)]

        with line.later(2):
            assert worth_a_look(wanted) == {"c1", "c2"}
        assert [line.look(one.uid, after=2, desk=one.desk) for one in wanted] == [1, 0]

    def test_and_those_that_are_to_be_elsewhere(self, line: Line) -> None:
        line.rule(by="order", calls_after=20)
        line.ready(0)
        wanted = self.wanted(line, 2)
        assert (line.at("c1"), worth_a_look(wanted[1:])) == ("昼の窓口", set())
        line.ready(1, after=20)
        with line.later(20):
            assert worth_a_look(wanted[1:]) == {"c1"}
        assert line.look("c1", after=20) == 1

    def test_one_that_is_wished_elsewhere_is_looked_for_there(self, line: Line) -> None:
        line.call()
        line.ready(1)
        front = line.point.desk_id
        assert worth_a_look([Wanted("c1", front)]) == set()
        assert worth_a_look([Wanted("c1", front, line.desks[1].pk)]) == {"c1"}

    def test_who_is_away_or_silent_is_nobody(self, line: Line) -> None:
        line.rule()
        line.call()
        line.ready(0)
        wanted = [Wanted("c1", line.point.desk_id)]
        assert worth_a_look(wanted) == {"c1"}
        with line.later(41):
            assert worth_a_look(wanted) == set()


def test_a_call_that_is_not_written_down_yet_waits_for_that_where_calls_are_divided(
    line: Line, world: World
) -> None:
    set_ready(ready=True, by=actor_of(world.ours.agent))
    line.rule()
    assert line.look("later") is None
    set_in_use(line.point.desk, is_on=False, by=TEST)
    assert line.look("later") == world.ours.agent.pk


def test_while_it_is_looked_after_the_count_is_held_for_a_moment_only(
    line: Line, django_assert_max_num_queries: Any
) -> None:
    line.rule()
    line.ready(0, 1)
    line.call()
    with django_assert_max_num_queries(30) as run:
        line.look()
    said = [one["sql"] for one in run.captured_queries]
    held = next(n for n, sql in enumerate(said) if "routing_division" in sql and "FOR UPDATE" in sql)
    looked = [n for n, sql in enumerate(said) if "people_seat" in sql]
    # Who works where is read before, but for what is asked when somebody is rung at last.
    told = next(n for n, sql in enumerate(said) if "infra_event" in sql)
    assert [n for n in looked if held < n < told] == []
    assert looked[0] < held < told
