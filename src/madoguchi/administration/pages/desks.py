"""Desks, and the preview of what they say by themselves."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration import queries
from madoguchi.administration.forms import ChecksForm, DeskChangeForm, DeskForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.waits import lines_of
from madoguchi.cases.queries import reply_time, reply_times
from madoguchi.companies import actions
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import companies_with, desk_to_set_up
from madoguchi.delivery.wording import acknowledgement, usual_reply_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.people.queries import staff_to_choose


@require_safe
@requires(Permission.DESKS)
def desks(request: StaffRequest) -> HttpResponse:
    """The desks and the ways that lead to them."""
    return show(request, "desks", section="desks", page=page_of(request, queries.desks(request.actor)))


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def desk_new(request: StaffRequest) -> HttpResponse:
    """Add a desk."""
    companies = companies_with(request.actor, Permission.DESKS)
    form = DeskForm(request.POST or None, companies=companies)
    if _asked_to_save(request):
        added = carried_out(form, lambda **data: actions.add_desk(**data, by=request.actor))
        if added:
            say(request, text=_("%s was added. Add an entry point next.") % added.name)
            return redirect("administration:entry_point_new", desk=added.pk)
    return show_form(request, "desk", section="desks", form=form, **previews(form))


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def desk(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a desk; with `preview` in the form it is shown, not saved."""
    found = desk_to_set_up(request.actor, pk)
    form = DeskChangeForm(request.POST or None, instance=found)
    if _asked_to_save(request) and carried_out(
        form, lambda **data: actions.change_desk(found, **data, by=request.actor)
    ):
        say(request, text=_("Saved."))
        return redirect("administration:desk", pk=pk)
    shown = desk_to_set_up(request.actor, pk)
    points = list(shown.entry_points.all())
    context = {"desk": shown, "points": points, "may_close": not any(point.active for point in points)}
    context["waits"] = lines_of(reply_times(pk))
    return show_form(request, "desk", section="desks", form=form, **previews(form), **context)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def checks(request: StaffRequest, pk: int) -> HttpResponse:
    """What is looked at before an answer leaves the desk, and whose answers a senior approves."""
    found = desk_to_set_up(request.actor, pk)
    people = [(one.pk, one.name) for one in staff_to_choose(found.pk, company=found.company_id)]
    form = ChecksForm(request.POST or None, instance=found, people=people)
    if request.POST and carried_out(form, lambda **data: _set(found, **data, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:desk_checks", pk=pk)
    return show_form(request, "checks", section="desks", form=form, desk=found)


@transaction.atomic
def _set(desk: Desk, *, approval: str, approval_for: list[int], by: Actor, **data: Any) -> None:
    actions.set_checks(desk, **data, by=by)
    actions.set_approval(desk, approval=approval, approval_for=approval_for, by=by)


@require_POST
@requires(Permission.DESKS)
def desk_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close a desk; refused while an entry point leads there."""
    actions.close_desk(desk_to_set_up(request.actor, pk), by=request.actor)
    say(request, text=_("The desk is closed. Its cases stay on record, and you can open it again here."))
    return redirect("administration:desk", pk=pk)


@require_POST
@requires(Permission.DESKS)
def desk_reopen(request: StaffRequest, pk: int) -> HttpResponse:
    """Open a closed desk again."""
    actions.reopen_desk(desk_to_set_up(request.actor, pk), by=request.actor)
    say(request, text=_("The desk is open again."))
    return redirect("administration:desk", pk=pk)


def preview(form: DeskChangeForm, *, field: str = "acknowledgement") -> str:
    """The acknowledgement as a customer would get it, with what stands in the form now; empty when switched off."""
    if not form["acknowledge"].value():
        return ""
    now, desk = clock.now(), form.instance.pk
    values = {
        "customer": _("Hanako Yamada"),
        "case": "A-1001",
        "subject": _("About the size of a coat"),
        "desk": form["public_name"].value() or "",
        "greeting": form["greeting"].value() or "",
        "hours": form["hours"].value() or "",
        "signature": form["signature"].value() or "",
        "reply_time": usual_reply_time(reply_time(desk, at=now) if desk else None),
        "link": "https://…/my/…",
    }
    return acknowledgement(form[field].value() or "", values).strip()


def previews(form: DeskChangeForm) -> dict[str, str]:
    """The acknowledgement as it stands in the form, and the one for whoever does not write in Japanese, where the desk
    has a text of its own for them.
    """
    in_english = ""
    if form["acknowledgement_en"].value():
        with override("en"):
            in_english = preview(form, field="acknowledgement_en")
    return {"preview": preview(form), "preview_in_english": in_english}


def _asked_to_save(request: StaffRequest) -> bool:
    return bool(request.POST) and "preview" not in request.POST
