"""What somebody typed beside the name of a field (`返金額:10000以上`), as what is asked of its value. Pure."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from madoguchi.fields.conditions import Asked, Kind
from madoguchi.fields.models import Field
from madoguchi.fields.values import REFERENCES, levels_to_choose, number_in
from madoguchi.kernel.text import fold

_ANY, _NONE = {"あり", "有", "有り", "any", "*"}, {"なし", "無", "無し", "空", "none", "empty"}
_SIGN = re.compile(r"(>=|<=|>|<|≧|≦)\s*(.+)")
_WORD = re.compile(r"(.+?)(以上|以下|超|未満|以降|から|まで|以前|より前)")
_SIGNS = {">=": "least", "≧": "least", "<=": "most", "≦": "most", ">": "over", "<": "under"}
_WORDS = {"以上": "least", "以下": "most", "超": "over", "未満": "under"}
_WORDS |= {"以降": "least", "から": "least", "まで": "most", "以前": "most", "より前": "under"}
_BETWEEN = re.compile(r"(.+?)(?:\.\.|~|〜|～)(.+)")
Day = Callable[[str], date | None]
Meant = Callable[[Field, str], Sequence[int]]


def asked_by(field: Field, written: str, *, day: Day, meant: Meant) -> tuple[Asked, ...]:
    """What must all hold of a field's value; nothing for what its values cannot be. `day` reads a day as it is named,
    `meant` finds the ids of what a field of products or orders may refer to.

    A number and a day may have a limit (`>`, `以上`, `まで`) or two (`1000..5000`); a choice may be named in part.
    """
    value = unicodedata.normalize("NFKC", written).strip()
    if fold(value) in _ANY | _NONE:
        return (Asked(field.pk, field.kind, "known", fold(value) in _ANY),)
    if field.kind == Kind.NUMBER:
        return _numbers(field, value)
    if field.kind == Kind.DATE:
        return _days(field, value, day)
    if field.kind in (Kind.CHOICE, Kind.TREE):
        return (Asked(field.pk, field.kind, "in", _choices(field, value)),)
    if field.kind in REFERENCES:
        found = meant(field, value)
        return (Asked(field.pk, field.kind, "in", tuple(found)),) if found else ()
    return (Asked(field.pk, field.kind, "contains", value),) if field.kind == Kind.TEXT and value else ()


def _limits(value: str) -> list[tuple[str, str]]:
    """Tests with what each compares to: `in` for the value itself."""
    if between := _BETWEEN.fullmatch(value):
        return [("least", between[1]), ("most", between[2])]
    if sign := _SIGN.fullmatch(value):
        return [(_SIGNS[sign[1]], sign[2])]
    if word := _WORD.fullmatch(value):
        return [(_WORDS[word[2]], word[1])]
    return [("in", value)]


def _numbers(field: Field, value: str) -> tuple[Asked, ...]:
    read = [(test, number_in(one.strip())) for test, one in _limits(value)]
    if any(number is None for _test, number in read):
        return ()
    return tuple(
        Asked(field.pk, field.kind, test, (number,) if test == "in" else number) for test, number in read
    )


def _days(field: Field, value: str, day: Day) -> tuple[Asked, ...]:
    read = [(test, day(one.strip())) for test, one in _limits(value)]
    return (
        tuple(_of_day(field, test, one) for test, one in read if one)
        if all(one for _test, one in read)
        else ()
    )


def _of_day(field: Field, test: str, one: date) -> Asked:
    """Before and since are the two limits of days: up to a day is before the next one."""
    later = one + timedelta(days=1)
    named = {
        "in": ("on", one),
        "least": ("since", one),
        "over": ("since", later),
        "most": ("before", later),
        "under": ("before", one),
    }
    asked, limit = named[test]
    return Asked(field.pk, field.kind, asked, limit.isoformat())


def _choices(field: Field, value: str) -> tuple[str, ...]:
    """The choices that a word may mean: that of this name, else those in which it stands; else itself."""
    offered: Sequence[str] = field.choices
    if field.kind == Kind.TREE:
        offered = levels_to_choose(field.choices)
    named = [one for one in offered if fold(value) in (fold(one), fold(one).rpartition("/")[2].strip())]
    return tuple(named or [one for one in offered if fold(value) in fold(one)] or [value])
