"""Plans of tasks, and what a desk does about tasks that are open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.plans import PlanForm, StepFormSet, WorkForm, step_rows
from madoguchi.administration.pages.frame import carried_out, show, show_form, version_back
from madoguchi.administration.pages.templates import people_for, place_of, places_for
from madoguchi.companies.actions import set_work
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.tasks import planning
from madoguchi.tasks.models import Plan
from madoguchi.tasks.policies import may_write_plan
from madoguchi.tasks.queries import plan_to_read, plans_of, versions_of


@require_safe
@requires(Permission.TEMPLATES)
def plans(request: StaffRequest) -> HttpResponse:
    """The plans of the actor's desks and the common ones beside them."""
    return show(request, "plans", section="plans", plans=plans_of(request.actor))


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def plan_new(request: StaffRequest) -> HttpResponse:
    """Write a plan."""
    begun = {"active": True, "owner": request.actor.id}
    form = PlanForm(
        request.POST or None,
        places=places_for(request.actor),
        people=people_for(request.actor),
        initial=begun,
    )
    steps = StepFormSet(request.POST or None, prefix="s")
    if request.POST and steps.is_valid() and carried_out(form, lambda **data: _add(request, steps, **data)):
        say(request, text=_("The plan was added."))
        return redirect("administration:plans")
    return show_form(request, "plan", section="plans", form=form, steps=steps, may_write=True)


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def plan(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a plan; who may only use it, reads it."""
    found = plan_to_read(pk, actor=request.actor)
    form = _form_of(request, found)
    steps = StepFormSet(request.POST or None, initial=step_rows(found.steps), prefix="s")
    if (
        request.POST
        and steps.is_valid()
        and carried_out(form, lambda **data: _change(request, found, steps, **data))
    ):
        say(request, text=_("Saved."))
        return redirect("administration:plans")
    writes = may_write_plan(request.actor, company=found.company_id, desk=found.desk_id)
    context = {"plan": found, "may_write": writes, "versions": versions_of(found)}
    return show_form(request, "plan", section="plans", form=form, steps=steps, **context)


@require_POST
@requires(Permission.TEMPLATES)
def plan_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let a plan be again what it once was."""
    found = plan_to_read(pk, actor=request.actor)
    return version_back(request, found, number, planning.restore_version, to="plan")


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def work(request: StaffRequest, pk: int) -> HttpResponse:
    """When a desk is at work, and what it does about tasks that are open when a case is to be solved."""
    found = desk_to_set_up(request.actor, pk)
    form = WorkForm(request.POST or None, instance=found)
    if request.POST and carried_out(form, lambda **data: set_work(found, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_work", pk=pk)
    return show_form(request, "desk_work", section="desks", form=form, desk=found)


def _form_of(request: StaffRequest, found: Plan) -> PlanForm:
    where = f"desk:{found.desk_id}" if found.desk_id else f"company:{found.company_id}"
    return PlanForm(
        request.POST or None,
        instance=found,
        places=places_for(request.actor, found),
        people=people_for(request.actor, found),
        initial={"where": where, "owner": found.owner_id or ""},
    )


def _add(request: StaffRequest, steps: Any, *, where: str, name: str, owner: str, active: bool) -> Plan:
    company, desk = place_of(where)
    who = int(owner) if owner else None
    return planning.add_plan(company, desk=desk, name=name, steps=steps.steps(), owner=who, by=request.actor)


def _change(request: StaffRequest, found: Plan, steps: Any, *, where: str, owner: str, **data: Any) -> None:
    _company, desk = place_of(where)
    who = int(owner) if owner else None
    planning.change_plan(found, desk=desk, owner=who, steps=steps.steps(), **data, by=request.actor)
