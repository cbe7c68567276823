"""What a policy does by itself: how it is written, what is refused and where, and when a clock comes to its moments."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.kernel.clock import TOKYO
from madoguchi.promises.located import Wrong, read_json
from madoguchi.promises.policy import RESPONSIBLE, SENIORS, Act, Deed, Metric, Policy
from madoguchi.promises.reading_acts import MOST_ACTS, MOST_VALUE, TO_WHOM, read_acts, written_acts
from madoguchi.promises.reading_names import PRIORITY_NAMED, metric_named, plain
from madoguchi.promises.reading_policy import read_policies
from madoguchi.promises.tests.telling import OFFICE, at, only, policy, shown

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
TAG = {"do": "tag", "value": "急ぎ"}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def acts(*written: Any) -> tuple[Act, ...]:
    return read_acts(read_json(json.dumps(written, ensure_ascii=False)))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (TAG, Act(Deed.TAG, "急ぎ")),
        ({"do": "tag", "value": "  急ぎ "}, Act(Deed.TAG, "急ぎ")),
        ({"do": "priority", "value": "至急"}, Act(Deed.PRIORITY, "urgent")),
        ({"do": "priority", "value": 3}, Act(Deed.PRIORITY, "high")),
        ({"do": "priority", "value": "High"}, Act(Deed.PRIORITY, "high")),
        ({"do": "assign", "value": "seniors"}, Act(Deed.ASSIGN, SENIORS)),
        ({"do": "assign", "value": "mori@example.jp"}, Act(Deed.ASSIGN, "mori@example.jp")),
        ({"do": "notify", "value": "responsible"}, Act(Deed.NOTIFY, RESPONSIBLE)),
        ({"do": "desk", "value": "二次窓口"}, Act(Deed.DESK, "二次窓口")),
        ({"do": "task", "value": "お客様に電話する"}, Act(Deed.TASK, "お客様に電話する")),
        (TAG | {"before": 30}, Act(Deed.TAG, "急ぎ", -30 * MINUTE)),
        (TAG | {"before": "PT1H"}, Act(Deed.TAG, "急ぎ", -HOUR)),
        (TAG | {"after": "2h30m"}, Act(Deed.TAG, "急ぎ", 150 * MINUTE)),
        (TAG | {"after": "P1D"}, Act(Deed.TAG, "急ぎ", 24 * HOUR)),
        (TAG | {"before": "45s"}, Act(Deed.TAG, "急ぎ", timedelta(seconds=-45))),
        (TAG | {"metrics": "resolution"}, Act(Deed.TAG, "急ぎ", metrics=frozenset({Metric.RESOLUTION}))),
        (
            TAG | {"metrics": ["first-response", "Next Reply"]},
            Act(Deed.TAG, "急ぎ", metrics=frozenset({Metric.FIRST_REPLY, Metric.NEXT_REPLY})),
        ),
        (TAG | {"metrics": []}, Act(Deed.TAG, "急ぎ")),
        (TAG | {"_why": "大口のお客様のため"}, Act(Deed.TAG, "急ぎ")),
    ],
)
def test_an_act_is_read(written: dict[str, Any], expected: Act) -> None:
    assert acts(written) == (expected,)


@pytest.mark.parametrize(
    ("written", "field", "words"),
    [
        ({"do": "tag"}, "[0]", "An act says what is done (“do”) and to what (“value”)."),
        ({"value": "急ぎ"}, "[0]", "An act says what is done (“do”) and to what (“value”)."),
        ("tag", "[0]", 'This must be an object { … }, not "tag".'),
        ({"do": "close", "value": "x"}, "[0].do", '“"close"” is no act. Known are: priority, assign, notify'),
        ({"do": 3, "value": "x"}, "[0].do", "“3” is no act."),
        (
            TAG | {"when": 3},
            "[0].when",
            "“when” is unknown here. Known are: do, value, before, after, metrics.",
        ),
        (TAG | {"before": 5, "after": 5}, "[0].after", "This is said twice, by before, after. Leave one."),
        (TAG | {"before": 0}, "[0].before", "This is no length of time: 0. Write minutes (240) or PT4H."),
        (TAG | {"after": -5}, "[0].after", "This is no length of time: -5."),
        (TAG | {"after": "soon"}, "[0].after", 'This is no length of time: "soon".'),
        (TAG | {"after": True}, "[0].after", "This is no length of time: true."),
        (TAG | {"after": 0.001}, "[0].after", "This is no length of time: 0.001."),
        (TAG | {"after": "P3661D"}, "[0].after", 'This is no length of time: "P3661D".'),
        ({"do": "priority", "value": "最高"}, "[0].value", "“最高” is no priority. Known are: low, normal"),
        ({"do": "priority", "value": True}, "[0].value", "“True” is no priority."),
        ({"do": "priority", "value": 5}, "[0].value", "“5” is no priority."),
        ({"do": "tag", "value": "  "}, "[0].value", 'This must be a text, not "  ".'),
        ({"do": "tag", "value": 7}, "[0].value", "This must be a text, not 7."),
        ({"do": "task", "value": "あ" * 201}, "[0].value", "Write between 1 and 200 characters."),
        ({"do": "assign", "value": "森"}, "[0].value", "Name a person by their address, or “responsible”"),
        ({"do": "notify", "value": "leads"}, "[0].value", "Name a person by their address, or “responsible”"),
        ({"do": "assign", "value": "responsible"}, "[0].value", "Whoever is responsible is so already"),
        (TAG | {"metrics": ["speed"]}, "[0].metrics[0]", "“speed” is no metric. Known are: first_reply"),
        (TAG | {"metrics": ["resolution", 3]}, "[0].metrics[1]", "This must be a text, not 3."),
    ],
)
def test_an_act_that_makes_no_sense_is_refused_at_its_place(written: Any, field: str, words: str) -> None:
    with pytest.raises(Wrong) as caught:
        acts(written)

    assert caught.value.field == field
    assert str(caught.value).startswith(words)


def test_the_wrong_one_of_several_is_named_by_policy_and_line() -> None:
    written = '{"do": "tag", "value": "a"},\n{"do": "fly", "value": "b"}'
    text = '{"targets": {"first_reply": 60},\n"acts": [\n' + written + "]}"

    with pytest.raises(Wrong) as caught:
        read_policies(read_json(text))

    assert (caught.value.line, caught.value.field) == (4, "acts[1].do")


def test_as_many_acts_as_may_be_and_not_one_more() -> None:
    assert len(acts(*[TAG] * MOST_ACTS)) == MOST_ACTS
    with pytest.raises(Wrong, match="A policy takes 20 acts at most"):
        acts(*[TAG] * (MOST_ACTS + 1))
    assert acts(TAG | {"value": "あ" * MOST_VALUE})[0].value == "あ" * MOST_VALUE


@pytest.mark.parametrize(
    ("act", "written"),
    [
        (Act(Deed.TAG, "急ぎ"), {"do": "tag", "value": "急ぎ"}),
        (Act(Deed.TAG, "a", -HOUR), {"do": "tag", "value": "a", "before": "PT1H"}),
        (Act(Deed.TASK, "電話", 26 * HOUR), {"do": "task", "value": "電話", "after": "PT26H"}),
        (
            Act(Deed.NOTIFY, SENIORS, metrics=frozenset({Metric.RESOLUTION, Metric.FIRST_REPLY})),
            {"do": "notify", "value": "seniors", "metrics": ["first_reply", "resolution"]},
        ),
    ],
)
def test_an_act_is_written_as_a_policy_writes_it(act: Act, written: dict[str, Any]) -> None:
    assert written_acts([act]) == [written]


def _values(do: Deed) -> st.SearchStrategy[str]:
    words = st.text("あ急請求書 a-z9", min_size=1, max_size=20).map(str.strip).filter(bool)
    if do == Deed.PRIORITY:
        return st.sampled_from(sorted(set(PRIORITY_NAMED.values())))
    return st.sampled_from([SENIORS, "mori@example.jp"]) if do in TO_WHOM else words


written_down = st.sampled_from(Deed).flatmap(
    lambda do: st.builds(
        Act,
        st.just(do),
        _values(do),
        st.integers(-(10**7), 10**7).map(lambda seconds: timedelta(seconds=seconds)),
        st.frozensets(st.sampled_from(Metric)),
    )
)


@AT_ANY_SPEED
@given(st.lists(written_down, max_size=4))
def test_what_is_written_is_read_as_it_was(found: list[Act]) -> None:
    assert acts(*written_acts(found)) == tuple(found)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("first_reply", Metric.FIRST_REPLY),
        (" First-Response ", Metric.FIRST_REPLY),
        ("NEXT RESPONSE", Metric.NEXT_REPLY),
        ("update", Metric.PERIODIC_UPDATE),
        ("requester wait time", Metric.REQUESTER_WAIT),
        ("agent_work_time", Metric.AGENT_WORK),
        ("resolution", Metric.RESOLUTION),
        ("返信", None),
        ("", None),
    ],
)
def test_metrics_are_known_by_the_names_of_other_systems_too(written: str, expected: Metric | None) -> None:
    assert metric_named(written) == expected


@pytest.mark.parametrize("name", ["Very-High Load", "very_high_load", "  VERY HIGH-LOAD "])
def test_a_name_is_plain_however_it_is_typed(name: str) -> None:
    assert plain(name) == "very_high_load"


def acting(*offsets: timedelta, metric: Metric = Metric.FIRST_REPLY, hours: float = 4) -> Policy:
    """Four hours of the office's day by default, with something to do at each of these distances from its end."""
    found = tuple(Act(Deed.TAG, f"{offset}", offset) for offset in offsets)
    return replace(policy(metric, hours, calendar=OFFICE), acts=found)


def moments(until: str, wanted: Policy, *lines: str) -> tuple[dict[str, str], dict[str, str]]:
    """What was reached and what is to come, each by its distance in hours and the time of day."""
    clock = only(shown(until, wanted, *lines))
    reached = {
        f"{offset / HOUR:+g}": f"{when.astimezone(TOKYO):%d %H:%M}"
        for offset, (when, _who) in clock.reached.items()
    }
    return reached, {
        f"{offset / HOUR:+g}": f"{when.astimezone(TOKYO):%d %H:%M}" for offset, when in clock.coming.items()
    }


@pytest.mark.parametrize(
    ("until", "reached", "coming"),
    [
        # by the office's hours four hours from nine end at 14:00, over the hour of lunch
        ("10:00", {}, {"-2": "01 11:00", "+0": "01 14:00", "+1": "01 15:00", "+6": "02 11:00"}),
        ("11:00", {}, {"-2": "01 11:00", "+0": "01 14:00", "+1": "01 15:00", "+6": "02 11:00"}),
        ("11:01", {"-2": "01 11:00"}, {"+0": "01 14:00", "+1": "01 15:00", "+6": "02 11:00"}),
        ("14:01", {"-2": "01 11:00", "+0": "01 14:00"}, {"+1": "01 15:00", "+6": "02 11:00"}),
        ("2026-12-02 12:00", {"-2": "01 11:00", "+0": "01 14:00", "+1": "01 15:00", "+6": "02 11:00"}, {}),
    ],
)
def test_moments_come_by_the_calendar_of_the_policy(
    until: str, reached: dict[str, str], coming: dict[str, str]
) -> None:
    wanted = acting(-2 * HOUR, timedelta(), HOUR, 6 * HOUR)

    assert moments(until, wanted, "09:00 opened") == (reached, coming)


def test_a_moment_longer_before_the_end_than_there_is_time_comes_at_once() -> None:
    assert moments("09:30", acting(-6 * HOUR), "09:00 opened") == ({"-6": "01 09:00"}, {})


def test_while_it_stands_still_nothing_comes_and_what_came_stays() -> None:
    wanted = acting(-3 * HOUR, -HOUR, metric=Metric.RESOLUTION)

    reached, coming = moments("16:00", wanted, "09:00 opened", "11:00 status to=waiting_customer")

    assert (reached, coming) == ({"-3": "01 10:00"}, {})


def test_after_a_pause_what_is_left_comes_later_and_nothing_twice() -> None:
    wanted = acting(-3 * HOUR, -HOUR, metric=Metric.RESOLUTION)
    lines = ("09:00 opened", "11:00 status to=waiting_customer", "15:00 status to=open")

    assert moments("15:30", wanted, *lines) == ({"-3": "01 10:00"}, {"-1": "01 16:00"})
    assert moments("17:00", wanted, *lines) == ({"-3": "01 10:00", "-1": "01 16:00"}, {})


def test_acts_of_other_metrics_are_none_of_its() -> None:
    both = Act(Deed.TAG, "両方", HOUR), Act(Deed.TAG, "解決", HOUR, frozenset({Metric.RESOLUTION}))
    wanted = replace(policy(Metric.FIRST_REPLY, 4), acts=both)

    assert wanted.moments_of(Metric.FIRST_REPLY) == wanted.moments_of(Metric.RESOLUTION) == [HOUR]
    assert [act.value for act in wanted.acts_at(Metric.FIRST_REPLY, HOUR)] == ["両方"]
    assert [act.value for act in wanted.acts_at(Metric.RESOLUTION, HOUR)] == ["両方", "解決"]
    assert wanted.acts_at(Metric.RESOLUTION, timedelta()) == []


def test_moments_are_in_order_and_each_is_one() -> None:
    assert acting(HOUR, -HOUR, timedelta(), HOUR).moments_of(Metric.FIRST_REPLY) == [-HOUR, timedelta(), HOUR]


def test_the_moment_keeps_whose_acts_it_is_for() -> None:
    """The tag moves the case to another policy after the first moment; the second belongs to that one."""
    big = replace(acting(-HOUR), name="大口", when={"tags": frozenset({"大口"})})
    lines = ("09:00 opened", "11:30 tags to=大口")

    clock = only(shown("15:00", [big, acting(-3 * HOUR)], *lines))

    assert {offset: (when, who.name) for offset, (when, who) in clock.reached.items()} == {
        -3 * HOUR: (at("10:00"), "標準"),
        -HOUR: (at("12:00"), "大口"),
    }
