"""Pages of the cases that a filter wants, in another order than the newest first.

What bounds a page of the newest bounds these, too: it looks at so many cases of each stretch, and says how far it came.
"""

# ruff: noqa: S608 - the statements are put together from constants; every value is a parameter.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from madoguchi.cases.asking import FEW, few_cases
from madoguchi.cases.lists import CaseLine, lines_of
from madoguchi.cases.queries import PAGE
from madoguchi.fields.queries import fields_by_id
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.actor import Actor
from madoguchi.views.filters import Node, required
from madoguchi.views.meaning import Reader, of_field
from madoguchi.views.orders import Spot, Stretch, field_of, fits, stretches_of
from madoguchi.views.queries import reader_for
from madoguchi.views.statements import Branches, Values, branches, condition_sql, share, those

# Up to four stretches are looked through for a page, and to go through the index of values costs as much again.
_COST_OF_ORDER, _COST_OF_VALUES = 4, 5
_PAGE = """
    WITH branch AS MATERIALIZED ({branch}), reached AS MATERIALIZED (
        SELECT last.key, last.id FROM branch CROSS JOIN LATERAL (
            SELECT {key} AS key, {id} AS id FROM {source} WHERE {among}
            ORDER BY {key}{way}, {id}{way} OFFSET {looked_at} - 1 LIMIT 1
        ) AS last ORDER BY last.key{way}, last.id{way} LIMIT 1
    )
    (SELECT found.id, found.key::text, false FROM branch CROSS JOIN LATERAL (
        SELECT c.id, c.key FROM ({looked}) AS c WHERE {wanted} ORDER BY c.key{way}, c.id{way} LIMIT {most}
    ) AS found WHERE coalesce((found.key, found.id) {until} (SELECT key, id FROM reached), true)
    ORDER BY found.key{way}, found.id{way} LIMIT {most})
    UNION ALL SELECT id, key::text, true FROM reached
"""
_LOOK = """
    SELECT c.*, {key} AS key FROM {source} WHERE {among} ORDER BY {key}{way}, {id}{way} LIMIT {looked_at}
"""
# Apart, so that the index of values leads whatever the planner expects: one step to the case from each.
_LOOK_BY_VALUE = """
    SELECT c.*, v.key FROM (
        SELECT v.case_id, {key} AS key FROM {source} WHERE {among} ORDER BY {key}{way}, {id}{way} LIMIT {looked_at}
    ) AS v CROSS JOIN LATERAL (SELECT * FROM cases_case WHERE id = v.case_id OFFSET 0) AS c
"""
_ALL = "SELECT c.id FROM ({branch}) AS branch CROSS JOIN LATERAL ({each}) AS c LIMIT {most}"


@dataclass(frozen=True, slots=True)
class OrderedPage:
    """One page of a list in some order, and where the next begins (None: this is the end)."""

    cases: list[CaseLine]
    next: Spot | None


@dataclass(slots=True)
class _Gathered:
    """What was found so far, stretch by stretch, and where the look ended before its time."""

    spots: list[Spot] = field(default_factory=list)
    reached: Spot | None = None


def page_ordered(
    wanted: Node,
    *,
    order: str,
    desks: Sequence[int],
    actor: Actor | None,
    after: Spot | None = None,
    size: int = PAGE,
) -> OrderedPage:
    """A page of the cases at these desks that a filter wants, in this order. Without an actor nobody in particular
    looks; a spot that cannot be is the beginning. One query for each stretch that it comes to, one for its lines, and
    as `page_wanted` for desks' own fields.

    It looks at so many cases and no more: `next` may lead on from an incomplete page, even an empty one.
    """
    reader, own = reader_for([wanted], actor), field_of(order)
    by = fields_by_id([own]).get(own) if own else None
    stretches = stretches_of(order, by)
    after = after if after and fits(after, stretches) else None
    among = few_cases([one for part in required(wanted) if (one := of_field(part, reader))])
    if among is None and stretches[0].by_value:
        among = _few(wanted, desks, reader)
    found = _Gathered()
    for number in range(after.stretch if after else 0, len(stretches)):
        spot = after if after and after.stretch == number else None
        most = size + 1 - len(found.spots)
        statement, values = _statement(wanted, stretches[number], desks, reader, spot, most, among)
        for id_, key, reached in fetch_all(statement, values):
            if reached:
                found.reached = Spot(number, key, id_)
            else:
                found.spots.append(Spot(number, key, id_))
        if found.reached or len(found.spots) > size:
            break
    shown = [spot.id for spot in found.spots[:size]]
    lines = {line.id: line for line in lines_of(shown)} if shown else {}
    onward = found.spots[size - 1] if len(found.spots) > size else found.reached
    return OrderedPage([lines[pk] for pk in shown if pk in lines], onward)


def every_case_ordered(
    wanted: Node, *, order: str, desks: Sequence[int], actor: Actor | None, size: int = PAGE
) -> Iterator[CaseLine]:
    """All cases that a filter wants, in this order, page by page."""
    spot: Spot | None = None
    while True:
        page = page_ordered(wanted, order=order, desks=desks, actor=actor, after=spot, size=size)
        yield from page.cases
        if page.next is None:
            return
        spot = page.next


def _statement(
    wanted: Node,
    stretch: Stretch,
    desks: Sequence[int],
    reader: Reader,
    after: Spot | None,
    most: int,
    among: Sequence[int] | None,
) -> tuple[str, dict[str, Any]]:
    """Ids and keys of the first `most` cases of a stretch, and last, marked true, how far it looked if not to the end.
    What only a condition tells of the stretch is asked of every case that is looked at.
    """
    values = Values()
    runs, asked = _runs(wanted, stretch, desks, reader, values, among)
    limits = [runs.among]
    if after:
        key, id_ = values.add(after.key, "text"), values.add(after.id, "bigint")
        limits.append(
            f"({stretch.key}, {stretch.id}) {'<' if stretch.down else '>'} ({key}::{stretch.type}, {id_})"
        )
    named = {
        "key": stretch.key,
        "id": stretch.id,
        "source": stretch.source,
        "way": " DESC" if stretch.down else "",
        "among": " AND ".join(limits),
        "looked_at": max(
            share(wanted, runs) // (_COST_OF_VALUES if stretch.by_value else _COST_OF_ORDER), most
        ),
    }
    statement = _PAGE.format(
        branch=runs.table,
        looked=(_LOOK_BY_VALUE if stretch.by_value else _LOOK).format(**named),
        until=">=" if stretch.down else "<=",
        wanted=f"{condition_sql(wanted, reader, values)} AND {asked}",
        most=most,
        **named,
    )
    return statement, values.named


def _runs(
    wanted: Node,
    stretch: Stretch,
    desks: Sequence[int],
    reader: Reader,
    values: Values,
    among: Sequence[int] | None,
) -> tuple[Branches, str]:
    """The runs that hold the stretch, and what of it is left to be asked of every case in them."""
    if stretch.by_value:
        named = "" if among is None else f" AND v.case_id = ANY({values.add(list(among), 'bigint[]')})"
        here = f"c.desk_id = ANY({values.add(list(desks), 'bigint[]')})"
        return Branches("SELECT 1 AS one", stretch.only + named, 1), here
    if among is not None:
        runs = those(among, desks, values)
    else:
        runs = branches(wanted, desks, reader, values, by_status=not stretch.by_desk)
    if stretch.by_desk or among is not None:
        return Branches(runs.table, f"{runs.among} AND {stretch.only}", runs.number), "true"
    return runs, stretch.only


def _few(wanted: Node, desks: Sequence[int], reader: Reader) -> list[int] | None:
    """The cases among which all wanted ones are, where they are few; else None. One query."""
    values = Values()
    runs = branches(wanted, desks, reader, values)
    each = f"SELECT c.id FROM cases_case AS c WHERE {runs.among} LIMIT {FEW + 1}"
    rows = fetch_all(_ALL.format(branch=runs.table, each=each, most=FEW + 1), values.named)
    return [pk for (pk,) in rows] if len(rows) <= FEW else None
