"""A case's spoken number: the company's letters, a hyphen, a count: `A-1234`."""

import re
import unicodedata
from dataclasses import dataclass

_WRITTEN = re.compile(r"([A-Z]{1,3})\s*-\s*([0-9]{1,9})")
_COUNT = re.compile(r"[0-9]{1,9}")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－ｰ", "-"))


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """`prefix` is unique to a company in an installation, `count` to a case in its company."""

    prefix: str
    count: int

    def __str__(self) -> str:
        return f"{self.prefix}-{self.count}"


def read_case_number(written: str, *, prefix: str = "") -> CaseNumber | None:
    """The number somebody typed or spoke, full-width and any hyphen allowed; None when it is not one.

    Where it is known which company is spoken of, by its `prefix`, the count alone is enough.
    """
    folded = unicodedata.normalize("NFKC", written.translate(_HYPHENS)).strip().upper()
    if prefix and _COUNT.fullmatch(folded):
        return CaseNumber(prefix, int(folded))
    match = _WRITTEN.fullmatch(folded)
    return CaseNumber(match[1], int(match[2])) if match else None
