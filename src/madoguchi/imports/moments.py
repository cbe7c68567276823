"""Moments as other systems and people write them."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from unicodedata import normalize

from django.utils.translation import gettext as _

from madoguchi.channels.email.headers import date_of
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import alike, fold

_DAYS = ("%Y/%m/%d", "%m/%d/%Y", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")
_PLAIN_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
_FORMS = tuple(f"{day}{time}" for day in _DAYS for time in (" %H:%M:%S", " %H:%M", ""))
# Two digits for the year are read where a half day shows that the month comes first.
_AMERICAN = ("%m/%d/%y %H:%M:%S", "%m/%d/%y %H:%M")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925}
_ERA = re.compile(r"(令和|平成|昭和|[rhs](?=[\d元.]))\s*(\d{1,2}|元)\s*[年./-]")
_JAPANESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_DAY_OF_WEEK = re.compile(
    r"\([月火水木金土日]\)|[月火水木金土日]曜日?|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\b,?"
)
_CLOCK = re.compile(r"(\d{1,2})\s*時(?:\s*(\d{1,2})\s*分(?:\s*(\d{1,2})\s*秒)?|(半)|(?!\d))")
_PARTS_OF_A_SECOND = re.compile(r"(:\d{2})[.,]\d{1,9}(?!\d)")
_HALF_DAY = re.compile(
    r"(?:(?:(?P<ours>午前|午後)|\b(?P<front>[ap])\.?m\.?)\s*|\b)"
    r"(?P<hour>\d{1,2})(?P<rest>:\d{2}(?::\d{2})?)(?:\s*(?P<behind>[ap])\.?m\b\.?)?",
    re.ASCII | re.IGNORECASE,
)
# Nobody writes the month first with dots.
_WITH_DOTS = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_OF_JAPAN = re.compile(r"\s*\(?jst\)?\Z")
_OF_MAIL = re.compile(r"[a-z]{3} .*(?:[+-]\d{4}|gmt|utc)")
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


def moment(written: object, *, zone: tzinfo = UTC) -> datetime:
    """The moment, in `zone` where it names none. Raises ValueError for none, and for one that cannot be."""
    words = str(written or "").strip()
    at = _iso(words) or _in_words(words, zone)
    if at is None:
        raise ValueError(_("“%(words)s” is no date. Write it as 2026-08-01 10:00.") % {"words": words[:60]})
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if not _EARLIEST <= at <= clock.now() + timedelta(days=1):
        raise ValueError(_("“%(words)s” cannot be when that was.") % {"words": words[:60]})
    return at.astimezone(UTC)


def _in_words(written: str, zone: tzinfo) -> datetime | None:
    words = fold(written)
    if _OF_MAIL.search(words):
        return date_of(normalize("NFKC", written))
    if (of_japan := _OF_JAPAN.sub("", words)) != words:
        words, zone = of_japan, clock.TOKYO
    words = _DAY_OF_WEEK.sub(" ", words)
    words = _ERA.sub(lambda found: f"{_ERAS[found[1]] + _count(found[2])}/", words)
    words = _JAPANESE.sub(r"\1/\2/\3 ", re.sub(r"(\d{4})/(\d{1,2})月(\d{1,2})日", r"\1/\2/\3 ", words))
    words = _PARTS_OF_A_SECOND.sub(r"\1", _CLOCK.sub(_time_of, words))
    words, has_half = _HALF_DAY.sub(_of_whole_day, words), _HALF_DAY.search(words)
    words = _WITH_DOTS.sub(r"\3/\2/\1", words)
    words = " ".join(words.replace("-", "/").replace(".", "/").replace(",", " ").split())
    forms = (*_FORMS, *_AMERICAN) if has_half and (has_half["ours"] or has_half["behind"]) else _FORMS
    return next(filter(None, (_by(form, words, zone) for form in forms)), None)


def _time_of(found: re.Match[str]) -> str:
    return f"{found[1]}:{'30' if found[4] else found[2] or '0':0>2}:{found[3] or '0':0>2}"


def _of_whole_day(found: re.Match[str]) -> str:
    """12:05 AM and 午前0:05 are 0:05, 12:05 PM and 午後0:05 are 12:05; 午後15:00 is what it is. Of both
    halves in one nothing is read.
    """
    half, hour = found["ours"] or found["front"] or found["behind"], int(found["hour"])
    if found["front"] and found["behind"]:
        return found[0]
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half in ("午後", "p"))
    return f"{hour}{found['rest']}"


def _count(year: str) -> int:
    return 1 if year == "元" else int(year)


def _iso(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words.replace(" UTC", "+00:00"))
    except ValueError:
        return None


def _by(form: str, words: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.strptime(words, form).replace(tzinfo=zone)
    except ValueError:
        return None


def day_said(written: str, *, field: str) -> date:
    """A day as tables have it. Raises Refused for what is none."""
    for form in _PLAIN_DAYS:
        try:
            return datetime.strptime(alike(written), form).replace(tzinfo=clock.TOKYO).date()
        except ValueError:
            continue
    raise Refused(_("“%(words)s” is no date. Write it as 2026-08-01.") % {"words": written}, field=field)
