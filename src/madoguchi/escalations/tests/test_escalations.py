"""Asking whoever knows more: who may ask whom, by when, and what becomes of the answer."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.escalations import actions
from madoguchi.escalations.actions import Whom, answer, ask
from madoguchi.escalations.due import tell_due
from madoguchi.escalations.models import Escalation
from madoguchi.escalations.policies import may_answer, may_ask
from madoguchi.escalations.queries import (
    asked_by,
    counts,
    escalation_by_id,
    escalations_of,
    overdue,
    settled,
    waiting_for,
)
from madoguchi.escalations.tests.conftest import HOUR, NINE, Asking, question, told
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel, Role
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.knowledge.actions.articles import Said
from madoguchi.knowledge.factories import make_article
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
To, State = Escalation.To, Escalation.State


def events(case: Case) -> list[tuple[str, dict[str, Any]]]:
    with scope.acting_for([case.company_id]):
        rows = Event.objects.filter(kind__startswith="escalation.").order_by("pk")
        return [(event.kind, event.data) for event in rows]


def notified(world: World) -> list[tuple[str, str, int]]:
    told()
    with world.ours.scope():
        rows = Notification.objects.order_by("pk")
        return [(one.kind, one.why, one.user_id) for one in rows]


def answered(world: World, one: Escalation, by: Actor, **said: Any) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        answer(one, **({"text": "一年まで延ばせます。"} | said), by=by)


class TestAsking:
    def test_a_question_stands_in_the_case_which_stays_with_its_owner(
        self, world: World, case: Case, asking: Asking, agent: Actor
    ) -> None:
        with world.ours.scope():
            assign(case, to=agent.id, by=agent)

        one = asking()

        with world.ours.scope():
            case.refresh_from_db()
            assert [found.pk for found in escalations_of(case)] == [one.pk]
        assert (case.assignee_id, case.status) == (agent.id, Status.NEW)
        assert (one.state, one.question, one.tried) == ("open", "保証は延ばせますか。", "規程を確認済み")
        about = {"escalation": one.pk, "to": "person", "person": world.ours.supervisor.pk, "to_desk": None}
        assert events(case) == [("escalation.asked", about | {"cause": "authority", "files": 0})]

    def test_who_is_asked_is_told_and_nobody_else(self, world: World, asking: Asking) -> None:
        asking()

        assert notified(world) == [("escalation.asked", "question", world.ours.supervisor.pk)]

    def test_supervisors_and_the_manager_are_told_as_such(self, world: World, asking: Asking) -> None:
        asking(Whom(to=To.SENIORS))
        asking(Whom(to=To.MANAGERS))

        assert [person for _kind, _why, person in notified(world)] == [
            world.ours.supervisor.pk,
            world.ours.manager.pk,
        ]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"question": " \n"}, "question"),
            ({"question": "あ" * 10_001}, "question"),
            ({"cause": "bad luck"}, "cause"),
            ({"due_at": None}, "due"),
            ({"due_at": NINE}, "due"),
            ({"due_at": NINE + timedelta(days=367)}, "due"),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
        self, case: Case, asking: Asking, wrong: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            asking(**wrong)

        assert refused.value.field == field
        with scope.acting_for([case.company_id]):
            assert (Escalation.objects.count(), events(case)) == (0, [])

    def test_only_who_works_at_the_desk_is_asked_as_a_colleague(self, world: World, asking: Asking) -> None:
        for person in (world.ours.company_staff.pk, world.theirs.agent.pk, None):
            with pytest.raises(Refused) as refused:
                asking(Whom(to=To.PERSON, person=person))
            assert refused.value.field == "person"

    def test_only_another_desk_of_the_company_is_asked(self, world: World, asking: Asking) -> None:
        for desk in (world.ours.desk.pk, world.theirs.desk.pk, None):
            with pytest.raises(Refused) as refused:
                asking(Whom(to=To.DESK, desk=desk))
            assert refused.value.field == "desk"

    def test_a_card_number_is_blotted_out(self, asking: Asking) -> None:
        assert "4111" not in asking(question="番号は 4111 1111 1111 1111 です").question

    def test_there_are_thirty_open_at_most(self, case: Case, asking: Asking) -> None:
        for _ in range(30):
            asking()

        with pytest.raises(Refused) as refused:
            asking()

        assert refused.value.field == "question"
        with scope.acting_for([case.company_id]):
            assert Escalation.objects.count() == 30


class TestTheCompany:
    """The company and the operator's people speak by way of the operator's manager (37号告示)."""

    def under(self, world: World, model: OperatingModel) -> None:
        with world.ours.scope():
            world.ours.engagement.model = model
            world.ours.engagement.save()

    @pytest.mark.parametrize("model", [OperatingModel.VENDOR_CENTRE, OperatingModel.IN_HOUSE_OUTSOURCED])
    def test_only_the_manager_asks_the_company(self, world: World, case: Case, model: OperatingModel) -> None:
        self.under(world, model)
        allowed = {
            role: may_ask(actor_of(getattr(world.ours, role)), case, to=To.COMPANY)
            for role in ("agent", "supervisor", "manager", "company_staff")
        }

        assert allowed == {"agent": False, "supervisor": False, "manager": True, "company_staff": False}

    @pytest.mark.parametrize("model", [OperatingModel.IN_HOUSE, OperatingModel.TEMP_STAFF])
    def test_under_one_roof_anybody_does(self, world: World, case: Case, model: OperatingModel) -> None:
        self.under(world, model)

        assert may_ask(actor_of(world.ours.agent), case, to=To.COMPANY)

    def test_the_company_asks_nobody_but_the_manager(self, world: World, case: Case, company: Actor) -> None:
        assert [to.value for to in To if may_ask(company, case, to=to)] == ["managers"]

        with world.ours.scope(), pytest.raises(NotAllowed):
            ask(case, Whom(to=To.PERSON, person=world.ours.agent.pk), question(), by=company)
        assert events(case) == []

    def test_what_the_company_asks_is_told_to_the_manager_alone(
        self, world: World, asking: Asking, company: Actor, manager: Actor, agent: Actor, supervisor: Actor
    ) -> None:
        one = asking(Whom(to=To.MANAGERS), by=company)

        assert notified(world) == [("escalation.asked", "question", world.ours.manager.pk)]
        assert [may_answer(actor, one) for actor in (manager, supervisor, agent, company)] == [
            True,
            False,
            False,
            False,
        ]

    def test_its_answer_goes_to_the_manager_and_the_case_and_to_no_person(
        self, world: World, case: Case, asking: Asking, agent: Actor, manager: Actor, company: Actor
    ) -> None:
        one = asking(Whom(to=To.SENIORS))
        with world.ours.scope(), clock.held_at(NINE):
            actions.pass_on(one, Whom(to=To.COMPANY), by=manager)
            assert [found.pk for found in waiting_for(company)] == [one.pk]
        answered(world, one, company)

        told_of_answer = [one for one in notified(world) if one[0] == "escalation.answered"]
        assert told_of_answer == [("escalation.answered", "question", world.ours.manager.pk)]
        with world.ours.scope():
            assert escalations_of(case)[0].answer == "一年まで延ばせます。"

    def test_it_neither_answers_nor_withdraws_what_others_are_asked(
        self, world: World, asking: Asking, company: Actor
    ) -> None:
        one = asking()

        for act in (
            lambda: answer(one, text="はい", by=company),
            lambda: actions.withdraw(one, by=company),
            lambda: actions.pass_on(one, Whom(to=To.MANAGERS), by=company),
        ):
            with world.ours.scope(), clock.held_at(NINE), pytest.raises(NotAllowed):
                act()
        with world.ours.scope():
            assert Escalation.objects.get().state == State.OPEN


class TestAnswering:
    def test_the_answer_comes_back_with_the_minutes_since_it_was_opened(
        self, world: World, case: Case, asking: Asking, agent: Actor, supervisor: Actor
    ) -> None:
        one = asking()
        with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=20)):
            assert actions.note_opened(one, by=agent) is False
            assert actions.note_opened(one, by=supervisor) is True
            assert actions.note_opened(one, by=supervisor) is False

        answered(world, one, supervisor)

        assert (one.state, one.minutes, one.answered_by_id) == ("answered", 41, supervisor.id)
        about = {"escalation": one.pk, "to": "person", "asker": agent.id, "late": False, "minutes": 41}
        assert events(case)[-1] == ("escalation.answered", about)
        assert notified(world)[-1] == ("escalation.answered", "question", agent.id)

    def test_typed_minutes_count_instead(self, world: World, asking: Asking, supervisor: Actor) -> None:
        one = asking()

        answered(world, one, supervisor, minutes=7)

        assert one.minutes == 7

    def test_unopened_and_untyped_they_are_not_known(
        self, world: World, asking: Asking, supervisor: Actor
    ) -> None:
        one = asking()

        answered(world, one, supervisor)

        assert one.minutes is None

    @pytest.mark.parametrize("wrong", [{"text": " "}, {"minutes": 10_081}, {"minutes": -1}])
    def test_a_refused_answer_leaves_it_open(
        self, world: World, asking: Asking, supervisor: Actor, wrong: dict[str, Any]
    ) -> None:
        one = asking()

        with pytest.raises(Refused):
            answered(world, one, supervisor, **wrong)

        with world.ours.scope():
            assert (Escalation.objects.get().state, Escalation.objects.get().answer) == ("open", "")

    def test_nobody_answers_twice(self, world: World, asking: Asking, supervisor: Actor) -> None:
        one = asking()
        answered(world, one, supervisor)

        with pytest.raises(Conflict):
            answered(world, one, supervisor, text="やはり無理です。")

        with world.ours.scope():
            assert Escalation.objects.get().answer == "一年まで延ばせます。"

    def test_people_of_another_desk_answer_without_reading_the_case(
        self, world: World, case: Case, asking: Asking
    ) -> None:
        with world.ours.scope():
            second = make_desk(world.ours.company, name="技術窓口")
            seats = (make_engagement(world.ours.operator, second),)
        expert = actor_of(make_operator_person(world.ours.operator, Role.AGENT, seats=seats))
        one = asking(Whom(to=To.DESK, desk=second.pk))

        with world.ours.scope():
            assert [found.pk for found in waiting_for(expert)] == [one.pk]
            assert escalation_by_id(one.pk, actor=expert).question == one.question
            assert list(overdue(expert)) == []
        answered(world, one, expert)
        with world.ours.scope(), pytest.raises(NotAllowed):
            actions.close_without_article(one, reason="不要", by=expert)

    def test_it_is_passed_on_and_may_be_asked_again(
        self, world: World, case: Case, asking: Asking, agent: Actor, supervisor: Actor, manager: Actor
    ) -> None:
        one = asking()
        with world.ours.scope(), clock.held_at(NINE):
            actions.pass_on(one, Whom(to=To.MANAGERS), by=supervisor)
            with pytest.raises(NotAllowed):
                answer(one, text="はい", by=supervisor)
        answered(world, one, manager, minutes=5)
        with world.ours.scope(), clock.held_at(NINE + 2 * HOUR):
            actions.ask_again(one, words="二年ではどうですか。", due_at=NINE + 5 * HOUR, by=agent)

        assert (one.state, one.answer, one.answered_at) == ("open", "", None)
        for said in ("保証は延ばせますか。", "一年まで延ばせます。", "二年ではどうですか。"):
            assert said in one.question
        answered(world, one, manager, text="無理です。", minutes=4)
        assert one.minutes == 9
        assert [kind for kind, _data in events(case)] == [
            "escalation.asked",
            "escalation.passed_on",
            "escalation.answered",
            "escalation.asked_again",
            "escalation.answered",
        ]


class TestWhatBecomesOfTheAnswer:
    @pytest.fixture
    def one(self, world: World, asking: Asking, supervisor: Actor) -> Escalation:
        found = asking()
        answered(world, found, supervisor)
        return found

    def test_a_draft_of_an_article(self, world: World, one: Escalation, agent: Actor) -> None:
        with world.ours.scope():
            made = actions.close_with_draft(one, Said("保証の延長", "一年まで延ばせます。"), by=agent)
            version = ArticleVersion.objects.get(article=made)

        assert (one.state, one.article_id, one.no_article) == ("closed", made.pk, "")
        assert (made.audience, version.state, version.body) == ("operator", "draft", "一年まで延ばせます。")

    def test_an_article_that_is_there(self, world: World, case: Case, one: Escalation, agent: Actor) -> None:
        with world.ours.scope():
            article = make_article(world.ours.company, by=agent)
            actions.close_with_article(one, article=article.pk, by=agent)

        assert one.article_id == article.pk
        assert events(case)[-1] == ("escalation.closed", {"escalation": one.pk, "article": article.pk})

    def test_an_article_of_another_company_is_none(self, world: World, one: Escalation, agent: Actor) -> None:
        with world.theirs.scope():
            theirs = make_article(world.theirs.company, by=actor_of(world.theirs.agent))

        with world.ours.scope(), pytest.raises(Refused):
            actions.close_with_article(one, article=theirs.pk, by=agent)

        with world.ours.scope():
            assert Escalation.objects.get().state == State.ANSWERED

    def test_none_only_with_a_reason(self, world: World, one: Escalation, agent: Actor) -> None:
        with world.ours.scope():
            with pytest.raises(Refused):
                actions.close_without_article(one, reason=" ", by=agent)
            assert Escalation.objects.get().state == State.ANSWERED
            actions.close_without_article(one, reason="この方だけの事情", by=agent)
            assert [found.no_article for found in settled(agent)] == ["この方だけの事情"]

    def test_what_is_not_answered_is_not_closed(self, world: World, asking: Asking, agent: Actor) -> None:
        one = asking()

        with world.ours.scope(), pytest.raises(Conflict):
            actions.close_without_article(one, reason="不要", by=agent)
        with world.ours.scope():
            assert Article.objects.count() == 0

    def test_a_case_is_not_solved_while_somebody_is_asked(
        self, world: World, case: Case, asking: Asking, agent: Actor
    ) -> None:
        one = asking()

        with world.ours.scope(), pytest.raises(Refused, match="保証は延ばせますか。"):
            change_status(case, to=Status.SOLVED, by=agent, without_words=True)
        with world.ours.scope():
            assert Case.objects.get().status == Status.NEW
            actions.withdraw(one, by=agent)
            change_status(case, to=Status.SOLVED, by=agent, without_words=True)
            assert Case.objects.get().status == Status.SOLVED


class TestTime:
    def test_it_is_told_before_and_after_each_once(self, world: World, case: Case, asking: Asking) -> None:
        asking()
        with clock.held_at(NINE + HOUR):
            assert tell_due() == 0
        with clock.held_at(NINE + 2.5 * HOUR):
            assert (tell_due(), tell_due()) == (1, 0)
        with clock.held_at(NINE + 3 * HOUR):
            assert (tell_due(), tell_due()) == (1, 0)

        assert [kind for kind, _data in events(case)[1:]] == ["escalation.warned", "escalation.overdue"]
        late = [person for kind, _why, person in notified(world) if kind == "escalation.overdue"]
        assert sorted(late) == sorted([world.ours.agent.pk, world.ours.supervisor.pk])

    def test_what_is_late_stands_in_the_supervisors_list(
        self, world: World, asking: Asking, supervisor: Actor, agent: Actor
    ) -> None:
        late, _early = asking(), asking(due_at=NINE + 30 * HOUR)

        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            assert [one.pk for one in overdue(supervisor)] == [late.pk]
            assert len(asked_by(agent)) == 2
        with world.theirs.scope():
            assert list(overdue(actor_of(world.theirs.supervisor))) == []

    def test_what_is_answered_or_withdrawn_is_not_told(
        self, world: World, case: Case, asking: Asking, agent: Actor, supervisor: Actor
    ) -> None:
        answered(world, asking(), supervisor)
        with world.ours.scope():
            actions.withdraw(asking(), by=agent)

        with clock.held_at(NINE + 30 * HOUR):
            assert tell_due() == 0


class TestCounts:
    def test_by_desk_and_cause_with_the_minutes_it_cost(
        self, world: World, asking: Asking, agent: Actor, supervisor: Actor, manager: Actor, company: Actor
    ) -> None:
        answered(world, asking(cause="rule"), supervisor, minutes=10)
        answered(world, asking(Whom(to=To.COMPANY), by=manager, cause="rule"), company, minutes=25)
        asking(cause="system")
        with world.ours.scope(), clock.held_at(NINE):
            actions.withdraw(asking(cause="system"), by=agent)
        span = {"begin": NINE - 10 * HOUR, "end": NINE + 10 * HOUR}

        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            rows = counts(supervisor, **span)

        shown = [(row.asked, row.answered, row.late, row.took, row.company_minutes) for row in rows]
        assert shown == [(2, 2, 0, 35, 25), (1, 0, 1, 0, 0)]

    def test_a_stranger_counts_and_finds_nothing(self, world: World, asking: Asking) -> None:
        one, stranger = asking(), actor_of(world.theirs.supervisor)
        span = {"begin": NINE - HOUR, "end": NINE + HOUR}

        with world.theirs.scope():
            assert list(counts(stranger, **span)) == []
            with pytest.raises(NotFound):
                escalation_by_id(one.pk, actor=stranger)
