"""How right answers are from each confidence on: by what customers said, chose and had corrected. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from madoguchi.bot.models import Turn

Outcome = Turn.Outcome
# Where a threshold is looked at, in percent; fewer answers than `LEAST` say nothing of it.
THRESHOLDS, LEAST = tuple(range(30, 100, 5)), 20
WANTED = (80, 85, 90, 95, 98)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question of which it is known whether the first article was the right one, and how sure the bot was."""

    confidence: int
    right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """From this confidence on: so many questions of which it is known, so many of them right, and which share of all
    questions has as much.
    """

    confidence: int
    known: int
    right: int
    share: int

    @property
    def precision(self) -> int | None:
        """How many of a hundred are right, rounded down; None where nothing is known."""
        return 100 * self.right // self.known if self.known else None


def labelled(
    turns: Sequence[Turn], *, corrected: Iterable[int], judged: Mapping[int, bool] | None = None
) -> list[Labelled]:
    """What is known of these turns, given with those of each case in their order: an answer is right as an audit
    `judged` it (by turn), else as the customer said, unless its version (`corrected`) was found wrong later; of
    suggestions the first is right if it was chosen.
    """
    wrong, verdicts = set(corrected), judged or {}
    found = [_answered(turn, wrong, verdicts.get(turn.pk)) for turn in turns]
    chosen = [_chosen(turn, after) for turn, after in pairwise(turns)]
    return [one for one in (*found, *chosen) if one is not None]


def curve_of(known: Sequence[Labelled], confidences: Sequence[int]) -> list[Point]:
    """How right it is from each threshold on, and how many of all questions (`confidences`) it would answer."""
    return [
        Point(
            at,
            sum(one.confidence >= at for one in known),
            sum(one.confidence >= at and one.right for one in known),
            round(100 * sum(one >= at for one in confidences) / len(confidences)) if confidences else 0,
        )
        for at in THRESHOLDS
    ]


def threshold_for(points: Sequence[Point], *, wanted: int) -> int | None:
    """The lowest confidence from which on it is right as often as is wanted (percent), and stays so above as far as
    enough is known; None where too little is.
    """
    found = None
    for point in reversed(points):
        if point.known < LEAST:
            continue
        if 100 * point.right < wanted * point.known:
            break
        found = point.confidence
    return found


def _answered(turn: Turn, wrong: set[int], judged: bool | None) -> Labelled | None:
    if turn.outcome != Outcome.ANSWER or turn.confidence is None:
        return None
    if judged is not None:
        return Labelled(turn.confidence, right=judged)
    if turn.version_id in wrong:
        return Labelled(turn.confidence, right=False)
    return None if turn.helped is None else Labelled(turn.confidence, right=turn.helped)


def _chosen(turn: Turn, after: Turn) -> Labelled | None:
    """What was chosen of suggestions is an answer of which nothing was ranked."""
    if turn.outcome != Outcome.SUGGEST or turn.confidence is None or not turn.offered:
        return None
    if after.case_id != turn.case_id or after.outcome != Outcome.ANSWER or after.confidence is not None:
        return None
    return Labelled(turn.confidence, right=after.version_id == turn.offered[0])
