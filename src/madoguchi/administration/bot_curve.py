"""The confidence from which a bot answers, by what is known of its answers: as the settings of a bot show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from madoguchi.bot.curve import LEAST, WANTED, Point, threshold_for
from madoguchi.bot.figures import curve_at
from madoguchi.companies.models import Desk
from madoguchi.gaps.rehearsed import curve_by_people

_USUAL, _LENGTH = 90, 160


@dataclass(frozen=True, slots=True)
class Row:
    """A point of the curve, and its precision drawn."""

    point: Point
    bars: list[dict[str, Any]]


def curve_shown(desk: Desk, wanted: str) -> dict[str, Any]:
    """What the page of a bot shows of it, for the precision that is wanted (percent)."""
    chosen = int(wanted) if wanted in map(str, WANTED) else _USUAL
    points = curve_at(desk)
    by_people, rehearsed = curve_by_people(desk)
    return {
        "by_people": [_row(point) for point in by_people if point.known],
        "people_known": by_people[0].known,
        "rehearsed": rehearsed,
        "people_threshold": threshold_for(by_people, wanted=chosen),
        "curve": [_row(point) for point in points if point.known],
        "known": points[0].known,
        "least": LEAST,
        "wanted": chosen,
        "wants": WANTED,
        "threshold": threshold_for(points, wanted=chosen),
    }


def taken_over(asked: Mapping[str, str]) -> dict[str, int]:
    """What the form shows in place of what is kept, until it is saved."""
    said = asked.get("answer_from", "")
    return {"answer_from": int(said)} if said.isascii() and said.isdecimal() and len(said) < 3 else {}


def _row(point: Point) -> Row:
    length = _LENGTH * (point.precision or 0) / 100
    return Row(point, [{"step": 0, "at": 0.0, "length": length}])
