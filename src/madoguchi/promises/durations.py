"""Lengths of time as people and programs write them. Pure."""

import re
from datetime import timedelta

_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)
_SHORT = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?", re.IGNORECASE)
_UNITS = (
    timedelta(weeks=1),
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
)
LONGEST = timedelta(days=3660)


def read_length(written: object) -> timedelta | None:
    """Minutes as a number, "PT1H30M", "1h30m" or "90m"; None for what is no length or too long to be meant.

    A day is 24 hours of whatever time is counted in.
    """
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    if isinstance(written, str):
        return _read_words(written.strip().replace(" ", ""))
    return timedelta(minutes=written) if 0 <= written <= LONGEST / _UNITS[3] else None


def _read_words(written: str) -> timedelta | None:
    if written.isascii() and written.isdecimal():
        return read_length(int(written)) if len(written) < 12 else None
    match = _ISO.fullmatch(written) or _SHORT.fullmatch(written)
    if match is None or not any(match.groups()) or any(len(part or "") > 9 for part in match.groups()):
        return None
    found = sum(
        (int(part or 0) * unit for part, unit in zip(match.groups(), _UNITS, strict=True)), timedelta()
    )
    return found if found <= LONGEST else None


def as_iso(length: timedelta) -> str:
    """A length in ISO 8601, in hours, minutes and seconds: PT26H."""
    whole = int(length.total_seconds())
    parts = ((whole // 3600, "H"), (whole // 60 % 60, "M"), (whole % 60, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
