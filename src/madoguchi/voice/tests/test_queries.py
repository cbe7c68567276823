"""What others ask of calls: whose they are, which go together, and which nobody has dealt with yet."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.models import Case, Status
from madoguchi.channels.phone import jobs
from madoguchi.channels.phone.actions import finish
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.actions import Begun, Over, begin_call, end_call, keep_alive, note_answered, set_flow
from madoguchi.voice.logic import By, Outcome, Span, Spent
from madoguchi.voice.models import Call, FlowVersion, PlannedCall
from madoguchi.voice.outgoing import may_call_more, talked_anyway
from madoguchi.voice.queries import (
    becomes_case,
    calls_for,
    earlier_try,
    flow_of,
    given_up,
    is_at_work,
    unremembered,
)
from madoguchi.voice.ready import USUAL, WITH_QUEUE

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
CALLER = "+819012345678"


@pytest.fixture
def number(world: World) -> EntryPoint:
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def ring(number: EntryPoint, uid: str, *, caller: str = CALLER, at: datetime = NOON) -> Call:
    with scope.acting_for([number.company_id]), clock.held_at(at):
        return begin_call(number, Begun(uid=uid, caller=caller, flow=0, at=at))


def ended(
    number: EntryPoint, uid: str, outcome: Outcome, *, caller: str = CALLER, at: datetime = NOON
) -> Call:
    """A call of 30 seconds that began then, and became whatever becomes of such a call."""
    ring(number, uid, caller=caller, at=at)
    end = at + timedelta(seconds=30)
    over = Over(
        outcome=outcome,
        ended_by=By.CALLER,
        answered_at=at,
        ended_at=end,
        spans=(Span(Spent.MENU, at, end),),
    )
    with clock.held_at(end):
        finish(uid, over, company=number.company_id)
    return now(number, uid)


def now(number: EntryPoint, uid: str) -> Call:
    with scope.acting_for([number.company_id]):
        return Call.objects.get(uid=uid)


@pytest.mark.parametrize(
    ("outcome", "caller", "becomes"),
    [
        ("message", CALLER, True),
        ("message", "", True),  # who spoke is heard, though they cannot be called
        ("call_back", CALLER, True),
        ("abandoned", CALLER, True),
        ("abandoned", "", False),
        ("broken", CALLER, True),
        ("broken", "", False),
        ("short", CALLER, False),
        ("informed", CALLER, False),
        ("rejected", CALLER, False),
        ("", CALLER, False),
    ],
)
def test_which_calls_become_cases(outcome: str, caller: str, becomes: bool) -> None:
    assert becomes_case(Call(outcome=outcome, caller=caller)) is becomes


@pytest.mark.parametrize(
    ("later", "caller", "same"),
    [
        (timedelta(minutes=1), CALLER, True),
        (timedelta(hours=24), CALLER, True),
        (timedelta(hours=24, seconds=1), CALLER, False),
        (timedelta(minutes=1), "+819099999999", False),
        (timedelta(minutes=1), "", False),
    ],
)
def test_who_calls_again_within_a_day_means_the_same(
    number: EntryPoint, later: timedelta, caller: str, same: bool
) -> None:
    first = ended(number, "first", Outcome.ABANDONED)
    again = ring(number, "again", caller=caller, at=NOON + later)

    with scope.acting_for([number.company_id]):
        assert earlier_try(again) == (first if same else None)
        assert earlier_try(first) is None


def test_what_is_solved_is_not_gone_on_with(number: EntryPoint) -> None:
    first = ended(number, "first", Outcome.ABANDONED)
    again = ring(number, "again", at=NOON + timedelta(hours=1))

    with scope.acting_for([number.company_id]):
        Case.objects.filter(messages=first.message_id).update(status=Status.SOLVED)
        assert earlier_try(again) is None


def test_a_call_to_another_desk_is_another_matter(number: EntryPoint, world: World) -> None:
    ended(number, "first", Outcome.ABANDONED)
    other = make_entry_point(world.theirs.desk, kind=Channel.PHONE)

    again = ring(other, "again", at=NOON + timedelta(minutes=1))

    with scope.acting_for([other.company_id]):
        assert earlier_try(again) is None


def test_a_call_that_became_no_case_leads_nowhere(number: EntryPoint) -> None:
    ended(number, "first", Outcome.SHORT)

    with scope.acting_for([number.company_id]):
        assert earlier_try(ring(number, "again", at=NOON + timedelta(minutes=1))) is None


def test_a_gateway_that_says_its_calls_go_on_keeps_them(number: EntryPoint, world: World) -> None:
    silent, said, over = ring(number, "silent"), ring(number, "said"), ended(number, "over", Outcome.SHORT)
    later = NOON + timedelta(seconds=60)

    with world.ours.scope(), clock.held_at(later):
        keep_alive(["said", "over", "none of ours"])

    assert given_up(silent_since=NOON) == []
    assert given_up(silent_since=later) == [(number.company_id, silent.pk)]
    assert (now(number, "said").alive_at, now(number, "over").alive_at) == (later, over.alive_at)
    assert said.pk in {pk for _company, pk in given_up(silent_since=later + timedelta(seconds=1))}


def test_a_gateway_says_nothing_of_calls_of_another_company(number: EntryPoint, world: World) -> None:
    ring(number, "one")

    with world.theirs.scope(), clock.held_at(NOON + timedelta(seconds=60)):
        keep_alive(["one"])
        note_answered("one", at=NOON)

    assert (now(number, "one").alive_at, now(number, "one").state) == (NOON, "ringing")


def test_a_call_is_taken_once_and_never_after_its_end(number: EntryPoint, world: World) -> None:
    ring(number, "one")
    over = ended(number, "over", Outcome.SHORT)

    with world.ours.scope(), clock.held_at(NOON + timedelta(seconds=5)):
        for seconds in (1, 2):
            note_answered("one", at=NOON + timedelta(seconds=seconds))
            note_answered("over", at=NOON + timedelta(seconds=seconds))

    call = now(number, "one")
    assert (call.state, call.answered_at) == ("answered", NOON + timedelta(seconds=1))
    assert (now(number, "over").state, now(number, "over").answered_at) == ("ended", over.answered_at)


def test_how_a_call_ended_is_news_once(number: EntryPoint, world: World) -> None:
    ended(number, "one", Outcome.SHORT)
    over = Over(outcome=Outcome.MESSAGE, ended_by=By.US, answered_at=NOON, ended_at=NOON)

    with world.ours.scope():
        assert end_call("one", over) is None
        assert Event.objects.filter(kind="call.ended").count() == 1
        with pytest.raises(Call.DoesNotExist):
            end_call("never began", over)

    call = now(number, "one")
    assert (call.outcome, call.ended_by, call.ended_at) == ("short", "caller", NOON + timedelta(seconds=30))


def test_the_job_ends_what_broke_off_and_may_run_twice(number: EntryPoint) -> None:
    ring(number, "one")

    with clock.held_at(NOON + timedelta(minutes=2)):
        for _time in range(2):
            jobs.left_over(timestamp=0)

    call = now(number, "one")
    assert (call.outcome, call.ended_by, call.ended_at) == ("broken", "fault", NOON)
    assert call.spans == [{"spent": "ring", "begin": NOON.isoformat(), "end": NOON.isoformat(), "turn": 0}]
    with scope.acting_for([number.company_id]):
        assert Event.objects.filter(kind="call.ended").count() == 1
        assert Case.objects.filter(messages=call.message_id).count() == 1


def test_of_a_call_that_was_taken_it_is_known_until_when_it_went_on(number: EntryPoint, world: World) -> None:
    ring(number, "one")
    with world.ours.scope(), clock.held_at(NOON + timedelta(seconds=20)):
        note_answered("one", at=NOON + timedelta(seconds=3))

    with clock.held_at(NOON + timedelta(minutes=5)):
        jobs.left_over(timestamp=0)

    spans = [(span["spent"], span["begin"], span["end"]) for span in now(number, "one").spans]
    taken, last = NOON + timedelta(seconds=3), NOON + timedelta(seconds=20)
    assert spans == [
        ("ring", NOON.isoformat(), taken.isoformat()),
        ("menu", taken.isoformat(), last.isoformat()),
    ]


def test_calls_that_nobody_tied_are_looked_for_a_day_long(number: EntryPoint, world: World) -> None:
    call = ended(number, "one", Outcome.ABANDONED)
    ended(number, "short", Outcome.SHORT)
    with world.ours.scope():
        Call.objects.filter(pk=call.pk).update(message_id=None)
    end = NOON + timedelta(seconds=30)

    assert unremembered(ended_before=end) == []
    assert unremembered(ended_before=end + timedelta(seconds=1)) == [(number.company_id, call.pk)]
    assert unremembered(ended_before=end + timedelta(hours=24)) == []


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED, Outcome.BROKEN])
def test_who_gave_up_and_withheld_the_number_is_settled_at_once(number: EntryPoint, outcome: Outcome) -> None:
    ended(number, "withheld", outcome, caller="")

    assert unremembered(ended_before=NOON + timedelta(minutes=5)) == []


def many(number: EntryPoint) -> list[Call]:
    """So many calls of a week, taken and tied, that each way to find some of them has its true price."""
    moments = [NOON - timedelta(minutes=3 * count) for count in range(3000)]
    common = {"entry_point": number, "desk_id": number.desk_id, "company_id": number.company_id}
    over = {"state": "ended", "outcome": "talked", "message_id": 1, "talk_seconds": 60}
    rows = [
        Call(
            **common,
            **over,
            uid=f"many {at:%d%H%M}",
            caller=f"+8190{at:%d%H%M}00",
            offered_at=at,
            ended_at=at,
            alive_at=at,
        )
        for at in moments
    ]
    with scope.acting_for([number.company_id]):
        return Call.objects.bulk_create(rows)


def plan_of(ask: Callable[[], object], table: str) -> str:
    """How the database goes about what is asked of a table, knowing how much is in it."""
    with scope.everywhere(reason="the plan of a query is asked for"), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
        with CaptureQueriesContext(connection) as asked:
            ask()
        [query] = [one["sql"] for one in asked if f'FROM "{table}"' in one["sql"]]
        cursor.execute(f"EXPLAIN {query}")
        return " ".join(line for (line,) in cursor.fetchall())


def test_calls_that_nobody_tied_are_found_by_an_index_of_their_own(number: EntryPoint) -> None:
    many(number)

    assert "call_untied" in plan_of(lambda: unremembered(ended_before=NOON), "voice_call")


def test_calls_that_we_made_within_a_day_are_counted_by_an_index_of_their_own(number: EntryPoint) -> None:
    many(number)
    with clock.held_at(NOON):
        plan = plan_of(lambda: may_call_more(number.company_id), "voice_call")

    assert "call_out" in plan


def test_who_waits_to_be_called_is_found_by_their_number(number: EntryPoint) -> None:
    calls = many(number)
    place = {"entry_point": number, "desk_id": number.desk_id, "company_id": number.company_id, "since": NOON}
    plans = [PlannedCall(**place, origin=one, number=one.caller, next_at=NOON) for one in calls]
    with scope.acting_for([number.company_id]):
        PlannedCall.objects.bulk_create(plans)

    assert "planned_call_of" in plan_of(lambda: talked_anyway(calls[7]), "voice_plannedcall")
    with scope.acting_for([number.company_id]):
        assert [plan.origin for plan in PlannedCall.objects.filter(state="done")] == [calls[7]]


def seen(rows: QuerySet[Call]) -> list[str]:
    return list(rows.values_list("uid", flat=True))


@pytest.mark.parametrize(
    ("side", "role", "sees"),
    [
        ("ours", "agent", ["second", "first"]),
        ("ours", "supervisor", ["second", "first"]),
        ("ours", "manager", ["second", "first"]),
        ("ours", "company_staff", ["second", "first"]),
        ("ours", "company_manager", ["second", "first"]),
        ("theirs", "agent", ["other"]),
        ("theirs", "manager", ["other"]),
        ("theirs", "company_manager", ["other"]),
    ],
)
def test_everybody_sees_the_calls_of_their_own(
    number: EntryPoint, world: World, side: str, role: str, sees: list[str]
) -> None:
    ring(number, "first")
    ring(number, "second", at=NOON + timedelta(minutes=1))
    ring(make_entry_point(world.theirs.desk, kind=Channel.PHONE), "other")

    with scope.everywhere(reason="a test takes the wall of the database away to see that of the query"):
        assert seen(calls_for(actor_of(getattr(getattr(world, side), role)))) == sees


def test_who_runs_the_installation_sees_no_calls(number: EntryPoint, world: World) -> None:
    ring(number, "first")

    with scope.everywhere(reason="a test takes the wall of the database away to see that of the query"):
        assert seen(calls_for(actor_of(world.administrator))) == []


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("agent", False),
        ("supervisor", False),
        ("company_staff", False),
        ("company_manager", True),
    ],
)
def test_who_sets_up_the_desk_says_what_its_callers_meet(
    number: EntryPoint, world: World, role: str, may: bool
) -> None:
    actor = actor_of(getattr(world.ours, role))

    with world.ours.scope():
        if may:
            assert set_flow(number, USUAL, sounds=lambda _name: True, by=actor).number == 1
            assert FlowVersion.objects.get().user_id == actor.id
            return
        with pytest.raises(NotAllowed):
            set_flow(number, USUAL, sounds=lambda _name: True, by=actor)
        assert not FlowVersion.objects.exists()
        assert not Event.objects.filter(kind="phone_flow.changed").exists()


def test_nobody_of_another_company_says_what_our_callers_meet(number: EntryPoint, world: World) -> None:
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            set_flow(number, USUAL, sounds=bool, by=actor_of(world.theirs.company_manager))
        assert not FlowVersion.objects.exists()


def test_only_a_phone_number_has_a_flow(world: World) -> None:
    with world.ours.scope():
        with pytest.raises(Refused, match="この受付口は電話番号ではありません"):
            set_flow(world.ours.entry_point, USUAL, sounds=bool, by=system("test"))
        assert not FlowVersion.objects.exists()


def test_the_last_version_is_what_callers_meet(number: EntryPoint, world: World) -> None:
    def there(_name: str) -> bool:
        return True

    with world.ours.scope():
        usual, first = flow_of(number, sounds=there)
        set_flow(number, USUAL, sounds=there, by=system("test"))
        set_flow(number, WITH_QUEUE, sounds=there, by=system("test"))
        last, second = flow_of(number, sounds=there)

    assert (first, second) == (0, 2)
    assert ("queue" in usual.steps, "queue" in last.steps) == (False, True)


@pytest.mark.parametrize(
    ("opens", "closes", "at_work"),
    [
        (time(9), time(18), True),
        (time(12), time(18), True),  # it is noon in Japan
        (time(9), time(12), False),
        (time(13), time(18), False),
    ],
)
def test_a_desk_is_at_work_in_its_hours(number: EntryPoint, opens: time, closes: time, at_work: bool) -> None:
    with scope.acting_for([number.company_id]):
        Desk.objects.filter(pk=number.desk_id).update(opens=opens, closes=closes)
        desk = Desk.objects.get(pk=number.desk_id)
        friday_noon = datetime(2026, 11, 27, 3, tzinfo=UTC)

        assert is_at_work(desk, friday_noon) is at_work
