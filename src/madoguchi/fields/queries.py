"""The fields and kinds of matter of desks, and who another customer is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import show
from madoguchi.fields.models import Field, Matter
from madoguchi.fields.policies import may_fill
from madoguchi.fields.values import form_of
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical

MOST, MOST_FOUND_BY = 200, 500
_FIELDS = PreparedQuery(
    lambda: Field.objects.filter(Q(desk=Slot("desk")) | Q(id__among=Slot("more"))).order_by("place", "id")
)
_MATTERS = PreparedQuery(lambda: Matter.objects.filter(desk=Slot("desk")).order_by("place", "id"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a case: the fields of its form in order, the kinds of matter to choose from (`matter` is its
    own, perhaps out of use), and fields that are no longer asked, of which it has a value.
    """

    form: list[Field]
    matters: list[Matter]
    matter: Matter | None
    old: list[Field]


def wanted_of(*, desk: int, matter: int | None, filled: Mapping[str, Any]) -> Wanted:
    """What a desk wants to know of a case of this kind that has these values. Two queries."""
    fields = _FIELDS.rows({"desk": desk, "more": [int(key) for key in filled]}, most=MOST)
    matters = _MATTERS.rows({"desk": desk}, most=MOST)
    here = [field for field in fields if field.desk_id == desk]
    own = next((one for one in matters if one.pk == matter), None)
    form = form_of(own, here, matters)
    old = [field for field in fields if field.key in filled and field not in form]
    return Wanted(form, [one for one in matters if one.removed_at is None or one == own], own, old)


def fields_to_find(
    desks: Iterable[int], *, also: Iterable[int] = (), actor: Actor | None = None
) -> list[Field]:
    """What cases of these desks can be found by: the fields in use there but for those of which the actor is not to see
    the values, and those named in `also`, whatever became of them. One query.
    """
    named = set(also)
    rows = Field.objects.filter(Q(desk__in=list(desks), removed_at=None) | Q(pk__in=named))
    found = rows.select_related("desk").order_by("desk__name", "desk", "place", "id")[:MOST_FOUND_BY]
    return [one for one in found if one.pk in named or actor is None or not _is_unseen(one, actor)]


def customer_named(field: Field, written: str, *, actor: Actor) -> dict[str, int]:
    """What is kept of the customer of the field's company whom a mail address or phone number reaches.

    Raises Refused where there is none, and where the actor's data scope does not let them know addresses.
    """
    kind = IdentityKind.EMAIL if "@" in written else IdentityKind.PHONE
    scope = actor.data_scope(company=field.company_id)
    known = Identity.objects.filter(company_id=field.company_id, kind=kind)
    found = known.filter(value=canonical(kind, written)[:254]).first()
    if kind in scope.masked | scope.hidden or found is None:
        words = _("Write the mail address or phone number of a customer who is known here.")
        raise Refused(f"{field.label}: {words}", field=field.key)
    return {"customer": found.customer_id}


def fields_by_id(fields: Iterable[int]) -> dict[int, Field]:
    """These fields, whatever became of them. One query."""
    return Field.objects.in_bulk(list(fields))


def names_of(customers: Iterable[int], *, actor: Actor | None) -> dict[int, str]:
    """What customers are called, as far as this person may see them; without an actor, whole. At most one query."""
    if not (customers := list(customers)):
        return {}
    found = Customer.objects.filter(pk__in=customers)
    if actor is None:
        return {one.pk: one.name for one in found}
    return {one.pk: show(one.name, "name", actor.data_scope(company=one.company_id)) for one in found}


def unseen_among(fields: Iterable[int], *, actor: Actor) -> frozenset[int]:
    """Those of these fields whose values hold what is masked or hidden from the actor. One query."""
    holding = Field.objects.filter(pk__in=list(fields)).exclude(holds="")
    return frozenset(one.pk for one in holding if _is_unseen(one, actor))


def _is_unseen(field: Field, actor: Actor) -> bool:
    return not may_fill(field.holds, actor.data_scope(company=field.company_id))


def fields_to_edit(actor: Actor) -> QuerySet[Field]:
    """The fields, removed ones too, of the desks that the actor sets up."""
    return _set_up_by(actor, Field.objects.select_related("company", "desk", "only_if"))


def field_to_edit(actor: Actor, field: int) -> Field:
    """One of those; raises NotFound for any other."""
    found = fields_to_edit(actor).filter(pk=field).first()
    if found is None:
        raise NotFound(field)
    return found


def matters_to_edit(actor: Actor) -> QuerySet[Matter]:
    """The kinds of matter, also those out of use, of the desks that the actor sets up."""
    return _set_up_by(actor, Matter.objects.select_related("company", "desk"))


def matter_to_edit(actor: Actor, matter: int) -> Matter:
    """One of those; raises NotFound for any other."""
    found = matters_to_edit(actor).filter(pk=matter).first()
    if found is None:
        raise NotFound(matter)
    return found


def _set_up_by(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    wide, single = actor.companies_with(Permission.DESKS), actor.desks_with(Permission.DESKS)
    mine = rows.filter(Q(company_id__in=wide) | Q(desk_id__in=single))
    return mine.order_by("company_id", "desk__name", "desk_id", "place", "id")
