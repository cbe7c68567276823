"""A document as it is kept beside its paper, so that it can be given once more as it was. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.tax import Line, Rounding, Sum


def as_kept(document: Document) -> dict[str, Any]:
    """All that stands on a document, in plain JSON values."""
    kept: dict[str, Any] = json.loads(json.dumps(asdict(document), default=str))
    return kept


def from_kept(kept: Mapping[str, Any]) -> Document:
    """The document that was kept."""
    days = ("date", "due_date", "original_date")
    said = {
        **kept,
        **{name: date.fromisoformat(kept[name]) if kept[name] else None for name in days},
        "kind": Kind(kept["kind"]),
        "lines": tuple(_line(line) for line in kept["lines"]),
        "issuer": Party(**kept["issuer"]),
        "recipient": Party(**kept["recipient"]),
        "rounding": Rounding(kept["rounding"]),
        "sums": tuple(Sum(**one) for one in kept.get("sums", ())),
        "terms": tuple((title, words) for title, words in kept.get("terms", ())),
    }
    return Document(**said)


def _line(kept: Mapping[str, Any]) -> Line:
    exact = {name: Decimal(kept[name]) for name in ("quantity", "unit_price")}
    return Line(**{**kept, **exact})
