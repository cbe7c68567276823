"""What companies watch for: grave words, and how many signals raise themselves."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.watches import WatchForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.signals.actions import set_watch
from madoguchi.signals.queries import watch_of


@require_safe
@requires(Permission.DESKS)
def watches(request: StaffRequest) -> HttpResponse:
    """The companies that one sets up."""
    page = page_of(request, companies_with(request.actor, Permission.DESKS))
    return show(request, "watches", section="watches", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def watch(request: StaffRequest, pk: int) -> HttpResponse:
    """The grave words of a company, and how many signals of the same thing raise themselves."""
    company = company_with(request.actor, pk, Permission.DESKS)
    form = WatchForm(request.POST or None, instance=watch_of(company.pk))
    if request.POST and carried_out(form, lambda **data: set_watch(company, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:watch", pk)
    return show_form(request, "watch", section="watches", form=form, company=company)
