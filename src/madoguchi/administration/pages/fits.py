"""What works together: listed, kept one by one or as a table, and dropped."""

import csv
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.administration.forms.shop import FitForm, FitTableForm
from madoguchi.administration.pages.frame import carried_out, page_of, show_form
from madoguchi.administration.pages.shops import company_of
from madoguchi.administration.tables import as_file, say_kept
from madoguchi.commerce.fits import Said, drop_fit, fit_to_keep, fits_to_keep, keep_fits
from madoguchi.commerce.models import Fit
from madoguchi.companies.models import Company
from madoguchi.imports.fit_table import read_fits, written_fits
from madoguchi.imports.product_table import Wrong
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires

_SHOWN = 20


@require_safe
@requires(Permission.SHOP)
def fits(request: StaffRequest, pk: int) -> HttpResponse:
    """What works together at a company, by a word of it."""
    return _shown(request, company_of(request, pk))


@require_POST
@requires(Permission.SHOP)
def fit_keep(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep one pair, or say something else of it than before."""
    company, form = company_of(request, pk), FitForm(request.POST)
    if carried_out(form, lambda **said: keep_fits(company, [Said(**said)], by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:fits", pk=pk)
    return _shown(request, company, form=form)


@require_POST
@requires(Permission.SHOP)
def fits_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Look through a table, or have it as it says; rows that make no sense are told, the others come."""
    company, form = company_of(request, pk), FitTableForm(request.POST, request.FILES)
    wrong: list[Wrong] = []
    if carried_out(form, lambda table: wrong.extend(_taken_in(request, company, table))) and not wrong:
        return redirect("administration:fits", pk=pk)
    return _shown(request, company, table_form=form, wrong=wrong[:_SHOWN])


@require_safe
@requires(Permission.SHOP)
def fits_out(request: StaffRequest, pk: int) -> HttpResponse:
    """All pairs as a table that can be changed and taken in again."""
    company = company_of(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="compatibility-{company.slug}.csv"'
    response.write("\ufeff")
    csv.writer(response).writerows(written_fits(fits_to_keep(pk)))
    return response


@require_POST
@requires(Permission.SHOP)
def fit_drop(request: StaffRequest, pk: int, fit: int) -> HttpResponse:
    """Say that nothing is known of a pair any more; its words stand in the form, so that they can be kept again."""
    company = company_of(request, pk)
    found = fit_to_keep(fit, company=pk)
    drop_fit(found, by=request.actor)
    say(request, text=_("“%(names)s” is dropped. It stands in the form to be kept again.") % {"names": found})
    back = QueryDict(mutable=True)
    back.update(_said_of(found))
    return redirect(f"{reverse('administration:fits', args=[company.pk])}?{back.urlencode()}")


def _said_of(fit: Fit) -> dict[str, str]:
    said = {name: getattr(fit, name) for name in ("outside", "verdict", "conditions", "source", "sourced_on")}
    said = {name: str(value) for name, value in said.items()}
    return said | {"product": fit.product.code, "other": fit.other.code if fit.other else ""}


def _taken_in(request: StaffRequest, company: Company, table: Any) -> list[Wrong]:
    with as_file(table) as path:
        found = read_fits(path)
    say_kept(request, keep_fits(company, found.fits, by=request.actor))
    return found.wrong


def _shown(request: StaffRequest, company: Company, **bound: Any) -> HttpResponse:
    words = request.GET.get("q", "")[:100]
    context = {
        "company": company,
        "page": page_of(request, fits_to_keep(company.pk, words=words)),
        "q": words,
        "form": FitForm(initial={name: request.GET.get(name, "")[:500] for name in FitForm.base_fields}),
        "table_form": FitTableForm(),
        "wrong": [],
    }
    return show_form(request, "fits", section="shops", **{**context, **bound})
