"""The record of a case's customer, changed on one page."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.models import Case
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, the_case
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.desk.record import RecordForm, keep_record, record_form
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_EDIT)
@asks_who_it_is
def record(request: DeskRequest, number: str) -> HttpResponse:
    """Names, member numbers, addresses: shown in a form, and kept by a POST; what is wrong stands at its field."""
    case = the_case(request, number)
    note_look(case, by=request.actor)
    if request.method == "POST":
        return _kept(request, case)
    return _shown(request, case, record_form(case.customer, actor=request.actor))


def _kept(request: DeskRequest, case: Case) -> HttpResponse:
    form = record_form(case.customer, request.POST, actor=request.actor)
    try:
        if not form.is_valid():
            return _shown(request, case, form, status=422)
        changed = keep_record(
            case.customer, form, case=case, because=request.POST.get("because", ""), by=request.actor
        )
    except Unsure:
        raise
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _shown(request, case, form, status=422)
    say(request, text=_("The record is kept.") if changed else _("Nothing was changed."))
    return redirect(case_url(case))


def _shown(request: DeskRequest, case: Case, form: RecordForm, *, status: int = 200) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "form": form, "back": case_url(case)}
    return apart(request, "desk/record.html", context, status=status)
