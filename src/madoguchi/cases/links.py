"""What a case is tied to: by which links, seen from its side, as far as the reader may see the other side."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case, CaseLink
from madoguchi.cases.policies import may_read
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound

Kind = CaseLink.Kind
MOST_SHOWN = 50

# What the other case is to this one. Each link is one role seen from `case` and one seen from `other`.
ROLES: dict[str, tuple[Kind, bool]] = {
    "parent": (Kind.PARENT, True),
    "child": (Kind.PARENT, False),
    "duplicate": (Kind.DUPLICATE, True),
    "duplicated": (Kind.DUPLICATE, False),
    "cause": (Kind.CAUSE, True),
    "effect": (Kind.CAUSE, False),
    "defect": (Kind.DEFECT, True),
}
ROLE_NAMES: dict[str, Promise] = {
    "parent": _("Parent case"),
    "child": _("Child case"),
    "duplicate": _("Duplicate of"),
    "duplicated": _("Has the duplicate"),
    "cause": _("Caused by"),
    "effect": _("Cause of"),
    "defect": _("Same defect"),
}
# Links hold between cases as they were when they were made; they are read as if made between those that went on.
_LINKS = """
    WITH mine AS (
        SELECT %(case)s::bigint AS id UNION ALL SELECT id FROM cases_case WHERE continued_in_id = %(case)s
    ), ends AS (
        SELECT link.id, link.kind, true AS forward, link.other_id AS there
        FROM cases_caselink AS link WHERE link.case_id IN (SELECT id FROM mine) AND link.removed_at IS NULL
        UNION ALL
        SELECT link.id, link.kind, false, link.case_id
        FROM cases_caselink AS link WHERE link.other_id IN (SELECT id FROM mine) AND link.removed_at IS NULL
    )
    SELECT ends.id, ends.kind, ends.forward, coalesce(there.continued_in_id, there.id)
    FROM ends JOIN cases_case AS there ON there.id = ends.there
    WHERE coalesce(there.continued_in_id, there.id) <> %(case)s
    ORDER BY ends.id LIMIT %(most)s
"""
_ABOVE = """
    WITH RECURSIVE above (id) AS (
        SELECT %(case)s::bigint
        UNION
        SELECT coalesce(parent.continued_in_id, parent.id)
        FROM above
            JOIN cases_case AS part ON part.id = above.id OR part.continued_in_id = above.id
            JOIN cases_caselink AS link
                ON link.case_id = part.id AND link.kind = 'parent' AND link.removed_at IS NULL
            JOIN cases_case AS parent ON parent.id = link.other_id
    )
    SELECT id FROM above
"""
_ENDS = PreparedQuery(lambda: Case.objects.filter(id__among=Slot("cases")).select_related("company", "desk"))


@dataclass(frozen=True, slots=True)
class Tie:
    """Another case and what it is to the one that is read."""

    link: int
    role: str
    case: Case
    number: str

    @property
    def name(self) -> str:
        """What the other case is, in words."""
        return str(ROLE_NAMES[self.role])


@dataclass(frozen=True, slots=True)
class Ties:
    """What a case is tied to; `hidden` counts what is at desks that the reader does not see, `more` says that there is
    more than is shown.
    """

    shown: list[Tie]
    hidden: int
    more: bool


def ties_of(case: Case, *, actor: Actor | None) -> Ties:
    """What a case, and what went on in it, is tied to; None sees all. Two queries, none where surely nothing is."""
    if not case.is_linked:
        return Ties([], 0, more=False)
    rows = fetch_all(_LINKS, {"case": case.pk, "most": MOST_SHOWN + 1})
    ends = {end.pk: end for end in _ENDS.rows({"cases": [row[3] for row in rows]})} if rows else {}
    kept = [(link, role_of(kind, forward=forward), ends[pk]) for link, kind, forward, pk in rows[:MOST_SHOWN]]
    seen = [one for one in kept if actor is None or may_read(actor, one[2])]
    order = list(ROLES)
    ties = [Tie(link, role, end, end.spoken_number(end.company.prefix)) for link, role, end in seen]
    return Ties(
        sorted(ties, key=lambda tie: order.index(tie.role)), len(kept) - len(seen), len(rows) > MOST_SHOWN
    )


def role_of(kind: str, *, forward: bool) -> str:
    """What the case at the other end is, seen from `case` (forward) or from `other`."""
    return next(role for role, way in ROLES.items() if way == (kind, forward or kind == Kind.DEFECT))


def link_of(pk: int, *, actor: Actor) -> CaseLink:
    """A link between two cases that the actor may read. Raises NotFound."""
    found = CaseLink.objects.select_related("case__company", "other__company").filter(pk=pk).first()
    if found is None or not (may_read(actor, found.case) and may_read(actor, found.other)):
        raise NotFound(pk)
    return found


def cases_above(case: int) -> set[int]:
    """A case with its parent, the parent of that, and so on."""
    return {pk for (pk,) in fetch_all(_ABOVE, {"case": case})}


def is_linked(case: OuterRef) -> Combinable | Q:
    """In a query of cases: false where surely nothing is tied to a case."""
    standing = CaseLink.objects.filter(removed_at=None)
    took_in = Case.objects.filter(continued_in=case)
    return Exists(standing.filter(case=case)) | Exists(standing.filter(other=case)) | Exists(took_in)
