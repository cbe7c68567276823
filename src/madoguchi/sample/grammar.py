"""The little grammar that sample texts are written in.

`[a|b]` is a choice, `‹…›` marks words that may be quoted back, `{fact}` is filled in. Every fragment is
expanded once when it is read, so that taking a text while seeding costs two look-ups.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from random import Random
from typing import TypeVar

Chance = Callable[[], float]
Pool = tuple[tuple[str, ...], ...]
QuotedPool = tuple[tuple[tuple[str, str], ...], ...]
T = TypeVar("T")

_CHOICE = re.compile(r"\[([^\]]*)\]")
_QUOTABLE = re.compile(r"‹([^›]*)›")
_WHOLE = re.compile(r"(ます|ました|ません|です|でした|たい|か)$")


def pool(fragments: Iterable[str]) -> Pool:
    """The fragments with all their choices made, to pick from."""
    return tuple(_expand(fragment) for fragment in fragments)


def quoted_pool(fragments: Iterable[str]) -> QuotedPool:
    """Like `pool`, each text beside the words of it that an answer may quote."""
    return tuple(tuple(_split_quote(text) for text in variants) for variants in pool(fragments))


def _expand(fragment: str) -> tuple[str, ...]:
    parts = _CHOICE.split(fragment)
    options = [part.split("|") if i % 2 else [part] for i, part in enumerate(parts)]
    return tuple("".join(chosen) for chosen in product(*options))


def _split_quote(text: str) -> tuple[str, str]:
    """The text and its quotable words; a phrase that breaks off in the middle cannot be quoted."""
    found = _QUOTABLE.search(text)
    plain = text.replace("‹", "").replace("›", "")
    if not found or not _WHOLE.search(found[1]):
        return plain, ""
    return plain, found[1].replace("「", "『").replace("」", "』")


def stream(seed: int, kind: int, index: int) -> Chance:
    """The chances of one row of one kind: the same whatever is drawn for the others."""
    return Random(((seed << 8 | kind) << 40) + index).random  # noqa: S311  made-up people need no secrecy


def pick(chance: Chance, choices: Sequence[T]) -> T:
    """One of the choices, all alike in weight."""
    return choices[int(chance() * len(choices))]


def say(chance: Chance, texts: Sequence[Sequence[T]]) -> T:
    """One text of a pool: first a fragment, then one way of putting it."""
    variants = texts[int(chance() * len(texts))]
    return variants[int(chance() * len(variants))]
