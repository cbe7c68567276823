"""Saving, changing, deleting and taking back views."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.fields.models import Field
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.views import policies
from madoguchi.views.events import ViewAdded, ViewChanged, ViewDeleted, ViewRestored
from madoguchi.views.filters import read_filter, write_filter
from madoguchi.views.models import SavedView
from madoguchi.views.orders import NEWEST, can_order, field_of, read_order

Audience = SavedView.Audience
# More would not be found again on the rail.
MOST_OWN, MOST_SHARED = 30, 60
MOST_NAME = 60
# More would not fit into a line of the list.
MOST_COLUMNS = 3


@transaction.atomic
def add_view(
    company: Company,
    *,
    audience: Audience,
    desk: Desk | None = None,
    name: str,
    filter: Any,
    columns: Sequence[int] = (),
    order: str = NEWEST,
    by: Actor,
) -> SavedView:
    """Save a filter under a name, for oneself, for a desk or for all desks of a company, with the desks' own
    fields that its list shows, and the order in which it stands.

    Raises NotAllowed for who may not share with them, Refused for a filter that makes no sense, a missing name,
    fields that are not the company's or more than three, an order that there is not, a desk of another company, and
    when there are too many.
    """
    if by.id is None:
        raise NotAllowed(Permission.VIEWS)
    view = SavedView(company=company, owner_id=by.id, audience=audience, desk=desk)
    _require_place(view, by)
    view.name, view.filter = _named(name), write_filter(read_filter(filter))
    view.columns, view.order = _columns(view, columns), _order(view, order)
    one_at_a_time(f"views of {company.pk}")
    view.position = _room(view)
    view.save()
    fact = ViewAdded(company=company.pk, desk=view.desk_id, view=view.pk, name=view.name, audience=audience)
    record(fact, by=by)
    return view


@transaction.atomic
def change_view(
    view: SavedView,
    *,
    name: str,
    filter: Any,
    columns: Sequence[int] | None = None,
    order: str | None = None,
    position: int | None = None,
    by: Actor,
) -> None:
    """Give a view another name, filter, place, order or other columns. Raises NotAllowed, or Refused as `add_view`."""
    _require_change(view, by)
    asked: dict[str, Any] = {"name": _named(name), "filter": write_filter(read_filter(filter))}
    asked["columns"] = view.columns if columns is None else _columns(view, columns)
    asked["order"] = view.order if order is None else _order(view, order)
    changes = set_changed(view, **asked, position=view.position if position is None else position)
    if changes:
        fact = ViewChanged(company=view.company_id, desk=view.desk_id, view=view.pk, changes=changes)
        record(fact, by=by)


@transaction.atomic
def delete_view(view: SavedView, *, by: Actor) -> None:
    """Put a view away; `restore_view` has it back. Raises NotAllowed; a deleted one stays so."""
    _require_change(view, by)
    if SavedView.objects.filter(pk=view.pk, deleted_at=None).update(deleted_at=clock.now()):
        record(ViewDeleted(company=view.company_id, desk=view.desk_id, view=view.pk, name=view.name), by=by)


@transaction.atomic
def restore_view(view: SavedView, *, by: Actor) -> None:
    """Take a deleted view back. Raises NotAllowed, or Refused when there are too many by now; one that is there stays
    as it is.
    """
    _require_change(view, by)
    one_at_a_time(f"views of {view.company_id}")
    if SavedView.objects.filter(pk=view.pk, deleted_at__isnull=False).update(deleted_at=None):
        _require_room(view, beside=_of_kind(view).exclude(pk=view.pk).count())
        record(ViewRestored(company=view.company_id, desk=view.desk_id, view=view.pk, name=view.name), by=by)


def _require_place(view: SavedView, by: Actor) -> None:
    if view.desk is not None and view.desk.company_id != view.company_id:
        raise Refused(_("This desk belongs to another company."), field="desk")
    if (view.audience == Audience.DESK) != (view.desk is not None):
        raise Refused(_("Say for which desk the view is."), field="desk")
    _require_change(view, by)


def _require_change(view: SavedView, by: Actor) -> None:
    if not policies.may_change(by, view):
        raise NotAllowed(Permission.VIEWS)


def _columns(view: SavedView, wanted: Sequence[int]) -> list[int]:
    columns = list(dict.fromkeys(wanted))
    if len(columns) > MOST_COLUMNS:
        raise Refused(_("A list shows %(most)s fields at most.") % {"most": MOST_COLUMNS}, field="columns")
    if Field.objects.filter(pk__in=columns, company=view.company_id).count() != len(columns):
        raise Refused(_("Choose fields of this company's desks."), field="columns")
    return columns


def _order(view: SavedView, wanted: str) -> str:
    """An order that there is: by a field, where that is the company's and its values have an order."""
    by = field_of(read_order(wanted))
    found = Field.objects.filter(pk=by, company=view.company_id).first() if by else None
    if by and not (found and can_order(found)):
        raise Refused(
            _("Lists are put in order by numbers, dates and choices of this company's desks."), field="order"
        )
    return wanted


def _named(name: str) -> str:
    named = blot_card_numbers(one_line(name, most=10 * MOST_NAME))
    if not named:
        raise Refused(_("A name is needed."), field="name")
    if len(named) > MOST_NAME:
        words = _("This has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused(words % {"there": len(named), "most": MOST_NAME}, field="name")
    return named


def _room(view: SavedView) -> int:
    """The place after all others of the kind. Raises Refused when there are too many."""
    places = list(_of_kind(view).values_list("position", flat=True))
    _require_room(view, beside=len(places))
    return max(places, default=0) + 1


def _require_room(view: SavedView, *, beside: int) -> None:
    if beside >= (MOST_OWN if view.audience == Audience.OWNER else MOST_SHARED):
        raise Refused(_("There are too many views already. Delete one that nobody uses."), field="name")


def _of_kind(view: SavedView) -> QuerySet[SavedView]:
    there = SavedView.objects.filter(company=view.company_id, deleted_at=None)
    if view.audience == Audience.OWNER:
        return there.filter(audience=Audience.OWNER, owner=view.owner_id)
    return there.exclude(audience=Audience.OWNER)
