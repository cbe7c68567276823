"""What macros and rules can be made to do, in words and as choices."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.administration.forms.acts import Offered
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Priority, Severity, Status
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import ReplyTemplate, TemplateState
from madoguchi.macros.steps import ME, NOTE, PLAN, TASK, TEMPLATE, TEXT, Step
from madoguchi.macros.verbs import Verb
from madoguchi.people.queries import people_by_id, staff_of_desks
from madoguchi.tasks.models import Plan
from madoguchi.tasks.queries import plans_at

_LABELS = {
    NOTE: gettext_lazy("Internal note"),
    TEXT: gettext_lazy("Text for the answer"),
    TEMPLATE: gettext_lazy("Template for the answer"),
    PLAN: gettext_lazy("Apply a plan"),
    TASK: gettext_lazy("Add a task"),
}


def offered_to(actor: Actor) -> Offered:
    """The people, desks, templates and plans of the desks at which the actor works. Four queries."""
    desks = desks_of(actor)
    several = len({desk.company_id for desk in desks}) > 1
    pks = [desk.pk for desk in desks]
    theirs = {desk.company_id for desk in desks}
    templates = ReplyTemplate.objects.filter(company__in=theirs, active=True, state=TemplateState.APPROVED)
    return Offered(
        people=[(str(one.pk), one.name) for one in staff_of_desks(pks)],
        desks=[(str(d.pk), f"{d.company.name} {d.name}" if several else d.name) for d in desks],
        templates=[(str(t.pk), t.name) for t in templates if t.desk_id is None or t.desk_id in pks],
        plans=[(str(p.pk), p.name) for p in plans_at(desks)],
    )


def kinds_of(written: Iterable[dict[str, str]]) -> str:
    """What acts do, as short as it can be said: without their values, and without a query."""
    return _("、").join(dict.fromkeys(str(label_of(one["do"])) for one in written))


def label_of(do: str) -> Any:
    """What an act is called."""
    return Verb(do).label if do in Verb.values else _LABELS[do]


def words_of_step(step: Step, desks: Sequence[Desk]) -> str:
    """What a step does, with its value. A query where it names a person or a template."""
    return _("%(what)s: %(value)s") % {"what": label_of(step.do), "value": _value(step, desks)}


def _value(step: Step, desks: Sequence[Desk]) -> str:
    if step.do == Verb.STATUS:
        return str(Status(step.value).label)
    if step.do == Verb.PRIORITY:
        return str(Priority(int(step.value)).label)
    if step.do == Verb.SEVERITY:
        return str(Severity(int(step.value)).label)
    if step.do == Verb.FEELING:
        return str(Feeling(step.value).label)
    if step.do == Verb.DESK:
        return next((desk.name for desk in desks if str(desk.pk) == step.value), step.value)
    if step.do == Verb.ASSIGN:
        return _person(step.value)
    if step.do == TEMPLATE:
        found = ReplyTemplate.objects.filter(pk=step.value).first()
        return found.name if found else step.value
    if step.do == PLAN:
        plan = Plan.objects.filter(pk=step.value).first()
        return plan.name if plan else step.value
    return step.value


def _person(value: str) -> str:
    if value == ME:
        return _("Whoever runs it")
    if not value:
        return _("Nobody in particular")
    return next((one.name for one in people_by_id([int(value)]).values()), value)
