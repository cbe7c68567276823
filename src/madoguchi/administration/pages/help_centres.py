"""Help centres of companies and of desks: whether they are open, and what visitors said of their articles."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.help import HelpCentreForm, LogoForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.helpcentre import queries
from madoguchi.helpcentre.actions import MOST_UPLOADED, prove_host, set_logo, set_up_help_centre
from madoguchi.helpcentre.hosts import record_of
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.ARTICLES_APPROVE)
def help_centres(request: StaffRequest) -> HttpResponse:
    """The help centres that one looks after."""
    page = page_of(request, queries.centres(request.actor))
    of_desks = queries.desk_centres(request.actor)
    return show(request, "help_centres", section="help_centres", page=page, of_desks=of_desks)


@require_http_methods(["GET", "POST"])
@requires(Permission.ARTICLES_APPROVE)
def help_centre(request: StaffRequest, pk: int, of: str = "company") -> HttpResponse:
    """Open a help centre, or close it; see which articles did not help."""
    centre = _centre(request, pk, of)
    form = HelpCentreForm(request.POST or None, instance=centre)
    if request.POST and carried_out(
        form,
        lambda **data: set_up_help_centre(centre.company, desk=centre.desk, **data, by=request.actor),
    ):
        say(request, text=_("Saved."))
        return redirect(request.path)
    return _page(request, centre, form, LogoForm())


@require_POST
@requires(Permission.ARTICLES_APPROVE)
def logo(request: StaffRequest, pk: int, of: str = "company") -> HttpResponse:
    """Put a picture at its head, or take it away."""
    centre = _centre(request, pk, of)
    keep = partial(set_logo, centre.company, desk=centre.desk, by=request.actor)
    if "remove" in request.POST:
        keep(content=b"")
        say(request, text=_("The picture is taken away."))
        return redirect(_place(of), pk)
    form = LogoForm(request.POST, request.FILES)
    if carried_out(form, lambda file: keep(content=file.read(MOST_UPLOADED + 1))):
        say(request, text=_("Saved."))
        return redirect(_place(of), pk)
    return _page(request, centre, HelpCentreForm(instance=centre), form)


@require_POST
@requires(Permission.ARTICLES_APPROVE)
def host(request: StaffRequest, pk: int, of: str = "company") -> HttpResponse:
    """Look into the DNS for the proof that its address is the company's own."""
    centre = _centre(request, pk, of)
    try:
        prove_host(centre.company, desk=centre.desk, by=request.actor)
        say(request, text=_("The address is proven. The help centre stands there within half a minute."))
    except Refused as error:
        say(request, text=str(error), level=messages.ERROR)
    return redirect(_place(of), pk)


def _centre(request: StaffRequest, pk: int, of: str) -> HelpCentre:
    """The help centre of a company or of a desk, by whose id. Raises NotFound."""
    if of == "desk":
        desk = queries.desk_of_centre(request.actor, pk)
        return queries.centre_of(desk.company, desk)
    return queries.centre_of(queries.company_of_centre(request.actor, pk))


def _place(of: str) -> str:
    return "administration:desk_help_centre" if of == "desk" else "administration:help_centre"


def _page(request: StaffRequest, centre: HelpCentre, form: HelpCentreForm, picture: LogoForm) -> HttpResponse:
    page = page_of(request, queries.judged(centre.company, centre.desk))
    context = {"company": centre.company, "page": page, "centre": centre, "place": _place(centre.of)}
    context |= {
        "logo": queries.own_logo_named(centre),
        "picture": picture,
        "key": centre.desk_id or centre.company_id,
    }
    if centre.host:
        context["proof"] = record_of(centre.company, centre.host)
    return show_form(request, "help_centre", section="help_centres", form=form, **context)
