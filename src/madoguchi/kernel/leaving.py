"""What of a customer's words may go to a service elsewhere that is asked about them. Pure."""

import re
import unicodedata

from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_ASKED = 500
_ADDRESS = re.compile(r"[^\s@<>「」()、。]+ ?@ ?[^\s@<>「」()、。]+")
# However it is written, in figures or in kanji.
_FIGURE, _BETWEEN = "0-9〇零一二三四五六七八九", r"\-‐‑–—−ー・./()\s"
_NUMBER = re.compile(rf"\+?[{_FIGURE}][{_FIGURE}{_BETWEEN}]{{2,}}[{_FIGURE}]")


def what_may_leave(text: str) -> str:
    """What may leave the house of a message: its beginning, without mail addresses and longer numbers."""
    bare = unicodedata.normalize("NFKC", blot_card_numbers(text))
    return one_line(_NUMBER.sub("…", _ADDRESS.sub("…", bare)), most=MOST_ASKED)
