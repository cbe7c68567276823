"""Articles beside the composer: those that fit, taking words from one, and taking that back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.models import Case
from madoguchi.delivery.bases import cite, take_out
from madoguchi.delivery.spoken import say_on_call, unsay
from madoguchi.desk.pages.parts import DeskRequest, private, the_case
from madoguchi.desk.pages.scripts import beside_script
from madoguchi.desk.suggested import fitting_note, offered_for
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CASE_REPLY)
def articles(request: DeskRequest, number: str) -> HttpResponse:
    """A part of the case's page: the articles that fit, and what the answer rests on."""
    return _part(request, number)


@require_POST
@requires(Permission.CASE_NOTE)
def for_note(request: DeskRequest, number: str) -> HttpResponse:
    """A part of the case's page: the articles that fit what is typed in the note, as in a call, and what was said."""
    return _beside_note(request, the_case(request, number))


@require_POST
@requires(Permission.CASE_NOTE)
def said(request: DeskRequest, number: str, version: int) -> HttpResponse:
    """Keep that the customer was told by voice what an article says, or (`not`) that they were not after all."""
    case = the_case(request, number)
    if request.POST.get("not"):
        unsay(case, version, by=request.actor)
    else:
        say_on_call(case, version, by=request.actor)
    if request.POST.get("script"):
        return beside_script(request, number)
    return _beside_note(request, case) if request.htmx else redirect("desk:case", number=number)


@require_POST
@requires(Permission.CASE_REPLY)
def take(request: DeskRequest, number: str, version: int, how: str) -> HttpResponse:
    """Words of an article for the answer, as plain text; it is kept that they were taken."""
    try:
        words = cite(the_case(request, number), version, how, by=request.actor)
    except Refused as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=422)
    return private(request, HttpResponse(words, content_type="text/plain; charset=utf-8"))


@require_POST
@requires(Permission.CASE_REPLY)
def drop(request: DeskRequest, number: str, cited: int) -> HttpResponse:
    """Say that the answer does not rest on this."""
    take_out(the_case(request, number), cited, by=request.actor)
    return _part(request, number)


def _beside_note(request: DeskRequest, case: Case) -> HttpResponse:
    offered = fitting_note(case, request.POST.get("note", ""), reader=request.actor)
    context = {"offered": offered, "number": case.spoken_number(case.company.prefix)}
    return private(request, render(request, "desk/suggested_note.html", context))


def _part(request: DeskRequest, number: str) -> HttpResponse:
    all_that_fit = request.GET.get("all") == "1"
    case = the_case(request, number)
    offered = offered_for(case, reader=request.actor, all_that_fit=all_that_fit)
    context = {"offered": offered, "number": number}
    return private(request, render(request, "desk/suggested.html", context))
