"""The ready-made lists of the console, as SQL that costs the same at any number of cases."""

# ruff: noqa: S608 - the statements are put together from the constants below; every value is a parameter.

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Status
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.case_number import CaseNumber

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
    APPROVAL = "approval"
    BACK = "back"
    SCHEDULED = "scheduled"
    DUE = "due"


PENDING = (View.APPROVAL, View.BACK, View.SCHEDULED)
STATUSES: dict[View, tuple[Status, ...]] = {
    View.OPEN: OURS_TO_ACT,
    View.WAITING: (Status.WAITING_CUSTOMER, Status.WAITING_THIRD),
    View.SOLVED: (Status.SOLVED, Status.CLOSED),
}


_ACTIVE = "status IN ({})".format(", ".join(f"'{status.value}'" for status in ACTIVE))
_KINDS = ", ".join(
    "('{}', ARRAY[{}])".format(view.value, ", ".join(f"'{status.value}'" for status in STATUSES[view]))
    for view in (View.OPEN, View.WAITING)
)
# Few at any time, and under an index of their own: whoever answers for one was warned, and it runs still.
_IS_DUE = f"{_ACTIVE} AND due_warned AND due_at IS NOT NULL"
_NEWEST_FIRST = "ORDER BY touched_at DESC, id DESC"
_DUE_FIRST = "ORDER BY due_at, id"
# Behind a SELECT the planner cannot see whose and how many: its plan is as good for others, so the server keeps it.
_DESKS = "(SELECT %(desks)s::bigint[])::bigint[]"
_PERSON = "(SELECT %(person)s::bigint)"
_EACH_DESK = f"unnest({_DESKS}) AS d(desk)"
# Those at whose desks the reader works, and those where they approve.
_WORKED, _APPROVED = (f"(SELECT %({name})s::bigint[])::bigint[]" for name in ("worked", "approved"))
_OPEN = "'scheduled', 'awaiting', 'held', 'returned'"
# Answers that wait, by the view that they are in for this reader. They are few: each looks for its own case alone.
_PENDING = f"""
    SELECT p.case_id, CASE p.state
            WHEN 'scheduled' THEN 'scheduled' WHEN 'awaiting' THEN 'approval' ELSE 'back' END AS view,
        p.user_id = {_PERSON} AS own, c.desk_id = ANY({_APPROVED}) AS approves
    FROM cases_pendinganswer AS p CROSS JOIN LATERAL (
        SELECT desk_id FROM cases_case WHERE id = p.case_id OFFSET 0
    ) AS c
    WHERE p.state IN ({_OPEN}) AND c.desk_id = ANY({_WORKED})
"""
_LINES = """
    SELECT c.id, c.number, company.prefix, c.company_id, c.desk_id, desk.name, customer.name, assignee.name,
        c.subject, c.status, c.priority, c.tags, c.touched_at, c.waiting_since, c.undelivered, coalesce((
            SELECT automatic FROM cases_message
            WHERE case_id = c.id AND author = 'customer' ORDER BY at DESC, id DESC LIMIT 1
        ), ''), coalesce(waits.state, ''), waits.due_at, c.due_at, c.due_for, c.due_warned, c.channel,
        c.customer_id
    FROM cases_case AS c
        JOIN companies_company AS company ON company.id = c.company_id
        JOIN companies_desk AS desk ON desk.id = c.desk_id
        JOIN customers_customer AS customer ON customer.id = c.customer_id
        LEFT JOIN people_user AS assignee ON assignee.id = c.assignee_id
        LEFT JOIN LATERAL (
            SELECT state, due_at FROM cases_pendinganswer
            WHERE case_id = c.id AND state IN ({open}) ORDER BY id DESC LIMIT 1
        ) AS waits ON true
    WHERE c.id = ANY({ids}) ORDER BY c.touched_at DESC, c.id DESC
"""
# What stands on the rail is at most "999+": no number is counted beyond that, however many cases there are.
_COUNTS = f"""
    SELECT d.desk, kind.name, c.number
    FROM {_EACH_DESK} CROSS JOIN (VALUES {_KINDS}) AS kind(name, statuses)
        CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM (
                SELECT FROM cases_case WHERE desk_id = d.desk AND status = ANY(kind.statuses) LIMIT {COUNT_TO}
            ) AS found
        ) AS c
    UNION ALL SELECT NULL, 'unassigned', count(*) FROM (
        SELECT FROM {_EACH_DESK} CROSS JOIN LATERAL (
            SELECT FROM cases_case WHERE desk_id = d.desk AND {_ACTIVE} AND assignee_id IS NULL LIMIT {COUNT_TO}
        ) AS c LIMIT {COUNT_TO}
    ) AS unassigned
    UNION ALL SELECT NULL, 'due', count(*) FROM (
        SELECT FROM {_EACH_DESK} CROSS JOIN LATERAL (
            SELECT FROM cases_case WHERE desk_id = d.desk AND {_IS_DUE} LIMIT {COUNT_TO}
        ) AS c LIMIT {COUNT_TO}
    ) AS due
    UNION ALL SELECT NULL, 'mine', count(*) FROM (
        SELECT FROM cases_case
        WHERE assignee_id = {_PERSON} AND desk_id = ANY({_DESKS}) AND {_ACTIVE} LIMIT {COUNT_TO}
    ) AS mine
    UNION ALL SELECT NULL, 'mentions', count(*) FROM (
        SELECT FROM cases_mention WHERE user_id = {_PERSON} AND seen_at IS NULL LIMIT {COUNT_TO}
    ) AS unseen
    UNION ALL SELECT NULL, waits.view, count(*) FROM (
        SELECT view FROM ({_PENDING}) AS pending
        WHERE view = 'scheduled' OR (view = 'approval' AND approves AND NOT own) OR (view = 'back' AND own)
        LIMIT {COUNT_TO}
    ) AS waits GROUP BY waits.view
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a list ends: what comes next was touched before this, or in the list of what runs out, does so
    after it (`by_due`).
    """

    touched_at: datetime
    id: int

    @classmethod
    def after(cls, line: "CaseLine", *, by_due: bool = False) -> "Place":
        """Where a page ends with this case."""
        return cls(line.due_at if by_due and line.due_at else line.touched_at, line.id)

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
class CaseLine:
    """What a list shows of a case, in the order of the columns that `_LINES` selects.

    `automatic` says which machine wrote what came in last; it is empty when a person did. `pending` is how
    the newest of its answers stands that have not begun to leave, and `due` when that one leaves, if it has a time.
    `due_at` and what follows it are as in `Case`.
    """

    id: int
    number: int
    prefix: str
    company_id: int
    desk_id: int
    desk: str
    customer: str
    assignee: str | None
    subject: str
    status: str
    priority: int
    tags: list[str]
    touched_at: datetime
    waiting_since: datetime | None
    undelivered: bool = False
    automatic: str = ""
    pending: str = ""
    due: datetime | None = None
    due_at: datetime | None = None
    due_for: str = ""
    due_warned: bool = False
    channel: str = ""
    customer_id: int = 0

    @classmethod
    def of(cls, case: Case, *, automatic: str, pending: str = "", due: datetime | None = None) -> "CaseLine":
        """The line of a case that is at hand already, as is what came in last."""
        return cls(
            id=case.pk,
            number=case.number,
            prefix=case.company.prefix,
            company_id=case.company_id,
            desk_id=case.desk_id,
            desk=case.desk.name,
            customer=case.customer.name,
            assignee=case.assignee.name if case.assignee else None,
            subject=case.subject,
            status=case.status,
            priority=case.priority,
            tags=case.tags,
            touched_at=case.touched_at,
            waiting_since=case.waiting_since,
            undelivered=case.undelivered,
            automatic=automatic,
            pending=pending,
            due=due,
            due_at=case.due_at,
            due_for=case.due_for,
            due_warned=case.due_warned,
            channel=case.channel,
            customer_id=case.customer_id,
        )

    @property
    def spoken_number(self) -> str:
        """The number as spoken and written."""
        return str(CaseNumber(self.prefix, self.number))


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a list is: the person, the desks where they work, and those where they approve answers."""

    person: int | None
    worked: Sequence[int] = ()
    approved: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list, and where the next begins (None: this is the end)."""

    cases: list[CaseLine]
    next: Place | None


def lines_of_view(
    view: View, *, desks: Sequence[int], reader: Reader, before: Place | None, most: int
) -> list[CaseLine]:
    values = _values(desks, reader)
    place = {"touched_at": before.touched_at, "id": before.id} if before else {}
    ids = f"ARRAY(SELECT id FROM ({_select(view, most=most, later=bool(before))}) AS page)"
    lines = _lines(ids, values | place)
    return sorted(lines, key=_urgency) if view == View.DUE else lines


def _urgency(line: CaseLine) -> tuple[datetime, int]:
    return line.due_at or line.touched_at, line.id


def lines_of(ids: Sequence[int]) -> list[CaseLine]:
    return _lines("%(ids)s", {"ids": list(ids)})


def solved_among(ids: Sequence[int]) -> set[int]:
    """Those of these cases on which nobody works any more. One query, none for no cases."""
    if not ids:
        return set()
    return set(Case.objects.filter(pk__in=ids).exclude(status__in=ACTIVE).values_list("pk", flat=True))


def _lines(ids: str, values: dict[str, Any]) -> list[CaseLine]:
    return [CaseLine(*row) for row in fetch_all(_LINES.format(ids=ids, open=_OPEN), values)]


def _values(desks: Sequence[int], reader: Reader) -> dict[str, Any]:
    return {
        "desks": list(desks),
        "person": reader.person,
        "worked": list(reader.worked),
        "approved": list(reader.approved),
    }


def _select(view: View, *, most: int, later: bool) -> str:
    """Newest first over several desks, what runs out by when it does: each desk yields its own first by index, and
    those are merged.

    So the work depends on the number of desks and the page, never on the number of cases.
    """
    place = "AND (touched_at, id) < (%(touched_at)s, %(id)s)" if later else ""
    order = f"{place} {_NEWEST_FIRST} LIMIT {most}"
    if view == View.MENTIONS:
        mentioned = f"SELECT case_id FROM cases_mention WHERE user_id = {_PERSON} ORDER BY at DESC LIMIT 500"
        return f"SELECT id FROM cases_case WHERE id IN ({mentioned}) AND desk_id = ANY({_DESKS}) {order}"
    if view in PENDING:
        own = {View.SCHEDULED: "", View.APPROVAL: "AND (approves OR own)", View.BACK: "AND own"}[view]
        waiting = f"SELECT case_id FROM ({_PENDING}) AS pending WHERE view = '{view.value}' {own}"
        return f"SELECT id FROM cases_case WHERE id IN ({waiting}) AND desk_id = ANY({_DESKS}) {order}"
    if view == View.MINE:
        mine = f"assignee_id = {_PERSON} AND desk_id = ANY({_DESKS}) AND {_ACTIVE}"
        return f"SELECT id FROM cases_case WHERE {mine} {order}"
    each, wanted = _per_desk(view)
    if view == View.DUE:
        place = "AND (due_at, id) > (%(touched_at)s, %(id)s)" if later else ""
        first = f"SELECT id, due_at FROM cases_case WHERE {wanted} {place} {_DUE_FIRST} LIMIT {most}"
        return f"SELECT id FROM {each} CROSS JOIN LATERAL ({first}) AS c {_DUE_FIRST} LIMIT {most}"
    newest = f"SELECT id, touched_at FROM cases_case WHERE {wanted} {order}"
    return f"SELECT id FROM {each} CROSS JOIN LATERAL ({newest}) AS c {_NEWEST_FIRST} LIMIT {most}"


def _per_desk(view: View) -> tuple[str, str]:
    if view in STATUSES:
        statuses = ", ".join(f"'{status.value}'" for status in STATUSES[view])
        each_status = f"unnest(ARRAY[{statuses}]) AS s(status)"
        return f"{_EACH_DESK} CROSS JOIN {each_status}", "desk_id = d.desk AND cases_case.status = s.status"
    also = {
        View.ACTIVE: f" AND {_ACTIVE}",
        View.UNASSIGNED: f" AND {_ACTIVE} AND assignee_id IS NULL",
        View.DUE: f" AND {_IS_DUE}",
    }
    return _EACH_DESK, "desk_id = d.desk" + also.get(view, "")


def counted(*, desks: Sequence[int], reader: Reader) -> dict[str, int]:
    """Numbers by view and by desk (`desk:ID`), none higher than `COUNT_TO`."""
    rows = fetch_all(_COUNTS, _values(desks, reader))
    numbers = Counter({"mine": 0, "unassigned": 0, "open": 0, "waiting": 0, "mentions": 0, "due": 0})
    for desk, name, number in rows:
        numbers[name] += number
        if desk is not None:
            numbers[f"desk:{desk}"] += number
    return {name: min(number, COUNT_TO) for name, number in numbers.items()}
