"""What companies agree on against harassment, and how far both sides are with their duties."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.shield import ConductForm, TermsForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.shield.conduct import (
    USUAL,
    USUAL_QUOTED,
    approve_policy,
    newest_policy,
    versions_of,
    write_policy,
)
from madoguchi.shield.duties import duties_of, partners_of, set_duty
from madoguchi.shield.models import ConductPolicy, Terms
from madoguchi.shield.policies import may_approve_terms
from madoguchi.shield.queries import terms_of
from madoguchi.shield.terms import USUAL_ENDING, USUAL_WARNING, approve_terms, set_terms


@require_safe
@requires(Permission.DESKS)
def shields(request: StaffRequest) -> HttpResponse:
    """The companies that one sets up."""
    page = page_of(request, companies_with(request.actor, Permission.DESKS))
    return show(request, "shields", section="shields", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def shield(request: StaffRequest, pk: int) -> HttpResponse:
    """What a company agrees on; the usual words stand there to begin with."""
    company = company_with(request.actor, pk, Permission.DESKS)
    form = TermsForm(request.POST or None, instance=_begun(terms_of(pk)))
    if request.POST and carried_out(form, lambda **data: set_terms(company, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:shield", pk)
    context: dict[str, Any] = {"form": form, "company": company, "terms": terms_of(pk)}
    context["approves"] = may_approve_terms(request.actor, company=pk)
    return show_form(request, "shield", section="shields", **context)


@require_POST
@requires(Permission.DESKS)
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    """Let the words that were seen be used."""
    _approve(request, pk, approve_terms, words=_("Approved. Desks can use these words now."))
    return redirect("administration:shield", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DESKS)
def conduct(request: StaffRequest, pk: int) -> HttpResponse:
    """What a company tells its customers about harassment: its versions, and a form for the next."""
    company, newest = company_with(request.actor, pk, Permission.DESKS), newest_policy(pk)
    form = ConductForm(request.POST or None, initial=_policy_begun(newest))
    if request.POST and carried_out(form, lambda **data: write_policy(company, **data, by=request.actor)):
        say(request, text=_("Saved. Customers read it once the company has approved it."))
        return redirect("administration:conduct", pk)
    context: dict[str, Any] = {"company": company, "newest": newest, "versions": versions_of(pk)}
    context["approves"] = may_approve_terms(request.actor, company=pk)
    return show_form(request, "conduct", section="shields", form=form, **context)


@require_POST
@requires(Permission.DESKS)
def approve_conduct(request: StaffRequest, pk: int) -> HttpResponse:
    """Let customers read the version that was seen."""
    _approve(request, pk, approve_policy, words=_("Approved. Customers read it now."))
    return redirect("administration:conduct", pk)


def _approve(request: StaffRequest, pk: int, act: Callable[..., Any], *, words: str) -> None:
    """Approve the version that was seen, and say so, or why not."""
    company = company_with(request.actor, pk, Permission.DESKS)
    try:
        act(company, version=_version(request), by=request.actor)
        say(request, text=words)
    except Conflict as error:
        say(request, text=str(error))


def _policy_begun(newest: ConductPolicy | None) -> dict[str, str]:
    return {"text": newest.text if newest else USUAL, "quoted": newest.quoted if newest else USUAL_QUOTED}


def _version(request: StaffRequest) -> int:
    seen = request.POST.get("version", "")
    return int(seen) if seen.isdecimal() and len(seen) < 9 else 0


@require_safe
@requires(Permission.AUDIT)
def duties(request: StaffRequest) -> HttpResponse:
    """Every company and operator that work together and for one of which one answers."""
    return show(request, "duties", section="duties", partners=partners_of(request.actor))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.AUDIT)
def duty(request: StaffRequest, pk: int, operator: int) -> HttpResponse:
    """Both sides of each duty, side by side; posted, one of one's own is changed."""
    problem = ""
    if request.method == "POST":
        try:
            _set(request, pk, operator)
            say(request, text=_("Saved."))
            return redirect("administration:duty", pk, operator)
        except Refused as error:
            problem = str(error)
    context: dict[str, Any] = {"rows": duties_of(pk, operator, actor=request.actor), "problem": problem}
    company, partner = next(p for p in partners_of(request.actor) if (p[0].pk, p[1].pk) == (pk, operator))
    context |= {"company": company, "operator": partner, "key": request.POST.get("key", "")}
    return show(request, "duty", section="duties", status=422 if problem else 200, **context)


def _set(request: StaffRequest, company: int, operator: int) -> None:
    form = request.POST
    try:
        due = date.fromisoformat(form["due"]) if form.get("due") else None
    except ValueError:
        raise Refused(_("Write a day."), field="due") from None
    said = {"who": form.get("who", ""), "done": form.get("done") == "yes", "note": form.get("note", "")}
    set_duty(company, operator, form.get("key", ""), due_on=due, by=request.actor, **said)  # type: ignore[arg-type]


def _begun(terms: Terms) -> Terms:
    if not terms.version:
        terms.warning, terms.ending = terms.warning or USUAL_WARNING, terms.ending or USUAL_ENDING
    return terms
