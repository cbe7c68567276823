"""Clocks of cases that are here: kept from all that happened, the same as a replay of it, told when they run out."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from madoguchi.cases.actions import (
    assign,
    change_status,
    merge,
    set_priority,
    set_severity,
    set_tags,
    split,
    unmerge,
    unsplit,
)
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Merge, Message, Priority, Severity, Status
from madoguchi.customers.actions import belong_to_new, change_customer, set_account
from madoguchi.delivery.actions import ANYTHING, Reply, acknowledge, reply, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.following.actions import notify
from madoguchi.following.models import Notification
from madoguchi.infra.event_log import Cursor, carrying, read_after
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import enrol, run_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises import actions
from madoguchi.promises import clocks as pure
from madoguchi.promises.actions import due_clocks, read_clocks, set_levels, switch_levels, tell_due
from madoguchi.promises.happened import events_of
from madoguchi.promises.located import read_lines
from madoguchi.promises.models import Clock, ServiceLevels
from madoguchi.promises.queries import policies_of
from madoguchi.promises.reactions import hear
from madoguchi.promises.reading_events import read_events
from madoguchi.promises.said import document, event_as_json
from madoguchi.promises.story import tell
from madoguchi.promises.tests.living import LEVELS, MISAKI, NINE, tokyo

pytestmark = pytest.mark.django_db


def shown(case: Case) -> dict[str, Any]:
    """Each clock as its row has it: state, due and broken."""
    rows = Clock.objects.filter(case=case).order_by("began_at", "id")
    return {
        f"{row.metric} {row.cycle}": (
            row.state,
            row.due_at and f"{row.due_at.astimezone(TOKYO):%m-%d %H:%M}",
            row.breached_at is not None,
        )
        for row in rows
    }


def told(case: Case) -> list[tuple[str, str]]:
    found = Event.objects.filter(case_id=case.pk, kind__startswith="clock.").order_by("id")
    return [(event.kind, event.data["metric"]) for event in found]


def ended(case: Case) -> dict[str, tuple[str, bool]]:
    """Each clock of replies, but those of updates, as its row has it: state and broken."""
    rows = shown(case).items()
    return {name: (state, broken) for name, (state, _due, broken) in rows if "_reply" in name}


def told_of_replies(case: Case) -> list[str]:
    return [metric for kind, metric in told(case) if kind == "clock.breached" and metric.endswith("_reply")]


def answered_twice(case: Case, by: Actor) -> None:
    """At half past nine, in time, and what she wrote at ten a day later, too late."""
    for after, words in ((0.5, "確認します。"), (1, ""), (25, "お待たせしました。")):
        with clock.held_at(NINE + timedelta(hours=after)):
            if words:
                reply(Case.objects.get(pk=case.pk), Reply(text=words), by=by)
            else:
                say_again(case)
            read_clocks(case.pk)


def hear_all() -> None:
    """What the worker does with all that has happened."""
    hear([event for event in read_after(Cursor(), most=1000) if event.case])


class TestReading:
    @pytest.mark.django_db(transaction=True)
    def test_a_case_that_is_opened_has_clocks(self, world: World, case: Case) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            hear_all()

            assert shown(case) == {
                "first_reply 1": ("running", "12-01 14:00", False),
                "requester_wait 1": ("running", "12-01 18:00", False),
                "agent_work 1": ("running", "12-01 18:00", False),
                "resolution 1": ("running", "12-02 18:00", False),
            }
            found = Case.objects.get(pk=case.pk)
            due = (tokyo("2026-12-01 14:00"), "first_reply", False)
            assert (found.due_at, found.due_for, found.due_warned) == due
            assert found.version == case.version

    def test_cases_are_locked_in_the_order_in_which_a_merge_locks_them(
        self, world: World, case: Case
    ) -> None:
        with clock.held_at(NINE):
            others = [make_case(world.ours.entry_point) for _one in range(2)]
        wanted = [case.pk, *(one.pk for one in others)]
        with world.ours.scope(), clock.held_at(NINE), CaptureQueriesContext(connection) as asked:
            actions.read_clocks_of([wanted[2], wanted[0], wanted[1], wanted[2]])

        locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
        assert [int(re.findall(r'"cases_case"."id" = (\d+)', sql)[0]) for sql in locks] == wanted

    def test_a_case_that_was_there_before_has_none(self, world: World, manager: Actor) -> None:
        with clock.held_at(NINE):
            before = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=1)):
            switch_levels(set_levels(world.ours.desk, text=LEVELS, by=manager), active=True, by=manager)
            say_again(before)

            assert read_clocks(before.pk) == []

    def test_a_case_of_another_system_has_none_for_its_past(
        self, world: World, levels: ServiceLevels
    ) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            with clock.held_at(NINE), carrying():
                past = make_case(world.ours.entry_point, sender=MISAKI)
                change_status(past, to=Status.SOLVED, by=agent)
            with clock.held_at(NINE + timedelta(hours=2)):
                assert {row.state for row in read_clocks(past.pk)} <= {"met", "stopped"}
                say_again(past)
                read_clocks(past.pk)

            assert shown(past)["first_reply 1"] == ("running", "12-01 16:00", False)
            assert Clock.objects.filter(case=past, breached_at__isnull=False).count() == 0

    def test_answered_taken_back_and_answered_again(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=1)):
            sent = reply(case, Reply(text="確認します。", status=Status.WAITING_CUSTOMER), by=agent)
            read_clocks(case.pk)
            assert shown(case)["first_reply 1"][0] == "met"
            assert shown(case)["resolution 1"][:2] == ("paused", None)
            take_back(sent.pk, by=agent)
            read_clocks(case.pk)
            assert shown(case)["first_reply 1"] == ("running", "12-01 14:00", False)
            assert "periodic_update 1" not in shown(case)

    def test_what_was_broken_stays_broken_though_the_policy_is_changed(
        self, world: World, case: Case, levels: ServiceLevels, manager: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=7)):
            read_clocks(case.pk)
            set_levels(
                world.ours.desk, text='{"targets": {"first_reply": 6000, "resolution": 6000}}', by=manager
            )
            read_clocks(case.pk)

            assert shown(case)["first_reply 1"][2]
            assert "agent_work 1" not in shown(case)


class TestMerging:
    def test_a_merge_lets_the_first_words_count_and_undone_all_is_as_before(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with clock.held_at(NINE + timedelta(hours=1)):
            other = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=2)):
            for one in (case, other):
                read_clocks(one.pk)
            before = shown(case), shown(other)
            merged = merge(case, into=other, by=agent)
            for one in (case, other):
                read_clocks(one.pk)
            assert {state for state, _due, _broken in shown(case).values()} == {"merged"}
            # She first wrote at nine.
            assert shown(other)["first_reply 1"][1] == "12-01 14:00"

            unmerge(Merge.objects.get(pk=merged.pk), by=agent)
            for one in (case, other):
                read_clocks(one.pk)
            assert (shown(case), shown(other)) == before

    @pytest.mark.django_db(transaction=True)
    def test_the_log_makes_them_read_on_both_sides(self, world: World, case: Case, agent: Actor) -> None:
        with clock.held_at(NINE + timedelta(hours=1)):
            other = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=2)):
            merge(case, into=other, by=agent)
            hear_all()

            assert shown(case)["first_reply 1"][0] == "merged"
            assert shown(other)["first_reply 1"][1] == "12-01 14:00"

    def test_a_promise_that_was_kept_stays_kept_whatever_is_merged_later(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """Given a first answer in time and a second one too late; when the case goes on in another one days later;
        then its clocks show what they showed, nobody hears of more, and undone all is as it was."""
        with world.ours.scope():
            answered_twice(case, agent)
            before = ended(case)
            with clock.held_at(NINE + timedelta(days=3)):
                other = make_case(world.ours.entry_point, sender=MISAKI)
                read_clocks(other.pk)
                merged = merge(Case.objects.get(pk=case.pk), into=other, by=agent)
                for one in (case, other):
                    read_clocks(one.pk)

                assert before == {"first_reply 1": ("met", False), "next_reply 1": ("met", True)}
                assert {name: ended(case)[name] for name in before} == before
                assert told_of_replies(case) == ["next_reply"]
                unmerge(Merge.objects.get(pk=merged.pk), by=agent)
                read_clocks(case.pk)

            assert ended(case) == before

    def test_what_was_kept_here_is_not_broken_by_what_another_case_brings(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            with clock.held_at(NINE + timedelta(hours=5)):
                other = make_case(world.ours.entry_point, sender=MISAKI)
            with clock.held_at(NINE + timedelta(hours=6)):
                reply(other, Reply(text="はい。"), by=agent)
                read_clocks(other.pk)
            with clock.held_at(NINE + timedelta(hours=7)):
                # She wrote in it at nine, which was due at two.
                merge(case, into=Case.objects.get(pk=other.pk), by=agent)
                read_clocks(other.pk)

            assert ended(other)["first_reply 1"] == ("met", False)
            assert told_of_replies(other) == []

    def test_an_answer_that_is_split_off_was_given_all_the_same(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """What was answered here stays answered; what waits goes along."""
        with world.ours.scope():
            answered_twice(case, agent)
            with clock.held_at(NINE + timedelta(days=3)):
                waits = say_again(case, text="もう一つあります。")
                read_clocks(case.pk)
                answer = Message.objects.filter(case=case, author="staff").order_by("at").first()
                assert answer is not None
                parted = split(Case.objects.get(pk=case.pk), messages=[answer.pk, waits.pk], by=agent)
                for one in (case, parted.into):
                    read_clocks(one.pk)

            assert ended(case) == {"first_reply 1": ("met", False), "next_reply 1": ("met", True)}
            assert told_of_replies(case) == ["next_reply"]


Deed = Callable[[Case, Actor], object]


def take_back_the_last(case: Case, by: Actor) -> None:
    last = Outgoing.objects.filter(message__case=case, state="queued", message__user_id=by.id).last()
    if last is not None:
        take_back(last.pk, by=by)


def split_the_last(case: Case, by: Actor) -> None:
    messages = Message.objects.filter(case=case, author="customer").order_by("at", "id")
    if messages.count() > 1 and case.messages.count() > 1:
        split(case, messages=[messages.last().pk], by=by)  # type: ignore[union-attr]


DEEDS: dict[str, Deed] = {
    "she writes": lambda case, by: say_again(case),
    "a robot writes": lambda case, by: say_again(case, automatic="auto-reply"),
    "take": lambda case, by: assign(case, to=by.id, by=by),
    "leave": lambda case, by: assign(case, to=None, by=by),
    "solve": lambda case, by: change_status(case, to=Status.SOLVED, by=by, without_words=True),
    "third": lambda case, by: change_status(case, to=Status.WAITING_THIRD, by=by),
    "hurry": lambda case, by: set_priority(case, to=Priority.URGENT, by=by),
    "tag": lambda case, by: set_tags(case, to=["大口"], by=by),
    "untag": lambda case, by: set_tags(case, to=[], by=by),
    "answer": lambda case, by: reply(case, Reply(text="はい。", confirmed=ANYTHING), by=by),
    "answer and solve": lambda case, by: reply(
        case, Reply(text="はい。", status=Status.SOLVED, confirmed=ANYTHING), by=by
    ),
    "take back": take_back_the_last,
    "acknowledge": lambda case, by: acknowledge(case.pk, cause=case.pk),
}


def replayed(case: Case, at: datetime) -> dict[str, Any]:
    """The clocks as `madoguchi clock replay` gives them from what `clock events` and `clock policy` print."""
    events = events_of(Case.objects.get(pk=case.pk))
    written = "\n".join(json.dumps(event_as_json(event), ensure_ascii=False) for event in events)
    again = read_events(read_lines(written))
    return document(pure.read_clocks(tell(again), policies_of(case, again), at=at), at=at)


def kept(case: Case) -> list[dict[str, Any]]:
    def moment(at: datetime | None) -> str | None:
        return at.astimezone(TOKYO).isoformat() if at else None

    return [
        {
            "metric": row.metric,
            "cycle": row.cycle,
            "policy": row.policy,
            "state": row.state,
            "started_at": moment(row.began_at),
            "ended_at": moment(row.ended_at),
            "due_at": moment(row.due_at),
            "breached_at": moment(row.breached_at),
            "counted_seconds": row.counted.total_seconds(),
            "target_seconds": row.target.total_seconds(),
        }
        for row in Clock.objects.filter(case=case)
    ]


def by_name(clocks: list[dict[str, Any]], names: Iterator[str] | list[str]) -> dict[str, Any]:
    wanted = list(names)
    return {f"{one['metric']} {one['cycle']}": {name: one[name] for name in wanted} for one in clocks}


@pytest.mark.parametrize("seed", range(12))
def test_a_replay_of_what_happened_gives_the_rows(world: World, case: Case, seed: int) -> None:
    chance, at = Random(seed), NINE
    by = actor_of(world.ours.supervisor)
    with world.ours.scope():
        for deed in chance.choices(sorted(DEEDS), k=10):
            at += timedelta(minutes=chance.choice([1, 20, 90, 400, 1500]))
            with clock.held_at(at):
                DEEDS[deed](Case.objects.get(pk=case.pk), by)
                if chance.random() < 0.5:
                    read_clocks(case.pk)
        with clock.held_at(at):
            rows = read_clocks(case.pk)
            assert rows

        found = kept(case)
        names = list(found[0])
        again = replayed(case, at)["clocks"]
        # A policy that was left behind keeps what was broken under it; a replay knows it as well.
        assert by_name(again, names) == by_name(found, names)


def test_mails_that_arrive_the_wrong_way_round_wind_the_clock_once(
    world: World, levels: ServiceLevels
) -> None:
    """The third of a thread comes first and opens the case; the two before it stand above it, a second each."""
    with world.ours.scope(), clock.held_at(NINE):
        case = make_case(world.ours.entry_point, sender=MISAKI)
        for seconds in (1, 2):
            early = say_again(case)
            Message.objects.filter(pk=early.pk).update(at=NINE - timedelta(seconds=seconds))
        read_clocks(case.pk)

        assert shown(case)["first_reply 1"] == ("running", "12-01 14:00", False)
        assert "next_reply 1" not in shown(case)


def test_messages_that_were_split_off_count_in_their_own_case(world: World, case: Case, agent: Actor) -> None:
    with world.ours.scope():
        with clock.held_at(NINE + timedelta(hours=1)):
            second = say_again(case, text="別の件ですが、領収書をください。")
        with clock.held_at(NINE + timedelta(hours=2)):
            parted = split(Case.objects.get(pk=case.pk), messages=[second.pk], by=agent)
            for one in (case, parted.into):
                read_clocks(one.pk)

        assert shown(parted.into)["first_reply 1"] == ("running", "12-01 15:00", False)
        assert shown(case)["first_reply 1"] == ("running", "12-01 14:00", False)
        with clock.held_at(NINE + timedelta(hours=3)):
            unsplit(parted, by=agent)
            read_clocks(case.pk)
        assert shown(case)["first_reply 1"] == ("running", "12-01 14:00", False)


class TestTelling:
    def test_four_fifths_and_the_end_are_told_once_each(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            assign(case, to=agent.id, by=agent)
            read_clocks(case.pk)
        # Four fifths of four hours are over at 13:12, for lunch does not count.
        for at, changed, kinds in (
            ("13:11", 0, []),
            ("13:12", 1, ["clock.warned"]),
            ("13:13", 0, ["clock.warned"]),
            ("14:00:01", 1, ["clock.warned", "clock.breached"]),
            ("14:01", 0, ["clock.warned", "clock.breached"]),
        ):
            with clock.held_at(tokyo(f"2026-12-01 {at}")):
                assert tell_due() == changed
            with world.ours.scope():
                assert told(case) == [(kind, "first_reply") for kind in kinds]

    @pytest.mark.django_db(transaction=True)
    def test_who_is_responsible_hears_of_it_and_then_those_who_lead_the_desk(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            assign(case, to=agent.id, by=agent)
            read_clocks(case.pk)
        for at in ("13:12", "14:00:01"):
            with clock.held_at(tokyo(f"2026-12-01 {at}")):
                tell_due()
        with world.ours.scope():
            for event in read_after(Cursor(), most=1000):
                if event.kind.startswith("clock."):
                    notify(event)
            found = list(Notification.objects.filter(why="due").values_list("kind", "user_id"))

        assert sorted(found) == sorted(
            [
                ("clock.warned", world.ours.agent.pk),
                ("clock.breached", world.ours.agent.pk),
                ("clock.breached", world.ours.supervisor.pk),
            ]
        )

    def test_answered_too_late_it_is_told_though_no_job_came_in_between(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=6)):
            reply(case, Reply(text="お待たせしました。"), by=agent)
            read_clocks(case.pk)

            assert told(case) == [("clock.breached", "first_reply")]
            assert shown(case)["first_reply 1"] == ("met", "12-01 14:00", True)

    def test_what_stands_still_is_not_told(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=1)):
            change_status(case, to=Status.SOLVED, by=agent, without_words=True)
            read_clocks(case.pk)
        with clock.held_at(NINE + timedelta(days=9)):
            assert tell_due() == 0

    def test_one_that_cannot_be_read_keeps_no_other_from_it(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with clock.held_at(NINE + timedelta(minutes=1)):
            other = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=1)):
            for one in (case, other):
                read_clocks(one.pk)
        whole = actions.events_of
        monkeypatch.setattr(
            actions,
            "events_of",
            lambda one: whole(one) if one.pk == other.pk else [][0],  # type: ignore[index]
        )
        with clock.held_at(NINE + timedelta(hours=5)):
            assert tell_due() == 1
        with world.ours.scope():
            assert (told(case), told(other)) == ([], [("clock.warned", "first_reply")])

    def test_many_that_cannot_be_read_come_later_and_all_others_are_told_at_once(
        self, world: World, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given more bad cases than are taken at once, due before all others, and more good ones than that."""
        cases = [case]
        for minutes in range(1, 5):
            with clock.held_at(NINE + timedelta(minutes=minutes)):
                cases.append(make_case(world.ours.entry_point))
        with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=5)):
            for one in cases:
                read_clocks(one.pk)
        bad = cases[:2]
        monkeypatch.setattr(actions, "AT_ONCE", 1)
        now = tokyo("2026-12-01 13:30")
        with monkeypatch.context() as broken, clock.held_at(now), capture_logs() as logged:
            whole, unreadable = actions.events_of, {one.pk for one in bad}
            broken.setattr(
                actions,
                "events_of",
                lambda one: [][0] if one.pk in unreadable else whole(one),  # type: ignore[index]
            )

            assert tell_due() == 3
            assert tell_due() == 0

        later = now + timedelta(minutes=10)
        assert [(one["event"], one["case"], one["again_at"]) for one in logged] == [
            ("clocks_not_read", one.pk, later.isoformat()) for one in bad
        ]
        with world.ours.scope():
            assert [told(one) for one in cases] == [[], [], *[[("clock.warned", "first_reply")]] * 3]
        # They are tried again, and told once they can be read.
        with clock.held_at(later - timedelta(seconds=1)):
            assert tell_due() == 0
        with clock.held_at(later):
            assert tell_due() == 2
        with world.ours.scope():
            assert [told(one) for one in bad] == [[("clock.warned", "first_reply")]] * 2

    def test_only_what_is_due_is_looked_at(self, world: World, case: Case) -> None:
        """A thousand open clocks that are not due, and the index that leads past them."""
        with world.ours.scope(), clock.held_at(NINE):
            row = read_clocks(case.pk)[0]
            values = {
                f.name: getattr(row, f.name) for f in Clock._meta.fields if f.name not in ("id", "cycle")
            }
            Clock.objects.bulk_create(
                Clock(**values | {"next_at": NINE + timedelta(days=9)}, cycle=n) for n in range(2, 1002)
            )
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_seqscan = off")
                sql, given = due_clocks(NINE).query.sql_with_params()
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given)
                ((plan,),) = cursor.fetchall()

        found = json.dumps(plan)
        assert '"Index Name": "clock_next"' in found
        assert '"Seq Scan"' not in found
        assert max(map(int, re.findall(r'"Actual Rows": (\d+)', found))) == 0


@pytest.mark.django_db(transaction=True)
def test_a_policy_asks_for_the_account_its_rank_and_how_grave_it_is(
    world: World, manager: Actor, agent: Actor
) -> None:
    text = json.dumps(
        {
            "policies": [
                {"name": "名指し", "when": {"account": ["㈱髙﨑商事"]}, "targets": {"first_reply": 5}},
                {
                    "name": "A・重大",
                    "when": {"account_rank": ["A"], "severity": ["serious", "critical"]},
                    "targets": {"first_reply": 15, "resolution": 120},
                },
                {"name": "標準", "targets": {"first_reply": 240}},
            ]
        },
        ensure_ascii=False,
    )
    enrol()
    with world.ours.scope(), clock.held_at(NINE - timedelta(hours=1)):
        found = set_levels(world.ours.desk, text=text, by=manager)
        switch_levels(found, active=True, by=manager)
    with clock.held_at(NINE):
        case = make_case(world.ours.entry_point, sender=MISAKI)

    def policy(minute: int) -> str:
        with clock.held_at(NINE + timedelta(minutes=minute)):
            run_all()
        with world.ours.scope():
            return Clock.objects.get(case=case, metric="first_reply").policy

    # What is done is told to readers once its transaction is over.
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=1)):
        firm = belong_to_new(case.customer, sort="firm", name="別の会社", by=agent).group
        set_account(firm, rank="A", alerted=[], by=agent)
    assert policy(2) == "標準"
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=3)):
        set_severity(case, to=Severity.CRITICAL, by=agent)
    assert policy(4) == "A・重大"
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=4)):
        assert shown(case)["resolution 1"][1] == "12-01 11:03"
        set_account(firm, rank="B", alerted=[], by=agent)
    assert policy(5) == "標準"
    with world.ours.scope(), clock.held_at(NINE + timedelta(minutes=5)):
        change_customer(firm, name="㈱髙﨑商事", by=agent)
    assert policy(6) == "名指し"
