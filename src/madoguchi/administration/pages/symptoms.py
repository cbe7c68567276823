"""Symptoms of products: written with a preview, with what was learned of each remedy, and taken out of use."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.shop import SymptomForm
from madoguchi.administration.pages.frame import carried_out, page_of, show_form
from madoguchi.administration.pages.shops import company_of
from madoguchi.commerce.diagnosing import (
    keep_symptom,
    read_remedies,
    steps_of,
    symptom_of,
    symptoms_of,
    use_symptom,
)
from madoguchi.commerce.models import Symptom
from madoguchi.companies.models import Company
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.SHOP)
def symptoms(request: StaffRequest, pk: int) -> HttpResponse:
    """The symptoms of a company, by a word of them."""
    company, words = company_of(request, pk), request.GET.get("q", "")[:100]
    page = page_of(request, symptoms_of(pk, words=words, active=None))
    return show_form(request, "symptoms", section="shops", company=company, page=page, q=words, form=None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def symptom_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Write a symptom, look at it, and keep it."""
    return _written(request, company_of(request, pk), None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def symptom(request: StaffRequest, pk: int, symptom: int) -> HttpResponse:
    """Change a symptom; what stays as it was written keeps what was learned of it."""
    company = company_of(request, pk)
    return _written(request, company, symptom_of(symptom, company=pk, active=None))


@require_POST
@requires(Permission.SHOP)
def symptom_use(request: StaffRequest, pk: int, symptom: int) -> HttpResponse:
    """Take a symptom out of use, or back into it."""
    company_of(request, pk)
    found = symptom_of(symptom, company=pk, active=None)
    use_symptom(found, active=not found.active, by=request.actor)
    say(request, text=_("Saved."))
    return redirect("administration:symptoms", pk=pk)


def _written(request: StaffRequest, company: Company, found: Symptom | None) -> HttpResponse:
    form = SymptomForm(request.POST or None, initial=_said_of(found) if found else None)
    preview: list[tuple[str, str]] = []
    if request.POST and "preview" in request.POST:
        carried_out(form, lambda **said: preview.extend(read_remedies(said["remedies"])))
    elif request.POST and carried_out(
        form, lambda **said: keep_symptom(company, **said, symptom=found, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:symptoms", pk=company.pk)
    steps = steps_of(found) if found else []
    context = {"company": company, "symptom": found, "form": form, "preview": preview, "steps": steps}
    return show_form(request, "symptom", section="shops", **context)


def _said_of(found: Symptom) -> dict[str, str]:
    rows = found.remedies.filter(active=True).order_by("place", "pk")
    lines = "\n".join(f"{one.cause} | {one.words}" for one in rows)
    return {"name": found.name, "code": found.product.code if found.product else "", "remedies": lines}
