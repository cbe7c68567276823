"""One company's flood, or what it has to be read, keeps no other company's customers waiting."""

import sys
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.bot import jobs
from madoguchi.bot.actions import respond
from madoguchi.bot.models import Reason
from madoguchi.bot.reader import MOST_ASKED, Faq, Reader, Unreadable
from madoguchi.bot.tests.conftest import Guest
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
