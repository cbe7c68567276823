"""How an arrival ends: handled, repeated, taken for spam, or in quarantine."""

from madoguchi.cases.actions import take_number
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.events import ArrivalKeptOut, ArrivalQuarantined
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.text import clean

INTAKE = system("intake")
_FINISH = """
    UPDATE intake_arrival SET state = %(state)s, reason = %(reason)s, tries = %(tries)s, summary = %(summary)s,
        fingerprint = %(fingerprint)s::bytea, case_id = %(case_id)s, message_id = %(message_id)s, handled_at = %(now)s
    WHERE id = %(id)s
"""


def finish(
    arrival: Arrival,
    state: Arrival.State,
    *,
    case: int | None = None,
    message: int | None = None,
    reason: str = "",
) -> None:
    """Write down how an arrival ended, and where it went."""
    arrival.state, arrival.case_id, arrival.message_id = state, case, message
    arrival.reason, arrival.handled_at = reason, clock.now()
    values = {
        "id": arrival.pk,
        "state": state.value,
        "reason": reason,
        "tries": arrival.tries,
        "summary": arrival.summary,
        "fingerprint": arrival.fingerprint,
        "case_id": case,
        "message_id": message,
        "now": arrival.handled_at,
    }
    fetch_all(_FINISH, values)


def quarantine(arrival: Arrival, reason: str) -> None:
    """Lay an arrival aside for a person, with the reason why it could not be handled."""
    arrival.fingerprint, reason = None, clean(reason)  # it may quote what the database refuses
    finish(arrival, Arrival.State.QUARANTINED, reason=reason[:2000])
    record(ArrivalQuarantined(**where(arrival), reason=reason[:500]), by=INTAKE)


def keep_out(arrival: Arrival, reason: str, *, form: str = "") -> None:
    """Put an arrival into the list of spam, with the reason. What was sent by a `form`, in one or several goes, takes a
    number, which its sender is shown as anybody else is.
    """
    reason = clean(reason)
    if form:
        same = Arrival.objects.filter(company_id=arrival.company_id, form=form).order_by("id").first()
        number = same.number if same else take_number(arrival.company_id)
        Arrival.objects.filter(pk=arrival.pk).update(form=form, number=number)
    finish(arrival, Arrival.State.SPAM, reason=reason[:2000])
    record(ArrivalKeptOut(**where(arrival), reason=reason[:500]), by=INTAKE)


def where(arrival: Arrival) -> dict[str, int]:
    """What every event about an arrival says of it."""
    return {"company": arrival.company_id, "desk": arrival.entry_point.desk_id, "arrival": arrival.pk}
