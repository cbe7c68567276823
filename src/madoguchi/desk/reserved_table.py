"""The reservations of a day as a table for spreadsheets, as its list shows them."""

from collections import Counter
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.customers.queries import show
from madoguchi.exports.tables import MARK, line_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.reservations.actions import note_taken_along
from madoguchi.reservations.models import Reservation
from madoguchi.reservations.queries import calendar_of, reservations_on


def taken_along(day: date, *, store: int | None, actor: Actor) -> str:
    """Who comes on a day, stays or waits, at one store or all, as CSV; each company's log says how many were taken.

    Those of desks where the actor may take lists along, with what the contract shows them. Raises NotAllowed for who
    may nowhere. One query, and one fact for each company.
    """
    if not any(grant.allows(Permission.EXPORT) for grant in actor.grants):
        raise NotAllowed(Permission.EXPORT)
    rows = [one for one in reservations_on(day, actor=actor, store=store) if _may_take(one, actor)]
    note_taken_along(Counter(one.company_id for one in rows), day=day, store=store, by=actor)
    return MARK + line_of(_heads()) + "".join(line_of(_cells(one, actor)) for one in rows)


def _may_take(one: Reservation, actor: Actor) -> bool:
    return actor.may(Permission.EXPORT, company=one.company_id, desk=one.desk_id)


def _heads() -> list[str]:
    return [
        pgettext("reservation", "Number"),
        pgettext("reserved", "From"),
        pgettext("reserved", "Until"),
        _("Store"),
        pgettext("is reserved", "What"),
        _("Customer"),
        pgettext("guests", "People"),
        _("State"),
        _("Remark"),
    ]


def _cells(one: Reservation, actor: Actor) -> list[str]:
    shown = actor.data_scope(company=one.company_id)
    return [
        str(one),
        _at(one, one.begins),
        _at(one, one.ends),
        one.resource.store.name,
        one.resource.name,
        show(one.customer.name, "name", shown),
        str(one.people),
        one.get_state_display(),
        show(one.note, "memo", shown),
    ]


def _at(one: Reservation, moment: datetime) -> str:
    """By the clock of the store."""
    return f"{moment.astimezone(calendar_of(one.resource.store).zone):%Y-%m-%d %H:%M}"
