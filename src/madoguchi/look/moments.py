"""Moments in the words of the reader: near ones short, exact ones full, remaining time rounded down."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import gettext, ngettext, pgettext


def full(moment: datetime) -> str:
    """2026年8月1日(土) 10:00, in the current time zone."""
    return _written(
        timezone.localtime(moment), pgettext("full moment", "{weekday} {day} {mon} {year}, {time}")
    )


def _written(local: datetime, pattern: str) -> str:
    """Fill a translated pattern; a list of fifty rows asks a hundred times, and Django's `date` is slower."""
    return pattern.format(
        year=local.year,
        month=local.month,
        mon=str(MONTHS_3[local.month]).title(),
        day=local.day,
        weekday=WEEKDAYS_ABBR[local.weekday()],
        time=_clock(local),
    )


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def day(moment: datetime) -> str:
    """8月1日(土)."""
    return _written(timezone.localtime(moment), pgettext("day and weekday", "{weekday} {day} {mon}"))


def whole_day(on: date) -> str:
    """2026年8月1日(土)."""
    return _written(
        datetime.combine(on, time()), pgettext("day with year and weekday", "{weekday} {day} {mon} {year}")
    )


def near(moment: datetime, *, now: datetime) -> str:
    """13:05 today, 昨日, 明日 10:00, 8月1日 this year, 2025年8月1日 before."""
    there, here = timezone.localtime(moment), timezone.localtime(now)
    days = (there.date() - here.date()).days
    if days == 0:
        return _clock(there)
    if days == -1:
        return gettext("yesterday")
    if days == 1:
        return gettext("tomorrow %(time)s") % {"time": _clock(there)}
    if there.year == here.year:
        return _written(there, pgettext("day of this year", "{day} {mon}"))
    return _written(there, pgettext("day of another year", "{day} {mon} {year}"))


def ahead(moment: datetime, *, now: datetime) -> str:
    """A moment to come, day and time: 13:05 today, 明日 10:00, 8月1日 10:00 this year, 2027年8月1日 10:00 after."""
    there, here = timezone.localtime(moment), timezone.localtime(now)
    days = (there.date() - here.date()).days
    if days in (0, 1):
        return near(moment, now=now)
    return gettext("%(day)s %(time)s") % {"day": near(moment, now=now), "time": _clock(there)}


def remaining(left: timedelta) -> str:
    """あと 12分, あと 2時間48分, あと 3日; past the moment 12分 超過."""
    if left < timedelta(0):
        return gettext("%(span)s over") % {"span": span(-left)}
    return gettext("%(span)s left") % {"span": span(left)}


def span(length: timedelta) -> str:
    """A length of time in its largest useful units, rounded down."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _minutes(minutes)
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return _hours_and_minutes(hours, rest) if rest else _hours(hours)
    days = hours // 24
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def measured(seconds: int) -> str:
    """A length of time that was measured to the second: 31秒, 8分31秒, 2時間1分."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return pgettext("short", "%(n)d s") % {"n": rest}
    if minutes < 60:
        return pgettext("short", "%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _hours_and_minutes(*divmod(minutes, 60))


def in_hours(length: timedelta) -> str:
    """The same in hours and minutes however long it is: of work, of which a day has no fixed length."""
    hours, rest = divmod(int(length.total_seconds() // 60), 60)
    if not hours:
        return _minutes(rest)
    return _hours_and_minutes(hours, rest) if rest else _hours(hours)


def _minutes(count: int) -> str:
    return pgettext("short", "%(n)d min") % {"n": count}


def _hours(count: int) -> str:
    return pgettext("short", "%(n)d h") % {"n": count}


def _hours_and_minutes(hours: int, minutes: int) -> str:
    return pgettext("short", "%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
