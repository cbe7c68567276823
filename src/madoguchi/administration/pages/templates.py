"""Reply templates."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms import TemplateForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form, version_back
from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import companies_with, desks_of
from madoguchi.delivery.template_use import DAYS, Usage, usage_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.knowledge import actions
from madoguchi.knowledge.actions import TemplateCare
from madoguchi.knowledge.diff import compare
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.knowledge.policies import may_approve_article, may_write_template
from madoguchi.knowledge.queries import (
    fill,
    proposed_of,
    template_digest,
    template_to_edit,
    templates_to_approve,
    templates_to_edit,
    unknown_variables,
    versions_of,
)
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.people.queries import staff_of_desks
from madoguchi.tasks.models import Plan

_ACTS: dict[str, Callable[[ReplyTemplate, int, QueryDict, Actor], None]] = {
    "approve": lambda found, number, said, by: actions.approve_template(
        found, number, seen=said.get("seen"), by=by
    ),
    "return": lambda found, number, said, by: actions.return_template(
        found, number, comment=said.get("comment", ""), by=by
    ),
    "drop": lambda found, _number, _said, by: actions.drop_proposal(found, by=by),
}


@require_safe
@requires(Permission.TEMPLATES)
def templates(request: StaffRequest) -> HttpResponse:
    """The templates of the actor's desks and the common ones beside them."""
    page = page_of(request, templates_to_edit(request.actor).order_by("company__name", "name", "id"))
    used = usage_of([one.pk for one in page])
    waiting = set(templates_to_approve(request.actor).values_list("template", flat=True))
    rows = [(one, used.get(one.pk, Usage()), one.pk in waiting) for one in page]
    return show(
        request, "templates", section="templates", page=page, rows=rows, days=DAYS, today=clock.today()
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def template_new(request: StaffRequest) -> HttpResponse:
    """Write a template."""
    begun = {"active": True, "owner": request.actor.id}
    people = people_for(request.actor)
    form = TemplateForm(request.POST or None, places=places_for(request.actor), people=people, initial=begun)
    if _asked_to_save(request) and carried_out(form, lambda **data: _add(request, **data)):
        say(request, text=_("The template was added."))
        return redirect("administration:templates")
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def template(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a template; who may only use it, reads it."""
    found = template_to_edit(request.actor, pk)
    form = TemplateForm(
        request.POST or None,
        instance=found,
        places=places_for(request.actor, found),
        people=people_for(request.actor, found),
        initial=_begins_with(found),
    )
    if _asked_to_save(request) and carried_out(form, lambda **data: _change(request, found, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:templates")
    return _page(request, form, found)


@require_POST
@requires(Permission.TEMPLATES)
def template_act(request: StaffRequest, pk: int, number: int, act: str) -> HttpResponse:
    """Approve what was proposed, give it back with a comment, or throw it away."""
    found, by = template_to_edit(request.actor, pk), request.actor
    if act not in _ACTS:
        raise NotFound(act)
    try:
        _ACTS[act](found, number, request.POST, by)
    except (Refused, Conflict) as error:
        say(request, text=str(error))
    return redirect("administration:template", pk=pk)


@require_POST
@requires(Permission.TEMPLATES)
def template_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let a template say again what it once said."""
    found = template_to_edit(request.actor, pk)
    return version_back(request, found, number, actions.restore_version, to="template")


def people_for(actor: Actor, template: ReplyTemplate | Plan | None = None) -> list[tuple[str, str]]:
    """Who can look after a template: the people of the actor's desks, the actor, and who does now."""
    desks = desks_of(actor, permission=Permission.TEMPLATES)
    people = {str(one.pk): one.name for one in staff_of_desks([desk.pk for desk in desks])}
    people.setdefault(str(actor.id), actor.name)
    if template is not None and template.owner:
        people.setdefault(str(template.owner_id), template.owner.name)
    return list(people.items())


def places_for(
    actor: Actor, template: ReplyTemplate | Plan | None = None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the actor may put a template, grouped by company: all of its desks, or one."""
    wide = {c.pk: c for c in companies_with(actor, Permission.TEMPLATES)}
    groups = {c.name: [(f"company:{c.pk}", _("All desks of %s") % c.name)] for c in wide.values()}
    for desk in desks_of(actor, permission=Permission.TEMPLATES):
        groups.setdefault(desk.company.name, []).append((f"desk:{desk.pk}", desk.name))
    if template is not None:
        groups = {name: rows for name, rows in groups.items() if name == template.company.name}
    return list(groups.items())


def _asked_to_save(request: StaffRequest) -> bool:
    return bool(request.POST) and "preview" not in request.POST


def place_of(chosen: str) -> tuple[Company, Desk | None]:
    """The company, and the desk unless all are meant, that a form names as `places_for` offers them."""
    kind, _colon, pk = chosen.partition(":")
    if kind == "company":
        return Company.objects.get(pk=pk), None
    desk = Desk.objects.select_related("company").get(pk=pk)
    return desk.company, desk


def _add(request: StaffRequest, *, where: str, active: bool, **data: Any) -> ReplyTemplate:
    company, desk = place_of(where)
    return actions.add_template(company, desk=desk, **_written(request, data), by=request.actor)


def _change(request: StaffRequest, found: ReplyTemplate, *, where: str, active: bool, **data: Any) -> None:
    _company, desk = place_of(where)
    actions.change_template(found, desk=desk, active=active, **_written(request, data), by=request.actor)


def _written(request: StaffRequest, data: dict[str, Any]) -> dict[str, Any]:
    owner = int(data["owner"]) if data["owner"] else None
    care = TemplateCare(
        owner=owner, review_on=data["review_on"], ends_on=data["ends_on"], feelings=data["feelings"]
    )
    return {"name": data["name"], "body": data["body"], "care": care, "draft": "draft" in request.POST}


def _page(request: StaffRequest, form: TemplateForm, found: ReplyTemplate | None = None) -> HttpResponse:
    body, proposed = form["body"].value() or "", proposed_of(found) if found else None
    values = {"customer": _("Hanako Yamada"), "case": "A-1001", "agent": request.actor.name}
    values |= {"subject": _("About the size of a coat"), "channel": "email", "language": "ja"}
    context = {
        "form": form,
        "template": found,
        "preview": fill(body, {**values, "desk": _("Customer desk")}),
        "versions": versions_of(found)[:20] if found else [],
        "usage": usage_of([found.pk]).get(found.pk, Usage()) if found else None,
        "days": DAYS,
        "unknown": unknown_variables(body),
        "may_write": found is None or _may_write(request, found),
        "proposed": proposed,
        "seen": template_digest(found, proposed) if found and proposed else "",
        "changes": compare(found.body, proposed.body) if found and proposed else [],
        "may_approve": found is not None and _may_approve(request, found),
    }
    return show_form(request, "template", section="templates", **context)


def _begins_with(found: ReplyTemplate) -> dict[str, Any]:
    """What its form begins with; where words were proposed, these."""
    where = f"desk:{found.desk_id}" if found.desk_id else f"company:{found.company_id}"
    proposed = proposed_of(found)
    words = {"name": proposed.name, "body": proposed.body} if proposed else {}
    return {"where": where, "owner": found.owner_id or "", "feelings": found.feelings, **words}


def _may_approve(request: StaffRequest, found: ReplyTemplate) -> bool:
    return may_approve_article(request.actor, company=found.company_id, desk=found.desk_id)


def _may_write(request: StaffRequest, found: ReplyTemplate) -> bool:
    return may_write_template(request.actor, company=found.company_id, desk=found.desk_id)
