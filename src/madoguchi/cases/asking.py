"""What `fields/conditions.py` asks of values, asked of the database: of a case `c`, and of the index of values."""

# ruff: noqa: S608 - the statements are put together from the constants below; every value is a parameter.

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from madoguchi.cases.value_models import INDEXED
from madoguchi.fields.conditions import Asked, Kind, below
from madoguchi.fields.values import REFERENCES
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel.text import alike

# So many cases of a value are gone through one by one; where there are more, the newest cases soon show some.
FEW = 2_000
# Puts a value, cast to its type, into a statement, and returns what stands for it there.
Add = Callable[[Any, str], str]
_COMPARED = {"over": ">", "under": "<", "least": ">=", "most": "<=", "since": ">=", "before": "<", "on": "="}
# Numbers of the index are rounded: it may name the limit itself, too.
_ROUNDED = _COMPARED | {"over": ">=", "under": "<="}


def case_meets(asked: Asked, add: Add, *, case: str = "c") -> str:
    """What a case must meet, as an expression that is never null; its values are added in the order they stand in."""
    value = f"({case}.filled -> '{asked.field:d}')"
    if asked.test == "known":
        return f"({value} IS {'NOT ' if asked.value else ''}NULL)"
    if asked.kind in REFERENCES:
        ids = add(list(asked.value), "bigint[]")
        return f"coalesce(({value} ->> '{Kind(asked.kind).value}')::bigint = ANY({ids}), false)"
    if asked.kind == Kind.NUMBER:
        number = f"CASE WHEN jsonb_typeof{value} = 'number' THEN {value}::numeric END"
        return f"coalesce({number} {_numbers(asked, add)}, false)"
    words = f"CASE WHEN jsonb_typeof{value} = 'string' THEN {value} #>> '{{}}' END"
    if asked.kind == Kind.DATE:
        day = add(asked.value, "text")
        return f'coalesce(({words}) COLLATE "C" {_COMPARED[asked.test]} {day}, false)'
    return f"coalesce({_says(asked, words, add)}, false)"


def few_cases(asked: Sequence[Asked]) -> list[int] | None:
    """The cases that may meet all of these, where the index of values knows them to be few; else None.

    One query, and none where nothing is asked that the index could tell.
    """
    return few_cases_each([asked])[0]


def few_cases_each(ways: Sequence[Sequence[Asked]]) -> list[list[int] | None]:
    """`few_cases` of several, by one query."""
    values: dict[str, Any] = {}

    def add(value: Any, kind: str) -> str:
        values[name := f"v{len(values)}"] = value
        return f"%({name})s::{kind}"

    each = [(n, where) for n, way in enumerate(ways) for one in way if (where := _in_index(one, add))]
    parts = (
        f"SELECT {n}, array(SELECT case_id FROM cases_filledvalue WHERE {where} LIMIT {FEW + 1})"
        for n, where in each
    )
    found: list[list[list[int]]] = [[] for _way in ways]
    for n, ids in fetch_all(" UNION ALL ".join(parts), values) if each else ():
        found[n].append(ids)
    shortest = [min(lists, key=len, default=None) for lists in found]
    return [ids if ids is not None and len(ids) <= FEW else None for ids in shortest]


def _in_index(asked: Asked, add: Add) -> str:
    """What the rows of the index must meet; empty for what it cannot tell. It may hold more than is asked for."""
    if asked.test in ("known", "contains"):
        return ""
    field = f"field_id = {add(asked.field, 'bigint')}"
    if asked.kind in REFERENCES:
        return f"{field} AND number = ANY({add([float(one) for one in asked.value], 'float8[]')})"
    if asked.kind == Kind.NUMBER and asked.test != "in":
        limit = add(float(asked.value), "float8")
        return f"{field} AND number {_ROUNDED[asked.test]} {limit}"
    if asked.kind == Kind.NUMBER:
        return f"{field} AND number = ANY({add([float(one) for one in asked.value], 'float8[]')})"
    if asked.kind == Kind.DATE:
        return f"{field} AND words {_COMPARED[asked.test]} {add(asked.value, 'text')}"
    wanted = [alike(one) for one in asked.value]
    ways = [f"words = ANY({add([one[:INDEXED] for one in wanted], 'text[]')})"]
    for level in wanted if asked.kind == Kind.TREE else ():
        begins = below(level)[: INDEXED - 1]
        ways.append(f"(words >= {add(begins, 'text')} AND words < {add(_behind(begins), 'text')})")
    return f"{field} AND ({' OR '.join(ways)})"


def _behind(begins: str) -> str:
    """What comes right behind everything that begins so."""
    return begins[:-1] + chr(ord(begins[-1]) + 1)


def _numbers(asked: Asked, add: Add) -> str:
    if asked.test == "in":
        return f"= ANY({add([_plain(one) for one in asked.value], 'numeric[]')})"
    return f"{_COMPARED[asked.test]} {add(_plain(asked.value), 'numeric')}"


def _plain(number: float) -> str:
    return f"{Decimal(repr(number)):f}"


def _says(asked: Asked, words: str, add: Add) -> str:
    plain = f'lower(normalize({words}, NFKC) COLLATE "C")'
    if asked.test == "contains":
        return f"strpos({plain}, {add(alike(asked.value), 'text')}) > 0"
    wanted = [alike(one) for one in asked.value]
    same = f"{plain} = ANY({add(wanted, 'text[]')})"
    if asked.kind != Kind.TREE:
        return same
    under = (add(below(level), "text") for level in wanted)
    return f"({' OR '.join([same, *(f'starts_with({plain}, {begins})' for begins in under)])})"
