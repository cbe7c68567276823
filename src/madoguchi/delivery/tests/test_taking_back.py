"""An answer that was taken back: the case is what it was before, but for what others have done since."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from madoguchi.cases.actions import assign, change_status, claim_reply, hold_again, take_over
from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case, ReplyLock, Status
from madoguchi.delivery.actions import Reply, reply, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MORNING, told
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=3)
SAME = ("status", "assignee_id", "waiting_since", "first_replied_at", "solved_at", "touched_at", "preview")


@pytest.fixture
def case(case: Case) -> Iterator[Case]:
    with scope.acting_for([case.company_id]):
        yield case


@pytest.fixture
def senior(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def values(case: Case) -> dict[str, Any]:
    case = Case.objects.get(pk=case.pk)
    return {name: getattr(case, name) for name in (*SAME, "undelivered")}


def answered(case: Case, *, by: Actor, status: Status = Status.WAITING_CUSTOMER) -> Outgoing:
    with clock.held_at(NOON):
        return reply(case, Reply(text="はい。", status=status), by=by)


def taken_back(outgoing: Outgoing, *, by: Actor) -> None:
    with clock.held_at(NOON + timedelta(seconds=5)):
        take_back(outgoing.pk, by=by)


@pytest.mark.parametrize(
    "before", [None, Status.OPEN, Status.WAITING_THIRD, Status.WAITING_CUSTOMER, Status.SOLVED]
)
@pytest.mark.parametrize("became", [Status.WAITING_CUSTOMER, Status.OPEN, Status.SOLVED])
@pytest.mark.parametrize("undelivered", [False, True])
def test_the_case_is_exactly_as_it_was(
    case: Case, agent: Actor, before: Status | None, became: Status, undelivered: bool
) -> None:
    # given
    if before is not None:
        with clock.held_at(MORNING + timedelta(hours=1)):
            assign(case, to=agent.id, by=agent)
            change_status(case, to=before, by=agent)
    Case.objects.filter(pk=case.pk).update(undelivered=undelivered)
    stood = values(case)

    # when
    outgoing = answered(case, by=agent, status=became)
    assert values(case) != stood
    taken_back(outgoing, by=agent)

    # then
    assert values(case) == stood
    moves = [(one["before"], one["after"]) for _kind, one in told("case.status")]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(moves))
    assert moves[-1:] in ([], [(str(became), str(stood["status"]))]) or stood["status"] == became


def test_what_others_did_since_stands(case: Case, agent: Actor, senior: Actor) -> None:
    outgoing = answered(case, by=agent)
    case.refresh_from_db()
    assign(case, to=senior.id, by=senior)

    taken_back(outgoing, by=agent)

    stands = values(case)
    assert (stands["assignee_id"], stands["status"], stands["waiting_since"]) == (senior.id, "new", MORNING)


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (Status.WAITING_THIRD, True),
        (Status.WAITING_CUSTOMER, False),
        (Status.SOLVED, False),
        (Status.CLOSED, False),
    ],
)
def test_a_status_that_others_set_since_stands(
    case: Case, agent: Actor, senior: Actor, said: Status, waits: bool
) -> None:
    # given
    outgoing = answered(case, by=agent, status=Status.OPEN)
    case.refresh_from_db()
    at = NOON + timedelta(seconds=2)
    with clock.held_at(at):
        change_status(case, to=said, by=senior)

    # when
    taken_back(outgoing, by=agent)

    # then
    stands = values(case)
    assert (stands["status"], stands["waiting_since"]) == (said, MORNING if waits else None)
    assert stands["solved_at"] == (at if said in (Status.SOLVED, Status.CLOSED) else None)
    assert (stands["assignee_id"], stands["first_replied_at"]) == (None, None)
    assert [one["after"] for _kind, one in told("case.status")] == ["open", said]


def test_who_wrote_meanwhile_waits_since_their_first_word(case: Case, agent: Actor) -> None:
    outgoing = answered(case, by=agent)
    with clock.held_at(NOON + timedelta(seconds=2)):
        say_again(case)

    taken_back(outgoing, by=agent)

    stands = values(case)
    assert (stands["status"], stands["waiting_since"]) == ("open", MORNING)
    assert stands["touched_at"] == NOON + timedelta(seconds=2)
    assert stands["first_replied_at"] is None


def test_of_one_that_nothing_was_kept_of_the_customer_waits_as_before(case: Case, agent: Actor) -> None:
    outgoing = answered(case, by=agent)
    Outgoing.objects.update(stood=None)

    taken_back(outgoing, by=agent)

    stands = values(case)
    assert (stands["status"], stands["waiting_since"], stands["assignee_id"]) == ("open", MORNING, agent.id)


class TestTheLock:
    @pytest.fixture
    def outgoing(self, case: Case, agent: Actor, senior: Actor) -> Outgoing:
        """An answer that a supervisor took over from the agent and sent."""
        with clock.held_at(NOON):
            claim_reply(case, by=agent)
            take_over(case, by=senior)
        return answered(case, by=senior)

    def holder(self) -> list[tuple[int, int | None]]:
        return list(ReplyLock.objects.values_list("user_id", "taken_from_id"))

    def again(self, case: Case, outgoing: Outgoing, *, by: Actor) -> None:
        assert outgoing.stood is not None
        with clock.held_at(NOON + timedelta(seconds=5)):
            take_back(outgoing.pk, by=by)
            hold_again(case, taken_from=outgoing.stood["taken_from"], by=by)

    def test_who_took_it_over_holds_it_again_and_it_is_known_from_whom(
        self, case: Case, agent: Actor, senior: Actor, outgoing: Outgoing
    ) -> None:
        assert self.holder() == []

        self.again(case, outgoing, by=senior)

        assert self.holder() == [(senior.id, agent.id)]

    def test_from_who_began_again_meanwhile_it_is_taken_over_again(
        self, case: Case, agent: Actor, senior: Actor, outgoing: Outgoing
    ) -> None:
        with clock.held_at(NOON + timedelta(seconds=2)):
            claim_reply(case, by=agent)

        self.again(case, outgoing, by=senior)

        assert self.holder() == [(senior.id, agent.id)]
        assert [one["before"] for _kind, one in told("case.taken_over")] == [agent.id, agent.id]

    def test_anybody_else_who_began_meanwhile_keeps_it(
        self, world: World, case: Case, senior: Actor, outgoing: Outgoing
    ) -> None:
        manager = actor_of(world.ours.manager)
        with clock.held_at(NOON + timedelta(seconds=2)):
            claim_reply(case, by=manager)

        self.again(case, outgoing, by=senior)

        assert self.holder() == [(manager.id, None)]

    def test_nobody_takes_over_who_may_not(self, case: Case, agent: Actor, senior: Actor) -> None:
        with clock.held_at(NOON):
            claim_reply(case, by=senior)

            hold_again(case, taken_from=senior.id, by=agent)

        assert self.holder() == [(senior.id, None)]
