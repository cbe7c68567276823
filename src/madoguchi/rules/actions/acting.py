"""One act done to a case by itself, by the usual action; it is told what became of it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import left_to_fill
from madoguchi.cases.models import Case, Status
from madoguchi.companies.queries import desk_of_company
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import MadoguchiError, NotAllowed
from madoguchi.macros.steps import Step
from madoguchi.macros.tasks import SETS_TASKS, set_tasks
from madoguchi.macros.verbs import NOT_ALLOWED, Act, Fate, Verb, do, foresee
from madoguchi.routing.queries import not_absent


def cases_here() -> Any:
    """Cases that are not part of another one."""
    return Case.objects.select_related("desk", "company").filter(continued_in=None)


def held_case(pk: int) -> Case | None:
    """A case, kept from others who would change it; what merely refers to it goes on."""
    return cases_here().select_for_update(of=["self"], no_key=True).filter(pk=pk).first()


def done(step: Step, case: Case, *, by: Actor) -> dict[str, str]:
    """What became of one act; one that is refused keeps none of the others from being done."""
    said = {"do": step.do, "value": step.value}
    try:
        fate, reason = _set(step, case, by) if step.do in SETS_TASKS else _change(step, case, by)
    except MadoguchiError as error:
        fate, reason = Fate.REFUSED, NOT_ALLOWED if isinstance(error, NotAllowed) else str(error)
    return said | {"fate": fate.value, "reason": reason[:300]}


def _set(step: Step, case: Case, by: Actor) -> tuple[Fate, str]:
    with transaction.atomic():
        made = set_tasks(step, case, by=by)
    return (Fate.DONE if made else Fate.SAME), ""


def _change(step: Step, case: Case, by: Actor) -> tuple[Fate, str]:
    act = _act_of(step, case)
    fate, reason = foresee(act, case, by=by)
    if fate == Fate.DONE and act.verb == Verb.STATUS and (left := left_to_fill(case, to=Status(act.value))):
        fate, reason = Fate.REFUSED, left
    if fate == Fate.DONE and act.verb == Verb.ASSIGN and act.person and not not_absent([act.person]):
        fate, reason = Fate.REFUSED, _("This person is away or off work.")
    if fate == Fate.DONE:
        with transaction.atomic():
            do(act, case, by=by)
    return fate, reason


def _act_of(step: Step, case: Case) -> Act:
    verb = Verb(step.do)
    to = desk_of_company(int(step.value), company=case.company_id) if verb == Verb.DESK else None
    return Act(verb, step.value, to)
