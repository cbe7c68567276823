"""Reading a message as it came or left is told: what stands there may be the key to the customer's own page."""

from django.db import transaction

from madoguchi.cases.events import SourceRead
from madoguchi.cases.models import Message
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed


@transaction.atomic
def note_reading(message: Message, *, sent: bool = False, by: Actor) -> None:
    """Tell on the case's timeline that somebody reads a message as it came in, or (`sent`) as it left.

    Call it before anything is shown. Raises NotAllowed for who may not.
    """
    case, needed = message.case, Permission.OUTBOX if sent else Permission.ORIGINALS
    if not by.may(needed, company=case.company_id, desk=case.desk_id):
        raise NotAllowed(needed)
    fact = SourceRead(**case.where, message=message.pk, moved_at=message.at.isoformat(), sent=sent)
    record(fact, by=by)
