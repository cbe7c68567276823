"""Stores and what can be had there, as the company says them. The only writer of either."""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.delivering import phone_of
from madoguchi.companies.models import Company, EntryPoint
from madoguchi.customers.mail_addresses import mail_address_of
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.identity import written_phone
from madoguchi.kernel.text import one_line
from madoguchi.promises.document import calendar_from
from madoguchi.promises.located import Wrong
from madoguchi.reservations import policies
from madoguchi.reservations.events import ResourceKept, StoreKept
from madoguchi.reservations.models import Resource, Store

_DAY = 24 * 60
# The least and the most of each number of a resource.
BOUNDS = {
    "units": (1, 500),
    "seats": (1, 1_000),
    "step": (5, _DAY),
    "length": (5, _DAY),
    "gap": (0, _DAY),
    "days_ahead": (0, 730),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfStore:
    """A store as it is said: its hours as `docs/clocks.md` writes a calendar."""

    name: str
    hours: dict[str, Any] = field(default_factory=dict)
    phone: str = ""
    address: str = ""
    email: str = ""
    entry_point: EntryPoint | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfResource:
    """What can be had, as it is said; lengths in minutes."""

    name: str
    kind: str = Resource.Kind.SHOP
    units: int = 1
    seats: int = 1
    step: int = 30
    length: int = 60
    gap: int = 0
    check_in: time = time(15)
    check_out: time = time(10)
    days_ahead: int = 90
    active: bool = True


@transaction.atomic
def keep_store(company: Company, said: SaidOfStore, *, store: Store | None = None, by: Actor) -> Store:
    """Set up a store, or change one. Reservations that there are stay.

    Raises NotAllowed, and Refused for no name or one that another has, a phone number or mail address that is none,
    hours that cannot be understood, and an entry point of another company or store.
    """
    _require_keeper(company.pk, by)
    made = store or Store(company=company)
    values = {
        "name": _named(said.name),
        "hours": _hours(said.hours),
        "phone": written_phone(phone_of(said.phone)) if said.phone.strip() else "",
        "address": one_line(said.address, most=200),
        "email": mail_address_of(said.email, field="email") if said.email.strip() else "",
        "entry_point_id": _entry_point(said.entry_point, company),
        "active": said.active,
    }
    changes = _keep(
        made,
        values,
        new=store is None,
        taken=_("Another store has this name, or is known by this entry point."),
    )
    if changes or store is None:
        record(StoreKept(company=company.pk, store=made.pk, changes=changes), by=by)
    return made


@transaction.atomic
def keep_resource(
    store: Store, said: SaidOfResource, *, resource: Resource | None = None, by: Actor
) -> Resource:
    """Set up what can be had at a store, or change it. Reservations that there are stay as they were made.

    Raises NotAllowed, and Refused for no name or one that is taken, and for numbers out of bounds.
    """
    _require_keeper(store.company_id, by)
    made = resource or Resource(company_id=store.company_id, store=store)
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(said, name) <= most:
            words = _("Write a number from %(least)s to %(most)s.") % {"least": least, "most": most}
            raise Refused(words, field=name)
    if said.kind not in Resource.Kind.values:
        raise Refused(_("Choose what it is."), field="kind")
    names = (*BOUNDS, "kind", "check_in", "check_out", "active")
    values = {"name": _named(said.name), **{name: getattr(said, name) for name in names}}
    changes = _keep(made, values, new=resource is None, taken=_("Something else here has this name."))
    if changes or resource is None:
        fact = ResourceKept(company=store.company_id, store=store.pk, resource=made.pk, changes=changes)
        record(fact, by=by)
    return made


def _keep(row: Store | Resource, values: dict[str, Any], *, new: bool, taken: str) -> dict[str, list[Any]]:
    """Set what differs; returns that, and nothing of a row that is new."""
    before = None if new else {name: getattr(row, name) for name in values}
    changes = difference(before, values)
    for name, value in values.items():
        setattr(row, name, value)
    if new or changes:
        with unique(taken, field="name"):
            row.save()
    return changes


def _named(written: str) -> str:
    name = one_line(written, most=100)
    if not name:
        raise Refused(_("Write a name."), field="name")
    return name


def _hours(written: dict[str, Any]) -> dict[str, Any]:
    try:
        calendar_from(written)
    except Wrong as error:
        raise Refused(_("The hours cannot be understood. Write them as 09:00-18:00."), field="mon") from error
    return written


def _entry_point(point: EntryPoint | None, company: Company) -> int | None:
    if point is not None and point.company_id != company.pk:
        raise Refused(_("Choose an entry point of this company."), field="entry_point")
    return point.pk if point else None


def _require_keeper(company: int, by: Actor) -> None:
    if not policies.may_keep_stores(by, company=company):
        raise NotAllowed(Permission.SHOP)
