"""The ready-made lists as filters, for those who want them in another order than the newest first."""

from collections.abc import Mapping

from madoguchi.cases.lists import STATUSES, View
from madoguchi.cases.models import ACTIVE
from madoguchi.views.filters import ME, NOBODY, All, Condition, Node

_ACTIVE = Condition("status", "in", tuple(status.value for status in ACTIVE))
# Answers that wait and notes to oneself are few, and stand in the order in which they came.
READY: Mapping[View, Node] = {
    View.MINE: All((Condition("assignee", "in", (ME,)), _ACTIVE)),
    View.UNASSIGNED: All((Condition("assignee", "in", (NOBODY,)), _ACTIVE)),
    View.ACTIVE: _ACTIVE,
    View.ALL: All(),
    **{
        view: Condition("status", "in", tuple(status.value for status in statuses))
        for view, statuses in STATUSES.items()
    },
}
