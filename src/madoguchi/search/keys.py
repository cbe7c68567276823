"""The numbers under which PostgreSQL finds documents.

A key stands for two neighbouring characters, or for a single one, among the documents of one segment: those with
neighbouring ids, of companies that share a slot. So a search may look at the newest segments first and stop, and
what is common costs no more than the segments it takes to fill a page. `search_candidates` builds the same keys.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

SEGMENT_BITS = 15
_SLOTS, _SLOT_BITS, _CODE_BITS = 32, 16, 32
_MOST_CODES = 8
_SPREAD, _MASK = 0x9E3779B1, (1 << _CODE_BITS) - 1


def codes_of(text: str) -> set[int]:
    """All pairs of neighbouring characters of a folded text, and all its characters."""
    codes = set(_pairs(text))
    codes.update(map(ord, text))
    return codes


def codes_wanted(pieces: Iterable[str]) -> list[int]:
    """The codes that a document with all these pieces has; of a long piece some are enough to find it."""
    wanted: set[int] = set()
    for piece in pieces:
        wanted.update(_spread_out(_pairs(piece)) if len(piece) > 1 else map(ord, piece))
    return sorted(wanted)


def keys_of(text: str, *, document: int, company: int) -> list[int]:
    """The keys of a document."""
    base = (document >> SEGMENT_BITS << _SLOT_BITS | company % _SLOTS) << _CODE_BITS
    return [base | code for code in codes_of(text)]


def _pairs(text: str) -> list[int]:
    letters = memoryview(text.encode("utf-32-le")).cast("I")
    return [(one * _SPREAD + other) & _MASK for one, other in pairwise(letters)]


def _spread_out(codes: Sequence[int]) -> Sequence[int]:
    if len(codes) <= _MOST_CODES:
        return codes
    return [codes[n * (len(codes) - 1) // (_MOST_CODES - 1)] for n in range(_MOST_CODES)]
