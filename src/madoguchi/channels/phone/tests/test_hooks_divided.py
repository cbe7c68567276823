"""Calls that a carrier holds are divided among operators as others are, and who waits gets who is free in moments."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.contracts.calls import ACCOUNT, NOON, TOKEN, Webhooks

from madoguchi.cases.models import Case
from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.hooks.documents import document
from madoguchi.channels.phone.kept import Standing
from madoguchi.channels.phone.models import CarriedCall, CarrierAccount
from madoguchi.channels.phone.tests.test_documents import CALL, PLACES
from madoguchi.channels.phone.tests.test_hooks import QUEUE, home, lead_to, path, place
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.routing.dividing import set_division, set_in_use
from madoguchi.routing.models import Division
from madoguchi.voice import logic
from madoguchi.voice.models import AgentPhone, Call, OutsidePhone
from madoguchi.voice.phones import HEARD_WITHIN, set_ready

TEST = system("test")
database = pytest.mark.django_db


@dataclass
class Number:
    """A number at a carrier whose calls go to the desks of two operators, with two people each who can be rung."""

    way: Webhooks
    desks: Sequence[Desk]
    people: Sequence[Sequence[User]]

    def call(self, sid: str) -> Element:
        return self.way.ask(home(self.way), CallSid=sid)

    def again(self, sid: str) -> Element:
        """Who waits asks once more."""
        last = fromstring(CarriedCall.objects.get(sid=sid).document)
        return self.way.ask(path(place(last, "Redirect")), CallSid=sid)

    def ready(self, person: User) -> None:
        set_ready(ready=True, by=actor_of(person))

    def at(self, sid: str) -> str:
        return Call.objects.get(uid=CarriedCall.objects.get(sid=sid).uid).desk.name


@pytest.fixture
def number(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Number]:
    way, side = Webhooks(monkeypatch), world.ours
    way.point = make_entry_point(side.desk, kind=Channel.PHONE, address="+815000000001")
    way.caller = "+819012345678"
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=way.seconds))
    with side.scope():
        desks = [make_desk(side.company, name=name) for name in ("昼の窓口", "夜の窓口")]
        seats = [make_engagement(make_operator(name=f"受託{n}"), desk) for n, desk in enumerate(desks)]
        people = [
            [make_operator_person(seat.operator, seats=(seat,)) for _person in range(2)] for seat in seats
        ]
        to = [{"desk": desk.pk, "weight": weight} for desk, weight in zip(desks, (2, 1), strict=True)]
        rules = [{"name": "電話", "by": "share", "to": to, "calls_after": 30}]
        set_division(side.desk, rules=rules, is_on=True, by=TEST)
        lead_to(way.point, QUEUE)
        for n, one in enumerate([*people[0], *people[1]]):
            OutsidePhone.objects.create(user=one, address=f"+8131234567{n}")
        account = {"account": ACCOUNT, "token": TOKEN, "api": "https://carrier.example"}
        CarrierAccount.objects.create(company=side.company, entry_point=way.point, **account)
        yield Number(way, desks, people)


@database
class TestDivided:
    def test_by_the_same_exact_count(self, number: Number) -> None:
        for some in number.people:
            number.ready(some[0])
        roots = [number.call(f"CA{n}") for n in range(6)]
        assert Counter(number.at(f"CA{n}") for n in range(6)) == {"昼の窓口": 4, "夜の窓口": 2}
        assert [root.find("Dial") is not None for root in roots] == [True, True] + [False] * 4
        rung = [place(root, "Number").removeprefix("+8131234567") for root in roots[:2]]
        assert sorted(rung) == ["0", "2"]
        assert Division.objects.get().given[0]["had"] in ([4, 2], [2, 4])
        counted = Event.objects.filter(kind="call.divided").values_list("data", flat=True)
        assert sorted(one["whole"] for one in counted) == list(range(6))

    def test_who_waits_elsewhere_for_longer_holds_nobody_up(self, number: Number) -> None:
        first, second = number.people[0]
        other = number.people[1][0]
        [rule] = Division.objects.get().rules
        set_division(number.way.point.desk, rules=[rule | {"by": "load"}], is_on=True, by=TEST)
        number.ready(first)
        assert number.call("CA1").find("Dial") is not None
        assert number.call("CA2").find("Dial") is None  # waits for the one who talks
        number.ready(other)
        number.way.seconds += 2
        assert number.call("CA3").find("Dial") is not None
        assert [number.at(sid) for sid in ("CA2", "CA3")] == ["昼の窓口", "夜の窓口"]
        number.way.seconds += 2
        number.ready(second)
        assert number.call("CA4").find("Dial") is None  # who waits at the same desk for longer comes first
        assert number.again("CA2").find("Dial") is not None

    def test_who_cannot_be_rung_outside_is_nobody(self, number: Number) -> None:
        OutsidePhone.objects.exclude(user=number.people[1][0]).delete()
        number.ready(number.people[0][0])
        number.call("CA1")
        assert number.at("CA1") == number.way.point.desk.name
        number.ready(number.people[1][0])
        assert (number.again("CA1").find("Dial") is not None, number.at("CA1")) == (True, "夜の窓口")

    def test_back_where_it_came_in_when_the_rules_are_switched_off(self, number: Number) -> None:
        root = number.ready(number.people[0][0]) or number.call("CA1")
        number.way.seconds += 20
        number.way.ask(path(place(root, "Dial", "action")), DialCallStatus="no-answer")
        set_in_use(number.way.point.desk, is_on=False, by=TEST)
        number.way.seconds += 8
        assert number.again("CA1").find("Dial") is None
        front = number.way.point.desk.name
        assert (number.at("CA1"), Case.objects.get().desk.name) == (front, front)
        assert Event.objects.filter(kind="call.came_back").count() == 1

    def test_one_statement_asks_for_all_and_for_nobody_whose_page_is_closed(self, number: Number) -> None:
        set_in_use(number.way.point.desk, is_on=False, by=TEST)
        Call.objects.all().delete()
        seats = [
            make_operator_person(
                number.way.point.desk.engagements.first().operator,
                seats=(number.way.point.desk.engagements.first(),),
            )
            for _person in range(4)
        ]
        OutsidePhone.objects.all().delete()
        for n, one in enumerate(seats):
            OutsidePhone.objects.create(user=one, address=f"+8131234568{n}")
        for one in seats:
            number.ready(one)
            number.way.seconds += 1
        AgentPhone.objects.filter(user=seats[0]).update(seen_at=clock.now() - HEARD_WITHIN)
        with CaptureQueriesContext(connection) as run:
            root = number.call("CA1")
        assert place(root, "Number") == "+81312345681"
        taking = [one for one in run.captured_queries if "UPDATE voice_agentphone SET state" in one["sql"]]
        assert len(taking) == 1


class TestLongMusic:
    PLACES = replace(PLACES, lasts=lambda _name: 30.0)

    def shown(self, standing: Standing) -> tuple[list[str], str]:
        call = replace(CALL, phase=logic.Phase.WAITING, step="queue", since=NOON)
        root = fromstring(document(call, standing, self.PLACES, NOON))
        return [one.text or "" for one in root.iter("Play")], next(root.iter("Redirect")).text or ""

    def test_is_played_in_parts_that_begin_anew_after_the_last(self) -> None:
        music = Standing(("music",), loop=True, until=NOON + timedelta(seconds=300), seeks=20)
        turns = [self.shown(replace(music, turn=turn)) for turn in range(5)]
        assert [plays for plays, _then in turns] == [[f"/music.wav?part={n}"] for n in (0, 1, 2, 3, 0)]
        assert {then for _plays, then in turns} == {"/look/"}

    def test_words_are_followed_by_what_comes_next_only_after_their_last_part(self) -> None:
        words = Standing(("a", "b"), seeks=20)
        turns = [self.shown(replace(words, turn=turn)) for turn in range(8)]
        assert [plays[0] for plays, _then in turns] == [
            f"/{name}.wav?part={n}" for name in "ab" for n in range(4)
        ]
        assert [then for _plays, then in turns] == ["/look/"] * 7 + ["/played/"]

    def test_all_at_once_where_nobody_is_looked_for(self) -> None:
        music = Standing(("music",), loop=True, until=NOON + timedelta(seconds=60))
        assert self.shown(music)[0] == ["/music.wav"]

    @pytest.mark.parametrize("seconds", [0.5, 8, 8.9, 9.1, 30, 301])
    def test_the_parts_are_the_whole_and_each_is_short(self, seconds: float) -> None:
        samples = bytes(range(256)) * int(seconds * 16000 / 256 + 1)
        count = sounds.parts_of(len(samples) / 16000)
        parts = [samples[slice(*sounds.span_of(len(samples), n))] for n in range(count)]
        assert b"".join(parts) == samples
        assert max(len(one) for one in parts) <= 9.1 * 16000
        assert sounds.span_of(len(samples), count) == sounds.span_of(len(samples), -1) == (0, 0)

    @database
    def test_who_becomes_free_gets_the_caller_within_seconds(
        self, number: Number, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sounds, "seconds_of", lambda name: 120.0 if name == "music" else 2.0)
        root = number.call("CA1")
        heard = []
        for _turn in range(4):
            number.way.seconds += 8
            root = number.again("CA1")
            heard.append(place(root, "Play").partition("music.wav")[2])
        assert heard == ["?part=0", "?part=1", "?part=2", ""]
        number.ready(number.people[0][0])
        assert number.again("CA1").find("Dial") is not None

    @database
    def test_a_part_can_be_fetched(self, number: Number) -> None:
        where, whole = f"{home(number.way)}sounds/leave.wav", sounds.that_comes_along("leave")
        get = number.way.client.get
        for part in range(2):
            assert get(f"{where}?part={part}").content == sounds.as_wav(
                whole[slice(*sounds.span_of(len(whole), part))]
            )
        assert [get(f"{where}?part={one}").status_code for one in ("2", "x", "99999", "-1")] == [404] * 4
        assert get(where).content == sounds.as_wav(whole)
