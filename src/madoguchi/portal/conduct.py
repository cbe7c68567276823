"""What a company tells about harassment by customers, for anybody; and the customer's objection to how we acted.

Whoever was warned, or whose talk was ended, objects on the page that the link of their case opens: no account, and
nobody of ours in between.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften, count
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.people.access import public
from madoguchi.portal.pages import case_of, says_when_ended
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, refusal_words, visitor_key
from madoguchi.shield.appealing import object_to
from madoguchi.shield.conduct import conduct_link, policy_of
from madoguchi.shield.queries import Measure, measures_of

WINDOW, MOST_OF_VISITOR, MOST_OF_CASE = 600, 20, 20


@public("what a company tells all its customers about harassment is for anybody")
@require_safe
@in_visitors_language
def conduct(request: HttpRequest, company: str, version: int | None = None) -> HttpResponse:
    """The policy on harassment in force, or the version that somebody was told of."""
    found, in_force = policy_of(company, version)
    context: dict[str, Any] = {"policy": found, "in_force": in_force, **company_head(found.company)}
    context["newest"] = reverse("portal:conduct", args=[company])
    return render(request, "portal/conduct.html", context)


@public("who holds the signed link of a case is its customer")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_visitors_language
@discreet
@says_when_ended
def objection(request: HttpRequest, signed: str, mark: int) -> HttpResponse:
    """The customer objects to a measure that they were told of; somebody who had no part in it answers."""
    case, problem = case_of(signed), ""
    with scope.acting_for([case.company_id]):
        told = next((one for one in measures_of(case) if one.mark.pk == mark), None)
        if told is None:
            raise NotFound(mark)
        if request.method == "POST":
            problem = _object(request, told, case.pk)
            if not problem:
                return redirect(f"{reverse('portal:case', args=[signed])}#conduct")
        policy = conduct_link(case.company)
    context = {"told": told, "signed": signed, "problem": problem, "conduct_url": policy}
    context |= {"words": request.POST.get("words", ""), **company_head(case.company)}
    return render(request, "portal/objection.html", context, status=422 if problem else 200)


def _object(request: HttpRequest, told: Measure, case: int) -> str:
    """Why it was not taken; empty once it was."""
    try:
        count(f"portal:visitor:{visitor_key(request)}", most=MOST_OF_VISITOR, seconds=WINDOW)
        count(f"portal:objection:{case}", most=MOST_OF_CASE, seconds=WINDOW)
        object_to(told.mark, words=request.POST.get("words", ""))
    except (Refused, Conflict, TooOften) as error:
        return refusal_words(error)
    return ""
