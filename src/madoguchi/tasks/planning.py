"""Writing plans; every version is kept. The only writer of plans."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.tasks import policies
from madoguchi.tasks.events import PlanAdded, PlanChanged
from madoguchi.tasks.models import Plan, PlanVersion
from madoguchi.tasks.steps import read_steps, write_steps

MOST_NAME = 60


@transaction.atomic
def add_plan(
    company: Company, *, desk: Desk | None, name: str, steps: Any, owner: int | None = None, by: Actor
) -> Plan:
    """Write a plan for one desk, or (None) for all of the company's, with who looks after it.

    Raises NotAllowed, or Refused when the name is taken, a step makes no sense or the desk is another company's.
    """
    _require(by, company.pk, desk)
    plan = Plan(company=company, desk=desk, name=_named(name), steps=_written(steps), owner_id=owner)
    with _own_name():
        plan.save()
    _keep(plan, by)
    record(PlanAdded(company=company.pk, desk=plan.desk_id, plan=plan.pk, name=plan.name), by=by)
    return plan


@transaction.atomic
def change_plan(
    plan: Plan, *, desk: Desk | None, name: str, steps: Any, active: bool, owner: int | None, by: Actor
) -> None:
    """Change a plan; tasks that came of it stay as they are. Raises as `add_plan`, where it was and
    where it goes.
    """
    # Somebody else may have written it meanwhile: what stands now is what is changed.
    plan.refresh_from_db(from_queryset=Plan.objects.select_for_update())
    _require(by, plan.company_id, plan.desk)
    _require(by, plan.company_id, desk)
    with _own_name():
        changes = set_changed(
            plan,
            desk_id=desk.pk if desk else None,
            name=_named(name),
            steps=_written(steps),
            active=active,
            owner_id=owner,
        )
    if {"name", "steps"} & set(changes):
        plan.version += 1
        plan.save(update_fields=["version"])
        _keep(plan, by)
    if changes:
        record(PlanChanged(company=plan.company_id, desk=plan.desk_id, plan=plan.pk, changes=changes), by=by)


def restore_version(plan: Plan, number: int, *, by: Actor) -> None:
    """Let a plan be again what it once was, as a new version. Raises as `change_plan`."""
    then = plan.versions.get(number=number)
    said = {"name": then.name, "steps": then.steps, "active": plan.active, "owner": plan.owner_id}
    change_plan(plan, desk=plan.desk, **said, by=by)


def _keep(plan: Plan, by: Actor) -> None:
    PlanVersion.objects.create(
        company_id=plan.company_id,
        plan=plan,
        number=plan.version,
        name=plan.name,
        steps=plan.steps,
        user_id=by.id,
        at=clock.now(),
    )


def _require(by: Actor, company: int, desk: Desk | None) -> None:
    if desk is not None and desk.company_id != company:
        raise Refused(_("This desk belongs to another company."), field="desk")
    if not policies.may_write_plan(by, company=company, desk=desk.pk if desk else None):
        raise NotAllowed(Permission.TEMPLATES)


def _own_name() -> Any:
    return unique(_("The company has a plan of this name already."), field="name")


def _named(name: str) -> str:
    named = blot_card_numbers(one_line(name, most=MOST_NAME))
    if not named:
        raise Refused(_("A name is needed."), field="name")
    return named


def _written(steps: Any) -> list[dict[str, Any]]:
    return write_steps(read_steps(steps))
