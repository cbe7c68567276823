"""Taking a case out of a queue: of several who reach for the same one, one has it and the others the next."""

from collections.abc import Mapping

from django.db import transaction

from madoguchi.cases import policies
from madoguchi.cases.actions.change import last_responsible
from madoguchi.cases.actions.chats import GOES_ON, alone_with
from madoguchi.cases.events import CaseAssigned
from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed

# What somebody else is just taking is passed over, not waited for; and what was taken a moment ago is no longer free.
_CLAIM = """
    UPDATE cases_case SET assignee_id = %(to)s, version = version + 1
    WHERE id = (
        SELECT free.id FROM unnest(%(wanted)s::bigint[], %(desks)s::bigint[])
            WITH ORDINALITY AS wanted (id, desk, place)
        JOIN cases_case AS free ON free.id = wanted.id AND free.desk_id = wanted.desk
        JOIN companies_desk AS desk ON desk.id = free.desk_id
        WHERE free.assignee_id IS NULL AND free.continued_in_id IS NULL AND free.status = ANY(%(statuses)s::text[])
            AND (free.channel <> 'chat' OR desk.chats_at_once IS NULL OR desk.chats_at_once > (
                SELECT count(*) FROM cases_case AS held
                WHERE held.assignee_id = %(to)s AND held.desk_id = free.desk_id AND held.channel = 'chat'
                    AND held.status = ANY(%(active)s::text[]) AND held.touched_at >= %(since)s::timestamptz
            ))
        ORDER BY wanted.place LIMIT 1 FOR UPDATE OF free SKIP LOCKED
    ) RETURNING id
"""
_STATUSES = [status.value for status in OURS_TO_ACT]
_ACTIVE = [status.value for status in ACTIVE]


@transaction.atomic
def claim_first(wanted: Mapping[int, int], *, to: int, by: Actor) -> Case | None:
    """Make somebody responsible for the first of these cases that is free and still at the desk given with it; None
    where none is any more. A chat is none for who has as many as its desk lets one have.

    One statement decides, while nobody else gives them a chat. Whether `to` works at those desks is for the caller to
    know. Raises NotAllowed.
    """
    alone_with([to])
    values = {
        "wanted": list(wanted),
        "desks": list(wanted.values()),
        "to": to,
        "statuses": _STATUSES,
        "active": _ACTIVE,
    }
    row = fetch_one(_CLAIM, values | {"since": clock.now() - GOES_ON})
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
