"""Text as it is stored: NFC, without characters a database refuses, card numbers blotted out."""

import re
import unicodedata
from collections.abc import Iterator

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# Digits that somebody may have typed as one number: single spaces or hyphens between them, whatever the width.
_SEPARATOR = " \u00a0\u3000\\-\u2010-\u2015\u2212\uff0dー"
_DIGITS = re.compile(rf"\d(?:[{_SEPARATOR}]?\d){{12,}}")
_GROUP = re.compile(r"\d+")
_CARD_LENGTHS = range(13, 20)
_SHORTEST_GROUP = 3
BLOT = "■"


def clean(text: str) -> str:
    """NFC, line ends as \\n, without control characters, NUL and lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


def one_line(text: str, *, most: int = 500) -> str:
    """Clean text folded to a single line of at most `most` characters, for subjects and names."""
    return " ".join(clean(text).split())[:most]


def fold(text: str) -> str:
    """A form in which width, case and compatibility variants compare equal (NFKC, case-folded)."""
    return unicodedata.normalize("NFKC", text).casefold()


def blot_card_numbers(text: str) -> str:
    """Replace 13 to 19 digit numbers that pass the Luhn check, all but their last four digits.

    Card numbers must neither be stored nor shown (credit card non-retention, 割賦販売法 guidelines), so this
    runs on every text on its way in. Full-width digits and single separators are seen through, and a card
    is found beside other numbers that follow or precede it (a phone number, the month it expires).
    """
    return _DIGITS.sub(_blot_cards, text) if _may_hold_card(text) else text


def _may_hold_card(text: str) -> bool:
    return sum(character.isdecimal() for character in text) >= _CARD_LENGTHS.start


def _blot_cards(run: re.Match[str]) -> str:
    written = run.group()
    blotted = list(written)
    for start, end in _candidates(written):
        places = [i for i in range(start, end) if written[i].isdecimal()]
        if _is_card([int(written[i]) for i in places]):
            for i in places[:-4]:
                blotted[i] = BLOT
    return "".join(blotted)


def _candidates(written: str) -> Iterator[tuple[int, int]]:
    """Where a card number may stand in a run of digits: all of it, or neighbouring groups that are no crumbs."""
    yield 0, len(written)
    groups = list(_GROUP.finditer(written))
    for first, group in enumerate(groups):
        digits = 0
        for last in groups[first:]:
            digits += len(last.group())
            if len(last.group()) < _SHORTEST_GROUP or digits > _CARD_LENGTHS[-1]:
                break
            yield group.start(), last.end()


def _is_card(digits: list[int]) -> bool:
    return len(digits) in _CARD_LENGTHS and len(set(digits)) > 1 and _passes_luhn(digits)


def _passes_luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0
