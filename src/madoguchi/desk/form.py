"""What the desk wants to know of a case, as somebody at it sees and fills it in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.fields.models import Field, Matter
from madoguchi.fields.policies import may_fill
from madoguchi.fields.references import Names, names_of, offered
from madoguchi.fields.values import asked, say_value
from madoguchi.fields.worded import said_to
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.look.fixed import address


@dataclass(frozen=True, slots=True)
class Problem:
    """Why what was typed could not be kept: under which field, and the words as they were typed."""

    field: str
    words: str
    typed: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field with its value in words. `seen` is the value by which one tells whether it changed meanwhile, `url`
    the page of what it refers to, which is `called` so.
    """

    field: Field
    words: str
    seen: str
    may_fill: bool
    missing: bool
    problem: str = ""
    url: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked of a case, and what it has that is no longer asked (`old`). `then` is what somebody wanted to do
    and what is missing kept them from: a status, a macro, or an answer.
    """

    lines: list[Line]
    old: list[Line]
    matters: list[Matter]
    matter: Matter | None
    may_update: bool
    problem: str = ""
    then: str = ""

    @property
    def left(self) -> list[str]:
        """What is needed to solve the case and not known yet."""
        return [line.field.label for line in self.lines if line.missing]


def form_shown(case: Case, *, actor: Actor, problem: Problem | None = None, then: str = "") -> Form | None:
    """The form of a case; None where there is nothing to show. With `then`, what is missing for that is marked. Two
    queries, and one each for names of customers, products and orders; none where the desk asks nothing of its own.
    """
    wanted = asked_of(case)
    if not (wanted.form or wanted.matters or wanted.old):
        return None
    scope = actor.data_scope(company=case.company_id)
    updates = policies.may_update(actor, case)
    names = _names([*wanted.form, *wanted.old], case, actor)
    return Form(
        lines=[
            _marked(_line(field, case, names, scope, updates, problem), then)
            for field in asked(wanted.form, case.filled)
        ],
        old=[_line(field, case, names, scope, False, None) for field in wanted.old],
        matters=wanted.matters,
        matter=wanted.matter,
        may_update=updates,
        problem=problem.words if problem and problem.field == "matter" else "",
        then=then,
    )


def offers_for(case: Case, field: int, written: str, *, actor: Actor) -> list[tuple[str, str]]:
    """What may be meant in a field of a case's form, with a word about each. Raises NotAllowed, and NotFound for what
    is not asked of it. Up to five queries.
    """
    if not policies.may_update(actor, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    found = next((one for one in asked(asked_of(case).form, case.filled) if one.pk == field), None)
    if found is None:
        raise NotFound(field)
    return offered(found, written, customer=case.customer_id, actor=actor)


def _names(fields: Sequence[Field], case: Case, actor: Actor) -> Names:
    return names_of([case.filled.get(field.key) for field in fields], actor=actor)


def _line(
    field: Field,
    case: Case,
    names: Names,
    scope: DataScope,
    updates: bool,
    problem: Problem | None,
) -> Line:
    value = case.filled.get(field.key)
    fills = updates and may_fill(field.holds, scope)
    here = problem if problem and problem.field == field.key else None
    words = said_to(field, value, names, scope)
    return Line(
        field=field,
        words=here.typed if here else words,
        seen=say_value(field, value) if fills else "",
        may_fill=fills,
        missing=field.required and value is None,
        problem=here.words if here else "",
        url=_page_of(field, value, names),
        called=words,
    )


def _page_of(field: Field, value: Any, names: Names) -> str:
    pk = value[field.kind] if value and field.kind == Field.Kind.ORDER else None
    return address("desk:order", pk) if pk in names.orders else ""


def _marked(line: Line, then: str) -> Line:
    if not then or line.problem or not (line.missing and line.may_fill):
        return line
    return replace(line, problem=_("Fill this in first."))
