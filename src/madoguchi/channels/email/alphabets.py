"""In which letters a mail is written: UTF-8, or ISO-2022-JP for mail software that knows no other.

ISO-2022-JP is written by the letter of the standard (JIS X 0208 and nothing of Windows' own), so that old phones
read it as well as old mail software. What it has no letter for is replaced by what a reader understands.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

MISSING: Final = "〓"
# One sign of JIS X 0208 under two names in Unicode: nobody sees a difference.
_SAME_SIGN: Final = str.maketrans("～－—∥￠￡￢¥‾", "〜−―‖¢£¬￥￣")
_READABLE: Final = {
    **{chr(0x2460 + n): f"({n + 1})" for n in range(20)},
    **{chr(0x2776 + n): f"({n + 1})" for n in range(10)},
    **dict(
        zip("髙﨑德瀨栁濵閒𠮷桒槗寬顥晴緖增淸黑靑敎", "高崎徳瀬柳浜間吉桑橋寛顕晴緒増清黒青教", strict=True)
    ),
    **dict(
        zip(
            "–‑•·€©ß☑✓✔〝〟ゔ",
            ("-", "-", "・", "・", "EUR", "(C)", "ss", "レ", "レ", "レ", "「", "」", "ヴ"),
            strict=True,
        )
    ),
    "㍻": "平成",
    "㋿": "令和",
}
# Selectors of variants and of emoji, joiners: without them the letter before is the one that is meant.
_UNSEEN: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u00ad\u200b-\u200d\u2060\ufeff]")
_HALF_WIDTH: Final = re.compile("[\uff61-\uff9f]+")
_LOOSE_MARKS: Final = {0x3099: "゛", 0x309A: "゜"}
_ROMAN_SET: Final = b"\x1b(J"
_LONGEST_LINE: Final = 900
_MOST_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The letters of one mail: their name in headers, a text as it can be written in them, and its bytes: as they may
    stand in a mail, and `unbroken`, with lines as long as they are.
    """

    name: str
    fitted: Callable[[str], str]
    encoded: Callable[[str], bytes]
    unbroken: Callable[[str], bytes]
    seven_bit: bool


def replaced(text: str) -> dict[str, str]:
    """What old mail software cannot show, with what stands for it instead, in the order it is met.

    Signs that look the same are left out. The composer tells the writer before sending, by this very function.
    """
    return {
        was: becomes
        for was, becomes in _pieces(text)
        if was != becomes and was.translate(_SAME_SIGN) != becomes
    }


def fitted_to_jis(text: str) -> str:
    """The text with everything that ISO-2022-JP has no letter for replaced."""
    return "".join(becomes for _was, becomes in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces: each as it is, and as ISO-2022-JP writes it."""
    plain = _UNSEEN.sub("", text)
    at = 0
    for kana in _HALF_WIDTH.finditer(plain):
        yield from ((char, _in_jis(char)) for char in plain[at : kana.start()])
        yield kana.group(), _full_width(kana.group())
        at = kana.end()
    yield from ((char, _in_jis(char)) for char in plain[at:])


def _full_width(kana: str) -> str:
    """ｶﾞ as ガ; a mark that no letter of the standard carries stands by itself: ﾅﾞ as ナ゛."""
    whole = unicodedata.normalize("NFKC", kana)
    return "".join(
        char if _is_jis(char) else unicodedata.normalize("NFD", char).translate(_LOOSE_MARKS)
        for char in whole
    )


def _in_jis(char: str) -> str:
    if char.isascii():
        return char
    tries = (char.translate(_SAME_SIGN), _READABLE.get(char, ""), _compatible(char), _bare(char))
    return next((found for found in tries if found and _is_jis(found)), MISSING)


def _compatible(char: str) -> str:
    """㈱ as (株), ㎡ as m2, Ⅲ as III."""
    return unicodedata.normalize("NFKC", char).translate(_SAME_SIGN).replace("⁄", "/")


def _bare(char: str) -> str:
    """é as e: the letter without what stands above or below it."""
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))


def _is_jis(text: str) -> bool:
    try:
        return _ROMAN_SET not in text.encode("iso2022_jp")
    except UnicodeEncodeError:
        return False


def _jis_bytes(text: str) -> bytes:
    """Each line back in ASCII at its end, and none longer than a server takes."""
    lines = (_folded(line) for line in text.split("\n"))
    return "\n".join(lines).encode("iso2022_jp")


def _folded(line: str) -> str:
    """A line that no server takes, broken into pieces short enough even if every letter changed the letter set."""
    if len(line.encode("iso2022_jp")) <= _LONGEST_LINE:
        return line
    room = _LONGEST_LINE // _MOST_BYTES
    return "\n".join(line[at : at + room] for at in range(0, len(line), room))


def _unbroken_jis(text: str) -> bytes:
    return text.encode("iso2022_jp")


UTF_8: Final = Alphabet("UTF-8", lambda text: text, str.encode, str.encode, seven_bit=False)
ISO_2022_JP: Final = Alphabet("ISO-2022-JP", fitted_to_jis, _jis_bytes, _unbroken_jis, seven_bit=True)
