"""A table is read as the last one with the same headings was, until somebody says otherwise."""

import hashlib
from collections.abc import Sequence
from typing import Any

from madoguchi.imports.models import Upload
from madoguchi.kernel import clock

_SAID = ("columns", "statuses", "priorities")


def shape_of(headings: Sequence[str]) -> str:
    """What tells tables with these headings, in this order, from all others. It is kept when the files are gone, and
    holds no word of them: a table without headings begins with somebody's data.
    """
    return hashlib.sha256("\n".join(headings).encode()).hexdigest()


def said_before(found: Upload, shape: str) -> dict[str, Any]:
    """What was said of the last table of this shape that the company brought in: which column is what, and what words
    mean; and on which `day` that was. Empty where none was, and where something is said of this one. One query.
    """
    if found.asked.get("columns"):
        return {}
    rows = Upload.objects.filter(company=found.company_id, system=found.system, found__shape=shape)
    rows = rows.filter(started_at__isnull=False).exclude(pk=found.pk).exclude(asked__columns={})
    last = rows.order_by("-started_at", "-pk").values_list("asked", "started_at").first()
    if last is None:
        return {}
    asked, at = last
    said = {name: asked[name] for name in _SAID if asked.get(name)}
    return said | {"day": at.astimezone(clock.TOKYO).date().isoformat()} if said.get("columns") else {}
