"""Having a field of a customer shown that is kept from one, for a reason and ten minutes."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.customers.unmasking import MINUTES, kept_from, require_unmask, unmask
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, the_case
from madoguchi.desk.unmasked import names_of_fields
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_READ)
def unmasking(request: DeskRequest, number: str) -> HttpResponse:
    """What is needed, and what for; the company reads it."""
    case = the_case(request, number)
    require_unmask(case.customer, request.POST.get("field", ""), desk=case.desk_id, by=request.actor)
    note_look(case, by=request.actor)
    try:
        if request.method == "POST":
            return _shown(request, case)
    except Refused as error:
        return _form(request, case, problem=str(error), wrong=error.field)
    return _form(request, case)


def _shown(request: DeskRequest, case: Case) -> HttpResponse:
    field, reason = request.POST.get("field", ""), request.POST.get("reason", "")
    unmask(case.customer, field, reason=reason, desk=case.desk_id, by=request.actor)
    say(request, text=_("It is shown for %(n)s minutes.") % {"n": MINUTES})
    return redirect(case_url(case))


def _form(request: DeskRequest, case: Case, *, problem: str = "", wrong: str = "") -> HttpResponse:
    kept = kept_from(case.customer, actor=request.actor)
    context = {"case": case, "number": number_of(case), "problem": problem, "wrong": wrong}
    context |= {"fields": names_of_fields(kept), "typed": request.POST, "minutes": MINUTES}
    return apart(request, "desk/unmasking.html", context, status=422 if problem else 200)
