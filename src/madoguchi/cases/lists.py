"""The ready-made lists of the console, as SQL that costs the same at any number of cases."""

# ruff: noqa: S608 - the statements are put together from the constants below; every value is a parameter.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Status
from madoguchi.infra.prepared import fetch_all

COUNT_TO = 1000


class View(StrEnum):
    """The ready-made lists of the console."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    OPEN = "open"
    WAITING = "waiting"
    ACTIVE = "active"
    SOLVED = "solved"
    ALL = "all"
    MENTIONS = "mentions"


STATUSES: dict[View, tuple[Status, ...]] = {
    View.OPEN: OURS_TO_ACT,
    View.WAITING: (Status.WAITING_CUSTOMER, Status.WAITING_THIRD),
    View.SOLVED: (Status.SOLVED, Status.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ends: what comes next was touched before this."""

    touched_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.touched_at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, written: str) -> "Place | None":
        """The place an address names; None for anything that is not one."""
        moment, _, id_ = written.rpartition("~")
        try:
            return cls(datetime.fromisoformat(moment), int(id_))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list, and where the next begins (None: this is the end)."""

    cases: list[Case]
    next: Place | None


def ids_of(
    view: View, *, desks: Sequence[int], person: int | None, before: Place | None, most: int
) -> list[tuple[int, datetime]]:
    sql, values = _select(view, desks, person, before, most)
    return fetch_all(sql, values)


def _select(
    view: View, desks: Sequence[int], person: int | None, before: Place | None, most: int
) -> tuple[str, list[Any]]:
    """Newest first over several desks: each desk yields its own newest by index, and those are merged.

    So the work depends on the number of desks and the page, never on the number of cases.
    """
    later = "AND (touched_at, id) < (%s, %s)" if before else ""
    place = [before.touched_at, before.id] if before else []
    order = "ORDER BY touched_at DESC, id DESC LIMIT %s"
    active = "status IN ({})".format(", ".join(f"'{s.value}'" for s in ACTIVE))
    if view == View.MENTIONS:
        mentioned = "id IN (SELECT case_id FROM cases_mention WHERE user_id = %s ORDER BY at DESC LIMIT 500)"
        sql = f"SELECT id, touched_at FROM cases_case WHERE {mentioned} AND desk_id = ANY(%s) {later} {order}"
        return sql, [person, list(desks), *place, most]
    if view == View.MINE:
        mine = f"assignee_id = %s AND desk_id = ANY(%s) AND {active}"
        return f"SELECT id, touched_at FROM cases_case WHERE {mine} {later} {order}", [
            *(person, list(desks), *place, most)
        ]
    from_each, wanted, values = _per_desk(view, desks, active)
    inner = f"SELECT id, touched_at FROM cases_case WHERE {wanted} {later} {order}"
    sql = f"SELECT c.id, c.touched_at FROM {from_each} CROSS JOIN LATERAL ({inner}) c {order}"
    return sql, [*values, *place, most, most]


def _per_desk(view: View, desks: Sequence[int], active: str) -> tuple[str, str, list[Any]]:
    each_desk = "unnest(%s::bigint[]) AS d(desk)"
    if view in STATUSES:
        each_status = "unnest(%s::text[]) AS s(status)"
        return (
            f"{each_desk} CROSS JOIN {each_status}",
            "desk_id = d.desk AND cases_case.status = s.status",
            [list(desks), [s.value for s in STATUSES[view]]],
        )
    condition = {View.ACTIVE: f" AND {active}", View.UNASSIGNED: f" AND {active} AND assignee_id IS NULL"}
    return each_desk, "desk_id = d.desk" + condition.get(view, ""), [list(desks)]


def count_of(view: View, desks: Sequence[int], person: int | None, *, name: str) -> tuple[str, list[Any]]:
    sql, values = _select(view, desks, person, None, COUNT_TO)
    return f"SELECT %s::text, count(*) FROM ({sql}) AS counted", [name, *values]
