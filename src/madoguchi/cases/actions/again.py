"""That a customer had to explain once more: by their own words, or as whoever spoke with them says."""

from madoguchi.cases.events import ToldAgain
from madoguchi.cases.models import Case
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor


def note_told_again(case: Case, *, message: int, by: Actor) -> bool:
    """Record it, once of a case; whether that is news. One query, or two."""
    if Event.objects.filter(case_id=case.pk, kind=ToldAgain.kind).exists():
        return False
    record(ToldAgain(**case.where, message=message), by=by)
    return True
