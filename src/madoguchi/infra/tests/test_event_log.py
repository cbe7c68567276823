"""The log: nothing is lost whatever the order of commits, nothing can be changed, and tampering is found."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.db import Error, connection, transaction
from tests.servers.ground import until

from madoguchi.companies.factories import make_company
from madoguchi.companies.models import Company
from madoguchi.infra import event_log, scope
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.models import Event, Seal
from madoguchi.infra.scope import Unscoped
from madoguchi.infra.tests.happenings import LampLit
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, system

AsOwner = Callable[[], AbstractContextManager[None]]
Connect = Callable[[], psycopg.Connection[Any]]
START = Cursor()
HANAKO = Actor(kind=ActorKind.PERSON, name="佐藤 花子", id=7)

pytestmark = pytest.mark.django_db(transaction=True)


def light(company: Company, where: str = "玄関") -> int:
    """Record that a lamp was lit, in a transaction of its own."""
    with scope.acting_for([company.pk]):
        return event_log.record(LampLit(company=company.pk, case=3, desk=4, where=where), by=HANAKO)


def read(place: Cursor = START, *, most: int = 500) -> list[Recorded]:
    """What a reader of all companies gets."""
    with scope.everywhere(reason="a test reads the log"):
        return event_log.read_after(place, most=most)


def seal(*, most: int = 5000) -> int:
    """Seal, as the worker does, when all that was recorded is settled."""
    with scope.everywhere(reason="a test seals the log"):
        # The server counts rows for its planner when it likes, in transactions that may hold the log back a moment.
        until(lambda: not event_log.has_unsettled(), what="the end of what runs")
        return event_log.seal(most=most)


def seal_what_is_settled() -> int:
    with scope.everywhere(reason="a test seals the log while something runs"):
        return event_log.seal()


def problems() -> list[str]:
    """What an audit finds."""
    with scope.everywhere(reason="a test verifies the log"):
        return list(event_log.verify())


def begin(connect: Connect, company: Company, where: str) -> psycopg.Connection[Any]:
    """Another process that has recorded something and not committed yet."""
    other = connect()
    other.execute("SELECT set_config('app.companies', '*', true)")
    other.execute(
        "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, data)"
        " VALUES (%s, 'test.lamp_lit', 'system', 'other', jsonb_build_object('where', %s::text))",
        [company.pk, where],
    )
    return other


@contextmanager
def unguarded(as_owner: AsOwner) -> Iterator[None]:
    """What somebody with the owner's rights can do who wants to change history."""
    tables = ("infra_event", "infra_seal")
    with as_owner(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def words(events: list[Recorded]) -> list[str]:
    return [event.fact().data()["where"] for event in events]


def much_happened(*companies: Company, as_owner: AsOwner) -> None:
    """So much that the planner has reasons for what it chooses."""
    with scope.everywhere(reason="a test fills the log"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, data)"
            " SELECT company, 'test.lamp_lit', 'system', 'test', '{}'"
            " FROM generate_series(1, 2000), unnest(%s) AS company",
            [[company.pk for company in companies]],
        )
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE infra_event")


_START: dict[str, object] = {"companies": [1], "tx": "1", "id": 0, "below": str(2**40), "most": 50}


@pytest.mark.parametrize(
    ("statement", "values", "index", "sorts"),
    [
        (event_log._READ, ["1", 0, str(2**40), 50], "event_order", 0),
        # What was read of each company is put together; of none is all that is still to come sorted.
        (event_log._READ_OF, _START, "event_order_of_company", 1),
    ],
    ids=["all", "of some"],
)
def test_what_comes_next_is_read_in_the_order_of_an_index(
    company: Company,
    as_owner: AsOwner,
    statement: str,
    values: list[object] | dict[str, object],
    index: str,
    sorts: int,
) -> None:
    """To sort would be to read all that is still to come, at every step through a backlog."""
    much_happened(company, make_company(), as_owner=as_owner)
    with transaction.atomic(), connection.cursor() as cursor:
        # Few events are sorted as quickly as they are read: where nothing has to be sorted, nothing is now.
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert f"using {index} " in plan
    assert plan.count("Sort Key") == sorts


class TestRecording:
    def test_an_event_says_what_when_where_and_by_whom(self, company: Company) -> None:
        with clock.held_at(datetime(2026, 4, 1, 9, 30, tzinfo=UTC)):
            event_id = light(company, "縁側")
        (event,) = read()
        assert (event.id, event.kind, event.company, event.case, event.desk) == (
            event_id,
            "test.lamp_lit",
            company.pk,
            3,
            4,
        )
        assert event.at == datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
        assert (event.actor_kind, event.actor_id, event.actor_name) == ("person", 7, "佐藤 花子")
        assert event.fact() == LampLit(company=company.pk, case=3, desk=4, where="縁側", watts=40)

    def test_the_system_acts_under_a_name(self, company: Company) -> None:
        with scope.acting_for([company.pk]):
            event_log.record(LampLit(company=company.pk, where="台所"), by=system("intake"))
        (event,) = read()
        assert (event.actor_kind, event.actor_id, event.actor_name) == ("system", None, "intake")
        assert (event.case, event.desk) == (None, None)

    def test_what_is_rolled_back_never_happened(self, company: Company) -> None:
        with pytest.raises(ZeroDivisionError), scope.acting_for([company.pk]):
            event_log.record(LampLit(company=company.pk, where="台所"), by=HANAKO)
            raise ZeroDivisionError
        assert read() == []

    def test_an_event_of_another_company_is_refused(self, company: Company) -> None:
        other = make_company()
        with pytest.raises(Error, match="row-level security"), scope.acting_for([other.pk]):
            event_log.record(LampLit(company=company.pk, where="台所"), by=HANAKO)
        assert read() == []

    def test_listeners_are_told_once_the_event_is_committed(self, company: Company, connect: Connect) -> None:
        listener = connect()
        listener.autocommit = True
        listener.execute(f"LISTEN {event_log.CHANNEL}")
        light(company)
        assert len(list(listener.notifies(timeout=10, stop_after=1))) == 1

    def test_a_scope_reads_its_own_events_only(self, company: Company) -> None:
        other = make_company()
        light(company, "玄関"), light(other, "台所")
        with scope.acting_for([other.pk]):
            assert words(event_log.read_after(Cursor())) == ["台所"]


class TestOrder:
    def test_an_earlier_id_that_commits_later_is_not_lost(self, company: Company, connect: Connect) -> None:
        slow = begin(connect, company, "遅い")
        light(company, "速い")
        assert read() == [], "what may still be preceded must not be read"
        with scope.everywhere(reason="a test asks"):
            assert event_log.has_unsettled()
        slow.commit()
        events = read()
        assert words(events) == ["遅い", "速い"]
        assert [e.id for e in events] == sorted(e.id for e in events)
        with scope.everywhere(reason="a test asks"):
            assert not event_log.has_unsettled()

    def test_whatever_the_order_of_commits_each_event_is_read_once(
        self, company: Company, connect: Connect
    ) -> None:
        names = [f"ランプ{n}" for n in range(12)]
        running = [begin(connect, company, name) for name in names]
        random.Random(7).shuffle(running)
        place, seen = Cursor(), []
        for other in running:
            other.commit()
            events = read(place)
            seen += words(events)
            place = events[-1].cursor if events else place
        assert seen == names

    def test_what_a_transaction_records_after_it_read_is_not_lost(self, company: Company) -> None:
        with scope.everywhere(reason="a reaction reads and records in one transaction"):
            event_log.record(LampLit(company=company.pk, where="一"), by=HANAKO)
            assert event_log.read_after(START) == []
            place = event_log.end_of_log()
            event_log.record(LampLit(company=company.pk, where="二"), by=HANAKO)
        assert words(read(place)) == ["一", "二"]

    def test_a_reader_that_writes_does_not_pass_one_that_began_before_it(
        self, company: Company, connect: Connect
    ) -> None:
        slow = begin(connect, company, "遅い")
        [(running,)] = slow.execute("SELECT pg_current_xact_id()::text::bigint")
        with scope.everywhere(reason="a reaction reads and records in one transaction"):
            event_log.record(LampLit(company=company.pk, where="速い"), by=HANAKO)
            assert event_log.settled_below() <= running
            place = event_log.end_of_log()
        slow.commit()
        assert words(read(place)) == ["遅い", "速い"]

    def test_a_transaction_in_another_database_of_the_server_holds_nothing_back(
        self, company: Company
    ) -> None:
        parameters = {**connection_parameters(), "dbname": "postgres"}
        with psycopg.connect(**parameters) as elsewhere:
            elsewhere.execute("SELECT pg_current_xact_id()")
            light(company, "一")
            assert words(read()) == ["一"]

    def test_pages_follow_one_another(self, company: Company) -> None:
        for n in range(5):
            light(company, str(n))
        first = read(most=2)
        second = read(first[-1].cursor, most=2)
        assert words(first + second + read(second[-1].cursor, most=2)) == ["0", "1", "2", "3", "4"]

    def test_several_events_of_one_transaction_keep_their_order(self, company: Company) -> None:
        with scope.acting_for([company.pk]):
            for where in ("一", "二", "三"):
                event_log.record(LampLit(company=company.pk, where=where), by=HANAKO)
        assert words(read()) == ["一", "二", "三"]

    def test_the_end_of_the_log_comes_after_all_that_is_settled(self, company: Company) -> None:
        light(company, "前")
        with scope.everywhere(reason="a test asks"):
            end = event_log.end_of_log()
        assert read(end) == []
        light(company, "後")
        assert words(read(end)) == ["後"]

    def test_the_end_of_the_log_does_not_pass_what_is_still_running(
        self, company: Company, connect: Connect
    ) -> None:
        slow = begin(connect, company, "遅い")
        with scope.everywhere(reason="a test asks"):
            end = event_log.end_of_log()
        slow.commit()
        assert words(read(end)) == ["遅い"]

    def test_whether_any_is_unsettled_is_known_without_reading_the_log(
        self, company: Company, as_owner: AsOwner
    ) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_name, data)"
                " SELECT %s, 'test.lamp_lit', now(), 'system', 'other', '{}' FROM generate_series(1, 3000)",
                [company.pk],
            )
            cursor.execute("ANALYZE infra_event")
        with scope.everywhere(reason="a test asks"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            assert [event_log.has_unsettled() for _ in range(3)] == [False] * 3
            cursor.execute("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'infra_event'")
            assert cursor.fetchone() == (0,)

    def test_single_events_can_be_read_again(self, company: Company) -> None:
        light(company, "一")
        wanted = light(company, "二")
        with scope.everywhere(reason="a test reads the log"):
            assert words(event_log.read_these([wanted])) == ["二"]
            assert event_log.read_these([]) == []


class TestNeverChanged:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE infra_event SET actor_name = '別人'",
            "DELETE FROM infra_event",
            "TRUNCATE infra_event",
            "UPDATE infra_seal SET count = 0",
            "DELETE FROM infra_seal",
        ],
    )
    def test_the_product_has_no_right_to(self, company: Company, statement: str) -> None:
        light(company)
        seal()
        with pytest.raises(Error, match="permission denied"), scope.everywhere(reason="a test tries"):
            connection.cursor().execute(statement)
        assert len(read()) == 1
        assert problems() == []

    @pytest.mark.parametrize(
        "statement", ["UPDATE infra_event SET actor_name = '別人'", "DELETE FROM infra_seal"]
    )
    def test_a_trigger_stops_even_the_owner(
        self, company: Company, as_owner: AsOwner, statement: str
    ) -> None:
        light(company)
        seal()
        with as_owner(), pytest.raises(Error, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
        assert problems() == []


class TestAudit:
    def test_a_log_left_alone_is_intact(self, company: Company) -> None:
        for n in range(7):
            light(company, str(n))
        assert (seal(most=3), seal(most=3), seal(most=3), seal()) == (3, 3, 1, 0)
        assert problems() == []
        assert Seal.objects.count() == 3

    def test_sealing_nothing_leaves_no_seal(self) -> None:
        assert seal() == 0
        assert Seal.objects.count() == 0

    @pytest.mark.parametrize(
        "crime",
        [
            "UPDATE infra_event SET actor_name = '別人' WHERE id = %s",
            "UPDATE infra_event SET data = data || '{\"watts\": 100}' WHERE id = %s",
            "UPDATE infra_event SET at = at - interval '1 hour' WHERE id = %s",
            "UPDATE infra_event SET case_id = 99 WHERE id = %s",
            "DELETE FROM infra_event WHERE id = %s",
        ],
    )
    def test_a_changed_event_is_found(self, company: Company, as_owner: AsOwner, crime: str) -> None:
        light(company, "一")
        victim = light(company, "二")
        light(company, "三")
        seal()
        light(company, "四")
        seal()
        with unguarded(as_owner):
            connection.cursor().execute(crime, [victim])
        (problem,) = problems()
        assert f"events {victim - 1} to {victim + 1} are not what was sealed" in problem

    def test_an_event_slipped_in_is_found(self, company: Company, as_owner: AsOwner) -> None:
        light(company, "一")
        light(company, "三")
        seal()
        with scope.everywhere(reason="a test looks up the order"):
            tx = Event.objects.latest("id").tx
        with unguarded(as_owner), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO infra_event (company_id, tx, kind, actor_kind, actor_name, data)"
                " VALUES (%s, (%s - 1)::text::xid8, 'test.lamp_lit', '', '', '{}')",
                [company.pk, tx],
            )
        assert len(problems()) == 1

    def test_a_seal_taken_out_is_found(self, company: Company, as_owner: AsOwner) -> None:
        for n in range(3):
            light(company, str(n))
            seal()
        with unguarded(as_owner), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM infra_seal WHERE id = (SELECT id FROM infra_seal ORDER BY id OFFSET 1 LIMIT 1)"
            )
        assert len(problems()) == 1

    def test_the_chain_cannot_fork(self, company: Company) -> None:
        light(company)
        seal()
        link = Seal.objects.get()
        link.pk = None
        with pytest.raises(Error, match="seal_chain_never_forks"):
            link.save(force_insert=True)

    def test_a_part_of_the_log_is_neither_sealed_nor_verified(self, company: Company) -> None:
        light(company)
        with scope.acting_for([company.pk]), pytest.raises(Unscoped):
            event_log.seal()
        with scope.acting_for([company.pk]), pytest.raises(Unscoped):
            list(event_log.verify())
        assert Seal.objects.count() == 0

    def test_what_was_sealed_fits_also_while_less_seems_settled(self, company: Company) -> None:
        """As it does for a moment while a transaction of another database ends: nothing of a seal is missed for it."""
        with scope.everywhere(reason="a test seals"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO infra_event (tx, company_id, kind, actor_kind, actor_name, data)"
                " VALUES ('1099511627776', %s, 'test.lamp_lit', 'system', 'test', '{}')",
                [company.pk],
            )
            events = event_log._recorded(event_log._READ, ["0", 0, str(2**41), 10])
            assert (len(events), event_log.settled_below() < 2**40) == (1, True)
            Seal.objects.create(**event_log._seal_of(events, event_log.NO_SEAL))

            assert list(event_log.verify()) == []

    def test_what_is_not_settled_is_sealed_later(self, company: Company, connect: Connect) -> None:
        slow = begin(connect, company, "遅い")
        light(company, "速い")
        assert seal_what_is_settled() == 0
        slow.commit()
        assert seal() == 2
        assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_what_happened_at_some_companies_is_read_in_the_order_of_the_log() -> None:
    ours, also_ours, theirs = (make_company() for _ in range(3))
    for turn in range(6):
        company = (ours, theirs, also_ours)[turn % 3]
        with scope.acting_for([company.pk]):
            event_log.record(LampLit(company=company.pk, where=str(turn)), by=system("test"))

    mine, read, place = [ours.pk, also_ours.pk, ours.pk], [], Cursor()
    with scope.acting_for(mine):
        while page := event_log.read_after_of(mine, place, most=3):
            read += [event.data()["where"] for event in page]
            place = page[-1].cursor
        assert read == ["0", "2", "3", "5"]
        assert event_log.read_after_of([], Cursor(), most=3) == []


def test_the_index_of_moments_sums_up_what_is_new_by_itself() -> None:
    """Else figures of today would read all that was told since vacuum last came by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'event_at'")
        (told,) = cursor.fetchone()

    assert "autosummarize=on" in told or "autosummarize=true" in told
