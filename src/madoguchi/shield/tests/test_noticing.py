"""What is noticed by itself in messages, chats and calls; and that it only suggests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Message
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.shield import marking, noticing, queries
from madoguchi.shield.models import Mark, Suggestion
from madoguchi.shield.noticing import look_at_call, look_at_calls_going_on, look_at_message
from madoguchi.shield.terms import set_terms
from madoguchi.shield.tests.conftest import HOUR, NINE, SAID, react, state_of, told
from madoguchi.voice.models import Call

pytestmark = pytest.mark.django_db(transaction=True)
Acting = Callable[..., Any]
DEMAND = "全額返金してください。今日中に。"


def says(case: Case, text: str, *, later: float = 0) -> Message:
    with clock.held_at(NINE + later * HOUR):
        return say_again(case, text=text)


def found(world: World) -> list[tuple[str, list[str], int]]:
    with world.ours.scope():
        return list(Suggestion.objects.order_by("id").values_list("sort", "found", "amount"))


class TestWords:
    def test_they_are_noticed_once_per_contact_and_change_nothing(
        self, world: World, case: Case, acting: Acting
    ) -> None:
        said = says(case, "役立たず。死ね。")
        before = state_of(case, world)

        with clock.held_at(NINE):
            react()
            react()
        acting(look_at_message, said.pk)

        assert found(world) == [("abuse", ["死ね", "役立たず"], 2)]
        assert told(world) == ["harassment.suggested"]
        assert state_of(case, world) == before
        with world.ours.scope():
            assert Mark.objects.count() == 0

    def test_what_machines_wrote_and_what_is_old_is_left(
        self, world: World, case: Case, acting: Acting
    ) -> None:
        auto = say_again(case, text="死ね", automatic="auto-replied")
        with world.ours.scope():
            Message.objects.filter(pk=auto.pk).update(at=NINE)
        old = says(case, "死ね", later=-72)

        assert acting(look_at_message, auto.pk) == []
        assert acting(look_at_message, old.pk) == []
        assert acting(look_at_message, 0) == []
        assert found(world) == []

    def test_a_company_has_words_of_its_own(
        self, world: World, case: Case, company: Actor, acting: Acting
    ) -> None:
        own = SAID | {"words": "abuse: ぽんこつ"}
        acting(set_terms, world.ours.company, by=company, warning="", ending="", **own)
        said = says(case, "この、ぽんこつ! 死ね")

        acting(look_at_message, said.pk)

        assert found(world) == [("abuse", ["ぽんこつ"], 1)]


class TestRepeats:
    def answer(self, world: World, case: Case, agent: Actor, later: float) -> None:
        with world.ours.scope(), clock.held_at(NINE + later * HOUR):
            reply(
                Case.objects.get(pk=case.pk),
                Reply(text="恐れ入りますが、できかねます。", confirmed=ANYTHING),
                by=agent,
            )

    def test_the_third_time_after_two_answers_is_noticed(
        self, world: World, case: Case, agent: Actor, acting: Acting
    ) -> None:
        for hour in (1, 3):
            acting(look_at_message, says(case, DEMAND, later=hour).pk, later=hour)
            self.answer(world, case, agent, hour + 1)
        assert found(world) == []

        acting(look_at_message, says(case, DEMAND, later=5).pk, later=5)

        assert found(world) == [("repeat", [], 3)]

    def test_who_is_not_answered_may_ask_as_often_as_they_like(
        self, world: World, case: Case, acting: Acting
    ) -> None:
        for hour in range(1, 7):
            acting(look_at_message, says(case, DEMAND, later=hour).pk, later=hour)

        assert found(world) == []


class TestChats:
    def chat(self, world: World, case: Case, *, minutes: int, by: str) -> Message:
        """A chat that our side was in from the beginning, and the customer's last words in it."""
        said = says(case, "もう一度説明してください。")
        with world.ours.scope():
            contact = Contact.objects.get(pk=said.contact_id)
            Message.objects.create(
                company_id=case.company_id,
                case=case,
                contact=contact,
                channel="chat",
                author=by,
                text="ご説明します。",
                external_id="ours",
                at=NINE,
            )
            Message.objects.filter(pk=said.pk).update(channel="chat", at=NINE + timedelta(minutes=minutes))
        return said

    @pytest.mark.parametrize(
        ("minutes", "by", "expected"),
        [(60, "staff", [("hold", [], 60)]), (59, "staff", []), (300, "system", [])],
    )
    def test_an_hour_of_a_person_is_long(
        self, world: World, case: Case, acting: Acting, minutes: int, by: str, expected: list[Any]
    ) -> None:
        said = self.chat(world, case, minutes=minutes, by=by)

        acting(look_at_message, said.pk, later=minutes / 60)

        assert found(world) == expected


class TestCalls:
    def call(self, world: World, case: Case, **values: Any) -> Call:
        with world.ours.scope():
            message = Message.objects.filter(case=case).earliest("id")
            side = world.ours
            given = {
                "uid": "c1",
                "entry_point": side.entry_point,
                "desk": side.desk,
                "called": "+81312345678",
                "state": "answered",
                "offered_at": NINE,
                "answered_at": NINE,
                "alive_at": NINE,
                "agent": side.agent,
                "message_id": message.pk,
            }
            return Call.objects.create(company=side.company, **(given | values))

    def test_one_that_goes_on_for_an_hour_is_noticed_while_it_does(self, world: World, case: Case) -> None:
        self.call(world, case)
        with clock.held_at(NINE + timedelta(minutes=59)):
            assert look_at_calls_going_on() == 0

        with clock.held_at(NINE + timedelta(minutes=60)):
            assert [look_at_calls_going_on(), look_at_calls_going_on()] == [1, 0]

        assert found(world) == [("hold", [], 60)]

    def test_what_is_wrong_with_one_keeps_no_other_from_being_looked_at(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = self.call(world, case)
        self.call(world, case, uid="c2", answered_at=NINE + timedelta(minutes=1))

        def look(call: int) -> Suggestion | None:
            if call == broken.pk:
                raise ValueError("what nobody thought of")
            return look_at_call(call)

        monkeypatch.setattr(noticing, "look_at_call", look)
        with clock.held_at(NINE + timedelta(minutes=61)):
            assert look_at_calls_going_on() == 1

        assert found(world) == [("hold", [], 60)]

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ({"talk_seconds": 3000, "hold_seconds": 600}, [("hold", [], 60)]),
            ({"talk_seconds": 3599}, []),
            # Nobody of ours was on it; and nobody knows whose matter it was.
            ({"talk_seconds": 9000, "agent": None}, []),
            ({"talk_seconds": 9000, "message_id": None}, []),
        ],
    )
    def test_of_one_that_is_over_talk_and_hold_count(
        self, world: World, case: Case, acting: Acting, values: dict[str, Any], expected: list[Any]
    ) -> None:
        ended = {"state": "ended", "ended_at": NINE + 5 * HOUR}
        call = self.call(world, case, **ended, **values)

        acting(look_at_call, call.pk, later=5)

        assert found(world) == expected


class TestSettling:
    @pytest.fixture
    def noticed(self, world: World, case: Case, acting: Acting) -> Suggestion:
        acting(look_at_message, says(case, "役立たず。死ね。").pk)
        with world.ours.scope():
            return Suggestion.objects.select_related("case", "contact").get()

    def test_a_person_makes_a_mark_of_it(
        self, world: World, case: Case, agent: Actor, noticed: Suggestion, acting: Acting
    ) -> None:
        made = acting(marking.mark, case, sort=noticed.sort, noticed=noticed, by=agent)

        with world.ours.scope():
            settled = Suggestion.objects.get()
            assert (settled.mark_id, settled.settled_by_id, settled.settled_at) == (made.pk, agent.id, NINE)
            assert queries.suggestions_of(case) == []
        assert made.contact_id == noticed.contact_id

    def test_or_sets_it_aside_with_a_reason_once(
        self, world: World, case: Case, agent: Actor, noticed: Suggestion, acting: Acting
    ) -> None:
        with pytest.raises(Refused):
            acting(marking.set_aside, noticed, reason=" ", by=agent)
        acting(marking.set_aside, noticed, reason="引用だった", by=agent)

        with pytest.raises(Conflict):
            acting(marking.mark, case, sort="abuse", noticed=noticed, by=agent)

        assert told(world) == ["harassment.suggested", "harassment.set_aside"]
        with world.ours.scope():
            assert (Suggestion.objects.get().reason, Mark.objects.count()) == ("引用だった", 0)

    def test_the_company_settles_none(
        self, world: World, company: Actor, noticed: Suggestion, acting: Acting
    ) -> None:
        with pytest.raises(NotAllowed):
            acting(marking.set_aside, noticed, reason="x", by=company)
        with world.ours.scope():
            assert Suggestion.objects.get().settled_at is None


def test_another_companys_messages_are_not_looked_at(world: World, acting: Acting) -> None:
    theirs = make_case(world.theirs.entry_point, text="死ね")
    with world.theirs.scope():
        message = Message.objects.get(case=theirs)

    assert acting(look_at_message, message.pk) == []
