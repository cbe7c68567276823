"""A table is read as the last one with the same headings was, until somebody says otherwise."""

import hashlib
from collections.abc import Sequence
from typing import Any

from madoguchi.imports.models import Upload
from madoguchi.imports.queries import desks_to_import_to
from madoguchi.kernel import clock
from madoguchi.people.queries import actor_of

_SAID = ("columns", "statuses", "priorities")


def shape_of(headings: Sequence[str]) -> str:
    """What tells tables with these headings, in this order, from all others. It is kept when the files are gone, and
    holds no word of them: a table without headings begins with somebody's data.
    """
    return hashlib.sha256("\n".join(headings).encode()).hexdigest()


def said_before(found: Upload, shape: str) -> dict[str, Any]:
    """What was said of the last table of this shape that the company brought in, through desks through which its owner
    may do so too: which column is what, and what words mean; and on which `day` that was. Empty where none was, and
    where something is said of this one. Few queries.
    """
    if found.asked.get("columns"):
        return {}
    desks = desks_to_import_to(actor_of(found.owner))
    rows = Upload.objects.filter(
        desk__in=desks, company=found.company_id, system=found.system, found__shape=shape
    )
    rows = rows.filter(started_at__isnull=False).exclude(pk=found.pk).exclude(asked__columns={})
    last = rows.order_by("-started_at", "-pk").values_list("asked", "started_at").first()
    if last is None:
        return {}
    asked, at = last
    said = {name: asked[name] for name in _SAID if asked.get(name)}
    return said | {"day": at.astimezone(clock.TOKYO).date().isoformat()} if said.get("columns") else {}
