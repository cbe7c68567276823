"""Calendars as they are written in JSON (docs/clocks.md). Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.hours import ALWAYS, WHOLE_DAY, Calendar, Frame, Frames, frames
from madoguchi.promises.located import N_, Node, only, unique

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KANJI = "月火水木金土日"
_GROUPS = {
    "weekdays": _DAYS[:5],
    "weekend": _DAYS[5:],
    "every_day": _DAYS,
    "everyday": _DAYS,
    "daily": _DAYS,
    "平日": _DAYS[:5],
    "毎日": _DAYS,
}
_ZONE = ("time_zone", "timezone", "zone", "tz")
_WEEK = ("week", "weekly", "hours")
_CLOSED = ("closed", "closing_days")
_CHANGES = ("changes", "exceptions")
_KNOWN = (*_ZONE, *_WEEK, "holidays", "holiday_hours", *_CLOSED, *_CHANGES, "name")
_JAPAN = ("jp", "japan", "ja", "日本")
ALWAYS_NAMES = ("always", "24/7", "24x7", "24時間")


def read_calendar(node: Node) -> Calendar:
    """A calendar. Raises Wrong, with the place, for what cannot be understood or contradicts itself."""
    if isinstance(node.value, str) and node.value.strip().casefold() in ALWAYS_NAMES:
        return ALWAYS
    parts = node.members()
    only(parts, _KNOWN)
    holidays, named = _holidays(parts.get("holidays"))
    closed, yearly = _closed(unique(parts, *_CLOSED))
    on_holidays = parts.get("holiday_hours")
    return Calendar(
        zone=_zone(unique(parts, *_ZONE)),
        week=_week(unique(parts, *_WEEK), node),
        holidays=holidays,
        on_holidays=read_frames(on_holidays) if on_holidays else (),
        closed=frozenset(closed | named),
        closed_yearly=frozenset(yearly),
        changes=_changes(unique(parts, *_CHANGES)),
    )


def _zone(node: Node | None) -> ZoneInfo:
    if node is None:
        return TOKYO
    try:
        return ZoneInfo(node.text())
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        pass
    except KeyError:
        pass
    raise node.wrong(N_("No time zone is called %(found)s. Write it as Asia/Tokyo."), found=node.shown())


def _week(node: Node | None, whole: Node) -> tuple[Frames, ...]:
    if node is None:
        raise whole.wrong(N_("The hours of the week are missing (“week”)."))
    found: dict[str, Frames] = {}
    for name, hours in node.members().items():
        for day in _days_named(name, hours):
            if day in found:
                raise hours.wrong(N_("The hours of %(day)s are given twice."), day=day)
            found[day] = read_frames(hours)
    return tuple(found.get(day, ()) for day in _DAYS)


def _days_named(written: str, node: Node) -> tuple[str, ...]:
    name = written.strip().casefold().replace("〜", "-").replace("–", "-")
    if name.replace(" ", "_") in _GROUPS:
        return _GROUPS[name.replace(" ", "_")]
    days: list[str] = []
    for part in name.replace("・", ",").split(","):
        first, _dash, last = (_day(one, node, written) for one in _ends(part))
        begin, end = _DAYS.index(first), _DAYS.index(last)
        days += [_DAYS[place % 7] for place in range(begin, end + (8 if end < begin else 1))]
    return tuple(days)


def _ends(part: str) -> tuple[str, str, str]:
    first, dash, last = part.strip().partition("-")
    return first, dash or first, last or first


def _day(written: str, node: Node, whole: str) -> str:
    name = written.strip()
    if name == "-":
        return name
    if name.removesuffix("曜日").removesuffix("曜") in _KANJI and name[:1]:
        return _DAYS[_KANJI.index(name[0])]
    if name[:3] in _DAYS and len(name) >= 3:
        return name[:3]
    raise node.wrong(N_("“%(name)s” is no day of the week. Write mon, tue … or mon-fri."), name=whole)


def read_frames(node: Node) -> Frames:
    """Frames of a day: `"09:00-18:00"`, a list of such, `"closed"` or an empty list. Raises Wrong."""
    if node.value in (None, False) or (
        isinstance(node.value, str) and node.value.strip() in ("closed", "休")
    ):
        return ()
    found = sorted(frame for one in node.items() for frame in _frame(one))
    for before, after in pairwise(found):
        if after.begin < before.end:
            raise node.wrong(
                N_("These hours overlap: %(first)s and %(second)s."), first=str(before), second=str(after)
            )
    return tuple(found)


def _frame(node: Node) -> Iterator[Frame]:
    if isinstance(node.value, str) and node.value.strip().casefold() in ("24h", "all day", "終日"):
        yield from WHOLE_DAY
        return
    written = node.text() if not isinstance(node.value, dict | list) else "-".join(_pair(node))
    try:
        yield from frames(written)
    except ValueError:
        raise node.wrong(
            N_("These are no hours: %(found)s. Write 09:00-18:00, or 22:00-06:00 until the next morning."),
            found=node.shown(),
        ) from None


def _pair(node: Node) -> tuple[str, str]:
    if isinstance(node.value, list):
        ends = node.value
        if len(ends) != 2:
            raise node.wrong(N_("A frame has a beginning and an end."))
        return ends[0].text(), ends[1].text()
    parts = node.members()
    only(parts, ("from", "begin", "start", "to", "until", "end"))
    first, last = unique(parts, "from", "begin", "start"), unique(parts, "to", "until", "end")
    if first is None or last is None:
        raise node.wrong(N_("A frame has a beginning and an end."))
    return first.text(), last.text()


def _holidays(node: Node | None) -> tuple[bool, set[date]]:
    """Whether national holidays count, and single days that are named in their place."""
    if node is None or node.value in (None, False, "", "none"):
        return False, set()
    if isinstance(node.value, list):
        return False, {read_day(one) for one in node.value}
    if node.value is True or (isinstance(node.value, str) and node.value.strip().casefold() in _JAPAN):
        return True, set()
    raise node.wrong(
        N_("Whose holidays are these: %(found)s? Known are those of Japan (JP)."), found=node.shown()
    )


def _closed(node: Node | None) -> tuple[set[date], set[tuple[int, int]]]:
    days: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    for one in node.items() if node else ():
        first, _slash, last = one.text().replace("〜", "/").replace("..", "/").partition("/")
        if len(first.strip()) <= 5:
            yearly |= {
                (day.month, day.day) for day in _range(one, f"2024-{first}", f"2024-{last or first}", True)
            }
        else:
            days |= set(_range(one, first, last or first, False))
    return days, yearly


def _range(node: Node, first: str, last: str, yearly: bool) -> Iterator[date]:
    begin, end = _date(node, first), _date(node, last)
    if end < begin and yearly:
        end = end.replace(year=end.year + 1)
    if end < begin or (end - begin).days > 366:
        raise node.wrong(N_("This stretch of days ends before it begins, or is longer than a year."))
    return (begin + timedelta(days=count) for count in range((end - begin).days + 1))


def read_day(node: Node) -> date:
    """A day, as 2026-12-01. Raises Wrong."""
    return _date(node, node.text())


def _date(node: Node, written: str) -> date:
    try:
        return date.fromisoformat(written.strip().replace("/", "-"))
    except ValueError:
        raise node.wrong(
            N_("This is no day: %(found)s. Write 2026-12-01, or 12-29 for every year."), found=written
        ) from None


def _changes(node: Node | None) -> dict[date, Frames]:
    found: dict[date, Frames] = {}
    for day, hours in _changed_days(node) if node else ():
        when = _date(hours, day)
        if when in found:
            raise hours.wrong(N_("The hours of %(day)s are given twice."), day=when.isoformat())
        found[when] = read_frames(hours)
    return found


def _changed_days(node: Node) -> Iterator[tuple[str, Node]]:
    if not isinstance(node.value, list):
        yield from node.members().items()
        return
    for one in node.value:
        parts = one.members()
        only(parts, ("date", "day", "hours", "frames", "note", "name"))
        day, hours = unique(parts, "date", "day"), unique(parts, "hours", "frames")
        if day is None:
            raise one.wrong(N_("The day is missing (“date”)."))
        yield day.text(), hours or Node([], one.line, one.path)
