"""Products beside a case: what there is to tell of them, and that it was told."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
from madoguchi.desk.fitting import ask, tell
from madoguchi.desk.goods import goods_of, keep
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_READ)
def goods(request: DeskRequest, number: str) -> HttpResponse:
    """Look for products and put up to four beside one another, with what works together; a POST keeps that it was told
    so, or asks for an article (`do`)."""
    case = the_case(request, number)
    if request.method != "POST":
        return _shown(request, case, request.GET)
    try:
        words, back = _done(request, case, request.POST.get("do", ""))
    except Refused as error:
        return _shown(request, case, request.POST, problem=str(error))
    say(request, text=words)
    return redirect(back)


def _done(request: DeskRequest, case: Case, do: str) -> tuple[str, str]:
    """What was said and where it leads: that something was told, or that nothing is known of a pair."""
    if do == "gap":
        gap = ask(case, request.POST, by=request.actor)
        names = "・".join(gap.named)
        back = f"{reverse('desk:goods', args=[number_of(case)])}?{_chosen(request.POST)}"
        return _("“%(names)s” stands among what no article says.") % {"names": names}, back
    told = (tell if do == "fits" else keep)(case, request.POST, by=request.actor)
    names = _("、").join(str(one) for one in told)
    return _("Kept as told to the customer: %(names)s") % {"names": names}, case_url(case)


def _chosen(asked: QueryDict) -> str:
    """What was chosen, as the address says it."""
    kept = QueryDict(mutable=True)
    kept.setlist("v", asked.getlist("v")[:4])
    kept["with"] = asked.get("with", "")[:100]
    return kept.urlencode()


def _shown(request: DeskRequest, case: Case, asked: QueryDict, *, problem: str = "") -> HttpResponse:
    note_look(case, by=request.actor)
    context = {"case": case, "number": number_of(case), "problem": problem}
    context["goods"] = goods_of(case, asked, actor=request.actor)
    return apart(request, "desk/goods.html", context, status=422 if problem else 200)
