"""The phone in the browser with three on a call: who is asked, who watches, and that all of them know."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.models import Note
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import EntryPoint
from madoguchi.desk.tests.conftest import HTMX, signed_in
from madoguchi.desk.tests.test_phone import CALL, NOON, number, ring, shown, talking
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import Begun, begin_call
from madoguchi.voice.beside_phones import talks_going_on
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import lead, let_go, note_connected, set_ready, take_phone

__all__ = ["number"]
pytestmark = pytest.mark.django_db


def asked(agent: Client, number: EntryPoint, world: World) -> Client:
    """The agent talks with a customer and asks the supervisor, whose phone the gateway has ring."""
    talking(agent, number, world.ours.agent)
    set_ready(ready=True, by=actor_of(world.ours.supervisor))
    colleague = f"person-{world.ours.supervisor.pk}"
    assert f'<option value="{colleague}">' in shown(agent)
    given = {"to": colleague, "summary": "返品の期限"}
    assert "保留中" in agent.post("/phone/consult/", given, headers=HTMX).text
    where = {"desk": number.desk_id, "company": number.company_id, "call": CALL}
    assert take_phone(**where, person=world.ours.supervisor.pk, aside=True) == world.ours.supervisor.pk
    return signed_in(world.ours.supervisor)


def phone(user: User) -> tuple[str, str, bool]:
    found = AgentPhone.objects.get(user=user)
    return found.state, found.role, found.held


def test_who_is_asked_sees_the_case_and_the_words_before_they_answer(
    agent: Client, number: EntryPoint, world: World
) -> None:
    other = asked(agent, number, world)

    page = shown(other)
    for words in (
        'data-state="ringing"',
        "青木 翔さんからこの電話の相談です。",
        "要約: 返品の期限",
        "090-1234-5678",
    ):
        assert words in page
    assert "待ち時間" not in page  # the customer has talked with the agent since
    assert f"{world.ours.supervisor.name}さんの電話を呼び出しています。" in shown(agent)
    assert "電話を切る" not in shown(agent)
    assert "お客様をつなぐ" not in shown(agent)  # nobody is put through to who has not answered

    other.post("/phone/answer/", {"offer": "v=0"})
    note_connected(CALL, world.ours.supervisor.pk)

    for words in ("お客様をつなぐ", "三者で話す", "お客様との通話に戻る"):
        assert words in shown(agent)
    assert "お客様は保留中で、この会話は聞こえません。" in shown(other)
    assert "通話から抜ける" in shown(other)
    assert "お客様を保留にする" in agent.post("/phone/act/", {"what": "join"}, headers=HTMX).text
    assert "お客様と青木 翔さんとの三者で通話中です。" in shown(other)
    assert phone(world.ours.agent) == ("talking", "", False)


def test_who_is_put_through_has_the_call_and_the_other_wraps_up(
    agent: Client, number: EntryPoint, world: World
) -> None:
    other = asked(agent, number, world)
    assert agent.post("/phone/act/", {"what": "put_through"}, headers=HTMX).status_code == 409
    other.post("/phone/answer/", {"offer": "v=0"})
    note_connected(CALL, world.ours.supervisor.pk)
    assert (
        other.post("/phone/act/", {"what": "hold"}, headers=HTMX).status_code == 409
    )  # it is not their call
    assert agent.post("/phone/act/", {"what": "put_through"}, headers=HTMX).status_code == 200

    let_go(CALL, world.ours.agent.pk, away=False)
    lead(CALL, world.ours.supervisor.pk, world.ours.agent.pk)

    assert "通話の結果" in shown(agent)
    assert phone(world.ours.supervisor) == ("talking", "", False)
    assert "電話を切る" in shown(other)
    assert "通話から抜ける" not in shown(other)


def test_who_did_not_answer_leaves_the_customer_on_hold_for_who_asked(
    agent: Client, number: EntryPoint, world: World
) -> None:
    asked(agent, number, world)
    let_go(CALL, world.ours.supervisor.pk, away=True)

    assert phone(world.ours.supervisor) == ("away", "", False)
    assert "保留を解除" in shown(agent)
    assert "保留中" not in agent.post("/phone/act/", {"what": "resume"}, headers=HTMX).text


@pytest.mark.parametrize("problem", ["no words", "not there", "oneself", "twice", "no call"])
def test_whom_nobody_asks(agent: Client, number: EntryPoint, world: World, problem: str) -> None:
    if problem == "twice":
        asked(agent, number, world)
    elif problem != "no call":
        talking(agent, number, world.ours.agent)
    to = {"not there": world.theirs.agent, "oneself": world.ours.agent}.get(problem, world.ours.supervisor)
    notes, before = Note.objects.count(), Event.objects.filter(kind="call.consulted").count()

    words = "" if problem == "no words" else "返品"
    answer = agent.post("/phone/consult/", {"to": f"person-{to.pk}", "summary": words}, headers=HTMX)

    expected = {"no words": 422, "not there": 404, "oneself": 404, "twice": 409, "no call": 409}
    assert answer.status_code == expected[problem]
    assert (Note.objects.count(), Event.objects.filter(kind="call.consulted").count()) == (notes, before)


def test_asking_pressed_twice_asks_once(agent: Client, number: EntryPoint, world: World) -> None:
    talking(agent, number, world.ours.agent)
    given = {"to": f"person-{world.ours.supervisor.pk}", "summary": "返品の期限"}
    notes = Note.objects.count()

    pressed = [agent.post("/phone/consult/", given, headers=HTMX).status_code for _time in range(2)]
    other = agent.post(
        "/phone/consult/", {**given, "to": f"person-{world.ours.manager.pk}"}, headers=HTMX
    ).status_code

    told = Event.objects.filter(kind="call.consulted")
    assert (pressed, Note.objects.count(), told.count()) == ([200, 200], notes + 1, 1)
    assert other in (404, 409)


@pytest.mark.parametrize("how", ["was not free", "taken back"])
def test_who_could_not_be_asked_can_be_asked_again(
    agent: Client, number: EntryPoint, world: World, how: str
) -> None:
    talking(agent, number, world.ours.agent)
    given = {"to": f"person-{world.ours.supervisor.pk}", "summary": "返品の期限"}
    agent.post("/phone/consult/", given, headers=HTMX)
    notes = Note.objects.count()

    if how == "taken back":
        agent.post("/phone/act/", {"what": "resume"}, headers=HTMX)
    else:
        let_go(CALL, world.ours.supervisor.pk, away=False)
    agent.post("/phone/consult/", {**given, "summary": "もう一度"}, headers=HTMX)

    assert (Note.objects.count(), AgentPhone.objects.get(user=world.ours.agent).asks) == (
        notes + 1,
        world.ours.supervisor.pk,
    )


def watch(browser: Client, how: str = "listen", call: str = CALL) -> int:
    return browser.post("/phone/watch/", {"call": call, "how": how}, headers=HTMX).status_code


def test_a_supervisor_comes_to_a_call_and_who_talks_is_told(
    agent: Client, number: EntryPoint, world: World
) -> None:
    talking(agent, number, world.ours.agent)
    leads = signed_in(world.ours.supervisor)
    assert "通話中の電話" in shown(leads)
    assert "通話中の電話" not in shown(agent)

    assert watch(leads) == 200

    name = world.ours.supervisor.name
    assert f'<p class="watched">{name}さんが通話に入っています（聞いている）</p>' in shown(agent)
    assert phone(world.ours.supervisor) == ("talking", "listen", False)
    assert "青木 翔さんがお客様と通話中です。" in shown(leads)
    assert watch(leads, "whisper") == 200
    assert f"{name}さんが通話に入っています（オペレーターにだけ話している）" in shown(agent)
    told = Event.objects.filter(kind="call.watched").order_by("id")
    assert [(e.actor_id, e.data["agent"], e.data["how"]) for e in told] == [
        (world.ours.supervisor.pk, world.ours.agent.pk, how) for how in ("listen", "whisper")
    ]

    assert leads.post("/phone/act/", {"what": "hang_up"}, headers=HTMX).status_code == 200
    assert phone(world.ours.supervisor) == ("away", "", False)
    assert 'class="watched"' not in shown(agent)  # the directory names them, as anybody


@pytest.mark.parametrize("who", ["agent", "company_staff", "company_manager", "theirs"])
def test_who_leads_nobody_there_hears_nothing(number: EntryPoint, world: World, who: str) -> None:
    user = world.theirs.supervisor if who == "theirs" else getattr(world.ours, who)
    talking(signed_in(world.ours.supervisor), number, world.ours.supervisor)
    browser = signed_in(user)

    assert watch(browser) == (404 if who == "theirs" else 403)

    assert not Event.objects.filter(kind="call.watched").exists()
    assert not AgentPhone.objects.filter(user=user).exclude(state="away").exists()


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.MANAGER])
def test_nobody_hears_the_people_of_another_operator_at_a_shared_desk(
    agent: Client, number: EntryPoint, world: World, role: Role
) -> None:
    engagement = make_engagement(make_operator(), world.ours.desk)
    leads = make_operator_person(engagement.operator, role, seats=(engagement,))
    talking(agent, number, world.ours.agent)
    browser = signed_in(leads)

    assert watch(browser) == 404

    assert "通話中の電話" not in shown(browser)
    assert not Event.objects.filter(kind="call.watched").exists()
    assert not AgentPhone.objects.filter(user=leads).exclude(state="away").exists()
    AgentPhone.objects.filter(user=world.ours.agent).update(
        user=make_operator_person(engagement.operator, seats=(engagement,))
    )
    assert "通話中の電話" in shown(browser)
    assert (watch(signed_in(world.ours.supervisor)), watch(browser)) == (404, 200)


def test_as_many_talks_as_go_on_are_asked_after_at_once(
    agent: Client, number: EntryPoint, world: World, django_assert_num_queries: Any
) -> None:
    talking(agent, number, world.ours.agent)
    leads = actor_of(world.ours.supervisor)
    with CaptureQueriesContext(connection) as one:
        assert len(talks_going_on(leads)) == 1
    for uid in ("c2", "c3"):
        begin_call(number, Begun(uid=uid, caller="", flow=0, at=NOON))
        other = make_operator_person(world.ours.operator, seats=(world.ours.engagement,))
        AgentPhone.objects.create(
            user=other, state="talking", connected=True, call=uid, since=NOON, seen_at=NOON
        )

    with django_assert_num_queries(len(one)):
        assert len(talks_going_on(leads)) == 3


def test_a_call_handed_on_is_that_of_the_desk_which_answers(
    agent: Client, number: EntryPoint, world: World
) -> None:
    engagement = make_engagement(world.ours.operator, make_desk(world.ours.company))
    there = make_operator_person(world.ours.operator, seats=(engagement,))
    leads = make_operator_person(world.ours.operator, Role.SUPERVISOR, seats=(engagement,))
    talking(agent, number, world.ours.agent)
    let_go(CALL, world.ours.agent.pk, away=False)
    AgentPhone.objects.create(user=there, state="talking", call=CALL, since=NOON, seen_at=NOON)

    note_connected(CALL, there.pk, desk=engagement.desk_id)

    assert Call.objects.get(uid=CALL).desk_id == engagement.desk_id
    assert watch(signed_in(world.ours.supervisor)) == 404
    assert watch(signed_in(leads)) == 200


def test_who_is_beside_a_call_neither_hands_it_on_nor_hears_a_card_spoken(
    agent: Client, number: EntryPoint, world: World
) -> None:
    talking(agent, number, world.ours.agent)
    leads = signed_in(world.ours.supervisor)
    assert watch(leads) == 200
    notes = Note.objects.count()
    given = {"to": f"person-{world.ours.manager.pk}", "summary": "返品"}

    assert leads.post("/phone/transfer/", given, headers=HTMX).status_code == 409
    assert (Note.objects.count(), phone(world.ours.supervisor)) == (notes, ("talking", "listen", False))

    paused = agent.post("/phone/act/", {"what": "pause"}, headers=HTMX).text
    assert "録音を止めている間は、お客様の声はあなたにだけ聞こえます。" in paused
    assert "録音が一時停止されています。" in shown(leads)
    agent.post("/phone/act/", {"what": "record"}, headers=HTMX)
    assert "録音が一時停止されています。" not in shown(leads)


@pytest.mark.parametrize("problem", ["no call", "no way", "rings", "busy", "watched"])
def test_calls_that_cannot_be_listened_to_now(
    agent: Client, number: EntryPoint, world: World, problem: str
) -> None:
    leads, other = world.ours.supervisor, AgentPhone.Role.LISTEN
    (ring(number, world.ours.agent) if problem == "rings" else talking(agent, number, world.ours.agent))
    if problem == "busy":
        AgentPhone.objects.create(user=leads, state="wrapping", call="x", since=NOON, seen_at=NOON)
    if problem == "watched":
        AgentPhone.objects.create(
            user=world.theirs.supervisor, state="talking", role=other, call=CALL, since=NOON, seen_at=NOON
        )

    how = "shout" if problem == "no way" else "listen"
    answer = watch(signed_in(leads), how, "other" if problem == "no call" else CALL)

    assert answer == {"no call": 404, "no way": 422}.get(problem, 409)
    assert not Event.objects.filter(kind="call.watched").exists()


def test_a_call_whose_gateway_is_gone_lets_its_supervisor_go(
    agent: Client, number: EntryPoint, world: World
) -> None:
    talking(agent, number, world.ours.agent)
    assert watch(signed_in(world.ours.supervisor)) == 200

    let_go(CALL, 0, away=False)

    assert phone(world.ours.supervisor) == ("away", "", False)
    assert phone(world.ours.agent)[0] == "wrapping"


@pytest.fixture
def elsewhere(world: World) -> Iterator[Call]:
    """A call of the other company."""
    with world.theirs.scope():
        point = make_entry_point(world.theirs.desk, kind=Channel.PHONE)
        yield begin_call(point, Begun(uid="theirs", caller="", flow=0, at=clock.now()))


def test_nobody_hears_a_call_of_another_company(elsewhere: Call, world: World) -> None:
    set_ready(ready=True, by=actor_of(world.theirs.agent))
    AgentPhone.objects.update(state="talking", connected=True, call=elsewhere.uid)

    leads = signed_in(world.ours.supervisor)
    assert watch(leads, call=elsewhere.uid) == 404
    assert "通話中の電話" not in shown(leads)
