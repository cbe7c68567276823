"""A document in figures, as `madoguchi document preview` prints it. Pure."""

from typing import Any

from madoguchi.commerce.documents.document import Document, missing_from
from madoguchi.commerce.documents.kinds import NAMES, Kind
from madoguchi.commerce.documents.tax import Line, Sum


def as_words(document: Document) -> dict[str, Any]:
    """Totals, the tax by rate, and what is missing, in plain JSON values."""
    totals = document.totals
    said: dict[str, Any] = {
        "kind": document.kind.value,
        "name": NAMES[document.kind][0],
        "number": document.number,
        "date": document.date.isoformat() if document.date else None,
        "rounding": document.rounding.value,
        "totals": {"net": totals.net, "tax": totals.tax, "total": totals.total},
        "by_rate": [_sum(one) for one in totals.by_rate],
        "lines": [_line(line, document) for line in document.lines],
        "reissue": document.reissue,
        "missing": [field for field, _words in missing_from(document)],
    }
    if document.kind == Kind.RECEIPT:
        said["revenue_stamp"] = document.stamp
    return said


def _sum(one: Sum) -> dict[str, Any]:
    return {
        "tax_rate": one.rate,
        "reduced": one.reduced,
        "net": one.net,
        "tax": one.tax,
        "total": one.total,
    }


def _line(line: Line, document: Document) -> dict[str, Any]:
    return {
        "name": line.name,
        "amount": line.amount(document.rounding),
        "tax_rate": line.tax_rate,
        "tax_included": line.tax_included,
        "reduced": line.reduced,
    }
