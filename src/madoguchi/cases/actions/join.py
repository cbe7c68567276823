"""Two cases that turn out to be one matter, when the mail comes that ties them together."""

from django.db import transaction
from django.db.models import F, Q

from madoguchi.cases.actions.moving import change
from madoguchi.cases.events import CaseContinued, CaseTookIn
from madoguchi.cases.merging import at_rest, survivor
from madoguchi.cases.models import Case, Contact, Draft, Merge, Message, Note, Split, Status
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor

# The customers' mails since our last answer change places until they stand in the order in which they were sent.
_REORDER = """
    WITH said AS (
        SELECT id, at, row_number() OVER (ORDER BY at, id) AS place,
            row_number() OVER (ORDER BY coalesce(sent_at, at), at, id) AS wanted
        FROM cases_message WHERE case_id = %(case)s AND author = 'customer' AND at > coalesce((
            SELECT max(at) FROM cases_message WHERE case_id = %(case)s AND author = 'staff'
        ), '-infinity')
    )
    UPDATE cases_message AS message SET at = there.at
    FROM said JOIN said AS there ON there.place = said.wanted
    WHERE message.id = said.id AND message.at <> there.at
"""


@transaction.atomic
def join(case_id: int, *, into: int, by: Actor) -> bool:
    """Let a case that nobody has worked on go on in another one; says whether it did.

    It keeps its number and stays on record, closed, and leads to the other, whose customer stays the customer.
    The other takes over what it is marked with, as in a merge by a person. Where people have begun to work, have
    written a note, are writing, or have merged or split, which could not be undone any more, both stay as they are; so
    do cases of two desks, for not everybody who reads one may read the other, and of two customers, whose pages would
    show it to both.
    """
    rows = {c.pk: c for c in Case.objects.select_for_update().filter(pk__in=[case_id, into]).order_by("pk")}
    case, target = rows.get(case_id), rows.get(into)
    if case is None or target is None or not _may_join(case, target):
        return False
    moved = _move(case, target)
    change(case, at_rest(case, now=clock.now()), by=by, continued_in=target, message_count=0)
    # One step always leads to the end.
    Case.objects.filter(continued_in=case).update(continued_in=target)
    record(CaseContinued(**case.where, into=target.pk), by=by)
    took = CaseTookIn(**target.where, other=case.pk, messages=moved)
    record(took, by=by)
    count = F("message_count") + case.message_count
    change(target, survivor(case, target), by=by, message_count=count)
    return True


def _may_join(case: Case, target: Case) -> bool:
    untouched = case.status == Status.NEW and case.assignee_id is None and case.first_replied_at is None
    of_one = (case.desk_id, case.customer_id) == (target.desk_id, target.customer_id)
    if not untouched or case.pk == target.pk or not of_one:
        return False
    worked_on = (
        Note.objects.filter(case=case),
        Draft.objects.filter(case=case),
        Merge.objects.filter(into=case, undone_at=None),
        Split.objects.filter(Q(case=case) | Q(into=case), undone_at=None),
    )
    return target.continued_in_id is None and not any(rows.exists() for rows in worked_on)


def _move(case: Case, target: Case) -> int:
    contacts = list(Message.objects.filter(case=case).values_list("contact_id", flat=True))
    moved = Message.objects.filter(case=case).update(case=target)
    Contact.objects.filter(pk__in=contacts).update(case=target)
    fetch_all(_REORDER, {"case": target.pk})
    return moved
