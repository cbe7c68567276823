"""What a list shows of each case beside the usual: the fields that its view has for columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from madoguchi.cases.queries import filled_of
from madoguchi.fields.models import Field
from madoguchi.fields.queries import fields_by_id
from madoguchi.fields.references import Names, names_of
from madoguchi.fields.values import Filled
from madoguchi.fields.worded import said_to
from madoguchi.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a case in a list; `words` are empty where nothing is filled in."""

    label: str
    words: str


Columns = Mapping[int, list[Column]]


def columns_of(fields: Sequence[int], cases: Sequence[int], *, actor: Actor) -> Columns:
    """Of each case the values of these fields, as the actor may see them. Two queries, and one each for
    names of customers, products and orders; none where no field is asked for.
    """
    if not fields or not cases:
        return {}
    known = fields_by_id(fields)
    shown, values = [known[pk] for pk in fields if pk in known], filled_of(cases)
    names = names_of((filled.get(one.key) for filled in values.values() for one in shown), actor=actor)
    return {pk: [_column(one, values[pk], names, actor) for one in shown] for pk in cases if pk in values}


def _column(field: Field, filled: Filled, names: Names, actor: Actor) -> Column:
    scope = actor.data_scope(company=field.company_id)
    return Column(field.label, said_to(field, filled.get(field.key), names, scope))
