"""Moments in the words of the reader: near ones short, exact ones full, remaining time rounded down."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as write
from django.utils.translation import gettext, ngettext, pgettext


def full(moment: datetime) -> str:
    """2026年8月1日(土) 10:00, in the current time zone."""
    return write(timezone.localtime(moment), pgettext("full moment", "D j M Y, H:i"))


def near(moment: datetime, *, now: datetime) -> str:
    """13:05 today, 昨日, 明日 10:00, 8月1日 this year, 2025年8月1日 before."""
    there, here = timezone.localtime(moment), timezone.localtime(now)
    days = (there.date() - here.date()).days
    if days == 0:
        return write(there, "H:i")
    if days == -1:
        return gettext("yesterday")
    if days == 1:
        return gettext("tomorrow %(time)s") % {"time": write(there, "H:i")}
    if there.year == here.year:
        return write(there, pgettext("day of this year", "j M"))
    return write(there, pgettext("day of another year", "j M Y"))


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


def _minutes(count: int) -> str:
    return pgettext("short", "%(n)d min") % {"n": count}


def _hours(count: int) -> str:
    return pgettext("short", "%(n)d h") % {"n": count}


def _hours_and_minutes(hours: int, minutes: int) -> str:
    return pgettext("short", "%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
