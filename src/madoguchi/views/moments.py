"""Moments as a filter names them: a day, a moment, how long ago, or the beginning of today."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Refused

DAYS = ("today", "yesterday", "this_week", "this_month")
_AGO = re.compile(r"(\d{1,4})([mhd])", re.ASCII)
_YEARS = (1970, 9000)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def moment(written: Any, *, now: datetime) -> datetime:
    """The moment that `4h` (that long ago), `today` (its beginning in Japan) or an ISO date means at `now`.

    Raises Refused for anything else.
    """
    text = written if isinstance(written, str) else ""
    ago = ago_in(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[1]]: ago[0]})
    if text in DAYS:
        return _beginning(text, now.astimezone(TOKYO))
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or not _YEARS[0] <= read.year <= _YEARS[1]:
        said = _(
            "“%(said)s” is no time. Write 4h, 30m or 3d for how long ago, today, or a date like 2026-08-01."
        )
        raise Refused(said % {"said": written})
    return read if read.tzinfo else read.replace(tzinfo=TOKYO)


def ago_in(text: str) -> tuple[int, str] | None:
    """How many, and of which unit (m, h, d), where a text says how long ago; else None."""
    ago = _AGO.fullmatch(text)
    return (int(ago[1]), ago[2]) if ago else None


def _beginning(day: str, now: datetime) -> datetime:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if day == "yesterday":
        return today - timedelta(days=1)
    if day == "this_week":
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if day == "this_month" else today
