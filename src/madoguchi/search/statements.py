"""Search as SQL: put together from constants and the number of words; every value is a parameter."""

# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from madoguchi.cases.asking import case_meets
from madoguchi.cases.unread import is_unread
from madoguchi.kernel.folding import fold
from madoguchi.search.asked import Asked, Ways, Word
from madoguchi.search.keys import codes_wanted
from madoguchi.search.sight import Sight

_TIME = "CASE WHEN {alias}.kind IN ('message', 'note', 'file') THEN {alias}.at ELSE k.touched_at END"
_BETWEEN = """
    SELECT d.id, k.id
    FROM (
        SELECT DISTINCT id FROM search_candidates(%s, %s, %s) AS id WHERE id <= %s ORDER BY id DESC
    ) AS candidate
        CROSS JOIN LATERAL (
            SELECT * FROM search_document AS d WHERE d.id = candidate.id AND {driver} OFFSET 0
        ) AS d
        CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT * FROM cases_case WHERE id = d.case_id
                UNION ALL SELECT * FROM cases_case WHERE d.case_id IS NULL AND customer_id = d.customer_id
            ) AS of_document ORDER BY id DESC
        ) AS k
    WHERE k.desk_id = ANY (%s) AND {filters} AND {others} AND (d.id < %s OR k.id < %s)
        AND NOT EXISTS (
            SELECT FROM search_document AS n WHERE n.case_id = k.id AND n.id > d.id AND {newer}
        )
        AND NOT EXISTS (
            SELECT FROM search_document AS n
            WHERE n.customer_id = k.customer_id AND n.case_id IS NULL AND n.id > d.id AND {newer}
        )
    ORDER BY candidate.id DESC, k.id DESC
    LIMIT %s
"""
_CUSTOMERS = """
    SELECT c.id FROM (
        SELECT DISTINCT d.customer_id AS id
        FROM search_candidates(%s, %s, %s) AS candidate JOIN search_document AS d ON d.id = candidate
        WHERE d.kind = 'customer' AND {driver}
    ) AS c JOIN customers_customer AS customer ON customer.id = c.id
    WHERE customer.company_id = ANY (%s) AND {others}
        AND NOT EXISTS (SELECT FROM cases_case AS k WHERE k.customer_id = c.id)
        AND NOT EXISTS (SELECT FROM cases_contact AS k WHERE k.customer_id = c.id)
    ORDER BY c.id DESC LIMIT %s
"""
_NEWEST = """
    SELECT k.touched_at, k.id FROM cases_case AS k
    WHERE k.desk_id = ANY (%s) AND {filters} AND {others} {before}
    ORDER BY k.touched_at DESC, k.id DESC LIMIT %s
"""
_MATCHES = """
    SELECT k.id, d.id, d.kind, d.field, d.source_id, d.at, CASE WHEN d.field = 'number' THEN d.text ELSE '' END
    FROM cases_case AS k CROSS JOIN LATERAL (
        (SELECT * FROM search_document WHERE case_id = k.id ORDER BY id DESC LIMIT 200)
        UNION ALL
        (SELECT * FROM search_document WHERE customer_id = k.customer_id AND case_id IS NULL LIMIT 20)
    ) AS d
    WHERE k.id = ANY (%s) AND {seen} AND ({any_word})
"""


@dataclass(slots=True)
class Part:
    """A piece of SQL with the values it takes."""

    sql: str
    values: list[Any] = field(default_factory=list)


def _all(parts: Iterable[Part], *, joint: str = " AND ", none: str = "true") -> Part:
    parts = list(parts)
    if not parts:
        return Part(none)
    return Part(joint.join(p.sql for p in parts), [value for p in parts for value in p.values])


def said(word: Word, alias: str, sight: Sight) -> Part:
    """Whether a document holds a word, where the reader may look for it."""
    ways = [" AND ".join(f"strpos({alias}.text, %s) > 0" for _ in spelling) for spelling in word.spellings]
    seen, values = sight.condition(alias)
    values = [*values, *(piece for spelling in word.spellings for piece in spelling)]
    sql = f"({seen} AND ({' OR '.join(f'({way})' for way in ways)})"
    if word.fields is not None:
        return Part(f"{sql} AND {alias}.field = ANY (%s))", [*values, sorted(word.fields)])
    return Part(sql + ")", values)


def _in_case(word: Word, sight: Sight) -> Part:
    """Whether any document of the case or its customer holds a word."""
    there = said(word, "o", sight)
    ways = ("o.case_id = k.id", "o.customer_id = k.customer_id AND o.case_id IS NULL")
    sql = " OR ".join(
        f"EXISTS (SELECT FROM search_document AS o WHERE {way} AND {there.sql})" for way in ways
    )
    return Part(f"({sql})", there.values * 2)


def _of_customer(word: Word, sight: Sight) -> Part:
    there = said(word, "o", sight)
    ours = "o.customer_id = c.id AND o.case_id IS NULL"
    return Part(f"EXISTS (SELECT FROM search_document AS o WHERE {ours} AND {there.sql})", there.values)


def _not(part: Part) -> Part:
    return Part(f"NOT {part.sql}", part.values)


def _filters(asked: Asked, sight: Sight) -> Part:
    plain = (
        ("k.desk_id = ANY (%s)", asked.desks),
        ("k.status = ANY (%s)", asked.statuses),
        ("k.channel = ANY (%s)", asked.channels),
        ("k.priority = ANY (%s)", asked.priorities),
        ("k.assignee_id = ANY (%s)", asked.assignees),
        ("k.tags @> %s::varchar[]", asked.tags or None),
        ("k.id = ANY (%s)", asked.among),
    )
    parts = [Part(sql, [value]) for sql, value in plain if value is not None]
    parts += [Part("k.assignee_id IS NULL")] if asked.unassigned else []
    files = "EXISTS (SELECT FROM search_document AS f WHERE f.case_id = k.id AND f.kind = 'file')"
    parts += [Part(files)] if asked.with_files else []
    parts += [_read(asked)] if asked.unread is not None else []
    parts += [_own(ways) for ways in asked.own]
    parts += [_towards(address, sight) for address in asked.to]
    return _all(parts)


def _read(asked: Asked) -> Part:
    unread = is_unread("k", "%s")
    return Part(unread if asked.unread else f"NOT {unread}", [asked.reader] * unread.count("%s"))


def _own(ways: Ways) -> Part:
    """What a case's values must meet, in one of these ways."""
    whole = Part("")

    def add(value: Any, kind: str) -> str:
        whole.values.append(value)
        return f"%s::{kind}"

    whole.sql = " OR ".join(" AND ".join(case_meets(one, add, case="k") for one in way) for way in ways)
    return Part(f"({whole.sql})", whole.values)


def _towards(address: str, sight: Sight) -> Part:
    there = said(Word(address, ((fold(address),),), frozenset({"recipients"})), "r", sight)
    sql = f"""(EXISTS (SELECT FROM search_document AS r WHERE r.case_id = k.id AND {there.sql}) OR EXISTS (
        SELECT FROM companies_entrypoint AS e WHERE e.id = k.entry_point_id AND strpos(lower(e.address), %s) > 0))"""
    return Part(sql, [*there.values, fold(address)])


def _when(asked: Asked, alias: str) -> Part:
    time = _TIME.format(alias=alias) if alias else "k.touched_at"
    parts = [Part(f"{time} >= %s", [asked.since])] if asked.since else []
    parts += [Part(f"{time} < %s", [asked.before])] if asked.before else []
    return _all(parts)


def _others(words: Sequence[Word], without: Sequence[Word], sight: Sight) -> Part:
    return _all([_in_case(w, sight) for w in words] + [_not(_in_case(w, sight)) for w in without])


@dataclass(frozen=True, slots=True)
class Walk:
    """A search by one of its words, the driver; the other words are looked for in the cases it leads to."""

    asked: Asked
    driver: Word
    sight: Sight
    desks: Sequence[int]

    @property
    def spellings(self) -> list[str]:
        """The keys of the driver, each way it is spelt, as arrays are written."""
        return [f"{{{','.join(map(str, codes_wanted(way)))}}}" for way in self.driver.spellings]

    def between(self, newest: int, oldest: int, *, after: tuple[int, int], most: int) -> Part:
        """Document and case of each hit in these segments, newest first, below a place in that order."""
        driver, newer = said(self.driver, "d", self.sight), said(self.driver, "n", self.sight)
        filters = _all([_filters(self.asked, self.sight), _when(self.asked, "d")])
        newer = _all([newer, _when(self.asked, "n")])
        rest = [word for word in self.asked.words if word is not self.driver]
        others = _others(rest, self.asked.without, self.sight)
        sql = _BETWEEN.format(driver=driver.sql, filters=filters.sql, others=others.sql, newer=newer.sql)
        values = [newest, oldest, self.spellings, after[0], *driver.values, list(self.desks), *filters.values]
        values += [*others.values, *after, *newer.values, *newer.values, most]
        return Part(sql, values)

    def customers(self, newest: int, oldest: int, companies: Sequence[int], *, most: int) -> Part:
        """Customers who are called so in these segments, the newest first, and who never spoke in a case: those who
        did are found by it, by who may read it.
        """
        driver = said(self.driver, "d", self.sight)
        words = [_of_customer(word, self.sight) for word in self.asked.words if word is not self.driver]
        others = _all([*words, *(_not(_of_customer(word, self.sight)) for word in self.asked.without)])
        sql = _CUSTOMERS.format(driver=driver.sql, others=others.sql)
        return Part(
            sql, [newest, oldest, self.spellings, *driver.values, list(companies), *others.values, most]
        )


def newest_cases(
    asked: Asked, sight: Sight, desks: Sequence[int], *, before: tuple[Any, int] | None, most: int
) -> Part:
    """Cases that pass the filters, newest activity first: what a search without any word asks for."""
    filters = _all([_filters(asked, sight), _when(asked, "")])
    others = _others((), asked.without, sight)
    later = "AND (k.touched_at, k.id) < (%s, %s)" if before else ""
    sql = _NEWEST.format(filters=filters.sql, others=others.sql, before=later)
    return Part(sql, [list(desks), *filters.values, *others.values, *(before or ()), most])


def matches(asked: Asked, sight: Sight, cases: Sequence[int]) -> Part:
    """Every document of these cases that holds one of the words."""
    any_word = _all([said(word, "d", sight) for word in asked.words], joint=" OR ", none="false")
    seen, values = sight.condition("d")
    sql = _MATCHES.format(seen=seen, any_word=any_word.sql)
    return Part(sql, [list(cases), *values, *any_word.values])
