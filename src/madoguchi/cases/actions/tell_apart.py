"""Two cases that look like one and are not: said once, so that nobody is asked again."""

from django.db import transaction

from madoguchi.cases import policies
from madoguchi.cases.events import CaseToldApart
from madoguchi.cases.models import Case, ToldApart
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound


@transaction.atomic
def tell_apart(case: Case, other: Case, *, by: Actor) -> None:
    """Remember that two cases are no duplicates; twice does nothing.

    Raises NotAllowed for who may not change the case or read the other, NotFound for two that nothing suggests.
    """
    low, high = _pair(case, other, by=by)
    values = {"user_id": by.id, "at": clock.now()}
    _row, made = ToldApart.objects.get_or_create(
        company_id=case.company_id, case=low, other=high, defaults=values
    )
    if made:
        _tell(low, high, by=by, apart=True)


@transaction.atomic
def suggest_again(case: Case, other: Case, *, by: Actor) -> None:
    """Forget that two cases are no duplicates; twice does nothing. Raises what `tell_apart` raises."""
    low, high = _pair(case, other, by=by)
    gone, _kinds = ToldApart.objects.filter(case=low, other=high).delete()
    if gone:
        _tell(low, high, by=by, apart=False)


def _pair(case: Case, other: Case, *, by: Actor) -> tuple[Case, Case]:
    if case.customer_id != other.customer_id or case.pk == other.pk:
        raise NotFound(other.pk)
    if not (policies.may_update(by, case) and policies.may_read(by, other)):
        raise NotAllowed(Permission.CASE_UPDATE)
    low, high = sorted((case, other), key=lambda one: one.pk)
    return low, high


def _tell(low: Case, high: Case, *, by: Actor, apart: bool) -> None:
    for here, there in ((low, high), (high, low)):
        record(CaseToldApart(**here.where, other=there.pk, apart=apart), by=by)
