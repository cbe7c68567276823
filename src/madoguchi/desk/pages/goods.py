"""Products beside a case: what there is to tell of them, and that it was told."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import note_look
from madoguchi.cases.models import Case
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
    """Look for products and put up to four beside one another; a POST keeps that they were told so."""
    case = the_case(request, number)
    if request.method != "POST":
        return _shown(request, case, request.GET)
    try:
        told = keep(case, request.POST, by=request.actor)
    except Refused as error:
        return _shown(request, case, request.POST, problem=str(error))
    words = _("Kept as told to the customer: %(names)s")
    say(request, text=words % {"names": _("、").join(str(one) for one in told)})
    return redirect(case_url(case))


def _shown(request: DeskRequest, case: Case, asked: QueryDict, *, problem: str = "") -> HttpResponse:
    note_look(case, by=request.actor)
    context = {"case": case, "number": number_of(case), "problem": problem}
    context["goods"] = goods_of(case, asked, actor=request.actor)
    return apart(request, "desk/goods.html", context, status=422 if problem else 200)
