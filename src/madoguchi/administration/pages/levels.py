"""What a desk keeps towards its customers: written, tried on the last 90 days, and taken into use."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.forms.levels import LevelsForm
from madoguchi.administration.levels import EXAMPLE, shown_levels
from madoguchi.administration.pages.frame import carried_out, show_form, version_back
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.promises.actions import restore_version, set_levels, switch_levels
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.queries import levels_of


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def levels(request: StaffRequest, pk: int) -> HttpResponse:
    """Write what a desk keeps; with `try` in the form it is tried and not saved."""
    desk = desk_to_set_up(request.actor, pk)
    found = levels_of(desk)
    form = LevelsForm(request.POST or None, initial={"text": found.text if found else EXAMPLE})
    tries = "try" in request.POST
    if request.POST and not tries and carried_out(form, lambda **data: _save(request, desk, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_levels", pk=pk)
    shown = shown_levels(desk, form, tries=tries)
    context = {"desk": desk, "levels": found, "shown": shown, "tries": tries}
    return show_form(request, "levels", section="desks", form=form, **context)


@require_POST
@requires(Permission.DESKS)
def levels_switch(request: StaffRequest, pk: int, state: str) -> HttpResponse:
    """Take what a desk keeps into use (`on`), or out of use."""
    active = state == "on"
    switch_levels(_there(request, pk), active=active, by=request.actor)
    say(
        request,
        text=_("In use: cases that are opened from now on are measured.") if active else _("Out of use."),
    )
    return redirect("administration:desk_levels", pk=pk)


@require_POST
@requires(Permission.DESKS)
def levels_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let a desk keep again what it once kept."""
    found = _there(request, pk)
    version_back(request, found, number, restore_version, to="desk_levels")
    return redirect("administration:desk_levels", pk=pk)


def _there(request: StaffRequest, pk: int) -> ServiceLevels:
    found = levels_of(desk_to_set_up(request.actor, pk))
    if found is None:
        raise NotFound(pk)
    return found


def _save(request: StaffRequest, desk: Desk, **data: Any) -> ServiceLevels:
    return set_levels(desk, **data, by=request.actor)
