"""Stores, what can be had there, and reservations, made for tests."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.reservations.actions import Wanted
from madoguchi.reservations.models import Resource, Store
from madoguchi.reservations.stores import SaidOfResource, SaidOfStore, keep_resource, keep_store

EVERY_DAY: dict[str, Any] = {"week": {"every_day": ["10:00-18:00"]}}


def make_store(company: Company, *, name: str = "銀座店", **said: Any) -> Store:
    """A store that is open from ten to six on every day, or as said."""
    with scope.acting_for([company.pk]):
        whole = SaidOfStore(name=name, **({"hours": EVERY_DAY} | said))
        return keep_store(company, whole, by=system("test"))


def make_resource(store: Store, *, name: str = "採寸", **said: Any) -> Resource:
    """One thing at a store that can be had for an hour, every half hour, or as said."""
    with scope.acting_for([store.company_id]):
        return keep_resource(store, SaidOfResource(name=name, **said), by=system("test"))


def at(begins: datetime, *, once: UUID | None = None, **said: Any) -> Wanted:
    """A time as it is said by a form."""
    return Wanted(begins=begins, once=once or uuid4(), **said)
