"""Figures of calls, by desk and by operator, as they come from the log."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from madoguchi.cases.actions import open_case
from madoguchi.cases.factories import arriving, make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.events import OrderPlaced
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point, make_operator
from madoguchi.companies.models import Engagement, EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.insight.logged import Span
from madoguchi.insight.tests.asked import DAY, HOUR, figure, sums
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import MISAKI, NINE
from madoguchi.voice import logic
from madoguchi.voice.actions import Begun, Over, begin_call, end_call
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
SECOND = timedelta(seconds=1)
CALLER = "+819012345678"


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


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
