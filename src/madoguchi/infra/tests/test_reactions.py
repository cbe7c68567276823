"""Readers of the log: each event at least once, in order; a failure is set aside and tried again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from madoguchi.companies.factories import make_company, make_desk, make_engagement, make_operator
from madoguchi.companies.models import Company, Desk, Engagement
from madoguchi.infra import event_log, reactions, scope
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.models import Event, FailedReaction, Reader
from madoguchi.infra.reactions import MOST_BEGINNINGS, NOT_ENDED, reacts_to
from madoguchi.infra.tests.happenings import LampBroken, LampLit
from madoguchi.infra.tries import MOST_TRIES
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system

Connect = Callable[[], psycopg.Connection[Any]]
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_other_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the readers that a test makes."""
    monkeypatch.setattr(reactions, "_reactions", {})
    # However slow a machine is, a batch here ends where its test says so.
    monkeypatch.setattr(reactions, "BATCH_SECONDS", inf)


@pytest.fixture
def seen() -> list[str]:
    """What the reader `diary` has read of lamps, its place being the end of the log."""
    read: list[str] = []

    @reacts_to(LampLit, name="diary")
    def note(event: Recorded) -> None:
        read.append(event.fact().data()["where"])

    reactions.enrol()
    return read


def light(company: Company, *places: str) -> None:
    """Record lamps lit, each in a transaction of its own."""
    for where in places:
        with scope.acting_for([company.pk]):
            event_log.record(LampLit(company=company.pk, where=where), by=system("test"))


def failures() -> list[FailedReaction]:
    with scope.everywhere(reason="a test looks at what failed"):
        return list(FailedReaction.objects.order_by("id"))


class TestReading:
    def test_every_event_is_read_once_in_order(self, company: Company, seen: list[str]) -> None:
        light(company, "一", "二", "三")
        assert reactions.run_all() == 3
        assert reactions.run_all() == 0
        assert seen == ["一", "二", "三"]

    def test_more_than_a_batch_is_read_at_once(
        self, company: Company, seen: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reactions, "BATCH", 2)
        light(company, "一", "二", "三", "四", "五")
        assert reactions.run_all() == 5
        assert seen == ["一", "二", "三", "四", "五"]

    @pytest.mark.parametrize(("seconds", "transactions"), [(inf, 1), (0, 3)])
    def test_a_batch_that_takes_long_ends_after_an_event_for_readers_wait_for_it(
        self, company: Company, monkeypatch: pytest.MonkeyPatch, seconds: float, transactions: int
    ) -> None:
        monkeypatch.setattr(reactions, "BATCH_SECONDS", seconds)
        read: list[tuple[str, int]] = []

        @reacts_to(LampLit, name="diary")
        def note(event: Recorded) -> None:
            read.append((event.fact().data()["where"], event_log.settled_below()))
            event_log.record(LampBroken(company=event.company), by=system("test"))

        reactions.enrol()
        light(company, "一", "二", "三")

        assert reactions.run_all() == 3
        assert [where for where, _below in read] == ["一", "二", "三"]
        assert len({below for _where, below in read}) == transactions
        with scope.everywhere(reason="a test looks at where a reader stands"):
            reader = Reader.objects.get(name="diary")
            last = Event.objects.filter(kind=LampLit.kind).latest("id")
            assert (reader.event_id >= last.pk, reader.begun) == (True, 0)

    def test_kinds_it_does_not_listen_to_are_passed_over(self, company: Company, seen: list[str]) -> None:
        with scope.acting_for([company.pk]):
            event_log.record(LampBroken(company=company.pk), by=system("test"))
        light(company, "一")
        assert reactions.run_all() == 1
        assert seen == ["一"]

    def test_it_works_in_the_scope_of_the_events_company(self, company: Company) -> None:
        own, scopes = make_desk(company), []
        make_desk(make_company())

        @reacts_to(LampLit, name="porter")
        def look(event: Recorded) -> None:
            scopes.append((scope.current(), list(Desk.objects.all())))

        reactions.enrol()
        light(company, "一")
        reactions.run_all()
        assert scopes == [(frozenset({company.pk}), [own])]

    def test_a_new_reader_begins_at_the_end_of_the_log(self, company: Company, seen: list[str]) -> None:
        light(company, "前")
        late: list[int] = []
        reacts_to(LampLit, name="newcomer")(lambda event: late.append(event.id))
        reactions.run_all()
        light(company, "後")
        reactions.run_all()
        assert seen == ["前", "後"]
        assert len(late) == 1

    def test_enrolling_again_moves_nobody(self, company: Company, seen: list[str]) -> None:
        light(company, "一")
        reactions.enrol()
        reactions.run_all()
        assert seen == ["一"]

    def test_two_readers_of_one_name_are_refused(self, seen: list[str]) -> None:
        with pytest.raises(ValueError, match="two reactions are named diary"):
            reacts_to(LampBroken, name="diary")(lambda event: None)
        assert [r.name for r in reactions.registered()] == ["diary"]


class TestKilled:
    def test_a_batch_that_is_cut_off_is_read_again(self, company: Company) -> None:
        read: list[str] = []
        reads = iter([None, KeyboardInterrupt, None, None, None])

        @reacts_to(LampLit, name="diary")
        def note(event: Recorded) -> None:
            cut = next(reads)
            if cut:
                raise cut
            read.append(event.fact().data()["where"])

        reactions.enrol()
        light(company, "一", "二")
        with pytest.raises(KeyboardInterrupt):
            reactions.run_all()
        reactions.run_all()
        assert read == ["一", "一", "二"], "at least once, from the last place that was committed"

    def test_what_a_cut_off_batch_had_done_is_undone(self, company: Company) -> None:
        desk, cuts = make_desk(company, name="元の名"), iter([True, False])

        @reacts_to(LampLit, name="painter")
        def rename(event: Recorded) -> None:
            Desk.objects.update(name="新しい名" if not (cut := next(cuts)) else "途中の名")
            if cut:
                raise KeyboardInterrupt

        reactions.enrol()
        light(company, "一")
        with pytest.raises(KeyboardInterrupt):
            reactions.run_all()
        with scope.acting_for([company.pk]):
            assert Desk.objects.get(pk=desk.pk).name == "元の名"
        reactions.run_all()
        with scope.acting_for([company.pk]):
            assert Desk.objects.get(pk=desk.pk).name == "新しい名"


class TestTakingWorkersAlong:
    """A worker that is killed leaves what it was doing as a KeyboardInterrupt leaves it here."""

    @pytest.fixture
    def deadly(self) -> set[str]:
        """Lamps whose event takes each worker with it."""
        return {"三"}

    @pytest.fixture
    def read(self, deadly: set[str]) -> list[str]:
        read: list[str] = []

        @reacts_to(LampLit, name="diary")
        def note(event: Recorded) -> None:
            where = event.fact().data()["where"]
            if where in deadly:
                raise KeyboardInterrupt
            read.append(where)

        reactions.enrol()
        return read

    def deaths(self) -> int:
        """How many workers die until one comes to the end of the log."""
        for deaths in range(20):
            try:
                reactions.run_all()
            except KeyboardInterrupt:
                continue
            return deaths
        raise AssertionError("each of them dies")

    def test_its_event_is_given_up_and_holds_nothing_back(
        self, company: Company, read: list[str], deadly: set[str]
    ) -> None:
        light(company, "一", "二", "三", "四", "五")
        assert self.deaths() == 4, "once with the others, then three times by itself"
        assert read[-4:] == ["一", "二", "四", "五"]
        (failure,) = failures()
        assert (failure.reader, failure.company_id, failure.tries) == ("diary", company.pk, MOST_TRIES)
        assert failure.error == NOT_ENDED
        assert self.deaths() == 0

    def test_the_first_of_a_batch_is_told_from_the_rest_as_well(
        self, company: Company, read: list[str]
    ) -> None:
        light(company, "三", "四")
        assert (self.deaths(), read, len(failures())) == (3, ["四"], 1)

    def test_others_read_on(self, company: Company, read: list[str]) -> None:
        others: list[str] = []
        reacts_to(LampLit, name="zither")(lambda event: others.append(event.fact().data()["where"]))
        reactions.enrol()
        light(company, "三", "四")
        self.deaths()
        assert others == ["三", "四"]

    def test_being_killed_now_and_then_gives_nothing_up(
        self, company: Company, read: list[str], deadly: set[str]
    ) -> None:
        for _ in range(5):
            deadly.add("三")
            light(company, "三")
            with pytest.raises(KeyboardInterrupt):
                reactions.run_all()
            deadly.clear()
            reactions.run_all()
        assert (read, failures()) == (["三"] * 5, [])

    def test_after_a_while_events_are_taken_together_again(
        self, company: Company, read: list[str], deadly: set[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reactions, "BATCH", 4)
        light(company, "三")
        with pytest.raises(KeyboardInterrupt):
            reactions.run_all()
        deadly.clear()
        light(company, "四", "五")
        reactions.run_all()
        assert Reader.objects.values_list("begun", "wary").get(name="diary") == (0, 1)
        light(company, "六")
        reactions.run_all()
        assert Reader.objects.values_list("begun", "wary").get(name="diary") == (0, 0)
        assert read == ["三", "四", "五", "六"]

    def test_what_was_set_aside_is_counted_before_it_is_tried_again(
        self, company: Company, read: list[str], deadly: set[str]
    ) -> None:
        light(company, "三")
        self.deaths()
        with clock.held_at(NOON):
            assert reactions.retry_given_up() == 1
            with pytest.raises(KeyboardInterrupt):
                reactions.run_all()
        (failure,) = failures()
        assert (failure.tries, failure.error) == (MOST_TRIES - 2, NOT_ENDED)
        assert failure.next_try_at == NOON + timedelta(seconds=20480)
        deadly.clear()
        with clock.held_at(failure.next_try_at):
            assert reactions.run_all() == 1
        assert (read, failures()) == (["三"], [])

    def test_asked_for_again_and_again_it_has_few_tries(self, company: Company, read: list[str]) -> None:
        light(company, "三")
        self.deaths()
        moment, deaths = NOON, 0
        with clock.held_at(moment):
            reactions.retry_given_up()
        while failures()[0].tries < MOST_TRIES:
            with clock.held_at(moment), pytest.raises(KeyboardInterrupt):
                reactions.run_all()
            moment, deaths = failures()[0].next_try_at, deaths + 1
        assert deaths == MOST_BEGINNINGS
        with clock.held_at(moment):
            assert reactions.run_all() == 0

    def test_what_cannot_be_committed_is_given_up_too(self, company: Company) -> None:
        make_engagement(make_operator(), make_desk(company))

        @reacts_to(LampLit, name="forger")
        def forge(event: Recorded) -> None:
            Engagement.objects.update(operator_id=2**40)  # looked at when all is committed

        reactions.enrol()
        light(company, "一")
        for _ in range(MOST_BEGINNINGS):
            with pytest.raises(IntegrityError):
                reactions.run_all()
        assert reactions.run_all() == 0
        assert [(f.reader, f.error) for f in failures()] == [("forger", NOT_ENDED)]


class TestFailing:
    @pytest.fixture
    def trouble(self) -> dict[str, Exception]:
        """Lamps whose event cannot be digested, with what is raised; taken out, they can be."""
        return {"二": ValueError("cannot read two")}

    @pytest.fixture
    def read(self, trouble: dict[str, Exception]) -> list[str]:
        read: list[str] = []

        @reacts_to(LampLit, name="diary")
        def note(event: Recorded) -> None:
            where = event.fact().data()["where"]
            Desk.objects.update(name=where)
            if where in trouble:
                raise trouble[where]
            read.append(where)

        reactions.enrol()
        return read

    def test_it_is_set_aside_and_stops_nothing(self, company: Company, read: list[str]) -> None:
        light(company, "一", "二", "三")
        with clock.held_at(NOON):
            reactions.run_all()
        assert read == ["一", "三"]
        (failure,) = failures()
        assert (failure.reader, failure.tries, failure.company_id) == ("diary", 1, company.pk)
        assert failure.error == "ValueError('cannot read two')"
        assert failure.next_try_at == NOON + timedelta(seconds=20)

    def test_what_it_had_written_is_undone(self, company: Company, read: list[str]) -> None:
        desk = make_desk(company, name="元の名")
        light(company, "二")
        reactions.run_all()
        with scope.acting_for([company.pk]):
            assert Desk.objects.get(pk=desk.pk).name == "元の名"

    def test_a_broken_query_of_one_does_not_break_the_next(
        self, company: Company, read: list[str], trouble: dict[str, Exception]
    ) -> None:
        @reacts_to(LampLit, name="clumsy")
        def stumble(event: Recorded) -> None:
            connection.cursor().execute("SELECT 1/0")

        reactions.enrol()
        trouble.clear()
        light(company, "一", "二")
        reactions.run_all()
        assert read == ["一", "二"]
        assert [f.reader for f in failures()] == ["clumsy", "clumsy"]

    def test_it_is_tried_again_when_due_and_then_forgotten(
        self, company: Company, read: list[str], trouble: dict[str, Exception]
    ) -> None:
        light(company, "二")
        with clock.held_at(NOON):
            reactions.run_all()
        trouble.clear()
        with clock.held_at(NOON + timedelta(seconds=19)):
            assert reactions.run_all() == 0
        assert read == []
        with clock.held_at(NOON + timedelta(seconds=20)):
            assert reactions.run_all() == 1
        assert read == ["二"]
        assert failures() == []

    def test_a_process_that_is_to_end_leaves_what_is_due_to_another(
        self,
        company: Company,
        read: list[str],
        trouble: dict[str, Exception],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        trouble["三"] = ValueError("nor three")
        light(company, "二", "三")
        with clock.held_at(NOON):
            reactions.run_all()
        trouble.clear()
        # It is asked to end while it tries the first of them.
        monkeypatch.setattr(reactions, "is_stopping", lambda: bool(read))
        with clock.held_at(NOON + timedelta(seconds=20)):
            assert reactions.run_all() == 1

        assert read == ["二"]
        assert [failure.tries for failure in failures()] == [1]

    def test_the_pauses_grow_and_end(self, company: Company, read: list[str]) -> None:
        light(company, "二")
        moment, pauses = NOON, []
        with clock.held_at(moment):
            reactions.run_all()
        for _ in range(12):
            (failure,) = failures()
            pauses.append(int((failure.next_try_at - moment).total_seconds()))
            moment = failure.next_try_at
            with clock.held_at(moment):
                reactions.run_all()
        assert pauses[:8] == [20, 80, 320, 1280, 5120, 20480, 21600, 21600]
        assert failures()[0].tries == MOST_TRIES

    def test_what_was_given_up_is_tried_again_when_somebody_asks(
        self, company: Company, read: list[str], trouble: dict[str, Exception]
    ) -> None:
        light(company, "二")
        moment = NOON
        for _ in range(MOST_TRIES):
            with clock.held_at(moment):
                reactions.run_all()
            moment = failures()[0].next_try_at
        trouble.clear()
        with clock.held_at(moment):
            assert reactions.run_all() == 0
            assert reactions.retry_given_up() == 1
            assert reactions.run_all() == 1
            assert reactions.retry_given_up() == 0
        assert (read, failures()) == (["二"], [])

    def test_what_cannot_be_read_yet_is_not_taken_for_handled(
        self, company: Company, read: list[str], connect: Connect
    ) -> None:
        with connect() as older:
            older.execute("SELECT pg_current_xact_id()")
            light(company, "一")
            with scope.acting_for([company.pk]):
                event = Event.objects.latest("id")
                FailedReaction.objects.create(
                    company_id=company.pk, reader="diary", event_id=event.pk, next_try_at=NOON, error="x"
                )
            with clock.held_at(NOON):
                reactions.run_all()
            (failure,) = failures()
            assert (read, failure.tries, failure.next_try_at) == ([], 1, NOON + timedelta(seconds=20))
            older.rollback()
        with clock.held_at(NOON + timedelta(seconds=20)):
            reactions._retry_failed()
        assert (read, failures()) == (["一"], [])

    def test_a_reader_that_is_gone_is_not_asked_again(self, company: Company, read: list[str]) -> None:
        light(company, "二")
        with clock.held_at(NOON):
            reactions.run_all()
        reactions._reactions.clear()
        with clock.held_at(NOON + timedelta(days=1)):
            assert reactions.run_all() == 0
        assert failures()[0].tries == 1


class TestManyWorkers:
    def test_while_one_reads_another_passes_by(
        self, company: Company, seen: list[str], connect: Connect
    ) -> None:
        light(company, "一")
        other = connect()
        other.execute("SELECT FROM infra_reader WHERE name = 'diary' FOR UPDATE")
        assert reactions.run_all() == 0
        assert seen == []
        other.rollback()
        assert reactions.run_all() == 1
        assert seen == ["一"]

    def test_two_at_once_read_each_event_once(self, company: Company, seen: list[str]) -> None:
        names = [str(n) for n in range(60)]
        light(company, *names)

        def work(_: int) -> None:
            try:
                reactions.run_all()
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, range(4)))
        reactions.run_all()
        assert seen == names

    def test_with_nothing_to_read_nobody_takes_a_transaction_id(
        self, company: Company, seen: list[str]
    ) -> None:
        """Readers of the log wait for every transaction that has one."""
        light(company, "一")
        reactions.run_all()
        before = Reader.objects.get(name="diary")
        with transaction.atomic(), connection.cursor() as cursor:
            reactions.run_all()
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,)
        assert Reader.objects.get(name="diary").event_id == before.event_id
