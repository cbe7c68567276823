"""The verbs of what customers demand."""

from madoguchi.rights.actions.asking import (
    Asked,
    ask,
    check,
    fetched,
    hand_over,
    make_again,
    refuse,
    start_disclosure,
)

__all__ = [
    "Asked",
    "ask",
    "check",
    "fetched",
    "hand_over",
    "make_again",
    "refuse",
    "start_disclosure",
]
