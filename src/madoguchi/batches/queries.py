"""What a batch would do, how far it is, and what became of each case."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from madoguchi.batches import policies
from madoguchi.batches.acts import MacroAct, ends_cases, fate_of, look_ahead, single_acts
from madoguchi.batches.fills import FillAct
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.models import ACTIVE, Case
from madoguchi.cases.queries import visible
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.macros.absence import Questions, absences
from madoguchi.macros.verbs import Act
from madoguchi.tasks.models import Task

_AT_ONCE, _EXAMPLES, _REASONS = 1000, 5, 20
RowState = BatchRow.State


@dataclass(frozen=True, slots=True)
class Group:
    """Cases with the same fate: how many, why, and a few of their numbers."""

    state: str
    reason: str
    count: int
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of how many rows are settled, and how many came to each state."""

    done: int
    total: int
    states: dict[str, int]

    @property
    def changed(self) -> int:
        """How many cases are changed by the batch, and not put back."""
        return self.states.get(RowState.DONE, 0)


def preview(act: Act | MacroAct | FillAct, cases: Sequence[int], *, by: Actor) -> list[Group]:
    """What would become of these cases, those that can first. A query for each thousand, or a few where they would come
    to rest, and one a desk.
    """
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[str]] = {}
    for case in _each(cases, act, by):
        fate = fate_of(act, case, by=by)
        counts[fate] += 1
        named = examples.setdefault(fate, [])
        if len(named) < _EXAMPLES:
            named.append(case.spoken_number(case.company.prefix))
    order = [RowState.DONE, RowState.SAME, RowState.REFUSED]
    fates = sorted(counts, key=lambda fate: (order.index(RowState(fate[0])), -counts[fate]))
    groups = [Group(state, reason, counts[state, reason], examples[state, reason]) for state, reason in fates]
    return [*groups[:_REASONS], *_together(groups[_REASONS:])]


def with_tasks_left(act: Act | MacroAct | FillAct, cases: Sequence[int], *, by: Actor) -> int:
    """How many of these cases an act would end although tasks are left in them. One query, where it ends any."""
    if not ends_cases(act):
        return 0
    there = visible(by).filter(pk__in=list(cases), status__in=ACTIVE)
    left = Task.objects.filter(case__in=there.values("pk"), done_at=None, removed_at=None)
    return left.values("case").distinct().count()


def absent_for(act: Act | MacroAct | FillAct, cases: Sequence[int], *, by: Actor) -> Questions:
    """Who would be given any of these cases and is not here, as questions to say yes to. No query where nobody else is
    given any.
    """
    return absences(single_acts(act), cases, by=by)


def batch_of(pk: int, *, actor: Actor) -> Batch:
    """A batch that the actor set going. Raises NotFound."""
    found = Batch.objects.filter(pk=pk).first()
    if found is None or not policies.may_look_after(actor, found):
        raise NotFound(pk)
    return found


def batches_of(actor: Actor, *, most: int = 20) -> list[Batch]:
    """The latest batches that the actor set going. One query."""
    return list(Batch.objects.filter(owner_id=actor.id, company__in=actor.companies).order_by("-id")[:most])


def progress_of(batch: Batch) -> Progress:
    """How far a batch is. One query."""
    rows = batch.rows.order_by().values("state").annotate(number=Count("id"))
    states = {row["state"]: row["number"] for row in rows}
    total = sum(states.values())
    if batch.state in (Batch.State.UNDOING, Batch.State.UNDONE):
        settled = states.get(RowState.UNDONE, 0) + states.get(RowState.KEPT, 0)
        return Progress(settled, settled + states.get(RowState.DONE, 0), states)
    return Progress(total - states.get(RowState.WAITING, 0), total, states)


def rows_of(batch: Batch, *, actor: Actor, state: str = "") -> QuerySet[BatchRow]:
    """The rows of a batch whose cases its owner may still see, in the order in which they are done."""
    rows = batch.rows.filter(case__in=visible(actor)).select_related("case__company", "case__desk", "into")
    return rows.filter(state=state).order_by("id") if state else rows.order_by("id")


def _together(rare: Sequence[Group]) -> Iterator[Group]:
    """Reasons of which there are very many, such as what is asked in each case, as one."""
    if len(rare) > 1:
        count = sum(group.count for group in rare)
        reason = _("for other reasons, which the result names case by case")
        yield Group(RowState.REFUSED, reason, count, [group.examples[0] for group in rare[:_EXAMPLES]])
    else:
        yield from rare


def _each(cases: Sequence[int], act: Act | MacroAct | FillAct, by: Actor) -> Iterator[Case]:
    # As a batch takes them, whatever order they were ticked in.
    ordered = sorted(cases)
    for at in range(0, len(ordered), _AT_ONCE):
        rows = visible(by).filter(pk__in=ordered[at : at + _AT_ONCE]).select_related("company", "desk")
        found = list(rows.order_by("pk"))
        look_ahead(act, found, by=by)
        yield from found
