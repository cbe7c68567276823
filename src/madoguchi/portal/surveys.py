"""What a customer is asked on their own page once their case is solved, and the thanks for it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from madoguchi.cases.models import Case
from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften, count
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.people.access import public
from madoguchi.portal.pages import case_of, says_when_ended
from madoguchi.portal.survey_form import SurveyForm
from madoguchi.portal.visitors import company_head, discreet, in_visitors_language, refusal_words, visitor_key
from madoguchi.surveys.actions import answer_survey
from madoguchi.surveys.queries import last_answer, may_be_asked_for_a_review, questions_for, survey_of

WINDOW, MOST_OF_VISITOR = 600, 30


@public("who holds the signed link of a case is its customer")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@in_visitors_language
@discreet
@says_when_ended
def survey(request: HttpRequest, signed: str) -> HttpResponse:
    """What is asked; posted, what was answered; then thanks, and where to write a review."""
    found = case_of(signed)
    with scope.acting_for([found.company_id]):
        form = SurveyForm(request.POST or None, questions=questions_for(found))
        if form.is_bound and _answered(request, form, found):
            return redirect(request.path)
        told = thanks_of(found)
    context = {"form": form, "signed": signed, **told, **company_head(found.company)}
    context["number"] = found.spoken_number(found.company.prefix)
    return render(request, "portal/survey.html", context, status=422 if form.errors else 200)


def thanks_of(case: Case) -> dict[str, Any]:
    """What is said to who answered: `answered` (solved or not; None: nothing since it was solved last), and where to
    write a review, if they are asked for one.
    """
    said = last_answer(case)
    asked = said is not None and said.data["review_asked"] and may_be_asked_for_a_review(case)
    review = survey_of(case.desk).review_url if asked else ""
    return {"answered": said.data["solved"] if said else None, "review_url": review}


def _answered(request: HttpRequest, form: SurveyForm, case: Case) -> bool:
    if not form.is_valid():
        return False
    try:
        count(f"portal:survey:{visitor_key(request)}", most=MOST_OF_VISITOR, seconds=WINDOW)
        answer_survey(case, form.cleaned_data)
    except (Refused, Conflict, TooOften) as error:
        form.add_error(None, refusal_words(error))
    return not form.errors
