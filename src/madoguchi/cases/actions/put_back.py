"""Putting a case back as it was, for what was done to many at once and is undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.events import CaseAssigned, CaseChanged, StatusChanged
from madoguchi.cases.models import Case
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.queries import works_at

_PLAIN = (
    "status",
    "priority",
    "severity",
    "tags",
    "feelings",
    "desk_id",
    "assignee_id",
    "undelivered",
    "hops",
)
_MOMENTS = ("solved_at", "waiting_since")


def columns_of(case: Case) -> dict[str, Any]:
    """How a case stands, in words that JSON knows, for `put_back`."""
    moments = {name: getattr(case, name) for name in _MOMENTS}
    plain: dict[str, Any] = {name: getattr(case, name) for name in _PLAIN}
    return plain | {name: at.isoformat() if at else None for name, at in moments.items()}


@transaction.atomic
def put_back(case: Case, *, columns: Mapping[str, Any], by: Actor) -> None:
    """Make a case exactly what `columns_of` once said, in every field that a change by hand touches.

    The caller knows that nothing else happened to it since. Raises NotAllowed for who might not make the same change
    by hand, and Refused where it would go back to somebody who has left the desk.
    """
    case = Case.objects.select_for_update(of=["self"]).select_related("desk").get(pk=case.pk)
    # What was kept before these were goes back without a word of them.
    columns = {"feelings": case.feelings, "severity": case.severity, **columns}
    _require(case, columns, by)
    facts = list(_facts(case, columns))
    moments = {name: datetime.fromisoformat(columns[name]) if columns[name] else None for name in _MOMENTS}
    values = {name: columns[name] for name in _PLAIN} | moments
    Case.objects.filter(pk=case.pk).update(**values, version=F("version") + 1)
    for fact in facts:
        record(fact, by=by)


def _require(case: Case, columns: Mapping[str, Any], by: Actor) -> None:
    gives = case.assignee_id != columns["assignee_id"] and case.desk_id == columns["desk_id"]
    if gives and not policies.may_assign(by, case, to=columns["assignee_id"]):
        raise NotAllowed(Permission.CASE_ASSIGN)
    if not gives and not policies.may_update(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    person, desk = columns["assignee_id"], columns["desk_id"]
    given = person is not None and (person, desk) != (case.assignee_id, case.desk_id)
    if given and not works_at(person, desk=desk, company=case.company_id):
        raise Refused(_("Who was responsible before does not work at the desk any more."))


def _facts(case: Case, columns: Mapping[str, Any]) -> list[Fact]:
    hop, moved = columns["hops"] - case.hops, case.desk_id != columns["desk_id"]
    found: list[Fact] = []
    for name in ("priority", "severity", "tags", "feelings"):
        before, after = getattr(case, name), columns[name]
        if before != after:
            found.append(CaseChanged(**case.where, field=name, before=before, after=after))
    if case.status != columns["status"]:
        found.append(StatusChanged(**case.where, before=case.status, after=columns["status"]))
    if moved:
        before, after = case.desk_id, columns["desk_id"]
        found.append(CaseChanged(**case.where, field="desk", before=before, after=after, hop=hop))
    if case.assignee_id != columns["assignee_id"]:
        where = case.where | {"desk": columns["desk_id"]}
        before, after = case.assignee_id, columns["assignee_id"]
        found.append(CaseAssigned(**where, before=before, after=after, hop=0 if moved else hop))
    return found
