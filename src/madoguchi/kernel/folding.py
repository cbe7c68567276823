"""The form of text by which search compares.

`fold` maps character by character after NFKC, so a part of a text folds to a part of the folded text: whatever a
plain scan finds, a scan of folded text finds. What is looser than that (okurigana, long vowels, ヴ, words and numbers
written with hyphens or without) is never folded away. It stands behind the text in a tail, or is asked for beside the
word as it was typed.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from madoguchi.kernel.variants import VARIANTS

SEPARATOR = "\x1f"
# All of these, in one document; a word has several such spellings, any of which will do.
Spelling = tuple[str, ...]

_KATAKANA_TO_HIRAGANA = 0x60
_CONTROLS_KEPT = range(0x1C, 0x20)
_HYPHENS = "‐‑‒–—―−﹣－⁃➖⸺⸻"
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0xFEFF),
    *range(0x180B, 0x180F),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
)

_KANJI = "[㐀-䶿一-鿿𠀀-𲎯]"
_OKURI = "[いきぎしじちにびみりえけげせてねべめれわさらかまがうくすつぬむる]"
# 引き落とし, 見積もり: kana that stand between words as well are okurigana before such another one.
_ENDING = f"(?:{_OKURI}{{1,2}}|[もとこたごろ][しりすさせるれ])"
_COMPOUND = re.compile(f"(?=({_KANJI}){_ENDING}({_KANJI}))")
_TYPED_COMPOUND = re.compile(f"({_KANJI}){_ENDING}({_KANJI}){_ENDING}?")
# Written with okurigana or without: a word that has none of it is asked for in pieces too.
_STEMS = re.compile(
    "(申込|問合|取消|払戻|受付|受取|引換|振込|見積|支払|売切|買替|買取|組立|取扱|打合|貸出|割引|繰返|取替|取寄|取付|"
    "締切|立替|差替|差出|書込|切替|引取|引落|引越|払込|仕上|呼出|折返|組合|詰合|置換|値引|届出|手続|持込|乗換|割当|預入|"
    f"落札|積立|借入|売上|買上|値上|値下|戻入|入替|積込|見込|見直|見本|飲物|食物|洗濯|落物|起上|思出){_ENDING}?"
)
_JOINED = re.compile(r"\+?[a-z0-9]{1,20}(?:[-()ー./]{1,3}[a-z0-9]{1,20})+", re.ASCII)
_ABROAD = re.compile(r"\+81[-()]{0,3}0?([0-9][-()0-9]{7,14})", re.ASCII)
_HYPHENED = re.compile(r"(?<![a-z0-9@./-])[a-z]{1,12}(?:[-‐‑][a-z]{1,12}){1,2}(?![a-z0-9@/-])", re.ASCII)
_V_SOUNDS = {"ゔぁ": "ば", "ゔぃ": "び", "ゔぇ": "べ", "ゔぉ": "ぼ", "ゔゅ": "びゅ", "ゔ": "ぶ"}
_V_SOUND = re.compile("ゔ[ぁぃぇぉゅ]?")
# With what stands around it, for a word is typed with that: バイオリン用ケース.
_WITH_V_SOUND = re.compile(".{0,16}ゔ.{0,16}", re.DOTALL)
_NO_LETTER = re.compile(r"[^a-z0-9]", re.ASCII)
_KATAKANA_RUN = re.compile("[ァ-ヺー]+")
_LONG, _LEAST_WITHOUT, _LEAST_BEFORE = "ー", 4, 3
_MOST_SPELLINGS = 12


def _translation() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(other): usual for other, usual in VARIANTS.items()}
    table |= {c: chr(c - _KATAKANA_TO_HIRAGANA) for c in (*range(0x30A1, 0x30F5), 0x30FD, 0x30FE)}
    table |= {ord(c): "か" for c in "ヵゕ"} | {ord(c): "け" for c in "ヶゖ"}
    table |= dict.fromkeys(map(ord, _HYPHENS), "-") | {ord("〜"): "~"}
    spaces = (c for c in range(0x3001) if chr(c).isspace() and c not in _CONTROLS_KEPT)
    return table | dict.fromkeys((*spaces, *_INVISIBLE))


_TABLE = _translation()


def fold(text: str) -> str:
    """Text as search compares it: one width and case, kana as hiragana, one form of each kanji, no white space."""
    return _fold(unicodedata.normalize("NFKC", text))


def indexed(text: str) -> str:
    """What search keeps of a text: the folded text and, behind it, other ways to write what is in it."""
    wide = unicodedata.normalize("NFKC", text)
    folded = _fold(wide)
    tail = {other for other in _otherwise(wide, folded) if other not in folded}
    return SEPARATOR.join([folded, *sorted(tail)])


def spellings(word: str) -> tuple[Spelling, ...]:
    """A word as typed and as others may have written it; none for a word that folds to nothing."""
    folded = fold(word)
    if not folded:
        return ()
    ways: dict[Spelling, None] = {(folded,): None}
    for long in _with_long_vowels(unicodedata.normalize("NFKC", word)):
        ways |= {(long,): None, _without_okurigana(long): None}
    if number := _as_number(folded):
        ways[(number,)] = None
    if _HYPHENED.fullmatch(folded):
        ways[(folded.replace("-", ""),)] = None
    if "ゔ" in folded:
        ways |= {tuple(map(_with_b, way)): None for way in list(ways)}
    return tuple(ways)[:_MOST_SPELLINGS]


def exactly(phrase: str) -> tuple[Spelling, ...]:
    """A phrase as it stands and no other way."""
    folded = fold(phrase)
    return ((folded,),) if folded else ()


def _fold(wide: str) -> str:
    return wide.casefold().translate(_TABLE)


def _otherwise(wide: str, folded: str) -> Iterator[str]:
    for found in _COMPOUND.finditer(folded):
        yield found[1] + found[2]
    for run in _KATAKANA_RUN.findall(wide):
        short = run.replace(_LONG, "")
        if len(run) > len(short) >= _LEAST_WITHOUT:
            yield _fold(short)
    for found in _JOINED.finditer(folded):
        if any(c.isdecimal() for c in found[0]):
            yield _NO_LETTER.sub("", found[0])
    for found in _HYPHENED.finditer(wide.casefold()):
        yield _NO_LETTER.sub("", found[0])
    if "ゔ" in folded:
        yield from (_with_b(run) for run in _WITH_V_SOUND.findall(folded))
    for found in _ABROAD.finditer(folded):
        yield "0" + _NO_LETTER.sub("", found[1])


def _with_b(folded: str) -> str:
    """ヴァイオリン as バイオリン."""
    return _V_SOUND.sub(lambda found: _V_SOUNDS[found[0]], folded)


def _as_number(folded: str) -> str:
    """A number or code without what stands between its parts; a Japanese phone number as it is dialled at home."""
    if not any(c.isdecimal() for c in folded):
        return ""
    abroad = _ABROAD.fullmatch(folded)
    if abroad:
        return "0" + _NO_LETTER.sub("", abroad[1])
    return _NO_LETTER.sub("", folded) if _JOINED.fullmatch(folded) else ""


def _with_long_vowels(wide: str) -> Iterator[str]:
    """The word folded, with its long katakana words ending both ways, and with no long vowel at all."""
    places, ends = [], []
    for run in _KATAKANA_RUN.finditer(wide):
        stem = run[0].rstrip(_LONG)
        if len(stem) >= _LEAST_BEFORE:
            places.append(run.span())
            ends.append((run[0], stem) if stem != run[0] else (stem, stem + _LONG))
    for chosen in product(*ends):
        yield _fold(_put(wide, places, chosen))
    short = _KATAKANA_RUN.sub(_shortened, wide)
    if short != wide:
        yield _fold(short)


def _shortened(run: re.Match[str]) -> str:
    short = run[0].replace(_LONG, "")
    return short if len(short) >= _LEAST_WITHOUT else run[0]


def _put(text: str, places: list[tuple[int, int]], words: tuple[str, ...]) -> str:
    for (start, end), word in reversed(list(zip(places, words, strict=True))):
        text = text[:start] + word + text[end:]
    return text


def _without_okurigana(folded: str) -> Spelling:
    """The kanji of each compound side by side, and what stands around them: 申し込み書 is 申込 and 書."""
    compounds = list(_TYPED_COMPOUND.finditer(folded)) or list(_STEMS.finditer(folded))
    pieces, place = [], 0
    for found in compounds:
        pieces += [folded[place : found.start()], "".join(filter(None, found.groups()))]
        place = found.end()
    return tuple(dict.fromkeys(piece for piece in (*pieces, folded[place:]) if piece))
