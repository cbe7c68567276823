"""Answers that wait, with several people and workers at them in the same moment, and after kill -9."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import (
    Reply,
    approve,
    give_back,
    let_out_due,
    let_out_left_over,
    plan,
    submit,
    withdraw,
)
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from tests.house.at_once import at_once
from tests.house.dying import killed
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
PAST = datetime.fromisoformat("2026-08-03T09:00:00+09:00")


def waits(world: World, *, approval: bool, at: datetime | None = None) -> PendingAnswer:
    """An answer of our agent that has waited since the past."""
    agent = actor_of(world.ours.agent)
    with clock.held_at(PAST):
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            if approval:
                Desk.objects.filter(pk=world.ours.desk.pk).update(approval="everyone")
            done = submit(case, Reply(text="返金いたします。"), at=at, by=agent)
    assert isinstance(done, PendingAnswer)
    return done


def sent() -> list[str]:
    return [message.text for message in everything(Message) if message.author == "staff"]


class TestSeniors:
    def test_of_two_who_approve_one_wins_and_the_other_is_told(self, world: World) -> None:
        answer = waits(world, approval=True)
        seniors = [actor_of(world.ours.supervisor), actor_of(world.ours.manager)]

        def decide(by: Actor) -> object:
            with world.ours.scope():
                return approve(answer.pk, text=f"{by.name}が承認", by=by)

        outcomes = at_once(*(lambda by=by: decide(by) for by in seniors))

        (won,) = [n for n, one in enumerate(outcomes) if isinstance(one, Outgoing)]
        lost = outcomes[1 - won]
        assert isinstance(lost, Conflict)
        assert str(lost) == f"すでに{seniors[won].name}さんが承認しました。"
        assert sent() == [f"{seniors[won].name}が承認"]
        (row,) = everything(PendingAnswer)
        assert (row.state, row.decided_by_id, row.first_text) == ("left", seniors[won].id, "返金いたします。")

    def test_of_one_who_approves_and_one_who_returns_one_wins(self, world: World) -> None:
        answer = waits(world, approval=True)
        lead, manager = actor_of(world.ours.supervisor), actor_of(world.ours.manager)

        def approving() -> object:
            with world.ours.scope():
                return approve(answer.pk, by=lead)

        def returning() -> object:
            with world.ours.scope():
                return give_back(answer.pk, comment="直してください", by=manager)

        outcomes = at_once(approving, returning)

        assert sum(isinstance(one, Conflict) for one in outcomes) == 1
        (row,) = everything(PendingAnswer)
        left = row.state == "left"
        assert (sent(), [d.text for d in everything(Draft)]) == (
            (["返金いたします。"], []) if left else ([], ["返金いたします。"])
        )

    def test_its_writer_takes_it_back_while_a_senior_approves(self, world: World) -> None:
        answer = waits(world, approval=True)
        agent, lead = actor_of(world.ours.agent), actor_of(world.ours.supervisor)

        def approving() -> object:
            with world.ours.scope():
                return approve(answer.pk, by=lead)

        def withdrawing() -> object:
            with world.ours.scope():
                return withdraw(answer.pk, by=agent)

        outcomes = at_once(approving, withdrawing)

        assert sum(isinstance(one, Conflict) for one in outcomes) == 1
        assert len(sent()) + len(everything(Draft)) == 1


class TestWorkers:
    def test_several_at_its_time_let_it_out_once(self, world: World) -> None:
        answer = waits(world, approval=False, at=PAST + timedelta(hours=1))
        due = {"company": answer.company_id}

        outcomes = at_once(*[lambda: let_out_due(answer.pk, **due)] * 3, let_out_left_over)

        assert [one for one in outcomes if isinstance(one, Exception)] == []
        assert (sent(), len(everything(Outgoing))) == (["返金いたします。"], 1)

    def test_sent_now_by_a_person_in_the_moment_it_is_due_it_leaves_once(self, world: World) -> None:
        answer = waits(world, approval=False, at=PAST + timedelta(hours=1))
        agent = actor_of(world.ours.agent)

        def now() -> object:
            with world.ours.scope():
                return plan(answer.pk, at=None, by=agent)

        at_once(now, lambda: let_out_due(answer.pk, company=answer.company_id))

        assert (sent(), len(everything(Outgoing))) == (["返金いたします。"], 1)

    @pytest.mark.parametrize(
        "moment",
        [
            "schedule.leave_now = die",  # looked over, and nothing written
            "schedule.rows.left = die",  # message and its way out written, nothing committed
        ],
    )
    def test_one_killed_at_the_worst_moment_is_followed_by_another(
        self, world: World, database_url: str, tmp_path: Path, settings: LazySettings, moment: str
    ) -> None:
        answer = waits(world, approval=False, at=PAST + timedelta(hours=1))
        code = f"""
from madoguchi.delivery.actions import schedule
{moment}
schedule.let_out_due({answer.pk}, company={answer.company_id})
"""
        killed(code, url=database_url, data=tmp_path)

        assert (sent(), everything(Outgoing)) == ([], [])
        assert [row.state for row in everything(PendingAnswer)] == ["scheduled"]
        assert (let_out_left_over(), let_out_left_over()) == (1, 0)
        assert (sent(), len(everything(Outgoing))) == (["返金いたします。"], 1)
        with scope.everywhere(reason="a test looks at everything"):
            assert Case.objects.get(pk=answer.case_id).status == "waiting_customer"
