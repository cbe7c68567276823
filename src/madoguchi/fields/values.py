"""Values of fields: what people write made into what is kept, and back; which are asked for, which are missing. Pure.

Kept is JSON under the field's id: words, a number, a date as 2026-12-01, or what it refers to: {"customer": ID},
{"product": ID} or {"order": ID}, called by the kind of the field.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.fields.models import Field, Matter
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_TEXT = 500
# As many digits as every reader of JSON gives back as they were.
MOST_DIGITS = 15
# As people write one: what programs also take for numbers (1e300, NaN, Infinity, 1_000) is none.
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
BETWEEN_LEVELS = " / "
Filled = Mapping[str, Any]
# Values of these are rows of the company, which `references` finds and names.
REFERENCES = (Field.Kind.CUSTOMER, Field.Kind.PRODUCT, Field.Kind.ORDER)


def read_value(field: Field, written: str) -> Any:
    """What is kept of what somebody wrote; None for nothing. Raises Refused with what the field takes.

    What a reference means is for `references` to find out.
    """
    words = blot_card_numbers(one_line(written, most=MOST_TEXT + 1))
    if not words:
        return None
    if field.kind == Field.Kind.NUMBER:
        return _number(field, words)
    if field.kind == Field.Kind.DATE:
        return _date(field, words)
    if field.kind in (Field.Kind.CHOICE, Field.Kind.TREE):
        return _choice(field, words)
    if len(words) > MOST_TEXT:
        raise _refused(field, _("It takes %(most)s characters at most.") % {"most": MOST_TEXT})
    return words


def form_of(matter: Matter | None, fields: Sequence[Field], matters: Sequence[Matter]) -> list[Field]:
    """The fields that a case of this kind of matter is asked: its own in their order, then those of no kind."""
    in_use = {field.pk: field for field in fields if field.removed_at is None}
    own = [in_use[pk] for pk in (matter.fields if matter else []) if pk in in_use]
    of_kinds = {pk for one in matters if one.removed_at is None for pk in one.fields}
    return [*own, *(field for field in in_use.values() if field.pk not in of_kinds)]


def asked(form: Sequence[Field], filled: Filled) -> list[Field]:
    """The fields of a form that its values ask for: those without a condition, and those whose condition holds."""
    known = {field.pk: field for field in form}
    return [field for field in form if _holds(field, filled, known)]


def missing(form: Sequence[Field], filled: Filled) -> list[Field]:
    """What has to be known before the case is solved, and is not."""
    return [field for field in asked(form, filled) if field.required and field.key not in filled]


def say_value(field: Field, value: Any) -> str:
    """A value in words; what a reference is called is for `references` to find out."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(value[field.kind])
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)


def was_taken(field: Field, value: Any) -> bool | None:
    """Whether a proposal was taken, by the value of the field that says so; None while nobody knows."""
    return dict(zip(field.choices[:2], (True, False), strict=True)).get(value)


def levels_to_choose(choices: Sequence[str]) -> list[str]:
    """The choices of a tree and every level above them, each once, in their order."""
    ways = (one.split(BETWEEN_LEVELS) for one in choices)
    return list(dict.fromkeys(BETWEEN_LEVELS.join(way[:n]) for way in ways for n in range(1, len(way) + 1)))


def levels_of(choices: Sequence[str]) -> list[str]:
    """The choices of a tree with the levels of each set apart in one way."""
    parts = ([part.strip() for part in one.replace("／", "/").split("/")] for one in choices)
    return [BETWEEN_LEVELS.join(filter(None, levels)) for levels in parts]


def _holds(field: Field, filled: Filled, known: Mapping[int, Field]) -> bool:
    """Without the other field in the form nothing can hold; conditions run in no circle, which `actions` sees to."""
    if field.only_if_id is None:
        return True
    other = known.get(field.only_if_id)
    if other is None or not _holds(other, filled, known):
        return False
    if other.kind in REFERENCES:
        return other.key in filled
    return say_value(other, filled.get(other.key)) in field.only_values


def number_in(words: str) -> int | float | None:
    """The number that somebody wrote; None for what is none, or has too many digits to be kept as it is."""
    plain = _plain(words).replace(",", "").replace("−", "-")
    if not _PLAIN_NUMBER.fullmatch(plain) or sum(c.isdigit() for c in plain) > MOST_DIGITS:
        return None
    number = float(plain)
    return int(number) if number.is_integer() else number


def day_in(words: str) -> str | None:
    """The date that somebody wrote, as 2026-12-01; None for what is none."""
    plain = _plain(words).translate(str.maketrans("年月/.", "----")).rstrip("日")
    try:
        year, month, day = (int(part) for part in plain.split("-"))
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words)


def _number(field: Field, words: str) -> int | float:
    number = number_in(words)
    if number is not None:
        return number
    if sum(c.isdigit() for c in words) > MOST_DIGITS:
        raise _refused(field, _("It takes %(most)s digits at most.") % {"most": MOST_DIGITS})
    raise _refused(field, _("Write a number, such as 12 or 3.5."))


def _date(field: Field, words: str) -> str:
    day = day_in(words)
    if day is None:
        raise _refused(field, _("Write a date, such as 2026-12-01."))
    return day


def _choice(field: Field, words: str) -> str:
    wanted = levels_of([words])[0] if field.kind == Field.Kind.TREE else words
    if wanted not in field.choices:
        raise _refused(field, _("Choose one of the list."))
    return wanted


def _refused(field: Field, why: str) -> Refused:
    return Refused(f"{field.label}: {why}", field=field.key)
