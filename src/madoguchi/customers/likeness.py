"""How likely two records of a company are of one person, and why. Pure.

A rule of thumb of our own, not learnt from data: people are not joined by it, it only says where a person may look.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from madoguchi.kernel.folding import fold


class Sign(StrEnum):
    """Something that speaks for one person."""

    NAME = "name"
    KANA = "kana"
    ADDRESS = "address"
    LOCAL_PART = "local_part"


# A name alone is shared by many; with the postal address it is nearly sure.
WEIGHTS: Final = {Sign.NAME: 50, Sign.KANA: 20, Sign.ADDRESS: 40, Sign.LOCAL_PART: 30}
# A family that lives together, or two people of one name, are just below what is worth showing twice.
ENOUGH: Final = 50
_SHORTEST_LOCAL_PART: Final = 5
# Before the @ of a post that several people read, or that a machine answers from.
_NOBODYS: Final = frozenset(
    ("admin", "contact", "info", "mail", "no-reply", "noreply", "office", "order", "sales", "shop", "support")
)


@dataclass(frozen=True, slots=True)
class Described:
    """A record as far as it is compared."""

    name: str
    kana: str
    address: str
    emails: tuple[str, ...] = ()


def signs_of(one: Described, other: Described) -> tuple[Sign, ...]:
    """What speaks for one person, the strongest first."""
    pairs = {
        Sign.NAME: (one.name, other.name),
        Sign.ADDRESS: (one.address, other.address),
        Sign.KANA: (one.kana, other.kana),
    }
    found = [sign for sign, (here, there) in pairs.items() if here and there and fold(here) == fold(there)]
    if _local_parts(one.emails) & _local_parts(other.emails):
        found.append(Sign.LOCAL_PART)
    return tuple(sorted(found, key=lambda sign: -WEIGHTS[sign]))


def score_of(signs: Iterable[Sign]) -> int:
    """0 to 100."""
    return min(sum(WEIGHTS[sign] for sign in signs), 100)


def _local_parts(emails: Iterable[str]) -> set[str]:
    parts = {email.partition("@")[0].partition("+")[0].lower() for email in emails}
    return {part for part in parts if len(part) >= _SHORTEST_LOCAL_PART and part not in _NOBODYS}
