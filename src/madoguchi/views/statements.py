"""Filters as SQL: the same answer as `meaning`, newest first, at a cost that has a bound at any number of cases."""

# ruff: noqa: S608 - the statements are put together from the constants below; every value is a parameter.

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from madoguchi.cases.asking import case_meets
from madoguchi.cases.lists import Place
from madoguchi.cases.models import ACTIVE, Status
from madoguchi.cases.unread import is_unread
from madoguchi.kernel.text import alike
from madoguchi.views.filters import EVENT, ME, NOBODY, TIMES, All, Condition, Node, Not, conditions, required
from madoguchi.views.meaning import Reader, of_field
from madoguchi.views.moments import moment

# How many cases a page looks at before it says: so far, go on from here. A count looks at fewer.
LOOKED_AT, COUNTED_AMONG = 10_000, 1_000
# To ask the log, or what is new since somebody looked, costs as much as to look at several cases.
_COST_OF_ASKING, _ASKED_ELSEWHERE = 5, frozenset({EVENT, "unread"})
_ACTIVE_VALUES = frozenset(status.value for status in ACTIVE)
_ACTIVE = "c.status IN ({})".format(", ".join(f"'{status.value}'" for status in ACTIVE))
_NEWEST = "ORDER BY c.touched_at DESC, c.id DESC"
_COLUMNS = {
    "status": ("c.status", "text"),
    "channel": ("c.channel", "text"),
    "language": ("c.language", "text"),
    "priority": ("c.priority", "smallint"),
    "desk": ("c.desk_id", "bigint"),
    "customer": ("c.customer_id", "bigint"),
}
_PAGE = """
    WITH branch AS MATERIALIZED ({branch}), reached AS MATERIALIZED (
        SELECT last.touched_at, last.id FROM branch CROSS JOIN LATERAL (
            SELECT c.touched_at, c.id FROM cases_case AS c WHERE {among} {newest} OFFSET {looked_at} - 1 LIMIT 1
        ) AS last ORDER BY 1 DESC, 2 DESC LIMIT 1
    )
    (SELECT found.id, found.touched_at, false FROM branch CROSS JOIN LATERAL (
        SELECT c.id, c.touched_at FROM (
            SELECT c.* FROM cases_case AS c WHERE {among} {newest} LIMIT {looked_at}
        ) AS c WHERE {wanted} {newest} LIMIT {most}
    ) AS found WHERE (found.touched_at, found.id) >= (
        coalesce((SELECT touched_at FROM reached), '-infinity'), coalesce((SELECT id FROM reached), 0)
    ) ORDER BY 2 DESC, 1 DESC LIMIT {most})
    UNION ALL SELECT id, touched_at, true FROM reached
"""
_COUNT = """
    SELECT {name}::bigint, coalesce(sum(part.found), 0)::bigint, coalesce(bool_or(part.seen >= {among_most}), false)
    FROM ({branch}) AS branch CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE {wanted}) AS found, count(*) AS seen FROM (
            SELECT c.* FROM cases_case AS c WHERE {among} {newest} LIMIT {among_most}
        ) AS c
    ) AS part
"""


@dataclass(slots=True)
class Values:
    """The values of a statement, each under a name of its own."""

    named: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any, kind: str) -> str:
        """A placeholder for one more value, cast to its type."""
        name = f"v{len(self.named)}"
        self.named[name] = value
        return f"%({name})s::{kind}"


@dataclass(frozen=True, slots=True)
class Branches:
    """Runs of an index that together hold every case of a filter, each newest first."""

    table: str
    among: str
    number: int


def page_statement(
    wanted: Node,
    *,
    desks: Sequence[int],
    reader: Reader,
    before: Place | None,
    most: int,
    among: Sequence[int] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Ids and times of the newest `most` cases, and last, marked true, how far it looked if not to the end.

    `among` are the cases that may be wanted, where it is known that no others are.
    """
    values = Values()
    runs = branches(wanted, desks, reader, values) if among is None else those(among, desks, values)
    place = ""
    if before:
        moment_, id_ = values.add(before.touched_at, "timestamptz"), values.add(before.id, "bigint")
        place = f" AND (c.touched_at, c.id) < ({moment_}, {id_})"
    statement = _PAGE.format(
        branch=runs.table,
        among=runs.among + place,
        wanted=condition_sql(wanted, reader, values),
        newest=_NEWEST,
        looked_at=max(share(wanted, runs), most),
        most=most,
    )
    return statement, values.named


def count_statement(
    named: Sequence[tuple[int, Node, Sequence[int]]], *, reader: Reader
) -> tuple[str, dict[str, Any]]:
    """For each filter under its number, over its desks: how many of the newest cases it wants, more or not."""
    values = Values()
    parts = [_count(number, node, desks, reader, values) for number, node, desks in named]
    return " UNION ALL ".join(parts), values.named


def condition_sql(node: Node, reader: Reader, values: Values) -> str:
    """What a case `c` must meet, as an expression that is never null."""
    if isinstance(node, Condition):
        return _condition(node, reader, values)
    if isinstance(node, Not):
        return f"NOT {condition_sql(node.part, reader, values)}"
    parts = [condition_sql(part, reader, values) for part in node.parts]
    if not parts:
        return "true" if isinstance(node, All) else "false"
    return "(" + (" AND " if isinstance(node, All) else " OR ").join(parts) + ")"


def _count(number: int, node: Node, desks: Sequence[int], reader: Reader, values: Values) -> str:
    runs = branches(node, desks, reader, values)
    return _COUNT.format(
        name=values.add(number, "bigint"),
        branch=runs.table,
        among=runs.among,
        wanted=condition_sql(node, reader, values),
        newest=_NEWEST,
        among_most=share(node, runs, whole=COUNTED_AMONG),
    )


def share(wanted: Node, runs: Branches, *, whole: int | None = None) -> int:
    """How many cases of each run are looked at."""
    whole = LOOKED_AT if whole is None else whole
    elsewhere = any(asked.field in _ASKED_ELSEWHERE for asked in conditions(wanted))
    cost = _COST_OF_ASKING if elsewhere else 1
    return max(whole // cost // max(runs.number, 1), 1)


def branches(
    wanted: Node, desks: Sequence[int], reader: Reader, values: Values, *, by_status: bool = True
) -> Branches:
    """The shortest runs known to hold every wanted case: a person's own, or the desks', by status if one is asked and
    that is of use.
    """
    musts = list(required(wanted))
    kept = _narrowed("desk", musts, desks)
    statuses = _narrowed("status", musts, Status.values)
    people = _responsible(musts, reader)
    each_desk = values.add(kept, "bigint[]")
    if people is not None and _ACTIVE_VALUES.issuperset(statuses):
        table = f"SELECT person FROM unnest({values.add(people, 'bigint[]')}) AS person"
        among = f"c.assignee_id = branch.person AND c.desk_id = ANY({each_desk}) AND {_ACTIVE}"
        return Branches(table, among, len(people))
    if by_status and len(statuses) < len(Status.values):
        each_status = values.add(statuses, "text[]")
        table = (
            f"SELECT desk, status FROM unnest({each_desk}) AS desk CROSS JOIN unnest({each_status}) AS status"
        )
        return Branches(
            table, "c.desk_id = branch.desk AND c.status = branch.status", len(kept) * len(statuses)
        )
    return Branches(f"SELECT desk FROM unnest({each_desk}) AS desk", "c.desk_id = branch.desk", len(kept))


def those(cases: Sequence[int], desks: Sequence[int], values: Values) -> Branches:
    """One run of cases that are known by their ids."""
    ids, each_desk = values.add(list(cases), "bigint[]"), values.add(list(desks), "bigint[]")
    return Branches("SELECT 1 AS one", f"c.id = ANY({ids}) AND c.desk_id = ANY({each_desk})", 1)


def _narrowed(name: str, musts: Sequence[Condition], whole: Sequence[Any]) -> list[Any]:
    asked = [set(must.value) for must in musts if must.field == name]
    return [one for one in dict.fromkeys(whole) if all(one in values for values in asked)]


def _responsible(musts: Sequence[Condition], reader: Reader) -> list[int] | None:
    """Whose cases they must be; None where nobody's may be among them, or anybody's."""
    for must in musts:
        if must.field == "assignee" and NOBODY not in must.value:
            return _people(must, reader)
    return None


def _people(asked: Condition, reader: Reader) -> list[int]:
    named = [one for one in asked.value if one not in (ME, NOBODY)]
    me = [reader.person] if ME in asked.value and reader.person is not None else []
    return list(dict.fromkeys([*named, *me]))


def _condition(asked: Condition, reader: Reader, values: Values) -> str:
    own = of_field(asked, reader)
    if own:
        return "false" if own.field in reader.unseen else case_meets(own, values.add)
    if asked.field in TIMES:
        return _in_time(f"c.{TIMES[asked.field]}", asked, reader, values)
    if asked.field == EVENT:
        return _event(asked, reader, values)
    if asked.field == "subject":
        text = values.add(alike(asked.value), "text")
        return f'strpos(lower(normalize(c.subject, NFKC) COLLATE "C"), {text}) > 0'
    if asked.field == "undelivered":
        return f"(c.undelivered = {values.add(asked.value, 'boolean')})"
    if asked.field == "unread":
        return _unread(asked, reader, values)
    if asked.field in ("tags", "feelings"):
        return f"(c.{asked.field} && {values.add(list(asked.value), 'varchar[]')})"
    if asked.field == "assignee":
        nobody = "c.assignee_id IS NULL OR " if NOBODY in asked.value else ""
        people = values.add(_people(asked, reader), "bigint[]")
        return f"({nobody}coalesce(c.assignee_id = ANY({people}), false))"
    column, kind = _COLUMNS[asked.field]
    return f"({column} = ANY({values.add(list(asked.value), f'{kind}[]')}))"


def _unread(asked: Condition, reader: Reader, values: Values) -> str:
    unread = "false" if reader.person is None else is_unread("c", values.add(reader.person, "bigint"))
    return f"({unread} = {values.add(asked.value, 'boolean')})"


def _event(asked: Condition, reader: Reader, values: Values) -> str:
    kind = values.add(asked.kind, "text")
    none = asked.test == "known" and not asked.value
    at = "" if asked.test == "known" else f" AND {_in_time('e.at', asked, reader, values)}"
    exists = f"EXISTS (SELECT FROM infra_event AS e WHERE e.case_id = c.id AND e.kind = {kind}{at} OFFSET 0)"
    return f"(NOT {exists})" if none else exists


def _in_time(column: str, asked: Condition, reader: Reader, values: Values) -> str:
    if asked.test == "known":
        return f"({column} IS {'NOT ' if asked.value else ''}NULL)"
    limit = values.add(moment(asked.value, now=reader.now), "timestamptz")
    return f"coalesce({column} {'<' if asked.test == 'before' else '>='} {limit}, false)"
