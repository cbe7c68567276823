"""Reply templates."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.administration.forms import TemplateForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import companies_with, desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.knowledge import actions
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.knowledge.policies import may_write_template
from madoguchi.knowledge.queries import fill, template_to_edit, templates_to_edit, unknown_variables
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.TEMPLATES)
def templates(request: StaffRequest) -> HttpResponse:
    """The templates of the actor's desks and the common ones beside them."""
    rows = templates_to_edit(request.actor).order_by("company__name", "name", "id")
    return show(request, "templates", section="templates", page=page_of(request, rows))


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def template_new(request: StaffRequest) -> HttpResponse:
    """Write a template."""
    form = TemplateForm(request.POST or None, places=places_for(request.actor), initial={"active": True})
    if _asked_to_save(request) and carried_out(form, lambda **data: _add(request, **data)):
        say(request, text=_("The template was added."))
        return redirect("administration:templates")
    return _page(request, form)


@require_http_methods(["GET", "POST"])
@requires(Permission.TEMPLATES)
def template(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a template; who may only use it, reads it."""
    found = template_to_edit(request.actor, pk)
    initial = {"where": f"desk:{found.desk_id}" if found.desk_id else f"company:{found.company_id}"}
    form = TemplateForm(
        request.POST or None, instance=found, places=places_for(request.actor, found), initial=initial
    )
    if _asked_to_save(request) and carried_out(form, lambda **data: _change(request, found, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:templates")
    return _page(request, form, found)


def places_for(
    actor: Actor, template: ReplyTemplate | None = None
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


def _where(chosen: str) -> tuple[Company, Desk | None]:
    kind, _colon, pk = chosen.partition(":")
    if kind == "company":
        return Company.objects.get(pk=pk), None
    desk = Desk.objects.select_related("company").get(pk=pk)
    return desk.company, desk


def _add(request: StaffRequest, *, where: str, name: str, body: str, active: bool) -> ReplyTemplate:
    company, desk = _where(where)
    return actions.add_template(company, desk=desk, name=name, body=body, by=request.actor)


def _change(request: StaffRequest, found: ReplyTemplate, *, where: str, **data: Any) -> None:
    _company, desk = _where(where)
    actions.change_template(found, desk=desk, **data, by=request.actor)


def _page(request: StaffRequest, form: TemplateForm, found: ReplyTemplate | None = None) -> HttpResponse:
    body = form["body"].value() or ""
    values = {"customer": _("Hanako Yamada"), "case": "A-1001", "agent": request.actor.name}
    context = {
        "form": form,
        "template": found,
        "preview": fill(body, {**values, "desk": _("Customer desk")}),
        "unknown": unknown_variables(body),
        "may_write": found is None or _may_write(request, found),
    }
    return show_form(request, "template", section="templates", **context)


def _may_write(request: StaffRequest, found: ReplyTemplate) -> bool:
    return may_write_template(request.actor, company=found.company_id, desk=found.desk_id)
