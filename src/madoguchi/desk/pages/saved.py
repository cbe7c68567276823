"""Saved views: the part of the rail that holds them, their own page, putting one away and having it back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.companies.queries import desks_of
from madoguchi.desk.pages.parts import DeskRequest, frame_context, private
from madoguchi.desk.saved import saved_links, saved_rows
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.views.actions import delete_view, restore_view
from madoguchi.views.queries import view_by_id


@require_safe
@requires(Permission.CASE_READ)
def views(request: DeskRequest) -> HttpResponse:
    """The saved views with their counts: for the rail, which asks for them once it stands, or as a page."""
    desks = desks_of(request.actor)
    if request.htmx:
        links = saved_links(actor=request.actor, desks=desks, current=request.GET.get("saved", ""))
        return private(request, render(request, "desk/saved_links.html", {"saved": links}))
    context = frame_context(request, desks) | {"saved": saved_rows(actor=request.actor, desks=desks)}
    return private(request, render(request, "desk/saved.html", context))


@require_POST
@requires(Permission.CASE_READ)  # whose view it is, the action looks at
def delete(request: DeskRequest, pk: int) -> HttpResponse:
    """Put a view away; the notice has it back."""
    view = view_by_id(pk, actor=request.actor)
    delete_view(view, by=request.actor)
    undo = reverse("desk:view_restore", args=[pk])
    say(request, text=_("The view “%(name)s” is deleted.") % {"name": view.name}, undo_url=undo)
    return redirect("desk:views")


@require_POST
@requires(Permission.CASE_READ)
def restore(request: DeskRequest, pk: int) -> HttpResponse:
    """Have a deleted view back."""
    view = view_by_id(pk, actor=request.actor, deleted=True)
    restore_view(view, by=request.actor)
    say(request, text=_("The view “%(name)s” is back.") % {"name": view.name})
    return redirect("desk:views")
