"""Events read into records: what is counted, whose it is, when it is decided."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.insight.legs import calls_in
from madoguchi.insight.logged import Event, Span
from madoguchi.insight.reading import (
    asked_in,
    done_in,
    occupied_in,
    promises_in,
    suffered_in,
    talks_in,
    with_matter,
)
from madoguchi.insight.records import Call, Done, Harassment, Kept, Occupied

NINE = datetime(2026, 11, 2, 0, tzinfo=UTC)
MONTH = Span(NINE - timedelta(days=1), NINE + timedelta(days=29), NINE + timedelta(days=60))
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
_ids = count(1)


def event(
    kind: str, since: timedelta = timedelta(), /, *, case: int = 1, by: int | None = None, **data: Any
) -> Event:
    return Event(next(_ids), kind, NINE + since, case, 7, by, data)


def all_time(desk: int | None, begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()


def ended(outcome: str, *spans: tuple[str, float, float], call: int = 1) -> Event:
    """The end of a call with stretches from and to so many seconds after nine."""
    written = [
        {"spent": name, "begin": (NINE + a * SECOND).isoformat(), "end": (NINE + b * SECOND).isoformat()}
        for name, a, b in spans
    ]
    return event("call.ended", HOUR, call=call, outcome=outcome, spans=written)


def only_call(*events: Event) -> Call:
    [call] = calls_in(events, MONTH)
    return call


class TestCalls:
    def test_an_answered_call_waited_until_its_first_talk(self) -> None:
        spans = [("ring", 0, 2), ("menu", 2, 12), ("wait", 12, 40), ("talk", 40, 100), ("hold", 100, 130)]
        begin = event("call.began", call=1)
        rang = event("call.rang", 40 * SECOND, call=1, person=5, answered=True, seconds=8)
        missed = event("call.rang", 30 * SECOND, call=1, person=4, answered=False, seconds=8)
        end = ended("talked", *spans, ("wait", 130, 150), ("talk", 150, 170))
        wrapped = event("call.wrapped_up", 2 * HOUR, call=1, person=5, code="solved", seconds=45)

        call = only_call(begin, missed, rang, end, wrapped)

        assert call == Call(
            ref="call 1",
            events=(begin.id, missed.id, rang.id, end.id, wrapped.id),
            desk=7,
            person=5,
            at=NINE,
            waited=28,
            answered=True,
            talk=80,
            hold=30,
            wrap=45,
        )

    @pytest.mark.parametrize(
        ("outcome", "expected"),
        [
            ("abandoned", {"gave_up": True}),
            ("short", {"gave_up": True}),
            ("call_back", {"call_back": True}),
            ("message", {"overflowed": True}),
            ("broken", {}),
        ],
    )
    def test_who_was_not_answered_left_the_queue_in_one_way(
        self, outcome: str, expected: dict[str, bool]
    ) -> None:
        call = only_call(ended(outcome, ("ring", 0, 1), ("wait", 1, 4)))

        told = {name: getattr(call, name) for name in ("gave_up", "call_back", "overflowed", "answered")}
        assert {name for name, is_so in told.items() if is_so} == set(expected)
        assert (call.waited, call.short) == (3, bool(expected.get("gave_up")))

    @pytest.mark.parametrize("outcome", ["informed", "short", "message", "abandoned"])
    def test_who_never_came_to_a_queue_is_not_counted(self, outcome: str) -> None:
        assert calls_in([ended(outcome, ("ring", 0, 1), ("menu", 1, 20))], MONTH) == []

    def test_a_busy_line_is_counted_as_such(self) -> None:
        call = only_call(ended("rejected", ("ring", 0, 1)))

        assert (call.blocked, call.answered) == (True, False)

    def test_a_call_that_we_made_is_none_that_we_answered(self) -> None:
        placed = event("call.placed", call=1, person=5, tries=1)
        talked = ended("talked", ("ring", 0, 9), ("talk", 9, 60))

        assert calls_in([placed, talked], MONTH) == []
        assert len(calls_in([talked], MONTH)) == 1

    @pytest.mark.parametrize(
        ("how", "waited", "taken_over"),
        [("transfer", 8, False), ("hold", 0, True)],
        ids=["handed on", "put through"],
    )
    def test_each_who_had_a_call_has_their_own_part_of_it(
        self, how: str, waited: float, taken_over: bool
    ) -> None:
        first = event("call.rang", call=1, person=5, answered=True, seconds=5)
        asked = event("call.rang", call=1, person=6, answered=True, seconds=2, aside=True)
        second = replace(event("call.rang", call=1, person=9, answered=True, seconds=3), desk=8)
        spans = [("ring", 0, 2), ("wait", 2, 7), ("talk", 7, 67)]
        spans += [("transfer", 67, 75), ("talk", 75, 105)] if how == "transfer" else [("talk", 75, 105)]
        end = ended("talked", *spans)
        for span, turn in zip(end.data["spans"], [0, 0, 0, 1, 1], strict=False):
            span["turn"] = turn
        wrapped = event("call.wrapped_up", HOUR, call=1, person=5, code="handed_on", seconds=11)

        one, other = calls_in([first, asked, second, end, wrapped], MONTH)

        assert (one.desk, one.person, one.waited, one.talk, one.wrap) == (7, 5, 5, 60, 11)
        assert (other.desk, other.person, other.waited, other.talk, other.wrap) == (8, 9, waited, 30, 0)
        assert [(c.turn, c.answered, c.taken_over) for c in (one, other)] == [
            (0, True, False),
            (1, True, taken_over),
        ]

    def test_what_somebody_outside_had_is_not_the_part_of_who_took_the_caller_after_them(self) -> None:
        first = event("call.rang", call=1, person=5, answered=True, seconds=5)
        then = event("call.rang", call=1, person=9, answered=True, seconds=4)
        end = ended(
            "talked",
            ("wait", 0, 5),
            ("talk", 5, 65),
            ("talk", 65, 365),
            ("hold", 365, 375),
            ("wait", 375, 379),
        )
        end.data["spans"].extend(ended("talked", ("talk", 379, 399)).data["spans"])
        for span, turn in zip(end.data["spans"], [0, 0, 1, 1, 2, 2], strict=True):
            span.update({"turn": turn} | ({"outside": True} if turn == 1 else {}))

        calls = calls_in([first, then, end], MONTH)

        assert [(c.person, c.turn, c.waited, c.talk) for c in calls] == [(5, 0, 5, 60), (9, 2, 4, 20)]

    def test_who_gives_up_after_a_hand_on_gave_up_at_the_desk_it_was_handed_to(self) -> None:
        rang = event("call.rang", call=1, person=5, answered=True, seconds=5)
        handed = event("call.handed_on", call=1, person=5, to=None, from_desk=7, to_desk=8)
        end = ended("talked", ("wait", 0, 5), ("talk", 5, 65), ("transfer", 65, 95))
        end.data["ended_by"] = "caller"  # type: ignore[index]
        for span, turn in zip(end.data["spans"], [0, 0, 1], strict=True):
            span["turn"] = turn

        one, other = calls_in([rang, handed, end], MONTH)

        assert (one.desk, one.person, one.answered, one.gave_up) == (7, 5, True, False)
        assert (other.desk, other.person, other.waited, other.gave_up) == (8, None, 30, True)

    def test_a_call_that_goes_on_is_not_counted_yet(self) -> None:
        assert calls_in([event("call.began", call=1)], MONTH) == []

    def test_a_call_belongs_to_the_span_in_which_it_began(self) -> None:
        events = [ended("abandoned", ("wait", 0, 60))]

        assert calls_in(events, Span(NINE - DAY, NINE, NINE)) == []
        assert calls_in(events, Span(NINE + SECOND, NINE + DAY, NINE)) == []
        assert len(calls_in(events, Span(NINE, NINE + SECOND, NINE))) == 1

    def test_an_end_that_was_put_right_counts_in_place_of_the_first(self) -> None:
        broken = ended("broken", ("wait", 0, 9))
        mended = ended("talked", ("wait", 0, 9), ("talk", 9, 30))

        assert only_call(broken, mended).answered


def case(*more: Event, customer: int = 3, number: int = 1) -> list[Event]:
    """A case opened at nine by a mail."""
    opened = event("case.opened", case=number, customer=customer, channel="email", number=1)
    return sorted([opened, *more], key=lambda one: one.at)


def solved(after: timedelta = HOUR, *, to: str = "solved", by: int = 5) -> Event:
    return event("case.status", after, by=by, before="open", after=to)


def only_case(*more: Event, span: Span = MONTH, **known: Any) -> Done:
    [done] = done_in(case(*more), span, worked=all_time, **known)
    return done


class TestCases:
    def test_one_answer_and_solved(self) -> None:
        events = case(event("message.written", HOUR / 2, by=5, message=2), solved())

        [done] = done_in(events, MONTH, worked=all_time)

        assert done == Done(
            ref="case 1",
            events=tuple(one.id for one in events),
            desk=7,
            person=5,
            answered_after=1800,
            solved_after=3600,
            solved_after_then=3600,
        )

    def test_a_machine_answers_nobody_and_comes_back_never(self) -> None:
        thanks = event("message.written", SECOND, message=2, automatic="acknowledge")
        away = event("message.received", 2 * HOUR, message=3, automatic="auto-replied")

        done = only_case(thanks, solved(), away)

        assert (done.answered_after, done.said, done.contacts, done.came_back) == (None, 1, 1, False)

    def test_hops_that_were_taken_back_are_none(self) -> None:
        there = event("case.assigned", SECOND, before=5, after=6, hop=1)
        back = event("case.assigned", 2 * SECOND, before=6, after=5, hop=-1)
        moved = event("case.changed", 3 * SECOND, field="desk", before=7, after=8, hop=1)
        later = event("case.assigned", 2 * HOUR, before=5, after=9, hop=1)

        done = only_case(there, back, moved, solved(), later)

        assert (done.hops, done.person, done.elsewhere) == (1, 9, True)

    def test_what_rules_sent_and_what_was_taken_back_came_to_the_right_desk(self) -> None:
        divided = event("case.changed", SECOND, field="desk", before=7, after=8, hop=0)
        moved = event("case.changed", 2 * SECOND, field="desk", before=8, after=9, hop=1)
        back = event("case.changed", 3 * SECOND, field="desk", before=9, after=8, hop=-1)
        tagged = event("case.changed", 4 * SECOND, field="tags", before=[], after=["返品"])

        assert not only_case(divided, moved, back, tagged, solved()).elsewhere
        assert only_case(divided, moved, solved()).elsewhere

    def test_who_writes_again_before_the_answer_made_two_contacts(self) -> None:
        assert only_case(event("message.received", HOUR / 2, message=2), solved()).contacts == 2

    def test_lines_of_one_sitting_are_one_contact_also_after_it_was_solved(self) -> None:
        line = event("message.received", HOUR / 2, message=2, goes_on=True)
        thanks = event("message.received", HOUR + SECOND, message=3, goes_on=True)

        done = only_case(line, solved(), thanks)

        assert (done.said, done.contacts, done.wrote_again, done.came_back) == (2, 1, True, False)

    @pytest.mark.parametrize(("days", "back"), [(7, True), (7.001, False)])
    def test_who_writes_within_seven_days_came_back(self, days: float, back: bool) -> None:
        again = event("message.received", HOUR + days * DAY, message=2)

        assert only_case(solved(), again).came_back is back

    def test_another_case_of_the_same_matter_is_coming_back_and_of_another_matter_is_not(self) -> None:
        matter = event("case.matter", SECOND, before=None, after=11)
        elsewhere = [
            *case(number=2),
            event("case.matter", 2 * DAY, case=2, before=None, after=11),
            event("message.received", 2 * DAY, case=2, message=9),
        ]
        later = {}
        for customer, said in with_matter([elsewhere[-1]], elsewhere):
            later[customer] = [said]

        assert only_case(matter, solved(), later=later).came_back
        assert not only_case(solved(), later=later).came_back
        assert not only_case(matter, solved(3 * DAY), later=later).came_back

    def test_until_seven_days_are_over_it_is_not_decided(self) -> None:
        soon = Span(MONTH.begin, MONTH.end, NINE + HOUR + 7 * DAY - SECOND)

        assert not only_case(solved(), span=soon).decided
        assert only_case(solved(), span=Span(MONTH.begin, MONTH.end, NINE + HOUR + 7 * DAY)).decided

    def test_it_counts_where_it_was_solved_first(self) -> None:
        again = [solved(), event("case.status", 2 * HOUR, before="solved", after="open"), solved(3 * HOUR)]

        assert only_case(*again).solved_after == 3600
        assert done_in(case(*again), Span(NINE + 2 * HOUR, NINE + DAY, NINE), worked=all_time) == []

    def test_what_is_closed_at_once_is_solved(self) -> None:
        assert only_case(solved(to="closed")).solved_after == 3600

    def test_what_went_on_in_another_case_is_not_counted_until_it_is_taken_back(self) -> None:
        into = event("case.continued", 2 * HOUR, into=2, merge=1)
        apart = event("case.unmerged", 3 * HOUR, merge=1)

        assert done_in(case(solved(), into), MONTH, worked=all_time) == []
        assert len(done_in(case(solved(), into, apart), MONTH, worked=all_time)) == 1

    def test_who_asked_somebody_else_escalated(self) -> None:
        asked = event("escalation.asked", SECOND, escalation=1, to="team", cause="knowledge")

        assert (only_case(asked, solved()).escalated, only_case(solved()).escalated) == (True, False)

    def test_what_is_open_is_not_counted(self) -> None:
        waits = event("case.status", HOUR, before="open", after="waiting_customer")

        assert done_in(case(waits), MONTH, worked=all_time) == []

    def test_a_case_whose_beginning_is_not_in_the_log_is_not_counted(self) -> None:
        assert done_in([solved()], MONTH, worked=all_time) == []


class TestAsked:
    def test_what_was_asked_and_not_withdrawn_counts_with_what_was_opened(self) -> None:
        asked = event("escalation.asked", HOUR, escalation=1, to="team", cause="rule")
        taken = event("escalation.withdrawn", 2 * HOUR, escalation=1)
        again = event("escalation.asked", 3 * HOUR, escalation=2, to="team", cause="rule")
        early = event("case.opened", -5 * DAY, case=2, customer=3, channel="email", number=2)
        late = event("escalation.asked", HOUR, case=2, escalation=3, to="team", cause="rule")

        def told(*events: Event) -> list[tuple[bool, bool]]:
            return [(one.opened, one.asked) for one in asked_in(events, MONTH)]

        assert told(*case()) == [(True, False)]
        assert told(*case(asked)) == [(True, True)]
        assert told(*case(asked, taken)) == [(True, False)]
        assert told(*case(asked, taken, again)) == [(True, True)]
        assert told(early, late) == [(False, True)]
        assert told(early) == []


def made(due: timedelta = 5 * HOUR) -> Event:
    return event("promise.made", promise=1, what="refund", owner=5, due=(NINE + due).isoformat(), found=True)


def moved(after: timedelta, due: timedelta, *, message: int | None = 4) -> Event:
    to = (NINE + due).isoformat()
    return event("promise.moved", after, promise=1, before="", after=to, message=message, answer=None)


def kept(after: timedelta, *, late: bool = False) -> Event:
    return event("promise.kept", after, promise=1, late=late)


def broken(after: timedelta) -> Event:
    return event("promise.broken", after, promise=1, owner=5, due="")


def shown(*events: Event) -> tuple[bool, bool, bool] | None:
    """Kept in time, not by the first time, told before that; None where it is not counted."""
    found: list[Kept] = promises_in(events, MONTH)
    return (found[0].kept, found[0].late_at_first, found[0].told_before) if found else None


class TestPromises:
    def test_kept_in_time(self) -> None:
        assert shown(made(), kept(HOUR)) == (True, False, False)

    def test_broken_and_kept_too_late_is_broken(self) -> None:
        assert shown(made(), broken(5 * HOUR)) == (False, True, False)
        assert shown(made(), broken(5 * HOUR), kept(6 * HOUR, late=True)) == (False, True, False)

    def test_what_was_kept_before_it_was_heard_to_break_is_kept(self) -> None:
        assert shown(made(), broken(5 * HOUR), kept(6 * HOUR)) == (True, False, False)

    def test_who_was_told_before_the_time_ran_out_and_then_served_is_kept_and_told(self) -> None:
        assert shown(made(), moved(4 * HOUR, 9 * HOUR), kept(8 * HOUR)) == (True, True, True)

    def test_who_was_told_afterwards_was_not_told_in_time(self) -> None:
        late = moved(6 * HOUR, 9 * HOUR)

        assert shown(made(), broken(5 * HOUR), late, kept(8 * HOUR, late=True)) == (False, True, False)

    def test_a_time_that_was_moved_here_and_told_to_nobody_is_not_told(self) -> None:
        assert shown(made(), moved(4 * HOUR, 9 * HOUR, message=None), kept(8 * HOUR)) == (True, True, False)

    def test_withdrawn_or_still_open_it_is_not_counted(self) -> None:
        assert shown(made()) is None
        assert shown(made(), event("promise.withdrawn", HOUR, promise=1)) is None
        assert shown(made(), kept(HOUR), event("promise.reopened", 2 * HOUR, promise=1)) is None

    def test_it_belongs_to_the_span_of_its_last_told_time(self) -> None:
        assert shown(made(40 * DAY), kept(HOUR)) is None
        assert shown(made(), moved(4 * HOUR, 40 * DAY), kept(8 * HOUR)) is None

    def test_it_is_whose_it_was_last(self) -> None:
        given = event("promise.given", HOUR, promise=1, owner=6)

        assert [one.person for one in promises_in([made(), given, kept(2 * HOUR)], MONTH)] == [6]


class TestTalks:
    def test_a_person_who_writes_within_three_days_was_needed(self) -> None:
        spoke = event("bot.spoke", message=1, outcome="answer", versions=[1], confidence=80)
        soon = event("message.written", 72 * HOUR, by=5, message=2)
        late = event("message.written", 72 * HOUR + SECOND, by=5, message=2)
        handed = event("bot.handed_over", HOUR, reason="asked")

        found = [talks_in([spoke, *more], MONTH) for more in ([], [soon], [late], [handed])]

        assert [one.needed_person for [one] in found] == [False, True, False, True]

    def test_a_bot_that_only_greeted_answered_nothing(self) -> None:
        [talk] = talks_in(
            [event("bot.spoke", message=1, outcome="greet", versions=[], confidence=None)], MONTH
        )

        assert not talk.answered

    def test_before_three_days_nothing_is_decided(self) -> None:
        spoke = event("bot.spoke", message=1, outcome="answer", versions=[1], confidence=80)

        assert talks_in([spoke], Span(MONTH.begin, MONTH.end, NINE + 71 * HOUR)) == []
        assert talks_in([], MONTH) == []


def marked(since: timedelta = timedelta(), *, mark: int = 1) -> Event:
    return event("harassment.marked", since, by=5, mark=mark, sort="abuse")


def decided(state: str, *, mark: int = 1) -> Event:
    return event("harassment.decided", HOUR, by=6, mark=mark, state=state)


class TestHarassment:
    def only(self, *events: Event, span: Span = MONTH) -> Harassment:
        [one] = suffered_in(events, span)
        return one

    def test_contacts_are_counted_by_case_and_those_of_machines_are_none(self) -> None:
        said = case(event("message.received", HOUR, message=2))
        machine = event("message.received", HOUR, message=3, automatic="bounce")
        early = event("message.received", -2 * DAY, case=2, message=4)

        one = self.only(*said, machine, early)

        expected = {"ref": "case 1", "events": tuple(e.id for e in said), "desk": 7, "said": 2, "contacts": 2}
        assert one == Harassment(**expected)

    def test_what_a_senior_found_counts_from_when_it_was_marked(self) -> None:
        told = [marked(), decided("confirmed")]

        assert self.only(*told) == Harassment(
            ref="mark 1", events=(told[0].id, told[1].id), desk=7, person=5, cases=1
        )
        assert suffered_in(told, Span(NINE + SECOND, NINE + DAY, NINE + DAY)) == []

    def test_what_is_suspected_was_cleared_or_appealed_is_none(self) -> None:
        granted = event("appeal.decided", DAY, mark=3, appeal=1, state="granted")
        upheld = event("appeal.decided", DAY, mark=4, appeal=2, state="upheld")
        told = [marked(mark=n) for n in (1, 2, 3, 4)]
        told += [decided("cleared", mark=2), decided("confirmed", mark=3), decided("confirmed", mark=4)]

        assert [one.ref for one in suffered_in([*told, granted, upheld], MONTH)] == ["mark 4"]

    def test_how_soon_a_senior_came(self) -> None:
        came = event("help.came", by=6, help=9, seconds=42)

        assert self.only(came) == Harassment(
            ref="help 9", events=(came.id,), desk=7, person=6, joined_after=(42.0,)
        )

    @pytest.mark.parametrize(
        ("hours", "outcome", "cared"), [(24, "done", 1), (24.1, "done", 0), (1, "declined", 0)]
    )
    def test_somebody_is_cared_for_once_a_senior_has_spoken_with_them_within_a_day(
        self, hours: float, outcome: str, cared: int
    ) -> None:
        begun = event("care.set", by=6, care=3, sort="talk", person=5)
        settled = event("care.settled", hours * HOUR, by=6, care=3, sort="talk", outcome=outcome)
        rest = event("care.set", by=6, care=4, sort="rest", person=5)

        one = self.only(begun, settled, rest)

        assert (one.ref, one.met, one.cared_for) == ("care 3", 1, cared)

    def test_while_there_is_time_for_it_nothing_is_decided(self) -> None:
        begun = event("care.set", by=6, care=3, sort="talk", person=5)
        soon = Span(MONTH.begin, MONTH.end, NINE + 24 * HOUR - SECOND)

        assert suffered_in([begun], soon) == []
        assert self.only(begun).cared_for == 0

    def test_the_matter_of_a_talk_that_was_ended_is_to_go_on(self) -> None:
        before = event("case.status", before="open", after="solved")
        ended_ = event("stop.decided", HOUR, by=6, mark=1, stop=2, state="agreed", onward="mail")
        refused = event("stop.decided", HOUR, by=6, mark=1, stop=3, state="refused", onward="mail")
        after = event("case.status", DAY, before="open", after="solved")

        one = self.only(before, ended_, refused, after)

        assert (one.ref, one.cut_off, one.solved_after_cut) == ("stop 2", 1, 1)
        assert one.events == (ended_.id, after.id)
        assert self.only(before, ended_).solved_after_cut == 0


def spent(doing: str, begin: float, end: float, *, person: int = 5, desks: tuple[int, ...] = (7,)) -> Event:
    """A stretch from and to so many seconds after nine."""
    ends = {"begin": (NINE + begin * SECOND).isoformat(), "end": (NINE + end * SECOND).isoformat()}
    at = end * SECOND
    return event("phone.spent", at, person=person, doing=doing, desks=list(desks), call=None, **ends)


def present(after: str, at: float, *, before: str, person: int = 5) -> Event:
    return event("presence.changed", at * SECOND, person=person, before=before, after=after)


def times(
    *events: Event, span: Span = MONTH
) -> dict[tuple[int | None, int | None], tuple[float, float, float]]:
    """By person and desk: on calls, wrapping up, idle."""
    return {(one.person, one.desk): (one.talk, one.wrap, one.idle) for one in occupied_in(events, span)}


class TestOccupied:
    def test_each_person_has_a_record_at_each_desk_with_its_events(self) -> None:
        told = [spent("ready", 0, 60), spent("talking", 60, 240), spent("wrapping", 240, 300)]
        other = spent("ready", 0, 400, person=6)

        found = occupied_in([*told, other], MONTH)

        assert found == [
            Occupied(
                ref="person 5",
                events=tuple(one.id for one in told),
                desk=7,
                person=5,
                talk=180,
                wrap=60,
                idle=60,
            ),
            Occupied(ref="person 6", events=(other.id,), desk=7, person=6, idle=400),
        ]

    def test_who_waits_at_several_desks_waits_an_equal_part_at_each(self) -> None:
        told = [spent("ready", 0, 90, desks=(7, 8, 9)), spent("talking", 90, 100, desks=(8,))]

        assert times(*told) == {(5, 7): (0, 0, 30), (5, 8): (10, 0, 30), (5, 9): (0, 0, 30)}

    def test_a_stretch_counts_where_it_lies(self) -> None:
        told = [spent("talking", -3_600, 3_600)]
        first, second = (Span(NINE + at * HOUR, NINE + (at + 1) * HOUR, NINE + DAY) for at in (-1, 0))
        after = Span(NINE + HOUR, NINE + 2 * HOUR, NINE + DAY)

        assert times(*told, span=first) == times(*told, span=second) == {(5, 7): (3_600, 0, 0)}
        assert times(*told, span=after) == {}

    def test_who_says_that_they_are_away_does_not_wait_for_calls(self) -> None:
        told = [
            present("break", 10, before="available"),
            present("available", 30, before="break"),
            spent("ready", 0, 100),
            spent("wrapping", 5, 25),
            spent("ready", 0, 100, person=6),
        ]

        assert times(*told) == {(5, 7): (0, 20, 80), (6, 7): (0, 0, 100)}

    def test_what_they_were_before_is_told_by_what_they_say_first(self) -> None:
        told = [present("available", 40, before="away"), present("off", 90, before="available")]

        assert times(*told, spent("ready", 0, 100)) == {(5, 7): (0, 0, 50)}

    @given(
        st.lists(st.tuples(st.integers(1, 600), st.sampled_from(["ready", "talking", "wrapping", "gone"]))),
        st.lists(st.integers(0, 3_000), max_size=6, unique=True),
        st.integers(0, 3_000),
    )
    def test_no_second_is_counted_twice_and_spans_add_up(
        self, parts: list[tuple[int, str]], turns: list[int], cut: int
    ) -> None:
        told, at = [], 0
        for seconds, doing in parts:
            told += [spent(doing, at, at + seconds)] * (doing != "gone")
            at += seconds
        states = ["available", "break"] * 4
        told += [present(states[n + 1], one, before=states[n]) for n, one in enumerate(sorted(turns))]
        edge, end = NINE + cut * SECOND, NINE + max(at, cut) * SECOND
        sides = (Span(NINE, edge, end), Span(edge, end, end), Span(NINE, end, end))
        before, later, whole = (sum(sum(one) for one in times(*told, span=one).values()) for one in sides)

        assert before + later == whole <= at
        assert before <= cut
        assert later <= max(at, cut) - cut
