"""What a desk wants of open tasks before a case is solved."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.tasks.policies import refuses_to_solve
from madoguchi.tasks.queries import tasks_among


def left_to_do(cases: Sequence[Case]) -> dict[int, str]:
    """What keeps cases from being solved at desks that refuse it with open tasks, in words, by the case.

    One query, for cases of such desks only.
    """
    found = tasks_among([case.pk for case in cases if refuses_to_solve(case.desk)])
    words = _("Before it is solved, do these tasks or take them away: %(tasks)s.")
    titles = {pk: [task.title for task in tasks if task.done_at is None] for pk, tasks in found.items()}
    return {pk: words % {"tasks": "、".join(left)} for pk, left in titles.items() if left}
