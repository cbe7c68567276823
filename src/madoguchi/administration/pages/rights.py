"""What customers demand of their data: received, checked, done and handed over."""

from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.rights import (
    ConsentWordsForm,
    CorrectionForm,
    DemandForm,
    ErasureForm,
    ProofForm,
    RefusalForm,
    ReleaseForm,
    WithholdForm,
)
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.cases.actions import note_list, note_look_at_customer
from madoguchi.companies.queries import companies_with
from madoguchi.customers.actions import write_words
from madoguchi.customers.consenting import words_in_force
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.access import StaffRequest, requires
from madoguchi.rights import actions
from madoguchi.rights.actions.erasing import start_erasure
from madoguchi.rights.actions.reviewing import open_file
from madoguchi.rights.demanding import demand
from madoguchi.rights.erasing import foreseen, in_the_way
from madoguchi.rights.keeping_back import parts_of
from madoguchi.rights.letters import letter_of
from madoguchi.rights.links import link_of
from madoguchi.rights.looking_over import may_open
from madoguchi.rights.models import Request
from madoguchi.rights.paper import as_pdf, certificate
from madoguchi.rights.queries import request_of, requests_of

_PLAIN = {
    "start": actions.start_disclosure,
    "again": actions.make_again,
    "hand_over": actions.hand_over,
    "stop": actions.stop_use,
    "resume": actions.resume_use,
}


@require_safe
@requires(Permission.RIGHTS)
def rights(request: StaffRequest) -> HttpResponse:
    """What was demanded, the newest first."""
    state = request.GET.get("state", "")
    page = page_of(request, requests_of(request.actor, state=state))
    note_list(customers=[one.customer_id for one in page if one.customer_id], by=request.actor)
    return show(request, "rights", section="rights", page=page, state=state, states=Request.State.choices)


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def right_new(request: StaffRequest) -> HttpResponse:
    """Write a demand down."""
    companies = companies_with(request.actor, Permission.RIGHTS).order_by("name")
    form = DemandForm(request.POST or None, companies=list(companies), initial=request.GET.dict())
    made = carried_out(form, lambda **said: demand(**said, by=request.actor))
    if made:
        return redirect("administration:right", pk=made.pk)
    return show_form(request, "right_new", section="rights", form=form)


@require_safe
@requires(Permission.RIGHTS)
def right(request: StaffRequest, pk: int) -> HttpResponse:
    """One demand, how far it is, and what can be done next."""
    return _shown(request, request_of(pk, actor=request.actor))


@require_POST
@requires(Permission.RIGHTS)
def right_check(request: StaffRequest, pk: int) -> HttpResponse:
    """Write down how who asks proved who they are."""
    found, form = request_of(pk, actor=request.actor), ProofForm(request.POST)
    if carried_out(form, lambda **said: actions.check(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, proof=form)


@require_POST
@requires(Permission.RIGHTS)
def right_refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Refuse it, with the reason."""
    found, form = request_of(pk, actor=request.actor), RefusalForm(request.POST)
    if carried_out(form, lambda **said: actions.refuse(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, refusal=form)


@require_POST
@requires(Permission.RIGHTS)
def right_act(request: StaffRequest, pk: int, act: str) -> HttpResponse:
    """Begin it, make it anew, or say that it was handed over."""
    if act not in _PLAIN:
        raise NotFound(act)
    _PLAIN[act](request_of(pk, actor=request.actor), by=request.actor)
    return redirect("administration:right", pk=pk)


@require_safe
@requires(Permission.RIGHTS)
def right_file(request: StaffRequest, pk: int) -> FileResponse:
    """What was made, for who hands it over by another way than the link."""
    found = request_of(pk, actor=request.actor)
    file = open_file(found, by=request.actor)
    return FileResponse(file, as_attachment=True, filename=f"disclosure-{found.pk}.zip")


@require_POST
@requires(Permission.RIGHTS)
def right_erase(request: StaffRequest, pk: int) -> HttpResponse:
    """Have everything of the customer go: by a second person, or by the number that is typed."""
    found, form = request_of(pk, actor=request.actor), ErasureForm(request.POST)
    if carried_out(form, lambda **said: start_erasure(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, erasure=form)


@require_POST
@requires(Permission.RIGHTS)
def right_correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Put right what is wrong in the record."""
    found, form = request_of(pk, actor=request.actor), CorrectionForm(request.POST)
    if carried_out(form, lambda **said: actions.correct(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, correction=form)


@require_POST
@requires(Permission.RIGHTS)
def right_release(request: StaffRequest, pk: int) -> HttpResponse:
    """Let what was looked over go: by a second person, or by the number that is typed."""
    found, form = request_of(pk, actor=request.actor), ReleaseForm(request.POST)
    if carried_out(form, lambda **said: actions.release(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, releasing=form)


@require_POST
@requires(Permission.RIGHTS)
def right_withhold(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep parts back, and have it made anew without them."""
    found = request_of(pk, actor=request.actor)
    form = WithholdForm(request.POST, parts=parts_of(found))
    if carried_out(form, lambda **said: actions.withhold(found, **said, by=request.actor)):
        return redirect("administration:right", pk=pk)
    return _shown(request, found, withholding=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.RIGHTS)
def consent_words(request: StaffRequest) -> HttpResponse:
    """The words to which customers consent, by company and purpose, and new ones."""
    companies = list(companies_with(request.actor, Permission.RIGHTS).order_by("name"))
    form = ConsentWordsForm(request.POST or None, companies=companies)
    if carried_out(form, lambda company, **said: write_words(company, **said, by=request.actor)):
        return redirect("administration:consent_words_new")
    words = [one for each in companies for one in words_in_force(each.pk).values()]
    return show_form(request, "consent_words", section="rights", form=form, words=words)


@require_safe
@requires(Permission.RIGHTS)
def right_certificate(request: StaffRequest, pk: int) -> HttpResponse:
    """The certificate of an erasure, as PDF."""
    found = request_of(pk, actor=request.actor)
    if found.kind != Request.Kind.ERASURE or found.state != Request.State.DONE:
        raise NotFound(pk)
    paper = as_pdf(certificate(found.result, found.digest))
    name = f'attachment; filename="erasure-{found.pk}.pdf"'
    return HttpResponse(paper, content_type="application/pdf", headers={"Content-Disposition": name})


def _foreseen(found: Request) -> dict[str, Any]:
    """What an erasure would come to, and what is in its way."""
    if found.kind != Request.Kind.ERASURE or not found.is_open:
        return {}
    went = foreseen(found.customer)
    counts = {"gone": went.gone.total(), "emptied": went.emptied.total(), "kept": went.kept.total()}
    return {"foreseen": counts, "in_the_way": in_the_way(found.customer)}


def _shown(request: StaffRequest, found: Request, **forms: Any) -> HttpResponse:
    """The page of a demand, with what can be filled in now."""
    note_look_at_customer(found.customer_id, by=request.actor)
    context: dict[str, Any] = {
        "proof": ProofForm(),
        "refusal": RefusalForm(),
        "erasure": ErasureForm(),
        "releasing": ReleaseForm(),
        "correction": CorrectionForm.of(found.customer),
        "letter": letter_of(found),
    }
    if found.kind == Request.Kind.DISCLOSURE and found.state in (Request.State.MADE, Request.State.RELEASED):
        kept = [one["part"] for one in found.withheld]
        context["withholding"] = WithholdForm(parts=parts_of(found), initial={"parts": kept})
    context |= _foreseen(found) | forms
    there = bool(found.archive)
    context |= {
        "demand": found,
        "may_open": may_open(found, request.actor),
        "link": link_of(found) if there else "",
        "sum": sum(found.result.get("rows", {}).values()),
    }
    return show_form(request, "right", section="rights", **context)
