"""Figures of desks from a living log: the same as the ledger tells, by desk, operator and channel, of one company."""

import json
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.bot.events import BotSpoke
from madoguchi.cases.actions import assign, change_status, continue_case, open_case
from madoguchi.cases.factories import arriving, make_case, say_again
from madoguchi.cases.models import Case, Status
from madoguchi.commerce.events import OrderPlaced
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Engagement, EntryPoint
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.insight.catalogue import DEFINITIONS, definition
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Figure, Wanted, figures, is_written_down, records_of, versions_of
from madoguchi.insight.records import Kept, Talk
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import Side, World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.keeping import Told, keep_promise, make_promise, move_promise, tell_due_promises
from madoguchi.promises.ledger import kept_rates
from madoguchi.promises.tests.living import MISAKI, NINE
from madoguchi.routing.events import PresenceChanged
from madoguchi.shield import marking, stopping
from madoguchi.voice import logic
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
from madoguchi.voice.events import PhoneSpent
from madoguchi.voice.flow import Flow, Queue
from madoguchi.voice.logic import (
    Answered,
    By,
    Connected,
    HungUp,
    Offered,
    Outcome,
    Parked,
    Ringing,
    Spent,
    Transfer,
)
from madoguchi.voice.logic import Event as Heard
from madoguchi.voice.logic import Span as Stretch
from madoguchi.voice.models import AgentPhone
from madoguchi.voice.phones import Lines, hand_on, let_go, note_connected
from madoguchi.voice.spent import write_down_spent
from madoguchi.voice.terms import Ring

pytestmark = pytest.mark.django_db
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
CALLER = "+819012345678"
WEEK = Span(NINE - HOUR, NINE + 7 * DAY, NINE + 30 * DAY)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def figure(side: Side, name: str, version: str = "", *, span: Span = WEEK, **narrower: object) -> Figure:
    with side.scope():
        wanted = Wanted(company=side.company.pk, span=span, **narrower)  # type: ignore[arg-type]
        [found] = figures(wanted, [definition(name, version)])
        return found


def sums(found: Figure) -> tuple[float | None, float] | None:
    return (found.reckoned.over, found.reckoned.under) if found.reckoned else None


def call(point: EntryPoint, uid: str, *, waits: int, talks: int = 0, person: int | None = None) -> None:
    """A call at nine that waits so many seconds and is answered, or given up."""
    turned = NINE + timedelta(seconds=waits)
    end = turned + timedelta(seconds=talks)
    spans = [Stretch(Spent.WAIT, NINE, turned)] + [Stretch(Spent.TALK, turned, end)] * bool(talks)
    over = Over(
        outcome=Outcome.TALKED if talks else Outcome.ABANDONED,
        ended_by=By.CALLER,
        answered_at=NINE,
        ended_at=end,
        spans=tuple(spans),
        rings=(Ring(person, NINE, turned, answered=True),) if person else (),
    )
    with clock.held_at(end):
        begin_call(point, Begun(uid=uid, caller="+819012345678", flow=0, at=NINE))
        end_call(uid, over)


class TestLost:
    def test_calls_and_orders_of_the_phone_are_read_from_the_log(self, world: World, agent: Actor) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        by_mail = make_case(world.ours.entry_point)
        with world.ours.scope():
            came = arriving(number, sender=MISAKI)
            came = replace(came, inbound=replace(came.inbound, channel=Channel.PHONE))
            by_phone = Case.objects.get(pk=open_case(came, by=system("test")).case)
            call(number, "one", waits=10, talks=60, person=world.ours.agent.pk)
            call(number, "two", waits=9, talks=60, person=world.ours.agent.pk)
            call(number, "three", waits=15)
            for case, total in ((by_phone, 6_000), (by_mail, 9_000)):
                where = {"company": case.company_id, "desk": case.desk_id, "case": case.pk}
                with clock.held_at(NINE + HOUR):
                    record(OrderPlaced(**where, order=case.pk, number=1001, total=total), by=agent)

        desk = frozenset({world.ours.desk.pk})
        found = figure(world.ours, "lost_sales", desks=desk)
        assert (found.value, sums(found)) == (3_000, (6_000, 2))
        assert figure(world.ours, "lost_sales", channel="email").value is None


class TestCalls:
    def test_of_three_calls_two_are_answered_and_one_in_time(self, world: World) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        with world.ours.scope():
            call(number, "one", waits=10, talks=60, person=world.ours.agent.pk)
            call(number, "two", waits=50, talks=120, person=world.ours.agent.pk)
            call(number, "three", waits=15)

        assert sums(figure(world.ours, "response_rate")) == (2, 3)
        levels = [sums(figure(world.ours, "service_level", version)) for version in "AGS"]
        assert levels == [(1, 3), (1, 2), (2, 3)]
        assert figure(world.ours, "asa").value == 30
        assert figure(world.ours, "aht").value == 90

    def test_a_figure_leads_to_the_events_it_rests_on(self, world: World) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        with world.ours.scope():
            call(number, "one", waits=10, talks=60, person=world.ours.agent.pk)
            kinds = dict(Event.objects.filter(kind__startswith="call.").values_list("id", "kind"))

        reckoned = figure(world.ours, "response_rate").reckoned
        assert reckoned is not None
        [part] = reckoned.parts
        assert [kinds[pk] for pk in part.record.events] == ["call.began", "call.rang", "call.ended"]

    def test_calls_are_no_chats(self, world: World) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        with world.ours.scope():
            call(number, "one", waits=10, talks=60)

        found = [sums(figure(world.ours, "asa", channel=channel)) for channel in ("phone", "chat")]
        assert found == [(10, 1), (0, 0)]

    def test_two_companies_are_never_counted_together(self, world: World) -> None:
        for side in (world.ours, world.theirs):
            number = make_entry_point(side.desk, kind=Channel.PHONE)
            with side.scope():
                call(number, side.company.slug, waits=10, talks=60)

        assert sums(figure(world.ours, "response_rate")) == (1, 1)


class TestOperators:
    def test_of_two_operators_at_one_queue_each_has_what_its_people_did(self, world: World) -> None:
        side, other = world.ours, make_operator()
        number = make_entry_point(side.desk, kind=Channel.PHONE)
        shared = make_engagement(other, side.desk)
        theirs = make_operator_person(other, seats=(shared,))
        with side.scope():
            call(number, "one", waits=10, talks=60, person=side.agent.pk)
            call(number, "two", waits=30, talks=60, person=theirs.pk)
            call(number, "three", waits=90)

        assert figure(side, "asa", operator=side.operator.pk).value == 10
        assert figure(side, "asa", operator=other.pk).value == 30
        assert sums(figure(side, "abandonment_rate", operator=other.pk)) == (0, 1)
        assert sums(figure(side, "abandonment_rate")) == (1, 3)

    def test_a_call_that_is_handed_on_is_each_operators_own_part(self, world: World) -> None:
        """A's person answers in five seconds, talks for a minute and hands on; B's answers after eight and talks on."""
        side, other = world.ours, make_operator()
        number, second = (
            make_entry_point(side.desk, kind=Channel.PHONE),
            make_desk(side.company),
        )
        theirs = make_operator_person(other, seats=(make_engagement(other, second),))
        phone = {"state": "talking", "call": "one", "since": NINE, "seen_at": NINE}
        told = logic.Call(
            flow=Flow(start="queue", steps={"queue": Queue(keys={})}), caller=CALLER, at_work=True
        )

        def hear(*events: Heard) -> None:
            nonlocal told
            for one in events:
                told, _verbs = logic.step(told, one)

        with side.scope(), clock.held_at(NINE + 65 * SECOND):
            begin_call(number, Begun(uid="one", caller=CALLER, flow=0, at=NINE))
            AgentPhone.objects.create(user=side.agent, connected=True, **phone)
            hear(Offered(NINE), Answered(NINE), Parked(NINE), Ringing(NINE, side.agent.pk))
            hear(Connected(NINE + 5 * SECOND, side.agent.pk))
            hand_on(to=0, desk=second.pk, lines=Lines(summary="返品"), by=actor_of(side.agent))
            hear(Transfer(NINE + 65 * SECOND, side.agent.pk, desk=second.pk))
            let_go("one", side.agent.pk, away=False)
            hear(Ringing(NINE + 70 * SECOND, theirs.pk), Connected(NINE + 73 * SECOND, theirs.pk))
            AgentPhone.objects.create(user=theirs, **phone)
            note_connected("one", theirs.pk, desk=second.pk)
            hear(HungUp(NINE + 103 * SECOND))
        with side.scope(), clock.held_at(NINE + 103 * SECOND):
            over = {"outcome": logic.outcome(told), "ended_by": told.ended_by, "spans": told.spans}
            end_call("one", Over(**over, answered_at=NINE, ended_at=clock.now(), rings=told.rings))
            spent = write_down_spent()
            handed = Event.objects.get(kind="call.handed_on")
            talked = Event.objects.get(kind="phone.spent", data__doing="talking")

        assert (handed.desk_id, handed.data["person"], handed.data["to"]) == (
            side.desk.pk,
            side.agent.pk,
            None,
        )
        assert (handed.data["from_desk"], handed.data["to_desk"]) == (side.desk.pk, second.pk)
        figures_of = {
            name: [sums(figure(side, name, operator=one.pk)) for one in (side.operator, other)]
            for name in ("asa", "att", "service_level", "response_rate")
        }
        assert figures_of["asa"] == [(5, 1), (8, 1)]
        assert figures_of["att"] == [(60, 1), (30, 1)]
        assert figures_of["response_rate"] == [(1, 1), (1, 1)]
        assert sums(figure(side, "att", desks=frozenset({second.pk}))) == (30, 1)
        assert (spent, talked.desk_id, talked.data["person"]) == (1, side.desk.pk, side.agent.pk)

    def test_alone_at_a_desk_it_has_what_nobody_answered(self, world: World) -> None:
        number = make_entry_point(world.ours.desk, kind=Channel.PHONE)
        with world.ours.scope():
            call(number, "one", waits=90)

        mine, none = world.ours.operator.pk, world.theirs.operator.pk
        assert sums(figure(world.ours, "abandonment_rate", operator=mine)) == (1, 1)
        assert sums(figure(world.ours, "abandonment_rate", operator=none)) == (0, 0)

    @pytest.mark.parametrize(
        ("ended", "began", "expected"),
        [
            # The vendor before left the day before the span: the one after is alone in it.
            (-1, 0, [(0, 0), (1, 1)]),
            # Both were there on one day of it.
            (0, 0, [(0, 0), (0, 0)]),
            # The vendor after comes the day after the span.
            (None, 1, [(1, 1), (0, 0)]),
        ],
    )
    def test_an_engagement_counts_in_the_days_that_it_lasts(
        self, world: World, ended: int | None, began: int, expected: list[tuple[int, int]]
    ) -> None:
        side, after = world.ours, make_operator()
        number = make_entry_point(side.desk, kind=Channel.PHONE)
        day = NINE.astimezone(clock.TOKYO).date()
        midnight = datetime.combine(day, time(), clock.TOKYO)
        make_engagement(after, side.desk, starts_on=day + began * DAY)
        with side.scope():
            Engagement.objects.filter(pk=side.engagement.pk).update(
                ends_on=None if ended is None else day + ended * DAY
            )
            call(number, "one", waits=90)

        span = Span(midnight, midnight + DAY, midnight + 30 * DAY)
        found = [
            sums(figure(side, "abandonment_rate", span=span, operator=operator.pk))
            for operator in (side.operator, after)
        ]

        assert found == expected


def solve(side: Side, case: Case, agent: Actor, *, after: timedelta = HOUR) -> None:
    with side.scope(), clock.held_at(NINE + after):
        reply(case, Reply(text="はい。"), by=agent)
        case.refresh_from_db()
        change_status(case, to=Status.SOLVED, by=agent)


def say(case: Case, channel: Channel) -> None:
    with scope.everywhere(reason="a test speaks as a customer"):
        assert case.entry_point is not None
        came = arriving(case.entry_point, text="まだです。", sender=MISAKI)
        spoken = replace(came, inbound=replace(came.inbound, channel=channel, sent_at=clock.now()))
        continue_case(case.pk, spoken, by=system("intake"))


def talk_of_three_lines(side: Side, channel: Channel) -> Case:
    with scope.everywhere(reason="a test speaks as a customer"), clock.held_at(NINE):
        came = arriving(side.entry_point, sender=MISAKI)
        begun = open_case(replace(came, inbound=replace(came.inbound, channel=channel)), by=system("intake"))
        case = Case.objects.get(pk=begun.case)
    for minutes in (1, 2):
        with clock.held_at(NINE + timedelta(minutes=minutes)):
            say(case, channel)
    return case


class TestCases:
    def test_a_case_that_was_solved_by_one_answer(self, world: World, agent: Actor) -> None:
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point)
        solve(world.ours, case, agent)

        assert sums(figure(world.ours, "fcr")) == (1, 1)
        assert sums(figure(world.ours, "hop2_rate")) == (0, 1)
        assert figure(world.ours, "first_reply_p80").value == 3600
        assert figure(world.ours, "time_to_solve_p80").value == 3600

    def test_the_night_is_no_working_time(self, world: World, agent: Actor) -> None:
        with clock.held_at(NINE - 12 * HOUR):
            case = make_case(world.ours.entry_point)
        solve(world.ours, case, agent)

        assert figure(world.ours, "first_reply_p80").value == 3600

    def test_who_writes_again_in_the_week_was_not_helped(self, world: World, agent: Actor) -> None:
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point, sender=MISAKI)
        solve(world.ours, case, agent)
        with clock.held_at(NINE + 3 * DAY):
            say_again(case)

        assert sums(figure(world.ours, "fcr")) == (0, 1)

    @pytest.mark.parametrize("channel", [Channel.CHAT, Channel.LINE])
    def test_one_sitting_is_one_contact_however_many_lines_it_has(
        self, world: World, agent: Actor, channel: Channel
    ) -> None:
        case = talk_of_three_lines(world.ours, channel)
        solve(world.ours, case, agent)
        assert (sums(figure(world.ours, "fcr")), sums(figure(world.ours, "fcr", "1"))) == ((1, 1), (0, 1))
        rates = [sums(figure(world.ours, "harassment_rate", version)) for version in "21"]
        assert rates == [(0, 1), (0, 3)]

        with clock.held_at(NINE + 3 * DAY):
            say(case, channel)

        assert sums(figure(world.ours, "fcr")) == (0, 1)

    def test_who_opens_another_case_in_the_week_was_not_helped_either(
        self, world: World, agent: Actor
    ) -> None:
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point, sender=MISAKI)
        solve(world.ours, case, agent)
        with clock.held_at(NINE + 3 * DAY):
            make_case(world.ours.entry_point, sender=MISAKI)
            make_case(world.ours.entry_point)

        assert sums(figure(world.ours, "fcr")) == (0, 1)

    def test_passed_on_twice_is_told(self, world: World, agent: Actor) -> None:
        lead, other = (
            actor_of(world.ours.supervisor),
            make_operator_person(world.ours.operator, seats=(world.ours.engagement,)),
        )
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE + HOUR / 2):
            for person in (world.ours.agent.pk, other.pk, world.ours.supervisor.pk):
                assign(case, to=person, by=lead)
        solve(world.ours, case, lead)

        assert sums(figure(world.ours, "hop2_rate")) == (1, 1)
        assert figure(world.ours, "hops").value == 2

    def test_a_desk_and_a_channel_narrow_it(self, world: World, agent: Actor) -> None:
        other = make_desk(world.ours.company)
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point)
        solve(world.ours, case, agent)

        desks = [frozenset([world.ours.desk.pk]), frozenset([other.pk])]
        assert [sums(figure(world.ours, "hops", desks=one)) for one in desks] == [(0, 1), (0, 0)]
        channels = [sums(figure(world.ours, "hops", channel=one)) for one in ("email", "chat")]
        assert channels == [(0, 1), (0, 0)]

    def test_cost_in_queries_does_not_grow_with_cases(self, world: World, agent: Actor) -> None:
        used = []
        for _time in range(2):
            with clock.held_at(NINE):
                case = make_case(world.ours.entry_point)
            solve(world.ours, case, agent)
            with CaptureQueriesContext(connection) as asked:
                figure(world.ours, "fcr")
            used.append(len(asked))

        assert used[0] == used[1] == 12


class TestTalks:
    def test_talks_by_line_and_in_chats_are_told_apart(self, world: World) -> None:
        side = world.ours
        with side.scope():
            for channel in (Channel.CHAT, Channel.LINE, Channel.LINE):
                point = make_entry_point(side.desk, kind=channel)
                with clock.held_at(NINE):
                    came = arriving(point)
                    came = replace(came, inbound=replace(came.inbound, channel=channel))
                    opened = open_case(came, by=system("test"))
                    case = Case.objects.get(pk=opened.case)
                    spoke = {"message": 1, "outcome": "answer", "versions": [], "confidence": 80}
                    record(BotSpoke(**case.where, **spoke), by=system("bot"))

        channels = ("", "chat", "line", "email")
        asked = [Wanted(company=side.company.pk, span=WEEK, channel=one) for one in channels]
        with side.scope():
            found = [len(records_of(Talk, one) or []) for one in asked]
        assert found == [3, 1, 2, 0]


def promised(case: Case, agent: Actor, *, hours: float) -> Told:
    due: datetime = NINE + hours * HOUR
    return Told(kind="refund", words="返金いたします。", due_at=due, owner=agent.id)


class TestPromises:
    def test_the_log_tells_what_the_ledger_tells(self, world: World, agent: Actor) -> None:
        with clock.held_at(NINE):
            case = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE):
            ones = [make_promise(case, promised(case, agent, hours=5), by=agent) for _ in range(4)]
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            keep_promise(ones[0], by=agent)
            move_promise(ones[1], due_at=NINE + 8 * HOUR, by=agent)
        with clock.held_at(NINE + 6 * HOUR):
            tell_due_promises()
        with world.ours.scope(), clock.held_at(NINE + 7 * HOUR):
            for one in ones[1:3]:
                one.refresh_from_db()
                keep_promise(one, by=agent)

        with world.ours.scope():
            [rate] = kept_rates(agent, begin=WEEK.begin, end=WEEK.end, by="desk")
        assert (rate.kept, rate.broken) == (2, 2)
        assert sums(figure(world.ours, "promise_kept")) == (2, 4)
        assert sums(figure(world.ours, "delay_told")) == (0, 3)


@pytest.mark.parametrize(
    ("name", "kind"), [("first_reply_p80", "service_levels.switched"), ("delay_told", "delay.told")]
)
def test_what_was_promised_when_lies_in_a_short_index_however_long_the_log_is(
    world: World, name: str, kind: str
) -> None:
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, data)"
            " SELECT %s, 'case.changed', %s - make_interval(mins => n), 'person', 1, '', '{}'"
            " FROM generate_series(1, 20000) AS n",
            [world.ours.company.pk, WEEK.end],
        )
        cursor.execute("ANALYZE infra_event")
        with CaptureQueriesContext(connection) as asked:
            figure(world.ours, name, "2")
        [query] = [
            one["sql"] for one in asked if f"'{kind}'" in one["sql"] and 'case_id" IN' not in one["sql"]
        ]
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "event_of_terms" in plan, plan


class TestHarassment:
    def test_what_was_suffered_is_told_by_the_log(self, world: World, agent: Actor) -> None:
        side, lead = world.ours, actor_of(world.ours.supervisor)
        with clock.held_at(NINE):
            case = make_case(side.entry_point, sender=MISAKI)
            say_again(case)
            make_case(side.entry_point)
            make_case(side.entry_point)
        with side.scope(), clock.held_at(NINE):
            help_ = marking.call_help(case, by=agent)
            one = marking.mark(case, sort="threat", by=agent)
            marking.mark(case, sort="abuse", by=agent)
            stop = stopping.ask_stop(one, onward="mail", reason="脅し", by=agent)
        with side.scope(), clock.held_at(NINE + timedelta(seconds=30)):
            marking.come(help_, by=lead)
            stopping.decide_stop(stop, agreed=True, by=lead)
            marking.decide(one, state="confirmed", reason="殺すと言われた", by=lead)
        solve(side, case, agent)

        names = ("harassment_rate", "supervisor_joins", "cared_for", "solved_after_cut")
        assert [sums(figure(side, name)) for name in names] == [(1, 4), (30, 1), (0, 1), (1, 1)]
        assert figure(side, "harassment_rate").value == 250
        elsewhere = [figure(side, name, channel="chat").value for name in names]
        assert elsewhere == [None] * 4
        assert figure(world.theirs, "harassment_rate").value is None


def spent(side: Side, doing: str, begin: int, end: int, *, person: int | None = None) -> None:
    """A stretch of somebody's time at a phone of our desk, from and to so many seconds after nine, told at its end."""
    first, last = (NINE + timedelta(seconds=one) for one in (begin, end))
    desk, who = side.desk.pk, person or side.agent.pk
    with side.scope(), clock.held_at(last):
        record(
            PhoneSpent(
                company=side.company.pk,
                desk=None if doing == "ready" else desk,
                person=who,
                doing=doing,
                begin=first.isoformat(),
                end=last.isoformat(),
                desks=[desk],
            ),
            by=system("phone"),
        )


class TestOccupied:
    def test_busy_of_busy_and_ready_by_person_desk_and_operator(self, world: World) -> None:
        side = world.ours
        spent(side, "talking", 0, 600)
        spent(side, "wrapping", 600, 720)
        spent(side, "ready", 720, 900)
        spent(side, "ready", 0, 300, person=side.supervisor.pk)

        whole = figure(side, "occupancy")

        assert (sums(whole), whole.value) == ((720, 1_200), 0.6)
        assert whole.reckoned
        by_person = {one.record.person: (one.over, one.under) for one in whole.reckoned.parts}
        assert by_person == {side.agent.pk: (720, 900), side.supervisor.pk: (0, 300)}
        with side.scope():
            told = set(Event.objects.filter(kind="phone.spent").values_list("pk", flat=True))
        assert {pk for one in whole.reckoned.parts for pk in one.record.events} == told
        assert figure(side, "occupancy", desks=frozenset({side.desk.pk})).value == 0.6
        assert figure(side, "occupancy", operator=side.operator.pk).value == 0.6
        assert figure(side, "occupancy", channel="phone").value == 0.6
        elsewhere = {"desks": frozenset({side.desk.pk + 1})}, {"operator": world.theirs.operator.pk}
        assert [figure(side, "occupancy", **one).value for one in (*elsewhere, {"channel": "chat"})] == [
            None
        ] * 3
        assert figure(world.theirs, "occupancy").value is None

    def test_a_break_that_began_before_the_span_is_known(self, world: World) -> None:
        side = world.ours
        told: dict[str, Any] = {"company": side.company.pk, "person": side.agent.pk, "before": "available"}
        with side.scope(), clock.held_at(NINE - HOUR):
            record(PresenceChanged(**told, after="break"), by=system("test"))
        spent(side, "ready", 0, 300)
        spent(side, "talking", 300, 400)

        assert sums(figure(side, "occupancy", span=replace(WEEK, begin=NINE))) == (100, 100)


class TestWrittenDown:
    def test_what_nothing_is_kept_for_has_no_figure_rather_than_a_zero(self, world: World) -> None:
        for one in DEFINITIONS:
            found = figure(world.ours, one.name, one.version)
            assert found.value is None
            assert (found.reckoned is None) == (not is_written_down(one))

    def test_versions_stand_in_their_order(self) -> None:
        assert [one.version for one in versions_of("service_level")] == [
            *(
                "A",
                "G",
                "G+fo",
                "G+aband",
                "G+sab",
                "G+fo+aband",
                "G+fo+sab",
                "G+aband+sab",
                "G+fo+aband+sab",
            ),
            "S",
        ]
        assert versions_of("magic") == ()
        assert is_written_down(definition("promise_kept"))
        assert definition("promise_kept").of is Kept


def levels_of_week(days: str, hours: str) -> str:
    calendar = {"name": "時間", "week": {days: [hours]}}
    return json.dumps({"calendar": calendar, "policies": [{"name": "標準", "targets": {"first_reply": 60}}]})


class TestWaiting:
    def test_who_waits_since_before_the_span_is_in_the_figure(self, world: World, agent: Actor) -> None:
        side = world.ours
        with clock.held_at(NINE - 2 * DAY):
            make_case(side.entry_point)
        day = Span(NINE, NINE + DAY, NINE + DAY)

        assert sums(figure(side, "still_waiting", span=day)) == (1, 1)
        assert figure(side, "first_reply_p80", "1", span=day).value is None

    def test_of_an_old_span_only_cases_that_began_before_its_end_are_read(
        self, world: World, agent: Actor
    ) -> None:
        side, day = world.ours, Span(NINE, NINE + DAY, NINE + 30 * DAY)
        with clock.held_at(NINE - 2 * DAY):
            old = make_case(side.entry_point)
        with clock.held_at(NINE + 2 * DAY):
            later = make_case(side.entry_point)
        for case in (old, later):
            solve(side, case, agent, after=3 * DAY)

        with CaptureQueriesContext(connection) as asked:
            found = figure(side, "still_waiting", span=day)

        assert sums(found) == (1, 1)
        assert len([one for one in asked if f'"case_id" IN ({old.pk})' in one["sql"]]) == 1

    def test_the_calendar_that_held_when_it_was_opened_counts_whatever_is_written_since(
        self, world: World, agent: Actor
    ) -> None:
        side, lead = world.ours, actor_of(world.ours.company_manager)
        with side.scope(), clock.held_at(NINE - DAY):
            levels = set_levels(side.desk, text=levels_of_week("mon-sun", "00:00-24:00"), by=lead)
            switch_levels(levels, active=True, by=lead)
        with clock.held_at(NINE):
            case = make_case(side.entry_point)
        with side.scope(), clock.held_at(NINE + 2 * HOUR):
            reply(case, Reply(text="お調べします。"), by=agent)
        before = figure(side, "first_reply_p80", "2").value
        with side.scope(), clock.held_at(NINE + DAY):
            set_levels(side.desk, text=levels_of_week("mon", "23:00-24:00"), by=lead)

        assert (before, figure(side, "first_reply_p80", "2").value) == (7_200, 7_200)
