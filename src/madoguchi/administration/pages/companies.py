"""Companies and operators."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration import queries
from madoguchi.administration.forms import CompanyChangeForm, CompanyForm, OperatorChangeForm, OperatorForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies import actions
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.ORGANISATIONS)
def companies(request: StaffRequest) -> HttpResponse:
    """All companies."""
    return show(request, "companies", section="companies", page=page_of(request, queries.companies()))


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATIONS)
def company_new(request: StaffRequest) -> HttpResponse:
    """Add a company."""
    form = CompanyForm(request.POST or None)
    if request.POST:
        added = carried_out(form, lambda **data: actions.add_company(**data, by=request.actor))
        if added:
            say(request, text=_("%s was added. Give it a desk next.") % added.name)
            return redirect("administration:desk_new")
    return show_form(request, "company", section="companies", form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATIONS)
def company(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a company's name and colour."""
    found = queries.company(pk)
    form = CompanyChangeForm(request.POST or None, instance=found)
    if request.POST and carried_out(
        form, lambda **data: actions.change_company(found, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:companies")
    return show_form(request, "company", section="companies", form=form, company=queries.company(pk))


@require_safe
@requires(Permission.ORGANISATIONS)
def operators(request: StaffRequest) -> HttpResponse:
    """All operators."""
    return show(request, "operators", section="operators", page=page_of(request, queries.operators()))


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATIONS)
def operator_new(request: StaffRequest) -> HttpResponse:
    """Add an operator."""
    form = OperatorForm(request.POST or None)
    if request.POST:
        added = carried_out(form, lambda **data: actions.add_operator(**data, by=request.actor))
        if added:
            say(request, text=_("%s was added. Engage it at a desk next.") % added.name)
            return redirect("administration:engagement_new")
    return show_form(request, "operator", section="operators", form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATIONS)
def operator(request: StaffRequest, pk: int) -> HttpResponse:
    """Rename an operator."""
    found = queries.operator(pk)
    form = OperatorChangeForm(request.POST or None, instance=found)
    if request.POST and carried_out(
        form, lambda **data: actions.change_operator(found, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:operators")
    return show_form(request, "operator", section="operators", form=form, operator=queries.operator(pk))
