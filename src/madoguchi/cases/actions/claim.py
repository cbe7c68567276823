"""Taking a case out of a queue: of several who reach for the same one, one has it and the others the next."""

from collections.abc import Sequence

from django.db import transaction

from madoguchi.cases import policies
from madoguchi.cases.actions.change import last_responsible
from madoguchi.cases.events import CaseAssigned
from madoguchi.cases.models import OURS_TO_ACT, Case
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed

# What somebody else is just taking is passed over, not waited for; and what was taken a moment ago is no longer free.
_CLAIM = """
    UPDATE cases_case SET assignee_id = %(to)s, version = version + 1
    WHERE id = (
        SELECT free.id FROM unnest(%(wanted)s::bigint[]) WITH ORDINALITY AS wanted (id, place)
        JOIN cases_case AS free ON free.id = wanted.id
        WHERE free.assignee_id IS NULL AND free.continued_in_id IS NULL AND free.status = ANY(%(statuses)s::text[])
        ORDER BY wanted.place LIMIT 1 FOR UPDATE OF free SKIP LOCKED
    ) RETURNING id
"""
_STATUSES = [status.value for status in OURS_TO_ACT]


@transaction.atomic
def claim_first(wanted: Sequence[int], *, to: int, by: Actor) -> Case | None:
    """Make somebody responsible for the first of these cases that is free; None where none is any more.

    One statement decides. Whether `to` works at the desk is for the caller to know. Raises NotAllowed.
    """
    row = fetch_one(_CLAIM, {"wanted": list(wanted), "to": to, "statuses": _STATUSES})
    if row is None:
        return None
    case = Case.objects.select_related("desk", "company").get(pk=row[0])
    case.assignee_id = None
    if not policies.may_assign(by, case, to=to):
        raise NotAllowed(Permission.CASE_ASSIGN)
    case.assignee_id = to
    last = last_responsible(case)
    hop = 1 if last and last != to else 0
    if hop:
        case.hops += hop
        case.save(update_fields=["hops"])
    record(CaseAssigned(**case.where, before=None, after=to, hop=hop), by=by)
    return case
