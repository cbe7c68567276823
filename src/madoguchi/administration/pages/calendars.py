"""The calendars by which the times of a desk are counted, each by a form."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.administration.calendar_forms import CalendarWriting, calendar_writing_of
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.administration.pages.levels import desk_to_write
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.promises.queries import levels_of


@require_http_methods(["GET", "POST"])
@requires(Permission.LEVELS_READ)
def calendar_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Write a calendar beside those that there are."""
    desk = desk_to_write(request, pk)
    return _written(
        request, calendar_writing_of(desk, levels_of(desk), data=request.POST or None, place=None)
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.LEVELS_READ)
def calendar(request: StaffRequest, pk: int, place: int) -> HttpResponse:
    """Change a calendar; the policies that count by it go on with it."""
    desk = desk_to_write(request, pk)
    return _written(
        request, calendar_writing_of(desk, levels_of(desk), data=request.POST or None, place=place)
    )


def _written(request: StaffRequest, writing: CalendarWriting) -> HttpResponse:
    if request.POST and carried_out(writing.form, lambda **_data: writing.saved(by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_levels", pk=writing.desk.pk)
    context = {"desk": writing.desk, "writing": writing, "form": writing.form}
    return show_form(request, "calendar", section="desks_levels", **context)
