"""How far a person has read a case, for them alone: nobody else is told, so no event says it."""

from django.db import transaction

from madoguchi.cases import policies
from madoguchi.cases.models import Case, Seen
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed

# Where nothing is new nothing is written, not even a lock: a transaction id would hold readers of the log back.
_SEE = """
    INSERT INTO cases_seen AS seen (company_id, user_id, case_id, message, note, unread)
    SELECT %(company)s::bigint, %(person)s::bigint, %(case)s::bigint, newest.message, newest.note, false
    FROM (SELECT
        coalesce((SELECT max(id) FROM cases_message WHERE case_id = %(case)s::bigint), 0) AS message,
        coalesce((SELECT max(id) FROM cases_note WHERE case_id = %(case)s::bigint), 0) AS note
    ) AS newest
    WHERE NOT EXISTS (
        SELECT FROM cases_seen AS known WHERE known.user_id = %(person)s::bigint AND known.case_id = %(case)s::bigint
            AND (known.message >= newest.message AND known.note >= newest.note AND NOT known.unread
                OR known.unread AND NOT %(opened)s::boolean)
    )
    ON CONFLICT (user_id, case_id) DO UPDATE SET
        message = greatest(seen.message, excluded.message), note = greatest(seen.note, excluded.note), unread = false
    RETURNING case_id
"""


def see_case(case: Case, *, by: Actor, opened: bool = True) -> bool:
    """A person has all of the case before them; returns whether that was news. Called before it is read for them, so
    that nothing counts as seen which is not shown.

    Where it was not `opened` but told of anew, what they marked as unread by hand stays so.
    """
    if by.id is None:
        return False
    values = {"company": case.company_id, "person": by.id, "case": case.pk, "opened": opened}
    return bool(fetch_all(_SEE, values))


@transaction.atomic
def mark_unread(case: Case, *, by: Actor) -> None:
    """Keep the case in mind as unread until it is opened again. Raises NotAllowed for who may not read it."""
    if by.id is None or not policies.may_read(by, case):
        raise NotAllowed(Permission.CASE_READ)
    Seen.objects.update_or_create(
        user_id=by.id, case_id=case.pk, defaults={"company_id": case.company_id, "unread": True}
    )
