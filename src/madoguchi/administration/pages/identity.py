"""How far companies want the identity of customers to be checked, before which act."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.rights import IdentityForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.cases.actions.sure import needs_of, set_identity_needs
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.RIGHTS)
def identities(request: StaffRequest) -> HttpResponse:
    """The companies for whose customers one answers."""
    page = page_of(request, companies_with(request.actor, Permission.RIGHTS))
    return show(request, "identities", section="identities", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def identity(request: StaffRequest, pk: int) -> HttpResponse:
    """What one company wants."""
    company = company_with(request.actor, pk, Permission.RIGHTS)
    form = IdentityForm(request.POST or None, needs=needs_of(pk))
    if carried_out(form, lambda **needs: set_identity_needs(company, needs, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:identity", pk)
    return show_form(request, "identity", section="identities", form=form, company=company)
