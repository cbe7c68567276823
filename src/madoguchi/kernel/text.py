"""Text as it is stored: NFC, without characters a database refuses, card numbers blotted out."""

import re
import string
import unicodedata
from collections.abc import Iterator

# They turn round what stands behind them, a name of ours or of a file among it.
_TURNING_ROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Digits that somebody may have typed as one number: single spaces or hyphens between them, whatever the width.
_SEPARATOR = " \u00a0\u3000\\-\u2010-\u2015\u2212\uff0dー"
_DIGITS = re.compile(rf"\d(?:[{_SEPARATOR}]?\d){{12,}}")
_GROUP = re.compile(r"\d+")
# Groups as they are printed on a card are one even with more between them: full stops, a phone's keys, line ends, tags.
_JOINT = rf"(?:[{_SEPARATOR}\s.,:/_|*#＊＃・･\u00ad\u200b-\u200d\u2060\ufeff]|&nbsp;|<[^<>]{{0,200}}>){{1,6}}"
_PRINTED = re.compile(
    rf"(?<!\d)\d{{4}}(?:{_JOINT}\d{{4}}){{3}}(?:{_JOINT}\d{{1,3}})?(?!\d)"
    rf"|(?<!\d)\d{{4}}{_JOINT}\d{{6}}{_JOINT}\d{{4,5}}(?!\d)"
)
_DIGIT = re.compile(r"\d")
_CARD_LENGTHS = range(13, 20)
_SHORTEST_GROUP = 3
_SURE = 14
_WITHOUT_BRACKETS = str.maketrans("", "", "()（）")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
# Digits as a recogniser writes what somebody says: in kanji, each for itself, with what is said between them.
_FIGURES = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_SAID_BETWEEN = rf"(?:[{_SEPARATOR}\s、。,.・の]|え[えーっ]*+と?+|はい|ハイフン){{0,6}}+"
_SAID = re.compile(rf"\d(?:{_SAID_BETWEEN}\d){{13,}}")
# How long a card number is that begins so: said among other digits, it has no groups by which it would be found.
_ISSUED = ((16, re.compile("[2-6]")), (15, re.compile("3[47]")), (14, re.compile("3[0689]")))
BLOT = "■"
# A minus sign is no hyphen, and taken for one by some; fillers count as letters, and are empty.
_BEGINS_A_FORMULA = "=+-@\u2212"
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def as_cell(words: str) -> str:
    """As a spreadsheet shows it, and takes for no formula: what it would begin with, however wide and behind whatever
    nobody sees, stands behind an apostrophe; behind one more where words look so by themselves.
    """
    return f"'{words}" if _is_reckoned_with(words.lstrip("'")) else words


def from_cell(cell: str) -> str:
    """The words of which `as_cell` made a cell."""
    return cell[1:] if cell.startswith("'") and as_cell(cell[1:]) == cell else cell


def _is_reckoned_with(words: str) -> bool:
    if words.startswith(("\t", "\r")):
        return True
    first = next((sign for one in words for sign in unicodedata.normalize("NFKC", one) if _is_seen(sign)), "")
    return bool(first) and first in _BEGINS_A_FORMULA


def _is_seen(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign)[0] not in "CMZ" and sign not in _FILLERS


def clean(text: str) -> str:
    """NFC, line ends as \\n, without control characters, NUL and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


def whole_number(written: str, *, most_digits: int = 18) -> int | None:
    """A whole number as it comes in a form or an address; None for anything else, and for one of more digits.

    18 digits fit into every column of a database; signs, spaces and digits of other scripts are none (`alike` first).
    """
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= most_digits else None


def one_line(text: str, *, most: int = 500) -> str:
    """Clean text folded to a single line of at most `most` characters, for subjects and names; nothing in it turns
    round the letters around it.
    """
    return " ".join(_TURNING_ROUND.sub("", clean(text)).split())[:most]


def fold(text: str) -> str:
    """A form in which width, case and compatibility variants compare equal (NFKC, case-folded)."""
    return unicodedata.normalize("NFKC", text).casefold()


def alike(text: str) -> str:
    """A form in which width and the case of ASCII letters compare equal: what PostgreSQL can be asked for, too, as
    `lower(normalize(…, NFKC) COLLATE "C")`.
    """
    return unicodedata.normalize("NFKC", text).translate(_LOWER)


def blot_card_numbers(text: str) -> str:
    """Replace 13 to 19 digit numbers that pass the Luhn check, all but their last four digits.

    Card numbers must neither be stored nor shown (credit card non-retention, 割賦販売法 guidelines), so this
    runs on every text on its way in. Full-width digits and single separators are seen through, any separators
    between groups as cards print them, and a card is found beside other numbers that follow or precede it (a
    phone number, the month it expires).
    """
    if not _may_hold_card(text):
        return text
    return _PRINTED.sub(_blot_printed, _DIGITS.sub(_blot_cards, text))


def blot_spoken_card_numbers(text: str) -> str:
    """The same for what was said and written down by a recogniser, of the same length: kanji digits (四一一一) are seen
    through as well, and cards are found anywhere among digits that follow each other, where pauses part them as it
    happens. Numbers that are said with places (四千百十一) are not.
    """
    figures = text.translate(_FIGURES)
    if not _may_hold_card(figures):
        return text
    # Each looks at all that was said: the end of a card may pass for a shorter one, and hide where it begins.
    read = zip(text, blot_card_numbers(figures), _SAID.sub(_blot_said, figures), strict=True)
    return "".join(BLOT if BLOT in (printed, said) else was for was, printed, said in read)


def is_card_number(written: str) -> bool:
    """Whether what stands where a phone number or another address belongs holds a card number of 14 to 19 digits.

    13 digits are a phone number with its country, too, and one in ten of those passes the Luhn check by chance.
    """
    written = written.translate(_WITHOUT_BRACKETS)
    whole = any(
        _is_card(_digits_of(run)) for run in _DIGITS.findall(written) if len(_digits_of(run)) >= _SURE
    )
    return whole or any(_card_at_start(_digits_of(each.group())) for each in _PRINTED.finditer(written))


def _digits_of(text: str) -> list[int]:
    return [int(character) for character in text if character.isdecimal()]


def _may_hold_card(text: str) -> bool:
    return sum(character.isdecimal() for character in text) >= _CARD_LENGTHS.start


def _blot_cards(run: re.Match[str]) -> str:
    written = run.group()
    places = [i for i, character in enumerate(written) if character.isdecimal()]
    digits = [int(written[i]) for i in places]
    blotted = list(written)
    for start, end in _candidates(written):
        if _is_card(digits[start:end]):
            for i in places[start : end - 4]:
                blotted[i] = BLOT
    return "".join(blotted)


def _blot_said(run: re.Match[str]) -> str:
    places = [i for i, character in enumerate(run.group()) if character.isdecimal()]
    digits = _digits_of(run.group())
    blotted = list(run.group())
    for start in range(len(digits)):
        begins = "".join(map(str, digits[start : start + 2]))
        for length, issued in _ISSUED:
            if issued.match(begins) and _is_card_of(length, digits[start : start + length]):
                for i in places[start : start + length - 4]:
                    blotted[i] = BLOT
    return "".join(blotted)


def _blot_printed(found: re.Match[str]) -> str:
    """The four groups of a card; what stands between them may hold digits only within a tag, and stays."""
    pieces = re.split(r"(<[^<>]*>)", found.group())
    digits = [int(d) for words in pieces[::2] for d in _DIGIT.findall(words)]
    left = max(_card_at_start(digits) - 4, 0)
    for place in range(0, len(pieces), 2):
        pieces[place], blotted = _DIGIT.subn(BLOT, pieces[place], count=left) if left else (pieces[place], 0)
        left -= blotted
    return "".join(pieces)


def _card_at_start(digits: list[int]) -> int:
    """How many of the digits, from the first one on, are a card number; what follows may be the month it expires."""
    return next((n for n in (len(digits), 16, 15, 14) if n <= len(digits) and _is_card(digits[:n])), 0)


def _candidates(written: str) -> Iterator[tuple[int, int]]:
    """Where among the digits of a run a card number may stand: all of them, or neighbouring groups that are no
    crumbs.
    """
    lengths = [len(group) for group in _GROUP.findall(written)]
    yield 0, sum(lengths)
    start = 0
    for first, length in enumerate(lengths):
        end = start
        for place in range(first, len(lengths)):
            end += lengths[place]
            if lengths[place] < _SHORTEST_GROUP or end - start > _CARD_LENGTHS[-1]:
                break
            if end - start >= _CARD_LENGTHS.start:
                yield start, end
        start += length


def _is_card_of(length: int, digits: list[int]) -> bool:
    return len(digits) == length and _is_card(digits)


def _is_card(digits: list[int]) -> bool:
    return len(digits) in _CARD_LENGTHS and len(set(digits)) > 1 and _passes_luhn(digits)


def _passes_luhn(digits: list[int]) -> bool:
    return (sum(digits[-1::-2]) + sum(_DOUBLED[d] for d in digits[-2::-2])) % 10 == 0
