"""The tasks of a case or of a person, and the plans that can be applied."""

from collections.abc import Collection, Sequence

from django.db.models import F, Q

from madoguchi.cases import policies as case_policies
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.tasks.models import Plan, PlanVersion, Task
from madoguchi.tasks.policies import is_for, may_write_plan

MOST_SHOWN, MOST_PLANS = 200, 100
_OF_CASE = PreparedQuery(
    lambda: (
        Task.objects.filter(
            case__in=Case.objects.filter(Q(pk=Slot("case")) | Q(continued_in=Slot("case"))).values("pk"),
            removed_at=None,
        )
        .select_related("owner", "done_by")
        .order_by("place", "id")
    )
)
_PLANS = PreparedQuery(
    lambda: (
        Plan.objects.filter(Q(desk=Slot("desk")) | Q(desk=None), company=Slot("company"), active=True)
        .defer("steps")
        .order_by("name", "id")
    )
)


def tasks_of(case: Case) -> list[Task]:
    """What is to be done in a case, and in what went on in it, in order; so undoing a merge needs nothing. One
    query.
    """
    return _OF_CASE.rows({"case": case.pk}, most=MOST_SHOWN)


def told_tasks(pks: Collection[int]) -> list[Task]:
    """Tasks that events of a case tell of, also what was taken away. One query."""
    return list(Task.objects.filter(pk__in=pks).only("title", "former", "removed_at")[:MOST_SHOWN])


def open_tasks_of(case: Case) -> list[Task]:
    """What is still to be done in a case. One query."""
    return [task for task in tasks_of(case) if task.done_at is None]


def tasks_among(cases: Collection[int]) -> dict[int, list[Task]]:
    """`tasks_of` each of these cases that has any. One query; none for no case."""
    found: dict[int, list[Task]] = {}
    if cases:
        here = Case.objects.filter(Q(pk__in=cases) | Q(continued_in__in=cases)).values("pk")
        rows = Task.objects.filter(case__in=here, removed_at=None).select_related("case")
        for task in rows.order_by("place", "id"):
            for pk in {task.case_id, task.case.continued_in_id} & set(cases):
                found.setdefault(pk, []).append(task)
    return found


def my_tasks(actor: Actor) -> list[Task]:
    """What the actor has still to do, of cases where they work now: what is due first, first. One query."""
    mine = Task.objects.filter(owner=actor.id, done_at=None, removed_at=None)
    rows = mine.filter(_works_at(actor)).select_related("case__company", "case__continued_in__company")
    return list(rows.order_by(F("due_at").asc(nulls_last=True), "id")[:MOST_SHOWN])


def task_by_id(pk: int, *, actor: Actor, removed: bool = False) -> Task:
    """A task of a case that the actor may read. Raises NotFound."""
    rows = Task.objects.select_related(
        *("owner", "done_by", "case__company", "case__desk", "case__customer"),
        *("case__continued_in__company", "case__continued_in__desk"),
    )
    found = rows.filter(pk=pk, removed_at__isnull=not removed).first()
    if found is None or not case_policies.may_read(actor, found.home):
        raise NotFound(pk)
    return found


def plans_for(case: Case) -> list[Plan]:
    """The plans that can be applied to a case, by name, without their steps. One query."""
    return _PLANS.rows({"desk": case.desk_id, "company": case.company_id}, most=MOST_PLANS)


def plans_at(desks: Sequence[Desk]) -> list[Plan]:
    """The plans in use that can be applied at some of these desks, by name. One query."""
    common = Q(desk=None, company__in={desk.company_id for desk in desks})
    rows = Plan.objects.filter(common | Q(desk__in=[desk.pk for desk in desks]), active=True)
    return list(rows.defer("steps").order_by("name", "id"))


def plan_for(pk: int, case: Case) -> Plan:
    """One of them. Raises NotFound."""
    found = Plan.objects.filter(pk=pk, company=case.company_id).first()
    if found is None or not is_for(found, case):
        raise NotFound(pk)
    return found


def plans_of(actor: Actor) -> list[Plan]:
    """All plans of desks at which the actor writes some, and the common ones beside them. One query."""
    wide, single = actor.companies_with(Permission.TEMPLATES), actor.desks_with(Permission.TEMPLATES)
    seen = Q(company__in=wide) | Q(desk__in=single) | Q(desk=None, company__in=actor.companies)
    rows = Plan.objects.filter(seen).select_related("company", "desk", "owner")
    return list(rows.order_by("company__name", "name", "id"))


def plan_to_read(pk: int, *, actor: Actor) -> Plan:
    """A plan that the actor may change, or a common one of a company they work for. Raises NotFound."""
    found = Plan.objects.select_related("company", "desk", "owner").filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    common = found.desk_id is None and found.company_id in actor.companies
    if not (common or may_write_plan(actor, company=found.company_id, desk=found.desk_id)):
        raise NotFound(pk)
    return found


def versions_of(plan: Plan) -> Sequence[PlanVersion]:
    """How a plan was, the newest version first, and who made it so. One query."""
    return list(plan.versions.select_related("user").order_by("-number")[:20])


def _works_at(actor: Actor) -> Q:
    """At the desk where the case, or the one that it went on in, is now."""
    wide, single = actor.companies_with(Permission.CASE_UPDATE), actor.desks_with(Permission.CASE_UPDATE)
    return Q(case__company__in=wide) | (
        Q(case__continued_in=None, case__desk__in=single) | Q(case__continued_in__desk__in=single)
    )
