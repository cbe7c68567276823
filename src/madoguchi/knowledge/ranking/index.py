"""An FAQ that can be asked."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from madoguchi.knowledge.ranking.covering import Coverage
from madoguchi.knowledge.ranking.learning import BY_HAND, LEAST, choice_of, fit_trust, fit_weights
from madoguchi.knowledge.ranking.lexical import Lexicon, Scores
from madoguchi.knowledge.ranking.meaning import BUILT_IN, Model, Vectors, between
from madoguchi.knowledge.ranking.words import content_words

MOST_SHOWN = 10
# From these confidences on it is answered, or suggested; below, a person is asked.
ANSWER, SUGGEST = 0.75, 0.35
# An answer is longer than a question, and says less with each word.
_ANSWERS_SHARE = 0.8
# Among few entries one is always ahead of the next, whatever was asked: from so many on that says half of what there
# is to say. The rest says how near it is in itself: texts about different things are at `_APART`, about the same at
# `_SAME`.
_FEW, _APART, _SAME = 20, 0.35, 0.75
# Of an answer the beginning says what it is about.
_LEAD = 60
_BULLETS = re.compile(r"^[\s■□◆◇●○・※]+")


class Decision(StrEnum):
    """What to do with a question: answer it, suggest some answers, or ask a person."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Entry:
    """A question of the FAQ with its answer."""

    id: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Another way in which somebody asked the question of an entry, as a person found out."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries that fit best with their scores, the best first; how probable it is that the first is right (0 to 1);
    and what to do. Whether the first may be the answer at all (`fits`): it speaks of what was asked, or asks the same.
    """

    ranked: list[tuple[str, float]]
    confidence: float
    decision: Decision
    fits: bool = False


class Index:
    """Entries and phrasings, read once and asked many times. About 10 kB of memory an entry, 3 kB a phrasing."""

    def __init__(
        self, entries: Sequence[Entry], phrasings: Sequence[Phrasing] = (), *, model: Model = BUILT_IN
    ) -> None:
        """Phrasings of entries that are not there are passed over, and so are those that say nothing. Raises what the
        model raises.
        """
        places = {entry.id: at for at, entry in enumerate(entries)}
        told = [one for one in phrasings if one.id in places and content_words(one.text)]
        self.entries = entries
        asked = [entry.question for entry in entries] + [one.text for one in told]
        self._owner = np.array([*range(len(entries)), *(places[one.id] for one in told)], dtype=np.intp)
        words = [content_words(text) for text in asked]
        self._asked = Lexicon(words)
        answers = [content_words(entry.answer) for entry in entries]
        self._answers = Lexicon(answers)
        self._told: dict[int, set[str]] = defaultdict(set)
        for at, said in zip(self._owner[len(entries) :], words[len(entries) :], strict=True):
            self._told[int(at)].update(said)
        self._coverage = Coverage(
            {*words[at], *said, *self._told.get(at, ())} for at, said in enumerate(answers)
        )
        self._model = model
        leads = [_BULLETS.sub("", entry.answer)[:_LEAD] for entry in entries]
        vectors = model.vectors_of([*asked, *leads])
        self._vectors, leads_of = vectors[: len(asked)], vectors[len(asked) :]
        self.mark, self._stretch = model.mark, model.stretch
        self._wholes = between(self._vectors[: len(entries)], leads_of)
        self.weights, self.trust = BY_HAND
        if len(told) >= LEAST:
            self._learn(told, words[len(entries) :])

    def rank(self, text: str, vector: Vectors | None = None) -> Ranking:
        """The entries that a question means. One that says nothing is for a person. `vector` is what it means by the
        model that read the entries, where that was asked already.
        """
        words = content_words(text)
        if not words or not self.entries:
            return Ranking([], 0.0, Decision.HUMAN)
        judged = self._judged(words, self._model.vectors_of([text])[0] if vector is None else vector)
        scores = self.weights.of(judged)
        best = np.argsort(-scores, kind="stable")[:MOST_SHOWN]
        confidence = self.trust.of(self._signs(words, judged, scores))
        fits = self._fits(int(best[0]), words, judged)
        decision = (
            Decision.ANSWER
            if confidence >= ANSWER and fits
            else Decision.SUGGEST
            if confidence >= SUGGEST
            else Decision.HUMAN
        )
        ranked = [(self.entries[at].id, round(float(scores[at]), 4)) for at in best]
        return Ranking(ranked, round(confidence, 4), decision, fits)

    def _fits(self, at: int, words: Sequence[str], judged: Scores) -> bool:
        """Whether an entry speaks of what was asked. One that asks the same in other words need not share them."""
        return float(judged[1][at]) >= _SAME or self._coverage.covers(
            words, self._words_of(at) | self._told.get(at, set())
        )

    def _words_of(self, at: int) -> set[str]:
        return {*content_words(self.entries[at].question), *content_words(self.entries[at].answer)}

    def _judged(self, words: Sequence[str], vector: Vectors, *, but: Sequence[int] = ()) -> Scores:
        """What each reader says of each entry; shape (3, entries): words, meaning of the question, of the whole.

        `but` leaves phrasings out, by their places: as if nobody had ever asked so.
        """
        shared, near = self._asked.scores(words), self._near(self._vectors, vector)
        shared[list(but)], near[list(but)] = 0.0, -1.0
        lexical = self._best_of_each(shared) + _ANSWERS_SHARE * self._answers.scores(words)
        return np.stack([lexical, self._best_of_each(near), self._near(self._wholes, vector)])

    def _near(self, vectors: Vectors, vector: Vectors) -> Scores:
        """How near each is, as the built-in model would set it: 1 is the same."""
        return np.asarray(1 - (1 - vectors @ vector) * self._stretch, dtype=np.float32)

    def _best_of_each(self, found: Scores) -> Scores:
        """Of the question and the phrasings of each entry, the best."""
        best = found[: len(self.entries)].copy()
        np.maximum.at(best, self._owner[len(self.entries) :], found[len(self.entries) :])
        return best

    def _signs(self, words: Sequence[str], judged: Scores, scores: Scores) -> Scores:
        """What speaks for the best entry, each from 0 to 1: how near it is, how far it stands out, and which share of
        the words it has, by their weight.
        """
        first, second = (*np.sort(scores)[::-1][:2], 0.0)[:2]
        at = int(scores.argmax())
        near, ahead = judged[2][at], (first - second) / max(abs(first), 1e-6)
        many = len(self.entries) / (len(self.entries) + _FEW)
        nearest = float(max(near, judged[1][at]))  # its question, or how somebody asked it before
        itself = min(max((nearest - _APART) / (_SAME - _APART), 0.0), 1.0)
        out = many * min(ahead, 1.0) + (1 - many) * itself
        has = self._words_of(at)
        weights = {word: self._asked.rareness(word) for word in words}
        shared = sum(weights[word] for word in weights.keys() & has) / sum(weights.values())
        return np.clip([near, out, shared], 0.0, 1.0).astype(np.float32)

    def _learn(self, told: Sequence[Phrasing], words: Sequence[Sequence[str]]) -> None:
        """Weigh the readers as the phrasings show, each asked as if it had never been told.

        One that was told of several entries means any of them.
        """
        same: dict[str, list[int]] = defaultdict(list)
        for at, phrasing in enumerate(told, start=len(self.entries)):
            same[phrasing.text].append(at)
        asked = [(words[at[0] - len(self.entries)], at) for at in same.values()]
        meant = [[int(self._owner[one]) for one in at] for _words, at in asked]
        # Judged twice rather than kept: what is said of all entries is large.
        self.weights = fit_weights(
            [choice_of(self._untold(*one), any_of) for one, any_of in zip(asked, meant, strict=True)]
        )
        signs, right = [], []
        for one, any_of in zip(asked, meant, strict=True):
            judged = self._untold(*one)
            scores = self.weights.of(judged)
            signs.append(self._signs(one[0], judged, scores))
            right.append(int(scores.argmax()) in any_of)
        self.trust = fit_trust(np.stack(signs), np.array(right))

    def _untold(self, words: Sequence[str], places: Sequence[int]) -> Scores:
        """What the readers say of a phrasing as if nobody had ever asked so."""
        return self._judged(words, self._vectors[places[0]], but=places)
