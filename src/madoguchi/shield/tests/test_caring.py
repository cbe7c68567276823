"""Rest, a talk, a word a week later; counsel that the company never reads; streaks of hard contacts."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.cases.models import Case
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.people.sight import sight_of
from madoguchi.shield import caring, marking, queries
from madoguchi.shield.load import loads_at, offer_rest_where_needed
from madoguchi.shield.models import Care, Consultation, Mark
from madoguchi.shield.tests.conftest import HOUR, NINE, react, told

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]


@pytest.fixture
def cares(marked: Mark, supervisor: Actor, acting: Acting, world: World) -> dict[str, Care]:
    acting(marking.decide, marked, state="confirmed", reason="暴言", by=supervisor)
    with world.ours.scope():
        return {care.sort: care for care in Care.objects.select_related("case")}


class TestCare:
    def test_a_rest_is_settled_by_oneself_a_talk_by_a_senior(
        self, world: World, cares: dict[str, Care], agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        for sort, wrong in (("rest", supervisor), ("talk", agent)):
            with pytest.raises(NotAllowed):
                acting(caring.settle_care, cares[sort], outcome="done", by=wrong)

        acting(caring.settle_care, cares["rest"], outcome="declined", by=agent)
        acting(caring.settle_care, cares["talk"], outcome="done", by=supervisor, later=2)

        with world.ours.scope():
            rows = Care.objects.order_by("due_at").values_list("sort", "outcome", "settled_by", "settled_at")
            assert list(rows) == [
                ("rest", "declined", agent.id, NINE),
                ("talk", "done", supervisor.id, NINE + 2 * HOUR),
                ("later", "", None, None),
            ]
        with pytest.raises(Conflict):
            acting(caring.settle_care, cares["talk"], outcome="declined", by=supervisor)
        with pytest.raises(Refused):
            acting(caring.settle_care, cares["later"], outcome="", by=supervisor)

    def test_each_that_is_late_is_told_once_and_what_is_done_is_not(
        self, world: World, cares: dict[str, Care], agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            caring.settle_care(cares["rest"], outcome="done", by=agent)

        moments = [NINE + HOUR, NINE + 24 * HOUR, NINE + 25 * HOUR, NINE + 7 * 24 * HOUR]
        late = []
        for moment in moments:
            with clock.held_at(moment):
                late.append(caring.tell_overdue())

        assert late == [0, 1, 0, 1]
        with world.ours.scope():
            facts = [event.data["sort"] for event in Event.objects.filter(kind="care.overdue").order_by("id")]
        assert facts == ["talk", "later"]

    def test_set_once_however_often(
        self, world: World, cares: dict[str, Care], marked: Mark, supervisor: Actor, acting: Acting
    ) -> None:
        assert acting(caring.look_after, marked, by=supervisor) == []
        with world.ours.scope():
            assert Care.objects.count() == 3

    def test_the_company_and_a_colleague_see_none_of_it(
        self, world: World, cares: dict[str, Care], company: Actor
    ) -> None:
        side = world.ours
        colleague = actor_of(make_operator_person(side.operator, seats=(side.engagement,)))
        with side.scope():
            for nobody in (company, colleague):
                assert list(queries.cares_at(nobody)) == []
                with pytest.raises(NotFound):
                    queries.care_by_id(cares["rest"].pk, actor=nobody)

    def test_whom_it_met_is_told_of_the_rest_alone(self, world: World, cares: dict[str, Care]) -> None:
        react()
        with world.ours.scope():
            rows = Notification.objects.filter(kind="care.set").values_list("user_id", "why")
            assert list(rows) == [(world.ours.agent.pk, "task")]


class TestCounsel:
    @pytest.fixture
    def asked(self, case: Case, agent: Actor, acting: Acting) -> Consultation:
        return acting(caring.consult, case, words="電話に出るのが怖い", by=agent)  # type: ignore[no-any-return]

    def test_a_senior_of_the_same_employer_answers(
        self, world: World, asked: Consultation, agent: Actor, manager: Actor, acting: Acting
    ) -> None:
        assert (asked.operator_id, asked.due_at) == (world.ours.operator.pk, NINE + 24 * HOUR)

        acting(caring.give_counsel, asked, answer="今日は受電から外します", by=manager)

        react()
        with world.ours.scope():
            kept = queries.consultation_by_id(asked.pk, actor=agent)
            told_to = Notification.objects.get(kind="consultation.answered").user_id
        assert (kept.answer, kept.answered_by_id, told_to) == ("今日は受電から外します", manager.id, agent.id)
        with pytest.raises(Conflict):
            acting(caring.give_counsel, asked, answer="x", by=manager)

    def test_the_company_never_reads_it_nor_hears_of_it(
        self, world: World, asked: Consultation, company: Actor
    ) -> None:
        others = (company, actor_of(world.ours.company_staff), actor_of(world.theirs.manager))
        with world.ours.scope():
            for nobody in others:
                assert list(queries.consultations_at(nobody)) == []
                with pytest.raises(NotFound):
                    queries.consultation_by_id(asked.pk, actor=nobody)
            event = Event.objects.get(kind="consultation.made")
            where = {"company": event.company_id, "desk": event.desk_id}
        assert [sight_of(nobody).includes(kind=event.kind, **where) for nobody in others] == [False] * 3
        assert sight_of(actor_of(world.ours.supervisor)).includes(kind=event.kind, **where)

    def test_a_colleague_does_not_read_it_and_nobody_counsels_themselves(
        self, world: World, asked: Consultation, case: Case, supervisor: Actor, acting: Acting
    ) -> None:
        side = world.ours
        colleague = actor_of(make_operator_person(side.operator, seats=(side.engagement,)))
        with side.scope(), pytest.raises(NotFound):
            queries.consultation_by_id(asked.pk, actor=colleague)
        own = acting(caring.consult, case, words="私も", by=supervisor)
        for one, by in ((own, supervisor), (asked, colleague)):
            with pytest.raises(NotAllowed):
                acting(caring.give_counsel, one, answer="x", by=by)
        with side.scope():
            assert set(Consultation.objects.values_list("answered_at", flat=True)) == {None}

    def test_the_company_does_not_ask_here_and_nothing_is_no_question(
        self, world: World, case: Case, company: Actor, agent: Actor, acting: Acting
    ) -> None:
        with pytest.raises(NotAllowed):
            acting(caring.consult, case, words="x", by=company)
        with pytest.raises(Refused):
            acting(caring.consult, case, words="  ", by=agent)
        assert told(world) == []

    def test_late_it_is_told_once(self, asked: Consultation) -> None:
        with clock.held_at(NINE + 24 * HOUR):
            assert [caring.tell_overdue(), caring.tell_overdue()] == [1, 0]


class TestLoad:
    def load(self, world: World, actor: Actor, person: int, later: float = 0) -> tuple[int, int, bool]:
        with world.ours.scope(), clock.held_at(NINE + later * HOUR):
            return next(
                (one.streak, one.week, one.rest_offered) for one in loads_at(actor) if one.person.pk == person
            )

    def hard(self, case: Case, agent: Actor, acting: Acting, later: float) -> Mark:
        return acting(marking.mark, case, sort="abuse", by=agent, later=later)  # type: ignore[no-any-return]

    def test_the_second_in_a_row_offers_a_rest_once_and_a_rest_ends_the_row(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        who = world.ours.agent.pk
        self.hard(case, agent, acting, 0)
        with clock.held_at(NINE):
            react()
        assert self.load(world, supervisor, who) == (1, 1, False)

        self.hard(case, agent, acting, 1)
        with clock.held_at(NINE + HOUR):
            react()
        self.hard(case, agent, acting, 2)
        with clock.held_at(NINE + 2 * HOUR):
            react()

        assert self.load(world, supervisor, who, 2) == (3, 3, True)
        with world.ours.scope():
            rest = Care.objects.select_related("case").get()
        assert (rest.person_id, rest.sort, rest.mark_id) == (who, "rest", None)
        acting(caring.settle_care, rest, outcome="done", by=agent, later=3)
        assert self.load(world, supervisor, who, 3) == (0, 3, False)

    def test_a_row_ends_with_the_shift_and_what_was_cleared_does_not_count(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        who = world.ours.agent.pk
        self.hard(case, agent, acting, 0)
        second = self.hard(case, agent, acting, 1)
        acting(marking.decide, second, state="cleared", reason="正当", by=supervisor, later=1)
        assert self.load(world, supervisor, who, 1) == (1, 1, False)

        assert self.load(world, supervisor, who, 8) == (0, 1, False)
        assert self.load(world, supervisor, who, 7 * 24) == (0, 0, False)

    def test_serious_complaints_count_and_slight_ones_do_not(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        for severity in (2, 3):
            said = Written(facts="割れ", severity=severity, due_at=NINE + HOUR, responsible=agent.id)
            acting(make_complaint, case, said, by=agent)

        assert self.load(world, supervisor, world.ours.agent.pk) == (1, 1, False)

    def test_nobody_is_offered_a_rest_too_early(
        self, world: World, case: Case, agent: Actor, acting: Acting
    ) -> None:
        self.hard(case, agent, acting, 0)

        assert acting(offer_rest_where_needed, world.ours.agent.pk, case) is None

    def test_an_agent_and_the_company_see_nobodys_load(
        self, world: World, agent: Actor, company: Actor
    ) -> None:
        with world.ours.scope():
            assert [loads_at(agent), loads_at(company)] == [[], []]
