"""Text as it is stored: NFC, without characters a database refuses, card numbers blotted out."""

import re
import unicodedata

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_CARD = re.compile(r"(?<![\d０-９])[\d０-９](?:[ \-－ー　]?[\d０-９]){12,18}(?![\d０-９])")
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
    runs on every text on its way in. Full-width digits and single separators are seen through.
    """
    return _CARD.sub(_blot_if_card, text) if _may_hold_card(text) else text


def _may_hold_card(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 13


def _blot_if_card(match: re.Match[str]) -> str:
    written = match.group()
    digits = [int(unicodedata.digit(c)) for c in written if c.isdigit()]
    if not _passes_luhn(digits) or len(set(digits)) == 1:
        return written
    keep_from = _position_of_digit(written, len(digits) - 4)
    return "".join(BLOT if c.isdigit() and i < keep_from else c for i, c in enumerate(written))


def _passes_luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(d * 2, 10)) if i % 2 else d for i, d in enumerate(reversed(digits)))
    return sum(doubled) % 10 == 0


def _position_of_digit(text: str, n: int) -> int:
    return [i for i, c in enumerate(text) if c.isdigit()][n]
