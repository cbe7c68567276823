"""A fault of a product walked through beside a case: symptom, the likeliest cause, what came of its remedy."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.commerce.diagnosing import (
    MOST_SYMPTOMS,
    keep_result,
    next_step,
    remedy_of,
    steps_of,
    symptom_of,
    symptoms_of,
)
from madoguchi.commerce.models import Trial
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, the_case
from madoguchi.gaps.actions import ask_for_article
from madoguchi.gaps.models import Gap
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_READ)
def diagnosis(request: DeskRequest, number: str) -> HttpResponse:
    """Choose a symptom, then its remedies one by one; a POST says what came of one, or asks for an article."""
    case = the_case(request, number)
    if request.method != "POST":
        return _shown(request, case)
    try:
        return _said(request, case)
    except Refused as error:
        return _shown(request, case, problem=str(error))


def _said(request: DeskRequest, case: Case) -> HttpResponse:
    symptom = symptom_of(whole_number(request.POST.get("symptom", "")) or 0, company=case.company_id)
    if request.POST.get("do") == "gap":
        ask_for_article(case, [symptom.name], about=Gap.About.DIAGNOSIS, by=request.actor)
        say(request, text=_("“%(names)s” stands among what no article says.") % {"names": symptom.name})
    else:
        remedy = remedy_of(whole_number(request.POST.get("remedy", "")) or 0, symptom)
        result = request.POST.get("result", "")
        keep_result(remedy, result, case=case.pk, desk=case.desk_id, by=request.actor)
    return redirect(f"{reverse('desk:diagnosis', args=[number_of(case)])}?symptom={symptom.pk}")


def _shown(request: DeskRequest, case: Case, *, problem: str = "") -> HttpResponse:
    note_look(case, by=request.actor)
    asked = request.POST if request.method == "POST" else request.GET
    q, pk = asked.get("q", "")[:100].strip(), whole_number(asked.get("symptom", ""))
    symptom = symptom_of(pk, company=case.company_id) if pk else None
    steps = steps_of(symptom, case=case.pk) if symptom else []
    context = {
        "case": case,
        "number": number_of(case),
        "q": q,
        "symptom": symptom,
        "steps": steps,
        "step": next_step(steps),
        "solved": any(one.here == Trial.Result.HELPED for one in steps),
        "symptoms": [] if symptom else symptoms_of(case.company_id, words=q)[:MOST_SYMPTOMS],
        "results": Trial.Result.choices,
        "may": request.actor.may(Permission.CASE_NOTE, company=case.company_id, desk=case.desk_id),
        "problem": problem,
    }
    return apart(request, "desk/diagnosis.html", context, status=422 if problem else 200)
