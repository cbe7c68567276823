"""How what comes to a desk goes on to the desks of several operators: rules, tried on the last days, in use or not."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.division import (
    covered,
    dividing,
    in_words,
    tried,
    who_sees_all,
    writing_of,
)
from madoguchi.administration.pages.frame import carried_out, show, show_form
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.routing.dividing import set_in_use
from madoguchi.routing.division_editing import move_rule

Context = dict[str, Any]
MOST_YEARS = 5


@require_safe
@requires(Permission.DESKS)
def division(request: StaffRequest, pk: int) -> HttpResponse:
    """The rules of a desk, (`try`) what they would have done with the cases of the last seven days, and (`year`) who
    covers which hours of a year.
    """
    desk, kept, others = dividing(request.actor, pk)
    shown = tried(desk, kept.rules, others) if "try" in request.GET and kept.rules else None
    context: Context = {"desk": desk, "kept": kept, "rules": in_words(desk, kept, others), "tried": shown}
    context |= {"others": others, "see_all": who_sees_all(desk, list(others)) if kept.rules else []}
    year = whole_number(request.GET.get("year", "")) or 0
    if kept.rules and abs(year - clock.today().year) <= MOST_YEARS:
        context["covered"] = covered(desk, kept, others, year)
    context["this_year"] = clock.today().year
    return show(request, "division", section="desks", **context)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def division_rule(request: StaffRequest, pk: int, place: int) -> HttpResponse:
    """Write a rule (0: a new one); with `try` in the form the rules are tried with it and not saved."""
    writing = writing_of(request.actor, pk, place, request.POST or None)
    form, tries = writing.form, "try" in request.POST
    if request.POST and not tries and carried_out(form, lambda **_data: writing.saved(by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:division", pk)
    shown = writing.tried() if tries and form.is_valid() else None
    context: Context = {"desk": writing.desk, "place": place, "tried": shown}
    return show_form(request, "division_rule", section="desks", form=form, **context)


@require_POST
@requires(Permission.DESKS)
def division_move(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask a rule earlier or later than its neighbour, or leave it out."""
    desk, _kept, _others = dividing(request.actor, pk)
    seen, to = request.POST.get("seen", ""), request.POST.get("to", "")
    try:
        move_rule(desk, seen=seen, to=to, by=request.actor)
    except Refused as error:
        say(request, text=str(error))
    return redirect("administration:division", pk)


@require_POST
@requires(Permission.DESKS)
def division_switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the rules into use (`on` is 1) or out of it: what was wished, also where another did so meanwhile."""
    desk, _kept, _others = dividing(request.actor, pk)
    set_in_use(desk, is_on=request.POST.get("on") == "1", by=request.actor)
    return redirect("administration:division", pk)
