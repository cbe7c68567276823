"""What desks keep towards their customers: read, taken into use, had back, and written as a text."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.levels import LevelsForm
from madoguchi.administration.levels import EXAMPLE, shown_in, shown_levels
from madoguchi.administration.pages.frame import carried_out, show, show_form, version_back
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.promises.actions import restore_version, switch_levels
from madoguchi.promises.editing import put_text
from madoguchi.promises.models import ServiceLevels
from madoguchi.promises.policies import may_set_levels
from madoguchi.promises.queries import desk_to_read, desks_with_levels, levels_of
from madoguchi.rules.queries import rules_on_clocks


@require_safe
@requires(Permission.LEVELS_READ)
def desks_levels(request: StaffRequest) -> HttpResponse:
    """What each desk keeps, to be opened from here."""
    return show(request, "desks_levels", section="desks_levels", rows=desks_with_levels(request.actor))


@require_safe
@requires(Permission.LEVELS_READ)
def levels(request: StaffRequest, pk: int) -> HttpResponse:
    """What a desk keeps: its policies in order, their calendars, and how it was before."""
    desk = desk_to_read(request.actor, pk)
    found = levels_of(desk)
    shown = shown_levels(desk, found.text) if found else None
    context: dict[str, Any] = {"desk": desk, "levels": found, "shown": shown}
    context |= {"may_set": _may_set(request, desk), "rules": rules_on_clocks(desk, actor=request.actor)}
    context["may_rule"] = request.actor.may(Permission.RULES, company=desk.company_id, desk=pk)
    return show(request, "levels", section="desks_levels", **context)


@require_http_methods(["GET", "POST"])
@requires(Permission.LEVELS_READ)
def levels_text(request: StaffRequest, pk: int) -> HttpResponse:
    """Write what a desk keeps as a text; with `try` in the form it is tried and not saved."""
    desk = desk_to_write(request, pk)
    found = levels_of(desk)
    said = {"text": found.text, "version": found.version} if found else {"text": EXAMPLE, "version": 0}
    form = LevelsForm(request.POST or None, initial=said)
    tries = "try" in request.POST
    if request.POST and not tries and carried_out(form, lambda **data: _save(request, desk, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_levels", pk=pk)
    shown = shown_in(desk, form, tries=tries)
    return show_form(
        request, "levels_text", section="desks_levels", form=form, desk=desk, levels=found, shown=shown
    )


@require_POST
@requires(Permission.LEVELS_READ)
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
@requires(Permission.LEVELS_READ)
def levels_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let a desk keep again what it once kept."""
    found = _there(request, pk)
    version_back(request, found, number, restore_version, to="desk_levels")
    return redirect("administration:desk_levels", pk=pk)


def desk_to_write(request: StaffRequest, pk: int) -> Desk:
    """A desk whose levels the reader sets. Raises NotFound for one that they do not see, else NotAllowed."""
    desk = desk_to_read(request.actor, pk)
    if not _may_set(request, desk):
        raise NotAllowed(Permission.DESKS)
    return desk


def _may_set(request: StaffRequest, desk: Desk) -> bool:
    return may_set_levels(request.actor, company=desk.company_id, desk=desk.pk)


def _there(request: StaffRequest, pk: int) -> ServiceLevels:
    found = levels_of(desk_to_write(request, pk))
    if found is None:
        raise NotFound(pk)
    return found


def _save(request: StaffRequest, desk: Desk, **data: Any) -> ServiceLevels:
    return put_text(desk, **data, by=request.actor)
