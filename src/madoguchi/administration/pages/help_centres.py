"""Help centres: whether they are open, and what visitors said of their articles."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms.help import HelpCentreForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import set_up_help_centre
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.ARTICLES_APPROVE)
def help_centres(request: StaffRequest) -> HttpResponse:
    """The help centres that one looks after."""
    page = page_of(request, queries.centres(request.actor))
    return show(request, "help_centres", section="help_centres", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.ARTICLES_APPROVE)
def help_centre(request: StaffRequest, pk: int) -> HttpResponse:
    """Open a help centre, or close it; see which articles did not help."""
    company = queries.company_of_centre(request.actor, pk)
    form = HelpCentreForm(request.POST or None, instance=queries.centre_of(company))
    if request.POST and carried_out(
        form, lambda **data: set_up_help_centre(company, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:help_centre", pk)
    context = {"company": company, "page": page_of(request, queries.judged(company))}
    return show_form(request, "help_centre", section="help_centres", form=form, **context)
