"""By when something is due in a case, as its clocks have it."""

from dataclasses import dataclass
from datetime import datetime

from madoguchi.cases.models import Case


@dataclass(frozen=True, slots=True)
class Due:
    """When the next clock of a case runs out, what it measures, and whether somebody was told of it."""

    at: datetime | None = None
    metric: str = ""
    warned: bool = False


NOTHING_DUE = Due()


def note_due(case: Case, due: Due) -> None:
    """Keep what is due next in a case where lists and its head show it. It follows from what happened and is no event;
    the case counts as unchanged for whoever works on it.
    """
    if (case.due_at, case.due_for, case.due_warned) != (due.at, due.metric, due.warned):
        Case.objects.filter(pk=case.pk).update(due_at=due.at, due_for=due.metric, due_warned=due.warned)
