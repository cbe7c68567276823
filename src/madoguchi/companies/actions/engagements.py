"""Engagements: who answers at a desk, under which model, seeing what."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies import policies
from madoguchi.companies.events import DataScopeChanged, EngagementChanged, EngagementMade
from madoguchi.companies.models import CUSTOMER_FIELDS, Desk, Engagement, OperatorCompany
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, OperatingModel, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

MOST_AN_HOUR = 1_000_000


@transaction.atomic
def engage(
    operator: OperatorCompany,
    *,
    desk: Desk,
    model: OperatingModel,
    starts_on: date,
    ends_on: date | None = None,
    by: Actor,
) -> Engagement:
    """Let an operator answer at a desk; its people see every customer field until the data scope narrows it.

    Raises NotAllowed, or Refused when it is engaged there already, ends before it begins, or names the
    company's own people for a model that has none of them.
    """
    _require(by, desk.company_id)
    _check_terms(operator, desk, model=model, starts_on=starts_on, ends_on=ends_on)
    with unique(_("This operator is engaged at this desk already."), field="operator"):
        engagement = Engagement.objects.create(
            company_id=desk.company_id,
            operator=operator,
            desk=desk,
            model=model,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    fact = EngagementMade(
        company=desk.company_id,
        desk=desk.pk,
        engagement=engagement.pk,
        operator=operator.pk,
        model=model,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    record(fact, by=by)
    return engagement


@transaction.atomic
def change_terms(
    engagement: Engagement, *, model: OperatingModel, starts_on: date, ends_on: date | None, by: Actor
) -> None:
    """Change the operating model and the dates; with the last day past, its people see nothing of the desk.

    Raises NotAllowed or Refused like `engage`.
    """
    _require(by, engagement.company_id)
    _check_terms(engagement.operator, engagement.desk, model=model, starts_on=starts_on, ends_on=ends_on)
    changes = set_changed(engagement, model=str(model), starts_on=starts_on, ends_on=ends_on)
    if changes:
        record(EngagementChanged(**_where(engagement), changes=changes), by=by)


@transaction.atomic
def change_data_scope(
    engagement: Engagement, *, masked: Iterable[str], hidden: Iterable[str], by: Actor
) -> None:
    """Say which customer fields the operator's people see masked and which not at all.

    Raises NotAllowed, or Refused for a field that is none. What is both counts as hidden.
    """
    if not policies.may_set_data_scope(by, company=engagement.company_id):
        raise NotAllowed(Permission.DESKS)
    masked, hidden = set(masked), set(hidden)
    if not masked | hidden <= set(CUSTOMER_FIELDS):
        raise Refused(_("A customer has no such field."))
    changes = set_changed(engagement, masked=sorted(masked - hidden), hidden=sorted(hidden))
    if changes:
        record(DataScopeChanged(**_where(engagement), changes=changes), by=by)


@transaction.atomic
def change_company_hour(engagement: Engagement, *, company_hour: int | None, by: Actor) -> None:
    """Say what an hour of the company's own people costs, by which questions to it are told in yen. Raises NotAllowed,
    or Refused for more than a million.
    """
    if not policies.may_set_data_scope(by, company=engagement.company_id):
        raise NotAllowed(Permission.DESKS)
    if company_hour is not None and not 0 <= company_hour <= MOST_AN_HOUR:
        raise Refused(_("Write a number from 0 to 1,000,000."), field="company_hour")
    changes = set_changed(engagement, company_hour=company_hour)
    if changes:
        record(EngagementChanged(**_where(engagement), changes=changes), by=by)


def _require(by: Actor, company: int) -> None:
    if not policies.may_engage(by, company=company):
        raise NotAllowed(Permission.ORGANISATIONS)


def _check_terms(
    operator: OperatorCompany, desk: Desk, *, model: OperatingModel, starts_on: date, ends_on: date | None
) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refused(_("The last day lies before the first."), field="ends_on")
    if operator.own_of_id not in (None, desk.company_id):
        raise Refused(_("This operator is another company's own."), field="operator")
    if (model == OperatingModel.IN_HOUSE) != (operator.own_of_id is not None):
        raise Refused(
            _("In-house means the company's own people; a vendor needs another model."), field="model"
        )


def _where(engagement: Engagement) -> dict[str, int]:
    return {
        "company": engagement.company_id,
        "desk": engagement.desk_id,
        "engagement": engagement.pk,
        "operator": engagement.operator_id,
    }
