"""Help centres: whether they are open, and what visitors said of their articles."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.help import HelpCentreForm, LogoForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.models import Company
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import MOST_UPLOADED, prove_host, set_logo, set_up_help_centre
from madoguchi.helpcentre.hosts import record_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
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
    return _page(request, company, form, LogoForm())


@require_POST
@requires(Permission.ARTICLES_APPROVE)
def logo(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a picture at its head, or take it away."""
    company = queries.company_of_centre(request.actor, pk)
    if "remove" in request.POST:
        set_logo(company, b"", by=request.actor)
        say(request, text=_("The picture is taken away."))
        return redirect("administration:help_centre", pk)
    form = LogoForm(request.POST, request.FILES)
    if carried_out(form, lambda file: set_logo(company, file.read(MOST_UPLOADED + 1), by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:help_centre", pk)
    return _page(request, company, HelpCentreForm(instance=queries.centre_of(company)), form)


@require_POST
@requires(Permission.ARTICLES_APPROVE)
def host(request: StaffRequest, pk: int) -> HttpResponse:
    """Look into the DNS for the proof that its address is the company's own."""
    company = queries.company_of_centre(request.actor, pk)
    try:
        prove_host(company, by=request.actor)
        say(request, text=_("The address is proven. The help centre stands there within half a minute."))
    except Refused as error:
        say(request, text=str(error), level=messages.ERROR)
    return redirect("administration:help_centre", pk)


def _page(request: StaffRequest, company: Company, form: HelpCentreForm, picture: LogoForm) -> HttpResponse:
    centre = queries.centre_of(company)
    context = {"company": company, "page": page_of(request, queries.judged(company)), "centre": centre}
    context |= {"logo": queries.logo_named(company.pk), "picture": picture}
    if centre.host:
        context["proof"] = record_of(company, centre.host)
    return show_form(request, "help_centre", section="help_centres", form=form, **context)
