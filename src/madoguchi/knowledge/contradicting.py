"""Sentences of articles that say the same of something, but with other figures, or the opposite. Pure.

A sentence is compared without its figures and without whether it says yes or no: what is left alike to three quarters
(pairs of letters) is about the same thing. Of articles whose titles are alike, less is enough.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from madoguchi.kernel.folding import fold

_ALIKE, _ALIKE_UNDER_ONE_TITLE, _TITLES_ALIKE = 0.75, 0.4, 0.4
# So few letters beside its figures stand in anything.
_LEAST_LETTERS, _MOST_LETTERS, _MOST_SENTENCES = 8, 200, 60
# Only sentences that share a pair of letters that few have are compared.
_RAREST = 5
_SENTENCE = re.compile(r"[\n。．！？!?]+")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_KANJI = str.maketrans("一二三四五六七八九", "123456789")
_COUNTED = re.compile(r"[一二三四五六七八九](?=[日月年回円点個名人割％%時分週])")
_NO = re.compile(
    r"(?:いただけません|致しかねます|いたしかねます|できません|ありません|不可|かかりません|しません|要りません|不要)"
)
_YES = re.compile(r"いただけます|できます|あります|可能|かかります|します|要ります|必要")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Said:
    """An article as it is compared: its version, title and words; it stands beside those of the same `group`s."""

    id: int
    title: str
    words: str
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions, the lower id first, and the sentences in which they contradict each other."""

    first: int
    second: int
    says: str
    other: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    of: Said
    text: str
    figures: tuple[str, ...]
    is_no: bool | None
    pairs: frozenset[str]


def contradictions(articles: Sequence[Said], *, of: frozenset[int] | None = None) -> list[Pair]:
    """Where these contradict each other, of each two the first place; with `of` only what these versions say."""
    sentences = [one for article in articles for one in _sentences(article)]
    titles = {article.id: _pairs(article.title) for article in articles}
    found: dict[tuple[int, int], Pair] = {}
    for one, other in _near(sentences):
        key = (min(one.of.id, other.of.id), max(one.of.id, other.of.id))
        wanted = of is None or one.of.id in of or other.of.id in of
        if key in found or not wanted or not one.of.groups & other.of.groups:
            continue
        same_title = _share(titles[one.of.id], titles[other.of.id]) >= _TITLES_ALIKE
        least = _ALIKE_UNDER_ONE_TITLE if same_title else _ALIKE
        if _differ(one, other) and _share(one.pairs, other.pairs) >= least:
            low, high = (one, other) if one.of.id < other.of.id else (other, one)
            found[key] = Pair(low.of.id, high.of.id, low.text, high.text)
    return [found[key] for key in sorted(found)]


def _sentences(article: Said) -> Iterator[_Sentence]:
    for text in [part.strip() for part in _SENTENCE.split(article.words) if part.strip()][:_MOST_SENTENCES]:
        plain = unicodedata.normalize("NFKC", text[:_MOST_LETTERS])
        plain = _COUNTED.sub(lambda found: found[0].translate(_KANJI), plain)
        figures = tuple(one.replace(",", "") for one in _FIGURE.findall(plain))
        is_no = True if _NO.search(plain) else False if _YES.search(plain) else None
        pairs = _pairs(_YES.sub("", _NO.sub("", _FIGURE.sub("", plain))))
        if (figures or is_no is not None) and len(pairs) >= _LEAST_LETTERS - 1:
            yield _Sentence(article, text[:_MOST_LETTERS], figures, is_no, pairs)


def _near(sentences: Sequence[_Sentence]) -> Iterator[tuple[_Sentence, _Sentence]]:
    """Sentences of two articles that share one of the rarest pairs of letters of either."""
    common = Counter(pair for one in sentences for pair in one.pairs)
    by_pair: dict[str, list[_Sentence]] = defaultdict(list)
    for one in sentences:
        for pair in sorted(one.pairs, key=lambda pair: (common[pair] == 1, common[pair], pair))[:_RAREST]:
            for other in by_pair[pair]:
                if other.of.id != one.of.id:
                    yield other, one
            by_pair[pair].append(one)


def _differ(one: _Sentence, other: _Sentence) -> bool:
    """Whether figures differ of which both have as many, or one says yes where the other says no."""
    figures = one.figures and len(one.figures) == len(other.figures) and one.figures != other.figures
    opposite = None not in (one.is_no, other.is_no) and one.is_no != other.is_no
    return bool(figures) or (opposite and one.figures == other.figures)


def _pairs(text: str) -> frozenset[str]:
    words = "".join(_LETTERS.findall(fold(text)))
    return frozenset(words[at : at + 2] for at in range(len(words) - 1))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0
