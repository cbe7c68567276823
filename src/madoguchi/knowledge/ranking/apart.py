"""Ranking in a process of its own, which alone holds dictionary and model (230 MB): `python -m` this.

An object a line, in and out. `{"key", "text"}` asks what of the FAQ known as `key` a text means; the answer is
`{"ranked", "confidence", "fits"}`, or `{"need": key}` where it is not here: then `{"key", "entries", "phrasings"}`
brings it (`[id, question, answer]` and `[id, text]` each). `{"texts"}` asks for the words of each text as they are
compared; the answer is `{"words"}`. `{"aloud"}` asks how each `[title, text]` sounds; the answer is `{"aloud"}`.
It reaches no database, and of the network only the model elsewhere where one is
set up (`elsewhere`); it ends with its input, or after a while without a question.
"""

import json
import os
import select
import sys
from collections import Counter, OrderedDict
from typing import Any, BinaryIO

# numpy reads it when it is first loaded; for texts this short one core is as quick.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from madoguchi.knowledge.ranking.elsewhere import Elsewhere
from madoguchi.knowledge.ranking.held import Away, HeldFaq
from madoguchi.knowledge.ranking.index import Entry, Phrasing
from madoguchi.knowledge.ranking.words import content_words, sound_of

MOST_KEPT = 8
IDLE_SECONDS = 3600.0


class Ranker:
    """The FAQs that were asked last, each held under its key."""

    def __init__(self, away: Away | None = None) -> None:
        self._held: OrderedDict[str, HeldFaq] = OrderedDict()
        self._away = away or Away(Elsewhere.set_up())

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What one line asks."""
        if "texts" in asked:
            return {"words": [sorted(set(content_words(str(text)))) for text in asked["texts"]]}
        if "aloud" in asked:
            return {"aloud": [sound_of(str(title), str(text)) for title, text in asked["aloud"]]}
        key = str(asked["key"])
        if "entries" in asked:
            phrasings = [Phrasing(*one) for one in asked.get("phrasings", ())]
            entries = [Entry(*one) for one in asked["entries"]]
            self._held[key] = HeldFaq(entries, phrasings, away=self._away)
            self._held[key].read()
            while len(self._held) > MOST_KEPT:
                del self._held[self._to_leave()]
            return {"held": key}
        index = self._held.get(key)
        if index is None:
            return {"need": key}
        self._held.move_to_end(key)
        found = index.rank(str(asked["text"]))
        return {
            "ranked": [[one, float(score)] for one, score in found.ranked],
            "confidence": found.confidence,
            "fits": found.fits,
        }

    def _to_leave(self) -> str:
        """Of the company that has most here, what was asked longest ago: many desks of one push out no other's."""
        companies = Counter(_company(key) for key in self._held)
        most = max(companies.values())
        return next(key for key in self._held if companies[_company(key)] == most)


def _company(key: str) -> str:
    return key.partition("-")[0]


def serve(lines: BinaryIO, out: BinaryIO, *, idle: float = IDLE_SECONDS) -> None:
    """Answer line by line until the input ends, or nobody has asked for `idle` seconds."""
    ranker = Ranker()
    while select.select([lines], [], [], idle)[0]:
        line = lines.readline()
        if not line:
            return
        out.write(json.dumps(ranker.answer(json.loads(line)), ensure_ascii=False).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
