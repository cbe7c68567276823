"""Telling of escalations and slips whose time comes near or has run out, each once; only what is due is looked at."""

from datetime import datetime

from django.db import transaction

from madoguchi.escalations.events import EscalationOverdue, EscalationWarned, SlipOverdue
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.slips import expires_of, post
from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import system

_CLOCK = system("escalations")


def tell_due() -> int:
    """Tell of all companies' escalations and slips that are due; returns of how many."""
    why = "escalations and slips of any company may be due"
    return tell_each_due(Escalation, _tell_escalation, reason=why) + tell_each_due(
        Slip, _tell_slip, reason=why
    )


@transaction.atomic
def _tell_escalation(pk: int, now: datetime) -> bool:
    rows = Escalation.objects.select_for_update(of=["self"], skip_locked=True).select_related(
        "case__continued_in"
    )
    one = rows.filter(pk=pk, next_at__lte=now, state=Escalation.State.OPEN).first()
    if one is None:
        return False
    late = one.due_at <= now
    one.next_at, one.late_at = (None, one.due_at) if late else (one.due_at, None)
    one.save()
    addressed = {"to": one.to, "person": one.person_id, "to_desk": one.desk_id, "asker": one.asked_by_id}
    fact = EscalationOverdue if late else EscalationWarned
    record(fact(**one.home.where, escalation=one.pk, **addressed), by=_CLOCK)
    return True


@transaction.atomic
def _tell_slip(pk: int, now: datetime) -> bool:
    """Whoever has a slip is reminded before its time; that it ran out is told to who wrote it."""
    rows = Slip.objects.select_for_update(of=["self"], skip_locked=True).select_related("case__continued_in")
    slip = rows.filter(pk=pk, next_at__lte=now, done_at=None, withdrawn_at=None).first()
    if slip is None:
        return False
    late = slip.due_at <= now
    slip.next_at = None if late else slip.due_at
    slip.late_at, slip.reminded_at = (now, slip.reminded_at) if late else (None, now)
    slip.save()
    if not late:
        slip.expires_at = max(slip.expires_at, expires_of(slip.due_at))
        slip.save(update_fields=["expires_at"])
        post(slip, reminds=True)
    elif slip.escalation_id is None:
        record(SlipOverdue(**slip.home.where, slip=slip.pk, maker=slip.made_by_id), by=_CLOCK)
    return True
