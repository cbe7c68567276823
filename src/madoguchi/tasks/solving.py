"""What a desk wants of open tasks before a case is solved."""

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.tasks.policies import refuses_to_solve
from madoguchi.tasks.queries import open_tasks_of


def left_to_do(case: Case) -> str:
    """What keeps a case from being solved at a desk that refuses it with open tasks, in words; empty where nothing
    does.

    One query, at such a desk only.
    """
    left = open_tasks_of(case) if refuses_to_solve(case.desk) else []
    names = "、".join(task.title for task in left)
    return (
        _("Before it is solved, do these tasks or take them away: %(tasks)s.") % {"tasks": names}
        if left
        else ""
    )
