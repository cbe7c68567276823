"""Putting back what stood behind the dots of a blotted text, after somebody wrote around them. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final, cast

from madoguchi.kernel.blotting import DOT

_DOTS: Final = re.compile(f"{DOT}+")
# How many letters beside a run say which one it is.
_BESIDE: Final = 8


class Uncovered(Exception):
    """What was typed between or beside dots would show letters that stand behind them: of the original those from
    `begin` to `end`.
    """

    def __init__(self, begin: int, end: int) -> None:
        super().__init__(begin, end)
        self.begin, self.end = begin, end


@dataclass(frozen=True, slots=True)
class Run:
    """Dots that stand together, from where to where in a text, and what they stand for there: dots of the text's own,
    too.
    """

    begin: int
    end: int
    words: str
    before: str
    behind: str

    @property
    def length(self) -> int:
        """In letters."""
        return self.end - self.begin

    @property
    def is_kept(self) -> bool:
        """Whether something stands behind them."""
        return bool(self.words.strip(DOT))


def put_back(
    typed: str, *, shown: str, original: str, whole: bool = False, blot: Callable[[str], str] = str
) -> str | None:
    """What was typed over words that were `shown` blotted, with what stands behind its dots: the `original` where
    nothing was changed; None where the dots are not those that were shown, or where two runs of one length could be
    taken for each other. `whole`: also where some are missing. Raises Uncovered where a letter that `blot` keeps of the
    original would be shown by what it keeps of the result.
    """
    typed = typed.replace("\r\n", "\n")
    if typed.strip() == shown.replace("\r\n", "\n").strip():
        return original
    shown, original = shown.replace("\r\n", "\n"), original.replace("\r\n", "\n")
    stood, there = _runs(shown, original), _runs(typed, typed)
    anchored = _anchored(stood, there, shown, typed)
    placed = None if anchored is None else _placed(stood, there, anchored, whole=whole)
    if anchored is None or placed is None:
        return None
    letters = list(typed)
    for run, at in placed.items():
        letters[there[at].begin : there[at].end] = stood[run].words
    left = "".join(letters)
    _refuse_shown(left, [(stood[run], there[at]) for run, at in placed.items()], original, blot)
    return left if _is_certain(stood, there, placed, anchored) else None


def _refuse_shown(
    left: str, placed: Iterable[tuple[Run, Run]], original: str, blot: Callable[[str], str]
) -> None:
    before, now = blot(original), blot(left)
    for run, at in placed:
        kept, still = before[run.begin : run.end], now[at.begin : at.end]
        if any(
            was == DOT != one and are != DOT for was, are, one in zip(kept, still, run.words, strict=True)
        ):
            raise Uncovered(run.begin, run.end)


def _runs(text: str, original: str) -> list[Run]:
    return [
        Run(
            *one.span(),
            original[slice(*one.span())],
            text[max(0, one.start() - _BESIDE) : one.start()][::-1],
            text[one.end() : one.end() + _BESIDE],
        )
        for one in _DOTS.finditer(text)
    ]


def _placed(
    stood: Sequence[Run], there: Sequence[Run], placed: Mapping[int, int], *, whole: bool
) -> Mapping[int, int] | None:
    """Which of the runs that are there each that stood there is, some being known; None where it cannot be said."""
    rest = [at for at in range(len(stood)) if at not in placed]
    free = [at for at in range(len(there)) if at not in placed.values()]
    kept = [at for at in rest if stood[at].is_kept]
    found = _only_place([stood[at] for at in kept], [there[at] for at in free])
    if found is not None:
        more = {run: free[at] for run, at in zip(kept, found, strict=True)}
    elif (
        not whole
        and (left := _only_place([there[at] for at in free], [stood[at] for at in rest])) is not None
    ):
        more = {rest[at]: place for place, at in zip(free, left, strict=True)}
    else:
        return None
    return {**placed, **more}


def _is_certain(
    stood: Sequence[Run], there: Sequence[Run], placed: Mapping[int, int], anchored: Mapping[int, int]
) -> bool:
    """Whether each is told from any other by what stands beside it, in their order, and none is there twice."""
    used, kept = set(placed.values()), [run for run in sorted(placed) if stood[run].is_kept]
    lengths = {one.length for one in stood if one.is_kept}
    copied = any(one.length in lengths for at, one in enumerate(there) if at not in used)
    in_order = all(one < other for one, other in pairwise(placed[run] for run in kept))
    alone = [run for run in kept if run not in anchored]
    return (
        in_order and not copied and all(_is_this_one(stood, stood[run], there[placed[run]]) for run in alone)
    )


def _anchored(stood: Sequence[Run], there: Sequence[Run], shown: str, typed: str) -> dict[int, int] | None:
    """Those up to which, or from which on, all is as it was shown; None where that speaks for two."""
    same = _common(shown, typed)
    from_end = _common(shown[::-1], typed[::-1])
    begins = {one.begin: at for at, one in enumerate(there)}
    ends = {len(typed) - one.end: at for at, one in enumerate(there)}
    placed: dict[int, int] = {}
    for run, one in enumerate(stood):
        first = begins[one.begin] if one.end < same else None
        back = len(shown) - one.end
        last = ends[back] if len(shown) - one.begin < from_end else None
        at = first if last is None else last
        speaks_for_two = None not in (first, last) and first != last
        taken = [stood[other].words for other, place in placed.items() if place == at]
        if one.is_kept and (speaks_for_two or any(words != one.words for words in taken)):
            return None
        if at is not None and not taken and not speaks_for_two:
            placed[run] = at
    return placed


def _is_this_one(stood: Sequence[Run], run: Run, there: Run) -> bool:
    """Whether what stands beside it speaks more for this run than for any of its length that holds other words."""
    others = [one for one in stood if one.length == run.length and one.words != run.words]
    return all(_alike(there, run) > _alike(there, one) for one in others)


def _alike(one: Run, other: Run) -> int:
    return _common(one.before, other.before) + _common(one.behind, other.behind)


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with together."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _only_place(few: Sequence[Run], many: Sequence[Run]) -> list[int] | None:
    """Where among many runs these few stand in their order, each as long as its own; None where nowhere, or where it
    could be read otherwise.
    """
    first = _places(few, many)
    last = _places(few[::-1], many[::-1])
    if first is None or last is None or first != [len(many) - 1 - at for at in reversed(last)]:
        return None
    return first


def _places(few: Sequence[Run], many: Sequence[Run]) -> list[int] | None:
    left = iter(enumerate(many))
    found = [next((at for at, one in left if one.length == run.length), None) for run in few]
    return None if None in found else cast(list[int], found)
