"""Households and firms, as programs read them and say who belongs to them: by the actions of people at the desk."""

from collections.abc import Iterable
from typing import Any, Literal

from ninja import Router, Schema
from pydantic import ConfigDict, Field

from madoguchi.api.changing import require_something
from madoguchi.api.guards import needs
from madoguchi.cases.actions import note_list, note_look_at_customer
from madoguchi.customers.actions import belong, leave, set_sort
from madoguchi.customers.belonging import belongings_of
from madoguchi.customers.models import Belonging, Customer
from madoguchi.customers.queries import customer_by_id, views_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.people.access import StaffRequest

router = Router()
PERSON = "person"


class BelongingOut(Schema):
    """A household or firm, or somebody in it, through the data scope of the token's person."""

    customer: int
    name: str
    sort: str = Field(examples=["household", "firm", "person"])
    role: str = Field(description="As what they belong", examples=["購買担当"])


class BelongingsOut(Schema):
    """What a record is of, to what it belongs, and who belongs to it."""

    customer: int
    sort: str = Field(examples=["person", "household", "firm"])
    groups: list[BelongingOut] = Field(description="To which households and firms a person belongs")
    people: list[BelongingOut] = Field(description="Who belongs to a household or firm")


class GroupIn(Schema):
    """A household or firm to which somebody belongs, and as what."""

    model_config = ConfigDict(extra="forbid")

    customer: int = Field(ge=1, le=2**63 - 1, description="The id of its record")
    role: str = Field(default="", max_length=60)


class BelongingsIn(Schema):
    """What to change; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    sort: Literal["person", "household", "firm"] | None = None
    groups: list[GroupIn] | None = Field(
        default=None,
        max_length=5,
        description="All to which they belong: one that is left out is theirs no longer",
    )


@router.get("/customers/{id}/belongings", response=BelongingsOut, summary="Who belongs together")
@needs(Permission.CUSTOMER_READ)
def belongings_of_customer(request: StaffRequest, id: int) -> dict[str, Any]:
    """Whether a record is of a person, a household or a firm, and who belongs to it or it to what."""
    return _told(customer_by_id(id, actor=request.actor), request.actor)


@router.patch("/customers/{id}/belongings", response=BelongingsOut, summary="Say who belongs together")
@needs(Permission.CUSTOMER_EDIT)
def changed_belongings(request: StaffRequest, id: int, wanted: BelongingsIn) -> dict[str, Any]:
    """Set what the record is of and to what it belongs, all or nothing. Said twice it changes nothing."""
    found, by = customer_by_id(id, actor=request.actor), request.actor
    require_something(wanted.model_dump(exclude_none=True))
    if wanted.sort is not None:
        set_sort(found, "" if wanted.sort == PERSON else wanted.sort, by=by)
    if wanted.groups is not None:
        _belong_to(found, wanted.groups, by=by)
    return _told(customer_by_id(id, actor=by), by)


def _belong_to(person: Customer, wanted: Iterable[GroupIn], *, by: Actor) -> None:
    """Leaving comes first: who belongs to five already may change one for another."""
    chosen = {(group := customer_by_id(one.customer, actor=by)).pk: (group, one.role) for one in wanted}
    for row in belongings_of(person.pk)[0]:
        if row.group_id not in chosen:
            leave(row, by=by)
    for group, role in chosen.values():
        belong(person, to=group, role=role, by=by)


def _told(customer: Customer, actor: Actor) -> dict[str, Any]:
    """Five queries, however many belong to it."""
    note_look_at_customer(customer.pk, by=actor)
    groups, people = belongings_of(customer.pk)
    others = [row.group for row in groups] + [row.customer for row in people]
    note_list(customers=[one.pk for one in others], by=actor)
    seen = views_of(others, actor=actor)

    def line(row: Belonging, other: Customer) -> dict[str, Any]:
        sort = other.sort or PERSON
        return {"customer": other.pk, "name": seen[other.pk].name, "sort": sort, "role": row.role}

    return {
        "customer": customer.pk,
        "sort": customer.sort or PERSON,
        "groups": [line(row, row.group) for row in groups],
        "people": [line(row, row.customer) for row in people],
    }
