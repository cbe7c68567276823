"""Putting back what stood behind the dots of a blotted text, after somebody wrote around them. Pure."""

import re
from collections.abc import Sequence
from typing import Final, cast

from madoguchi.kernel.blotting import DOT

_DOTS: Final = re.compile(f"{DOT}+")


def put_back(typed: str, *, shown: str, original: str, whole: bool = False) -> str | None:
    """What was typed over words that were `shown` blotted, with what stands behind its dots: the `original` where
    nothing was changed; None where the dots are not those that were shown. `whole`: also where some are missing.
    """
    typed = typed.replace("\r\n", "\n")
    if typed.strip() == shown.replace("\r\n", "\n").strip():
        return original
    behind = [original[slice(*one.span())] for one in _DOTS.finditer(shown)]
    there = [one[0] for one in _DOTS.finditer(typed)]
    places = _only_place(behind, there)
    if places is not None:
        filled = dict(zip(places, behind, strict=True))
    elif not whole and (left := _only_place(there, behind)) is not None:
        filled = {at: behind[place] for at, place in enumerate(left)}
    else:
        return None
    numbers = iter(range(len(there)))
    return _DOTS.sub(lambda dots: filled.get(next(numbers), dots[0]), typed)


def _only_place(few: Sequence[str], many: Sequence[str]) -> list[int] | None:
    """Where among many runs these few stand in their order, each as long as its own; None where nowhere, or where it
    could be read otherwise.
    """
    first = _places(few, many)
    last = _places(few[::-1], many[::-1])
    if first is None or last is None or first != [len(many) - 1 - at for at in reversed(last)]:
        return None
    return first


def _places(few: Sequence[str], many: Sequence[str]) -> list[int] | None:
    left = iter(enumerate(many))
    found = [next((at for at, one in left if len(one) == len(run)), None) for run in few]
    return None if None in found else cast(list[int], found)
