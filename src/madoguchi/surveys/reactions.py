"""Whose case is solved is asked some hours later how they were helped."""

from madoguchi.cases.events import StatusChanged
from madoguchi.cases.models import Status
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to
from madoguchi.surveys import jobs
from madoguchi.surveys.inviting import asks_by_mail, due_after


@reacts_to(StatusChanged, name="surveys.ask_later")
def ask_later(event: Recorded) -> None:
    """Set a time for the mail, where the desk wants one; whether it is sent is seen to then."""
    fact = event.fact()
    if not isinstance(fact, StatusChanged) or fact.after != Status.SOLVED or fact.case is None:
        return
    if survey := asks_by_mail(fact.desk):
        jobs.schedule(fact.case, company=fact.company, at=due_after(survey, event.at))
