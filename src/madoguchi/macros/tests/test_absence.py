"""A macro gives a case to somebody who is not here only after a yes, and says until when they are not."""

from datetime import datetime

import pytest

from madoguchi.cases.actions import assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import AskFirst
from madoguchi.macros.absence import absences
from madoguchi.macros.actions import absent_for, add_macro, run_macro
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.macros.verbs import act_of
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State
from madoguchi.routing.shifts import back_at, set_shifts

pytestmark = pytest.mark.django_db
# A Monday.
EVENING = datetime(2026, 11, 30, 20, 0, tzinfo=TOKYO)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def giving(world: World, lead: Actor) -> Macro:
    """A macro that tags a case and gives it to the agent."""
    side = world.ours
    acts = [{"do": "tag", "value": "返品"}, {"do": "assign", "value": str(side.agent.pk)}]
    return add_macro(side.company, desk=side.desk, name="返品係へ", acts=acts, by=lead)


def works(world: World, lines: str, by: Actor) -> None:
    set_shifts(OperatorMember.objects.get(user=world.ours.agent), text=lines, by=by)


def stands(case: Case) -> tuple[int | None, list[str], int, int]:
    now = Case.objects.get(pk=case.pk)
    told = Event.objects.filter(case_id=case.pk).count()
    return now.assignee_id, now.tags, MacroRun.objects.count(), told


@pytest.mark.parametrize("state", [State.AWAY, State.BREAK, State.OFF])
def test_nothing_is_done_before_the_yes(world: World, case: Case, lead: Actor, state: State) -> None:
    with world.ours.scope():
        macro, agent = giving(world, lead), world.ours.agent
        at_work(agent, state=state)
        before = stands(case)

        with pytest.raises(AskFirst) as asked:
            run_macro(macro, case, by=lead)
        assert asked.value.questions == (
            (
                f"away:{agent.pk}",
                f"{agent.name}さんは不在です（いつ戻るかは分かりません）。それでも割り当てますか。",
            ),
        )
        assert asked.value.field == "assign"
        assert stands(case) == before
        with pytest.raises(AskFirst):
            run_macro(macro, case, by=lead, confirmed=["away:0"])
        assert stands(case) == before

        run_macro(macro, case, by=lead, confirmed=[f"away:{agent.pk}"])
        assert stands(case)[:3] == (agent.pk, ["返品"], 1)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("mon-fri 9:00-18:00", "明日 09:00"),
        ("thu 13:00-17:00", "12月3日 13:00"),
        ("mon 9:00-12:00", "12月7日 09:00"),
    ],
)
def test_it_says_until_when_by_the_next_shift(
    world: World, case: Case, lead: Actor, lines: str, told: str
) -> None:
    with world.ours.scope(), clock.held_at(EVENING):
        works(world, lines, lead)
        at_work(world.ours.agent, state=State.OFF)
        [(_key, words)] = absent_for(giving(world, lead), case, by=lead)
    assert words == f"{world.ours.agent.name}さんは{told}まで不在です。それでも割り当てますか。"


@pytest.mark.parametrize(
    ("lines", "back"),
    [
        ("", None),
        # On a break within their shift: nobody knows for how long.
        ("mon 18:00-22:00", None),
        # Two shifts a day: the next one, not the first of a day.
        ("mon 9:00-12:00, 21:00-23:00", datetime(2026, 11, 30, 21, 0, tzinfo=TOKYO)),
        # What is written for more than two weeks ahead is no time at which to expect them.
        ("2026-12-20 9:00-12:00", None),
        ("2026-12-13 9:00-12:00", datetime(2026, 12, 13, 9, 0, tzinfo=TOKYO)),
    ],
)
def test_the_next_shift(world: World, lead: Actor, lines: str, back: datetime | None) -> None:
    with world.ours.scope(), clock.held_at(EVENING):
        if lines:
            works(world, lines, lead)
        assert back_at(world.ours.agent.pk) == back


def test_nobody_is_asked_about_who_is_here_about_oneself_or_where_nothing_is_given(
    world: World, case: Case, lead: Actor
) -> None:
    side = world.ours
    with side.scope():
        to_agent = act_of("assign", str(side.agent.pk), by=lead)
        nobody, tag = act_of("assign", "", by=lead), act_of("tag", "返品", by=lead)
        # Where nobody says whether they are here, nobody is taken to be away.
        assert absences([to_agent, nobody, tag], [case.pk], by=lead) == []
        at_work(side.agent)
        assert absences([to_agent], [case.pk], by=lead) == []

        at_work(side.agent, state=State.OFF)
        assert [key for key, _words in absences([to_agent], [case.pk], by=lead)] == [f"away:{side.agent.pk}"]
        assert absences([to_agent], [case.pk], by=actor_of(side.agent)) == []
        assert absences([nobody, tag], [case.pk], by=lead) == []
        assert absences([to_agent], [], by=lead) == []
        assign(case, to=side.agent.pk, by=lead)
        assert absences([to_agent], [case.pk], by=lead) == []
        other = make_case(side.entry_point)
        assert len(absences([to_agent], [case.pk, other.pk], by=lead)) == 1
