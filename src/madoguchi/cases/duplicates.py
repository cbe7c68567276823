"""Cases that may be one matter told twice: of the same customer, not long apart, in nearly the same words.

Nothing here is done by itself: a person merges them, links them, or says that they are no duplicates (`ToldApart`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from madoguchi.cases.lists import Place
from madoguchi.cases.models import ACTIVE, Case
from madoguchi.cases.policies import may_read
from madoguchi.cases.queries import END
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.folding import fold

APART = timedelta(days=14)
# Of a hundred; one half of what two mails say may be the same greeting.
ALIKE = 60
LOOKED_AT, MOST_OTHERS, MOST_WORDS, MOST_MESSAGES = 200, 10, 2000, 20

# Before each answer of a form stands what was asked, which is the same for everybody.
_LABEL = re.compile(r"^【[^】\n]*】", re.MULTILINE)

# Each desk yields its newest by index, and each case its customer's others of the same weeks by another.
_NEWEST = """
    SELECT c.id, c.customer_id, c.opened_at, c.status, c.continued_in_id
    FROM unnest(%(desks)s::bigint[]) AS d (desk) CROSS JOIN LATERAL (
        SELECT id, customer_id, opened_at, status, continued_in_id FROM cases_case
        WHERE desk_id = d.desk AND opened_at <= %(before)s AND (opened_at, id) < (%(before)s, %(id)s)
        ORDER BY opened_at DESC, id DESC LIMIT %(looked_at)s
    ) AS c
    ORDER BY c.opened_at DESC, c.id DESC LIMIT %(looked_at)s
"""
_ONE = """
    SELECT id, customer_id, opened_at, status, continued_in_id FROM cases_case WHERE id = %(case)s
"""
_PAIRS = """
    WITH looked_at AS MATERIALIZED ({cases})
    SELECT one.id, other.id
    FROM looked_at AS one CROSS JOIN LATERAL (
        SELECT c.id, c.opened_at, c.status, c.continued_in_id FROM cases_case AS c
        WHERE c.customer_id = one.customer_id AND c.id <> one.id
            AND c.opened_at BETWEEN one.opened_at - %(apart)s::interval AND {until}
        ORDER BY c.opened_at DESC LIMIT %(others)s
    ) AS other
    WHERE one.continued_in_id IS NULL AND other.continued_in_id IS NULL
        AND (one.status = ANY (%(active)s) OR other.status = ANY (%(active)s))
        AND NOT EXISTS (
            SELECT 1 FROM cases_toldapart
            WHERE case_id = least(one.id, other.id) AND other_id = greatest(one.id, other.id)
        )
        AND NOT EXISTS (
            SELECT 1 FROM cases_caselink
            WHERE removed_at IS NULL AND case_id = one.id AND other_id = other.id
        )
        AND NOT EXISTS (
            SELECT 1 FROM cases_caselink
            WHERE removed_at IS NULL AND case_id = other.id AND other_id = one.id
        )
"""
_OF_MANY = _PAIRS.format(
    cases=_NEWEST, until="one.opened_at AND (c.opened_at, c.id) < (one.opened_at, one.id)"
)
_OF_ONE = _PAIRS.format(cases=_ONE, until="one.opened_at + %(apart)s::interval")
_END_OF_LOOK = f"SELECT opened_at, id FROM ({_NEWEST}) AS looked_at"  # noqa: S608 - constants
# What a customer said first, where a machine did not say it.
_SAID = """
    SELECT asked.id, said.subject, left(said.words, %(words)s)
    FROM unnest(%(cases)s::bigint[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT author, automatic, subject, at, id, coalesce(nullif(new_text, ''), text) AS words
            FROM cases_message WHERE case_id = asked.id ORDER BY at, id LIMIT %(messages)s
        ) AS first WHERE author = 'customer' AND automatic = '' ORDER BY at, id LIMIT 1
    ) AS said
"""
_CASES = PreparedQuery(
    lambda: Case.objects.filter(id__among=Slot("cases")).select_related("company", "desk", "customer")
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two cases that may be one matter, the `case` younger than the `other`, and why: how much of a hundred of their
    words is the same, whether the subject is, and how far apart they came.
    """

    case: Case
    other: Case
    score: int
    same_subject: bool
    apart: timedelta

    @property
    def key(self) -> str:
        """Names the pair in a form."""
        return f"{self.case.pk}-{self.other.pk}"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look through the newest cases found, the likest first, how many were looked at, since when they came, and
    where to go on looking: at what was opened before.
    """

    found: list[Suggestion]
    looked_at: int
    since: datetime | None
    earlier: Place | None


def duplicates_of(case: Case, *, actor: Actor | None) -> list[Suggestion]:
    """What may be the same matter as a case, the likest first; None sees all. Three queries, by index."""
    return _suggestions(fetch_all(_OF_ONE, _values(case=case.pk)), actor)


def duplicates_among(desks: Collection[int], *, actor: Actor | None, before: Place | None = None) -> Look:
    """Pairs of which the younger is among the newest cases of these desks. Four queries, by index: however many cases
    there are, so many are looked at, and each with a few of its customer's.
    """
    place = before or Place(END, 0)
    values = _values(desks=list(desks), before=place.touched_at, id=place.id, looked_at=LOOKED_AT)
    looked_at = fetch_all(_END_OF_LOOK, values)
    found = _suggestions(fetch_all(_OF_MANY, values), actor) if looked_at else []
    last = looked_at[-1] if looked_at else None
    goes_on = Place(*last) if last and len(looked_at) == LOOKED_AT else None
    return Look(found, len(looked_at), last[0] if last else None, goes_on)


def likeness(one: str, other: str) -> int:
    """How much two texts say the same, of a hundred: their common pairs of characters among all (Dice)."""
    return _dice(_pairs_of(one), _pairs_of(other))


def clusters(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """What belongs together where each pair does."""
    found: list[set[int]] = []
    for pair in pairs:
        touched = [one for one in found if one & set(pair)]
        found = [one for one in found if one not in touched] + [set(pair).union(*touched)]
    return found


def _values(**more: Any) -> dict[str, Any]:
    return {"apart": APART, "others": MOST_OTHERS, "active": [str(status) for status in ACTIVE], **more}


def _suggestions(pairs: Sequence[tuple[int, int]], actor: Actor | None) -> list[Suggestion]:
    alike = list(_alike(pairs))
    ids = sorted({pk for one, other, *_ in alike for pk in (one, other)})
    cases = {case.pk: case for case in _CASES.rows({"cases": ids})} if ids else {}
    made = (
        _suggestion(cases[one], cases[other], score, same)
        for one, other, score, same in alike
        if all(actor is None or may_read(actor, cases[pk]) for pk in (one, other))
    )
    return sorted(made, key=lambda found: (-found.score, -found.case.pk, -found.other.pk))


def _suggestion(one: Case, other: Case, score: int, same_subject: bool) -> Suggestion:
    older, younger = sorted((one, other), key=lambda case: (case.opened_at, case.pk))
    return Suggestion(younger, older, score, same_subject, younger.opened_at - older.opened_at)


def _alike(pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int, bool]]:
    ids = sorted({pk for pair in pairs for pk in pair})
    values = {"cases": ids, "words": MOST_WORDS, "messages": MOST_MESSAGES}
    said: Mapping[int, tuple[str, frozenset[str]]] = {
        pk: (fold(subject), _pairs_of(words))
        for pk, subject, words in (fetch_all(_SAID, values) if ids else ())
    }
    for one, other in pairs:
        if one in said and other in said:
            score = _dice(said[one][1], said[other][1])
            if score >= ALIKE:
                yield one, other, score, said[one][0] == said[other][0] != ""


def _pairs_of(text: str) -> frozenset[str]:
    folded = fold(_LABEL.sub("", text))
    return frozenset(folded[at : at + 2] for at in range(max(1, len(folded) - 1))) if folded else frozenset()


def _dice(one: frozenset[str], other: frozenset[str]) -> int:
    return 200 * len(one & other) // (len(one) + len(other)) if one or other else 0
