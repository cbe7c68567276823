"""Warning in approved words, ending a talk with a second person's consent, appeals; the matter goes on throughout."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery.actions import Reply, reply
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.shield import appealing, marking, queries, stopping
from madoguchi.shield.models import Appeal, Care, Mark, Stop
from madoguchi.shield.terms import set_terms
from madoguchi.shield.tests.conftest import HOUR, NINE, SAID, react, state_of, told

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]


@pytest.fixture
def threat(case: Case, agent: Actor, acting: Acting) -> Mark:
    """Of those for which nobody has to warn first."""
    return acting(marking.mark, case, sort="threat", by=agent)  # type: ignore[no-any-return]


@pytest.fixture
def asked(threat: Mark, agent: Actor, acting: Acting) -> Stop:
    return acting(stopping.ask_stop, threat, onward="mail", reason="脅しが続く", by=agent)  # type: ignore[no-any-return]


class TestWarning:
    def answer(self, world: World, case: Case, agent: Actor, text: str, later: float = 1) -> Message:
        with world.ours.scope(), clock.held_at(NINE + later * HOUR):
            return reply(Case.objects.get(pk=case.pk), Reply(text=text), by=agent).message

    @pytest.mark.usefixtures("approved")
    def test_the_approved_words_are_proposed_with_the_cases_own_and_noted_when_they_go_out(
        self, world: World, case: Case, marked: Mark, agent: Actor, acting: Acting
    ) -> None:
        words = acting(stopping.words_for, marked, what="warning", actor=agent)
        assert words.startswith("髙橋 美咲様\n")
        assert case.spoken_number(world.ours.company.prefix) in acting(
            stopping.words_for, marked, what="ending", actor=agent
        )

        message = self.answer(world, case, agent, words)
        react()
        react()

        with world.ours.scope():
            marked.refresh_from_db()
        assert (marked.warning_id, marked.warned_at) == (message.pk, NINE + HOUR)
        assert told(world).count("harassment.warned") == 1

    @pytest.mark.usefixtures("approved")
    def test_another_answer_warns_nobody(self, world: World, case: Case, marked: Mark, agent: Actor) -> None:
        self.answer(world, case, agent, "ご不便をおかけしております。交換品をお送りします。")
        react()

        with world.ours.scope():
            marked.refresh_from_db()
        assert marked.warned_at is None

    @pytest.mark.usefixtures("approved")
    def test_words_that_somebody_changed_wait_for_approval(
        self, world: World, marked: Mark, agent: Actor, company: Actor, acting: Acting
    ) -> None:
        acting(set_terms, world.ours.company, by=company, warning="やめてください。", ending="", **SAID)

        for what in ("warning", "ending"):
            with pytest.raises(Refused, match="まだ承認されていないため"):
                acting(stopping.words_for, marked, what=what, actor=agent)
        with pytest.raises(NotFound):
            acting(stopping.words_for, marked, what="other", actor=agent)


class TestAsking:
    def test_first_the_customer_is_warned(
        self, world: World, marked: Mark, agent: Actor, acting: Acting
    ) -> None:
        with pytest.raises(Refused):
            acting(stopping.ask_stop, marked, onward="mail", reason="暴言", by=agent)
        assert told(world) == ["harassment.marked"]

        with world.ours.scope():
            Mark.objects.update(warned_at=NINE)
        stop = acting(stopping.ask_stop, marked, onward="mail", reason="暴言が続く", by=agent)

        assert (stop.state, stop.channel, stop.onward, stop.asked_by_id) == (
            "asked",
            "email",
            "mail",
            agent.id,
        )

    @pytest.mark.parametrize("onward", ["phone", "letter", "", "away"])
    def test_the_matter_must_go_on_by_a_way_that_reaches_the_customer(
        self, world: World, threat: Mark, agent: Actor, acting: Acting, onward: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            acting(stopping.ask_stop, threat, onward=onward, reason="脅し", by=agent)

        assert refused.value.field == "onward"
        assert told(world) == ["harassment.marked"]

    def test_every_known_way_is_offered(self, world: World, case: Case, acting: Acting) -> None:
        with world.ours.scope():
            Identity.objects.create(
                company_id=case.company_id,
                customer_id=case.customer_id,
                kind="phone",
                value="+8190",
                written="090",
            )
            Customer.objects.filter(pk=case.customer_id).update(address="東京都港区1-1")
            case.customer.refresh_from_db()

        assert acting(queries.ways_on, case) == ["mail", "phone", "letter"]

    def test_who_cannot_be_reached_is_not_cut_off(self, world: World, case: Case, acting: Acting) -> None:
        with world.ours.scope():
            Identity.objects.update(undeliverable_at=NINE)

        assert acting(queries.ways_on, case) == []

    def test_not_twice_not_without_reason_and_not_where_it_was_found_to_be_none(
        self, world: World, threat: Mark, asked: Stop, agent: Actor, supervisor: Actor, acting: Acting
    ) -> None:
        with pytest.raises(Refused):
            acting(stopping.ask_stop, threat, onward="mail", reason="脅し", by=agent)
        with pytest.raises(Refused):
            acting(stopping.ask_stop, threat, onward="mail", reason="", by=agent)
        acting(marking.decide, threat, state="cleared", reason="正当", by=supervisor)
        with pytest.raises(Conflict):
            acting(stopping.ask_stop, threat, onward="mail", reason="脅し", by=agent)

        with world.ours.scope():
            assert [one.pk for one in Stop.objects.all()] == [asked.pk]


class TestAgreeing:
    def test_a_second_person_agrees_and_nothing_of_the_matter_changes(
        self, world: World, case: Case, asked: Stop, supervisor: Actor, agent: Actor, acting: Acting
    ) -> None:
        before = state_of(case, world)
        react()
        with world.ours.scope():
            assert Notification.objects.filter(kind="stop.asked").get().user_id == supervisor.id

        acting(stopping.decide_stop, asked, agreed=True, by=supervisor)

        with world.ours.scope():
            kept = Stop.objects.get()
            assert (kept.state, kept.second_id, kept.second_at) == ("agreed", supervisor.id, NINE)
            assert [care.person_id for care in Care.objects.all()] == [agent.id] * 3
            said = Message.objects.filter(case=case)
            assert queries.ended_talk(said, channel="email") == kept
            assert queries.ended_talk(said, channel="chat") is None
            # Where the case went on elsewhere it is ended there, too.
            other = make_case(world.ours.entry_point)
            Case.objects.filter(pk=case.pk).update(continued_in=other)
            with CaptureQueriesContext(connection) as asked_for:
                there = Message.objects.filter(case=other)
                assert queries.ended_talk(there, channel="email") == kept
            assert [" OR " in one["sql"] for one in asked_for.captured_queries] == [False]
            Case.objects.filter(pk=case.pk).update(continued_in=None)
        assert state_of(case, world) == before

    def test_not_who_asked_nor_whom_it_met_nor_an_agent_nor_the_company(
        self,
        world: World,
        case: Case,
        asked: Stop,
        agent: Actor,
        company: Actor,
        supervisor: Actor,
        acting: Acting,
    ) -> None:
        own = acting(marking.mark, case, sort="sexual", by=supervisor)
        mine = acting(stopping.ask_stop, own, onward="mail", reason="性的発言", by=supervisor)

        for stop, by in ((asked, agent), (asked, company), (mine, supervisor)):
            with pytest.raises(NotAllowed):
                acting(stopping.decide_stop, stop, agreed=True, by=by)
        assert "stop.decided" not in told(world)

    def test_refused_with_a_reason_the_talk_goes_on_and_can_be_asked_again(
        self,
        world: World,
        case: Case,
        threat: Mark,
        asked: Stop,
        agent: Actor,
        supervisor: Actor,
        acting: Acting,
    ) -> None:
        with pytest.raises(Refused):
            acting(stopping.decide_stop, asked, agreed=False, by=supervisor)
        acting(stopping.decide_stop, asked, agreed=False, words="私が代わります", by=supervisor)
        with pytest.raises(Conflict):
            acting(stopping.decide_stop, asked, agreed=True, by=supervisor)

        acting(stopping.ask_stop, threat, onward="mail", reason="まだ続く", by=agent)

        with world.ours.scope():
            assert list(Stop.objects.order_by("id").values_list("state", flat=True)) == ["refused", "asked"]
            assert Care.objects.count() == 0
            assert queries.ended_talk(Message.objects.filter(case=case), channel="email") is None

    def test_it_is_lifted_once(
        self, world: World, case: Case, asked: Stop, supervisor: Actor, acting: Acting
    ) -> None:
        acting(stopping.decide_stop, asked, agreed=True, by=supervisor)

        assert [acting(stopping.lift_stop, asked, by=supervisor) for _ in range(2)] == [True, False]

        with world.ours.scope():
            assert queries.ended_talk(Message.objects.filter(case=case), channel="email") is None


class TestAppeals:
    @pytest.fixture
    def stopped(self, asked: Stop, supervisor: Actor, acting: Acting) -> Stop:
        acting(stopping.decide_stop, asked, agreed=True, by=supervisor)
        return asked

    @pytest.fixture
    def objected(self, stopped: Stop, threat: Mark, agent: Actor, acting: Acting) -> Appeal:
        return acting(appealing.appeal, threat, words="脅したつもりはない", by=agent)  # type: ignore[no-any-return]

    def test_granted_the_mark_is_cleared_and_the_talk_open_again(
        self, world: World, threat: Mark, objected: Appeal, manager: Actor, acting: Acting
    ) -> None:
        acting(
            appealing.decide_appeal, objected, state="granted", answer="お詫びして取り消します", by=manager
        )

        with world.ours.scope():
            kept = Appeal.objects.get()
            assert (kept.state, kept.answer, kept.decided_by_id) == (
                "granted",
                "お詫びして取り消します",
                manager.id,
            )
            assert Mark.objects.get(pk=threat.pk).state == "cleared"
            assert Stop.objects.get().lifted_at == NINE
        assert told(world)[-3:] == ["appeal.made", "appeal.decided", "stop.lifted"]

    def test_upheld_all_stays(self, world: World, objected: Appeal, manager: Actor, acting: Acting) -> None:
        acting(appealing.decide_appeal, objected, state="upheld", answer="録音を確認しました", by=manager)

        with world.ours.scope():
            assert (Mark.objects.get().state, Stop.objects.get().lifted_at) == ("suspected", None)

    def test_not_by_anybody_who_had_a_part_in_it(
        self, world: World, objected: Appeal, agent: Actor, supervisor: Actor, company: Actor, acting: Acting
    ) -> None:
        for by in (agent, supervisor, company, actor_of(world.theirs.manager)):
            with pytest.raises(NotAllowed):
                acting(appealing.decide_appeal, objected, state="upheld", answer="x", by=by)

        with world.ours.scope():
            assert Appeal.objects.get().state == "open"

    def test_an_answer_to_the_customer_is_needed_and_it_is_decided_once(
        self, world: World, objected: Appeal, manager: Actor, acting: Acting
    ) -> None:
        with pytest.raises(Refused):
            acting(appealing.decide_appeal, objected, state="upheld", answer="", by=manager)
        acting(appealing.decide_appeal, objected, state="partly", answer="電話は再開します", by=manager)
        with pytest.raises(Conflict):
            acting(appealing.decide_appeal, objected, state="granted", answer="x", by=manager)

        with world.ours.scope():
            assert Appeal.objects.get().answer == "電話は再開します"

    def test_late_it_is_told_once(self, world: World, objected: Appeal) -> None:
        with clock.held_at(NINE + 7 * 24 * HOUR - HOUR / 60):
            assert appealing.tell_overdue() == 0
        with clock.held_at(NINE + 7 * 24 * HOUR):
            assert [appealing.tell_overdue(), appealing.tell_overdue()] == [1, 0]
        with world.ours.scope():
            assert Event.objects.filter(kind="appeal.overdue").count() == 1
