"""Whose case it is: it came for one customer's record, and belongs with another's."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.actions.pending import WAITING
from madoguchi.cases.events import CaseCustomerChanged
from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.customers.models import Customer
from madoguchi.customers.policies import may_join
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused


def require_another(case: Case, *, to: Customer, by: Actor) -> None:
    """Whether the case may become this customer's. Raises NotAllowed, or Refused with what to do first."""
    if not policies.may_update(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    if not may_join(by, company=case.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    if to.company_id != case.company_id:
        raise Refused(_("This is another company's customer."), field="customer")
    if to.pk == case.customer_id or to.joined_into_id:
        raise Refused(_("The case is this customer's already. Choose another one."), field="customer")
    if case.continued_in_id:
        raise Refused(_("This case goes on in another one. Change the customer there."), field="customer")
    if PendingAnswer.objects.filter(case=case, state__in=WAITING).exists():
        raise Refused(
            _("An answer waits to be sent in this case. Take it back or discard it first."), field="customer"
        )


@transaction.atomic
def give_to_customer(case: Case, *, to: Customer, by: Actor) -> None:
    """Make it another customer's case, together with cases that went on in it.

    What was said stays whose it was: its former customer is from now on somebody else who wrote in it, whom answers do
    not go to by themselves, and on their own page the new one sees what went between us and them. Links to that page
    end, for who holds one is somebody else now. What was checked of the former one says nothing of the new one: it is
    set aside until the case is given back, which is the same act. Raises NotAllowed, or Refused.
    """
    held = Case.objects.select_for_update().get(pk=case.pk)
    to = Customer.objects.select_for_update(no_key=True).get(pk=to.pk)
    require_another(held, to=to, by=by)
    led = Case.objects.filter(continued_in=held).order_by("pk").select_for_update()
    for one in (held, *led):
        Case.objects.filter(pk=one.pk).update(
            customer=to,
            checked=set_aside(one, to.pk),
            version=F("version") + 1,
            link_generation=F("link_generation") + 1,
        )
        fact = CaseCustomerChanged(**one.where, before=one.customer_id, after=to.pk, checked=one.checked)
        record(fact, by=by)
    case.refresh_from_db(fields=["customer", "checked", "version", "link_generation"])


def set_aside(case: Case, to: int) -> list[str]:
    """What had been checked of this customer when the case last ceased to be theirs."""
    told = Event.objects.filter(case_id=case.pk, kind=CaseCustomerChanged.kind, data__before=to)
    left = told.order_by("-id").first()
    return list(left.data.get("checked", ())) if left else []
