"""The report of a serious accident of a product, as far as a case tells of it."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.cases.actions import note_look
from madoguchi.customers.blots import blotter_for
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, private, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires
from madoguchi.signals.queries import grave_by_id
from madoguchi.signals.report import take_report


@require_safe
@requires(Permission.CASE_READ)
def report(request: DeskRequest, pk: int) -> HttpResponse:
    """The report of grave words, to be completed by the company (消安法35条), as PDF."""
    found = grave_by_id(pk, actor=request.actor)
    case = the_case(request, number_of(found.case.continued_in or found.case))
    note_look(case, by=request.actor)
    blot = blotter_for(case.customer, actor=request.actor)
    content = take_report(found, number=number_of(case), blot=blot, by=request.actor)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="accident-{found.pk}.pdf"'
    return private(request, response)
