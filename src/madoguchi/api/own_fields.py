"""What a desk of its own wants to know of a case: told to programs, and filled in by them as by people."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.actions import fill
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.fields.references import names_of
from madoguchi.fields.values import asked
from madoguchi.fields.worded import said_to
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused


def fields_of(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The fields that are asked of a case, in their order, then those that are asked no more and have a value; the
    customer's data as far as the actor may see it. Two queries, and one each for names of what they refer to.
    """
    wanted, scope = asked_of(case), actor.data_scope(company=case.company_id)
    form = asked(wanted.form, case.filled)
    every = [*form, *wanted.old]
    names = names_of([case.filled.get(field.key) for field in every], actor=actor)
    return [
        {
            "id": field.pk,
            "name": field.label,
            "kind": field.kind,
            "value": said_to(field, case.filled.get(field.key), names, scope),
            "asked": field in form,
            "required": field in form and field.required,
        }
        for field in every
    ]


def fill_fields(case: Case, wanted: Mapping[str, str], *, by: Actor) -> None:
    """Fill fields in, each named by its name or its id; an empty value takes one away.

    Raises Refused, with the field as it was named, for one that is not asked of the case and for what it does not take;
    otherwise as `fill` does.
    """
    for name, written in wanted.items():
        form = asked(asked_of(case).form, case.filled)
        found = next((field for field in form if name in (field.label, field.key)), None)
        if found is None:
            raise Refused(
                _("“%(field)s” is not asked of this case.") % {"field": name[:60]}, field=f"own_fields.{name}"
            )
        try:
            fill(case, field=found.pk, written=written, by=by)
        except Refused as error:
            raise Refused(str(error), field=f"own_fields.{name}") from None
        case.refresh_from_db()
