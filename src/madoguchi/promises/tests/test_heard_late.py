"""What answers do to promises when the log is read late or again, over merges, and when they are taken back."""

from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.models import OperatorCompany
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of
from madoguchi.promises import keeping
from madoguchi.promises.keeping import (
    Told,
    give_promise,
    keep_by_answer,
    keep_promise,
    make_promise,
    move_promise,
    reopen_promise,
    tell_due_promises,
    withdraw_unsaid,
)
from madoguchi.promises.ledger import kept_rates
from madoguchi.promises.models import Promise
from madoguchi.promises.tests.living import NINE

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE):
        return make_case(world.ours.entry_point)


def promised(case: Case, by: Actor, *, at: float = 0, due: float = 5, **where: Any) -> Promise:
    """A reply promised so many hours after nine, for so many hours after nine."""
    told = Told(kind="reply", words="本日中にご連絡いたします。", due_at=NINE + due * HOUR)
    with clock.held_at(NINE + at * HOUR):
        return make_promise(Case.objects.get(pk=case.pk), told, by=by, **where)


def answered(case: Case, by: Actor, *, at: float) -> int:
    with clock.held_at(NINE + at * HOUR):
        return reply(
            Case.objects.get(pk=case.pk), Reply(text="確認しております。", confirmed=ANYTHING), by=by
        ).message_id


def merged(case: Case, world: World) -> Case:
    """Another case in which this one goes on."""
    other = make_case(world.ours.entry_point)
    Case.objects.filter(pk=case.pk).update(continued_in=other)
    return other


def test_an_answer_that_is_read_late_keeps_what_was_promised_before_it_alone(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        before, message = promised(case, agent), answered(case, agent, at=1)
        after = promised(case, agent, at=2)

        with clock.held_at(NINE + 3 * HOUR):
            keep_by_answer(case.pk, message=message, at=NINE + HOUR)

        before.refresh_from_db()
        after.refresh_from_db()
        assert (before.state, before.ended_at) == ("kept", NINE + HOUR)
        assert after.state == "open"


def test_an_answer_in_time_is_in_time_though_it_is_read_after_the_promise_ran_out(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        promise, message = promised(case, agent, due=2), answered(case, agent, at=1)
    with clock.held_at(NINE + 3 * HOUR):
        assert tell_due_promises() == 1
    with world.ours.scope():
        with clock.held_at(NINE + 3 * HOUR):
            keep_by_answer(case.pk, message=message, at=NINE + HOUR)

        promise.refresh_from_db()
        assert (promise.state, promise.ended_at, promise.broken_at) == ("kept", NINE + HOUR, None)


def test_what_a_person_opened_again_is_not_kept_by_an_answer_that_is_read_again(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        promise, message = promised(case, agent), answered(case, agent, at=1)
        keep_by_answer(case.pk, message=message, at=NINE + HOUR)
        with clock.held_at(NINE + 2 * HOUR):
            reopen_promise(promise, by=agent)

        keep_by_answer(case.pk, message=message, at=NINE + HOUR)

        promise.refresh_from_db()
        assert promise.state == "open"


def test_an_answer_keeps_and_withdraws_promises_of_a_case_that_went_on_in_its_own(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        kept, message = promised(case, agent), answered(case, agent, at=0)
        unsaid = promised(case, agent, message=message)
        other = merged(case, world)

        withdraw_unsaid(other.pk, message=message)
        keep_by_answer(other.pk, message=answered(other, agent, at=1), at=NINE + HOUR)

        kept.refresh_from_db()
        unsaid.refresh_from_db()
        assert (kept.state, unsaid.state) == ("kept", "withdrawn")


def test_a_delay_that_is_taken_back_leaves_the_promise_in_its_first_message(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        first = answered(case, agent, at=0)
        promise, notice = promised(case, agent, message=first), answered(case, agent, at=1)
        with clock.held_at(NINE + HOUR):
            move_promise(promise, due_at=NINE + 8 * HOUR, by=agent, message=notice)
            withdraw_unsaid(case.pk, message=notice)

        promise.refresh_from_db()
        assert (promise.due_at, promise.moves, promise.message_id) == (NINE + 5 * HOUR, 0, first)


def test_a_time_that_was_told_since_stays_when_the_delay_before_it_is_taken_back(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        first = answered(case, agent, at=0)
        promise, notice = promised(case, agent, message=first), answered(case, agent, at=1)
        with clock.held_at(NINE + HOUR):
            move_promise(promise, due_at=NINE + 8 * HOUR, by=agent, message=notice)
            move_promise(promise, due_at=NINE + 30 * HOUR, by=agent)
            withdraw_unsaid(case.pk, message=notice)

        promise.refresh_from_db()
        assert (promise.due_at, promise.moves, promise.message_id) == (NINE + 30 * HOUR, 1, first)


def test_a_delay_told_after_a_merge_is_taken_back_where_the_case_goes_on(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        promise = promised(case, agent)
        other = merged(case, world)
        notice = answered(other, agent, at=1)
        with clock.held_at(NINE + HOUR):
            move_promise(promise, due_at=NINE + 8 * HOUR, by=agent, message=notice)
            withdraw_unsaid(other.pk, message=notice)

        promise.refresh_from_db()
        assert (promise.due_at, promise.moves, promise.state) == (NINE + 5 * HOUR, 0, "open")


def test_a_promise_that_cannot_be_told_keeps_no_other_one_from_being_told(
    world: World, case: Case, agent: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.ours.scope():
        bad, good = promised(case, agent, due=1), promised(case, agent, due=2)
    tell = keeping._told

    def told(pk: int, *more: Any) -> bool:
        if pk == bad.pk:
            raise ValueError(pk)
        return tell(pk, *more)

    monkeypatch.setattr(keeping, "_told", told)
    with clock.held_at(NINE + 3 * HOUR):
        assert tell_due_promises() == 1

    with world.ours.scope():
        bad.refresh_from_db()
        good.refresh_from_db()
        assert (bad.broken_at, bad.next_at) == (None, NINE + 3 * HOUR + timedelta(minutes=10))
        assert good.broken_at == NINE + 2 * HOUR


def test_what_somebody_of_two_operators_kept_counts_for_the_one_at_the_desk_alone(
    world: World, case: Case, agent: Actor
) -> None:
    elsewhere = OperatorCompany.objects.create(name="あおば代行")
    OperatorMember.objects.create(user=world.ours.agent, operator=elsewhere, role="agent")
    with world.ours.scope():
        promise = promised(case, agent)
        with clock.held_at(NINE + HOUR):
            give_promise(promise, owner=agent.id, by=agent)
            keep_promise(promise, by=agent)

        rates = kept_rates(agent, begin=NINE, end=NINE + 9 * HOUR, by="operator")

        assert [(one.of, one.kept) for one in rates] == [(world.ours.operator.pk, 1)]
