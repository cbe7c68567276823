"""Finding an article by what somebody types into a search box: few letters, any kana, perhaps misspelt. Pure."""

from collections.abc import Mapping, Sequence

from madoguchi.kernel.folding import fold
from madoguchi.knowledge.suggesting import Candidate, Suggestions

# Of two spellings of one word at least half of the pairs of letters are the same.
_ALIKE = 0.5
_LEAST_TO_GUESS = 3


class Finder:
    """Articles, read once and asked many times, each by its id, title and text; and how title and text sound, by id, a
    line each in hiragana, as far as that is known.
    """

    def __init__(
        self, articles: Sequence[tuple[int, str, str]], sounds: Mapping[int, str] | None = None
    ) -> None:
        self._by_words = Suggestions([Candidate(*article) for article in articles])
        self._folded = []
        for pk, title, body in articles:
            spoken, _line, words = (sounds or {}).get(pk, "").partition("\n")
            self._folded.append((pk, f"{fold(title)}\n{spoken}", f"{fold(body)}\n{words}"))
        self._pairs = [
            (pk, [_pairs_of(part) for part in title.split("\n")]) for pk, title, _body in self._folded
        ]

    def best(self, typed: str, *, most: int) -> list[int]:
        """The ids of articles, the best first: those that have all words, title before text. Where there are none,
        those that share words; where there are none either, those whose title has something spelt like it.
        """
        words = fold(typed).split()
        if not words:
            return []
        ranked = self._by_words.best(typed, most=len(self._folded))
        in_title = [pk for pk, title, _body in self._folded if all(word in title for word in words)]
        in_text = [
            pk for pk, title, body in self._folded if all(word in f"{title}\n{body}" for word in words)
        ]
        place = {pk: at for at, pk in enumerate(ranked)}
        whole = sorted(in_text, key=lambda pk: (pk not in in_title, place.get(pk, len(ranked))))
        return (whole or ranked or self._misspelt("".join(words)))[:most]

    def near(self, text: str, *, most: int) -> list[int]:
        """The ids of articles that share words with a text, the best first."""
        return self._by_words.best(text, most=most)

    def _misspelt(self, word: str) -> list[int]:
        wanted = _pairs_of(word)
        if len(word) < _LEAST_TO_GUESS:
            return []
        shares = {pk: max(len(wanted & pairs) for pairs in spelt) / len(wanted) for pk, spelt in self._pairs}
        likely = [pk for pk, share in shares.items() if share >= _ALIKE]
        return sorted(likely, key=lambda pk: -shares[pk])


def _pairs_of(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)}
