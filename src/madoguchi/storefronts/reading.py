"""Reading what stands in JSON: each value in one form, or a refusal that names the field. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.kernel import clock
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

Found = Mapping[str, Any]
MOST_DEEP = 12
_MICRO = 1_000_000
_A_DAY = timedelta(days=1)
_IDS = frozenset({"id", "order", "line", "code", "sku", "slip", "tracking_number"})


def word(found: Found, name: str, *, most: int = 200, needed: bool = False) -> str:
    """A word or a number as a word; empty where nothing stands. Raises Refused for anything else."""
    value = found.get(name)
    if value is None or value == "":
        if needed:
            raise Refused(_("“%(field)s” is missing.") % {"field": name}, field=name)
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(_("“%(field)s” is no word.") % {"field": name}, field=name)
    return one_line(str(value), most=most)


def whole(found: Found, name: str, *, needed: bool = False) -> int | None:
    """A whole number, as one or as a word (`1100.00`); None where nothing stands. Raises Refused."""
    value = found.get(name)
    if value is None or value == "":
        if needed:
            raise Refused(_("“%(field)s” is missing.") % {"field": name}, field=name)
        return None
    try:
        number = Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite() or abs(number) > 10**12 or number % 1:
            raise ValueError
    except (InvalidOperation, ValueError) as error:
        words = _("“%(field)s” is no whole number: %(value)s")
        raise Refused(words % {"field": name, "value": str(value)[:40]}, field=name) from error
    return int(number)


def moment(found: Found, name: str, *, needed: bool = False) -> datetime | None:
    """A moment with its time zone (ISO 8601); None where nothing stands. Raises Refused."""
    written = word(found, name, most=40, needed=needed)
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
        if at.tzinfo is None or not clock.EARLIEST <= at <= clock.now() + _A_DAY:
            raise ValueError
    except (ValueError, OverflowError) as error:
        words = _("“%(field)s” is no moment like 2026-11-29T10:00:00+09:00: %(value)s")
        raise Refused(words % {"field": name, "value": written}, field=name) from error
    return at


def day(found: Found, name: str) -> date:
    """A day (ISO 8601), which must stand there. Raises Refused."""
    written = word(found, name, most=40, needed=True)
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        words = _("“%(field)s” is no day like 2026-11-29: %(value)s")
        raise Refused(words % {"field": name, "value": written}, field=name) from error


def truth(found: Found, name: str, *, usual: bool) -> bool:
    """Yes or no. Raises Refused for what is neither."""
    value = found.get(name)
    if value is None:
        return usual
    if not isinstance(value, bool):
        raise Refused(_("“%(field)s” is neither true nor false.") % {"field": name}, field=name)
    return value


def inner(found: Found, name: str) -> Found:
    """An object that stands in another; an empty one where nothing stands. Raises Refused."""
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(_("“%(field)s” is no object.") % {"field": name}, field=name)
    return value


def each(found: Found, name: str) -> Iterator[Found]:
    """The objects of a list; none where nothing stands. Raises Refused."""
    value = found.get(name)
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Refused(_("“%(field)s” is no list of objects.") % {"field": name}, field=name)
    yield from value


def words(found: Found, name: str, *, most: int) -> tuple[str, ...]:
    """The words of a list, each as `word` reads it; none where nothing stands. Raises Refused."""
    value = found.get(name)
    if value is not None and not isinstance(value, list):
        raise Refused(_("“%(field)s” is no list of words.") % {"field": name}, field=name)
    return tuple(word({name: one}, name, most=most) for one in value or ())


def micros(at: datetime | None) -> int:
    """A moment as a number that grows; 0 for none."""
    return 0 if at is None else int(at.timestamp()) * _MICRO + at.microsecond


def without_cards(value: Any, *, name: str = "", deep: int = 0) -> Any:
    """The same without numbers of cards in its words. Ids are left: by chance one in ten looks like a card's.

    Raises Refused for what is nested deeper than any shop does.
    """
    if deep > MOST_DEEP:
        raise Refused(_("It is nested too deeply."))
    if isinstance(value, dict):
        return {clean(key): without_cards(one, name=key, deep=deep + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [without_cards(one, name=name, deep=deep + 1) for one in value]
    if not isinstance(value, str):
        return value
    is_id = name in _IDS or name.endswith(("_id", "Id")) or value.startswith("gid://")
    return clean(value) if is_id else blot_card_numbers(clean(value))
