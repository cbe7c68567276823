"""Places kept in a queue: promised, dialled when it is their turn, tried again, and given up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message, Note, Status
from madoguchi.channels.phone.actions import finish
from madoguchi.channels.phone.broken import finish_what_broke
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.actions import Said, write_consent
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import keep_promise
from madoguchi.promises.models import Promise
from madoguchi.tasks.models import Task
from madoguchi.voice.actions import Begun, Over, begin_call, note_answered
from madoguchi.voice.logic import By, Outcome, Ring, Span, Spent
from madoguchi.voice.models import AgentPhone, Call, PlannedCall
from madoguchi.voice.outgoing import (
    AT_ONCE,
    MOST_PLACES_A_DAY,
    Taken,
    due_plans,
    may_be_called,
    may_call_more,
    take_plan,
)
from madoguchi.voice.phones import set_ready

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
CUSTOMER = "+819012345678"


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def number(world: World) -> Iterator[EntryPoint]:
    """A number of our desk; all of it is seen by its company, at noon."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with scope.acting_for([point.company_id]), clock.held_at(NOON):
        yield point


def over(outcome: Outcome, *, person: int = 0, **more: Any) -> Over:
    """How a call went: `person` of ours answered it."""
    rings = (Ring(person, at(0), at(5), answered=True),) if person else ()
    return Over(outcome=outcome, ended_by=By.CALLER, answered_at=at(1), ended_at=at(70), rings=rings, **more)


def promised(number: EntryPoint, *, caller: str = CUSTOMER, uid: str = "one", waited: bool = True) -> Call:
    """Somebody waited from second five on, and wished to be called back."""
    begin_call(number, Begun(uid=uid, caller=caller, flow=0, at=NOON))
    waits = {"place_since": at(5)} if waited else {}
    finish(uid, over(Outcome.CALL_BACK, **waits), company=number.company_id)
    return Call.objects.get(uid=uid)


def ready(user: User) -> int:
    set_ready(ready=True, by=actor_of(user))
    return user.pk


def tried(number: EntryPoint, user: User, outcome: Outcome, *, uid: str, when: datetime, **more: Any) -> None:
    """Their turn came, somebody of ours answered, and so it ended."""
    with clock.held_at(when):
        AgentPhone.objects.update(seen_at=when)
        assert take_plan(PlannedCall.objects.get().pk, uid) is not None
        finish(uid, over(outcome, person=user.pk, **more), company=number.company_id)


def kinds() -> list[str]:
    rows = Event.objects.filter(kind__startswith="call.plan").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_a_place_that_is_kept_is_a_promise_in_a_case(number: EntryPoint) -> None:
    call = promised(number)

    plan, promise = PlannedCall.objects.get(), Promise.objects.get()
    assert (plan.origin, plan.number, plan.since, plan.state) == (call, CUSTOMER, at(5), "waiting")
    assert (plan.promise, plan.message_id) == (promise, call.message_id)
    assert (promise.kind, promise.due_at, promise.message_id) == (
        "call_back",
        NOON + timedelta(hours=1),
        call.message_id,
    )
    assert not Task.objects.exists()
    assert kinds() == ["call.planned"]


@pytest.mark.parametrize(
    ("caller", "waited"), [(CUSTOMER, False), ("+819901234567", True), ("+14155550100", True)]
)
def test_who_did_not_wait_or_must_not_be_called_is_promised_a_call_of_somebody(
    number: EntryPoint, caller: str, waited: bool
) -> None:
    promised(number, caller=caller, waited=waited)

    assert not PlannedCall.objects.exists()
    assert not Task.objects.exists()
    [told] = Promise.objects.all()
    assert (told.kind, told.due_at, told.words) == (
        "call_back",
        NOON + timedelta(hours=1),
        "お客様のご希望により、折り返し電話する",
    )


def test_who_was_cut_off_by_us_is_called_and_promised_so(number: EntryPoint) -> None:
    with clock.held_at(NOON):
        begin_call(number, Begun(uid="one", caller=CUSTOMER, flow=0, at=NOON))
    cut = replace(over(Outcome.BROKEN), place_since=NOON)
    with clock.held_at(at(9)):
        finish("one", cut, company=number.company_id)

    plan, promise = PlannedCall.objects.get(), Promise.objects.get()
    assert (plan.promise, plan.number, plan.since) == (promise, CUSTOMER, NOON)
    assert (promise.kind, promise.words) == ("call_back", "当方の障害で電話が切れたため、折り返し電話する")
    assert not Task.objects.exists()

    with clock.held_at(at(60)):
        begin_call(number, Begun(uid="two", caller=CUSTOMER, flow=0, at=at(60)))
        finish("two", over(Outcome.TALKED), company=number.company_id)
    assert (PlannedCall.objects.get().state, Promise.objects.get().state) == ("done", "kept")


def test_who_is_promised_a_call_by_somebody_and_calls_again_is_owed_none(number: EntryPoint) -> None:
    promised(number, waited=False)

    with clock.held_at(at(60)):
        begin_call(number, Begun(uid="two", caller=CUSTOMER, flow=0, at=at(60)))
        finish("two", over(Outcome.TALKED), company=number.company_id)

    assert [told.state for told in Promise.objects.all()] == ["kept"]


def test_a_number_has_one_place_at_a_desk_at_a_time(number: EntryPoint) -> None:
    promised(number)

    promised(number, uid="two")
    promised(number, uid="another", caller="+819011112222")

    waiting = PlannedCall.objects.order_by("pk").values_list("origin__uid", "number")
    assert list(waiting) == [("one", CUSTOMER), ("another", "+819011112222")]
    assert Promise.objects.count() == 2  # who waits already is owed one call


def test_a_number_that_bids_for_calls_all_day_is_left_to_people(number: EntryPoint) -> None:
    for one in range(MOST_PLACES_A_DAY):
        promised(number, uid=str(one))
        PlannedCall.objects.update(state=PlannedCall.State.DONE)

    promised(number, uid="too much")

    assert PlannedCall.objects.count() == MOST_PLACES_A_DAY
    assert not PlannedCall.objects.filter(origin__uid="too much").exists()
    with clock.held_at(NOON + timedelta(days=1, seconds=6)):
        promised(number, uid="tomorrow")
    assert PlannedCall.objects.count() == MOST_PLACES_A_DAY + 1


@pytest.mark.parametrize(
    ("called", "allowed"),
    [
        ("+81312345678", True),
        ("+819901234567", False),
        ("+81570000000", False),
        ("+14155550100", False),
        ("", False),
        ("+81112311111", True),
        ("+811019005551212", False),
        ("+8118099123456", False),
        ("+8101701234567", False),
        ("+8102041234567", False),
        ("+81204123456", False),
        ("+81", False),
    ],
)
def test_which_numbers_are_called(called: str, allowed: bool) -> None:
    assert may_be_called(called) is allowed


def test_what_is_said_in_most_digits_decides_which_numbers_are_called() -> None:
    with override_settings(CALL_DESTINATIONS=("+1", "!+1900", "+1900255")):
        answers = [may_be_called(n) for n in ("+14155550100", "+19005550100", "+19002550100", "+81312345678")]

    assert answers == [True, False, True, False]


def test_one_place_is_taken_once_with_somebody_who_is_free(number: EntryPoint, world: World) -> None:
    origin = promised(number)
    [due] = due_plans()
    assert (due.company, due.entry_point, due.since) == (number.company_id, number.pk, at(5))
    assert take_plan(due.pk, "two") is None
    assert PlannedCall.objects.get().state == "waiting"

    person = ready(world.ours.agent)
    assert take_plan(due.pk, "two") == Taken("two", person, CUSTOMER, number, NOON, "recorded")
    assert take_plan(due.pk, "three") is None

    call, phone = Call.objects.get(uid="two"), AgentPhone.objects.get()
    assert (call.direction, call.called, call.caller) == ("out", number.address, CUSTOMER)
    assert (call.plan_id, call.message_id, phone.state, phone.call) == (
        due.pk,
        origin.message_id,
        "ringing",
        "two",
    )
    assert due_plans() == []
    told = Event.objects.get(kind="call.placed").data
    assert {"call": call.pk, "person": person, "tries": 1}.items() <= told.items()
    assert CUSTOMER not in str(list(Event.objects.values_list("data", flat=True)))


def test_many_who_wait_at_one_number_hide_nobody_who_waits_at_another(
    number: EntryPoint, world: World
) -> None:
    """Nobody is free there, so that all of them stay where they are."""
    place = keep_many(number, AT_ONCE + 1)
    later = make_entry_point(world.theirs.desk, kind=Channel.PHONE)
    with scope.acting_for([later.company_id]):
        keep_many(later, 2, since=at(6000))
    assert take_plan(place.pk, "two") is None

    dues = due_plans()

    assert [(due.entry_point, due.since) for due in dues] == [(number.pk, at(0)), (later.pk, at(6000))]
    assert dues[0].pk == place.pk


def keep_many(
    number: EntryPoint, count: int, *, since: datetime = NOON, case: Case | None = None
) -> PlannedCall:
    """So many wait, each a second longer than the next; the first of them."""
    where = {"company_id": number.company_id, "entry_point": number, "desk_id": number.desk_id}
    message = Message.objects.get(case=case or make_case(number)).pk
    rows = []
    for one in range(count):
        uid = f"{number.pk} {one}"
        begun = {"offered_at": since, "alive_at": since, "message_id": message}
        call = Call.objects.create(**where, uid=uid, called="", **begun)
        moment = since + timedelta(seconds=one)
        rows.append(
            PlannedCall(**where, origin=call, number=CUSTOMER, since=moment, next_at=NOON, message_id=message)
        )
    return PlannedCall.objects.bulk_create(rows)[0]


def test_while_nobody_is_free_no_calls_are_counted(number: EntryPoint, world: World) -> None:
    promised(number)
    pk = PlannedCall.objects.get().pk
    with CaptureQueriesContext(connection) as asked:
        assert take_plan(pk, "two") is None

    assert not [one["sql"] for one in asked if "talk_seconds" in one["sql"] and "SUM(" in one["sql"]]
    ready(world.ours.agent)
    with CaptureQueriesContext(connection) as asked:
        assert take_plan(pk, "two") is not None
    sums = [one["sql"] for one in asked if "SUM(" in one["sql"]]
    assert [
        table for table in ("voice_call", "voice_outsideleg") for sql in sums if f'FROM "{table}"' in sql
    ] == [
        "voice_call",
        "voice_outsideleg",
    ]


def test_a_phone_is_let_be_where_no_more_may_be_called(number: EntryPoint, world: World) -> None:
    promised(number)
    ready(world.ours.agent)

    with override_settings(CALLS_OUT_A_DAY=0):
        assert take_plan(PlannedCall.objects.get().pk, "two") is None

    assert (AgentPhone.objects.get().state, AgentPhone.objects.get().call) == ("ready", "")


def test_what_must_not_be_called_any_more_is_not(number: EntryPoint, world: World) -> None:
    promised(number)
    ready(world.ours.agent)

    with override_settings(CALL_DESTINATIONS=("+81", "!+8190")):
        assert take_plan(PlannedCall.objects.get().pk, "two") is None

    assert (PlannedCall.objects.get().state, AgentPhone.objects.get().state) == ("dropped", "ready")
    assert Event.objects.get(kind="call.plan_dropped").data["reason"] == "destination"
    assert not Call.objects.filter(uid="two").exists()


def test_a_place_of_another_company_is_not_taken(number: EntryPoint, world: World) -> None:
    promised(number)
    ready(world.ours.agent)
    pk = PlannedCall.objects.get().pk

    with scope.acting_for([world.theirs.company.pk]):
        assert take_plan(pk, "two") is None

    assert PlannedCall.objects.get().state == "waiting"
    assert AgentPhone.objects.get().state == "ready"


def test_who_was_talked_with_has_what_was_promised(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    promised(number)
    talk = (Span(Spent.TALK, at(5), at(65)),)

    sound = files.put_sealed([b"sound"], company=number.company_id)
    tried(number, world.ours.agent, Outcome.TALKED, uid="two", when=at(600), spans=talk, talk=sound)

    message = Message.objects.order_by("id").last()
    case = Case.objects.get()
    assert message is not None
    assert message.text.split("\n") == [
        "お客様にお電話し、お話ししました。録音を添付しています。",
        "通話の長さ: 1:00",
    ]
    assert (message.author, message.user, message.channel, message.case) == (
        "staff",
        world.ours.agent,
        "phone",
        case,
    )
    [file] = Attachment.objects.filter(message=message)
    assert (file.filename, file.sha256, file.size) == ("talk.wav", sound.sha256, 5)
    assert (case.waiting_since, case.first_replied_at) == (None, message.at)
    assert (PlannedCall.objects.get().state, Promise.objects.get().state) == ("done", "kept")
    assert Call.objects.get(uid="two").message_id == message.pk
    finish("two", over(Outcome.TALKED, spans=talk), company=number.company_id)
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("outcome", "words", "again"),
    [
        (Outcome.BUSY, "お客様にお電話しましたが(1 回目)、お話し中でした。", 5),
        (Outcome.NO_ANSWER, "お客様にお電話しましたが(1 回目)、お出になりませんでした。", 10),
        (Outcome.UNREACHED, "お客様にお電話しましたが(1 回目)、つながりませんでした。", 10),
        (Outcome.STOPPED, "お客様にお電話しましたが(1 回目)、お出になる前に切りました。", 10),
    ],
)
def test_who_was_not_reached_is_tried_again(
    number: EntryPoint, world: World, outcome: Outcome, words: str, again: int
) -> None:
    ready(world.ours.agent)
    promised(number)

    tried(number, world.ours.agent, outcome, uid="two", when=at(600))

    plan = PlannedCall.objects.get()
    assert (plan.state, plan.tries, plan.next_at) == ("waiting", 1, at(600) + timedelta(minutes=again))
    assert [note.text for note in Note.objects.all()] == [words]
    assert (Promise.objects.get().state, Message.objects.count()) == ("open", 1)
    with clock.held_at(plan.next_at - timedelta(seconds=1)):
        assert due_plans() == []
    with clock.held_at(plan.next_at):
        assert [due.pk for due in due_plans()] == [plan.pk]


def test_after_three_tries_it_is_somebodys_task(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    promised(number)

    for count in range(3):
        AgentPhone.objects.update(state="ready", call="")
        tried(number, world.ours.agent, Outcome.BUSY, uid=f"try {count}", when=at(600 * (count + 1)))

    assert (PlannedCall.objects.get().state, Promise.objects.get().state) == ("dropped", "open")
    assert [(task.title, task.due_at) for task in Task.objects.all()] == [
        ("お客様に折り返し電話する", at(1800))
    ]
    assert Note.objects.count() == 3
    assert Event.objects.get(kind="call.plan_dropped").data["reason"] == "tries"


def test_what_nobody_of_ours_took_is_no_try(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    promised(number)
    assert take_plan(PlannedCall.objects.get().pk, "two") is not None

    finish("two", over(Outcome.STOPPED), company=number.company_id)

    plan = PlannedCall.objects.get()
    assert (plan.state, plan.tries, plan.next_at) == ("waiting", 0, NOON)
    assert not Note.objects.exists()


def test_a_gateway_that_was_killed_leaves_the_place_as_it_was(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    promised(number)
    assert take_plan(PlannedCall.objects.get().pk, "two") is not None

    with clock.held_at(at(91)):
        assert finish_what_broke() == 1

    assert (PlannedCall.objects.get().state, PlannedCall.objects.get().tries) == ("waiting", 0)
    assert (Call.objects.get(uid="two").outcome, AgentPhone.objects.get().state) == ("broken", "ready")


@pytest.mark.parametrize("how", ["solved", "kept", "erased"])
def test_nobody_is_called_about_what_is_settled(number: EntryPoint, world: World, how: str) -> None:
    promised(number)
    ready(world.ours.agent)
    match how:
        case "solved":
            Case.objects.update(status=Status.SOLVED)
        case "kept":
            keep_promise(Promise.objects.get(), by=actor_of(world.ours.agent))
        case "erased":
            PlannedCall.objects.update(number="")

    assert take_plan(PlannedCall.objects.get().pk, "two") is None

    assert (PlannedCall.objects.get().state, AgentPhone.objects.get().state) == ("dropped", "ready")
    assert Event.objects.get(kind="call.plan_dropped").data["reason"] == "settled"
    assert not Call.objects.filter(uid="two").exists()


def test_who_refuses_calls_after_they_asked_for_one_is_not_called(number: EntryPoint, world: World) -> None:
    promised(number)
    ready(world.ours.agent)
    said = Said(purpose="matter", ways=("phone",), given=False, how="mail")
    with clock.held_at(at(80)):
        write_consent(Case.objects.get().customer, said, by=actor_of(world.ours.agent))

    assert take_plan(PlannedCall.objects.get().pk, "two") is None

    assert (PlannedCall.objects.get().state, AgentPhone.objects.get().state) == ("dropped", "ready")
    assert Event.objects.get(kind="call.plan_dropped").data["reason"] == "refused"


@pytest.mark.parametrize("limit", ["CALLS_OUT_A_DAY", "MINUTES_OUT_A_DAY"])
def test_a_company_calls_only_so_much_a_day(number: EntryPoint, world: World, limit: str) -> None:
    ready(world.ours.agent)
    promised(number)
    tried(number, world.ours.agent, Outcome.BUSY, uid="two", when=at(1))
    AgentPhone.objects.update(state="ready", call="", seen_at=at(900))

    with clock.held_at(at(600)), override_settings(**{limit: 1}):
        assert take_plan(PlannedCall.objects.get().pk, "three") is None
    plan = PlannedCall.objects.get()
    assert (plan.state, plan.next_at) == ("waiting", at(900))
    with clock.held_at(at(900)), override_settings(**{limit: 2}):
        assert take_plan(plan.pk, "three") is not None


def test_what_a_call_has_lasted_that_still_goes_on_counts(number: EntryPoint, world: World) -> None:
    ready(world.ours.agent)
    promised(number)
    taken = take_plan(PlannedCall.objects.get().pk, "two")
    assert taken is not None
    note_answered("two", at=at(10))

    with override_settings(MINUTES_OUT_A_DAY=2):
        with clock.held_at(at(129)):
            assert may_call_more(number.company_id)
        with clock.held_at(at(130)):
            assert not may_call_more(number.company_id)
            with world.theirs.scope():
                assert may_call_more(world.theirs.company.pk)


def test_calls_of_a_company_are_counted_one_after_another(number: EntryPoint) -> None:
    """Else two gateways would both find room for the last one."""
    with CaptureQueriesContext(connection) as asked:
        assert may_call_more(number.company_id)

    lock, calls, rung_outside = (one["sql"] for one in asked)
    assert "pg_advisory_xact_lock" in lock
    assert 'FROM "voice_call"' in calls
    assert 'FROM "voice_outsideleg"' in rung_outside


def test_fifty_numbers_where_nobody_is_free_hide_no_other(number: EntryPoint, world: World) -> None:
    places = [keep_many(number, 1)]
    case = make_case(number)
    more = [make_entry_point(world.ours.desk, kind=Channel.PHONE) for _one in range(AT_ONCE)]
    for later, point in enumerate(more):
        places.append(keep_many(point, 1, since=at(later), case=case))

    first = due_plans()
    assert [due.pk for due in first] == [place.pk for place in places[:AT_ONCE]]

    assert [due.pk for due in due_plans(first[-1])] == [places[AT_ONCE].pk]
    assert due_plans(due_plans(first[-1])[-1]) == []


def test_who_calls_again_and_is_talked_with_is_not_called_back(number: EntryPoint, world: World) -> None:
    promised(number)
    begin_call(number, Begun(uid="again", caller=CUSTOMER, flow=0, at=at(90)))
    begin_call(number, Begun(uid="other", caller="+819087654321", flow=0, at=at(90)))

    finish("other", over(Outcome.TALKED, person=world.ours.agent.pk), company=number.company_id)
    assert PlannedCall.objects.get().state == "waiting"

    finish("again", over(Outcome.TALKED, person=world.ours.agent.pk), company=number.company_id)
    assert (PlannedCall.objects.get().state, Promise.objects.get().state) == ("done", "kept")
