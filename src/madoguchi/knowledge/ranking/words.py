"""The words of a Japanese text that say what it is about, each in one spelling."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from madoguchi.kernel.folding import fold

# Sudachi takes so many bytes at once (49,149); a letter has three or four.
_PIECE = 12_000
_KANJI = re.compile("[\u3400-\u9fff]")
_SILENT = {"助詞", "助動詞", "補助記号", "記号", "空白"}
# They stand in every other question and tell none from another.
_USUAL = {
    *(
        "為る",
        "有る",
        "居る",
        "成る",
        "出来る",
        "行う",
        "下さる",
        "頂く",
        "貰う",
        "言う",
        "思う",
        "知る",
        "教える",
    ),
    *("良い", "無い", "事", "物", "何", "場合", "時", "方", "御", "様"),
}


def content_words(text: str) -> list[str]:
    """Nouns, verbs, adjectives and the like in the order in which they stand, as Sudachi's shortest units (mode A) in
    their normalised form: サーバ and サーバー, 引越し and 引っ越し are the same.
    """
    return [word for piece in _pieces(unicodedata.normalize("NFKC", text)) for word in _words(piece)]


def sound_of(title: str, text: str) -> str:
    """How a title sounds, in hiragana, and on the next line how the words of the text do that are written with kanji,
    each once: 返品の送料 is へんぴんのそうりょう.
    """
    morphemes = (one for piece in _pieces(unicodedata.normalize("NFKC", text)) for one in _tokenized(piece))
    words = dict.fromkeys(fold(one.reading_form()) for one in morphemes if _KANJI.search(one.surface()))
    spoken = "".join(one.reading_form() for one in _tokenized(unicodedata.normalize("NFKC", title)))
    return f"{fold(spoken)}\n{' '.join(words)}".strip()


def _tokenized(piece: str) -> Iterable[Morpheme]:
    return _tokenizer().tokenize(piece, SplitMode.C)


def _words(piece: str) -> Iterator[str]:
    for morpheme in _tokenizer().tokenize(piece, SplitMode.A):
        # One of each: an FAQ says the same words thousands of times.
        word = sys.intern(morpheme.normalized_form())
        if morpheme.part_of_speech()[0] not in _SILENT and word not in _USUAL:
            yield word


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE]


@cache
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer()
