"""Answers that leave later: at their time, once, and not when things have changed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from madoguchi.cases import actions as case_actions
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer, Status
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.delivery.actions import (
    ANYTHING,
    Reply,
    discard,
    let_out_due,
    let_out_left_over,
    plan,
    reply,
    submit,
    take_back,
    withdraw,
)
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import offered, offers, read_moment
from madoguchi.delivery.tests.leaving import (
    MISAKI,
    MORNING,
    Answering,
    everything,
    jobs,
    now,
    react,
    told,
    work,
)
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import AskFirst, Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import Seat, User
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
TOMORROW = MORNING + timedelta(days=1)
State = PendingAnswer.State
Planned = Callable[..., PendingAnswer]


@pytest.fixture
def planned(case: Case, agent: Actor) -> Planned:
    """`planned(text, at=…)` is an answer of our agent that waits, put aside in the morning."""

    def put(text: str = "明朝お送りします。", *, at: datetime = TOMORROW, **more: Any) -> PendingAnswer:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            done = submit(case, Reply(text=text, **more), at=at, by=agent)
        assert isinstance(done, PendingAnswer)
        return done

    return put


def due(answer: PendingAnswer, *, at: datetime = TOMORROW) -> PendingAnswer:
    with clock.held_at(at):
        let_out_due(answer.pk, company=answer.company_id)
    return now(answer)


def said() -> list[str]:
    return [message.text for message in everything(Message, author="staff")]


class TestPuttingAside:
    def test_it_waits_for_its_time_and_the_customer_waits_on(
        self, case: Case, planned: Planned, agent: Actor
    ) -> None:
        answer = planned(cc=(Party("b@x.example", "B"),), files=(File("a.txt", "text/plain", b"a"),))

        assert (answer.state, answer.due_at, answer.user_id) == ("scheduled", TOMORROW, agent.id)
        assert (said(), everything(Outgoing)) == ([], [])
        after = now(case)
        assert (after.status, after.waiting_since, after.assignee_id) == ("open", MORNING, agent.id)
        assert (after.first_replied_at, after.message_count) == (None, 1)
        assert told("answer.scheduled") == [
            ("answer.scheduled", {"answer": answer.pk, "due": TOMORROW.isoformat()})
        ]
        args = {"answer": answer.pk, "company": case.company_id}
        assert [job for job in jobs() if job[0] == "delivery.let_out"] == [
            ("delivery.let_out", args, TOMORROW)
        ]

    @pytest.mark.parametrize(
        ("before", "meanwhile", "taken_back"),
        [
            ("new", "open", "open"),
            ("open", "open", "open"),
            ("waiting_customer", "waiting_customer", "waiting_customer"),
            ("waiting_third", "waiting_third", "waiting_third"),
            # At its time it must not be at rest; the customer waits for nothing.
            ("solved", "waiting_customer", "solved"),
            ("closed", "waiting_customer", "closed"),
        ],
    )
    def test_meanwhile_the_case_stands_as_nothing_had_been_sent(
        self, case: Case, planned: Planned, agent: Actor, before: str, meanwhile: str, taken_back: str
    ) -> None:
        rest = before in ("solved", "closed")
        with scope.acting_for(agent.companies):
            since = None if rest or before == "waiting_customer" else MORNING
            Case.objects.filter(pk=case.pk).update(
                status=before, waiting_since=since, solved_at=MORNING if rest else None
            )
        answer = planned()
        assert (now(case).status, now(case).waiting_since, now(case).solved_at) == (meanwhile, since, None)

        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            withdraw(answer.pk, by=agent)
        back = now(case)
        assert (back.status, back.waiting_since, back.solved_at is not None) == (taken_back, since, rest)

    @pytest.mark.parametrize(
        ("at", "words"),
        [
            (MORNING, "過ぎた日時です。これからの日時をお選びください。"),
            (MORNING - timedelta(days=400), "過ぎた日時です。これからの日時をお選びください。"),
            (MORNING + timedelta(days=367), "一年より先の日時です。もっと早い日時をお選びください。"),
        ],
    )
    def test_a_time_that_makes_no_sense_is_refused(
        self, case: Case, agent: Actor, at: datetime, words: str
    ) -> None:
        before = now(case)
        with scope.acting_for(agent.companies), clock.held_at(MORNING), pytest.raises(Refused) as refused:
            submit(case, Reply(text="はい。"), at=at, by=agent)

        assert (str(refused.value), refused.value.field) == (words, "at")
        assert (everything(PendingAnswer), now(case).version, told("answer.scheduled")) == (
            [],
            before.version,
            [],
        )

    def test_the_checks_are_run_beforehand(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            Desk.objects.filter(pk=case.desk_id).update(forbidden_words="極秘")
            with pytest.raises(Refused):
                submit(case, Reply(text="極秘です。"), at=TOMORROW, by=agent)
            with pytest.raises(AskFirst):
                submit(case, Reply(text="添付します。"), at=TOMORROW, by=agent)
        assert everything(PendingAnswer) == []

    def test_the_draft_is_settled_as_by_sending(self, case: Case, agent: Actor, planned: Planned) -> None:
        with scope.acting_for(agent.companies):
            case_actions.save_draft(case, kind="reply", text="明朝お送りします。", by=agent)
        planned()
        assert everything(Draft) == []


class TestItsTime:
    def test_it_leaves_once_as_a_message_of_who_wrote_it(
        self, case: Case, planned: Planned, peer: Answering, agent: Actor
    ) -> None:
        answer = planned(status=Status.SOLVED, files=(File("a.txt", "text/plain", b"a"),))

        early = due(answer, at=TOMORROW - timedelta(seconds=1))
        assert (early.state, said()) == ("scheduled", [])
        left = due(answer)
        again = due(answer, at=TOMORROW + timedelta(minutes=1))

        (message,) = everything(Message, author="staff")
        assert (left.state, left.message_id, again.message_id) == ("left", message.pk, message.pk)
        assert (message.text, message.user_id, message.at) == ("明朝お送りします。", agent.id, TOMORROW)
        (outgoing,) = everything(Outgoing)
        assert (outgoing.due_at, outgoing.approved_by_id) == (TOMORROW, None)
        after = now(case)
        assert (after.status, after.first_replied_at) == ("solved", TOMORROW)
        work(outgoing, after=timedelta(days=1))
        assert [(o.text, [f.content for f in o.files], o.to[0].address) for o in peer.taken] == [
            ("明朝お送りします。", [b"a"], MISAKI.address)
        ]

    def test_one_whose_job_was_lost_is_taken_up_after_a_minute(self, planned: Planned) -> None:
        answer = planned()
        with clock.held_at(TOMORROW + timedelta(seconds=60)):
            assert let_out_left_over() == 0
        with clock.held_at(TOMORROW + timedelta(seconds=61)):
            assert (let_out_left_over(), let_out_left_over()) == (1, 0)
        assert (now(answer).state, len(said())) == ("left", 1)

    def test_a_colleague_who_is_writing_does_not_stop_it_and_loses_nothing(
        self, case: Case, planned: Planned, supervisor: Actor
    ) -> None:
        answer = planned()
        with scope.acting_for(supervisor.companies), clock.held_at(TOMORROW):
            case_actions.be_here(case, writing=True, by=supervisor)
            case_actions.save_draft(case, kind="reply", text="別件ですが", by=supervisor)
        assert due(answer).state == "left"
        assert [(d.kind, d.text) for d in everything(Draft)] == [("reply", "別件ですが")]


class TestHolding:
    def assert_held(self, answer: PendingAnswer, why: str, *, writer: Actor) -> None:
        assert (now(answer).state, now(answer).why, said(), everything(Outgoing)) == ("held", why, [], [])
        assert told("answer.held") == [
            ("answer.held", {"answer": answer.pk, "writer": writer.id, "why": why})
        ]

    def test_the_customer_writing_first_holds_it_and_the_case_is_ours_again(
        self, case: Case, planned: Planned, agent: Actor
    ) -> None:
        answer = planned()
        with clock.held_at(MORNING + timedelta(hours=3)):
            say_again(case)
            react()
        self.assert_held(answer, "customer_wrote", writer=agent)
        # They have waited since they first wrote.
        assert (now(case).status, now(case).waiting_since) == ("open", MORNING)

    def test_so_it_is_at_its_time_when_nobody_has_told_yet(
        self, case: Case, planned: Planned, agent: Actor
    ) -> None:
        answer = planned()
        with clock.held_at(TOMORROW - timedelta(seconds=1)):
            say_again(case)
        due(answer)
        self.assert_held(answer, "customer_wrote", writer=agent)
        react()
        self.assert_held(answer, "customer_wrote", writer=agent)

    def test_a_machine_that_writes_does_not(self, case: Case, planned: Planned) -> None:
        answer = planned()
        with clock.held_at(MORNING + timedelta(hours=3)):
            say_again(case, automatic="auto-replied")
            react()
        assert due(answer).state == "left"

    @pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
    def test_closing_the_case_holds_it_and_leaves_the_case_closed(
        self, case: Case, planned: Planned, agent: Actor, status: Status
    ) -> None:
        answer = planned()
        with scope.acting_for(agent.companies), clock.held_at(MORNING + timedelta(hours=1)):
            case_actions.change_status(case, to=status, by=agent)
            react()
        self.assert_held(answer, "closed", writer=agent)
        assert now(case).status == status

    def test_merging_takes_it_along_and_holds_it_and_undoing_that_brings_it_home(
        self, world: World, case: Case, planned: Planned, agent: Actor
    ) -> None:
        answer = planned()
        with clock.held_at(MORNING + timedelta(hours=1)):
            other = make_case(world.ours.entry_point, sender=MISAKI)
            with scope.acting_for(agent.companies):
                merged = case_actions.merge(case, into=other, by=agent)
            due(answer, at=MORNING + timedelta(hours=2))
            react()
        self.assert_held(answer, "merged", writer=agent)
        assert now(answer).case_id == other.pk
        with scope.acting_for(agent.companies), clock.held_at(MORNING + timedelta(hours=3)):
            case_actions.unmerge(merged, by=agent)
            react()
        assert (now(answer).case_id, now(answer).state) == (case.pk, "held")

    def test_a_desk_or_address_out_of_use_holds_it(self, case: Case, planned: Planned, agent: Actor) -> None:
        first, second = planned("一"), planned("二", confirmed=ANYTHING)
        with scope.acting_for(agent.companies):
            EntryPoint.objects.filter(pk=case.entry_point_id).update(active=False)
        assert (due(first).state, due(first).why) == ("held", "entry_point")
        with scope.acting_for(agent.companies):
            Desk.objects.filter(pk=case.desk_id).update(active=False)
        assert (due(second).state, due(second).why) == ("held", "desk")
        assert (said(), now(case).status) == ([], "open")

    def test_a_writer_who_lost_the_right_holds_it(self, world: World, planned: Planned, agent: Actor) -> None:
        answer = planned()
        with scope.everywhere(reason="a test takes a seat away"):
            Seat.objects.filter(member__user=world.ours.agent).delete()
        due(answer)
        self.assert_held(answer, "rights", writer=agent)

    def test_the_checks_are_run_once_more(self, case: Case, planned: Planned, agent: Actor) -> None:
        answer = planned("極秘の件です。")
        with scope.acting_for(agent.companies):
            Desk.objects.filter(pk=case.desk_id).update(forbidden_words="極秘")
        due(answer)
        self.assert_held(answer, "checks", writer=agent)
        assert "極秘" in now(answer).detail
        assert now(case).waiting_since == MORNING


class TestAnotherAnswer:
    """The customer gets one answer, whoever of us gives it."""

    def give(self, case: Case, by: Actor, *, text: str = "私からお答えします。", **more: Any) -> Outgoing:
        written = Reply(text=text, **({"confirmed": ANYTHING} | more))
        with scope.acting_for(by.companies), clock.held_at(MORNING + timedelta(hours=1)):
            return reply(case, written, by=by)

    def assert_held(self, answer: PendingAnswer, *, writer: Actor) -> None:
        assert (now(answer).state, now(answer).why) == ("held", "answered")
        assert told("answer.held") == [
            ("answer.held", {"answer": answer.pk, "writer": writer.id, "why": "answered"})
        ]

    @pytest.mark.parametrize("who", ["supervisor", "agent"])
    def test_given_first_it_holds_what_waits_once_it_has_left(
        self, case: Case, planned: Planned, world: World, agent: Actor, who: str
    ) -> None:
        answer = planned()
        left = self.give(case, actor_of(getattr(world.ours, who)))
        react()
        assert now(answer).state == "scheduled"  # it can be taken back yet

        work(left, after=timedelta(hours=1, minutes=1))
        react()

        self.assert_held(answer, writer=agent)
        due(answer)
        self.assert_held(answer, writer=agent)
        assert said() == ["私からお答えします。"]
        # The customer has an answer and waits for none.
        assert (now(case).status, now(case).waiting_since) == ("waiting_customer", None)

    def test_so_it_is_at_its_time_when_nobody_has_told_yet(
        self, case: Case, planned: Planned, agent: Actor, supervisor: Actor
    ) -> None:
        answer = planned()
        self.give(case, supervisor)
        due(answer)
        self.assert_held(answer, writer=agent)
        assert len(said()) == 1

    def test_one_that_solves_is_the_reason_and_not_the_closing(
        self, case: Case, planned: Planned, agent: Actor, supervisor: Actor
    ) -> None:
        answer = planned()
        self.give(case, supervisor, status=Status.SOLVED)
        react()
        self.assert_held(answer, writer=agent)
        assert now(case).status == "solved"

    def test_taken_back_it_holds_nothing(self, case: Case, planned: Planned, supervisor: Actor) -> None:
        answer = planned()
        left = self.give(case, supervisor)
        with scope.acting_for(supervisor.companies), clock.held_at(MORNING + timedelta(hours=1, seconds=5)):
            take_back(left.pk, by=supervisor)
        react()
        assert due(answer).state == "left"
        assert told("answer.held") == []

    def test_to_somebody_else_it_holds_nothing(self, case: Case, planned: Planned, supervisor: Actor) -> None:
        answer = planned()
        left = self.give(case, supervisor, to=(Party("parts@maker.example", "部品課"),))
        work(left, after=timedelta(hours=1, minutes=1))
        react()
        assert due(answer).state == "left"

    def test_one_of_which_its_writer_knew_that_it_leaves_before_does_not(
        self, case: Case, planned: Planned
    ) -> None:
        first = planned("一")
        second = planned("二", at=TOMORROW + timedelta(hours=1), confirmed=frozenset({f"waiting {first.pk}"}))
        assert due(first).state == "left"
        (left,) = everything(Outgoing)
        work(left, after=timedelta(days=1, minutes=1))
        react()
        assert due(second, at=TOMORROW + timedelta(hours=1)).state == "left"
        assert said() == ["一", "二"]

    def test_released_by_its_writer_it_leaves(
        self, case: Case, planned: Planned, agent: Actor, supervisor: Actor
    ) -> None:
        answer = planned()
        self.give(case, supervisor)
        due(answer)
        with scope.acting_for(agent.companies), clock.held_at(TOMORROW):
            plan(answer.pk, at=TOMORROW + timedelta(hours=1), by=agent)
        assert due(answer, at=TOMORROW + timedelta(hours=1)).state == "left"

    @pytest.mark.parametrize(
        ("own", "approval", "words"),
        [
            (False, False, "窓口 リーダーさんの返信が 明日 09:00 に送信予約されています。"),
            (True, False, "ご自分の返信が 明日 09:00 に送信予約されています。"),
            (False, True, "窓口 リーダーさんの返信が承認待ちです。"),
            (True, True, "ご自分の返信が承認待ちです。"),
        ],
    )
    def test_whoever_answers_meanwhile_is_asked(
        self, case: Case, world: World, agent: Actor, supervisor: Actor, own: bool, approval: bool, words: str
    ) -> None:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            User.objects.filter(pk=supervisor.id).update(name="窓口 リーダー")
            writer = agent if own else supervisor
            put = submit(case, Reply(text="明朝お送りします。"), at=TOMORROW, by=writer)
            if approval:
                PendingAnswer.objects.filter(pk=put.pk).update(state="awaiting")
            with pytest.raises(AskFirst) as asked:
                submit(case, Reply(text="はい。"), by=agent)
            held = f"{words}これを先に送信すると、その返信は保留されます。"
            assert list(asked.value.questions) == [(f"waiting {put.pk}", held)]
            assert everything(Outgoing) == []

            left = submit(case, Reply(text="はい。", confirmed=frozenset({f"waiting {put.pk}"})), by=agent)
        assert isinstance(left, Outgoing)

    def test_what_waits_itself_is_asked_about_no_other(self, planned: Planned) -> None:
        first = planned("一")
        planned("二", at=TOMORROW + timedelta(hours=1), confirmed=ANYTHING)
        assert due(first).state == "left"


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_reaches_the_customer(
    case: Case, planned: Planned, supervisor: Actor
) -> None:
    for moment in range(4):
        answer = planned(f"予約 {moment}", at=TOMORROW + timedelta(days=moment), confirmed=ANYTHING)
        at, version, before = TOMORROW + timedelta(days=moment), now(case).version, len(said())
        both = Barrier(2)

        def let_out(answer: PendingAnswer = answer, at: datetime = at, both: Barrier = both) -> str:
            both.wait()
            try:
                return due(answer, at=at).state
            finally:
                connection.close()

        def answer_now(at: datetime = at, version: int = version, both: Barrier = both) -> str:
            both.wait()
            written = Reply(text="いま", confirmed=ANYTHING, expected_version=version)
            try:
                with scope.acting_for(supervisor.companies), clock.held_at(at):
                    reply(case, written, by=supervisor)
            except Conflict:
                return "refused"
            finally:
                connection.close()
            return "sent"

        with ThreadPoolExecutor(2) as threads:
            one, other = threads.submit(let_out), threads.submit(answer_now)
        assert (one.result(), other.result()) in {("left", "refused"), ("held", "sent")}
        assert len(said()) == before + 1


class TestPlanningAnew:
    def test_another_time_moves_it(self, planned: Planned, agent: Actor) -> None:
        answer, later = planned(), TOMORROW + timedelta(days=2)
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            plan(answer.pk, at=later, by=agent)
        assert due(answer).state == "scheduled"
        assert due(answer, at=later).state == "left"
        assert len(said()) == 1

    def test_sent_now_it_can_be_taken_back_as_any_answer(self, planned: Planned, agent: Actor) -> None:
        answer = planned()
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            outgoing = plan(answer.pk, at=None, by=agent)
        assert isinstance(outgoing, Outgoing)
        assert (outgoing.due_at, now(answer).state) == (MORNING + timedelta(seconds=10), "left")
        assert (due(answer).state, len(said())) == ("left", 1)

    def test_one_that_was_held_is_released_by_it(self, case: Case, planned: Planned, agent: Actor) -> None:
        answer = planned()
        with clock.held_at(MORNING + timedelta(hours=3)):
            say_again(case)
            react()
            with scope.acting_for(agent.companies):
                plan(answer.pk, at=TOMORROW, by=agent)
        assert (now(answer).state, now(answer).why, now(case).status) == ("scheduled", "", "open")
        assert due(answer).state == "left"

    def test_by_nobody_else_but_who_leads(
        self, world: World, planned: Planned, supervisor: Actor, agent: Actor
    ) -> None:
        answer = planned()
        stranger, colleague = actor_of(world.theirs.supervisor), actor_of(world.ours.company_manager)
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            for who in (stranger, colleague):
                for act in (withdraw, discard):
                    with pytest.raises((NotAllowed, Exception)):
                        act(answer.pk, by=who)
            plan(answer.pk, at=TOMORROW + timedelta(hours=1), by=supervisor)
        assert (now(answer).state, now(answer).user_id) == ("scheduled", agent.id)


class TestTakingBack:
    def test_nothing_is_lost(self, case: Case, planned: Planned, agent: Actor) -> None:
        answer = planned(
            to=(Party("otto@home.example", "夫"),),
            cc=(Party("b@x.example", ""),),
            confirmed=ANYTHING,
            files=(File("a.txt", "text/plain", b"a"),),
        )
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            withdraw(answer.pk, by=agent)
            (draft,) = Draft.objects.all()
            assert (draft.kind, draft.text, draft.user_id) == ("reply", "明朝お送りします。", agent.id)
            assert (draft.to, draft.cc) == ("otto@home.example", "b@x.example")
            assert [f.filename for f in draft.files.all()] == ["a.txt"]
        after = now(case)
        assert (after.status, after.waiting_since, now(answer).state) == ("open", MORNING, "taken_back")
        assert due(answer).state == "taken_back"
        assert said() == []

    def test_beside_other_words_it_is_kept(self, case: Case, planned: Planned, agent: Actor) -> None:
        answer = planned()
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            case_actions.save_draft(case, kind="reply", text="新しい文", by=agent)
            withdraw(answer.pk, by=agent)
        assert {(d.kind, d.text) for d in everything(Draft)} == {
            ("reply", "新しい文"),
            ("kept", "明朝お送りします。"),
        }

    def test_thrown_away_it_stays_on_record_and_can_come_back(
        self, case: Case, planned: Planned, agent: Actor
    ) -> None:
        answer = planned()
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            discard(answer.pk, by=agent)
            assert (now(answer).state, now(case).status, everything(Draft)) == ("discarded", "open", [])
            withdraw(answer.pk, by=agent)
        assert [d.text for d in everything(Draft)] == ["明朝お送りします。"]

    def test_what_has_left_cannot(self, planned: Planned, agent: Actor) -> None:
        answer = planned()
        due(answer)
        with scope.acting_for(agent.companies), clock.held_at(TOMORROW):
            for act in (withdraw, discard):
                with pytest.raises(Conflict):
                    act(answer.pk, by=agent)
            with pytest.raises(Conflict):
                plan(answer.pk, at=None, by=agent)
        assert (now(answer).state, len(said()), everything(Draft)) == ("left", 1, [])


class TestMoments:
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            # A Monday morning.
            (
                "2026-08-03T09:00:30+09:00",
                {
                    "hour": "2026-08-03T10:00:00+09:00",
                    "afternoon": "2026-08-03T13:00:00+09:00",
                    "tomorrow": "2026-08-04T09:00:00+09:00",
                    "monday": "2026-08-10T09:00:00+09:00",
                },
            ),
            # The Friday before 敬老の日, 国民の休日 and 秋分の日.
            (
                "2026-09-18T18:00:00+09:00",
                {
                    "hour": "2026-09-18T19:00:00+09:00",
                    "tomorrow": "2026-09-19T09:00:00+09:00",
                    "monday": "2026-09-21T09:00:00+09:00",
                    "business": "2026-09-24T09:00:00+09:00",
                },
            ),
            # Before the offices open; the turn of the year.
            (
                "2026-12-28T07:00:00+09:00",
                {
                    "hour": "2026-12-28T08:00:00+09:00",
                    "today": "2026-12-28T09:00:00+09:00",
                    "tomorrow": "2026-12-29T09:00:00+09:00",
                    "business": "2027-01-04T09:00:00+09:00",
                },
            ),
        ],
    )
    def test_what_is_offered(self, at: str, expected: dict[str, str]) -> None:
        moment = datetime.fromisoformat(at)
        assert {one.name: one.at.isoformat() for one in offers(moment)} == expected
        assert offered("tomorrow", moment) == datetime.fromisoformat(expected["tomorrow"])
        assert offered("yesterday", moment) is None

    def test_what_is_written_is_japans_time(self) -> None:
        assert read_moment(" 2026-12-01T09:00 ").isoformat() == "2026-12-01T09:00:00+09:00"
        assert read_moment("2026-12-01T09:00+00:00").isoformat() == "2026-12-01T09:00:00+00:00"
        with pytest.raises(Refused) as refused:
            read_moment("あした")
        assert refused.value.field == "at"


def test_an_answer_sent_at_once_is_as_before(case: Case, agent: Actor) -> None:
    with scope.acting_for(agent.companies), clock.held_at(MORNING):
        assert isinstance(submit(case, Reply(text="はい。"), by=agent), Outgoing)
        assert isinstance(reply(case, Reply(text="もう一つ。"), by=agent), Outgoing)
    assert everything(PendingAnswer) == []
