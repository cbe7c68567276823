"""Figures of desks from a living log: the same as the ledger tells, by desk, operator and channel, of one company."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.bot.events import BotSpoke
from madoguchi.cases.actions import assign, change_status, continue_case, open_case
from madoguchi.cases.factories import arriving, make_case, say_again
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.insight.catalogue import DEFINITIONS, definition
from madoguchi.insight.queries import Wanted, is_written_down, records_of, versions_of
from madoguchi.insight.records import Kept, Talk
from madoguchi.insight.tests.asked import DAY, HOUR, WEEK, figure, sums
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import Side, World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.promises.keeping import Told, keep_promise, make_promise, move_promise, tell_due_promises
from madoguchi.promises.ledger import kept_rates
from madoguchi.promises.tests.living import MISAKI, NINE
from madoguchi.routing.events import PresenceChanged
from madoguchi.shield import marking, stopping
from madoguchi.voice.events import PhoneSpent

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


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
