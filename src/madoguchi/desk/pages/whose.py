"""Giving a case to another customer's record, with a preview."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.cases.actions import give_to_customer, note_look
from madoguchi.cases.models import Case
from madoguchi.customers.queries import view_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.one_person import found, likely, require_whole_sight
from madoguchi.desk.pages.parts import Context, DeskRequest, case_url, lead_to, private, the_case
from madoguchi.desk.whose import chosen, give_to_new, preview_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMER_EDIT)
def whose(request: DeskRequest, number: str) -> HttpResponse:
    """Choose whose case it is, see what would happen (GET), and let it happen (POST)."""
    case = the_case(request, number)
    require_whole_sight(case.customer, asked=request.GET.get("q", ""), actor=request.actor)
    try:
        if request.method == "POST":
            return _given(request, case)
        note_look(case, by=request.actor)
        return _choosing(request, case, **_asked(request, case))
    except Refused as refused:
        asked = request.POST if request.method == "POST" else request.GET
        said = {name: asked.get(name, "") for name in ("q", "name")}
        return _choosing(request, case, problem=str(refused), wrong=refused.field, **said)


def _asked(request: DeskRequest, case: Case) -> Context:
    words, other = request.GET.get("q", "").strip(), request.GET.get("other", "")
    if other:
        to = chosen(other, actor=request.actor)
        return {"other": other, "preview": preview_of(case, to=to, actor=request.actor)}
    return {"q": words, "records": found(words, beside=case.customer, actor=request.actor)} if words else {}


def _given(request: DeskRequest, case: Case) -> HttpResponse:
    before = case.customer_id
    if "name" in request.POST:
        give_to_new(case, name=request.POST["name"], by=request.actor)
    else:
        to = chosen(request.POST.get("other") or request.GET.get("other", ""), actor=request.actor)
        give_to_customer(case, to=to, by=request.actor)
    undo = f"{reverse('desk:whose', args=[number_of(case)])}?other={before}"
    say(request, text=_("The case is another customer’s now."), undo_url=undo)
    return lead_to(request, case_url(case))


def _choosing(request: DeskRequest, case: Case, **more: object) -> HttpResponse:
    context = {
        "case": case,
        "number": number_of(case),
        "back": case_url(case),
        "now": view_of(case.customer, actor=request.actor),
        **more,
    }
    if "preview" not in more:
        context.setdefault("records", likely(case.customer, actor=request.actor))
    page = render(request, "desk/whose.html", context, status=422 if "problem" in more else 200)
    return private(request, page)
