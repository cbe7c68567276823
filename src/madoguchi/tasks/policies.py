"""Who may work on tasks and write plans. Pure: no query, no clock."""

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.tasks.models import Plan


def may_work(actor: Actor, case: Case) -> bool:
    """Whoever works the case sets and does its tasks, where the case goes on. A company reads them and directs nobody
    by them (37号告示).
    """
    return case.continued_in_id is None and policies.may_update(actor, case)


def may_write_plan(actor: Actor, *, company: int, desk: int | None) -> bool:
    """As reply templates: supervisors write for their desks; what is for all desks of a company needs all of them."""
    return actor.may(Permission.TEMPLATES, company=company, desk=desk)


def is_for(plan: Plan, case: Case) -> bool:
    """Whether a plan can be applied to a case."""
    return plan.active and plan.company_id == case.company_id and plan.desk_id in (None, case.desk_id)


def refuses_to_solve(desk: Desk) -> bool:
    """Whether cases of the desk are not solved while something is still to be done; else their people are warned."""
    return desk.open_tasks == Desk.OpenTasks.REFUSE
