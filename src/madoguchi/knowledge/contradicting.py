"""Sentences of articles that say the same of something, but with other figures, or the opposite. Pure.

A sentence is compared without its figures and without whether it says yes or no: what is left alike to three quarters
(pairs of letters) is about the same thing. Of articles whose titles are alike, less is enough.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from madoguchi.kernel.folding import fold

_ALIKE, _ALIKE_UNDER_ONE_TITLE, _TITLES_ALIKE = 0.75, 0.4, 0.4
# So few letters beside its figures stand in anything.
_LEAST_LETTERS, _MOST_LETTERS, _MOST_SENTENCES = 8, 200, 60
# Only sentences that share a pair of letters that few have are compared.
_RAREST = 5
# Of what shares such a pair the last ones, so many and in all about so many; of two ways of saying it so many places.
_MOST_IN_BUCKET, _MOST_IN_ALL, _MOST_OF_TWO = 100, 1_000_000, 2_000
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
class _Sense:
    """What a sentence says; however many say the very same, it is compared once."""

    figures: tuple[str, ...]
    is_no: bool | None
    pairs: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    of: Said
    text: str
    sense: _Sense


def contradictions(articles: Sequence[Said], *, of: frozenset[int] | None = None) -> list[Pair]:
    """Where these contradict each other, of each two the first place; with `of` only what these versions say. Of what
    very many say in other words not all is compared: the time grows with the words, not with their square.
    """
    by_sense: dict[_Sense, list[_Sentence]] = defaultdict(list)
    for article in articles:
        for sentence in _sentences(article):
            by_sense[sentence.sense].append(sentence)
    wanted = {
        sense for sense, those in by_sense.items() if of is None or any(one.of.id in of for one in those)
    }
    titles: dict[int, frozenset[str]] = {}
    found: dict[tuple[int, int], Pair] = {}
    for sense, other, share in _near(list(by_sense), wanted):
        for one, two in islice(product(by_sense[sense], by_sense[other]), _MOST_OF_TWO):
            low, high = (one, two) if one.of.id < two.of.id else (two, one)
            key = (low.of.id, high.of.id)
            asked = of is None or not of.isdisjoint(key)
            if key in found or key[0] == key[1] or not asked or not one.of.groups & two.of.groups:
                continue
            if share >= _ALIKE or _is_one_title(low.of, high.of, titles):
                found[key] = Pair(*key, low.text, high.text)
    return [found[key] for key in sorted(found)]


def _is_one_title(one: Said, other: Said, known: dict[int, frozenset[str]]) -> bool:
    for article in (one, other):
        if article.id not in known:
            known[article.id] = _pairs(article.title)
    return _share(known[one.id], known[other.id]) >= _TITLES_ALIKE


def _sentences(article: Said) -> Iterator[_Sentence]:
    for text in [part.strip() for part in _SENTENCE.split(article.words) if part.strip()][:_MOST_SENTENCES]:
        plain = unicodedata.normalize("NFKC", text[:_MOST_LETTERS])
        plain = _COUNTED.sub(lambda found: found[0].translate(_KANJI), plain)
        figures = tuple(one.replace(",", "") for one in _FIGURE.findall(plain))
        is_no = True if _NO.search(plain) else False if _YES.search(plain) else None
        pairs = _pairs(_YES.sub("", _NO.sub("", _FIGURE.sub("", plain))))
        if (figures or is_no is not None) and len(pairs) >= _LEAST_LETTERS - 1:
            yield _Sentence(article, text[:_MOST_LETTERS], _Sense(figures, is_no, pairs))


def _near(senses: Sequence[_Sense], wanted: set[_Sense]) -> Iterator[tuple[_Sense, _Sense, float]]:
    """Senses that differ and share one of the rarest pairs of letters of either, one at least `wanted`, and how much
    they are alike.
    """
    common = Counter(pair for one in senses for pair in one.pairs)
    most = max(5, min(_MOST_IN_BUCKET, _MOST_IN_ALL // (_RAREST * max(1, len(wanted)))))
    # By each pair of letters the senses before: all, for what is wanted, and those that are wanted, for the others.
    every: dict[str, list[int]] = defaultdict(list)
    those: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(senses):
        rarest = sorted(one.pairs, key=lambda pair: (common[pair] == 1, common[pair], pair))[:_RAREST]
        is_wanted = one in wanted
        before = every if is_wanted else those
        for there in sorted({there for pair in rarest for there in before[pair][-most:]}):
            other = senses[there]
            if _differ(one, other) and (share := _share(one.pairs, other.pairs)) >= _ALIKE_UNDER_ONE_TITLE:
                yield other, one, share
        for pair in rarest:
            every[pair].append(at)
            if is_wanted:
                those[pair].append(at)


def _differ(one: _Sense, other: _Sense) -> bool:
    """Whether figures differ of which both have as many, or one says yes where the other says no."""
    figures = one.figures and len(one.figures) == len(other.figures) and one.figures != other.figures
    opposite = None not in (one.is_no, other.is_no) and one.is_no != other.is_no
    return bool(figures) or (opposite and one.figures == other.figures)


def _pairs(text: str) -> frozenset[str]:
    words = "".join(_LETTERS.findall(fold(text)))
    return frozenset(words[at : at + 2] for at in range(len(words) - 1))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0
