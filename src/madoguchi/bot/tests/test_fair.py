"""One company's flood, or what it has to be read, keeps no other company's customers waiting."""

import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.house.at_once import at_once

from madoguchi.bot import jobs
from madoguchi.bot.actions import respond
from madoguchi.bot.models import Reason
from madoguchi.bot.reader import MOST_ASKED, Faq, Reader, Reading, Unreadable
from madoguchi.bot.tests.conftest import Guest
from madoguchi.cases.models import Message
from madoguchi.kernel import clock
from madoguchi.knowledge.ranking.apart import MOST_KEPT, Ranker

FAQ = Faq([["1", "返品", "8日以内です。"]], [])


def never() -> Faq:
    raise AssertionError("articles of a company that rests are not brought")


def begun() -> dict[str, int] | None:
    """The job that the next free slot of a worker takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['bot'], NULL)")
        (pk,) = cursor.fetchone()
    return ProcrastinateJob.objects.get(pk=pk).args if pk else None


def done(message: int) -> None:
    """It is answered; a worker keeps what it did for a while."""
    ProcrastinateJob.objects.filter(status="doing", args__message=message).update(status="succeeded")


def waiting() -> set[int]:
    """The companies of which something waits."""
    return set(ProcrastinateJob.objects.filter(status="todo").values_list("args__company", flat=True))


def message() -> int | None:
    found = begun()
    return found["message"] if found else None


@pytest.mark.django_db
class TestAFlood:
    def test_another_companys_first_message_comes_before_the_second_of_a_flood(self) -> None:
        for n in range(50):
            jobs.answer(n, company=1)
        for n, company in ((100, 2), (101, 3), (102, 2)):
            jobs.answer(n, company=company)

        assert [message() for _slot in range(3)] == [0, 100, 101]
        assert begun() is None  # of each company one at a time
        ProcrastinateJob.objects.filter(status="doing").delete()
        assert [message() for _slot in range(2)] == [1, 102]

    def test_those_of_one_company_are_answered_in_their_order(self) -> None:
        for n in range(5):
            jobs.answer(n, company=1)
        order = []
        for _n in range(5):
            order.append(message())
            ProcrastinateJob.objects.filter(status="doing").delete()
        assert order == [0, 1, 2, 3, 4]

    def test_a_flood_that_goes_on_comes_no_nearer_by_that(self) -> None:
        for n in range(20):
            jobs.answer(n, company=1)
        assert message() == 0
        jobs.answer(100, company=2)
        for n in range(20, 25):
            jobs.answer(n, company=1)
        done(0)

        assert [message() for _slot in range(2)] == [100, 1]

    def test_a_company_of_which_one_always_waits_is_kept_behind_by_nobody(self) -> None:
        said = count()

        def says(company: int) -> None:
            jobs.answer(1000 * company + next(said), company=company)

        says(1)
        for _before_anybody_else in range(40):
            says(1)
            done(message() or 0)
        for company in (2, 3, 4):
            says(company)

        answered: list[int] = []
        for _slot in range(20):  # the others say the next thing a moment after they were answered
            one = message() or 0
            says(1) if one < 2000 else None
            for company in {2, 3, 4} - {one // 1000} - waiting():
                says(company)
            answered.append(one // 1000)
            done(one)

        assert [1 in answered[n : n + 7] for n in range(14)] == [
            True
        ] * 14  # each other one twice in between at most

    def test_who_comes_when_too_many_wait_waits_for_none_of_them(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jobs, "MOST_WAITING", 2)
        for n in range(3):
            jobs.answer(n, company=1)
            assert n or message() == 0  # and is read for minutes
        jobs.answer(3, company=1)
        jobs.answer(4, company=1)

        assert [begun() for _slot in range(3)] == [
            {"message": 3, "company": 1, "full": True},
            {"message": 4, "company": 1, "full": True},
            None,
        ]

    def test_beyond_so_many_a_person_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs, "MOST_WAITING", 2)
        for n in range(4):
            jobs.answer(n, company=1)
        jobs.answer(9, company=2)
        args = ProcrastinateJob.objects.filter(queue_name="bot").order_by("id").values_list("args", flat=True)
        assert [one.get("full", False) for one in args] == [False, False, True, True, False]


@pytest.mark.django_db(transaction=True)
def test_who_comes_when_too_many_wait_is_given_to_a_person_without_reading(guest: Guest) -> None:
    asked = guest.says("返品の期限と送料", heard=False)
    respond(asked.pk, company=guest.point.company_id, reader=Reader(("false",)), full=True)

    [turn] = guest.turns()
    assert (turn.outcome, turn.reason) == ("person", Reason.UNAVAILABLE)


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnceOfOneConversation:
    def respond(self, asked: Message, **more: Any) -> Callable[[], None]:
        company, reader = asked.company_id, Reader(("false",))
        return lambda: respond(asked.pk, company=company, reader=reader, **more)

    def test_it_is_answered_once(self, guest: Guest) -> None:
        asked = guest.says("返品の期限と送料", heard=False)
        at_once(*[self.respond(asked, full=True) for _time in range(3)])

        assert [(turn.asked_id, turn.outcome) for turn in guest.turns()] == [(asked.pk, "person")]
        with guest.acting():
            assert Message.objects.filter(case=guest.case, author=Message.Author.SYSTEM).count() == 1

    def test_the_newest_is_answered_and_what_it_overtook_is_not(self, guest: Guest) -> None:
        first, second = (guest.says(text, heard=False) for text in ("返品の期限と送料", "急いでいます"))
        at_once(self.respond(first), self.respond(second, full=True), self.respond(first, full=True))

        assert [(turn.asked_id, turn.outcome) for turn in guest.turns()] == [(second.pk, "person")]

    def test_a_person_is_asked_while_what_came_before_is_read(self, guest: Guest) -> None:
        said = [guest.says("返品の期限と送料", heard=False).pk]

        class Slow(Reader):
            def ask(self, *_said: Any, **_more: Any) -> Reading:
                said.append(guest.says("急いでいます", heard=False).pk)
                respond(said[1], company=guest.point.company_id, full=True)
                raise Unreadable

        respond(said[0], company=guest.point.company_id, reader=Slow())

        assert [(turn.asked_id, turn.outcome) for turn in guest.turns()] == [(said[1], "person")]


class TestWhatIsRead:
    def test_of_a_company_whose_articles_take_too_long_nothing_is_read_for_a_while(self) -> None:
        slow = Reader((sys.executable, "-c", "import sys; sys.stdin.read()"), patience=0.01)
        now = clock.now()
        with clock.held_at(now), pytest.raises(Unreadable, match="in time"):
            slow.ask("1-x", "返品", lambda: FAQ, of=1)
        with clock.held_at(now + timedelta(minutes=9)):
            with pytest.raises(Unreadable, match="a moment ago"):
                slow.ask("1-x", "返品", never, of=1)
            assert slow.pid is None
            with pytest.raises(Unreadable, match="in time"):  # of others it is tried
                slow.ask("2-x", "返品", lambda: FAQ, of=2)
        with clock.held_at(now + timedelta(minutes=11)), pytest.raises(Unreadable, match="in time"):
            slow.ask("1-x", "返品", lambda: FAQ, of=1)

    def test_many_desks_of_one_company_push_out_no_others(self) -> None:
        ranker, entries = Ranker(), [["1", "返品", "できます。"]]
        ranker.answer({"key": "2-1", "entries": entries})
        for desk in range(MOST_KEPT + 3):
            ranker.answer({"key": f"1-{desk}", "entries": entries})
        assert "ranked" in ranker.answer({"key": "2-1", "text": "返品"})
        assert ranker.answer({"key": "1-0", "text": "返品"}) == {"need": "1-0"}
        assert "ranked" in ranker.answer({"key": f"1-{MOST_KEPT + 2}", "text": "返品"})

    def test_no_more_of_a_question_is_read_than_says_something(self, monkeypatch: pytest.MonkeyPatch) -> None:
        reader, asked = Reader(), list[int]()

        def said(one: dict[str, str]) -> dict[str, object]:
            asked.append(len(one["text"]))
            return {"ranked": [], "confidence": 0, "fits": False}

        monkeypatch.setattr(reader, "_said", said)
        reader.ask("1-x", "あ" * 100_000, never, of=1)
        assert asked == [MOST_ASKED]
