"""Phones of people of ours: who is rung, who answers, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from madoguchi.cases.actions import note_told_again
from madoguchi.cases.models import Case, Message, Note
from madoguchi.channels.phone.actions import announce, finish
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.promises.models import Promise
from madoguchi.routing.actions import set_presence
from madoguchi.voice.actions import Begun, Over, begin_call
from madoguchi.voice.logic import CALLER, By, Outcome, Pause, Ring, Span, Spent
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import (
    Lines,
    answer_call,
    ask_of_call,
    give_answer,
    hand_on,
    let_go,
    note_connected,
    offer_of,
    set_ready,
    still_here,
    take_phone,
    wrap_up,
)
from madoguchi.voice.queries import phone_of, phones_ready

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALL = "c1"


@pytest.fixture
def number(world: World) -> Iterator[EntryPoint]:
    """A number of our desk, at which a call waits; all of it is seen by its company."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with scope.acting_for([point.company_id]), clock.held_at(NOON):
        begin_call(point, Begun(uid=CALL, caller="+819012345678", flow=0, at=NOON))
        yield point


def acting(user: User) -> Actor:
    return actor_of(user)


def ready(user: User, *, at: datetime = NOON) -> None:
    with clock.held_at(at):
        set_ready(ready=True, by=acting(user))


def take(number: EntryPoint, *, call: str = CALL, person: int = 0, at: datetime = NOON) -> int | None:
    with clock.held_at(at):
        return take_phone(desk=number.desk_id, company=number.company_id, call=call, person=person)


def phone(user: User) -> AgentPhone:
    return AgentPhone.objects.get(user=user)


def talking(number: EntryPoint, user: User) -> Actor:
    """Somebody on the call."""
    ready(user)
    assert take(number) == user.pk
    answer_call(offer="offered", by=acting(user))
    note_connected(CALL, user.pk)
    return acting(user)


def test_who_is_free_for_longest_is_rung_and_only_once(number: EntryPoint, world: World) -> None:
    first, second = world.ours.supervisor, world.ours.agent
    ready(first, at=NOON - timedelta(seconds=9))
    ready(second, at=NOON - timedelta(seconds=5))

    assert [take(number, call=name) for name in ("a", "b", "c")] == [first.pk, second.pk, None]

    assert [(phone(one).state, phone(one).call) for one in (first, second)] == [
        ("ringing", "a"),
        ("ringing", "b"),
    ]


@pytest.mark.parametrize(("seconds", "rung"), [(39, True), (41, False)])
def test_a_page_that_is_not_heard_of_any_more_cannot_ring(
    number: EntryPoint, world: World, seconds: int, rung: bool
) -> None:
    ready(world.ours.agent)
    later = NOON + timedelta(seconds=seconds)

    assert (take(number, at=later) is not None) is rung
    with clock.held_at(later):
        still_here(by=acting(world.ours.agent))
    assert take(number, call="again", at=later) == (None if rung else world.ours.agent.pk)


def test_people_of_another_desk_or_company_are_not_rung(number: EntryPoint, world: World) -> None:
    ready(world.theirs.agent)
    other = make_desk(world.ours.company)

    assert take(number) is None
    ready(world.ours.agent)
    assert take_phone(desk=other.pk, company=other.company_id, call=CALL) is None
    assert take(number, person=world.ours.supervisor.pk) is None
    assert phone(world.ours.agent).state == "ready"


@pytest.mark.parametrize("who", ["company_staff", "company_manager"])
def test_who_belongs_to_the_company_has_no_phone(number: EntryPoint, world: World, who: str) -> None:
    person = acting(getattr(world.ours, who))

    for act in (
        lambda: set_ready(ready=True, by=person),
        lambda: answer_call(offer="x", by=person),
        lambda: ask_of_call("hang_up", by=person),
        lambda: still_here(by=person),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not AgentPhone.objects.exists()


def test_who_is_on_a_call_is_neither_ready_nor_away(number: EntryPoint, world: World) -> None:
    by = talking(number, world.ours.agent)

    for wanted in (True, False):
        with pytest.raises(Refused):
            set_ready(ready=wanted, by=by)
    assert phone(world.ours.agent).state == "talking"


def test_an_offer_goes_to_the_gateway_and_its_answer_back(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent
    ready(agent)
    take(number)
    with pytest.raises(Refused):
        answer_call(offer="", by=acting(agent))
    with pytest.raises(Refused):
        answer_call(offer="x" * 20_001, by=acting(agent))
    assert phone(agent).state == "ringing"

    answer_call(offer="offered", by=acting(agent))

    assert offer_of(agent.pk, call=CALL) == "offered"
    assert offer_of(agent.pk, call="another") == ""
    give_answer(agent.pk, call=CALL, sdp="answered")
    assert (phone(agent).answer, phone(agent).offer, phone(agent).connected) == ("answered", "", False)


@pytest.mark.parametrize("what", ["hang_up", "hold", "resume", "pause", "record", "decline"])
def test_without_a_call_nothing_is_asked_of_one(number: EntryPoint, world: World, what: str) -> None:
    ready(world.ours.agent)

    with pytest.raises(Conflict):
        ask_of_call(what, by=acting(world.ours.agent))
    with pytest.raises(Conflict):
        answer_call(offer="offered", by=acting(world.ours.agent))
    assert phone(world.ours.agent).state == "ready"


def test_hold_and_silence_are_shown_until_they_end(number: EntryPoint, world: World) -> None:
    by = talking(number, world.ours.agent)

    seen = []
    for what in ("hold", "pause", "resume", "record"):
        ask_of_call(what, by=by)
        seen.append((phone(world.ours.agent).held, phone(world.ours.agent).secret))

    assert seen == [(True, False), (True, True), (False, True), (False, False)]


@pytest.mark.parametrize(
    ("connected", "away", "state"),
    [(False, False, "ready"), (False, True, "away"), (True, False, "wrapping"), (True, True, "wrapping")],
)
def test_who_is_let_go_wraps_up_if_there_was_a_talk(
    number: EntryPoint, world: World, connected: bool, away: bool, state: str
) -> None:
    agent = world.ours.agent
    ready(agent)
    take(number)
    answer_call(offer="offered", by=acting(agent))
    if connected:
        note_connected(CALL, agent.pk)

    let_go("another", agent.pk, away=away)
    assert phone(agent).state == "talking"
    let_go(CALL, agent.pk, away=away)

    assert (phone(agent).state, phone(agent).call) == (state, CALL if state == "wrapping" else "")


def test_when_a_call_is_over_everybody_is_let_go(number: EntryPoint, world: World) -> None:
    talking(number, world.ours.agent)
    announce(CALL, company=number.company_id, person=world.ours.agent.pk)

    finish(CALL, over(world.ours.agent), company=number.company_id)

    call = Call.objects.get()
    assert phone(world.ours.agent).state == "wrapping"
    assert (call.outcome, call.agent_id, call.talk_seconds, call.hold_seconds) == (
        "talked",
        world.ours.agent.pk,
        60,
        5,
    )
    rang = Event.objects.get(kind="call.rang")
    assert {"person": world.ours.agent.pk, "answered": True, "seconds": 4}.items() <= rang.data.items()


def with_case(number: EntryPoint, user: User) -> tuple[Actor, Case]:
    """Somebody on the call, which has its case."""
    ready(user)
    assert take(number) == user.pk
    announce(CALL, company=number.company_id, person=user.pk)
    answer_call(offer="offered", by=acting(user))
    note_connected(CALL, user.pk)
    return acting(user), Case.objects.get()


def answers(number: EntryPoint, user: User) -> None:
    """The call rings at somebody, who talks with the customer from then on."""
    ready(user)
    assert take(number, person=user.pk) == user.pk
    note_connected(CALL, user.pk)


def test_the_case_is_that_of_who_answers_but_stays_that_of_a_colleague(
    number: EntryPoint, world: World
) -> None:
    _by, case = with_case(number, world.ours.agent)
    assert case.assignee == world.ours.agent

    answers(number, world.ours.supervisor)
    case.refresh_from_db()
    assert case.assignee == world.ours.agent
    [told] = Event.objects.filter(kind="case.assigned")
    assert (told.data["before"], told.data["after"], told.actor_id) == (None, world.ours.agent.pk, None)


def test_a_case_goes_with_its_call_to_a_colleague_and_that_is_a_hop(number: EntryPoint, world: World) -> None:
    by, case = with_case(number, world.ours.agent)

    hand_on(to=world.ours.supervisor.pk, desk=0, lines=Lines("蓋が閉まらない"), by=by)
    case.refresh_from_db()
    assert (case.assignee, case.desk_id) == (None, number.desk_id)

    answers(number, world.ours.supervisor)
    case.refresh_from_db()
    assert (case.assignee, case.hops) == (world.ours.supervisor, 1)


def test_a_case_goes_with_its_call_to_another_desk(number: EntryPoint, world: World) -> None:
    by, case = with_case(number, world.ours.agent)
    desk = make_desk(world.ours.company)

    hand_on(to=0, desk=desk.pk, lines=Lines("修理の相談"), by=by)
    case.refresh_from_db()
    assert (case.desk, case.assignee, case.hops) == (desk, None, 1)

    answers(number, world.ours.supervisor)  # does not work there
    case.refresh_from_db()
    assert case.assignee is None


def test_what_is_not_handed_on_leaves_the_case(number: EntryPoint, world: World) -> None:
    by, case = with_case(number, world.ours.agent)
    desk = make_desk(world.ours.company)

    with pytest.raises(Refused):
        hand_on(to=0, desk=desk.pk, lines=Lines(), by=by)
    with pytest.raises(NotFound):
        hand_on(to=0, desk=world.theirs.desk.pk, lines=Lines("修理の相談"), by=by)

    before = case.version
    case.refresh_from_db()
    assert (case.desk_id, case.assignee, case.version) == (number.desk_id, world.ours.agent, before)


def test_who_paused_a_recording_and_for_how_long_is_told(number: EntryPoint, world: World) -> None:
    later = NOON + timedelta(seconds=20)
    pauses = (Pause(world.ours.agent.pk, NOON, later), Pause(CALLER, later, later + timedelta(seconds=2)))

    finish(CALL, replace(over(world.ours.agent), pauses=pauses), company=number.company_id)

    told = Event.objects.filter(kind="call.recording_paused").order_by("id")
    call = Call.objects.get()
    assert [(event.data["person"], event.data["at"], event.data["seconds"]) for event in told] == [
        (world.ours.agent.pk, NOON.isoformat(), 20),
        (None, later.isoformat(), 2),
    ]
    assert {event.data["call"] for event in told} == {call.pk}


def test_of_a_call_that_is_not_in_scope_nothing_is_written(number: EntryPoint, world: World) -> None:
    talking(number, world.ours.agent)
    before = AgentPhone.objects.values().get()

    with scope.acting_for([world.theirs.company.pk]):
        give_answer(world.ours.agent.pk, call=CALL, sdp="answered")
        note_connected(CALL, world.ours.agent.pk)
    give_answer(world.ours.agent.pk, call="gone", sdp="answered")
    note_connected("gone", world.ours.agent.pk)

    assert AgentPhone.objects.values().get() == before


def over(user: User, outcome: Outcome = Outcome.TALKED) -> Over:
    def at(seconds: int) -> datetime:
        return NOON + timedelta(seconds=seconds)

    spans = (
        Span(Spent.WAIT, at(0), at(9)),
        Span(Spent.TALK, at(9), at(69)),
        Span(Spent.HOLD, at(69), at(74)),
    )
    return Over(
        outcome=outcome,
        ended_by=By.AGENT,
        answered_at=NOON,
        ended_at=at(74),
        spans=spans,
        rings=(Ring(user.pk, at(5), at(9), answered=True),),
    )


def test_a_call_is_wrapped_up_with_a_code_and_a_note(number: EntryPoint, world: World) -> None:
    by = talking(number, world.ours.agent)
    announce(CALL, company=number.company_id, person=world.ours.agent.pk)
    finish(CALL, over(world.ours.agent), company=number.company_id)
    lines = Lines(summary="蓋が閉まらない", promises="明日までに連絡 4242 4242 4242 4242")
    with pytest.raises(Refused):
        wrap_up(code="", lines=lines, ready=True, by=by)
    assert not Note.objects.exists()

    with clock.held_at(NOON + timedelta(seconds=30)):
        call = wrap_up(code="solved", lines=lines, ready=True, by=by)

    assert (call.code, call.wrap_seconds) == ("solved", 30)
    text = Note.objects.get().text
    assert "蓋が閉まらない" in text
    assert "4242 4242 4242 4242" not in text
    told = Event.objects.get(kind="call.wrapped_up")
    assert (told.case_id is not None, told.data["code"], told.data["seconds"]) == (True, "solved", 30)
    assert (phone(world.ours.agent).state, phone(world.ours.agent).call) == ("ready", "")
    with pytest.raises(Conflict):
        wrap_up(code="solved", lines=lines, ready=True, by=by)


def test_that_a_caller_had_to_explain_again_is_told_once_of_the_case(
    number: EntryPoint, world: World
) -> None:
    by = talking(number, world.ours.agent)
    announce(CALL, company=number.company_id, person=world.ours.agent.pk)
    finish(CALL, over(world.ours.agent), company=number.company_id)

    call = wrap_up(code="solved", lines=Lines(summary="蓋", again=True), ready=True, by=by)

    [told] = Event.objects.filter(kind="case.told_again")
    assert (told.data["message"], told.actor_id) == (call.message_id, by.id)
    assert told.case_id is not None
    assert not note_told_again(Case.objects.get(pk=told.case_id), message=1, by=by)
    assert Event.objects.filter(kind="case.told_again").count() == 1


@pytest.mark.parametrize(("code", "kind"), [("call_back", "call_back"), ("goes_on", "other")])
def test_what_was_promised_by_a_time_is_ones_own_to_keep(
    number: EntryPoint, world: World, code: str, kind: str
) -> None:
    by = talking(number, world.ours.agent)
    announce(CALL, company=number.company_id, person=world.ours.agent.pk)
    finish(CALL, over(world.ours.agent), company=number.company_id)
    due = NOON + timedelta(hours=30)
    for wrong in (
        Lines(promises="折り返します", due=NOON - timedelta(hours=1)),
        Lines(summary="蓋", due=due),
    ):
        with clock.held_at(NOON + timedelta(seconds=80)), pytest.raises(Refused):
            wrap_up(code=code, lines=wrong, ready=True, by=by)
    assert (phone(world.ours.agent).state, Note.objects.count(), Promise.objects.count()) == (
        "wrapping",
        0,
        0,
    )

    with clock.held_at(NOON + timedelta(seconds=90)):
        wrap_up(code=code, lines=Lines(promises="折り返します", due=due), ready=True, by=by)

    promise = Promise.objects.get()
    assert (promise.kind, promise.words, promise.due_at, promise.owner_id) == (
        kind,
        "折り返します",
        due,
        by.id,
    )
    assert "折り返します" in Note.objects.get(case=promise.case).text


def test_a_call_is_handed_on_with_words_to_who_works_there(number: EntryPoint, world: World) -> None:
    by = talking(number, world.ours.agent)
    announce(CALL, company=number.company_id, person=world.ours.agent.pk)
    other, words = make_desk(world.ours.company), Lines(summary="返品のご相談")

    for to, desk in ((0, 0), (world.theirs.agent.pk, 0), (by.id or 0, 0), (0, world.theirs.desk.pk)):
        with pytest.raises(NotFound):
            hand_on(to=to, desk=desk, lines=words, by=by)
    with pytest.raises(Refused):
        hand_on(to=0, desk=other.pk, lines=Lines(), by=by)
    assert not Note.objects.exists()

    hand_on(to=0, desk=other.pk, lines=words, by=by)

    assert "返品のご相談" in Note.objects.get().text
    assert phone(world.ours.agent).state == "talking"  # until the gateway lets go


def test_who_could_take_a_call_now(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    ready(world.ours.supervisor, at=NOON - timedelta(minutes=1))
    people = [world.ours.agent.pk, world.ours.supervisor.pk]

    assert phones_ready(people, heard_after=NOON - timedelta(seconds=40)) == {world.ours.agent.pk}


def test_a_call_that_rang_and_was_given_up_is_told_in_the_same_case(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    take(number)
    for _time in range(2):
        announce(CALL, company=number.company_id, person=world.ours.agent.pk)

    finish(CALL, over(world.ours.agent, Outcome.ABANDONED), company=number.company_id)

    call = Call.objects.get()
    said = [message.text.splitlines()[0] for message in case_messages(call)]
    assert said == ["お客様からの電話です。", "お客様からお電話がありましたが、受ける前に切れました。"]
    assert phone(world.ours.agent).state == "ready"


def case_messages(call: Call) -> list[Message]:
    case = Message.objects.get(pk=call.message_id).case_id
    return list(Message.objects.filter(case=case).order_by("id"))


def unseen(user: User) -> None:
    """The phone has to do with a call that is not in scope: of a company of which its owner sees nothing any more."""
    AgentPhone.objects.filter(user=user).update(call="elsewhere")


@pytest.mark.parametrize(("go_on", "state"), [(True, "ready"), (False, "away")])
@pytest.mark.parametrize("code", ["solved", ""])
def test_a_call_that_is_not_seen_any_more_keeps_nobody_wrapping_up(
    number: EntryPoint, world: World, go_on: bool, state: str, code: str
) -> None:
    by = talking(number, world.ours.agent)
    let_go(CALL, world.ours.agent.pk, away=False)
    unseen(world.ours.agent)

    with pytest.raises(Conflict):
        wrap_up(code=code, lines=Lines(summary="蓋"), ready=go_on, by=by)

    assert (phone(world.ours.agent).state, phone(world.ours.agent).call) == (state, "")
    assert (Note.objects.count(), Call.objects.get().code) == (0, "")
    assert not Event.objects.filter(kind="call.wrapped_up").exists()


def test_who_looks_at_a_phone_that_was_never_used_makes_none(world: World) -> None:
    with clock.held_at(NOON):
        looked = phone_of(world.ours.agent.pk)

    assert (looked.user_id, looked.state, looked.call, looked.since) == (
        world.ours.agent.pk,
        "away",
        "",
        NOON,
    )
    assert not AgentPhone.objects.exists()


def test_who_looks_at_a_phone_sees_what_it_does(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)

    assert phone_of(world.ours.agent.pk).state == "ready"


@pytest.mark.parametrize(
    ("said", "state"), [("off", "away"), ("break", "ready"), ("away", "ready"), ("available", "ready")]
)
def test_who_leaves_for_the_day_takes_no_calls_until_they_say_so(
    number: EntryPoint, world: World, said: str, state: str
) -> None:
    ready(world.ours.agent)
    set_presence("available", by=acting(world.ours.agent))

    set_presence(said, by=acting(world.ours.agent))

    assert phone(world.ours.agent).state == state
    ready(world.ours.agent)
    assert phone(world.ours.agent).state == "ready"


def test_the_call_that_they_have_goes_on(number: EntryPoint, world: World) -> None:
    talking(number, world.ours.agent)
    set_presence("off", by=acting(world.ours.agent))
    assert (phone(world.ours.agent).state, phone(world.ours.agent).call) == ("talking", CALL)
