"""What texts mean by a model that is asked elsewhere, as OpenAI's embeddings are (POST …/embeddings,
https://platform.openai.com/docs/api-reference/embeddings), where whoever runs the machine has set one up.

Models differ in how near they set texts that have nothing in common. So that near means the same whichever is asked,
what a model says of texts that never change (`_APART`) is compared with what the built-in one says of them.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Self

import numpy as np

from madoguchi.infra import outgoing, web
from madoguchi.infra.web import Bounds, NoAnswer
from madoguchi.kernel.leaving import what_may_leave
from madoguchi.knowledge.ranking.meaning import BUILT_IN, Vectors

_PREFIX = "MADOGUCHI_EMBEDDINGS_"
_AT_ONCE, _MOST_DIMENSIONS, _MOST_KEPT = 64, 8_192, 200
# A question waits no longer; reading all articles takes its time, less than the patience of whoever asks for it.
SECONDS, SECONDS_FOR_ALL, _MOST_BYTES = 5.0, 30.0, 40_000_000
_APART = (
    *("返品の送料は誰が負担しますか", "会員登録を解除したい", "電源が入りません", "営業時間を教えてください"),
    *(
        "領収書を発行してほしい",
        "予約を来週に変更できますか",
        "アレルギーの原材料が知りたい",
        "パスワードを忘れました",
    ),
    *(
        "How long does delivery take?",
        "Can I pay by credit card?",
        "The screen is cracked",
        "Do you have parking?",
    ),
)


class Elsewhere:
    """A model that is asked over the network. `mark` says which it was that answered last, and is empty before."""

    def __init__(self, url: str, model: str, key: str = "", *, now: Callable[[], float] = monotonic) -> None:
        self._url, self._model, self._key, self._now = url.rstrip("/"), model, key, now
        self.mark, self.stretch = "", 1.0
        # What was read before a reading failed; the next one goes on behind it.
        self._kept: dict[tuple[str, ...], Vectors] = {}

    @classmethod
    def set_up(cls, environ: Mapping[str, str] = os.environ) -> Self | None:
        """The one that the settings name, if any."""
        url, model = environ.get(f"{_PREFIX}URL", ""), environ.get(f"{_PREFIX}MODEL", "")
        return cls(url, model, environ.get(f"{_PREFIX}KEY", "")) if url and model else None

    def vectors_of(self, texts: Sequence[str], *, seconds: float = SECONDS_FOR_ALL) -> Vectors:
        """A vector of length 1 for each text, of which the beginning goes there, without addresses and longer numbers.
        Raises NoAnswer for a service that is away, slow or says what is none.
        """
        until = self._now() + seconds
        parts: list[Vectors] = []
        chunks = [tuple(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)]
        for chunk in chunks:
            found = self._kept.get(chunk)
            if found is None:
                mark, found = self._asked(chunk, until - self._now())
                if mark != self.mark:
                    self._kept.clear()
                    if parts:
                        raise NoAnswer("its model changed meanwhile")
                    self._take_measure(mark, until)
                if len(chunks) > 1 and len(self._kept) < _MOST_KEPT:
                    self._kept[chunk] = found
            parts.append(found)
        for chunk in chunks:
            self._kept.pop(chunk, None)
        return np.vstack(parts) if parts else np.zeros((0, 1), dtype=np.float32)

    def _take_measure(self, mark: str, until: float) -> None:
        measured, found = self._asked(_APART, until - self._now())
        if measured != mark:
            raise NoAnswer("its model changed meanwhile")
        self.mark, self.stretch = mark, _distance(BUILT_IN.vectors_of(_APART)) / max(_distance(found), 1e-3)

    def _asked(self, texts: Sequence[str], seconds: float) -> tuple[str, Vectors]:
        if seconds <= 0:
            raise NoAnswer("it took too long")
        cut = [what_may_leave(text) or " " for text in texts]
        body = json.dumps({"model": self._model, "input": cut, "encoding_format": "float"}).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Madoguchi"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        # In the machine's own network, too, where a model of one's own is; nowhere that tells of the machine itself.
        bounds = Bounds(most=_MOST_BYTES, seconds=seconds, redirects=0, allowed=outgoing.not_hidden)
        answer = web.post(f"{self._url}/embeddings", body=body, headers=headers, bounds=bounds)
        if answer.status != 200:
            raise NoAnswer(f"status {answer.status}")
        try:
            said = json.loads(answer.body)
            rows = sorted(said["data"], key=lambda one: int(one["index"]))
            found = np.array([one["embedding"] for one in rows], dtype=np.float32)
            called = str(said.get("model", self._model))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise NoAnswer(f"what it says is none: {error}") from error
        return f"{called} {found.shape[-1]}", _whole(found, len(texts))


def _whole(found: Vectors, many: int) -> Vectors:
    """The vectors, made as long as 1. Raises NoAnswer for what is none for each text."""
    fits = found.ndim == 2 and len(found) == many and 0 < found.shape[1] <= _MOST_DIMENSIONS
    if not fits or not np.isfinite(found).all():
        raise NoAnswer("it says no vector for each text")
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise NoAnswer("it says vectors of no length")
    return np.asarray(found / lengths, dtype=np.float32)


def _distance(vectors: Vectors) -> float:
    """How far texts that have nothing in common are from one another, in the middle: 1 less the cosine."""
    near = vectors @ vectors.T
    return float(1 - near[np.triu_indices(len(vectors), 1)].mean())
