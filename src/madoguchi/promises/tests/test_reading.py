"""How policies, calendars and events may be written, and what is said where they cannot be understood."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import ALWAYS, Calendar, frames
from madoguchi.promises.durations import as_iso, read_length
from madoguchi.promises.located import Wrong, as_text, read_json, read_lines
from madoguchi.promises.policy import Hold, Metric, Policy
from madoguchi.promises.reading_calendar import read_calendar
from madoguchi.promises.reading_events import read_events
from madoguchi.promises.reading_policy import read_policies
from madoguchi.promises.story import Kind, tell

WEEK = {"mon-fri": ["09:00-12:00", "13:00-18:00"]}
DAY = ("09:00-12:00", "13:00-18:00")
OPENED = '{"at": "2026-12-01T09:00:00+09:00", "type": "opened"}'


def calendar(**parts: Any) -> Calendar:
    return read_calendar(read_json(json.dumps({"week": WEEK} | parts)))


def policy(targets: Any, **parts: Any) -> Policy:
    (found,) = read_policies(read_json(json.dumps({"calendar": {"week": WEEK}, "targets": targets} | parts)))
    return found


def minutes(found: Policy, metric: Metric = Metric.FIRST_REPLY) -> dict[str, int]:
    return {
        priority: int(target.length / timedelta(minutes=1))
        for (measured, priority), target in found.targets.items()
        if measured == metric
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (240, 240),
        (0.5, 0.5),
        ("240", 240),
        ("PT4H", 240),
        ("pt1h30m", 90),
        ("P1DT2H", 26 * 60),
        ("P1W", 7 * 24 * 60),
        ("90m", 90),
        ("90min", 90),
        ("1h30m", 90),
        ("2d", 2 * 24 * 60),
    ],
)
def test_lengths(written: object, expected: float) -> None:
    assert read_length(written) == timedelta(minutes=expected)


@pytest.mark.parametrize(
    "written",
    [None, True, "", "P", "PT", "soon", -1, "-5", "1h30", "4:00", 1e12, float("inf"), "9" * 40 + "h", [], {}],
)
def test_what_is_no_length(written: object) -> None:
    assert read_length(written) is None


def test_a_length_is_said_in_iso() -> None:
    lengths = [timedelta(hours=26, minutes=5), timedelta(seconds=3), timedelta()]
    assert [as_iso(length) for length in lengths] == ["PT26H5M", "PT3S", "PT0S"]


@pytest.mark.parametrize(
    "week",
    [
        {"mon-fri": list(DAY)},
        {"weekdays": list(DAY)},
        {"平日": ["09:00〜12:00", "13:00〜18:00"]},
        {"月-金": list(DAY)},
        {"月,火・水": list(DAY), "Thursday": list(DAY), "金曜日": list(DAY)},
        {
            "Mon-Thu": [["09:00", "12:00"], {"from": "13:00", "to": "18:00"}],
            "fri": list(DAY),
            "sun": "closed",
        },
    ],
)
def test_ways_to_write_a_week(week: dict[str, Any]) -> None:
    assert calendar(week=week).week == (frames(*DAY),) * 5 + ((),) * 2


def test_a_week_that_goes_over_its_end() -> None:
    days = calendar(week={"fri-mon": "24h"}).week

    assert [bool(day) for day in days] == [True, False, False, False, True, True, True]


def test_a_calendar_in_full() -> None:
    found = calendar(
        time_zone="America/New_York",
        holidays="JP",
        holiday_hours="10:00-12:00",
        closed=["2026-12-08", "2026-08-12/2026-08-14", "12-30/01-02", "05-01"],
        changes=[{"date": "2026-12-09", "hours": "12:00-20:00"}, {"date": "2026-12-10"}],
    )

    assert found.zone == ZoneInfo("America/New_York")
    assert (found.holidays, found.on_holidays) == (True, frames("10:00-12:00"))
    assert found.closed == {date(2026, 12, 8), *(date(2026, 8, day) for day in (12, 13, 14))}
    assert found.closed_yearly == {(12, 30), (12, 31), (1, 1), (1, 2), (5, 1)}
    assert found.changes == {date(2026, 12, 9): frames("12:00-20:00"), date(2026, 12, 10): ()}


def test_holidays_may_be_a_list_of_days() -> None:
    found = calendar(holidays=["2026-12-08"])

    assert (found.holidays, found.closed) == (False, {date(2026, 12, 8)})


@pytest.mark.parametrize(
    ("parts", "field", "said"),
    [
        ({"week": {"mon": ["09:00-12:00", "11:00-18:00"]}}, "week.mon", "overlap"),
        ({"week": {"mon": "9-18"}}, "week.mon", "no hours"),
        ({"week": {"mon-fri": "09:00-18:00", "wed": "10:00-12:00"}}, "week.wed", "given twice"),
        ({"week": {"someday": "09:00-18:00"}}, "week.someday", "no day of the week"),
        ({"week": "09:00-18:00"}, "week", "object"),
        ({"time_zone": "Asia/Osaka"}, "time_zone", "No time zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone", "No time zone"),
        ({"holidays": "US"}, "holidays", "Whose holidays"),
        ({"closed": ["2026-02-30"]}, "closed[0]", "no day"),
        ({"closed": ["2026-12-31/2026-12-01"]}, "closed[0]", "before it begins"),
        ({"changes": {"2026-13-01": "10:00-12:00"}}, "changes.2026-13-01", "no day"),
        ({"timezone": "Asia/Tokyo", "time_zone": "Asia/Tokyo"}, "timezone", "twice"),
        ({"holidais": "JP"}, "holidais", "unknown"),
    ],
)
def test_what_is_wrong_with_a_calendar(parts: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Wrong, match=said) as error:
        calendar(**parts)

    assert error.value.field.startswith(field)


@pytest.mark.parametrize(
    "targets",
    [
        {"first_reply": 60},
        {"First-Reply": {"within": "PT1H"}},
        {"first-reply": {"hours": 1}},
        {"first_reply": {"priorities": {"low": 60, "normal": "1h", "high": 60, "緊急": 60}}},
        {"first_reply": {"low": {"minutes": 60}, "medium": 60, "3": 60, "urgent": 60}},
        [{"metric": "first-reply", "minutes": 60}],
        [
            {"metric": "first_reply", "minutes": 60, "priority": one}
            for one in ("low", "normal", "high", "urgent")
        ],
        [{"metric": "first_reply", "minutes": 60, "priority": ["low", "normal", "high", "urgent"]}],
    ],
)
def test_ways_to_write_a_target(targets: Any) -> None:
    assert minutes(policy(targets)) == {"low": 60, "normal": 60, "high": 60, "urgent": 60}


def test_a_priority_without_a_length_has_no_target() -> None:
    assert minutes(policy({"first_reply": {"urgent": 30, "high": 60}})) == {"urgent": 30, "high": 60}


def test_time_is_the_calendars_where_there_is_one_unless_it_is_said() -> None:
    found = policy({"first_reply": 60, "resolution": {"within": 60, "time": "calendar"}})
    without = policy({"first_reply": 60}, calendar="always", time="calendar")

    assert found.targets[Metric.FIRST_REPLY, "low"].business
    assert not found.targets[Metric.RESOLUTION, "low"].business
    assert not without.targets[Metric.FIRST_REPLY, "low"].business
    assert without.calendar is ALWAYS


def test_what_a_clock_pauses_on() -> None:
    found = policy(
        {"first_reply": {"within": 60, "pause_on": ["pending"]}, "resolution": {"within": 60, "pause_on": []}}
    )
    usual = policy({"first_reply": 60, "resolution": 60})

    assert found.targets[Metric.FIRST_REPLY, "low"].holds == {Hold.CUSTOMER}
    assert found.targets[Metric.RESOLUTION, "low"].holds == frozenset()
    assert usual.targets[Metric.FIRST_REPLY, "low"].holds == frozenset()
    assert usual.targets[Metric.RESOLUTION, "low"].holds == {Hold.CUSTOMER, Hold.THIRD}


def test_a_document_of_several_policies() -> None:
    text = json.dumps(
        {
            "calendars": {"平日": {"week": WEEK}, "毎日": {"week": {"every_day": "10:00-19:00"}}},
            "calendar": "平日",
            "policies": [
                {
                    "name": "大口",
                    "when": {"tag": "大口", "priority": [4, "high"]},
                    "targets": {"first_reply": 30},
                },
                {"calendar": "毎日", "targets": {"next_reply": 60}, "_remark": "夜も"},
            ],
        },
        ensure_ascii=False,
    )

    first, second = read_policies(read_json(text))

    assert (first.name, first.calendar_name) == ("大口", "平日")
    assert first.when == {"tags": {"大口"}, "priority": {"urgent", "high"}}
    assert (second.name, second.calendar_name, second.when) == ("#2", "毎日", {})
    assert second.calendar.week == (frames("10:00-19:00"),) * 7


@pytest.mark.parametrize(
    ("text", "line", "field", "said"),
    [
        ('{\n "targets": {\n  "first_replies": 60}}', 3, "targets.first_replies", "no metric"),
        ('{\n "targets": {"first_reply": 60,\n "first-reply": 90}}', 3, "targets.first-reply", "two targets"),
        ('{"targets": {"first_reply": 60, "first_reply": 90}}', 1, "targets.first_reply", "twice"),
        (
            '{"targets": {"first_reply": {\n"low": 60,\n"minutes": 30}}}',
            1,
            "targets.first_reply",
            "two targets",
        ),
        ('{"targets": {"first_reply": 0}}', 1, "targets.first_reply", "no length"),
        ('{"targets": {"first_reply": "soon"}}', 1, "targets.first_reply", "no length"),
        ('{"targets": {"first_reply": {}}}', 1, "targets.first_reply", "how long"),
        (
            '{"targets": {"first_reply": {"within": 5, "time": "business"}}}',
            1,
            "targets.first_reply.time",
            "needs a calendar",
        ),
        (
            '{"targets": {"first_reply": {"within": 5, "pause_on": ["lunch"]}}}',
            1,
            "targets.first_reply.pause_on[0]",
            "pause on",
        ),
        ('{"targets": {}}', 1, "targets", "missing"),
        ('{"name": "a"}', 1, "", "missing"),
        ('{"policies": []}', 1, "", "no policy"),
        ("[]", 1, "", "no policy"),
        (
            '{"policies": [{"targets": {"resolution": 5},\n"calendar": "夜"}]}',
            2,
            "policies[0].calendar",
            "No calendar",
        ),
        ('{"when": {"mood": "bad"}, "targets": {"resolution": 5}}', 1, "when.mood", "unknown"),
        ('{"when": {"priority": "asap"}, "targets": {"resolution": 5}}', 1, "when.priority", "no priority"),
        ('{"targets": {"resolution": 5},\n}', 2, "", "no JSON"),
        ('{"targets": {"resolution": NaN}}', 1, "targets.resolution", "no number"),
        ('"resolution"', 1, "", "object"),
        ("", 1, "", "no JSON"),
        ("[" * 100_000, 1, "", "deep|no JSON"),
        ('{"a":\n' + "[" * 700 + "]" * 700 + "}", 2, "a" + "[0]" * 49, "too deep"),
        ('{"a": ' * 700 + "1" + "}" * 700, 1, ".".join("a" * 50), "too deep"),
        ('{"targets":\n{"first_reply": ' + "9" * 5000 + "}}", 2, "targets.first_reply", "too long"),
        ('{"targets": {"first_reply": ' + "9" * 4000 + "}}", 1, "targets.first_reply", "no length"),
    ],
)
def test_what_is_wrong_with_a_policy(text: str, line: int, field: str, said: str) -> None:
    with pytest.raises(Wrong, match=said) as error:
        read_policies(read_json(text))

    assert (error.value.line, error.value.field) == (line, field)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-01T00:00:00Z",
        "2026-12-01T09:00:00+09:00",
        "2026-12-01T09:00+0900",
        "2026-12-01 09:00",
        "2026/12/01 09:00:00",
        "2026-11-30T19:00:00.000-05:00",
    ],
)
def test_ways_to_write_a_moment(written: str) -> None:
    (event,) = read_events([read_json(json.dumps({"time": written, "kind": "created"}))])

    assert (event.at, event.kind) == (datetime(2026, 12, 1, 9, tzinfo=TOKYO), Kind.OPENED)


def test_events_as_people_and_as_the_log_write_them() -> None:
    at = '"at": "2026-12-01T09:00:00Z"'
    lines = [
        f'{{{at}, "type": "opened", "priority": 4, "tags": ["大口"], "assignee": "mori"}}',
        f'{{{at}, "kind": "message.received", "data": {{"message": 5, "automatic": ""}}}}',
        f'{{{at}, "event": "message", "from": "agent"}}',
        f'{{{at}, "kind": "case.status", "data": {{"before": "new", "after": "waiting_customer"}}}}',
        f'{{{at}, "kind": "case.changed", "data": {{"field": "priority", "before": 2, "after": 3}}}}',
        f'{{{at}, "kind": "case.changed", "data": {{"field": "subject", "before": "a", "after": "b"}}}}',
        f'{{{at}, "kind": "case.assigned", "data": {{"before": null, "after": 12}}}}',
        f'{{{at}, "type": "assigned", "to": null}}',
        f'{{{at}, "type": "note"}}',
        f'{{{at}, "type": "solved"}}',
        "",
    ]

    found = read_events(read_lines("\n".join(lines)))

    assert [event.kind for event in found] == [
        *(Kind.OPENED, Kind.RECEIVED, Kind.ANSWERED, Kind.STATUS, Kind.CHANGED, Kind.CHANGED),
        *(Kind.ASSIGNED, Kind.ASSIGNED, Kind.STATUS),
    ]
    assert found[0].facts == {"priority": {"urgent"}, "tags": {"大口"}}
    assert (found[0].assigned, found[1].automatic, found[1].message) == (True, False, "5")
    assert [event.status for event in found if event.kind == Kind.STATUS] == ["waiting_customer", "solved"]
    assert [event.facts for event in found if event.kind == Kind.CHANGED] == [{"priority": {"high"}}, {}]
    assert [event.assigned for event in found if event.kind == Kind.ASSIGNED] == [True, False]
    assert [event.line for event in found] == [1, 2, 3, 4, 5, 6, 7, 8, 10]


def test_events_may_be_one_list() -> None:
    assert [event.line for event in read_events(read_lines(f"[\n{OPENED}\n]"))] == [2]


@pytest.mark.parametrize(
    ("more", "line", "field", "said"),
    [
        ('{"at": "2026-12-01T10:00:00Z", "type": "mesage.received"}', 2, "type", "no event"),
        ('{"at": "yesterday", "type": "received"}', 2, "at", "no time"),
        ('{"at": 1764550800, "type": "received"}', 2, "at", "no time"),
        ('{"at": "9999-12-31T23:30", "type": "received"}', 2, "at", "1970 to 2199"),
        ('{"at": "0001-01-01", "type": "received"}', 2, "at", "1970 to 2199"),
        ('{"at": "2200-01-01T00:00:00+09:00", "type": "received"}', 2, "at", "1970 to 2199"),
        ('{"type": "received"}', 2, "", "when this happened"),
        ('{"at": "2026-12-01T10:00:00Z"}', 2, "", "what happened"),
        ('\n{"at": "2026-12-01T10:00:00Z", "type": "status", "to": "waiting"}', 3, "to", "no status"),
        ('{"at": "2026-12-01T10:00:00Z", "type": "status"}', 2, "", "which status"),
        ('{"at": "2026-12-01T10:00:00Z", "type": "priority", "to": "asap"}', 2, "to", "no priority"),
        (
            '{"at": "2026-12-01T10:00:00Z", "type": "priority", "to": "low", "after": "high"}',
            2,
            "after",
            "twice",
        ),
        ('{"at": "2026-12-01T10:00:00Z", "type": "opened"}', 2, "type", "opened on line 1"),
        ('{"at": "2026-11-30T10:00:00Z", "type": "received"}', 2, "at", "before the case was opened"),
        ('{"at": "2026-12-01T10:00:00Z", "type": "unmerged"}', 2, "type", "No merge"),
        ('{"at": "2026-12-01T10:00:00Z", "type": "taken_back"}', 2, "type", "No answer"),
        (
            '{"at": "2026-12-01T10:00:00Z", "type": "merged"}\n{"at": "2026-12-01T11:00:00Z", "type": "received"}',
            *(3, "type", "went on in another one"),
        ),
        ('["opened"]', 2, "", "object"),
        ('{"at": "2026-12-01T10:00:00Z", "type": "received"', 2, "", "no JSON"),
    ],
)
def test_what_is_wrong_with_events(more: str, line: int, field: str, said: str) -> None:
    with pytest.raises(Wrong, match=said) as error:
        tell(read_events(read_lines(f"{OPENED}\n{more}")))

    assert (error.value.line, error.value.field) == (line, field)


def test_the_first_and_the_last_year_that_are_read() -> None:
    first, last = "1970-01-01T00:00:00+14:00", "2199-12-31T23:59:59-12:00"

    found = read_events(read_json(json.dumps({"at": one, "type": "created"})) for one in (first, last))

    assert [event.at.isoformat() for event in found] == [first, last]
    assert tell(found[:1]).opened_at == found[0].at


@pytest.mark.parametrize("text", ["", "\n\n", '{"at": "2026-12-01T10:00:00Z", "type": "received"}'])
def test_a_case_that_was_never_opened(text: str) -> None:
    with pytest.raises(Wrong, match="when the case was opened"):
        tell(read_events(read_lines(text)))


def test_bytes_that_are_no_text() -> None:
    assert as_text(b'\xef\xbb\xbf{"a": 1}') == '{"a": 1}'
    with pytest.raises(Wrong, match="UTF-8") as error:
        as_text('{\n"名": 1}'.encode("cp932"))
    assert error.value.line == 2


def test_when_to_warn_is_said_in_percent() -> None:
    assert policy({"first_reply": 60}).warn_share == 0.8
    assert policy({"first_reply": 60}, warn=75).warn_share == 0.75
    for wrong in (0, 100, "75", True):
        with pytest.raises(Wrong) as told:
            policy({"first_reply": 60}, warn=wrong)
        assert told.value.field == "warn"
