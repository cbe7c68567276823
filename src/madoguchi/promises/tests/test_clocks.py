"""What clocks show: when each begins, ends, stands still, is due and is broken."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest

from madoguchi.kernel.hours import Calendar, frames
from madoguchi.promises.clocks import State
from madoguchi.promises.policy import Hold, Metric, Policy
from madoguchi.promises.tests.telling import OFFICE, at, events, only, policy, shown, spans

HOUR = timedelta(hours=1)
WAITS = (Metric.REQUESTER_WAIT, Metric.AGENT_WORK, Metric.RESOLUTION)


def test_the_first_answer_of_a_person_ends_the_first_clock() -> None:
    clock = only(
        shown(
            "15:00",
            policy(Metric.FIRST_REPLY, 4),
            "10:00 opened",
            "10:01 answered automatic=acknowledgement",
            "11:30 answered status=waiting_customer",
        )
    )

    assert (clock.state, clock.began_at, clock.ended_at) == (State.MET, at("10:00"), at("11:30"))
    assert (clock.due_at, clock.breached_at, clock.counted) == (at("14:00"), None, 1.5 * HOUR)


def test_a_second_letter_of_hers_winds_no_second_clock() -> None:
    clock = only(shown("12:00", policy(Metric.FIRST_REPLY, 4), "10:00 opened", "11:00 received"))

    assert (clock.began_at, clock.due_at, clock.state) == (at("10:00"), at("14:00"), State.RUNNING)


def test_each_answer_ends_a_clock_and_her_next_letter_winds_another() -> None:
    clocks = shown(
        "17:00",
        policy(Metric.NEXT_REPLY, 1),
        "09:00 opened",
        "09:30 answered",
        "10:00 received",
        "10:15 received",
        "10:40 answered status=waiting_customer",
        "13:00 received",
        "15:00 answered",
    )

    assert [(c.cycle, c.began_at, c.ended_at, c.breached_at) for c in clocks] == [
        (1, at("10:00"), at("10:40"), None),
        (2, at("13:00"), at("15:00"), at("14:00")),
    ]


def test_who_was_written_to_first_waits_for_a_first_answer_once_she_writes() -> None:
    clock = only(shown("12:00", policy(Metric.FIRST_REPLY, 4), "09:00 opened by=staff", "11:00 received"))

    assert (clock.began_at, clock.due_at) == (at("11:00"), at("15:00"))


def test_a_machine_that_writes_waits_for_nothing() -> None:
    assert (
        shown(
            "12:00",
            policy(Metric.FIRST_REPLY, 4),
            "09:00 opened automatic=list",
            "10:00 received automatic=x",
        )
        == []
    )


def test_she_hears_of_us_again_and_again() -> None:
    clocks = shown(
        "14:00", policy(Metric.PERIODIC_UPDATE, 2), "09:00 opened", "10:00 answered", "11:30 answered"
    )

    assert [(c.began_at, c.ended_at, c.due_at, c.breached_at) for c in clocks] == [
        (at("10:00"), at("11:30"), at("12:00"), None),
        (at("11:30"), None, at("13:30"), at("13:30")),
    ]


@pytest.mark.parametrize("metric", WAITS)
@pytest.mark.parametrize("hold", ["waiting_customer", "waiting_third"])
def test_waits_pause_while_somebody_else_holds_the_ball_and_keep_what_ran(metric: Metric, hold: str) -> None:
    lines = ["09:00 opened", f"11:00 answered status={hold}", "14:00 received"]

    paused = only(shown("12:00", policy(metric, 4), *lines[:2]))
    again = only(shown("15:00", policy(metric, 4), *lines))

    assert (paused.state, paused.why, paused.due_at, paused.counted) == (State.PAUSED, hold, None, 2 * HOUR)
    assert (again.state, again.why, again.due_at, again.counted) == (State.RUNNING, "", at("16:00"), 3 * HOUR)
    assert spans(again) == ["09:00–11:00 ran 120", f"11:00–14:00 {hold}", "14:00–15:00 ran 60"]


def test_replies_run_on_whoever_holds_the_ball_unless_the_policy_says_otherwise() -> None:
    lines = ["09:00 opened", "10:00 status to=waiting_third"]

    running = only(shown("12:00", policy(Metric.FIRST_REPLY, 4), *lines))
    paused = only(shown("12:00", policy(Metric.FIRST_REPLY, 4, holds=frozenset({Hold.THIRD})), *lines))

    assert (running.state, running.due_at) == (State.RUNNING, at("13:00"))
    assert (paused.state, paused.due_at, paused.counted) == (State.PAUSED, None, HOUR)


@pytest.mark.parametrize(
    ("hold", "lines"),
    [(Hold.NEW, ["11:00 status to=open"]), (Hold.UNASSIGNED, ["11:00 assigned to=mori"])],
)
def test_a_clock_may_wait_until_somebody_takes_it_up(hold: Hold, lines: list[str]) -> None:
    clock = only(
        shown("12:00", policy(Metric.AGENT_WORK, 2, holds=frozenset({hold})), "09:00 opened", *lines)
    )

    assert spans(clock) == [f"09:00–11:00 {hold}", "11:00–12:00 ran 60"]
    assert clock.due_at == at("13:00")


def test_several_frames_a_night_and_a_weekend() -> None:
    clock = only(
        shown("2026-12-07 09:30", policy(Metric.FIRST_REPLY, 4, calendar=OFFICE), "2026-12-04T16:30 opened")
    )

    # An hour and a half on Friday, half an hour on Monday so far; two hours are left, until half past eleven.
    assert (clock.counted, clock.due_at) == (2 * HOUR, at("2026-12-07 11:30"))


def test_ended_in_the_second_that_is_due_it_is_kept_and_one_later_broken() -> None:
    lines = ["10:00 opened", "14:00 answered"]
    late = [lines[0], "14:00:01 answered"]

    assert only(shown("15:00", policy(Metric.FIRST_REPLY, 4), *lines)).breached_at is None
    assert only(shown("15:00", policy(Metric.FIRST_REPLY, 4), *late)).breached_at == at("14:00")
    assert only(shown("14:00", policy(Metric.FIRST_REPLY, 4), "10:00 opened")).breached_at is None
    assert only(shown("14:00:01", policy(Metric.FIRST_REPLY, 4), "10:00 opened")).breached_at == at("14:00")


def test_solved_it_is_met_and_opened_again_it_goes_on_with_what_it_had() -> None:
    lines = ["09:00 opened", "10:00 answered status=solved", "12:00 received"]

    solved = only(shown("11:00", policy(Metric.RESOLUTION, 2), *lines))
    again = only(shown("12:30", policy(Metric.RESOLUTION, 2), *lines))

    assert (solved.state, solved.ended_at, solved.counted) == (State.MET, at("10:00"), HOUR)
    assert (again.state, again.ended_at, again.counted, again.due_at) == (
        State.RUNNING,
        None,
        1.5 * HOUR,
        at("13:00"),
    )
    assert spans(again) == ["09:00–10:00 ran 60", "10:00–12:00 at_rest", "12:00–12:30 ran 30"]


def test_solved_and_closed_it_ended_when_it_was_solved() -> None:
    clock = only(shown("13:00", policy(Metric.RESOLUTION, 2), "09:00 opened", "10:00 solved", "12:00 closed"))

    assert (clock.state, clock.ended_at) == (State.MET, at("10:00"))


def test_solved_without_an_answer_the_clock_of_the_answer_is_stopped() -> None:
    lines = ["09:00 opened", "10:00 solved", "15:00 received", "15:30 answered"]

    stopped = only(shown("11:00", policy(Metric.FIRST_REPLY, 2), *lines))
    met = only(shown("16:00", policy(Metric.FIRST_REPLY, 2), *lines))

    assert (stopped.state, stopped.ended_at, stopped.breached_at) == (State.STOPPED, at("10:00"), None)
    assert (met.state, met.counted, met.breached_at) == (State.MET, 1.5 * HOUR, None)


def test_what_became_urgent_is_measured_by_the_shorter_time_from_then_on() -> None:
    slow = policy(Metric.FIRST_REPLY, 8)
    targets = dict(slow.targets)
    targets[Metric.FIRST_REPLY, "urgent"] = replace(targets[Metric.FIRST_REPLY, "urgent"], length=2 * HOUR)
    both = Policy("標準", targets)

    soon = only(shown("10:30", both, "09:00 opened", "10:00 priority to=urgent"))
    late = only(shown("12:30", both, "09:00 opened", "12:00 priority to=urgent"))
    again = only(shown("13:00", both, "09:00 opened", "12:00 priority to=urgent", "12:30 priority to=normal"))

    assert (soon.due_at, soon.breached_at) == (at("11:00"), None)
    assert (late.due_at, late.breached_at) == (at("12:00"), at("12:00"))
    # What was broken stays broken.
    assert (again.breached_at, again.counted) == (at("12:00"), 4 * HOUR)


def test_the_first_policy_that_fits_holds_and_another_one_once_the_case_fits_that() -> None:
    quick = replace(policy(Metric.FIRST_REPLY, 1), name="大口", when={"tags": frozenset({"大口"})})
    usual = replace(policy(Metric.FIRST_REPLY, 8, calendar=OFFICE), name="標準")
    lines = ["11:30 opened", "13:30 tags to=大口", "13:45 answered"]

    before, after = only(shown("12:45", [quick, usual], *lines)), only(shown("14:00", [quick, usual], *lines))

    assert (before.policy.name, before.counted) == ("標準", HOUR / 2)
    # What was counted by the office's hours stays: an hour of it, and a quarter of an hour round the clock.
    assert (after.policy.name, after.counted) == ("大口", 1.25 * HOUR)
    assert after.breached_at == at("13:30")


def test_where_nothing_is_promised_any_more_the_clock_stands() -> None:
    quick = replace(policy(Metric.FIRST_REPLY, 4), when={"desk": frozenset({"返品"})})
    lines = ["09:00 opened desk=返品", "10:00 desk to=技術", "12:00 desk to=返品"]

    gone, back = only(shown("11:00", quick, *lines)), only(shown("12:30", quick, *lines))

    assert (gone.state, gone.why, gone.due_at) == (State.PAUSED, "no_target", None)
    assert (back.state, back.counted, back.due_at) == (State.RUNNING, 1.5 * HOUR, at("15:00"))


def test_a_case_that_never_fits_has_no_clocks() -> None:
    other = replace(policy(Metric.FIRST_REPLY, 4), when={"channel": frozenset({"form"})})

    assert shown("11:00", other, "09:00 opened channel=email") == []


def test_a_merged_case_counts_no_more() -> None:
    clock = only(shown("14:00", policy(Metric.FIRST_REPLY, 2), "09:00 opened", "10:00 merged"))

    assert (clock.state, clock.ended_at, clock.breached_at) == (State.MERGED, at("10:00"), None)


@pytest.mark.parametrize("metric", [Metric.FIRST_REPLY, *WAITS])
def test_a_merge_that_was_undone_never_was(metric: Metric) -> None:
    told = ["09:00 opened", "12:00 answered"]

    undone = shown("13:00", policy(metric, 2), told[0], "10:00 merged", "11:00 unmerged", told[1])

    assert undone == shown("13:00", policy(metric, 2), *told)


def test_what_a_merge_brings_counts_from_when_it_was_written() -> None:
    lines = ["10:00 opened", "10:30 answered", "12:00 took_in merge=7", "09:00 received merge=7"]
    waiting = [*lines, "11:00 received merge=7"]

    assert shown("13:00", policy(Metric.NEXT_REPLY, 4), *lines) == []
    assert only(shown("13:00", policy(Metric.NEXT_REPLY, 4), *waiting)).due_at == at("15:00")
    assert only(shown("13:00", policy(Metric.FIRST_REPLY, 4), *lines)).began_at == at("09:00")
    assert shown("13:00", policy(Metric.NEXT_REPLY, 4), *waiting, "12:30 unmerged merge=7") == []


def test_an_answer_that_was_taken_back_was_none() -> None:
    lines = ["09:00 opened", "10:00 answered message=5 status=waiting_customer"]

    clock = only(shown("12:00", policy(Metric.FIRST_REPLY, 4), *lines, "10:00:05 taken_back message=5"))

    assert (clock.state, clock.due_at) == (State.RUNNING, at("13:00"))


def test_a_calendar_that_never_opens_makes_nothing_due() -> None:
    shut = replace(OFFICE, week=((),) * 7)

    clock = only(shown("2026-12-20 09:00", policy(Metric.FIRST_REPLY, 4, calendar=shut), "09:00 opened"))

    assert (clock.state, clock.due_at, clock.counted) == (State.RUNNING, None, timedelta())


@pytest.mark.parametrize(
    ("day", "until"),
    [
        # Longer than any look ahead, and so long that nobody looks.
        ("2027-12-01", "2027-12-02 09:00"),
        ("2029-04-02", "2029-04-03 09:00"),
    ],
)
def test_a_calendar_that_opens_after_years_is_due_and_broken_then(day: str, until: str) -> None:
    late = Calendar(week=((),) * 7, changes={date.fromisoformat(day): frames("09:00-18:00")})

    clock = only(shown(until, policy(Metric.FIRST_REPLY, 1, calendar=late), "09:00 opened"))

    assert (clock.state, clock.due_at, clock.breached_at) == (State.RUNNING, *[at(f"{day} 10:00")] * 2)
    assert clock.counted == 9 * HOUR


@pytest.mark.parametrize(
    ("metric", "lines"),
    [
        (Metric.FIRST_REPLY, ["09:00 opened", "10:00 answered message=5", "11:00 taken_back"]),
        (Metric.FIRST_REPLY, ["09:00 opened", "10:00 merged", "11:00 unmerged"]),
        (Metric.FIRST_REPLY, ["09:00 opened", "10:00 answered", "10:30 answered", "11:00 taken_back"]),
    ],
)
def test_what_was_undone_may_stand_in_any_order(metric: Metric, lines: list[str]) -> None:
    in_order = shown("12:00", policy(metric, 4), *lines)

    for mixed in permutations(lines):
        assert shown("12:00", policy(metric, 4), *mixed) == in_order


def test_lines_may_stand_in_any_order() -> None:
    lines = ["09:00 opened", "10:00 answered", "11:00 received"]

    assert [e.at for e in events(*reversed(lines))] == [at("11:00"), at("10:00"), at("09:00")]
    assert shown("12:00", policy(Metric.NEXT_REPLY, 4), *reversed(lines)) == shown(
        "12:00", policy(Metric.NEXT_REPLY, 4), *lines
    )
