"""How likely two records of a company are of one person, and why. Pure.

A rule of thumb of our own, not learnt from data: people are not joined by it, it only says where a person may look.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from madoguchi.kernel.folding import fold
from madoguchi.kernel.identity import IdentityKind, bare_member, canonical
from madoguchi.kernel.places import Place, are_same, is_same_house, place_in_parts


class Sign(StrEnum):
    """Something that speaks for one person."""

    NAME = "name"
    KANA = "kana"
    ADDRESS = "address"
    HOUSE = "house"
    LOCAL_PART = "local_part"
    FORMER_NAME = "former_name"
    MEMBER = "member"


# A household shares a house, and more than one household many a house.
# A name alone is shared by many; with the postal address it is nearly sure.
# That one was called before what the other is called now, or that member numbers differ by zeros or letters before them
# alone, is worth a look by itself.
WEIGHTS: Final = {
    Sign.NAME: 50,
    Sign.FORMER_NAME: 50,
    Sign.MEMBER: 50,
    Sign.ADDRESS: 40,
    Sign.LOCAL_PART: 30,
    Sign.HOUSE: 30,
    Sign.KANA: 20,
}
# A family that lives together, or two people of one name, are just below what is worth showing twice.
ENOUGH: Final = 50
_SHORTEST_LOCAL_PART: Final = 5
# Before the @ of a post that several people read, or that a machine answers from.
_NOBODYS: Final = frozenset(
    ("admin", "contact", "info", "mail", "no-reply", "noreply", "office", "order", "sales", "shop", "support")
)


@dataclass(frozen=True, slots=True)
class Described:
    """A record as far as it is compared. `places` are postal addresses beside the record's own; `parted` are all in
    their parts, the record's own first: they are read once, however many records it is compared with.
    """

    name: str
    kana: str
    address: str
    emails: tuple[str, ...] = ()
    former_names: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    parted: tuple[Place, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        all_ = tuple(place_in_parts(written) for written in (self.address, *self.places))
        object.__setattr__(self, "parted", all_)


def signs_of(one: Described, other: Described) -> tuple[Sign, ...]:
    """What speaks for one person, the strongest first."""
    pairs = {Sign.NAME: (one.name, other.name), Sign.KANA: (one.kana, other.kana)}
    found = [sign for sign, (here, there) in pairs.items() if here and there and fold(here) == fold(there)]
    if _local_parts(one.emails) & _local_parts(other.emails):
        found.append(Sign.LOCAL_PART)
    if are_same(one.parted[0], other.parted[0]):
        found.append(Sign.ADDRESS)
    elif _share_a_house(one, other):
        found.append(Sign.HOUSE)
    if Sign.NAME not in found and _names(one) & _names(other):
        found.append(Sign.FORMER_NAME)
    if _members(one.members) & _members(other.members):
        found.append(Sign.MEMBER)
    return tuple(sorted(found, key=lambda sign: -WEIGHTS[sign]))


def score_of(signs: Iterable[Sign]) -> int:
    """0 to 100."""
    return min(sum(WEIGHTS[sign] for sign in signs), 100)


def _share_a_house(one: Described, other: Described) -> bool:
    return any(is_same_house(mine, theirs) for mine in one.parted for theirs in other.parted)


def _names(one: Described) -> set[str]:
    return {folded for name in (one.name, *one.former_names) if (folded := fold(name))}


def _members(written: Iterable[str]) -> set[str]:
    bare = {bare_member(canonical(IdentityKind.MEMBER, number)) for number in written}
    return bare - {""}


def _local_parts(emails: Iterable[str]) -> set[str]:
    parts = {email.partition("@")[0].partition("+")[0].lower() for email in emails}
    return {part for part in parts if len(part) >= _SHORTEST_LOCAL_PART and part not in _NOBODYS}
