"""The fields and kinds of matter of desks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from madoguchi.fields.models import Field, Matter
from madoguchi.fields.policies import may_fill
from madoguchi.fields.values import form_of
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound

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


def fields_by_id(fields: Iterable[int]) -> dict[int, Field]:
    """These fields, whatever became of them. One query."""
    return Field.objects.in_bulk(list(fields))


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
