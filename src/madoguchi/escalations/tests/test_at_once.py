"""What two do at a question, a slip or a complaint in the same moment: neither is lost, nobody answers for others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.house.at_once import Somebody, unfinished, until_waiting

from madoguchi.cases.models import Case
from madoguchi.complaints import actions as complaining
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.tests.test_complaints import WRITTEN
from madoguchi.escalations import actions, slips
from madoguchi.escalations.actions import Whom
from madoguchi.escalations.links import open_slip, sign
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.queries import escalations_of
from madoguchi.escalations.slips import make_slip
from madoguchi.escalations.solving import left_to_answer
from madoguchi.escalations.tests.conftest import HOUR, NINE, Asking, question
from madoguchi.escalations.tests.test_slips import KENJI, Server, events, leave, opened, server, written
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["server"]
Work = Callable[[], Any]


@pytest.fixture
def outside(asking: Asking) -> Escalation:
    """A question to somebody without an account."""
    return asking(Whom(to="outside", name="工場 健司", address=KENJI))


def slip_of(world: World, one: Escalation) -> Slip:
    with world.ours.scope():
        return one.slips.get()


def fresh(world: World, row: Any) -> Any:
    with world.ours.scope():
        return type(row).objects.get(pk=row.pk)


def at(world: World, work: Work, *, later: timedelta = HOUR) -> Work:
    """The work as it is done so long after nine, by a thread of its own."""

    def act() -> Any:
        with world.ours.scope(), clock.held_at(NINE + later):
            return work()

    return act


def after(world: World, first: Work, second: Work) -> Any:
    """What came of the second, which waits until the first is committed."""
    with unfinished(world.ours.company.pk, at(world, first)) as commit:
        somebody = Somebody(at(world, second, later=2 * HOUR))
        until_waiting(somebody)
        commit()
        return somebody.done()


def test_what_is_read_while_it_is_passed_on_stays_read(
    world: World, outside: Escalation, agent: Actor
) -> None:
    slip = slip_of(world, outside)
    read = opened(sign(slip, generation=1))

    came = after(
        world,
        lambda: slips.read_by_link(read),
        lambda: actions.pass_on(outside, Whom(to="seniors"), by=agent),
    )

    now = fresh(world, slip)
    assert (came, now.read_at, now.withdrawn_at) == (None, NINE + HOUR, NINE + 2 * HOUR)
    assert events(world) == ["slip.made", "slip.read", "slip.withdrawn"]


def test_what_is_done_while_it_is_passed_on_stays_done_and_its_link_ends(
    world: World, outside: Escalation, agent: Actor
) -> None:
    slip = slip_of(world, outside)
    done = opened(sign(slip, generation=1))

    came = after(
        world,
        lambda: slips.done_by_link(done, words="見ました"),
        lambda: actions.pass_on(outside, Whom(to="seniors"), by=agent),
    )

    now = fresh(world, slip)
    assert (came, now.done_at, now.done_words) == (None, NINE + HOUR, "見ました")
    assert now.withdrawn_at == NINE + 2 * HOUR


@pytest.mark.parametrize("what", ["passed on", "sent again"])
def test_who_is_not_asked_any_more_does_not_answer(
    world: World, outside: Escalation, agent: Actor, what: str
) -> None:
    slip = slip_of(world, outside)
    found = opened(sign(slip, generation=1))
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        if what == "passed on":
            actions.pass_on(outside, Whom(to="seniors"), by=agent)
        else:
            slips.send_again(slip, by=agent)

        with pytest.raises(Conflict):
            actions.answer_by_slip(found, text="在庫は十個です。")

    now = fresh(world, outside)
    assert (now.state, now.answer, now.answered_as, now.opened_at) == ("open", "", "", None)


def test_a_refusal_of_the_mail_before_is_no_news_of_a_slip_that_is_sent_again(
    world: World, case: Case, agent: Actor, server: Server
) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        slip = make_slip(case, written(), by=agent)
    server.answers = ["550 5.1.1 no such user"]

    came = after(world, lambda: slips.send_again(slip, by=agent), lambda: leave(world))

    now = fresh(world, slip)
    assert (came, now.generation, now.undelivered) == (None, 2, "")
    assert events(world) == ["slip.made", "slip.sent_again"]


@pytest.mark.parametrize("kind", ["question", "slip", "complaint"])
def test_two_at_once_do_not_pass_the_most_of_a_case(
    world: World, case: Case, agent: Actor, supervisor: Actor, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN", 1)
    monkeypatch.setattr(slips, "MOST_OPEN", 1)
    monkeypatch.setattr(complaining, "MOST_OF_CASE", 1)
    due = NINE + 8 * HOUR

    def make(by: Actor) -> Any:
        if kind == "question":
            return actions.ask(case, Whom(to="managers"), question(due_at=due), by=by)
        if kind == "slip":
            return make_slip(case, written(due_at=due), by=by)
        return complaining.make_complaint(case, replace(WRITTEN, due_at=due), by=by)

    came = after(world, lambda: make(agent), lambda: make(supervisor))

    with world.ours.scope():
        there = {model: model.objects.count() for model in (Escalation, Slip, Complaint)}
    assert isinstance(came, Refused)
    assert sum(there.values()) == 1


def test_reopened_long_after_its_time_the_link_opens_for_a_fortnight(
    world: World, case: Case, agent: Actor
) -> None:
    late = NINE + timedelta(days=30)
    with world.ours.scope(), clock.held_at(NINE):
        slip = make_slip(case, written(), by=agent)
        slips.finish_slip(slip, words="", by=agent)
    with world.ours.scope(), clock.held_at(late):
        slips.reopen_slip(slip, by=agent)
        assert open_slip(sign(slip, generation=1)).pk == slip.pk

    assert fresh(world, slip).expires_at == late + timedelta(days=14)


def test_reopened_soon_the_link_opens_as_long_as_before(world: World, case: Case, agent: Actor) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        slip = make_slip(case, written(), by=agent)
        slips.finish_slip(slip, words="", by=agent)
        slips.reopen_slip(slip, by=agent)

    assert fresh(world, slip).expires_at == NINE + 3 * HOUR + timedelta(days=14)


def test_an_open_question_is_seen_behind_a_hundred_withdrawn_ones(
    world: World, case: Case, asking: Asking, django_assert_num_queries: Any
) -> None:
    one = asking(question="いちばん古い問い")
    values = {"cause": one.cause, "question": "取り下げ", "asked_at": NINE, "due_at": NINE + HOUR}
    values |= {"company_id": case.company_id, "case": case, "to": "managers", "state": "withdrawn"}
    with world.ours.scope():
        Escalation.objects.bulk_create([Escalation(**values) for _ in range(100)])
        with django_assert_num_queries(1):
            left = left_to_answer([case])[case.pk]

    assert "いちばん古い問い" in left
    assert "取り下げ、" not in left


def test_the_questions_of_a_case_take_two_queries(
    world: World, case: Case, asking: Asking, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        asking(Whom(to="outside", name="工場 健司", address=KENJI))

    with world.ours.scope(), django_assert_num_queries(2):
        found = escalations_of(case)
        names = [slip.to_name for one in found for slip in one.slips.all()]

    assert names == ["工場 健司"] * 3
