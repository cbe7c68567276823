"""Filling in what the desk wants to know of a case."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from madoguchi.cases.actions import choose_matter, fill
from madoguchi.cases.models import Case
from madoguchi.desk.form import Problem, form_shown, offers_for
from madoguchi.desk.pages.parts import (
    DeskRequest,
    acted,
    full_page,
    private,
    the_case,
    wanted_by,
    wanted_then,
)
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.people.access import requires

MOST_TYPED = 200
Page = Callable[[DeskRequest, str], HttpResponse]


@require_POST
@requires(Permission.CASE_UPDATE)
def field(request: DeskRequest, number: str) -> HttpResponse:
    """Keep one value; what it cannot be is said under it."""
    case, name = the_case(request, number), request.POST.get("field", "")
    written = request.POST.get("value", "")
    seen = request.POST.get("seen")
    try:
        fill(case, field=_id(name) or 0, written=written, seen=seen, by=request.actor)
    except (Refused, Conflict) as error:
        return _not_kept(request, case, Problem(name, str(error), written), error)
    return acted(request, case)


@require_POST
@requires(Permission.CASE_UPDATE)
def matter(request: DeskRequest, number: str) -> HttpResponse:
    """Say of which kind the matter is."""
    case, chosen = the_case(request, number), request.POST.get("matter", "")
    seen = _id(request.POST["seen"]) if "seen" in request.POST else ""
    try:
        choose_matter(case, to=_id(chosen), seen=seen, by=request.actor)
    except (Refused, Conflict) as error:
        return _not_kept(request, case, Problem("matter", str(error), chosen), error)
    return acted(request, case)


@require_GET
@requires(Permission.CASE_UPDATE)
def offered(request: DeskRequest, number: str, field: int) -> HttpResponse:
    """What may be meant in a field that refers to a product or an order, while somebody types."""
    case = the_case(request, number)
    found = offers_for(case, field, request.GET.get("value", "")[:MOST_TYPED], actor=request.actor)
    return private(request, render(request, "desk/case_form_offered.html", {"offers": found}))


def first_filled(then: str) -> Callable[[Page], Page]:
    """Where an act is refused for what is missing, show that where it is filled in. `then` is what was wanted; empty
    for the status that the form names.
    """

    def around(page: Page) -> Page:
        @wraps(page)
        def shown(request: DeskRequest, number: str) -> HttpResponse:
            try:
                return page(request, number)
            except Refused as error:
                if error.field != "fields":
                    raise
                return missing(request, number, str(error), then=then or request.POST.get("status", ""))

        return shown

    return around


def missing(request: DeskRequest, number: str, words: str, *, then: str) -> HttpResponse:
    """What is missing, marked where it is filled in."""
    if not request.htmx:
        return full_page(request, wanted_by(request), number, notice=words, then=then, status=422)
    case = the_case(request, number)
    form = form_shown(case, actor=request.actor, then=then)
    context = {"form": form, "case": case, "wanted": wanted_by(request)}
    return private(request, render(request, "desk/case_form.html", context, status=422))


def _id(written: str) -> int | None:
    return whole_number(written)


def _not_kept(request: DeskRequest, case: Case, problem: Problem, error: Refused | Conflict) -> HttpResponse:
    """What stands there now and why it was not kept: after a conflict the value is the other's, for one to look at."""
    status = 409 if isinstance(error, Conflict) else 422
    number = case.spoken_number(case.company.prefix)
    if not request.htmx:
        return full_page(request, wanted_by(request), number, notice=problem.words, status=status)
    fresh = the_case(request, number)
    form = form_shown(fresh, actor=request.actor, problem=problem, then=wanted_then(request))
    context = {"form": form, "case": fresh, "wanted": wanted_by(request), "problem": problem}
    return private(request, render(request, "desk/case_form.html", context, status=status))
