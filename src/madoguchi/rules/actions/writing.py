"""Writing rules: every version is kept, and nothing works before somebody takes it into use."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.fields.queries import unseen_among
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.macros.actions import verb_step
from madoguchi.macros.steps import PLAN, Step
from madoguchi.macros.tasks import SETS_TASKS
from madoguchi.rules import policies
from madoguchi.rules.events import (
    RuleAdded,
    RuleChanged,
    RuleDeleted,
    RulePaused,
    RuleRestored,
    RuleStarted,
)
from madoguchi.rules.models import Rule, RuleVersion
from madoguchi.rules.queries import leads, writer_of
from madoguchi.rules.saying import read_rule, said_by
from madoguchi.tasks.queries import plans_at
from madoguchi.views.filters import Node, fields_asked

# More could not be overlooked any more, nor asked about with every event.
MOST_RULES = 50
State = Rule.State


@transaction.atomic
def add_rule(desk: Desk, *, said: dict[str, Any], by: Actor) -> Rule:
    """Write a rule for a desk, paused, after all others.

    Raises NotAllowed for who does not lead the desk, Refused for what makes no sense, for acts that its writer could
    not do, and when there are too many.
    """
    rule = Rule(company_id=desk.company_id, desk=desk)
    _require(rule, by)
    one_at_a_time(f"rules of desk {desk.pk}")
    there = Rule.objects.filter(desk=desk, deleted_at=None)
    if there.count() >= MOST_RULES:
        raise Refused(_("There are too many rules already. Put one away that nobody needs."), field="name")
    for name, value in _columns(rule, said, by).items():
        setattr(rule, name, value)
    rule.position = (there.aggregate(last=Max("position"))["last"] or 0) + 1
    rule.save()
    _keep(rule, by)
    record(RuleAdded(**_where(rule), name=rule.name), by=by)
    return rule


@transaction.atomic
def change_rule(rule: Rule, *, said: dict[str, Any], by: Actor) -> None:
    """Let a rule say something else from now on; what it said stays as a version. Raises as `add_rule`.

    A rule on time begins to go through the cases anew.
    """
    _require(rule, by)
    _lock(rule)
    changes = set_changed(rule, **_columns(rule, said, by))
    if changes:
        rule.version += 1
        rule.looked_at = rule.looked_id = None
        rule.save(update_fields=["version", "looked_at", "looked_id"])
        _keep(rule, by)
        record(RuleChanged(**_where(rule), version=rule.version, changes=changes), by=by)


def restore_version(rule: Rule, number: int, *, by: Actor) -> None:
    """Let a rule say again what it once said, as a new version. Raises as `change_rule`."""
    change_rule(rule, said=rule.versions.get(number=number).said, by=by)


@transaction.atomic
def start_rule(rule: Rule, *, by: Actor) -> None:
    """Take a rule into use that is paused or has stopped; one in use stays so.

    Where its writer no longer leads the desk, whoever starts it answers for it from now on: a version of theirs says
    the same. Raises NotAllowed, or Refused for acts that they could not do.
    """
    _require(rule, by)
    if not leads(writer_of(rule), rule):
        _take_over(rule, by)
    resting = Rule.objects.filter(pk=rule.pk, deleted_at=None).exclude(state=State.ACTIVE)
    if resting.update(state=State.ACTIVE):
        record(RuleStarted(**_where(rule), name=rule.name), by=by)


@transaction.atomic
def pause_rule(rule: Rule, *, by: Actor) -> None:
    """Take a rule out of use for the time being. Raises NotAllowed; a paused one stays so."""
    _require(rule, by)
    if (
        Rule.objects.filter(pk=rule.pk, deleted_at=None)
        .exclude(state=State.PAUSED)
        .update(state=State.PAUSED)
    ):
        record(RulePaused(**_where(rule), name=rule.name), by=by)


@transaction.atomic
def delete_rule(rule: Rule, *, by: Actor) -> None:
    """Put a rule away; `restore_rule` has it back, and its log stays. Raises NotAllowed."""
    _require(rule, by)
    if Rule.objects.filter(pk=rule.pk, deleted_at=None).update(deleted_at=clock.now(), state=State.PAUSED):
        record(RuleDeleted(**_where(rule), name=rule.name), by=by)


@transaction.atomic
def restore_rule(rule: Rule, *, by: Actor) -> None:
    """Take back a rule that was put away; it is paused. Raises NotAllowed."""
    _require(rule, by)
    if Rule.objects.filter(pk=rule.pk, deleted_at__isnull=False).update(deleted_at=None):
        record(RuleRestored(**_where(rule), name=rule.name), by=by)


@transaction.atomic
def move_rule(rule: Rule, *, up: bool, by: Actor) -> None:
    """Let a rule be asked before the one above it, or after the one below. Raises NotAllowed; at the end it stays."""
    _require(rule, by)
    order = list(
        Rule.objects.select_for_update().filter(desk=rule.desk_id, deleted_at=None).order_by("position", "id")
    )
    at = order.index(rule)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    before = rule.position
    for place, one in enumerate(order, start=1):
        Rule.objects.filter(pk=one.pk).update(position=place)
    changes = {"position": [before, to + 1]}
    record(RuleChanged(**_where(rule), version=rule.version, changes=changes), by=by)


def _take_over(rule: Rule, by: Actor) -> None:
    _columns(rule, said_by(rule), by)
    _lock(rule)
    rule.version += 1
    rule.save(update_fields=["version"])
    _keep(rule, by)
    record(RuleChanged(**_where(rule), version=rule.version, changes={}), by=by)


def _columns(rule: Rule, said: dict[str, Any], by: Actor) -> dict[str, Any]:
    """What is kept of what a rule says; its writer could do the same by hand."""
    read = read_rule(said)
    _require_seen(read.filter, by)
    for step in read.acts:
        if step.do in SETS_TASKS:
            _require_plan(step, rule)
            continue
        act = verb_step(step, by=by)
        if act.to is not None and act.to.company_id != rule.company_id:
            raise Refused(_("This desk belongs to another company."), field="desk")
        if act.to is not None and act.to.pk == rule.desk_id:
            raise Refused(_("The case is at this desk already."), field="desk")
    return read.columns()


def _require_plan(step: Step, rule: Rule) -> None:
    """A plan is one that can be applied at the rule's desk."""
    if step.do == PLAN and not any(str(plan.pk) == step.value for plan in plans_at([rule.desk])):
        raise Refused(_("Choose one of the list."), field=PLAN)


def _require_seen(wanted: Node, by: Actor) -> None:
    """What a rule does to a case gives away what it asked of it, to who leads the rule, too."""
    if unseen_among(fields_asked(wanted), actor=by):
        raise Refused(_("This field holds data of the customer that you are not to see."), field="filter")


def _keep(rule: Rule, by: Actor) -> None:
    said = {name: getattr(rule, name) for name in ("name", "trigger", "kinds", "filter", "acts")}
    said |= {"per_case": rule.per_case, "per_hour": rule.per_hour}
    RuleVersion.objects.create(
        company_id=rule.company_id, rule=rule, number=rule.version, said=said, user_id=by.id, at=clock.now()
    )


def _lock(rule: Rule) -> None:
    rule.refresh_from_db(from_queryset=Rule.objects.select_for_update())


def _where(rule: Rule) -> dict[str, Any]:
    return {"company": rule.company_id, "desk": rule.desk_id, "rule": rule.pk}


def _require(rule: Rule, by: Actor) -> None:
    if by.id is None or not policies.may_rule(by, company=rule.company_id, desk=rule.desk_id):
        raise NotAllowed(Permission.RULES)
