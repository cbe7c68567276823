"""A tree kept as its nodes in the order in which they are read, each with its own `id` and that of its `parent`. Pure.

The first is the root, whose parent is 0. Nothing here changes a tree: what is done to one makes another.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

ROOT = 1


class Branch(Protocol):
    """What a tree is made of."""

    @property
    def id(self) -> int:
        """By which others call it."""

    @property
    def parent(self) -> int:
        """Below which it stands."""


B = TypeVar("B", bound=Branch)


def node_of(tree: Sequence[B], pk: int) -> B | None:
    """The node of this id, if the tree has it."""
    return next((node for node in tree if node.id == pk), None)


def below(tree: Sequence[B], parent: int) -> list[B]:
    """What stands directly below a node, in its order."""
    return [node for node in tree if node.parent == parent]


def with_all_below(tree: Sequence[B], pk: int) -> set[int]:
    """The ids of a node and of everything below it."""
    found = {pk}
    for node in below(tree, pk):
        found |= with_all_below(tree, node.id)
    return found


def walked(tree: Sequence[B], parent: int = 0, depth: int = 0) -> Iterator[tuple[B, int]]:
    """All nodes from above, each with how deep it stands: 0 is the root."""
    for node in below(tree, parent):
        yield node, depth
        yield from walked(tree, node.id, depth + 1)


def depth_of(tree: Sequence[B], pk: int) -> int:
    """How many nodes lead to this one, itself among them; 0 for one that is not there."""
    node = node_of(tree, pk)
    return 0 if node is None else 1 + depth_of(tree, node.parent)


def removed(tree: Sequence[B], pk: int) -> tuple[B, ...]:
    """The tree without a node and what is below it; the root stays."""
    gone = with_all_below(tree, pk) if pk != ROOT else set()
    return tuple(node for node in tree if node.id not in gone)


def moved(tree: Sequence[B], pk: int, *, by: int) -> tuple[B, ...]:
    """The tree with a node one place up (-1) or down (1) among its own; at the edge it stays."""
    node = node_of(tree, pk)
    beside = below(tree, node.parent) if node else []
    at = next((place for place, one in enumerate(beside) if one.id == pk), 0)
    if node is None or not 0 <= at + by < len(beside):
        return tuple(tree)
    other = beside[at + by]
    exchanged = {node.id: other, other.id: node}
    return tuple(exchanged.get(one.id, one) for one in tree)
