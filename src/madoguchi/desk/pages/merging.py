"""Making one case of two, with a preview, and two again."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.cases.actions import merge, unmerge
from madoguchi.cases.models import Case
from madoguchi.cases.queries import merge_of
from madoguchi.desk.merging import number_of, offered, pair, preview_of
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, lead_to, looked_at
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def merging(request: DeskRequest, number: str) -> HttpResponse:
    """Choose the other case, see what would happen (GET), and let it happen (POST)."""
    case, asked = looked_at(request, number), request.POST or request.GET
    other, newer = asked.get("other", "").strip(), asked.get("into") == "newer"
    if not other:
        return _choosing(request, case)
    try:
        two = pair(case, other, newer=newer, actor=request.actor)
        if request.method == "POST":
            return _merged(request, *two)
        return _choosing(
            request, case, other=other, newer=newer, preview=preview_of(*two, actor=request.actor)
        )
    except Refused as refused:
        return _choosing(request, case, other=other, problem=str(refused))


@require_POST
@requires(Permission.CASE_UPDATE)
def undo_merge(request: DeskRequest, merge: int) -> HttpResponse:
    """Make two cases of them again."""
    merged = merge_of(merge, actor=request.actor)
    unmerge(merged, by=request.actor)
    words = _("%(number)s is a case of its own again, as it was.") % {"number": number_of(merged.case)}
    say(request, text=words)
    return lead_to(request, case_url(merged.into))


def _merged(request: DeskRequest, case: Case, into: Case) -> HttpResponse:
    done = merge(case, into=into, by=request.actor)
    words = _("%(number)s goes on here.") % {"number": number_of(case)}
    say(request, text=words, undo_url=reverse("desk:undo_merge", args=[done.pk]))
    return redirect(case_url(into))


def _choosing(request: DeskRequest, case: Case, **more: object) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "back": case_url(case)} | more
    context["offered"] = offered(case, actor=request.actor)
    return apart(request, "desk/merging.html", context, status=422 if "problem" in more else 200)
