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
from madoguchi.rights.actions.deciding import correct, resume_use, stop_use
from madoguchi.rights.actions.reviewing import release, withhold

__all__ = [
    "Asked",
    "ask",
    "check",
    "correct",
    "fetched",
    "hand_over",
    "make_again",
    "refuse",
    "release",
    "resume_use",
    "start_disclosure",
    "stop_use",
    "withhold",
]
