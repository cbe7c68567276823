"""Putting messages of a case into a new one, with a preview, and back."""

from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.cases import actions
from madoguchi.cases.models import Case
from madoguchi.cases.queries import split_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, apart, case_url, lead_to, looked_at
from madoguchi.desk.splitting import choices_of, chosen_in, split_preview
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def splitting(request: DeskRequest, number: str) -> HttpResponse:
    """Choose messages, see what would happen (GET), and let it happen (POST)."""
    case, asked = looked_at(request, number), request.POST or request.GET
    chosen, subject = chosen_in(asked, asked.getlist("message"))
    more: dict[str, Any] = {"subject": subject}
    try:
        if request.method == "POST":
            return _split(request, case, chosen, subject)
        if asked and "again" not in asked:
            more["preview"] = split_preview(case, chosen, subject=subject, actor=request.actor)
    except Refused as refused:
        more["problem"] = str(refused)
    return _choosing(request, case, chosen, **more)


@require_POST
@requires(Permission.CASE_UPDATE)
def undo_split(request: DeskRequest, split: int) -> HttpResponse:
    """Put the messages back."""
    done = split_of(split, actor=request.actor)
    actions.unsplit(done, by=request.actor)
    say(request, text=_("The messages are back in %(number)s.") % {"number": number_of(done.case)})
    return lead_to(request, case_url(done.case))


def _split(request: DeskRequest, case: Case, chosen: Collection[int], subject: str) -> HttpResponse:
    done = actions.split(case, messages=chosen, subject=subject, by=request.actor)
    words = _("%(number)s was split off from %(other)s.")
    told = words % {"number": number_of(done.into), "other": number_of(case)}
    say(request, text=told, undo_url=reverse("desk:undo_split", args=[done.pk]))
    return redirect(case_url(done.into))


def _choosing(request: DeskRequest, case: Case, chosen: Collection[int], **more: object) -> HttpResponse:
    context = {"case": case, "number": number_of(case), "back": case_url(case)} | more
    if "preview" not in more:
        context["choices"] = choices_of(case, actor=request.actor, chosen=chosen)
    return apart(request, "desk/splitting.html", context, status=422 if "problem" in more else 200)
