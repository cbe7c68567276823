"""What is indexed, when, and who does it."""

import json
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import add_note, give_to_customer
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Note
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer
from madoguchi.infra import scope, stopping
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.search import actions, jobs, queries
from madoguchi.search.actions import index, index_again, index_all, leave_to_worker
from madoguchi.search.factories import index_everything
from madoguchi.search.models import Document, Progress
from madoguchi.search.queries import Share
from madoguchi.search.reactions import index_for_its_customer

pytestmark = pytest.mark.django_db


def found(world: World, text: str, actor: Actor) -> list[int]:
    index_everything()
    with world.ours.scope():
        return [hit.case for hit in queries.search(text, actor=actor, desks=[world.ours.desk]).hits]


class TestIndex:
    def documents(self) -> set[tuple[str, str, str]]:
        with scope.everywhere(reason="a test"):
            return {(d.kind, d.field, d.text) for d in Document.objects.all()}

    def test_it_holds_each_text_once_however_often_it_is_done(self, world: World, shoes: Case) -> None:
        index_everything()
        before = self.documents()
        index_everything()
        assert self.documents() == before
        with scope.everywhere(reason="a test"):
            assert index(cases=[shoes.pk]) == 0
            assert index(cases=[]) == index(cases=[10**9]) == 0
        assert {(kind, field) for kind, field, _text in before} == {
            ("case", "number"),
            ("case", "subject"),
            ("customer", "name"),
            ("customer", "email"),
            ("message", "text"),
        }

    def test_what_changes_is_found_as_it_is_now(self, world: World, agent: Actor, shoes: Case) -> None:
        index_everything()
        with world.ours.scope():
            Customer.objects.filter(pk=shoes.customer_id).update(name="田中 悠")
            Case.objects.filter(pk=shoes.pk).update(subject="色違い")
        assert found(world, "田中", agent) == found(world, "色違い", agent) == [shoes.pk]
        assert found(world, "山崎", agent) == []

    def test_a_case_of_another_customer_is_found_by_their_name(
        self, world: World, agent: Actor, shoes: Case
    ) -> None:
        index_everything()
        other = make_customer(world.ours.company, name="田中 悠")
        with world.ours.scope():
            give_to_customer(shoes, to=other, by=agent)
            told = Event.objects.get(kind="case.customer")
            what = ("person", agent.id, "", told.company_id, told.case_id, None, json.dumps(told.data))
            index_for_its_customer(Recorded(Cursor(1, told.pk), told.kind, told.at, *what))
        assert found(world, "田中", agent) == [shoes.pk]

    def test_what_moves_to_another_case_goes_with_it(
        self, world: World, agent: Actor, shoes: Case, receipt: Case
    ) -> None:
        index_everything()
        with world.ours.scope():
            add_note(shoes, text="倉庫に聞く", by=agent)
            index(cases=[shoes.pk])
            Message.objects.filter(case=shoes).update(case=receipt)
            Note.objects.filter(case=shoes).update(case=receipt)
        assert found(world, "靴", agent) == found(world, "倉庫", agent) == [receipt.pk]

    def test_all_cases_are_indexed_in_steps_and_again_when_asked(
        self, world: World, shoes: Case, receipt: Case
    ) -> None:
        leave_to_worker(after=0)
        assert list(index_all(most=1)) == [shoes.pk, receipt.pk]
        assert Progress.objects.values_list("done", "finished").get() == (receipt.pk, True)
        before = self.documents()
        with scope.everywhere(reason="a test"):
            Document.objects.filter(kind="message").update(text="ちがう")
        assert list(index_all()) == []

        index_again()

        assert next(index_all(most=1)) == shoes.pk
        assert list(index_all(most=1)) == [receipt.pk]
        assert self.documents() == before
        assert Progress.objects.values_list("finished", "anew").get() == (True, False)

    def test_made_anew_it_finds_the_same_in_the_same_order_all_the_while(
        self, world: World, agent: Actor, shoes: Case, receipt: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # given two cases with the same words, of which a page shows the newer one alone, and an index of all
        same = [make_case(world.ours.entry_point, text="同じ言葉の相談") for _ in range(3)]
        index_everything()
        monkeypatch.setattr(queries, "BLOCK", 1)
        order = [case.pk for case in reversed(same)]
        assert self.every(world, agent) == order
        before = self.documents()

        # when all is made anew, step by step, and a new case comes meanwhile
        index_again()
        assert self.asked(world, agent, "相談")[1:] == (False, Share(0, 5, 5))
        seen, steps = [], []
        for _done in index_all(most=1):
            seen.append(self.every(world, agent))
            steps.append(self.asked(world, agent, "相談")[2])
            if len(seen) == 1:
                came = make_case(world.ours.entry_point, text="別の言葉")
                with scope.everywhere(reason="a test indexes what came"):
                    index(cases=[came.pk])

        # then nothing moves or is missing, and the share is that of what is done
        assert seen == [order] * 6
        assert steps == [Share(1, 5, 5), *(Share(n + 1, 6, 6) for n in range(2, 5)), None, None]
        assert before <= self.documents()
        assert Progress.objects.values_list("finished", "anew").get() == (True, False)

    def test_what_was_in_no_index_before_is_not_said_to_be_found(
        self, world: World, agent: Actor, shoes: Case, receipt: Case
    ) -> None:
        leave_to_worker(after=0)
        assert next(index_all(most=1)) == shoes.pk

        index_again()

        assert self.asked(world, agent, "領収書") == ([], False, Share(0, 1, 2))
        leave_to_worker(after=0)
        assert self.asked(world, agent, "領収書") == ([], False, Share(0, 0, 2))
        assert list(index_all()) == [receipt.pk]
        assert self.asked(world, agent, "領収書") == ([receipt.pk], True, None)

    def every(self, world: World, agent: Actor) -> list[int]:
        with world.ours.scope():
            return list(queries.every_case("相談", actor=agent, desks=[world.ours.desk]))

    def test_what_came_by_no_event_is_left_to_the_worker(
        self, world: World, agent: Actor, shoes: Case, receipt: Case
    ) -> None:
        Progress.objects.update(done=receipt.pk, finished=True)

        leave_to_worker(after=shoes.pk)
        leave_to_worker(after=receipt.pk)

        assert self.asked(world, agent, "領収書") == ([], False, Share(1, 1, 2))
        assert list(index_all()) == [receipt.pk]
        assert self.asked(world, agent, "領収書") == ([receipt.pk], True, None)
        assert self.asked(world, agent, "状態:新規") == ([receipt.pk, shoes.pk], True, None)

    def test_a_worker_that_is_to_end_leaves_the_rest_to_the_next(
        self, world: World, shoes: Case, receipt: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        leave_to_worker(after=0)
        monkeypatch.setattr(actions, "BATCH", 1)
        monkeypatch.setattr(stopping, "_asked", threading.Event())
        stopping.ask_to_stop()
        jobs.catch_up(timestamp=0)
        assert Progress.objects.values_list("done", "finished").get() == (shoes.pk, False)

        monkeypatch.setattr(stopping, "_asked", threading.Event())
        jobs.catch_up(timestamp=0)

        assert Progress.objects.values_list("done", "finished").get() == (receipt.pk, True)

    @staticmethod
    def asked(world: World, agent: Actor, text: str) -> tuple[list[int], bool, Share | None]:
        with world.ours.scope():
            page = queries.search(text, actor=agent, desks=[world.ours.desk])
            return [hit.case for hit in page.hits], page.complete, queries.still_indexing()

    @pytest.fixture
    def both(self, world: World, shoes: Case, receipt: Case) -> None:
        index_everything()

    def test_a_search_takes_as_many_queries_however_much_it_finds(
        self, world: World, agent: Actor, both: None
    ) -> None:
        with world.ours.scope():
            for typed, expected in (("返品", 5), ("お願い", 5), ("領収書", 5), ("ない言葉", 3)):
                with CaptureQueriesContext(
                    connection,
                ) as asked:
                    queries.search(typed, actor=agent, desks=[world.ours.desk])
                assert len(asked) == expected, typed
