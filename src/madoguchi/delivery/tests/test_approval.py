"""Answers that leave only with a senior's word."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases import actions as case_actions
from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer, Status
from madoguchi.companies.actions import set_approval
from madoguchi.companies.models import Desk, Engagement
from madoguchi.delivery.actions import (
    ANYTHING,
    Reply,
    approve,
    give_back,
    let_out_due,
    plan,
    reply,
    submit,
    take_back,
    withdraw,
)
from madoguchi.delivery.approval import needs_approval
from madoguchi.delivery.checks import Question
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MORNING, Answering, everything, now, react, told, work
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, OperatingModel
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=2)
TOMORROW = MORNING + timedelta(days=1)
Asked = Callable[..., PendingAnswer]


@pytest.fixture
def policy(case: Case) -> Callable[..., None]:
    def set_to(approval: str, *people: int, **more: Any) -> None:
        with scope.acting_for([case.company_id]):
            Desk.objects.filter(pk=case.desk_id).update(approval=approval, approval_for=list(people), **more)

    return set_to


@pytest.fixture
def asked(case: Case, agent: Actor, policy: Callable[..., None]) -> Asked:
    """`asked(text, …)` is an answer of our agent that awaits approval since the morning."""

    def ask(text: str = "返金いたします。", *, at: Any = None, word: str = "", **more: Any) -> PendingAnswer:
        policy("everyone")
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            done = submit(case, Reply(text=text, **more), at=at, word=word, by=agent)
        assert isinstance(done, PendingAnswer)
        return done

    return ask


def said() -> list[str]:
    return [message.text for message in everything(Message, author="staff")]


def as_is(answer: PendingAnswer, before: PendingAnswer) -> None:
    """Nothing has changed about it, nothing was sent, nobody's words were touched."""
    fields = ("state", "text", "first_text", "approved", "decided_by_id", "comment", "changed_at")
    assert [getattr(now(answer), f) for f in fields] == [getattr(before, f) for f in fields]
    assert (said(), everything(Outgoing), everything(Draft)) == ([], [], [])


class TestWhose:
    def test_the_policy_says(self) -> None:
        care, name = Question("care 返金", ""), Question("name 山田", "")
        off, chosen = Desk(), Desk(approval="chosen", approval_for=[7])
        everyone, careful = Desk(approval="everyone"), Desk(approval="care")
        wants = [
            (desk, person, asked)
            for desk in (off, chosen, everyone, careful)
            for person in (7, 8)
            for asked in ((), (name,), (care, name))
            if needs_approval(desk, person=person, asked=asked)
        ]
        assert [(d.approval, p, len(a)) for d, p, a in wants] == [
            *(("chosen", 7, n) for n in (0, 1, 2)),
            *(("everyone", p, n) for p in (7, 8) for n in (0, 1, 2)),
            *(("care", p, 2) for p in (7, 8)),
        ]

    def test_a_newcomer_asks_a_colleague_does_not(
        self, case: Case, policy: Callable[..., None], agent: Actor, supervisor: Actor
    ) -> None:
        policy("chosen", agent.id or 0)
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            first = submit(case, Reply(text="はい。"), by=agent)
            second = submit(case, Reply(text="いいえ。", confirmed=ANYTHING), by=supervisor)
        assert (type(first), type(second)) == (PendingAnswer, Outgoing)

    def test_a_word_that_needs_care_asks_once_it_is_confirmed(
        self, case: Case, policy: Callable[..., None], agent: Actor
    ) -> None:
        policy("care", care_words="返金")
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            plain = submit(case, Reply(text="はい。"), by=agent)
            careful = submit(case, Reply(text="返金します。", confirmed=ANYTHING), by=agent)
        assert (type(plain), type(careful)) == (Outgoing, PendingAnswer)

    def test_what_its_writer_went_past_is_kept_and_nothing_else(
        self, case: Case, policy: Callable[..., None], agent: Actor, supervisor: Actor
    ) -> None:
        policy("everyone", care_words="返金")
        said_yes = frozenset({"care 返金", "care 前の版の言葉", "attachment"})
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            answer = submit(case, Reply(text="返金の書類を添付します。", confirmed=said_yes), by=agent)
            assert isinstance(answer, PendingAnswer)
            kept = now(answer).confirmed
            approve(answer.pk, by=supervisor)

        assert kept == ["attachment", "care 返金"]
        assert (now(answer).state, now(answer).confirmed) == ("left", kept)

    def test_no_other_way_leads_past_it(self, case: Case, policy: Callable[..., None], agent: Actor) -> None:
        policy("everyone")
        with scope.acting_for(agent.companies), clock.held_at(MORNING), pytest.raises(Refused) as refused:
            reply(case, Reply(text="はい。"), by=agent)
        assert str(refused.value) == "この窓口では、この返信に承認が必要です。承認を依頼してください。"
        assert (said(), everything(PendingAnswer)) == ([], [])

    def test_one_planned_before_the_policy_is_held_at_its_time(
        self, case: Case, policy: Callable[..., None], agent: Actor
    ) -> None:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            answer = submit(case, Reply(text="はい。"), at=TOMORROW, by=agent)
        policy("everyone")
        with clock.held_at(TOMORROW):
            let_out_due(answer.pk, company=case.company_id)
        assert (now(answer).state, now(answer).why, said()) == ("held", "approval", [])
        with scope.acting_for(agent.companies), clock.held_at(TOMORROW):
            plan(answer.pk, at=None, by=agent)
        assert (now(answer).state, now(answer).why, said()) == ("awaiting", "", [])

    def test_who_sets_it(self, world: World, case: Case, agent: Actor) -> None:
        manager = actor_of(world.ours.company_manager)
        with world.ours.scope():
            with pytest.raises(NotAllowed):
                set_approval(world.ours.desk, approval="everyone", approval_for=[], by=agent)
            with pytest.raises(Refused):
                set_approval(world.ours.desk, approval="chosen", approval_for=[], by=manager)
            with pytest.raises(Refused) as refused:
                set_approval(world.ours.desk, approval="chosen", approval_for=[5], by=manager)
            assert refused.value.field == "approval_for"
            assert Desk.objects.get(pk=case.desk_id).approval == "never"
            Engagement.objects.filter(desk=case.desk_id).update(model=OperatingModel.IN_HOUSE)
            set_approval(world.ours.desk, approval="chosen", approval_for=[5, 3, 5], by=manager)
            assert Desk.objects.get(pk=case.desk_id).approval_for == [3, 5]


class TestAsking:
    def test_it_waits_and_the_case_is_still_ours(self, case: Case, asked: Asked, agent: Actor) -> None:
        answer = asked(word="金額を見てください", files=(File("a.txt", "text/plain", b"a"),))

        assert (answer.state, answer.word, answer.due_at) == ("awaiting", "金額を見てください", None)
        after = now(case)
        assert (after.status, after.waiting_since, after.assignee_id) == ("open", MORNING, agent.id)
        assert (said(), everything(Outgoing), after.first_replied_at) == ([], [], None)
        assert told("answer.approval_asked") == [("answer.approval_asked", {"answer": answer.pk, "due": ""})]

    def test_its_writer_takes_it_back(self, asked: Asked, agent: Actor) -> None:
        answer = asked()
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            withdraw(answer.pk, by=agent)
        assert (now(answer).state, [d.text for d in everything(Draft)]) == (
            "taken_back",
            ["返金いたします。"],
        )


class TestApproving:
    def test_it_leaves_after_the_undo_time_and_remembers_both(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor, peer: Answering
    ) -> None:
        answer = asked(status=Status.SOLVED, files=(File("a.txt", "text/plain", b"a"),))
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            outgoing = approve(answer.pk, by=supervisor)

        assert isinstance(outgoing, Outgoing)
        (message,) = everything(Message, author="staff")
        assert (message.user_id, outgoing.approved_by_id) == (agent.id, supervisor.id)
        assert (outgoing.due_at, now(case).status) == (LATER + timedelta(seconds=10), "solved")
        row = now(answer)
        assert (row.state, row.message_id, row.first_text) == ("left", message.pk, "")
        fact = {"answer": answer.pk, "writer": agent.id, "changed": False}
        assert told("answer.approved") == [("answer.approved", fact)]
        work(outgoing, after=timedelta(hours=2, seconds=10))
        assert [(o.text, [f.content for f in o.files]) for o in peer.taken] == [("返金いたします。", [b"a"])]

    @pytest.mark.parametrize("who", ["writer", "senior"])
    def test_within_the_undo_time_both_can_take_it_back(
        self, asked: Asked, agent: Actor, supervisor: Actor, who: str
    ) -> None:
        answer = asked()
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            outgoing = approve(answer.pk, by=supervisor)
            take_back(outgoing.pk, by={"writer": agent, "senior": supervisor}[who])
        assert now(outgoing).state == "cancelled"

    def test_what_a_senior_changes_is_on_record(self, asked: Asked, agent: Actor, supervisor: Actor) -> None:
        answer = asked()
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            approve(answer.pk, text="返品を承ります。", by=supervisor)

        row = now(answer)
        assert (row.text, row.first_text) == ("返品を承ります。", "返金いたします。")
        assert (row.user_id, row.changed_by_id, row.decided_by_id) == (agent.id, supervisor.id, supervisor.id)
        assert said() == ["返品を承ります。"]
        assert told("answer.approved")[0][1]["changed"] is True

    def test_one_with_a_time_waits_for_it(self, asked: Asked, agent: Actor, supervisor: Actor) -> None:
        answer = asked(at=TOMORROW)
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            approve(answer.pk, by=supervisor)
        assert (now(answer).state, now(answer).due_at, said()) == ("scheduled", TOMORROW, [])
        with clock.held_at(TOMORROW):
            let_out_due(answer.pk, company=answer.company_id)
        (outgoing,) = everything(Outgoing)
        assert (said(), outgoing.approved_by_id) == (["返金いたします。"], supervisor.id)

    def test_when_its_time_has_passed_it_leaves_at_once(
        self, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked(at=LATER - timedelta(minutes=1))
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            assert isinstance(approve(answer.pk, by=supervisor), Outgoing)

    def test_the_customer_writing_first_holds_it(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked()
        with clock.held_at(LATER):
            say_again(case)
            with scope.acting_for(agent.companies):
                held = approve(answer.pk, by=supervisor)
        assert isinstance(held, PendingAnswer)
        assert (held.state, held.why, held.approved, said()) == ("held", "customer_wrote", False, [])
        with clock.held_at(LATER):
            react()
        assert len(told("answer.held")) == 1

    def test_an_approval_does_not_outlive_the_customers_words(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked(at=TOMORROW)
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            approve(answer.pk, by=supervisor)
            say_again(case)
            react()
            plan(answer.pk, at=TOMORROW, by=agent)
        assert (now(answer).state, now(answer).approved) == ("awaiting", False)

    def test_nobody_approves_their_own_and_no_agent_anything(
        self, world: World, case: Case, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked()
        before = now(answer)
        outsiders = {
            agent: NotAllowed,
            actor_of(world.ours.company_manager): NotAllowed,
            actor_of(world.theirs.supervisor): NotFound,
        }
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            for who, error in outsiders.items():
                with pytest.raises(error):
                    approve(answer.pk, by=who)
                with pytest.raises(error):
                    give_back(answer.pk, comment="だめ", by=who)
        as_is(answer, before)
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            own = submit(case, Reply(text="私の返信", confirmed=ANYTHING), by=supervisor)
            with pytest.raises(NotAllowed):
                approve(own.pk, by=supervisor)
        assert (now(own).state, said()) == ("awaiting", [])

    @pytest.mark.parametrize("text", ["  ", "極秘です"])
    def test_words_that_must_not_leave_are_refused(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor, text: str
    ) -> None:
        answer = asked()
        before = now(answer)
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            Desk.objects.filter(pk=case.desk_id).update(forbidden_words="極秘")
            with pytest.raises(Refused):
                approve(answer.pk, text=text, by=supervisor)
        as_is(answer, before)
        assert told("answer.approved") == []


class TestReturning:
    def test_the_words_are_back_in_the_composer_with_the_comment_beside(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked(files=(File("a.txt", "text/plain", b"a"),))
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            give_back(answer.pk, comment="金額を書いてください。", by=supervisor)
            (draft,) = Draft.objects.all()
            assert (draft.kind, draft.user_id, draft.text) == ("reply", agent.id, "返金いたします。")
            assert [f.filename for f in draft.files.all()] == ["a.txt"]

        row = now(answer)
        assert (row.state, row.comment, row.decided_by_id) == (
            "returned",
            "金額を書いてください。",
            supervisor.id,
        )
        assert told("answer.returned") == [("answer.returned", {"answer": answer.pk, "writer": agent.id})]
        assert said() == []

    def test_asking_anew_settles_it(self, case: Case, asked: Asked, agent: Actor, supervisor: Actor) -> None:
        answer = asked()
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            give_back(answer.pk, comment="金額を書いてください。", by=supervisor)
            again = submit(case, Reply(text="3,000円を返金いたします。"), by=agent)
        assert (now(answer).state, now(again).state) == ("taken_back", "awaiting")

    def test_while_a_colleague_writes_the_words_are_kept_for_their_writer(
        self, case: Case, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        answer = asked()
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            case_actions.be_here(case, writing=True, by=supervisor)
            case_actions.save_draft(case, kind="reply", text="別件", by=supervisor)
            give_back(answer.pk, comment="あとで", by=supervisor)
        assert {(d.kind, d.user_id, d.text) for d in everything(Draft)} == {
            ("reply", supervisor.id, "別件"),
            ("kept", agent.id, "返金いたします。"),
        }

    @pytest.mark.parametrize("comment", ["", "  ", "長" * 2001])
    def test_a_comment_says_why(self, asked: Asked, agent: Actor, supervisor: Actor, comment: str) -> None:
        answer = asked()
        before = now(answer)
        with scope.acting_for(agent.companies), clock.held_at(LATER), pytest.raises(Refused) as refused:
            give_back(answer.pk, comment=comment, by=supervisor)
        assert refused.value.field == "comment"
        as_is(answer, before)

    def test_what_was_decided_is_not_decided_again(
        self, world: World, asked: Asked, agent: Actor, supervisor: Actor
    ) -> None:
        manager, first, second = actor_of(world.ours.manager), asked("一"), asked("二", confirmed=ANYTHING)
        with scope.acting_for(agent.companies), clock.held_at(LATER):
            approve(first.pk, by=supervisor)
            give_back(second.pk, comment="だめ", by=supervisor)
            for answer, words in ((first, "承認し"), (second, "差し戻し")):
                for act in (approve, lambda pk, by: give_back(pk, comment="え", by=by)):
                    with pytest.raises(Conflict) as told_so:
                        act(answer.pk, by=manager)
                    assert str(told_so.value) == f"すでに森 美咲さんが{words}ました。"
        assert said() == ["一"]
