"""Customers who are asked by mail how they were helped: when, in which words, and who is not asked."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from tests.rows import all_of

from madoguchi.cases.actions import change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Status
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.customers.actions.consent import Said, write_consent
from madoguchi.customers.models import Customer
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.infra.event_log import Cursor, Recorded
from madoguchi.infra.models import Event
from madoguchi.insight.tests.asked import DAY, HOUR
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import NINE
from madoguchi.surveys.actions import answer_survey
from madoguchi.surveys.factories import make_survey
from madoguchi.surveys.inviting import invite
from madoguchi.surveys.jobs import ask
from madoguchi.surveys.queries import AnswerRate, answer_rate
from madoguchi.surveys.reactions import ask_later

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture(autouse=True)
def asks(world: World) -> None:
    make_survey(world.ours.desk, invite_after=3)


def solved(world: World, *, case: Case | None = None, after: Any = HOUR) -> Case:
    case = case or make_case(world.ours.entry_point)
    with world.ours.scope(), clock.held_at(NINE + after):
        case.refresh_from_db()
        change_status(case, to=Status.SOLVED, by=actor_of(world.ours.agent))
        one = Event.objects.filter(case_id=case.pk, kind="case.status").latest("id")
        who = (one.actor_kind, one.actor_id, one.actor_name, one.company_id, one.case_id, one.desk_id)
        ask_later(Recorded(Cursor(1, one.pk), one.kind, one.at, *who, json.dumps(one.data)))
    return case


def due(after: Any) -> int:
    """The jobs whose time has come run, and run once more; returns how many mails that made."""
    with clock.held_at(NINE + after):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE task_name = 'surveys.ask'"
                " AND status = 'todo' AND scheduled_at <= %s RETURNING args",
                [clock.now()],
            )
            waiting = [json.loads(arguments) for (arguments,) in cursor.fetchall()]
        for arguments in waiting * 2:
            ask(**arguments)
        with scope.everywhere(reason="a test counts all that was sent"):
            return Outgoing.objects.filter(message__automatic="survey", created_at=clock.now()).count()


def sent(world: World) -> list[tuple[int, str]]:
    with world.ours.scope():
        rows = (
            Outgoing.objects.filter(message__automatic="survey")
            .select_related("message")
            .order_by("created_at")
        )
        return [(one.message.case_id, one.text) for one in rows]


def test_each_is_asked_once_so_many_hours_after_it_was_solved(world: World) -> None:
    case = solved(world)
    with world.ours.scope():
        before = Case.objects.values().get(pk=case.pk)

    asked = [due(after) for after in (3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR)]

    assert asked == [0, 1, 0, 0]
    [(to, text)] = sent(world)
    number = case.spoken_number(world.ours.company.prefix)
    assert to == case.pk
    assert f"お問い合わせ {number} は先ごろ解決となりました" in text
    assert "/my/" in text
    with world.ours.scope():
        kept = Message.objects.get(automatic="survey")
        assert "/my/" not in kept.text
        assert (kept.author, kept.subject) == ("system", f"対応はいかがでしたか [{number}]")
        assert Case.objects.values().get(pk=case.pk) == before
        event = Event.objects.get(kind="survey.invited")
        assert (event.case_id, event.actor_name) == (case.pk, "surveys")
        assert Outgoing.objects.get(message=kept).cause == event.pk


def test_a_stranger_has_us_write_no_address_in_their_name(world: World) -> None:
    case = solved(world)
    with world.ours.scope():
        Message.objects.filter(case=case).update(sender_name="当選 https://evil.example/win")

    assert due(4 * HOUR) == 1
    [(_to, text)] = sent(world)
    assert "当選" in text
    assert "evil.example" not in text


def test_of_two_workers_one_asks(world: World) -> None:
    case = solved(world)
    with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
        first, second = invite(case.pk), invite(case.pk)

    assert first is not None
    assert second is None
    assert len(sent(world)) == 1


@pytest.mark.parametrize(("after", "mails"), [(28 * HOUR - timedelta(minutes=1), 1), (28 * HOUR, 0)])
def test_who_could_not_be_asked_in_time_is_asked_within_a_day(world: World, after: Any, mails: int) -> None:
    solved(world)
    assert due(after) == mails


def test_what_is_open_again_or_answered_is_not_asked(world: World) -> None:
    case, other = solved(world), solved(world)
    with world.ours.scope(), clock.held_at(NINE + 2 * HOUR):
        change_status(Case.objects.get(pk=case.pk), to=Status.OPEN, by=actor_of(world.ours.agent))
        answer_survey(Case.objects.get(pk=other.pk), {"solved": "yes", "satisfied": "5"})

    assert (due(4 * HOUR), sent(world)) == (0, [])


def test_nobody_is_asked_twice_within_thirty_days(world: World) -> None:
    case = solved(world)
    assert due(4 * HOUR) == 1
    with world.ours.scope():
        customer = Customer.objects.get(pk=case.customer_id)
    with clock.held_at(NINE + 10 * DAY):
        second = make_case(world.ours.entry_point)
    with world.ours.scope():
        Case.objects.filter(pk=second.pk).update(customer=customer)
    solved(world, case=second, after=10 * DAY)
    assert due(10 * DAY + 4 * HOUR) == 0
    with world.ours.scope(), clock.held_at(NINE + 31 * DAY):
        change_status(Case.objects.get(pk=second.pk), to=Status.OPEN, by=actor_of(world.ours.agent))
    solved(world, case=second, after=32 * DAY)

    assert due(32 * DAY + 4 * HOUR) == 1


@pytest.mark.parametrize("hindrance", ["complaint", "stopped", "refused", "off", "phone", "noreply"])
def test_who_is_not_to_be_asked_is_left_alone(world: World, hindrance: str) -> None:
    case = solved(world)
    hinder(world, case, hindrance)
    before = all_of(world.ours.company.pk)

    assert due(4 * HOUR) == 0

    assert all_of(world.ours.company.pk) == before


def test_a_desk_that_does_not_ask_by_mail_sets_no_time(world: World) -> None:
    make_survey(world.ours.desk, invite_after=None)
    solved(world)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'surveys.ask'")
        assert cursor.fetchone() == (0,)


def hinder(world: World, case: Case, hindrance: str) -> None:
    with world.ours.scope(), clock.held_at(NINE + 2 * HOUR):
        if hindrance == "complaint":
            written = Written(facts="箱が潰れていた", severity=2, due_at=NINE + 5 * DAY)
            make_complaint(case, written, by=actor_of(world.ours.agent))
        if hindrance == "stopped":
            Customer.objects.filter(pk=case.customer_id).update(use_stopped_at=clock.now())
        if hindrance == "refused":
            refuse(world, case)
        if hindrance == "off":
            make_survey(world.ours.desk, invite_after=None)
        if hindrance == "phone":
            Case.objects.filter(pk=case.pk).update(channel="phone")
        if hindrance == "noreply":
            Message.objects.filter(case=case).update(sender_address="noreply@example.jp")


def refuse(world: World, case: Case) -> None:
    said = Said(purpose="survey", ways=("email",), given=False, how="phone")
    write_consent(Customer.objects.get(pk=case.customer_id), said, by=actor_of(world.ours.agent))


def test_of_those_who_were_asked_it_is_told_how_many_answered(world: World) -> None:
    cases = [solved(world) for _n in range(4)]
    assert due(4 * HOUR) == 4
    with world.ours.scope(), clock.held_at(NINE + 5 * HOUR):
        answer_survey(Case.objects.get(pk=cases[0].pk), {"solved": "yes", "satisfied": "4"})
        assert answer_rate(world.ours.desk) == AnswerRate(asked=0, answered=0)
    with world.ours.scope(), clock.held_at(NINE + 3 * DAY):
        found = answer_rate(world.ours.desk)

    assert found == AnswerRate(asked=4, answered=1)
    assert (found.percent, found.low, found.high) == (25, 4, 70)
