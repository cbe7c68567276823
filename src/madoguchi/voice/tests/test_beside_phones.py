"""Beside a colleague's call: what each of those on it may wish, and what is refused and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.models import Case, Note
from madoguchi.channels.phone.actions import announce
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.beside_phones import consult, others_on, stop_watching, talks_going_on, watch
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.phones import (
    Lines,
    answer_call,
    ask_of_call,
    gone_away,
    hand_on,
    lead,
    let_go,
    note_connected,
    set_ready,
    take_phone,
    wrap_up,
)
from madoguchi.voice.tests.test_phones import CALL, NOON, acting, phone, talking

pytestmark = pytest.mark.django_db
WORDS = Lines("返品の期限を過ぎている")


@pytest.fixture
def number(world: World) -> Iterator[EntryPoint]:
    """A number of our desk, and a call with its case on which our agent talks."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with scope.acting_for([point.company_id]), clock.held_at(NOON):
        begin_call(point, Begun(uid=CALL, caller="+819012345678", flow=0, at=NOON))
        talking(point, world.ours.agent)
        announce(CALL, company=point.company_id, person=world.ours.agent.pk)
        note_connected(CALL, world.ours.agent.pk)
        yield point


def helps(number: EntryPoint, world: World) -> Actor:
    """The supervisor is asked beside the call, and has answered."""
    other = world.ours.supervisor
    set_ready(ready=True, by=acting(other))
    consult(to=other.pk, lines=WORDS, by=acting(world.ours.agent))
    where = {"desk": number.desk_id, "company": number.company_id, "call": CALL}
    assert take_phone(**where, person=other.pk, aside=True) == other.pk
    answer_call(offer="offered", by=acting(other))
    note_connected(CALL, other.pk)
    return acting(other)


def watches(world: World, how: str = "listen") -> Actor:
    """The supervisor has come to the call."""
    watch(call=CALL, how=how, by=acting(world.ours.supervisor))
    return acting(world.ours.supervisor)


def everything() -> tuple[Any, ...]:
    """All that a wish could change."""
    phones = AgentPhone.objects.order_by("user_id")
    return (
        list(phones.values_list("user_id", "state", "role", "call", "held", "secret", "offer", "connected")),
        list(Case.objects.values_list("desk_id", "assignee_id", "hops", "version")),
        (Note.objects.count(), Event.objects.count()),
    )


@pytest.mark.parametrize("role", ["asked", "listen", "whisper", "join"])
def test_who_is_only_beside_a_call_can_do_nothing_with_it_but_leave(
    number: EntryPoint, world: World, role: str
) -> None:
    by = helps(number, world) if role == "asked" else watches(world, role)
    other = make_desk(world.ours.company)
    before = everything()

    with CaptureQueriesContext(connection) as said:
        for what in ("hold", "resume", "pause", "record", "back", "join", "put_through", "decline"):
            with pytest.raises(Conflict):
                ask_of_call(what, by=by)
        for to, desk in ((world.ours.agent.pk, 0), (0, other.pk)):
            with pytest.raises(Conflict):
                hand_on(to=to, desk=desk, lines=WORDS, by=by)
        with pytest.raises(Conflict):
            consult(to=world.ours.agent.pk, lines=WORDS, by=by)
        with pytest.raises(Conflict):
            wrap_up(code="solved", lines=WORDS, ready=True, by=by)

    assert everything() == before
    assert not [query for query in said if "pg_notify" in query["sql"]]  # no gateway hears of it

    assert stop_watching(by=by) is (role != "asked")
    if role == "asked":  # they talk with who asked until the gateway lets them go
        ask_of_call("hang_up", by=by)
        let_go(CALL, world.ours.supervisor.pk, away=False)
    left = phone(world.ours.supervisor)
    assert (left.state, left.role, left.call) == ("ready" if role == "asked" else "away", "", "")
    assert phone(world.ours.agent).state == "talking"


def test_nobody_is_put_through_to_who_has_not_answered_or_has_left(number: EntryPoint, world: World) -> None:
    agent = acting(world.ours.agent)
    for left in (False, True):
        if left:
            helps(number, world)
            let_go(CALL, world.ours.supervisor.pk, away=False)
        before = everything()
        for what in ("put_through", "join"):
            with pytest.raises(Conflict):
                ask_of_call(what, by=agent)
        assert everything() == before


def test_who_takes_the_caller_has_the_case_of_who_asked_and_no_other(
    number: EntryPoint, world: World
) -> None:
    helps(number, world)
    assert Case.objects.get().assignee == world.ours.agent  # who was asked has it not yet

    let_go(CALL, world.ours.agent.pk, away=False)
    lead(CALL, world.ours.supervisor.pk, world.ours.agent.pk)

    assert Case.objects.get().assignee == world.ours.supervisor
    [told] = Event.objects.filter(kind="call.put_through")
    assert (told.data["person"], told.data["to"]) == (world.ours.agent.pk, world.ours.supervisor.pk)


def test_a_case_of_a_third_person_stays_theirs_when_its_call_is_put_through(
    number: EntryPoint, world: World
) -> None:
    helps(number, world)
    Case.objects.update(assignee=world.ours.manager)

    lead(CALL, world.ours.supervisor.pk, world.ours.agent.pk)

    assert Case.objects.get().assignee == world.ours.manager


def test_what_comes_for_a_call_that_was_left_reaches_nobody(number: EntryPoint, world: World) -> None:
    """A gateway lets go, leads and connects after the page has left: late, and of no effect."""
    by = watches(world)
    assert stop_watching(by=by)
    set_ready(ready=True, by=by)
    before = everything()

    let_go(CALL, world.ours.supervisor.pk, away=True)
    note_connected(CALL, world.ours.supervisor.pk)
    gone_away(by=actor_of(world.ours.agent))  # who talks is not gone by a page that is loaded anew

    assert stop_watching(by=by) is False
    assert everything() == before
    assert phone(world.ours.supervisor).state == "ready"


def test_a_supervisor_wraps_nothing_up_and_is_not_rung_while_on_a_call(
    number: EntryPoint, world: World
) -> None:
    by = watches(world, "join")
    note_connected(CALL, world.ours.supervisor.pk)
    where = {"desk": number.desk_id, "company": number.company_id}

    assert take_phone(**where, call="other", person=world.ours.supervisor.pk) is None
    assert Case.objects.get().assignee == world.ours.agent
    assert talks_going_on(by)[0].agent == world.ours.agent.name
    assert [one.user for one in others_on(phone(world.ours.agent))] == [world.ours.supervisor]

    let_go(CALL, 0, away=False)

    assert (phone(world.ours.supervisor).state, phone(world.ours.agent).state) == ("away", "wrapping")
    assert talks_going_on(by) == []
    assert others_on(phone(world.ours.supervisor)) == []
