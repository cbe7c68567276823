"""Joining two records of one person, with a preview, and parting them again."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import join_customers, part_customers
from madoguchi.cases.actions.sure import Unsure
from madoguchi.cases.models import Case
from madoguchi.customers.queries import join_by_id
from madoguchi.desk.merging import number_of
from madoguchi.desk.one_person import (
    callers_since,
    found,
    likely,
    pair,
    preview_of,
    require_whole_sight,
    sure_of_both,
    was_joined,
)
from madoguchi.desk.pages.parts import Context, DeskRequest, case_url, lead_to, looked_at, private, the_case
from madoguchi.desk.pages.sure import asks_who_it_is
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CUSTOMER_EDIT)
def same_person(request: DeskRequest, number: str) -> HttpResponse:
    """Which records may be of the person of this case: a part beside it, or the page to choose one."""
    case = looked_at(request, number)
    if not request.htmx:
        return redirect("desk:join", number=number)
    records = likely(case.customer, actor=request.actor)
    joins = was_joined(case.customer, actor=request.actor)
    context = {"number": number_of(case), "likely": records, "joins": joins}
    return private(request, render(request, "desk/same_person.html", context))


@require_http_methods(["GET", "POST"])
@requires(Permission.CUSTOMER_EDIT)
@asks_who_it_is
def joining(request: DeskRequest, number: str) -> HttpResponse:
    """Choose the other record, see what would happen (GET), and let it happen (POST)."""
    case = looked_at(request, number)
    require_whole_sight(case.customer, asked=request.GET.get("q", ""), actor=request.actor)
    try:
        if request.method == "POST":
            return _joined(request, case)
        return _choosing(request, case, **_asked(request, case))
    except Unsure:
        raise
    except Refused as refused:
        return _choosing(request, case, q=request.GET.get("q", ""), problem=str(refused))


@require_POST
@requires(Permission.CUSTOMER_EDIT)
def part(request: DeskRequest, join: int) -> HttpResponse:
    """Make two records of them again, and go on at the case one came from."""
    joined = join_by_id(join, actor=request.actor)
    from_case = request.GET.get("case") or request.POST.get("case", "")
    back = case_url(the_case(request, from_case)) if from_case else reverse("desk:list")
    part_customers(joined, callers=callers_since(joined), by=request.actor)
    say(request, text=_("They are two records again, as they were."))
    return lead_to(request, back)


def _asked(request: DeskRequest, case: Case) -> Context:
    """The preview of the record that was chosen, or the records that some words find."""
    words, other = request.GET.get("q", "").strip(), request.GET.get("other", "")
    if other:
        keep_other = request.GET.get("keep") == "other"
        two = pair(case, other, keep_other=keep_other, actor=request.actor)
        preview = preview_of(*two, actor=request.actor)
        return {"other": other, "keep_other": keep_other, "preview": preview}
    return {"q": words, "records": found(words, beside=case.customer, actor=request.actor)} if words else {}


def _joined(request: DeskRequest, case: Case) -> HttpResponse:
    keep_other = request.POST.get("keep") == "other"
    gone, into = pair(case, request.POST.get("other", ""), keep_other=keep_other, actor=request.actor)
    because = request.POST.get("because", "")
    with sure_of_both(gone, into, case=case, because=because, by=request.actor):
        done = join_customers(gone, into=into, by=request.actor)
    undo = f"{reverse('desk:part', args=[done.pk])}?case={number_of(case)}"
    say(request, text=_("Both records are one now."), undo_url=undo)
    return redirect(case_url(case))


def _choosing(request: DeskRequest, case: Case, **more: object) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "back": case_url(case)} | more
    if "preview" not in more:
        context.setdefault("records", likely(case.customer, actor=request.actor))
        context["joins"] = was_joined(case.customer, actor=request.actor)
    page = render(request, "desk/joining.html", context, status=422 if "problem" in more else 200)
    return private(request, page)
