"""Rules of a division as they are kept: read from JSON, written into it, and what is wrong with them. Pure.

{"name": "夜間", "by": "share", "days": [0, 1], "from": "18:00", "until": "09:00", "channels": ["email"],
 "tags": ["返品"], "matters": [3], "words": ["返品"], "after": 30, "calls_after": 20,
 "to": [{"desk": 5, "weight": 60, "price": 320, "most": 20}]}
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from madoguchi.kernel.hours import DAY_MINUTES, frames
from madoguchi.routing.division import By, Place, Rule

MOST_RULES, MOST_PLACES = 30, 20
Written = Mapping[str, Any]


def read_rule(written: Written) -> Rule:
    """A rule as it is kept. Raises ValueError for hours that are none."""
    return Rule(
        name=written["name"],
        by=By(written["by"]),
        places=tuple(_place(one) for one in written["to"]),
        days=frozenset(written.get("days", ())),
        hours=hours_of(written.get("from", ""), written.get("until", "")),
        channels=frozenset(written.get("channels", ())),
        tags=frozenset(written.get("tags", ())),
        matters=frozenset(written.get("matters", ())),
        words=tuple(written.get("words", ())),
        after=written.get("after", 0),
        calls_after=written.get("calls_after", 0),
    )


def read_rules(written: Iterable[Written], *, among: Iterable[int]) -> list[Rule]:
    """The rules, with those of their desks that take part (`among`) now. Where none does, what a rule is for waits
    where it came in.
    """
    there = set(among)
    rules = (read_rule(one) for one in written)
    return [replace(rule, places=tuple(one for one in rule.places if one.desk in there)) for rule in rules]


def mark_of(written: Written) -> str:
    """What a rule is known by when it is changed: another mark as soon as it says anything else."""
    return sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:16]


def hours_of(begin: str, until: str) -> tuple[int, int] | None:
    """Minutes of the day between two times; None where neither is said. Raises ValueError."""
    if not begin and not until:
        return None
    [frame] = frames(f"{begin}-{until}")
    return frame.begin, frame.end % DAY_MINUTES or DAY_MINUTES


def _place(written: Written) -> Place:
    return Place(
        desk=written["desk"],
        weight=written.get("weight", 1),
        price=written.get("price", 0),
        most=written.get("most"),
    )
