"""Which cases hold something that a person has not seen: a customer's words, or a colleague's note.

What nobody has looked at yet is news while the case is worked on; what lies at rest is none, however much of it was
brought along from elsewhere. An index leads to what is newer than what was seen, so that a case costs the same whatever
was said in it.
"""

# ruff: noqa: S608 - the statements are put together from the constants below; every value is a parameter.

from collections.abc import Collection

from madoguchi.cases.models import ACTIVE
from madoguchi.infra.prepared import fetch_all

_ACTIVE = ", ".join(f"'{status.value}'" for status in ACTIVE)
# OFFSET 0 keeps the planner from reading all messages there are at once, where it takes many cases for many more.
_NEWS = """(
    EXISTS (
        SELECT FROM cases_message AS said
        WHERE said.case_id = {case}.id AND said.id > {message} AND said.author = 'customer' OFFSET 0
    ) OR EXISTS (
        SELECT FROM cases_note AS noted
        WHERE noted.case_id = {case}.id AND noted.id > {note} AND noted.user_id <> {person} OFFSET 0
    )
)"""
_UNREAD = """coalesce(
    (SELECT seen.unread OR {since} FROM cases_seen AS seen WHERE seen.user_id = {person} AND seen.case_id = {case}.id),
    {case}.status IN ({active}) AND {ever}
)"""


def is_unread(case: str, person: str) -> str:
    """Whether a case, by its alias, is unread for a person (a placeholder): an expression of SQL, never null."""
    since = _NEWS.format(case=case, person=person, message="seen.message", note="seen.note")
    ever = _NEWS.format(case=case, person=person, message="0", note="0")
    return _UNREAD.format(case=case, person=person, active=_ACTIVE, since=since, ever=ever)


_AMONG = "SELECT c.id FROM cases_case AS c WHERE c.id = ANY(%(cases)s::bigint[]) AND {unread}".format(
    unread=is_unread("c", "(SELECT %(person)s::bigint)")
)


def unread_among(cases: Collection[int], *, person: int | None) -> frozenset[int]:
    """Those of these cases that are unread for a person. One query, none for no cases and for nobody."""
    if not cases or person is None:
        return frozenset()
    return frozenset(pk for (pk,) in fetch_all(_AMONG, {"cases": list(cases), "person": person}))
