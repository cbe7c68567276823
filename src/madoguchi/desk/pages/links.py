"""Tying a case to others that belong to it, and taking that away again."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases import actions
from madoguchi.cases.links import link_of
from madoguchi.desk.merging import case_named, number_of
from madoguchi.desk.pages.parts import DeskRequest, acted, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires


@require_POST
@requires(Permission.CASE_UPDATE)
def add(request: DeskRequest, number: str) -> HttpResponse:
    """Tie the case to the one whose number was typed, which becomes its `role`."""
    case = the_case(request, number)
    other = case_named(request.POST.get("other", ""), beside=case, actor=request.actor)
    made = actions.link(case, role=request.POST.get("role", ""), other=other, by=request.actor)
    undo = reverse("desk:link_remove", args=[number, made.pk])
    return acted(request, case, _("Linked to %(number)s.") % {"number": number_of(other)}, undo=undo)


@require_POST
@requires(Permission.CASE_UPDATE)
def remove(request: DeskRequest, number: str, link: int) -> HttpResponse:
    """Take a link away; the answer offers to put it back."""
    case = the_case(request, number)
    actions.unlink(link_of(link, actor=request.actor), by=request.actor)
    undo = reverse("desk:link_restore", args=[number, link])
    return acted(request, case, _("The link is taken away. Both cases stay as they are."), undo=undo)


@require_POST
@requires(Permission.CASE_UPDATE)
def restore(request: DeskRequest, number: str, link: int) -> HttpResponse:
    """Put back a link that was taken away."""
    case = the_case(request, number)
    actions.restore_link(link_of(link, actor=request.actor), by=request.actor)
    return acted(request, case, _("The link is back."))
