"""What the customer of a case consents to: read, and written down."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.desk.consents import ConsentForm, consents_of, written
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CUSTOMER_READ)
def consents(request: DeskRequest, number: str) -> HttpResponse:
    """How it stands with each purpose and way, what was said before, and a form for what they say now."""
    case = the_case(request, number)
    if request.method == "POST" and not _may_edit(case, request.actor):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    note_look(case, by=request.actor)
    form = ConsentForm(request.POST or None)
    if form.is_valid() and _kept(case, form, request.actor):
        say(request, text=_("It is written down."))
        return redirect("desk:consents", number=number)
    return _shown(request, case, form)


def _may_edit(case: Case, by: Actor) -> bool:
    return by.may(Permission.CUSTOMER_EDIT, company=case.company_id, desk=case.desk_id)


def _shown(request: DeskRequest, case: Case, form: ConsentForm) -> HttpResponse:
    context = {
        "case": case,
        "number": number_of(case),
        "form": form,
        "shown": consents_of(case, actor=request.actor),
        "may_edit": _may_edit(case, request.actor),
    }
    return apart(request, "desk/consents.html", context, status=422 if form.errors else 200)


def _kept(case: Case, form: ConsentForm, by: Actor) -> bool:
    """Whether what was typed could be written down; why not stands beside the field it is about."""
    try:
        written(case.customer, form.cleaned_data, by=by)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    return not form.errors
