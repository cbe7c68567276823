"""The supervisors' wall: how it stands now, and the figures of today."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from madoguchi.cases.actions import note_list
from madoguchi.companies.queries import desks_of
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private
from madoguchi.desk.side_by_side import EARLIEST, boards_of, read_month
from madoguchi.desk.wall import (
    CHANNELS,
    SHOWN,
    Chosen,
    decided_of,
    decided_week,
    figures_of,
    operators_of,
    wall_of,
)
from madoguchi.desk.wall_behind import MOST, NAMES, cases_behind, grounds_of
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CASE_READ)
def wall(request: DeskRequest) -> HttpResponse:
    """Queues, waits, breaches to come, calls, promises at risk and signals; a live page draws it anew."""
    chosen = Chosen.read(request.GET, actor=request.actor)
    found = wall_of(request.actor, chosen)
    note_list(cases=[one.case for one in found.oldest], by=request.actor)
    context: Context = {"wall": found, "chosen": chosen}
    if request.htmx:
        return private(request, render(request, "desk/wall_part.html", context))
    context |= {"desks": desks_of(request.actor), "operators": operators_of(request.actor)}
    context |= {"channels": CHANNELS.items()}
    return apart(request, "desk/wall.html", context)


@require_safe
@requires(Permission.CASE_READ)
def wall_cases(request: DeskRequest) -> HttpResponse:
    """The cases that a number of the wall counts, those first that wait longest or are due first."""
    chosen, of = Chosen.read(request.GET, actor=request.actor), request.GET.get("of", "waiting")
    found = cases_behind(request.actor, chosen, of)
    note_list(cases=[one.case for one in found], by=request.actor)
    context: Context = {"cases": found, "chosen": chosen, "name": NAMES[of], "most": MOST}
    return apart(request, "desk/wall_cases.html", context)


@require_safe
@requires(Permission.CASE_READ)
def wall_figure(request: DeskRequest) -> HttpResponse:
    """What one figure of the wall rests on: each record, and the case in which it happened."""
    chosen = Chosen.read(request.GET, actor=request.actor)
    (name, version), asked = SHOWN[0], request.GET
    grounds = grounds_of(request.actor, chosen, asked.get("name", name), asked.get("version", version))
    context: Context = {"grounds": grounds, "chosen": chosen}
    return apart(request, "desk/wall_figure.html", context | {"most": MOST})


@require_safe
@requires(Permission.CASE_READ)
def wall_figures(request: DeskRequest) -> HttpResponse:
    """The figures of today, or (`decided`) those of the last week of which all is decided, with formula, denominator
    and version.
    """
    chosen, decided = Chosen.read(request.GET, actor=request.actor), "decided" in request.GET
    found = (decided_of if decided else figures_of)(request.actor, chosen)
    context: Context = {"companies": found, "chosen": chosen, "week": decided_week() if decided else None}
    if request.htmx:
        return private(request, render(request, "desk/wall_figures.html", context))
    return apart(request, "desk/wall_of_figures.html", context)


@require_safe
@requires(Permission.CASE_READ)
def operators(request: DeskRequest) -> HttpResponse:
    """Operators side by side: figures of a month, and what their questions cost the company."""
    month = read_month(request.GET.get("month", ""))
    context: Context = {"boards": boards_of(request.actor, month), "month": month, "earliest": EARLIEST}
    return apart(request, "desk/side_by_side.html", context)
