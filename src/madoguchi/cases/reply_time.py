"""How long customers of a desk really wait for a first answer, as arithmetic without a database.

The figure is the 80th percentile of the time from `opened_at` to `first_replied_at`. Of the waits r that ended, and w
that go on,

    P = max(P80(r), P80(r and w together)),    P80(x) = the ceil(0.8 n)-th of n values in their order

Who still waits counts as if answered this very moment, which is the least they will have waited: a heap of unanswered
mail makes the figure longer and longer. But who has only just written must not make it shorter, hence the greater of
the two. So it is never below the percentile of the answers that were given, and no longer wait makes it less.

Hours of the week differ: a mail of Saturday night waits longer than one of Tuesday morning, and a holiday is like a
Sunday. So waits are told apart by the part of the week in which the case was opened. Where a part has enough of them,
it has a figure of its own; where it has but a few, that of days like it, or else of the whole week, unless those few
waited longer; where it has next to none, nothing is promised, for other hours say nothing of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.holidays import holiday_name

SHARE_IN_PERCENT = 80
FEWEST, A_FEW = 20, 3
ANY_HOUR = "any"
_BEGIN = (0, 9, 12, 15, 18)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Wait:
    """A first answer's time in seconds, or, not `answered`, how long somebody has waited for one until now."""

    opened_at: datetime
    seconds: int
    answered: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """What four of five waited at most, in seconds, and how many cases decided it."""

    seconds: int
    cases: int


def slot_of(moment: datetime) -> str:
    """The part of the week, in Japan, that a moment lies in, as "weekday-09" (from nine to twelve)."""
    there = moment.astimezone(TOKYO)
    rests = there.weekday() >= _SATURDAY or holiday_name(there.date())
    day = "weekend" if rests else "weekday"
    begin = max(hour for hour in _BEGIN if hour <= there.hour)
    return f"{day}-{begin:02}"


def hours_of(slot: str) -> tuple[bool, int, int]:
    """Whether a part of the week lies at its end, from which hour it lasts, and until which."""
    day, _separator, begin = slot.partition("-")
    ends = (*_BEGIN[1:], 24)
    return day == "weekend", int(begin), ends[_BEGIN.index(int(begin))]


def slots() -> list[str]:
    """Every part of the week in its order, and before them the week as a whole."""
    return [ANY_HOUR, *(f"{day}-{begin:02}" for day in ("weekday", "weekend") for begin in _BEGIN)]


def figures_of(waits: Iterable[Wait]) -> dict[str, Figure]:
    """The figure of each part of the week in which something can be promised, and of the week as a whole where that has
    one. A figure that a part borrows has the cases that decided it where it comes from.
    """
    parts: Mapping[str, list[Wait]] = defaultdict(list)
    for wait in waits:
        slot = slot_of(wait.opened_at)
        for part in (ANY_HOUR, _days_of(slot), slot):
            parts[part].append(wait)
    whole = {part: figure(there) for part, there in parts.items() if len(there) >= FEWEST}
    enough = {part: one for part, one in whole.items() if one.cases >= FEWEST}
    found = {ANY_HOUR: enough[ANY_HOUR]} if ANY_HOUR in enough else {}
    for slot in slots()[1:]:
        wider = enough.get(_days_of(slot)) or enough.get(ANY_HOUR)
        if slot in enough:
            found[slot] = enough[slot]
        elif wider and len(parts[slot]) >= A_FEW and (own := figure(parts[slot])).cases >= A_FEW:
            found[slot] = Figure(max(own.seconds, wider.seconds), wider.cases)
    return found


def _days_of(slot: str) -> str:
    return slot.partition("-")[0]


def figure(waits: Sequence[Wait]) -> Figure:
    """The figure of these waits, of which there is one at least; see the head of this module.

    Who has waited for less than four of five answers took decided nothing yet, and is not among its cases.
    """
    answered = [wait.seconds for wait in waits if wait.answered]
    at_least = _percentile(answered) if answered else 0
    decided = [wait.seconds for wait in waits if wait.answered or wait.seconds >= at_least]
    return Figure(max(at_least, _percentile([wait.seconds for wait in waits])), len(decided))


def _percentile(values: Sequence[int]) -> int:
    """By nearest rank, and so a value that somebody did wait."""
    return sorted(values)[(len(values) * SHARE_IN_PERCENT + 99) // 100 - 1]


def left_after(waited: float, answers: Iterable[float]) -> float | None:
    """Of those who had waited for so many seconds as well, in how many seconds from then on four of five were answered;
    None where they are too few to say.
    """
    longer = sorted(seconds for seconds in answers if seconds > waited)
    if len(longer) < FEWEST:
        return None
    return longer[-(-SHARE_IN_PERCENT * len(longer) // 100) - 1] - waited
