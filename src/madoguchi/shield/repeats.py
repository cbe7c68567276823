"""How often a customer has made the same demand although it was answered. Pure.

Whoever asks again because nobody has answered repeats nothing: only what comes after an answer of ours counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from madoguchi.signals.alike import ENOUGH, nearness

# Of fewer letters nothing can be said: 「はい」「お願いします」.
LEAST_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Said:
    """What was said when, by the customer or by us."""

    text: str
    at: datetime
    ours: bool = False


def times_demanded(said: Sequence[Said]) -> int:
    """How often the last thing that the customer said was demanded, itself included; 0 for nothing."""
    if not said or said[-1].ours or len(said[-1].text) < LEAST_LETTERS:
        return 0
    last, times, answered = said[-1], 0, True
    for one in said:
        if one.ours:
            answered = True
        elif answered and (one is last or nearness(one.text, last.text) >= ENOUGH):
            times, answered = times + 1, False
    return times
