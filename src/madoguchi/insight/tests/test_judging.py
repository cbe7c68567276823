"""Figures of cases, work, opinions, quality, money, outbound calls and recalls, by hand."""

from datetime import date

import pytest

from madoguchi.insight.catalogue import DEFINITIONS, definition
from madoguchi.insight.definitions import Unit, by_name, told
from madoguchi.insight.records import (
    Asked,
    Attempt,
    Audit,
    Cell,
    Coordination,
    Cost,
    Done,
    Harassment,
    Judged,
    Kept,
    Marked,
    Opinion,
    Recall,
    Record,
    Replied,
    Scored,
    Slot,
    Staffing,
    Talk,
    Voice,
    Work,
)
from madoguchi.insight.tests.counted import value
from madoguchi.kernel.errors import NotFound

HOUR = 3600.0
CASES = [
    Done(contacts=1, answered_after=HOUR, solved_after=2 * HOUR, told_again=False),
    Done(contacts=1, came_back=True, answered_after=2 * HOUR, solved_after=9 * HOUR, hops=1),
    Done(said=2, contacts=2, answered_after=3 * HOUR, solved_after=8 * HOUR, hops=2, escalated=True),
    Done(
        contacts=1,
        said_again=True,
        answered_after=5 * HOUR,
        solved_after=6 * HOUR,
        hops=3,
        elsewhere=True,
        told_again=True,
    ),
    Done(contacts=1, decided=False, solved_after=HOUR),
]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fcr", 2 / 4),
        ("hops", 6 / 5),
        ("hop2_rate", 2 / 5),
        ("wrong_desk_rate", 1 / 5),
        ("told_again", 1 / 2),
        ("first_reply_p80", 5 * HOUR),
        ("time_to_solve_p80", 8 * HOUR),
    ],
)
def test_cases(name: str, expected: float) -> None:
    assert value(name, [*CASES]) == expected


def test_the_first_contact_once_counted_the_customers_messages() -> None:
    assert value("fcr", [Done(said=3), Done(wrote_again=True), Done()], "1") == 1 / 3
    assert value("fcr", [Done(said=3), Done(wrote_again=True), Done()], "2") == 1


def test_who_wrote_that_they_had_said_it_before_explained_again() -> None:
    assert value("told_again", [*CASES], "2") == 1 / 5


def test_questions_by_cause_and_receiver_are_those_that_stood_when_it_was_solved() -> None:
    rule, many = frozenset({"rule"}), frozenset({"rule", "knowledge"})
    solved: list[Record] = [
        Done(escalated=True, causes=rule, receivers=frozenset({"team"})),
        Done(escalated=True, causes=many, receivers=frozenset({"company", "team"})),
        Done(escalated=True),
        Done(),
    ]

    names = ("for_rule", "for_knowledge", "for_system", "to_team", "to_company", "to_desk")
    assert [value(f"escalated_{name}", solved) for name in names] == [0.5, 0.25, 0, 0.5, 0.25, 0]
    assert (value("escalation_rate", solved, "2"), value("escalation_rate", solved, "3")) == (0.75, 0.5)


def test_who_still_waits_makes_the_first_answer_slower() -> None:
    records: list[Record] = [
        *(Replied(waited=HOUR) for _ in range(4)),
        Replied(waited=9 * HOUR, answered=False),
        Replied(waited=8 * HOUR, answered=False),
    ]

    assert value("first_reply_p80", records, "2") == 8 * HOUR
    assert value("still_waiting", records) == 2 / 6


def test_who_waits_since_before_opening_is_measured_once_working_time_passes() -> None:
    overnight: list[Record] = [Replied(waited=0, answered=False) for _ in range(4)]
    answered_early: list[Record] = [Replied(waited=0)]
    open_now: list[Record] = [Replied(waited=60, answered=False)]

    told = [
        (value("first_reply_p80", records, "2"), value("first_reply_p80", records, "3"))
        for records in (overnight, overnight + answered_early, overnight + open_now)
    ]

    assert told == [(0, None), (0, 0), (0, 60)]


def test_minutes_of_the_company_by_a_hundred_contacts() -> None:
    assert value("company_minutes", [Coordination(contacts=40), Coordination(minutes=18)], "2") == 45


def test_points_of_two_people_agree_as_shrout_and_fleiss_have_it() -> None:
    """The first two judges of their example (1979, table 2)."""
    points = [(9, 2), (6, 1), (8, 4), (7, 1), (10, 5), (6, 2)]
    records: list[Record] = [Scored(one=one, other=other) for one, other in points]

    alike: list[Record] = [Scored(one=n, other=n) for n in range(5)]
    found = value("icc", records)
    assert found is not None
    assert (round(found, 4), value("icc", alike), value("icc", alike[:1])) == (0.1257, 1, None)


def test_half_hours_that_err_both_ways_are_a_good_day() -> None:
    first, second = date(2026, 11, 2), date(2026, 11, 3)
    slots: list[Record] = [
        Slot(day=first, foreseen=12, came=10),
        Slot(day=first, foreseen=8, came=10),
        Slot(day=second, foreseen=15, came=20),
    ]

    assert (value("wape", slots, "1"), value("wape", slots, "2")) == (9 / 40, 5 / 40)


def test_stars_need_all_five_items_of_a_field() -> None:
    quality: list[Record] = [Marked(of="quality", points=one) for one in (4, 4, 3, 3, 4)]
    performance: list[Record] = [Marked(of="performance", points=one) for one in (3, 2, 3, 2, 3)]

    assert (value("stars", quality, "2"), value("stars", [*quality, *performance], "2")) == (3, 2)
    assert (value("stars", quality[:4], "1"), value("stars", quality[:4], "2")) == (3, None)
    assert value("hdi_points", [*quality, *performance]) == 3.1


def test_what_is_beyond_a_quota_and_who_found_it_easy() -> None:
    assert value("quota_excess", [Cell(wanted=10, had=12), Cell(wanted=10, had=8)]) == 1
    assert value("ces", [Opinion(easy=7), Opinion(easy=5), Opinion(easy=4), Opinion()], "2") == 2 / 3


def test_who_left_the_bot_without_an_answer() -> None:
    assert value("left_talks", [Talk(), Talk(answered=False, left=True), Talk(answered=False)]) == 1 / 3


def test_cases_in_which_somebody_else_was_asked_over_those_solved_and_over_those_opened() -> None:
    opened: list[Record] = [Asked(opened=True), Asked(opened=True, asked=True), Asked(asked=True)]

    assert value("escalation_rate", [*CASES], "2") == 1 / 5
    assert value("escalation_rate", opened, "1") == 2 / 2


def test_promises() -> None:
    records: list[Record] = [
        *(Kept(kept=True) for _ in range(7)),
        Kept(kept=True, late_at_first=True, told_before=True),
        Kept(late_at_first=True, told_before=True),
        Kept(late_at_first=True),
    ]

    assert value("promise_kept", records) == 0.8
    assert value("delay_told", records) == 2 / 3


def test_talks_of_a_bot_that_answered_nothing_are_not_counted() -> None:
    records: list[Record] = [Talk(), Talk(), Talk(needed_person=True), Talk(answered=False)]

    found = definition("self_service_rate").reckon(records)

    assert (found.over, found.under) == (2, 3)


SHIFT = Work(
    talk=2.5 * HOUR,
    hold=0.5 * HOUR,
    wrap=HOUR,
    idle=HOUR,
    other_contacts=0.5 * HOUR,
    on_queue=5 * HOUR,
    worked=6.25 * HOUR,
    paid=8 * HOUR,
    unproductive=2.5 * HOUR,
    handled=44,
    planned=7.5 * HOUR,
    planned_on_queue=5.5 * HOUR,
    exceptions=0.75 * HOUR,
)


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("occupancy", "1", 0.8),
        ("utilisation", "1", 4.5 / 6.25),
        ("utilisation", "2", 4.5 / 6.25),
        ("utilisation", "3", 1.0),
        ("shrinkage", "1", 0.375),
        ("adherence", "1", 0.9),
        ("conformance", "1", 5 / 5.5),
        ("cph", "1", 8.0),
    ],
)
def test_work(name: str, version: str, expected: float) -> None:
    assert value(name, [SHIFT], version) == pytest.approx(expected)


def test_of_ten_busy_in_fourteen_seats_ten_fourteenths_are_occupied() -> None:
    assert round(value("occupancy", [Work(talk=10, idle=4)]) or 0, 3) == 0.714


def test_exceptions_beyond_what_was_planned_count_as_none_kept() -> None:
    assert value("adherence", [Work(planned=100, exceptions=150), Work(planned=100)]) == 0.5


def test_a_forecast_that_errs_both_ways_is_not_right_on_average() -> None:
    assert value("wape", [Slot(foreseen=110, came=100), Slot(foreseen=90, came=100)]) == 0.1


def test_opinions() -> None:
    records: list[Record] = [
        Opinion(satisfied=5, recommends=10, easy=7),
        Opinion(satisfied=4, recommends=9, easy=6),
        Opinion(satisfied=3, recommends=8, easy=5),
        Opinion(satisfied=1, recommends=6),
        Opinion(recommends=0),
    ]

    assert [value(name, records) for name in ("csat", "nps", "ces")] == [0.5, 0, 6]


def test_three_sorts_of_grave_errors_are_counted_apart() -> None:
    records: list[Record] = [
        *(Audit() for _ in range(17)),
        Audit(customer=True),
        Audit(customer=True, law=True),
        Audit(business=True),
    ]

    names = ("customer_accuracy", "business_accuracy", "law_accuracy")
    assert [value(name, records) for name in names] == [0.9, 0.95, 0.95]


def test_agreement_beyond_chance() -> None:
    """Forty of fifty alike: 0.8 less the half that chance gives is 0.6 of what there was to agree on."""
    pairs = (
        [("pass", "pass")] * 20 + [("fail", "fail")] * 20 + [("pass", "fail")] * 5 + [("fail", "pass")] * 5
    )
    records: list[Record] = [Judged(one=one, other=other) for one, other in pairs]

    assert (value("agreement", records), value("kappa", records)) == (0.8, pytest.approx(0.6))
    assert value("kappa", [Judged(one="pass", other="pass")]) is None
    assert value("kappa", []) is None


@pytest.mark.parametrize(
    ("quality", "performance", "expected"),
    [
        ([3.5], [3.5], 3),
        ([4, 4], [3, 3.98], 2),
        ([3.49, 3.5], [4], 3),
        ([3.494], [4], 2),
        ([2.5], [4], 2),
        ([1.5], [4], 1),
        ([1.49], [4], 0),
    ],
)
def test_stars_are_those_of_the_lower_field(
    quality: list[float], performance: list[float], expected: int
) -> None:
    records: list[Record] = [
        *(Marked(of="quality", points=points) for points in quality),
        *(Marked(of="performance", points=points) for points in performance),
    ]

    assert value("stars", records) == expected


def test_turnover_is_told_for_a_year() -> None:
    half_year: list[Record] = [Staffing(average=40, left=6, months=6, hired=10, left_within_year=3)]

    assert (value("turnover", half_year), value("left_within_year", half_year)) == (0.3, 0.3)


def test_cost_counts_the_company_s_own_time() -> None:
    month: list[Record] = [Cost(yen=450_000, handled=900, solved=600, company_minutes=450)]

    names = ("cost_per_contact", "cost_per_solved", "company_minutes")
    assert [value(name, month) for name in names] == [500, 750, 50]


def test_voices_are_told_by_half_and_by_nine_tenths() -> None:
    records: list[Record] = [Voice(reached_after=minutes * 60) for minutes in range(10, 110, 10)]

    assert (value("voice_reach_p50", records), value("voice_reach_p90", records)) == (3000, 5400)


def test_calls_to_customers() -> None:
    records: list[Record] = [
        *(Attempt() for _ in range(60)),
        *(Attempt(connected=True) for _ in range(35)),
        *(Attempt(connected=True, appointment=True) for _ in range(4)),
        Attempt(connected=True, dropped=True),
    ]

    names = ("connect_rate", "appointment_rate", "drop_rate")
    assert [value(name, records) for name in names] == [0.4, 0.1, 0.025]


def test_a_full_cell_makes_up_for_no_other() -> None:
    records: list[Record] = [
        Cell(wanted=100, had=120, asked=300, refused=60),
        Cell(wanted=100, had=50, asked=100, refused=20),
    ]

    assert (value("quota_met", records), value("refusal_rate", records)) == (0.75, 0.2)


def test_a_recall_is_told_by_what_is_mended_and_who_was_reached() -> None:
    records: list[Record] = [Recall(out=20_000, reached=15_000, mended=9_000)]

    assert (value("recall_progress", records), value("recall_reached", records)) == (0.45, 0.75)


def test_harassment() -> None:
    month: list[Record] = [
        Harassment(
            said=12_000,
            contacts=4_000,
            cases=6,
            joined_after=(10.0, 20.0),
            met=6,
            cared_for=5,
            cut_off=2,
            solved_after_cut=1,
        )
    ]

    names = ("harassment_rate", "supervisor_joins", "cared_for", "solved_after_cut")
    assert [value(name, month) for name in names] == [1.5, 15, 5 / 6, 0.5]
    assert value("harassment_rate", month, "1") == 0.5


@pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: one.key)
def test_every_figure_says_what_it_is_and_has_no_value_of_nothing(one) -> None:  # type: ignore[no-untyped-def]
    assert all((one.name, one.version, one.title, one.formula, one.denominator, one.source))
    assert one.reckon([]).value is None


def test_a_definition_is_there_once() -> None:
    with pytest.raises(ValueError, match="asa v1 is defined twice"):
        by_name([definition("asa"), definition("asa")])


def test_who_asks_for_what_is_not_defined_is_told_so() -> None:
    with pytest.raises(NotFound, match="no figure nps in a version 9"):
        definition("nps", "9")
    with pytest.raises(NotFound, match="no figure magic"):
        definition("magic")


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (0.88909, Unit.SHARE, "88.9%"),
        (1, Unit.SHARE, "100.0%"),
        (1234.56, Unit.SECONDS, "1,234.6 s"),
        (1.2, Unit.NUMBER, "1.20"),
        (1234.5, Unit.YEN, "¥1,234"),
        (None, Unit.SHARE, "–"),
    ],
)
def test_figures_are_written_by_their_unit(number: float | None, unit: Unit, expected: str) -> None:
    assert told(number, unit) == expected


def test_proposals_count_where_it_is_known_whether_they_were_taken() -> None:
    known: list[Record] = [Done(proposal_taken=True), Done(proposal_taken=False), Done(proposal_taken=False)]

    assert value("proposal_taken", [*known, Done()]) == 1 / 3
    assert value("proposal_taken", [Done()]) is None
