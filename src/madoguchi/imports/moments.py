"""Moments as other systems and people write them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _

from madoguchi.kernel import clock
from madoguchi.kernel.text import fold

_FORMS = (
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925}
_ERA = re.compile(r"(令和|平成|昭和|[rhs](?=[\d元.]))\s*(\d{1,2}|元)\s*[年./-]")
_JAPANESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_DAY_OF_WEEK = re.compile(r"\([月火水木金土日]\)")
_CLOCK = re.compile(r"(\d{1,2})\s*時\s*(\d{1,2})\s*分(?:\s*(\d{1,2})\s*秒)?")
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)


def moment(written: object, *, zone: tzinfo = UTC) -> datetime:
    """The moment, in `zone` where it names none. Raises ValueError for none, and for one that cannot be."""
    words = str(written or "").strip()
    at = _iso(words) or _in_words(fold(words), zone)
    if at is None:
        raise ValueError(_("“%(words)s” is no date. Write it as 2026-08-01 10:00.") % {"words": words[:60]})
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if not _EARLIEST <= at <= clock.now() + timedelta(days=1):
        raise ValueError(_("“%(words)s” cannot be when that was.") % {"words": words[:60]})
    return at.astimezone(UTC)


def _in_words(words: str, zone: tzinfo) -> datetime | None:
    words = _DAY_OF_WEEK.sub("", words)
    words = _ERA.sub(lambda found: f"{_ERAS[found[1]] + _count(found[2])}/", words)
    words = _JAPANESE.sub(r"\1/\2/\3", re.sub(r"(\d{4})/(\d{1,2})月(\d{1,2})日", r"\1/\2/\3", words))
    words = _CLOCK.sub(lambda found: f"{found[1]}:{found[2]}:{found[3] or '0'}", words)
    words = " ".join(words.replace("-", "/").replace(".", "/").split())
    return next(filter(None, (_by(form, words, zone) for form in _FORMS)), None)


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
