"""The ledger of what was promised: told before it breaks, moved with its old time kept, kept or broken, counted."""

from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.delivery.actions import Reply, reply, submit
from madoguchi.delivery.actions.schedule import let_out_due
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import (
    Told,
    keep_by_answer,
    keep_promise,
    make_promise,
    move_promise,
    reopen_promise,
    tell_due_promises,
    withdraw_promise,
    withdraw_unsaid,
)
from madoguchi.promises.ledger import at_risk, kept_rates, open_promises_of, told_to_customer
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


def told(due: datetime, kind: str = "refund", owner: int | None = None) -> Told:
    return Told(kind=kind, words="返金は本日中にいたします。", due_at=due, owner=owner)


@pytest.fixture
def promise(world: World, case: Case, agent: Actor) -> Promise:
    """At nine, for two in the afternoon: five hours by the desk's usual day."""
    with world.ours.scope(), clock.held_at(NINE):
        return make_promise(case, told(NINE + 5 * HOUR, owner=agent.id), by=agent)


def kinds(case: Case) -> list[str]:
    found = Event.objects.filter(case_id=case.pk, kind__startswith="promise.").order_by("id")
    return list(found.values_list("kind", flat=True))


def looked(world: World, *hours: float) -> list[int]:
    """How many the worker told of at each of these hours after nine."""
    found = []
    for hour in hours:
        with clock.held_at(NINE + hour * HOUR):
            found.append(tell_due_promises())
    return found


def test_it_is_told_once_when_it_comes_near_and_once_when_it_breaks(
    world: World, case: Case, promise: Promise, agent: Actor
) -> None:
    assert looked(world, 3.9, 4, 4.5, 5, 6) == [0, 1, 0, 1, 0]

    with world.ours.scope():
        assert kinds(case) == ["promise.made", "promise.warned", "promise.broken"]
        assert [one.pk for one in at_risk(agent)] == [promise.pk]
        promise.refresh_from_db()
        assert (promise.state, promise.broken_at, promise.next_at) == ("open", NINE + 5 * HOUR, None)


def test_its_owner_hears_of_the_warning_and_those_who_lead_of_the_breach(
    world: World, case: Case, promise: Promise
) -> None:
    looked(world, 4, 5)

    with world.ours.scope():
        rows = Event.objects.filter(case_id=case.pk, kind__in=["promise.warned", "promise.broken"])
        assert [(one.kind, one.data["owner"]) for one in rows.order_by("id")] == [
            ("promise.warned", world.ours.agent.pk),
            ("promise.broken", world.ours.agent.pk),
        ]


def test_another_time_keeps_the_old_one_and_begins_anew(
    world: World, case: Case, promise: Promise, agent: Actor
) -> None:
    looked(world, 4)
    with world.ours.scope():
        with clock.held_at(NINE + 4.5 * HOUR):
            move_promise(promise, due_at=NINE + 8.5 * HOUR, by=agent)
        assert (promise.first_due_at, promise.due_at, promise.moves) == (
            *(NINE + 5 * HOUR, NINE + 8.5 * HOUR, 1),
        )
        assert at_risk(agent) == []
        moved = Event.objects.get(kind="promise.moved")
        assert datetime.fromisoformat(moved.data["before"]) == NINE + 5 * HOUR

    assert looked(world, 7.6, 7.8) == [0, 1]
    with world.ours.scope(), clock.held_at(NINE + 8 * HOUR):
        keep_promise(promise, by=agent)
        assert (promise.state, promise.broken_at) == ("kept", None)
    assert looked(world, 9) == [0]


def test_done_too_late_it_is_broken_whether_the_worker_had_looked_or_not(
    world: World, case: Case, promise: Promise, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + 6 * HOUR):
        keep_promise(promise, by=agent)
        keep_promise(promise, by=agent)

        assert kinds(case) == ["promise.made", "promise.broken", "promise.kept"]
        assert Event.objects.get(kind="promise.kept").data["late"] is True


def test_an_answer_keeps_the_reply_that_was_promised_but_not_the_one_it_promises(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        first = make_promise(case, told(NINE + HOUR, "reply"), by=agent)
        refund = make_promise(case, told(NINE + HOUR, "refund"), by=agent)
        sent = reply(case, Reply(text="明日中にご連絡します。"), by=agent)
        case.refresh_from_db()
        new = make_promise(case, told(NINE + 24 * HOUR, "reply"), by=agent, message=sent.message_id)

        keep_by_answer(case.pk, message=sent.message_id, at=NINE)
        keep_by_answer(case.pk, message=sent.message_id, at=NINE)

        for one in (first, refund, new):
            one.refresh_from_db()
        assert [one.state for one in (first, refund, new)] == ["kept", "open", "open"]


def test_what_was_promised_in_an_answer_that_never_left_was_never_said(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        sent = reply(case, Reply(text="明日中にご連絡します。"), by=agent)
        fresh = Case.objects.get(pk=case.pk)
        promise = make_promise(fresh, told(NINE + HOUR), by=agent, message=sent.message_id)

        withdraw_unsaid(case.pk, message=sent.message_id)
        withdraw_unsaid(case.pk, message=sent.message_id)

        promise.refresh_from_db()
        assert promise.state == "withdrawn"
        assert kinds(case) == ["promise.made", "promise.withdrawn"]


@pytest.mark.parametrize("new_time", [False, True])
def test_what_waited_for_its_time_is_told_once_it_leaves_and_was_never_said_if_that_is_taken_back(
    world: World, case: Case, promise: Promise, agent: Actor, new_time: bool
) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        waiting = submit(case, Reply(text="明日中にご返金します。"), at=NINE + HOUR, by=agent)
        assert isinstance(waiting, PendingAnswer)
        if new_time:
            move_promise(promise, due_at=NINE + 8 * HOUR, by=agent, answer=waiting.pk)
        else:
            promise = make_promise(case, told(NINE + 8 * HOUR), by=agent, answer=waiting.pk)
        assert told_to_customer(case) == []
    with clock.held_at(NINE + HOUR):
        let_out_due(waiting.pk, company=case.company_id)
    with world.ours.scope():
        left = PendingAnswer.objects.get(pk=waiting.pk).message_id
        assert [(one.pk, one.said_in) for one in told_to_customer(case)] == [(promise.pk, left)]

        withdraw_unsaid(case.pk, message=left)
        withdraw_unsaid(case.pk, message=left)

        promise.refresh_from_db()
        after = ("open", NINE + 5 * HOUR, 0) if new_time else ("withdrawn", NINE + 8 * HOUR, 0)
        assert (promise.state, promise.due_at, promise.moves) == after
        assert told_to_customer(case) == []


def test_a_new_time_that_was_never_told_is_the_old_one_again(
    world: World, case: Case, promise: Promise, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        sent = reply(case, Reply(text="遅れます。"), by=agent)
        move_promise(promise, due_at=NINE + 8 * HOUR, by=agent, message=sent.message_id)

        withdraw_unsaid(case.pk, message=sent.message_id)
        withdraw_unsaid(case.pk, message=sent.message_id)

        promise.refresh_from_db()
        assert (promise.state, promise.moves, promise.due_at) == ("open", 0, NINE + 5 * HOUR)
        assert promise.next_at == promise.warn_at == NINE + 4 * HOUR


@pytest.mark.parametrize("due", [NINE, NINE - HOUR, NINE + timedelta(days=800)])
def test_a_time_that_makes_no_sense_is_refused(world: World, case: Case, agent: Actor, due: datetime) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        with pytest.raises(Refused):
            make_promise(case, told(due), by=agent)

        assert open_promises_of(case) == []
        assert kinds(case) == []


def test_who_does_not_work_the_case_promises_nothing(world: World, case: Case, promise: Promise) -> None:
    company = actor_of(world.ours.company_staff)
    with world.ours.scope(), clock.held_at(NINE):
        with pytest.raises(NotAllowed):
            make_promise(case, told(NINE + HOUR), by=company)
        with pytest.raises(NotAllowed):
            keep_promise(promise, by=company)

        assert [one.pk for one in open_promises_of(case)] == [promise.pk]


def test_what_was_called_done_by_mistake_is_open_again(
    world: World, case: Case, promise: Promise, agent: Actor
) -> None:
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        withdraw_promise(promise, by=agent)
        reopen_promise(promise, by=agent)

        assert (promise.state, promise.next_at) == ("open", promise.warn_at)
        assert kinds(case) == ["promise.made", "promise.withdrawn", "promise.reopened"]
    assert looked(world, 4) == [1]


def test_the_kept_rate_counts_what_was_kept_in_time_of_all_that_is_decided(
    world: World, case: Case, agent: Actor
) -> None:
    with world.ours.scope():
        for hours, done in ((2, 1), (2, 1), (2, 3), (2, None)):
            with clock.held_at(NINE):
                one = make_promise(case, told(NINE + hours * HOUR, owner=agent.id), by=agent)
            if done:
                with clock.held_at(NINE + done * HOUR):
                    keep_promise(one, by=agent)
        with clock.held_at(NINE):
            withdraw_promise(make_promise(case, told(NINE + 2 * HOUR, owner=agent.id), by=agent), by=agent)
    looked(world, 3)

    with world.ours.scope():
        span = {"begin": NINE, "end": NINE + 3 * HOUR}
        [person] = kept_rates(agent, by="person", **span)
        assert (person.of, person.kept, person.broken, person.percent) == (agent.id, 2, 2, "50.0%")
        assert [(one.of, one.rate) for one in kept_rates(agent, by="desk", **span)] == [
            (world.ours.desk.pk, 0.5)
        ]
        assert [one.rate for one in kept_rates(agent, by="operator", **span)] == [0.5]


def test_another_companys_promises_are_not_seen(world: World, case: Case, promise: Promise) -> None:
    looked(world, 4)
    with world.theirs.scope():
        assert at_risk(actor_of(world.theirs.agent)) == []
        assert not Promise.objects.exists()
