"""All that happened between a customer and the company."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.cases.actions import note_look
from madoguchi.customers.queries import sees_customers, view_of
from madoguchi.desk.journey import Place, journey_of, kind_names
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CUSTOMER_READ)
def journey(request: DeskRequest, number: str) -> HttpResponse:
    """The line of the case's customer, page by page, of all kinds or of one."""
    case, kind = the_case(request, number), request.GET.get("kind", "")
    if not sees_customers(request.actor, company=case.company_id):
        raise NotAllowed(Permission.CUSTOMER_READ)
    note_look(case, by=request.actor)
    after = Place.read(request.GET.get("after", ""))
    context = {"case": case, "number": number_of(case), "kinds": kind_names(), "kind": kind, "after": after}
    context["person"] = view_of(case.customer, actor=request.actor)
    context["journey"] = journey_of(case, actor=request.actor, kind=kind, after=after)
    return apart(request, "desk/journey.html", context)
