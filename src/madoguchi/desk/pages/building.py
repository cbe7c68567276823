"""The builder of views: conditions put together by a plain form, what they find, and keeping them."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.desk.building import (
    Building,
    Place,
    begun,
    column_choices,
    meant,
    order_choices,
    places_for,
    posted,
    preview_of,
    save,
)
from madoguchi.desk.lists import Wanted
from madoguchi.desk.pages.parts import MOST_DIGITS, Context, DeskRequest, frame_context, private
from madoguchi.desk.saved import audience_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.views.actions import MOST_COLUMNS
from madoguchi.views.filter_options import (
    FIELDS,
    FOR_READERS,
    JOINED,
    MOMENTS,
    dress,
    own_choices,
    own_fields,
)
from madoguchi.views.models import SavedView
from madoguchi.views.policies import may_change
from madoguchi.views.queries import view_by_id


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_READ)
def new(request: DeskRequest) -> HttpResponse:
    """Build a view from the unsolved cases, or from a copy of another one (`of`)."""
    if request.method == "POST":
        return _answer(request, posted(request.POST, actor=request.actor), view=None)
    of = request.GET.get("of", "")
    known = of.isdecimal() and len(of) <= MOST_DIGITS
    source = view_by_id(int(of), actor=request.actor) if known else None
    return _page(request, begun(source, actor=request.actor, copy=True), view=None)


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_READ)  # whose view it is, decides who may change it
def change(request: DeskRequest, pk: int) -> HttpResponse:
    """Change a view."""
    view = view_by_id(pk, actor=request.actor)
    if not may_change(request.actor, view):
        raise NotAllowed(Permission.VIEWS)
    if request.method == "POST":
        return _answer(request, posted(request.POST, actor=request.actor), view=view)
    return _page(request, begun(view, actor=request.actor), view=view)


def _answer(request: DeskRequest, building: Building, *, view: SavedView | None) -> HttpResponse:
    """Keep it when that was asked, else show it as it now stands."""
    if request.POST.get("do") != "save":
        return _page(request, building, view=view)
    try:
        node = meant(building)
        place = _place(request, building, desks_of(request.actor))
        if node is not None:
            kept = save(building, node, place, view=view, by=request.actor)
            say(request, text=_("The view “%(name)s” is saved.") % {"name": kept.name})
            return redirect(Wanted(saved=kept).url)
    except Refused as refused:
        building.problem = str(refused)
    return _page(request, building, view=view, status=422)


def _page(
    request: DeskRequest, building: Building, *, view: SavedView | None, status: int = 200
) -> HttpResponse:
    desks = desks_of(request.actor)
    own = own_fields(building.box, building.columns, actor=request.actor, desks=desks)
    dress(building.box, actor=request.actor, desks=desks, own=own)
    node, place = meant(building), _place(request, building, desks)
    shown = view or (place.view() if place else None)
    context: Context = frame_context(request, desks) | {
        "building": building,
        "view": view,
        "audience": audience_of(view, desks) if view else "",
        "places": places_for(request.actor, desks, chosen=place.value if place else ""),
        "fields": {**FIELDS, **FOR_READERS}.items(),
        "moments": MOMENTS.items(),
        "own": own_choices(own).items(),
        "columns": column_choices(building, own) if own else [],
        "orders": order_choices(building, own),
        "joins": JOINED.items(),
        "began": request.method == "GET",
    }
    if node is not None and shown is not None:
        shown.columns, shown.order = building.columns[:MOST_COLUMNS], building.order
        context["preview"] = preview_of(node, shown, actor=request.actor, desks=desks)
    return private(request, render(request, "desk/building.html", context, status=status))


def _place(request: DeskRequest, building: Building, desks: list[Desk]) -> Place | None:
    """The place that was asked for, where the actor may keep views; else the first of all."""
    places = places_for(request.actor, desks)
    return next((place for place in places if place.value == building.place), next(iter(places), None))
