"""Service levels tried on all cases of 90 days: begun, looked at, stopped."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from madoguchi.administration.levels import shown_trial
from madoguchi.administration.pages.frame import show
from madoguchi.administration.pages.levels import desk_to_write
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.promises.long_trial import start_trial, stop_trial, trial_of


@require_safe
@requires(Permission.LEVELS_READ)
def levels_trial(request: StaffRequest, pk: int) -> HttpResponse:
    """How far a trial is, and what it has found so far."""
    desk = desk_to_write(request, pk)
    trial = trial_of(desk)
    shown = shown_trial(trial) if trial else None
    return show(request, "levels_trial", section="desks_levels", desk=desk, trial=trial, shown=shown)


@require_POST
@requires(Permission.LEVELS_READ)
def levels_trial_start(request: StaffRequest, pk: int) -> HttpResponse:
    """Try a text on all cases of 90 days."""
    try:
        start_trial(desk_to_write(request, pk), text=request.POST.get("text", ""), by=request.actor)
    except (Conflict, Refused) as error:
        say(request, text=str(error))
    return redirect("administration:levels_trial", pk=pk)


@require_POST
@requires(Permission.LEVELS_READ)
def levels_trial_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop it; what it found so far stays."""
    trial = trial_of(desk_to_write(request, pk))
    if trial is None:
        raise NotFound(pk)
    stop_trial(trial, by=request.actor)
    return redirect("administration:levels_trial", pk=pk)
