"""Numbers of orders in what somebody writes. Pure."""

import re
import unicodedata
from collections.abc import Iterable

MOST = 10
_WORDS = r"(?:注文(?:の)?(?:番号|ナンバー|No\.?|ID)|オーダー番号|受注番号|order\s*(?:number|no\.?|id|#))"
_OURS = re.compile(r"(?<![A-Za-z0-9-])O-(\d{4,9})(?:-\d{1,2})?(?![\d-])", re.IGNORECASE)
_SHOPS = re.compile(r"(?<![\w&#])#(\d{3,12})(?!\d)")
_SAID = re.compile(_WORDS + r"(?:\s+is\b)?[^\dA-Za-z#\n]{0,6}#?(\d{3,9})(?![\d-])", re.IGNORECASE)


def orders_in(texts: Iterable[str]) -> dict[str, tuple[int | None, str]]:
    """The orders that are named in texts, as they are written (O-1031, #1001, or 1031 where it is said to be the number
    of an order): our number, None where it can be none, and a shop's; 10 at most.
    """
    found: dict[str, tuple[int | None, str]] = {}
    for text in texts:
        plain = unicodedata.normalize("NFKC", text)
        for number in _OURS.findall(plain):
            found.setdefault(f"O-{number}", (int(number), ""))
        for number in _SHOPS.findall(plain):
            found.setdefault(f"#{number}", (None, f"#{number}"))
        for number in _SAID.findall(plain):
            if not {f"O-{number}", f"#{number}"} & set(found):
                found.setdefault(number, (int(number), f"#{number}"))
    return dict(list(found.items())[:MOST])
