"""The policies of a desk: written by a form, tried, copied, moved and removed."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.administration.pages.levels import desk_to_write
from madoguchi.administration.policy_forms import Writing, version_of, writing_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.promises.editing import move_policy, remove_policy, restore_policy
from madoguchi.promises.queries import levels_of


@require_http_methods(["GET", "POST"])
@requires(Permission.LEVELS_READ)
def policy_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Write a policy, or one like another (`copy`); with `try` in the form it is tried and not saved."""
    desk = desk_to_write(request, pk)
    data, copy = request.POST or None, request.GET.get("copy", "")
    return _written(request, writing_of(desk, levels_of(desk), data=data, place=None, copy=copy))


@require_http_methods(["GET", "POST"])
@requires(Permission.LEVELS_READ)
def policy(request: StaffRequest, pk: int, place: int) -> HttpResponse:
    """Change the policy at a place; with `try` in the form it is tried and not saved."""
    desk = desk_to_write(request, pk)
    return _written(request, writing_of(desk, levels_of(desk), data=request.POST or None, place=place))


@require_POST
@requires(Permission.LEVELS_READ)
def policy_move(request: StaffRequest, pk: int, place: int) -> HttpResponse:
    """Ask a policy earlier (`up`) or later than its neighbour."""
    desk, up = desk_to_write(request, pk), request.POST.get("to") == "up"
    try:
        move_policy(desk, place, up=up, version=version_of(None, request.POST), by=request.actor)
    except Refused as error:
        say(request, text=str(error))
    return redirect("administration:desk_levels", pk=pk)


@require_POST
@requires(Permission.LEVELS_READ)
def policy_remove(request: StaffRequest, pk: int, place: int) -> HttpResponse:
    """Leave a policy out; the notice offers the way back."""
    desk, version = desk_to_write(request, pk), version_of(None, request.POST)
    try:
        remove_policy(desk, place, version=version, by=request.actor)
    except Refused as error:
        say(request, text=str(error))
    else:
        undo = reverse("administration:policy_back", args=[pk, place, version])
        say(request, text=_("The policy is removed."), undo_url=undo)
    return redirect("administration:desk_levels", pk=pk)


@require_POST
@requires(Permission.LEVELS_READ)
def policy_back(request: StaffRequest, pk: int, place: int, number: int) -> HttpResponse:
    """Put a policy back as it stood at a place of a version."""
    desk = desk_to_write(request, pk)
    try:
        restore_policy(desk, place, version=number, by=request.actor)
    except Refused as error:
        say(request, text=str(error))
    else:
        say(request, text=_("The policy is back."))
    return redirect("administration:desk_levels", pk=pk)


def _written(request: StaffRequest, writing: Writing) -> HttpResponse:
    form, tries = writing.form, "try" in request.POST
    if request.POST and not tries and carried_out(form, lambda **_data: writing.saved(by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_levels", pk=writing.desk.pk)
    shown = writing.tried() if tries and form.is_valid() else None
    context = {"desk": writing.desk, "writing": writing, "shown": shown}
    return show_form(request, "policy", section="desks_levels", form=form, **context)
