"""Calls that a carrier holds: who may tell of them, what comes twice or late, and who of ours is rung outside."""

from datetime import timedelta
from functools import partial
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.contracts.calls import NOON, TOKEN, Webhooks

from madoguchi.cases.models import Case, Message
from madoguchi.channels.phone import jobs
from madoguchi.channels.phone.hooks import ending
from madoguchi.channels.phone.hooks.ending import fetch_and_write_down
from madoguchi.channels.phone.hooks.left_over import go_on_with_carried
from madoguchi.channels.phone.models import CarriedCall, CarrierAccount
from madoguchi.channels.phone.tests.conftest import AGENT, CALLER
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import web
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import Begun, begin_call, note_waits, note_waits_no_more
from madoguchi.voice.beside_phones import consult
from madoguchi.voice.models import AgentPhone, Call, FlowVersion, Recording
from madoguchi.voice.phones import Lines, answer_call, ask_of_call, hand_on, set_ready, wrap_up

pytestmark = pytest.mark.django_db
MESSAGE = {"start": "message", "steps": {"message": {"kind": "message", "sounds": []}}}
QUEUE = {"start": "queue", "steps": {"queue": {"kind": "queue", "sounds": [], "keys": {}, "every": 20}}}


def lead_to(point: EntryPoint, document: dict[str, Any]) -> None:
    where = {"company_id": point.company_id, "entry_point": point}
    FlowVersion.objects.create(**where, number=1, document=document, at=clock.now())


def begun(carrier: Webhooks) -> Element:
    carrier.document = carrier.ask(home(carrier))
    return carrier.document


def home(carrier: Webhooks) -> str:
    return f"/calls/{carrier.point.address[1:]}/"


def place(root: Element, tag: str, name: str = "") -> str:
    """Where a part of a document leads to."""
    one = next(root.iter(tag))
    return ((one.get(name) if name else one.text) or "").removeprefix("http://testserver")


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


class TestWhoMayTell:
    @pytest.mark.parametrize(
        ("said", "token", "status"),
        [
            ({}, TOKEN, 200),
            ({}, "another token", 403),
            ({"AccountSid": "AC999"}, TOKEN, 403),
            ({"CallSid": ""}, TOKEN, 404),
        ],
    )
    def test_a_call_begins_only_where_its_account_says_so(
        self, carrier: Webhooks, said: dict[str, str], token: str, status: int
    ) -> None:
        assert carrier.post(home(carrier), said, token=token).status_code == status
        assert Call.objects.count() == CarriedCall.objects.count() == (status == 200)

    @pytest.mark.parametrize("address", ["/calls/815099999999/", "/calls/abc/"])
    def test_a_number_of_nobody_is_not_there(self, carrier: Webhooks, address: str) -> None:
        assert carrier.post(address, {}).status_code == 404
        assert Call.objects.count() == 0

    def test_a_number_without_an_account_is_not_there(self, carrier: Webhooks) -> None:
        CarrierAccount.objects.all().delete()
        assert carrier.post(home(carrier), {}).status_code == 404

    def test_the_token_lies_sealed(self, carrier: Webhooks) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT token FROM phone_carrieraccount")
            [(kept,)] = cursor.fetchall()
        assert TOKEN not in kept
        assert CarrierAccount.objects.get().token == TOKEN

    def test_a_call_is_led_only_by_its_own_name(self, carrier: Webhooks) -> None:
        onward = path(place(begun(carrier), "Redirect"))
        assert carrier.post(onward, {"CallSid": "CA2"}).status_code == 404
        assert CarriedCall.objects.get().number == 1

    @pytest.mark.usefixtures("held_clock")
    def test_who_signs_wrong_too_often_silences_nobody(self, carrier: Webhooks) -> None:
        answers = [carrier.post(home(carrier), {}, token="wrong").status_code for _time in range(61)]
        assert answers == [403] * 60 + [429]
        assert carrier.post(home(carrier), {}).status_code == 200

    @pytest.mark.parametrize(
        "withheld",
        [
            "anonymous",
            "+266696687",
            "Restricted",
            "",
            "sip:x@y",
            "+8190" * 20,
            "sip:+819012345678@evil.example",
            "sips:+819012345678@carrier.example.evil.example",
            "+819012345678@evil.example",
        ],
    )
    def test_a_number_that_is_not_shown_is_withheld(self, carrier: Webhooks, withheld: str) -> None:
        carrier.post(home(carrier), {"From": withheld})
        assert Call.objects.get().caller == ""

    @pytest.mark.parametrize("host", ["carrier.example", "tokyo.SIP.carrier.example:5061;user=phone"])
    def test_a_number_that_the_carrier_itself_vouches_for_is_believed(
        self, carrier: Webhooks, host: str
    ) -> None:
        carrier.post(home(carrier), {"From": f"sip:{CALLER}@{host}"})
        assert Call.objects.get().caller == CALLER

    def test_what_is_played_can_be_fetched_and_nothing_else(self, carrier: Webhooks) -> None:
        sound = path(place(begun(carrier), "Play"))
        answer = carrier.client.get(sound)
        assert (sound, answer.status_code) == (f"{home(carrier)}sounds/greeting.wav", 200)
        assert answer.content[:4] == b"RIFF"
        assert carrier.client.get(f"{home(carrier)}sounds/nothing.wav").status_code == 404


class TestTwiceAndLate:
    def test_a_call_that_is_told_of_twice_is_one(self, carrier: Webhooks) -> None:
        first, second = (carrier.post(home(carrier), {}).content for _time in range(2))
        assert first == second
        assert Call.objects.count() == 1

    def test_what_is_told_twice_happens_once(self, carrier: Webhooks) -> None:
        played = path(place(begun(carrier), "Redirect"))
        first, second = (carrier.post(played, {}).content for _time in range(2))
        assert first == second
        assert (CarriedCall.objects.get().number, b"menu.wav" in first) == (2, True)

    def test_what_is_late_changes_nothing(self, carrier: Webhooks) -> None:
        played = path(place(begun(carrier), "Redirect"))
        menu = carrier.ask(played)
        taken = carrier.post(path(place(menu, "Gather", "action")), {"Digits": "1"}).content
        assert b"call-back-taken.wav" in taken

        assert carrier.post(path(place(menu, "Gather", "action")), {"Digits": "2"}).content == taken
        assert carrier.post(played, {}).content == taken
        assert CarriedCall.objects.get().call["keys"] == "1"

    def test_after_the_end_nothing_begins_anew(self, carrier: Webhooks) -> None:
        played = path(place(begun(carrier), "Redirect"))
        for _time in range(2):
            carrier.post(home(carrier), {"CallStatus": "completed"})

        assert [b"<Hangup" in carrier.post(where, {}).content for where in (played, home(carrier))] == [
            True
        ] * 2
        assert (Call.objects.get().outcome, Case.objects.count()) == ("short", 0)
        assert (CarriedCall.objects.get().call, CarriedCall.objects.get().done) == ({}, True)

    def test_an_end_that_overtakes_the_beginning_ends_the_call(self, carrier: Webhooks, world: World) -> None:
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.agent))
        for _time in range(2):
            carrier.post(home(carrier), {"CallStatus": "completed"})

        assert [one.tag for one in begun(carrier)] == ["Hangup"]
        assert AgentPhone.objects.get(user=world.ours.agent).state == "ready"
        assert (Call.objects.get().outcome, Call.objects.get().caller) == ("short", CALLER)
        assert (CarriedCall.objects.get().done, Case.objects.count()) == (True, 0)

    def test_an_end_that_names_no_call_is_of_none(self, carrier: Webhooks) -> None:
        carrier.post(home(carrier), {"CallStatus": "completed", "CallSid": "?"})
        carrier.post(home(carrier), {"CallStatus": "in-progress", "CallSid": "CA3", "Digits": "hangup"})
        assert list(CarriedCall.objects.values_list("sid", flat=True)) == ["CA3"]

    def test_how_a_call_stands_is_no_news(self, carrier: Webhooks) -> None:
        begun(carrier)
        carrier.post(home(carrier), {"CallStatus": "in-progress"})
        assert Call.objects.get().state == "answered"


class TestAMessage:
    def left(self, carrier: Webhooks) -> Element:
        lead_to(carrier.point, MESSAGE)
        record = carrier.ask(path(place(begun(carrier), "Redirect")))
        carrier.seconds += 4
        return record

    def test_words_that_come_after_the_end_are_kept(self, carrier: Webhooks, monkeypatch: Any) -> None:
        monkeypatch.setattr(ending.web, "get", carrier._recording)
        record = self.left(carrier)
        carrier.post(home(carrier), {"CallStatus": "completed"})
        row = CarriedCall.objects.get()
        assert fetch_and_write_down(row.pk, company=row.company_id) is False
        assert Call.objects.get().state == "answered"

        words = {"RecordingSid": "RE1", "RecordingUrl": "https://carrier.example/4"}
        for _time in range(2):
            carrier.post(path(place(record, "Record", "recordingStatusCallback")), words)
        assert fetch_and_write_down(row.pk, company=row.company_id) is True
        assert fetch_and_write_down(row.pk, company=row.company_id) is True

        assert (Call.objects.get().outcome, Recording.objects.get().milliseconds) == ("message", 4000)
        assert CarriedCall.objects.get().recordings == []

    @pytest.mark.parametrize(
        ("url", "answer", "asked"),
        [
            ("https://elsewhere.example/4", web.Answer(200, b""), 0),
            ("http://carrier.example/4", web.Answer(200, b""), 0),
            ("https://carrier.example/4", web.Answer(404, b"RIFF"), 1),
            ("https://carrier.example/4", web.Answer(200, b"no sound"), 1),
            ("https://carrier.example/4", web.NoAnswer("nobody there"), 1),
        ],
    )
    def test_words_that_are_not_to_be_had_are_waited_for_and_then_done_without(
        self, carrier: Webhooks, monkeypatch: Any, url: str, answer: Any, asked: int
    ) -> None:
        times: list[str] = []

        def get(address: str, **_more: Any) -> web.Answer:
            times.append(address)
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]

        monkeypatch.setattr(ending.web, "get", get)
        record = self.left(carrier)
        said = {"RecordingSid": "RE1", "RecordingUrl": url, "Digits": "hangup"}
        carrier.post(path(place(record, "Record", "action")), said)
        row = CarriedCall.objects.get()
        assert fetch_and_write_down(row.pk, company=row.company_id) is False
        assert len(times) == asked

        carrier.seconds += ending.PATIENCE.total_seconds()
        assert fetch_and_write_down(row.pk, company=row.company_id) is True

        assert (Call.objects.get().outcome, Recording.objects.count()) == ("message", 0)
        assert Case.objects.get().subject == "電話の伝言"
        assert "取り込めませんでした" in Message.objects.get().text

    def test_the_carrier_is_asked_outside_of_any_transaction(
        self, carrier: Webhooks, monkeypatch: Any
    ) -> None:
        record = self.left(carrier)
        carrier.post(home(carrier), {"CallStatus": "completed"})
        words = {"RecordingSid": "RE1", "RecordingUrl": "https://carrier.example/4"}
        carrier.post(path(place(record, "Record", "recordingStatusCallback")), words)
        row, outside, within = CarriedCall.objects.get(), len(connection.savepoint_ids), list[int]()

        def get(address: str, **more: Any) -> web.Answer:
            within.append(len(connection.savepoint_ids))
            return carrier._recording(address, **more)

        monkeypatch.setattr(ending.web, "get", get)
        assert fetch_and_write_down(row.pk, company=row.company_id) is True
        assert (within, Recording.objects.count()) == ([outside], 1)

    def test_silence_is_no_message(self, carrier: Webhooks) -> None:
        record = self.left(carrier)
        carrier.seconds -= 4
        carrier.post(path(place(record, "Redirect")), {})
        assert (CarriedCall.objects.get().pieces, Call.objects.get().outcome) == (0, "informed")


class TestRungOutside:
    def waiting(self, carrier: Webhooks, world: World) -> Element:
        """Somebody waits; one of ours takes calls and is rung."""
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.agent))
        return begun(carrier)

    def phone(self, world: World) -> AgentPhone:
        return AgentPhone.objects.get(user=world.ours.agent)

    def test_who_is_free_is_rung_talks_and_wraps_up(self, carrier: Webhooks, world: World) -> None:
        root = self.waiting(carrier, world)
        dial = next(root.iter("Dial"))
        assert (dial.get("timeout"), dial.get("callerId"), place(root, "Number")) == (
            "20",
            carrier.point.address,
            AGENT,
        )
        assert self.phone(world).state == "ringing"
        assert Case.objects.get().subject == "お電話"

        carrier.seconds += 5
        there = {"ParentCallSid": "CA1", "CallSid": "CA2"}
        carrier.post(path(place(root, "Number", "url")), there)
        assert (self.phone(world).state, self.phone(world).connected) == ("talking", True)
        carrier.seconds += 60
        ended = carrier.ask(path(place(root, "Dial", "action")), DialCallStatus="completed")

        assert [one.tag for one in ended] == ["Hangup"]
        call, phone = Call.objects.get(), self.phone(world)
        assert (call.outcome, call.ended_by, call.agent, call.talk_seconds, call.wait_seconds) == (
            "talked",
            "agent",
            world.ours.agent,
            60,
            5,
        )
        assert (phone.state, Recording.objects.count()) == ("wrapping", 0)
        assert "録音されていません" in Message.objects.order_by("-id")[0].text
        wrap_up(code="solved", lines=Lines("回答済み"), ready=True, by=actor_of(world.ours.agent))
        assert Case.objects.get().assignee == world.ours.agent

    def test_who_does_not_answer_is_away_and_the_caller_waits_on(
        self, carrier: Webhooks, world: World
    ) -> None:
        root = self.waiting(carrier, world)
        carrier.seconds += 20
        again = carrier.ask(path(place(root, "Dial", "action")), DialCallStatus="no-answer")

        assert (again.find("Dial"), self.phone(world).state) == (None, "away")
        assert next(again.iter("Play")).text is not None
        assert Call.objects.get().state == "answered"

    def test_a_caller_who_hangs_up_while_it_rings_lets_them_go(self, carrier: Webhooks, world: World) -> None:
        self.waiting(carrier, world)
        carrier.seconds += 6
        carrier.post(home(carrier), {"CallStatus": "completed"})
        assert (self.phone(world).state, Call.objects.get().outcome) == ("ready", "abandoned")

    def test_nobody_is_rung_who_has_no_telephone_or_takes_no_calls(
        self, carrier: Webhooks, world: World
    ) -> None:
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.supervisor))
        assert begun(carrier).find("Dial") is None

    def test_who_waits_is_told_how_long_it_will_take_where_that_is_known(self, carrier: Webhooks) -> None:
        steps = {"queue": QUEUE["steps"]["queue"] | {"wait_told": True}}
        lead_to(carrier.point, QUEUE | {"steps": steps})
        for n, ago in enumerate((900, 600, 300)):
            begin_call(carrier.point, Begun(uid=str(n), caller="", flow=1, at=NOON - timedelta(seconds=ago)))
            note_waits(str(n), "queue", since=NOON - timedelta(seconds=ago))
            note_waits_no_more(str(n), at=NOON - timedelta(seconds=ago - 90), answered=True)

        assert "about-2.wav" in (next(begun(carrier).iter("Play")).text or "")

    def test_who_waits_longer_comes_first(self, carrier: Webhooks, world: World) -> None:
        lead_to(carrier.point, QUEUE)
        first = path(place(begun(carrier), "Redirect"))
        carrier.seconds += 5
        second = carrier.ask(home(carrier), CallSid="CA2")
        assert "position-2.wav" in (next(second.iter("Play")).text or "")
        set_ready(ready=True, by=actor_of(world.ours.agent))

        later = carrier.ask(path(place(second, "Redirect")), CallSid="CA2")
        assert later.find("Dial") is None
        assert carrier.ask(first).find("Dial") is not None
        assert self.phone(world).call == CarriedCall.objects.get(sid="CA1").uid

    def test_a_page_does_nothing_to_such_a_call(self, carrier: Webhooks, world: World) -> None:
        root, by = self.waiting(carrier, world), actor_of(world.ours.agent)
        refused = []
        for act in (
            lambda: answer_call(offer="v=0", by=by),
            lambda: self._answered(carrier, root) or ask_of_call("hold", by=by),
            lambda: hand_on(to=world.ours.supervisor.pk, desk=0, lines=Lines("続き"), by=by),
            lambda: consult(to=world.ours.supervisor.pk, lines=Lines("質問"), by=by),
        ):
            with pytest.raises(Refused) as error:
                act()
            refused.append(str(error.value))
        assert len(set(refused)) == 1
        assert (self.phone(world).state, self.phone(world).held) == ("talking", False)

    def test_who_declines_while_it_rings_is_rung_no_more(self, carrier: Webhooks, world: World) -> None:
        root, by = self.waiting(carrier, world), actor_of(world.ours.agent)
        ask_of_call("decline", by=by)
        assert (self.phone(world).state, self.phone(world).call) == ("away", "")

        carrier.seconds += 20
        again = carrier.ask(path(place(root, "Dial", "action")), DialCallStatus="no-answer")
        assert (again.find("Dial"), self.phone(world).state) == (None, "away")

    @pytest.mark.parametrize("ready", [False, True])
    def test_who_declines_and_picks_up_all_the_same_talks(
        self, carrier: Webhooks, world: World, ready: bool
    ) -> None:
        root, by = self.waiting(carrier, world), actor_of(world.ours.agent)
        ask_of_call("decline", by=by)
        set_ready(ready=ready, by=by)
        self._answered(carrier, root)

        phone = self.phone(world)
        assert (phone.state, phone.call, phone.connected) == ("talking", Call.objects.get().uid, True)
        carrier.ask(path(place(root, "Dial", "action")), DialCallStatus="completed")
        assert self.phone(world).state == "wrapping"

    def test_who_is_rung_is_let_go_where_the_carrier_says_no_more(
        self, carrier: Webhooks, world: World
    ) -> None:
        self.waiting(carrier, world)
        carrier.seconds += 79
        assert (go_on_with_carried(), self.phone(world).state) == (0, "ringing")
        carrier.seconds += 2
        assert (go_on_with_carried(), self.phone(world).state) == (1, "ready")
        assert (Call.objects.get().outcome, Call.objects.get().ended_by) == ("abandoned", "lost")

    def test_a_talk_may_last_for_hours(self, carrier: Webhooks, world: World) -> None:
        self._answered(carrier, self.waiting(carrier, world))
        carrier.seconds += 3 * 3600
        assert (go_on_with_carried(), self.phone(world).state) == (0, "talking")

    def test_the_page_says_so(self, carrier: Webhooks, world: World) -> None:
        root, browser = self.waiting(carrier, world), Client()
        browser.force_login(world.ours.agent)
        rings = browser.get("/phone/panel/").text
        self._answered(carrier, root)
        talks = browser.get("/phone/panel/").text

        for shown, words in ((rings, "お手元の電話機が鳴っています"), (talks, "お手元の電話機で通話中です")):
            assert (words in shown, 'data-outside="yes"' in shown) == (True, True)
            assert "data-phone-answer" not in shown
            offered = ['name="what"' in shown, 'value="decline"' in shown]
            assert offered == [shown is rings] * 2

    def _answered(self, carrier: Webhooks, root: Element) -> None:
        carrier.post(path(place(root, "Number", "url")), {"ParentCallSid": "CA1", "CallSid": "CA2"})


class TestLeftOver:
    def test_a_call_that_goes_on_is_said_to(self, carrier: Webhooks) -> None:
        begun(carrier)
        carrier.seconds += 300
        assert go_on_with_carried() == 0
        assert Call.objects.get().alive_at == NOON + timedelta(seconds=300)

    def test_who_is_heard_of_no_more_is_gone(self, carrier: Webhooks) -> None:
        begun(carrier)
        carrier.seconds += 601
        assert go_on_with_carried() == 1
        assert (Call.objects.get().outcome, Call.objects.get().ended_by) == ("abandoned", "lost")
        assert go_on_with_carried() == 0

    def test_a_call_is_written_down_whose_process_died_on_it(
        self, carrier: Webhooks, monkeypatch: Any
    ) -> None:
        begun(carrier)
        with monkeypatch.context() as patch:
            patch.setattr("madoguchi.channels.phone.hooks.leading._afterwards", lambda _led: None)
            carrier.seconds += 30
            carrier.post(home(carrier), {"CallStatus": "completed"})
        assert Call.objects.get().state == "answered"

        assert go_on_with_carried() == 1
        assert (Call.objects.get().outcome, Case.objects.count()) == ("abandoned", 1)

    @pytest.mark.parametrize("work", ["write_down", "lose"])
    def test_what_is_wrong_with_one_holds_up_no_other(
        self, carrier: Webhooks, monkeypatch: Any, work: str
    ) -> None:
        begun(carrier)
        carrier.ask(home(carrier), CallSid="CA2")
        if work == "write_down":
            CarriedCall.objects.update(over_at=clock.now())
        carrier.seconds += 601
        rows, done = list(CarriedCall.objects.order_by("pk").values_list("pk", flat=True)), list[int]()

        def fails_once(pk: int, *, company: int) -> None:
            if pk == rows[0]:
                raise TypeError("what it said cannot be read")
            done.append(pk)

        monkeypatch.setattr(f"madoguchi.channels.phone.hooks.left_over.{work}", fails_once)
        assert (go_on_with_carried(), done) == (1, rows[1:])

    def test_one_work_of_the_minute_that_fails_holds_up_no_other(self, monkeypatch: Any) -> None:
        done = []

        def fails() -> int:
            raise TypeError("a call cannot be read")

        monkeypatch.setattr(jobs, "go_on_with_carried", fails)
        for name in ("finish_what_broke", "remember_what_was_left"):
            monkeypatch.setattr(jobs, name, partial(done.append, name))
        with pytest.raises(TypeError):
            jobs.left_over(0)
        assert done == ["finish_what_broke", "remember_what_was_left"]

    def test_a_call_that_another_process_wrote_down_meanwhile_is_left_alone(
        self, carrier: Webhooks, monkeypatch: Any
    ) -> None:
        begun(carrier)
        carrier.seconds += 30
        with monkeypatch.context() as patch:
            patch.setattr("madoguchi.channels.phone.hooks.leading._afterwards", lambda _led: None)
            carrier.post(home(carrier), {"CallStatus": "completed"})
        row, write, first = CarriedCall.objects.get(), ending._write, list[bool]()

        def after_another(pk: int, **more: Any) -> None:
            if not first:
                first.append(True)
                ending.write_down(pk, company=row.company_id)
            write(pk, **more)

        monkeypatch.setattr(ending, "_write", after_another)
        assert ending.write_down(row.pk, company=row.company_id) is True
        assert (Call.objects.get().outcome, Case.objects.count(), first) == ("abandoned", 1, [True])


class TestBesideTheCall:
    def test_what_fails_beside_a_call_does_not_end_it(
        self, carrier: Webhooks, world: World, monkeypatch: Any
    ) -> None:
        def fails(*_given: object, **_more: object) -> None:
            raise RuntimeError("the case cannot be made")

        monkeypatch.setattr("madoguchi.channels.phone.hooks.leading.announce", fails)
        lead_to(carrier.point, QUEUE)
        set_ready(ready=True, by=actor_of(world.ours.agent))

        assert begun(carrier).find("Dial") is not None
        assert (AgentPhone.objects.get(user=world.ours.agent).state, Case.objects.count()) == ("ringing", 0)

    def test_one_job_fetches_a_message_however_often_it_is_asked_for(self, carrier: Webhooks) -> None:
        lead_to(carrier.point, MESSAGE)
        carrier.ask(path(place(begun(carrier), "Redirect")))
        carrier.seconds += 4
        carrier.post(home(carrier), {"CallStatus": "completed"})
        for _time in range(2):
            go_on_with_carried()

        waiting = ProcrastinateJob.objects.filter(task_name="phone.fetch_words", status="todo")
        row = CarriedCall.objects.get()
        assert [job.args for job in waiting] == [{"carried": row.pk, "company": row.company_id}]
        assert row.done is False
