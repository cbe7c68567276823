"""Many merges as one batch: which case goes on in which, whether that would work, doing it and undoing it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from madoguchi.batches.models import BatchRow
from madoguchi.cases.actions import merge, require_mergeable, unmerge
from madoguchi.cases.duplicates import clusters
from madoguchi.cases.models import Case
from madoguchi.cases.queries import merge_of, visible
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.macros.verbs import NOT_ALLOWED

RowState = BatchRow.State


@dataclass(frozen=True, slots=True)
class Going:
    """A case, the one that it is to go on in, and what would become of it."""

    case: Case
    into: Case
    state: BatchRow.State
    reason: str


def foresee_merges(pairs: Collection[tuple[int, int]], *, by: Actor) -> list[Going]:
    """What merging these pairs comes to: of those that hang together each goes on in the oldest, the youngest first.
    Cases out of the actor's sight are left out. Two queries, and two for each case.
    """
    ids = {pk for pair in pairs for pk in pair}
    related = visible(by).filter(pk__in=ids).select_related("company", "desk", "customer")
    cases = {case.pk: case for case in related}
    together = (sorted((cases[pk] for pk in one if pk in cases), key=_age) for one in clusters(pairs))
    going = [(case, one[0]) for one in together for case in one[1:]]
    going.sort(key=lambda two: _age(two[0]), reverse=True)
    return [Going(case, into, *_foreseen(case, into, by)) for case, into in going]


def merge_row(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Let the case of a row go on in its other one; returns what the row keeps. Raises what a merge raises."""
    two = {case.pk: case for case in visible(by).filter(pk__in=[row.case_id, row.into_id])}
    if row.into_id is None or len(two) != 2:
        raise NotFound(row.case_id)
    merged = merge(two[row.case_id], into=two[row.into_id], by=by)
    return {"state": RowState.DONE, "before": {"merge": merged.pk}}


def unmerge_row(row: BatchRow, *, by: Actor) -> dict[str, object]:
    """Make two cases of them again; returns what the row keeps. Raises what undoing a merge raises."""
    unmerge(merge_of((row.before or {})["merge"], actor=by), by=by)
    return {"state": RowState.UNDONE}


def _age(case: Case) -> tuple[object, int]:
    return case.opened_at, case.pk


def _foreseen(case: Case, into: Case, by: Actor) -> tuple[BatchRow.State, str]:
    try:
        require_mergeable(case, into=into, by=by)
    except NotAllowed:
        return RowState.REFUSED, NOT_ALLOWED
    except Refused as refused:
        return RowState.REFUSED, str(refused)
    return RowState.DONE, ""


def rows_of(going: Sequence[Going]) -> list[tuple[int, int | None]]:
    """Which case goes on in which, in the order in which it is done."""
    return [(one.case.pk, one.into.pk) for one in going]
