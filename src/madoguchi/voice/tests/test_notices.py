"""Before a talk is recorded its notice is heard, what was chosen in a menu is known, and tries are counted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from madoguchi.channels.phone.actions import announce, finish
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice import logic
from madoguchi.voice.actions import Begun, Over, begin_call, note_waits, note_waits_no_more, set_flow
from madoguchi.voice.flow import FlowError, Problem, read
from madoguchi.voice.logic import By, Outcome, Phase
from madoguchi.voice.models import Call, FlowVersion
from madoguchi.voice.notices import set_notice
from madoguchi.voice.queries import case_of, flow_of, notice_of, tries_before
from madoguchi.voice.terms import (
    Answered,
    Bridge,
    Connected,
    Dial,
    Dtmf,
    Key,
    Offered,
    Park,
    Parked,
    Play,
    Played,
    Press,
    RecordTalk,
    Ringing,
    Vanished,
    Wait,
)
from madoguchi.voice.tests.test_talks import AOKI, NOON, TALKING, at, both, then

CALLER = "+819012345678"
MENU = {
    "kind": "menu",
    "sounds": ["menu"],
    "keys": {"1": "orders", "2": "queue"},
    "names": {"1": "ご注文", "2": " 修理 "},
}
FLOW: dict[str, Any] = {
    "start": "menu",
    "steps": {
        "menu": MENU,
        "orders": {"kind": "queue", "keys": {}, "desk": "受注"},
        "queue": {"kind": "queue", "keys": {}},
    },
}


def begun(document: dict[str, Any] = FLOW, **more: Any) -> logic.Call:
    flow = replace(
        read(document, sounds=lambda _name: True), **{"notice": "recorded", "desks": {"受注": 40}, **more}
    )
    return then(logic.Call(flow=flow, caller=CALLER, at_work=True), Offered(at(0)), Answered(at(1)))[0]


class TestNotice:
    def test_a_caller_hears_it_before_they_wait(self) -> None:
        told, verbs = then(begun(), Key(at(2), "2"))
        assert (told.phase, verbs) == (Phase.NOTIFYING, [Play(("recorded",))])

        waits, verbs = then(told, Played(at(9)))
        assert (waits.phase, waits.notified_at, verbs) == (Phase.WAITING, at(9), [Park("queue")])
        talks = then(waits, Parked(at(9)), Ringing(at(10), AOKI), Connected(at(12), AOKI))
        assert RecordTalk() in talks[1]

    def test_who_heard_it_in_a_step_does_not_hear_it_again(self) -> None:
        said = {**MENU, "sounds": ["menu", "recorded"]}
        document = {**FLOW, "steps": {**FLOW["steps"], "menu": said}}

        assert then(begun(document), Played(at(8)), Key(at(9), "2"))[1] == [Park("queue")]
        assert then(begun(document), Key(at(2), "2"))[1] == [Play(("recorded",))]  # they did not let it end

    def test_without_one_nobody_is_recorded(self) -> None:
        waits = then(begun(notice=""), Key(at(2), "2"), Parked(at(2)), Ringing(at(3), AOKI))[0]

        assert then(waits, Connected(at(5), AOKI))[1] == [logic.Unpark(), both(AOKI)]

    def test_whom_we_call_hears_it_when_they_answer(self) -> None:
        rings = then(
            logic.calling(CALLER, at(0), notice="recorded"), Ringing(at(0), AOKI), Connected(at(1), AOKI)
        )[0]

        told, verbs = then(rings, Answered(at(5)))
        assert (told.phase, verbs) == (Phase.NOTIFYING, [Play(("recorded",))])
        assert then(told, Played(at(12)))[1] == [RecordTalk(), both(AOKI)]
        gone = then(told, Vanished(at(7), AOKI))[0]
        back, verbs = then(gone, Connected(at(9), AOKI))
        assert (back.phase, verbs) == (Phase.NOTIFYING, [Play(("recorded",)), Bridge(((AOKI, (0,)),))])
        assert then(
            logic.calling(CALLER, at(0)), Ringing(at(0), AOKI), Connected(at(1), AOKI), Answered(at(5))
        )[1] == [both(AOKI)]


def test_a_menu_chooses_the_desk_and_says_what_it_is_about() -> None:
    chosen = then(begun(), Key(at(2), "1"), Played(at(9)))[0]
    assert (chosen.purpose, chosen.desk) == ("ご注文", 40)
    assert then(chosen, Parked(at(9)))[1][0] == Dial(20, desk=40)
    other = then(begun(), Key(at(2), "2"), Played(at(9)))[0]
    assert (other.purpose, other.desk) == ("修理", 0)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"menu": {**MENU, "names": {"1": "あ" * 41}}}, Problem.WORDS),
        ({"menu": {**MENU, "names": {"x": "あ"}}}, Problem.NO_KEY),
        ({"orders": {"kind": "queue", "keys": {}, "desk": "無い"}}, Problem.NO_SUCH_DESK),
    ],
)
def test_what_a_menu_cannot_say_is_refused(change: dict[str, Any], problem: Problem) -> None:
    document = {**FLOW, "steps": {**FLOW["steps"], **change}}

    with pytest.raises(FlowError) as error:
        read(document, sounds=lambda _name: True, desks={"受注"}.__contains__)
    assert error.value.problem == problem


def test_keys_that_are_sent_are_not_recorded() -> None:
    pressed, verbs = then(TALKING, Press(at(20), AOKI, "12-x#"))

    assert verbs == [Dtmf("12#"), RecordTalk(on=False), Wait(2)]
    assert pressed.pauses[-1].begin == at(20)
    assert then(TALKING, Press(at(20), AOKI, "x"))[1] == []
    assert then(TALKING, Press(at(20), 99, "1"))[1] == []


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE)


def calls(number: EntryPoint, uid: str, outcome: Outcome | None, *, when: datetime) -> Call:
    with clock.held_at(when):
        call = begin_call(number, Begun(uid=uid, caller=CALLER, flow=0, at=when))
    if outcome:
        with clock.held_at(when + timedelta(seconds=9)):
            over = Over(outcome=outcome, ended_by=By.CALLER, answered_at=when, ended_at=clock.now())
            finish(uid, over, company=number.company_id)
    return call


@pytest.mark.django_db
class TestWrittenDown:
    def test_a_number_says_which_notice_its_callers_hear(self, world: World, number: EntryPoint) -> None:
        by = actor_of(world.ours.company_manager)
        with world.ours.scope():
            for wrong, who in (("unknown", by), ("", actor_of(world.ours.agent))):
                with pytest.raises((Refused, NotAllowed)):
                    set_notice(number, wrong, sounds={"recorded", "beep"}.__contains__, by=who)
            assert notice_of(number) == flow_of(number, sounds=lambda _name: True)[0].notice == "recorded"
            for sound in ("beep", ""):
                set_notice(number, sound, sounds={"recorded", "beep"}.__contains__, by=by)
                assert flow_of(number, sounds=lambda _name: True)[0].notice == sound
            told = Event.objects.filter(kind="phone_number.notice_changed").order_by("id")
            assert [(e.data["before"], e.data["after"]) for e in told] == [("recorded", "beep"), ("beep", "")]
            set_notice(number, "beep", sounds={"beep"}.__contains__, by=by)
            assert flow_of(number, sounds=lambda name: name != "beep")[0].notice == "recorded"  # it is gone

    def test_a_desk_that_is_closed_down_is_neither_offered_nor_wanted(
        self, world: World, number: EntryPoint
    ) -> None:
        orders = make_desk(world.ours.company)
        document = {"start": "a", "steps": {"a": {"kind": "queue", "keys": {}, "desk": orders.name}}}
        with world.ours.scope():
            set_flow(number, document, sounds=lambda _name: True, by=system("test"))
            orders.active = False
            orders.save()

            assert orders.name not in flow_of(number, sounds=lambda _name: True)[0].desks
            with pytest.raises(Refused, match=orders.name):
                set_flow(number, document, sounds=lambda _name: True, by=system("test"))
            assert FlowVersion.objects.get().number == 1

    def test_who_chose_a_desk_is_there_with_their_case(self, world: World, number: EntryPoint) -> None:
        orders = make_desk(world.ours.company)
        with world.ours.scope(), clock.held_at(NOON):
            document = {"start": "a", "steps": {"a": {"kind": "queue", "keys": {}, "desk": orders.name}}}
            set_flow(number, document, sounds=lambda _name: True, by=system("test"))
            assert flow_of(number, sounds=lambda _name: True)[0].desks[orders.name] == orders.pk
            calls(number, "one", None, when=NOON)
            note_waits("one", "queue", since=NOON, desk=orders.pk, purpose="ご注文")
            announce("one", company=number.company_id, person=world.ours.agent.pk)

            call = Call.objects.get()
            case = case_of(call)
            assert case is not None
            assert (call.desk_id, call.waits_since, case.desk_id) == (orders.pk, NOON, orders.pk)
            assert "メニューでのご選択: ご注文" in case.messages.get().text
            note_waits_no_more("one", at=NOON, answered=True)
            assert Call.objects.get().waits_since is None

    def test_tries_are_counted_over_desks_until_somebody_talked(
        self, world: World, number: EntryPoint
    ) -> None:
        other = make_entry_point(make_desk(world.ours.company), kind=Channel.PHONE)
        with world.ours.scope():
            calls(number, "talked", Outcome.TALKED, when=at(0))
            calls(number, "busy", Outcome.REJECTED, when=at(60))
            calls(other, "short", Outcome.SHORT, when=at(120))
            calls(number, "gave up", Outcome.ABANDONED, when=at(180))
            last = calls(other, "last", None, when=at(240))
            with clock.held_at(at(240)):
                announce("last", company=other.company_id, person=world.ours.agent.pk)

            assert (last.tries, [one.uid for one in tries_before(last)]) == (4, ["gave up", "short", "busy"])
            case = case_of(Call.objects.get(uid="last"))
            assert case is not None
            tried = "24時間以内のおかけ直し（これまで）: 話中1回、すぐに切断1回、応答前に切断1回"
            assert tried in case.messages.get().text
            began = Event.objects.filter(kind="call.began").order_by("id")
            assert [event.data["tries"] for event in began] == [1, 1, 2, 3, 4]
            next_day = calls(number, "next day", None, when=at(240) + timedelta(hours=24, seconds=1))
            assert next_day.tries == 1
