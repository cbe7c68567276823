"""Times by which something is to be done, as they are said in Japanese and English, and when they are. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from madoguchi.kernel.hours import Calendar

MOST_DAYS, MOST_HOURS = 366, 24 * 60
# 「夜1時」 is of the night that follows the day.
_NIGHT_ENDS = 5
_KANJI = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_WEEKDAYS = "月火水木金土日"
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "a": 1, "an": 1}
_N = r"(\d{1,3}|[〇一二三四五六七八九十]{1,3})"
_UP_TO = rf"(?:{_N}\s*(?:[~〜～\-‐–ー]|から|、|,|,?\s*(?:to|or)\s*)\s*)?{_N}"
_DAY_WORDS = r"(?:今日|きょう|本日|当日|明日|あす|あした|みょうにち|明後日|あさって|明々後日|しあさって|翌日)"
_NEAR = {
    "今日": 0,
    "きょう": 0,
    "本日": 0,
    "当日": 0,
    "明日": 1,
    "あす": 1,
    "あした": 1,
    "みょうにち": 1,
    "翌日": 1,
}
_NEAR |= {"明後日": 2, "あさって": 2, "明々後日": 3, "しあさって": 3}


@dataclass(frozen=True, slots=True)
class Moment:
    """The words that name a time, where they stand, and when it is."""

    words: str
    begin: int
    end: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class _Here:
    """From when is reckoned, and by what calendar."""

    at: datetime
    calendar: Calendar

    @property
    def today(self) -> date:
        return self.at.astimezone(self.calendar.zone).date()

    def end_of(self, day: date) -> datetime:
        """When work ends on a day; on one without work, and today once work has ended, its last minute."""
        last = self.on(day, time(23, 59))
        frames = self.calendar.frames_on(day)
        if not frames:
            return last
        minutes = min(max(frame.end for frame in frames), 24 * 60 - 1)
        end = self.on(day, time(minutes // 60, minutes % 60))
        return last if day == self.today and end <= self.at else end

    def on(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.calendar.zone)

    def working_day(self, count: int) -> date | None:
        """The working day so many after today."""
        day: date | None = self.today
        for _one in range(count):
            day = self.calendar.next_working_day(day) if day else None
        return day


def moments_in(text: str, *, at: datetime, calendar: Calendar) -> list[Moment]:
    """The times that are named in a text (of one width: NFKC), in their order, none within another."""
    here, found = _Here(at, calendar), []
    taken = 0
    for match, due in sorted(_all(text, here), key=lambda one: (one[0].start(), -one[0].end())):
        if match.start() >= taken:
            found.append(Moment(match[0].strip("、 "), match.start(), match.end(), due))
            taken = match.end()
    return found


def number(written: str) -> int:
    """A number in digits, or in the signs up to 九十九."""
    if written.isascii():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI[sign]) for sign in written))
    return (_KANJI[tens] if tens else 1) * 10 + (_KANJI[ones] if ones else 0)


def _all(text: str, here: _Here) -> Iterator[tuple[re.Match[str], datetime]]:
    for pattern, reckon in _WAYS:
        for match in pattern.finditer(text):
            try:
                due = reckon(match, here)
            except (ValueError, OverflowError, KeyError):
                continue
            if due is not None:
                yield match, due


def _from_base(match: re.Match[str], here: _Here) -> _Here | None:
    """From when a length counts: from now, or from the day said before it, which is counted unless it is today.
    None where that is something of which nobody knows yet when it happens.
    """
    base = _BASE.search(match.string, 0, match.start())
    if base is None or base["now"]:
        return here
    if not base["from"]:
        return None
    days = _NEAR[base["from"]]
    if days and match.groupdict().get("unit", "").startswith(("時間", "分", "半日")):
        return None
    return replace(here, at=here.at + timedelta(days=max(days - 1, 0)))


def _counted(reckon: "_Reckon") -> "_Reckon":
    """The same, from the base that is said before the length."""

    def reckoned(match: re.Match[str], here: _Here) -> datetime | None:
        base = _from_base(match, here)
        return reckon(match, base) if base else None

    return reckoned


def _working_days(match: re.Match[str], here: _Here) -> datetime | None:
    day = here.working_day(number(match[2])) if number(match[2]) <= MOST_DAYS else None
    return here.end_of(day) if day else None


def _next_working_day(match: re.Match[str], here: _Here) -> datetime | None:
    day = here.working_day(1)
    return here.end_of(day) if day else None


def _length(match: re.Match[str], here: _Here) -> datetime | None:
    count, unit = number(match[2]), match["unit"]
    if unit.startswith(("分", "minute")):
        return here.at + timedelta(minutes=count)
    if unit.startswith(("時間", "hour")):
        return here.at + timedelta(hours=count) if count <= MOST_HOURS else None
    days = {"日": 1, "d": 1, "週": 7, "w": 7}.get(unit[0], 30) * count
    return here.end_of(here.today + timedelta(days=days)) if days <= MOST_DAYS else None


def _half_day(match: re.Match[str], here: _Here) -> datetime:
    return here.at + timedelta(hours=12)


def _near_day(match: re.Match[str], here: _Here) -> datetime:
    return _with_clock(match, here, here.today + timedelta(days=_NEAR[match["day"]]))


def _weekday(match: re.Match[str], here: _Here) -> datetime:
    weeks = {"今週": 0, "来週": 1, "再来週": 2}.get(match["week"] or "")
    weekday = _WEEKDAYS.index(match["weekday"])
    monday = here.today - timedelta(days=here.today.weekday())
    if weeks is not None:
        day = monday + timedelta(weeks=weeks, days=weekday)
    else:
        day = here.today + timedelta(days=(weekday - here.today.weekday()) % 7 or 7)
    return _with_clock(match, here, day)


def _week(match: re.Match[str], here: _Here) -> datetime:
    """Within a week is by its last working day, at its beginning by its first."""
    weeks = {"今週": 0, "来週": 1, "再来週": 2, "週": 0}[match["week"]]
    monday = here.today - timedelta(days=here.today.weekday()) + timedelta(weeks=weeks)
    days = [monday + timedelta(days=count) for count in range(7)]
    working = [day for day in days if here.calendar.works_on(day)] or days
    return here.end_of(working[0] if "初" in match[0] or "頭" in match[0] else working[-1])


def _after_weekend(match: re.Match[str], here: _Here) -> datetime:
    monday = here.today + timedelta(days=7 - here.today.weekday())
    return here.end_of(
        monday if here.calendar.works_on(monday) else here.calendar.next_working_day(monday) or monday
    )


def _date(match: re.Match[str], here: _Here) -> datetime:
    month, day = int(match["month"]), int(match["dom"])
    year = int(match["year"]) if match["year"] else here.today.year
    last = here.today - timedelta(days=60)
    # Compared without a date: the 29th of February may be one in the next year alone.
    gone = (year, month, day) < (last.year, last.month, last.day)
    return _with_clock(match, here, date(year + (gone and not match["year"]), month, day))


def _day_of_month(match: re.Match[str], here: _Here) -> datetime:
    first = here.today.replace(day=1)
    months = {"今月": 0, "来月": 1, "翌月": 1, "再来月": 2}.get(match["of"] or "")
    day = int(match["dom"])
    if months is None:
        months = 0 if day >= here.today.day else 1
    return _with_clock(match, here, _months_on(first, months).replace(day=day))


def _third_of_month(match: re.Match[str], here: _Here) -> datetime:
    """By the last day of a third of a month that is named, or of the month."""
    month, year = int(match["month"]), int(match["year"] or here.today.year)
    year += not match["year"] and month < here.today.month
    last = {"上旬": 10, "中旬": 20}.get(match["third"])
    day = date(year, month, last) if last else _months_on(date(year, month, 1), 1) - timedelta(days=1)
    return here.end_of(day)


def _two_days(match: re.Match[str], here: _Here) -> datetime:
    """「一両日中」 is today or tomorrow; who hears it waits no longer."""
    return here.end_of(here.today + timedelta(days=1))


def _end_of_month(match: re.Match[str], here: _Here) -> datetime:
    months = {"来月": 1, "翌月": 1, "再来月": 2}.get(match["of"] or "", 0)
    return here.end_of(_months_on(here.today.replace(day=1), months + 1) - timedelta(days=1))


def _end_of_year(match: re.Match[str], here: _Here) -> datetime:
    return here.end_of(date(here.today.year, 12, 31))


def _clock_alone(match: re.Match[str], here: _Here) -> datetime:
    return _with_clock(match, here, here.today)


def _english_day(match: re.Match[str], here: _Here) -> datetime:
    name = match["name"].lower()
    if name in ("today", "tomorrow", "end of the day", "end of day"):
        return here.end_of(here.today + timedelta(days=int(name == "tomorrow")))
    weekday = _ENGLISH_DAYS.index(name.removeprefix("next "))
    days = (weekday - here.today.weekday()) % 7 or 7
    if name.startswith("next "):
        days = 7 - here.today.weekday() + weekday
    return here.end_of(here.today + timedelta(days=days))


def _english_length(match: re.Match[str], here: _Here) -> datetime | None:
    written = match["count"].lower()
    count = _WORDS.get(written) or int(written)
    if match["business"]:
        day = here.working_day(count)
        return here.end_of(day) if day else None
    days = {"day": 1, "week": 7}.get(match["unit"].lower().removesuffix("s"))
    return (
        here.end_of(here.today + timedelta(days=days * count)) if days else here.at + timedelta(hours=count)
    )


def _with_clock(match: re.Match[str], here: _Here, day: date) -> datetime:
    """On a day, at the time of the clock that is named with it, or when work ends."""
    parts = match.groupdict()
    if parts.get("part"):
        return here.on(day, time(18 if parts["part"] == "夕方" else 12))
    if not parts.get("hour"):
        return here.end_of(day)
    hour, minute = int(parts["hour"]), 30 if parts["half"] else int(parts["minute"] or 0)
    if parts["noon"] == "夜" and (hour == 12 or hour < _NIGHT_ENDS):
        return here.on(day + timedelta(days=1), time(hour % 12, minute))
    if (parts["noon"] or "") in ("午後", "夜", "夕方", "PM", "pm") and hour < 12:
        hour += 12
    over = hour == 24 and minute == 0
    return here.on(day + timedelta(days=over), time(0 if over else hour, minute))


def _months_on(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


_CLOCK = r"\d{1,2}\s*(?:時(?!間)|:)\s*(?:\d{1,2}\s*分?|半)?"
# Of a span of hours its end counts.
_HOUR = (
    rf"(?:(?:午前|午後|夜|夕方|朝|AM|PM)?\s*{_CLOCK}\s*(?:から|[~〜～‐–ー-])\s*)?"
    r"(?P<noon>午前|午後|夜|夕方|朝|AM|PM)?\s*(?P<hour>\d{1,2})\s*(?:時(?!間)|:)\s*"
    r"(?:(?P<minute>\d{1,2})\s*分?|(?P<half>半))?(?:の?間(?!隔))?"
)
_PART = r"(?P<part>午前中?|正午|お昼|夕方|昼)"
_THEN = rf"(?:の|、|\s)*(?:\([月火水木金土日](?:曜日?)?\))?(?:の|、|\s)*(?:{_HOUR}|{_PART})?"
# 「までの」 is a bound of something else.
_LIMIT = (
    r"(?:まで(?!の|お|は営)に?は?も?|中(?:に|で|の)?|以内(?:に|で|の)?|(?:頃|ごろ)(?:まで)?に?"
    r"|(?:まで)?を目[処途安]に)"
)
# A day right before what is done on it (「10日発送予定」).
_DONE = r"(?=\s*(?:ご|お)?(?:発送|出荷|届け|配送|配達|到着|着(?!信)|納品|返金|振り?込|対応|完了|連絡|案内|回答|返信))"
_BY = rf"(?:{_LIMIT}|に(?:は|も)?)"
_BY_OR_DONE = rf"(?:{_BY}|{_DONE})"
_IN = r"(?:ほど|程度|くらい|ぐらい)?で(?![すしはもき])"
_LENGTH = (
    r"(?P<unit>日間?|時間|分|週間|[ヶかカケヵ箇]月)"
    rf"(?:後(?:に|までに)|以内(?:に|で)?|中(?:に|で)|{_IN}|を目[処途安]に)"
)
_WEEKS, _MONTHS = r"(?P<week>今週|来週|再来週|週)", r"(?P<of>今月|来月|翌月|再来月)"
_YEAR = r"(?:(?P<year>20\d\d)\s*[年/.-]\s*)?"
_MONTH_DAY = r"(?P<month>\d{1,2})\s*(?:月|/)\s*(?P<dom>\d{1,2})\s*日?"
_DAY_ALONE = r"(?P<dom>\d{1,2})日(?!間|以内|後|ほど|程)"
_ENGLISH_NAME = (
    r"(?P<name>tomorrow|today|end of (?:the )?day|(?:next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_OF_BASE = r"(?!\s+(?:of|after|from|once|upon|following)\b(?!\s+(?:now|today|this)\b))"
# What a length counts from. 「担当者より」 and 「ですから」 are none.
_HAPPENS = (
    r"(?:[てで]|(?<![\d〇一二三四五六七八九十])日|月\s*\d{1,2}日|時点|到着|受領|受け?取り?|完了|入金|確認|返[送却品]|発送"
    r"|出荷|注文|申し?込み?|届け|購入|契約|開始|終了|承認)(?:から|より)"
)
_BASE = re.compile(
    r"(?:(?P<from>今日|きょう|本日|明日|あす|あした|明後日|あさって)(?:から|より|以降)"
    r"|(?P<now>(?:今|ただいま|只今|これ|現在|(?:本|この)メール(?:送信)?)(?:から|より)|この後|[今午前最]後)"
    rf"|{_HAPPENS}|以[降後]|(?:後|のち)(?:に|は)?|次第)"
    r"(?:[、,\s]+(?:[^、。,\s]{1,8}(?:から|より|にて|が|で))?)?\s*$"
)
# A day that is only spoken of (「明日は休み」), or from which something begins, is no time.
_NO_TIME = r"(?!は|も|より|から|以[降後]|[^、。]{0,8}(?:ため|につき))"
_COUNT = r"(?P<count>\d{1,3}|one|two|three|four|five|an?)"
_Reckon = Callable[[re.Match[str], _Here], datetime | None]
_PATTERNS: tuple[tuple[str, _Reckon], ...] = (
    (rf"{_UP_TO}\s*営業日(?:(?:後)?{_BY}(?!の)|{_IN})", _counted(_working_days)),
    (rf"(?<!の)翌営業日(?:{_BY})*", _counted(_next_working_day)),
    # 「中二日」 leaves two whole days between: no length.
    (rf"(?<!中){_UP_TO}\s*{_LENGTH}", _counted(_length)),
    (r"(?P<unit>半日)(?:以内|ほど|程度)(?:に|で)?", _counted(_half_day)),
    (rf"(?P<day>{_DAY_WORDS})(?>{_THEN})\s*(?:{_BY}|、|{_NO_TIME})", _near_day),
    (
        rf"(?:(?P<week>今週|来週|再来週)(?:の|、)?)?(?P<weekday>[月火水木金土日])曜日?{_THEN}\s*{_BY}",
        _weekday,
    ),
    (rf"{_WEEKS}(?:中|末|いっぱい|初め|頭)(?:まで)?(?:に|で)?(?:は|も)?", _week),
    (r"週明け(?:の?月曜日?)?(?:まで)?に?(?:は|も)?", _after_weekend),
    (rf"{_YEAR}{_MONTH_DAY}{_THEN}\s*{_BY_OR_DONE}", _date),
    (rf"(?:{_MONTHS}の?|(?<![\d月/])){_DAY_ALONE}{_THEN}\s*{_BY_OR_DONE}", _day_of_month),
    (
        rf"{_YEAR}(?P<month>\d{{1,2}})月(?:の)?(?P<third>[上中下]旬|中|末)(?:頃|ごろ)?(?:まで)?(?:に|で|{_DONE})",
        _third_of_month,
    ),
    (r"一?両日中に?(?:は|も)?", _two_days),
    (rf"{_MONTHS}の?(?:末|中|いっぱい)(?:まで)?(?:に|で)?", _end_of_month),
    (r"(?<![今来翌])(?P<of>)月末(?:まで)?に?", _end_of_month),
    (r"(?:年内|年末|今年中)(?:まで)?(?:に|で)?(?:は|も)?", _end_of_year),
    (rf"(?<![\d:]){_HOUR}\s*{_BY}", _clock_alone),
    (rf"(?<!の){_PART}\s*(?:まで)?に(?:は|も)?", _clock_alone),
    (rf"\b(?:(?:by|on|until|before)\s+)?(?:the\s+)?{_ENGLISH_NAME}\b", _english_day),
    (
        rf"\b(?:within|in)\s+(?:the next\s+)?{_COUNT}\s+(?P<business>business |working )?(?P<unit>hour|day|week)s?\b"
        rf"{_OF_BASE}",
        _english_length,
    ),
)
_WAYS = tuple((re.compile(pattern, re.IGNORECASE), reckon) for pattern, reckon in _PATTERNS)
