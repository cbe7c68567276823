"""Who read very many customers, what was shown to whom for which reason, and from when on a company is told."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.parts import FIELD_NAMES
from madoguchi.administration.forms.reading import ReadingLimitForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.cases.reading import (
    ReadingAlarm,
    alarms_of,
    is_raised,
    limit_of,
    limit_said,
    limits_of,
    mark_looked,
    set_reading_limit,
    unseen_of,
)
from madoguchi.companies.models import Company
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.customers.unmasking import unmaskings_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires

_SHOWN = 50


@require_safe
@requires(Permission.RIGHTS)
def reading(request: StaffRequest) -> HttpResponse:
    """The companies for whose customers one answers, and how many alarms nobody has looked at."""
    page = page_of(request, companies_with(request.actor, Permission.RIGHTS))
    shown = [one.pk for one in page]
    limits, unseen = limits_of(shown), unseen_of(shown)
    rows = [(one, *limits[one.pk], unseen[one.pk]) for one in page]
    return show(request, "reading", section="reading", page=page, rows=rows)


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def reading_of(request: StaffRequest, pk: int) -> HttpResponse:
    """What one company was told of, and from how many customers an hour and a day on it is."""
    company = company_with(request.actor, pk, Permission.RIGHTS)
    said = limit_said(pk)
    form = ReadingLimitForm(request.POST or None, initial=vars(said))
    if request.POST and carried_out(form, lambda **wanted: _set(company, request, **wanted)):
        say(request, text=_("Saved."))
        return redirect("administration:reading_of", pk=pk)
    shown = Paginator(unmaskings_of(pk), _SHOWN).get_page(request.GET.get("shown"))
    context = {"company": company, "form": form, "page": page_of(request, alarms_of(pk))}
    context |= {"raised": is_raised(said) and said, "counts": limit_of(pk)}
    context["unmasked"] = [(one, FIELD_NAMES[one.field]) for one in shown]
    return show_form(request, "reading_of", section="reading", **context)


@require_POST
@requires(Permission.RIGHTS)
def reading_seen(request: StaffRequest, pk: int, alarm: int) -> HttpResponse:
    """Say that one has looked at an alarm."""
    company = company_with(request.actor, pk, Permission.RIGHTS)
    found = ReadingAlarm.objects.filter(company=company, pk=alarm).first()
    if found is None:
        raise NotFound(alarm)
    try:
        mark_looked(found, by=request.actor)
    except Refused as error:
        say(request, text=str(error))
    return redirect("administration:reading_of", pk=pk)


def _set(company: Company, request: StaffRequest, **wanted: int) -> bool:
    set_reading_limit(company, **wanted, by=request.actor)
    return True
