"""Colleagues at one case: who has it open, who writes the answer, taking that over."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases.actions import be_here, leave, release_reply, take_over
from madoguchi.cases.policies import require_colleague
from madoguchi.desk.pages.parts import DeskRequest, acted, the_case, told_together
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires


@require_POST
@requires(Permission.CASE_NOTE)
def here(request: DeskRequest, number: str) -> HttpResponse:
    """A page says that its reader is still there, and whether they write (`yes`) or have ended to (`done`).

    It is told who else is there, and what they write where its `draft` is not that.
    """
    case, writing = the_case(request, number), request.POST.get("writing")
    require_colleague(case, by=request.actor)
    if writing == "done":
        release_reply(case, by=request.actor)
    be_here(case, writing=writing == "yes", by=request.actor)
    return told_together(request, case, seen=request.POST.get("draft", ""))


@require_POST
@requires(Permission.CASE_NOTE)
def gone(request: DeskRequest, number: str) -> HttpResponse:
    """The page was closed or went on to another case."""
    leave(the_case(request, number), by=request.actor)
    return HttpResponse(status=204)


@require_POST
@requires(Permission.CASE_TAKE_OVER)
def taken_over(request: DeskRequest, number: str) -> HttpResponse:
    """Go on with the answer that somebody else was writing."""
    case = the_case(request, number)
    take_over(case, by=request.actor)
    words = _(
        "The answer is yours to write now. What stands there is kept for who wrote it, too, once you change it."
    )
    return acted(request, case, words, composer=True)
