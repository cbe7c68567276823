"""The calls of one's desks."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.companies.queries import desks_of
from madoguchi.desk.calls import KINDS, lines_of
from madoguchi.desk.pages.parts import DeskRequest, frame_context, private
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.text import whole_number
from madoguchi.people.access import requires

MOST_DIGITS = 18


@require_safe
@requires(Permission.CASE_READ)
def calls(request: DeskRequest) -> HttpResponse:
    """The calls of a kind, the newest first; `before` pages."""
    kind, before = request.GET.get("kind", ""), request.GET.get("before", "")
    place = int(before) if before.isdecimal() and len(before) <= MOST_DIGITS else None
    desk = whole_number(request.GET.get("desk", ""))
    lines, follow = lines_of(request.actor, kind=kind, before=place, desk=desk)
    kinds = [(name, words) for name, (words, _endings) in KINDS.items()]
    context = frame_context(request, desks_of(request.actor)) | {"lines": lines, "next": follow}
    context |= {"kinds": kinds, "kind": kind if kind in KINDS else "", "before": place, "desk": desk}
    return private(request, render(request, "desk/calls.html", context))
