"""Marks, decisions and calls for a senior: who may, what is told, and that the matter itself is left as it is."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.cases.models import Case
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.shield import marking, queries
from madoguchi.shield.models import Care, Help, Mark, Sort
from madoguchi.shield.tests.conftest import HOUR, NINE, react, state_of, told

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]


def notified(world: World, kind: str) -> list[int]:
    react()
    with world.ours.scope():
        return list(
            Notification.objects.filter(kind=kind).order_by("user_id").values_list("user_id", flat=True)
        )


class TestMarking:
    def test_it_says_the_sort_whom_it_met_and_which_contact(
        self, world: World, case: Case, agent: Actor, marked: Mark
    ) -> None:
        assert (marked.sort, marked.state, marked.words) == ("abuse", "suspected", "怒鳴り続ける")
        assert (marked.person_id, marked.marked_by_id, marked.marked_at) == (agent.id, agent.id, NINE)
        assert marked.contact is not None
        assert marked.contact.case_id == case.pk
        assert told(world) == ["harassment.marked"]
        assert notified(world, "harassment.marked") == [world.ours.supervisor.pk]

    @pytest.mark.parametrize("sort", Sort.values)
    def test_none_of_the_twelve_changes_how_the_matter_is_served(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting, sort: str
    ) -> None:
        before = state_of(case, world)

        made = acting(marking.mark, case, sort=sort, by=agent)
        acting(marking.decide, made, state="confirmed", reason="事実を確認", by=supervisor)
        react()

        assert state_of(case, world) == before
        assert len(Sort.values) == 12

    @pytest.mark.parametrize("sort", ["", "loud", "ABUSE"])
    def test_a_sort_that_is_none_is_refused(
        self, world: World, case: Case, agent: Actor, acting: Acting, sort: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            acting(marking.mark, case, sort=sort, by=agent)

        assert refused.value.field == "sort"
        assert told(world) == []

    def test_a_senior_marks_for_whoever_is_responsible(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(assignee=agent.id)
            case.refresh_from_db()

        assert acting(marking.mark, case, sort="threat", by=supervisor).person_id == agent.id

    def test_neither_the_company_nor_a_stranger_marks(
        self, world: World, case: Case, company: Actor, acting: Acting
    ) -> None:
        for nobody in (company, actor_of(world.theirs.supervisor), actor_of(world.ours.company_staff)):
            with pytest.raises(NotAllowed):
                acting(marking.mark, case, sort="abuse", by=nobody)
        assert told(world) == []

    def test_no_event_holds_words_or_whom_it_met(self, world: World, marked: Mark) -> None:
        with world.ours.scope():
            event = Event.objects.get(kind="harassment.marked")

        assert event.data == {"mark": marked.pk, "sort": "abuse"}

    def test_another_company_finds_none(self, world: World, marked: Mark) -> None:
        stranger = actor_of(world.theirs.supervisor)
        with world.theirs.scope():
            assert Mark.objects.count() == 0
            assert list(queries.marks_at(stranger)) == []
            with pytest.raises(NotFound):
                queries.mark_by_id(marked.pk, actor=stranger)


class TestDeciding:
    def test_found_to_be_harassment_whom_it_met_is_looked_after(
        self, world: World, marked: Mark, supervisor: Actor, agent: Actor, acting: Acting
    ) -> None:
        acting(marking.decide, marked, state="confirmed", reason="人格を否定する発言", by=supervisor)

        assert (marked.state, marked.reason, marked.decided_by_id) == (
            "confirmed",
            "人格を否定する発言",
            supervisor.id,
        )
        with world.ours.scope():
            cares = list(Care.objects.order_by("due_at").values_list("person", "sort", "due_at"))
        assert cares == [
            (agent.id, "rest", NINE + HOUR),
            (agent.id, "talk", NINE + 24 * HOUR),
            (agent.id, "later", NINE + 7 * 24 * HOUR),
        ]
        assert told(world) == ["harassment.marked", "harassment.decided", *["care.set"] * 3]

    def test_found_to_be_a_rightful_complaint_nothing_follows(
        self, world: World, marked: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        acting(marking.decide, marked, state="cleared", reason="声は大きいが要求は正当", by=supervisor)

        assert marked.state == "cleared"
        assert told(world) == ["harassment.marked", "harassment.decided"]

    def test_not_by_who_marked_or_was_met_nor_by_an_agent_or_the_company(
        self,
        world: World,
        case: Case,
        marked: Mark,
        agent: Actor,
        supervisor: Actor,
        company: Actor,
        acting: Acting,
    ) -> None:
        own = acting(marking.mark, case, sort="threat", by=supervisor)

        for one, by in ((marked, agent), (own, supervisor), (marked, company)):
            with pytest.raises(NotAllowed):
                acting(marking.decide, one, state="confirmed", reason="x", by=by)
        assert told(world) == ["harassment.marked"] * 2

    def test_once_and_with_a_reason(
        self, world: World, marked: Mark, supervisor: Actor, another: Actor, acting: Acting
    ) -> None:
        with pytest.raises(Refused) as refused:
            acting(marking.decide, marked, state="confirmed", reason="  ", by=supervisor)
        assert refused.value.field == "reason"
        acting(marking.decide, marked, state="cleared", reason="正当", by=supervisor)

        with pytest.raises(Conflict):
            acting(marking.decide, marked, state="confirmed", reason="x", by=another)

        assert told(world).count("harassment.decided") == 1


class TestCallingASenior:
    def test_seconds_until_somebody_came_are_measured(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        made = acting(marking.call_help, case, by=agent)
        assert notified(world, "help.called") == [world.ours.supervisor.pk]
        with world.ours.scope():
            assert queries.help_wanted(supervisor) == 1

        assert acting(marking.come, made, by=supervisor, later=42 / 3600) is True

        with world.ours.scope():
            assert (made.seconds, made.came_by_id, queries.help_wanted(supervisor)) == (42, supervisor.id, 0)
            assert Event.objects.get(kind="help.came").data == {"help": made.pk, "seconds": 42}

    def test_the_key_pressed_twice_is_one_call_and_whoever_comes_first_came(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, another: Actor, acting: Acting
    ) -> None:
        one, again = acting(marking.call_help, case, by=agent), acting(marking.call_help, case, by=agent)

        came = [acting(marking.come, one, by=by) for by in (supervisor, another)]

        assert (one.pk, came) == (again.pk, [True, False])
        assert told(world) == ["help.called", "help.came"]
        with world.ours.scope():
            assert Help.objects.get().came_by_id == supervisor.id

    def test_nobody_comes_to_themselves_and_the_company_sees_no_call(
        self, world: World, case: Case, supervisor: Actor, company: Actor, acting: Acting
    ) -> None:
        made = acting(marking.call_help, case, by=supervisor)

        with pytest.raises(NotAllowed):
            acting(marking.come, made, by=supervisor)
        with world.ours.scope():
            assert list(queries.helps_at(company)) == []
            with pytest.raises(NotFound):
                queries.help_by_id(made.pk, actor=company)
        assert told(world) == ["help.called"]
