"""Building a view: what somebody has put together so far, what it finds, and saving it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.actions import note_list
from madoguchi.companies.models import Company, Desk
from madoguchi.desk.lists import Row, Wanted, rows_of
from madoguchi.fields.models import Field
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line
from madoguchi.views.actions import MOST_COLUMNS, MOST_NAME, add_view, change_view
from madoguchi.views.filter_form import Box, Choice, Line, check, edit, form_of, read_form
from madoguchi.views.filter_options import choices, find_references, name_references, own_choices
from madoguchi.views.filters import Node, read_filter, write_filter
from madoguchi.views.models import SavedView
from madoguchi.views.ordered import page_ordered
from madoguchi.views.orders import NEWEST, names_with
from madoguchi.views.policies import may_share
from madoguchi.views.queries import Count, count_wanted, desks_in

Audience = SavedView.Audience
SHOWN = 8
MOST_DIGITS = 18
UNSOLVED = ["new", "open", "waiting_customer", "waiting_third"]


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a view can be kept: a company's desks, seen by oneself or by others."""

    value: str
    label: str
    company: Company
    audience: Audience
    desk: Desk | None = None
    chosen: bool = False

    def view(self, name: str = "") -> SavedView:
        """A view of this place that is not kept."""
        return SavedView(company=self.company, audience=self.audience, desk=self.desk, name=name)


@dataclass(slots=True)
class Building:
    """A view being built: its name, place, columns and order, its filter as a form, and what is wrong with it."""

    box: Box
    name: str = ""
    place: str = ""
    columns: list[int] = field(default_factory=list)
    order: str = NEWEST
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first cases of a view, and how many it is known to want."""

    rows: list[Row]
    count: Count
    more_to_look_at: bool


def begun(of: SavedView | None, *, actor: Actor, copy: bool = False) -> Building:
    """What the builder begins with: the unsolved cases, or what a view wants."""
    if of is None:
        return Building(Box(parts=[Line(op="in", values=UNSOLVED)]))
    building = Building(
        form_of(read_filter(of.filter)), name=of.name, columns=list(of.columns), order=of.order
    )
    if copy:
        building.name = one_line(_("Copy of %(name)s") % {"name": of.name}, most=MOST_NAME)
    name_references(building.box, actor=actor)
    return building


def posted(data: QueryDict, *, actor: Actor) -> Building:
    """What was posted, after the change that its button asked for."""
    building = Building(read_form(data), name=data.get("name", ""), place=data.get("place", ""))
    chosen = [one for one in data.getlist("column") if one.isdecimal() and len(one) <= MOST_DIGITS]
    building.columns = [int(one) for one in dict.fromkeys(chosen)]
    building.order = data.get("order", NEWEST)
    find_references(building.box, actor=actor)
    what, _colon, path = data.get("do", "").partition(":")
    edit(building.box, what, path)
    return building


def column_choices(building: Building, own: Sequence[Field]) -> list[list[Choice]]:
    """The boxes in which one chooses what the list shows of each case: as many as a view may have."""
    names = {
        str(pk): label for pk, label in zip((one.pk for one in own), own_choices(own).values(), strict=True)
    }
    chosen = [str(pk) for pk in building.columns] + [""] * MOST_COLUMNS
    return [choices({"": _("Nothing more"), **names}, one) for one in chosen[:MOST_COLUMNS]]


def order_choices(building: Building, own: Sequence[Field]) -> list[Choice]:
    """The orders in which a view can stand, one of them chosen."""
    return choices(names_with(own), building.order)


def places_for(actor: Actor, desks: Sequence[Desk], *, chosen: str = "") -> list[Place]:
    """For whom the actor may keep views; the first is themselves."""
    companies = {desk.company_id: desk.company for desk in desks}
    several = len(companies) > 1
    found = []
    for company in companies.values():
        own = f"{_('Me alone')} ({company.name})" if several else _("Me alone")
        found.append(Place(f"owner:{company.pk}", own, company, Audience.OWNER))
    for desk in desks:
        if may_share(actor, company=desk.company_id, desk=desk.pk):
            name = f"{desk.company.name} {desk.name}" if several else desk.name
            found.append(Place(f"desk:{desk.pk}", name, desk.company, Audience.DESK, desk))
    for company in companies.values():
        if may_share(actor, company=company.pk, desk=None):
            all_ = f"{_('All desks')} ({company.name})" if several else _("All desks")
            found.append(Place(f"company:{company.pk}", all_, company, Audience.COMPANY))
    return [replace(one, chosen=one.value == chosen) for one in found]


def meant(building: Building) -> Node | None:
    """The filter as it stands, or None with what is wrong said where it is."""
    try:
        return check(building.box)
    except Refused as refused:
        building.problem = building.problem or str(refused)
        return None


def preview_of(node: Node, view: SavedView, *, actor: Actor, desks: Sequence[Desk]) -> Preview:
    """What a view would show this actor. Four queries, at any number of cases."""
    looked_at = desks_in(view, desks)
    page = page_ordered(node, order=view.order, desks=looked_at, actor=actor, size=SHOWN)
    note_list(cases=(case.id for case in page.cases), by=actor)
    rows = rows_of(page.cases, actor=actor, wanted=Wanted(), columns=view.columns)
    count = count_wanted(node, desks=looked_at, actor=actor)
    return Preview(rows, count, more_to_look_at=page.next is not None)


def save(
    building: Building, node: Node, place: Place | None, *, view: SavedView | None, by: Actor
) -> SavedView:
    """Keep what was built, as a new view or in place of the old one. Raises Refused and NotAllowed as the actions."""
    filter_ = write_filter(node)
    if view is not None:
        change_view(
            view, name=building.name, filter=filter_, columns=building.columns, order=building.order, by=by
        )
        return view
    if place is None:
        raise NotAllowed(Permission.VIEWS)
    return add_view(
        place.company,
        audience=place.audience,
        desk=place.desk,
        name=building.name,
        filter=filter_,
        columns=building.columns,
        order=building.order,
        by=by,
    )
