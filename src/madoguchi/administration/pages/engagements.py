"""Engagements: terms, and what the operator's people see."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import queries
from madoguchi.administration.forms import CompanyHourForm, DataScopeForm, EngagementForm, TermsForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies import actions
from madoguchi.companies.models import Engagement
from madoguchi.companies.policies import may_engage
from madoguchi.companies.queries import engagement_to_set_up
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.DESKS)
def engagements(request: StaffRequest) -> HttpResponse:
    """Who answers at which desk."""
    rows = page_of(request, queries.engagements(request.actor))
    may_add = request.actor.may_anywhere(Permission.ORGANISATIONS)
    return show(request, "engagements", section="engagements", page=rows, may_add=may_add)


@require_http_methods(["GET", "POST"])
@requires(Permission.ORGANISATIONS)
def engagement_new(request: StaffRequest) -> HttpResponse:
    """Engage an operator at a desk."""
    today = clock.today()
    form = EngagementForm(
        request.POST or None, desks=queries.desks(request.actor), initial={"starts_on": today}
    )
    if request.POST:
        made = carried_out(form, lambda **data: actions.engage(**data, by=request.actor))
        if made:
            say(request, text=_("The operator is engaged. Say what its people may see."))
            return redirect("administration:engagement", pk=made.pk)
    return show_form(request, "engagement_new", section="engagements", form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def engagement(request: StaffRequest, pk: int) -> HttpResponse:
    """The terms of an engagement, for administrators to change."""
    found = engagement_to_set_up(request.actor, pk)
    form = TermsForm(request.POST or None, instance=found)
    if request.POST and carried_out(
        form, lambda **data: actions.change_terms(found, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:engagement", pk=pk)
    return _page(request, found, form=form, scope_form=DataScopeForm(engagement=found))


@require_POST
@requires(Permission.DESKS)
def engagement_data_scope(request: StaffRequest, pk: int) -> HttpResponse:
    """Say which customer fields are shown, masked and hidden."""
    found = engagement_to_set_up(request.actor, pk)
    form = DataScopeForm(request.POST, engagement=found)
    if carried_out(form, lambda **data: actions.change_data_scope(found, **data, by=request.actor)):
        say(request, text=_("Saved. It holds from the next page its people open."))
        return redirect("administration:engagement", pk=pk)
    return _page(request, found, form=TermsForm(instance=found), scope_form=form)


@require_POST
@requires(Permission.DESKS)
def engagement_hour(request: StaffRequest, pk: int) -> HttpResponse:
    """Say what an hour of the company's own people costs."""
    found = engagement_to_set_up(request.actor, pk)
    form = CompanyHourForm(request.POST, instance=found)
    if carried_out(form, lambda **data: actions.change_company_hour(found, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:engagement", pk=pk)
    terms, scope = TermsForm(instance=found), DataScopeForm(engagement=found)
    return _page(request, found, form=terms, scope_form=scope, hour_form=form)


def _page(
    request: StaffRequest,
    found: Engagement,
    *,
    form: TermsForm,
    scope_form: DataScopeForm,
    hour_form: CompanyHourForm | None = None,
) -> HttpResponse:
    return show_form(
        request,
        "engagement",
        section="engagements",
        form=form,
        scope_form=scope_form,
        hour_form=hour_form or CompanyHourForm(instance=found),
        engagement=found,
        may_change_terms=may_engage(request.actor, company=found.company_id),
    )
