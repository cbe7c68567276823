"""What a desk asks its customers once their case is solved."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.administration.forms.surveys import SurveyForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.surveys.actions import SaidOfSurvey, keep_survey
from madoguchi.surveys.queries import answer_rate, survey_of


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def desk_survey(request: StaffRequest, pk: int) -> HttpResponse:
    """Set up what customers of a desk are asked."""
    desk = desk_to_set_up(request.actor, pk)
    form = SurveyForm(request.POST or None, instance=survey_of(desk))
    if request.POST and carried_out(
        form, lambda **data: keep_survey(desk, SaidOfSurvey(**data), by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:desk", pk=pk)
    return show_form(request, "survey", section="desks", form=form, desk=desk, rate=answer_rate(desk))
