"""A case that turns out to be severe is told of to those who answer for its account."""

from madoguchi.cases.events import CaseChanged
from madoguchi.cases.models import Case, Severity
from madoguchi.escalations.accounts import alert
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.reactions import reacts_to


@reacts_to(CaseChanged, name="escalations.alert_accounts")
def alert_accounts(event: Recorded) -> None:
    """Whenever it becomes severe, or graver still."""
    fact = event.fact()
    if not isinstance(fact, CaseChanged) or fact.field != "severity":
        return
    before, after = int(str(fact.before)), int(str(fact.after))
    if after < Severity.SERIOUS or after <= before:
        return
    case = Case.objects.select_related("company", "desk", "continued_in").filter(pk=event.case).first()
    if case is not None:
        alert(case.continued_in or case, severity=after, cause=event.id)
