"""What was said, for a reader from whom fields of its customer are kept: their name, addresses and numbers blotted out.

Of a known value every way of writing is found that folds to the same (`folding`): width, kana, forms of kanji, spaces;
of numbers and postal addresses with whatever stands between the digits. Mail addresses and phone numbers are blotted
whosoever they are. As many dots stand there as letters did, so that what counts letters stays right. Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from madoguchi.kernel.folding import fold

DOT = "•"
_BETWEEN: Final = "[-ー~()./・_]*"
_HONOURED: Final = "(?=様|さま|さん|氏|殿|ちゃん|君|です|と申|と言|といい|でござ|ともうし)"
_NUMBERS: Final = "[0-9〇一二三四五六七八九十]+"
_STEP: Final = "(?:丁目|番地|番|号室|号|の|-|ー|~)*"
_FIRMS: Final = frozenset({"株式会社", "有限会社", "合同会社", "合資会社"})
_PREFECTURE: Final = re.compile("^(東京都|北海道|京都府|大阪府|.{2,3}県)")
_POSTCODE: Final = re.compile("^〒?([0-9]{3})-?([0-9]{4})(?![0-9-])")
# No longer than such names may be (RFC 5321, 4.5.3.1; RFC 1035, 2.3.4): else a long text without one is gone through
# anew from each of its letters.
_MAIL: Final = r"[a-z0-9._%+'-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,126}"
_SPACED: Final = r"[-‐‑‒–—―−ー().\s]{0,2}"
_PHONE: Final = (
    rf"(?P<phone>(?<![\d.-])(?:\+\d{{1,3}}{_SPACED}\(?0?\)?{_SPACED}\d{{1,4}}|\(?0\d{{1,4}}\)?)"
    rf"{_SPACED}\d{{1,4}}{_SPACED}\d{{3,4}}(?!\d))"
)
_DIGIT_NAMES: Final = "〇一二三四五六七八九"
_NAMED_DIGITS: Final = str.maketrans(_DIGIT_NAMES, "0123456789")
_DIGIT: Final = re.compile("[0-9]")
_MOST_PASSES: Final = 3
# What begins like a phone number and has fewer is none.
_LEAST_DIGITS: Final = 8


class Among(Enum):
    """Where of a folded text it is looked up whether a way of writing can stand in it at all."""

    LETTERS = "all of it"
    DIGITS = "its digits, one after the other"
    JOINED = "all but hyphens"


@dataclass(frozen=True, slots=True)
class Way:
    """A way of writing what is kept: the pattern that finds it, and what every text has in which it finds something.

    Most texts have it not, and to look for a word costs a hundredth of what a pattern costs to compile and to try.
    """

    pattern: str
    needs: str
    among: Among = Among.LETTERS


@dataclass(frozen=True, slots=True)
class Blotter:
    """Blots out what is kept: `known` values by folded text, `spaced` ones where spaces count."""

    known: Sequence[Way] = ()
    spaced: Sequence[Way] = ()

    def __call__(self, text: str) -> str:
        """A text, of the same length, without what is kept."""
        return blotted(text, [self])

    @property
    def is_none(self) -> bool:
        """Whether nothing is kept."""
        return not self.known and not self.spaced


NOTHING: Final = Blotter()


def blotted(text: str, blots: Iterable[Blotter]) -> str:
    """A text, of the same length, without what any of these keeps: it is folded once for all of them, and again
    where something was found, for one value may end where another one begins.
    """
    blots = list(blots)
    known = [way for one in blots for way in one.known]
    spaced = [way for one in blots for way in one.spaced]
    for _ in range(_MOST_PASSES):
        hidden = _hidden(text, known, with_spaces=False) | _hidden(text, spaced, with_spaces=True)
        letters = list(text) if hidden else []
        for at in hidden:
            letters[at] = letters[at] if letters[at].isspace() else DOT
        if not hidden or (left := "".join(letters)) == text:
            break
        text = left
    return text


def _hidden(text: str, ways: Collection[Way], *, with_spaces: bool) -> set[int]:
    """Where in a text the letters stand that are to be hidden."""
    if not text or not ways:
        return set()
    mapped = _mapped(text, with_spaces=with_spaces)
    seen = {among: _LOOKED_UP_IN[among](mapped) for among in {way.among for way in ways}}
    possible = {way.pattern for way in ways if way.needs in seen[way.among]}
    every = [one for pattern in possible for one in _compiled(pattern).finditer(mapped)]
    # Of what is known every digit is meant; of anybody's phone number only what is long enough.
    meant = [
        one for one in every if one.lastgroup != "phone" or sum(map(str.isdigit, one[0])) >= _LEAST_DIGITS
    ]
    if not meant:
        return set()
    stretches = _stretches(text, with_spaces=with_spaces)
    return {at for one in meant for at in range(stretches[one.start()][0], stretches[one.end() - 1][1])}


def blotter(known: Mapping[str, Iterable[str]], *, unseen: Iterable[str], loosely: bool = True) -> Blotter:
    """What blots out the fields (name, kana, email, phone, member, address) that are `unseen`, of a customer of whom
    these values are known. `loosely`: also parts of their names, and mail addresses and phone numbers of anybody.
    """
    kept = {field: tuple(filter(None, known.get(field, ()))) for field in sorted(unseen) if field in _WAYS}
    return _made(tuple(kept.items()), loosely)


def is_anybodys(field: str) -> bool:
    """Whether of a field, where a text is blotted loosely, whatever is written as such values are is blotted."""
    return field in _ANYBODYS


@lru_cache(maxsize=5_000)
def _made(kept: Sequence[tuple[str, Sequence[str]]], loosely: bool) -> Blotter:
    ways = [way for field, values in kept for one in values for way in _WAYS[field](one)]
    names = [one for field, values in kept if field in ("name", "kana") for one in values]
    ways += [way for one in names for way in _parts_of_name(one)] if loosely else []
    spaced = [_ANYBODYS[field] for field, _values in kept if field in _ANYBODYS] if loosely else []
    spaced += [way for one in names for way in _latin(one, whole=not loosely)]
    # Beside another number a space alone says where one ends.
    spaced += [way for field, values in kept if field == "phone" for one in values for way in _of_phone(one)]
    return Blotter(tuple(dict.fromkeys(ways)), tuple(dict.fromkeys(spaced)))


def _of_name(value: str) -> Iterator[Way]:
    parts = [part for part in map(fold, value.split()) if part not in _FIRMS]
    whole = fold(value)
    if whole.isascii():
        return
    if len(parts) > 1:
        yield Way("[・、,.=]?".join(map(re.escape, parts)), max(parts, key=len))
    elif len(whole) > 1:
        yield Way(re.escape(whole), whole)


def _parts_of_name(value: str) -> Iterator[Way]:
    parts = [part for part in map(fold, value.split()) if part not in _FIRMS]
    whole = fold(value)
    if len(parts) > 1 and not whole.isascii():
        for part in parts:
            is_kana = all("ぁ" <= one <= "ん" or one == "ー" for one in part)
            alone = len(part) > (2 if is_kana else 1)
            yield Way(re.escape(part) if alone else rf"(?<![一-鿿ぁ-ん]){re.escape(part)}{_HONOURED}", part)
    elif len(whole) < 9 and not whole.isascii():
        # A name that is written in one goes by its first letters, too: 髙橋様.
        for length in range(len(whole), 0, -1):
            first = whole[:length]
            yield Way(rf"(?<![一-鿿ぁ-ん]){re.escape(first)}{_HONOURED}", first)


def _latin(value: str, *, whole: bool) -> Iterator[Way]:
    words = unicodedata.normalize("NFKC", value).casefold().split()
    if words and all(word.isascii() for word in words):
        if whole:
            yield Way(rf"(?<![a-z]){' +'.join(map(re.escape, words))}(?![a-z])", max(words, key=len))
            return
        for word in words:
            if len(word) > 2:
                yield Way(rf"(?<![a-z]){re.escape(word)}(?![a-z])", word)


def _of_mail(value: str) -> Iterator[Way]:
    yield Way(re.escape(fold(value)), fold(value))


def _of_phone(value: str) -> Iterator[Way]:
    digits = "".join(filter(str.isdigit, unicodedata.normalize("NFKC", value)))
    if value.strip().startswith("+81") or (digits.startswith("81") and len(digits) > 10):
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    if len(digits) < 6:
        return
    rest = _BETWEEN.join(f"[{one}{_DIGIT_NAMES[int(one)]}]" for one in digits[1:])
    first = f"[{digits[0]}{_DIGIT_NAMES[int(digits[0])]}]"
    yield Way(
        rf"(?<![0-9])(?:\+?81{_BETWEEN}(?:{first}{_BETWEEN})?|{first}{_BETWEEN}){rest}(?![0-9])",
        digits[1:],
        Among.DIGITS,
    )
    local = _BETWEEN.join(digits[-8:])
    yield Way(rf"(?<![0-9]){local}(?![0-9])", digits[-8:], Among.DIGITS)


def _of_member(value: str) -> Iterator[Way]:
    letters = re.sub("[-ー]", "", fold(value))
    if len(letters) > 2:
        pattern = rf"(?<![a-z0-9]){'-*'.join(map(re.escape, letters))}(?![a-z0-9])"
        yield Way(pattern, letters, Among.JOINED)


def _of_address(value: str) -> Iterator[Way]:
    folded = fold(value)
    code = _POSTCODE.match(folded)
    if code:
        yield Way(rf"〒?{code[1]}-?{code[2]}(?![0-9])", code[1] + code[2], Among.DIGITS)
        folded = folded[code.end() :]
    if folded:
        yield Way(re.escape(folded), folded)
    place = _PREFECTURE.sub("", folded)
    letters = re.match("[^0-9]+?(?=[0-9]|[〇一二三四五六七八九十]+(?:丁目|番|号)|$)", place)
    if not letters or len(letters[0]) < 2:
        return
    before = _PREFECTURE.match(folded)
    head = f"(?:{before[0]})?{re.escape(letters[0])}" if before else re.escape(letters[0])
    numbers = rf"{_NUMBERS}{_STEP}(?:{_NUMBERS}{_STEP})*"
    building = re.sub(rf"^(?:{_NUMBERS}{_STEP})*", "", place[letters.end() :])
    tail = f"(?:{re.escape(building)})?" if len(building) > 1 else ""
    yield Way(head + (f"(?:{numbers})?{tail}" if len(letters[0]) > 4 else numbers + tail), letters[0])
    town = re.sub("^.+?[市区町村郡](?=..)", "", letters[0])
    if len(town) > 1:
        yield Way(re.escape(town) + numbers + tail, town)
    if len(building) > 3:
        yield Way(re.escape(building), building)


_WAYS: Final = {
    "name": _of_name,
    "kana": _of_name,
    "email": _of_mail,
    "phone": _of_phone,
    "member": _of_member,
    "address": _of_address,
}
_ANYBODYS: Final = {"email": Way(_MAIL, "@"), "phone": Way(_PHONE, "", Among.DIGITS)}
_compiled: Final = lru_cache(maxsize=5_000)(re.compile)


_LOOKED_UP_IN: Final[Mapping[Among, Callable[[str], str]]] = {
    Among.LETTERS: lambda mapped: mapped,
    Among.DIGITS: lambda mapped: "".join(_DIGIT.findall(mapped.translate(_NAMED_DIGITS))),
    Among.JOINED: lambda mapped: mapped.replace("-", ""),
}


class _Folded(dict[int, str]):
    """What each letter folds to, by its code: found out the first time that it is met."""

    def __init__(self, folded: Callable[[str], str]) -> None:
        super().__init__()
        self._folded = folded

    def __missing__(self, code: int) -> str:
        self[code] = found = self._folded(chr(code))
        return found


def _with_its_spaces(letter: str) -> str:
    return " " if letter.isspace() else unicodedata.normalize("NFKC", letter).casefold()


# By whether spaces count. No larger than Unicode is.
_FOLDED: Final = {
    True: _Folded(_with_its_spaces),
    False: _Folded(lambda letter: unicodedata.normalize("NFC", fold(letter))),
}


def _mapped(text: str, *, with_spaces: bool) -> str:
    """A text folded, letter by letter, each with the marks that follow it."""
    if not _has_marks(text):
        return text.translate(_FOLDED[with_spaces])
    return "".join(letters for _begin, _end, letters in _with_marks(text, with_spaces=with_spaces))


def _stretches(text: str, *, with_spaces: bool) -> list[tuple[int, int]]:
    """From where to where each letter of the folded text stood."""
    if not _has_marks(text):
        table = _FOLDED[with_spaces]
        return [(at, at + 1) for at, letter in enumerate(text) for _ in table[ord(letter)]]
    every = _with_marks(text, with_spaces=with_spaces)
    return [(begin, end) for begin, end, letters in every for _ in letters]


def _has_marks(text: str) -> bool:
    return any(one in "ﾞﾟ" or unicodedata.combining(one) for one in set(text))


def _with_marks(text: str, *, with_spaces: bool) -> Iterator[tuple[int, int, str]]:
    for begin, end in _clusters(text):
        letters = text[begin:end].translate(_FOLDED[with_spaces])
        # A mark that its letter does not take in stays a letter of its own.
        yield begin, end, unicodedata.normalize("NFC", letters)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each letter of a text stands with the marks that follow it."""
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not (text[at] in "ﾞﾟ" or unicodedata.combining(text[at])):
            yield begin, at
            begin = at
