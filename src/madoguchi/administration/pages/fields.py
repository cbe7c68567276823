"""What desks want to know of their cases: fields and kinds of matter."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.fields import (
    FieldAddForm,
    FieldForm,
    MatterAddForm,
    MatterForm,
    PurposeForm,
    field_row,
    matter_row,
)
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.fields import actions
from madoguchi.fields.models import Field, Matter
from madoguchi.fields.queries import field_to_edit, fields_to_edit, matter_to_edit, matters_to_edit
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.DESKS)
def fields(request: StaffRequest) -> HttpResponse:
    """The fields of the actor's desks; those removed last."""
    rows = fields_to_edit(request.actor).order_by("removed_at", "desk__name", "desk_id", "place", "id")
    return show(request, "fields", section="fields", page=page_of(request, rows))


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def field_new(request: StaffRequest) -> HttpResponse:
    """Ask one more thing."""
    desks = _desks(request)
    form = FieldAddForm(request.POST or None, desks=desks, others=_conditions(request))
    if request.POST and carried_out(form, lambda **data: _add_field(request, **data)):
        say(request, text=_("The field was added."))
        return redirect("administration:fields")
    return show_form(request, "field", section="fields", form=form, field=None)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def purpose_new(request: StaffRequest) -> HttpResponse:
    """Ask what customers are really after, what was proposed to them, and whether they took it."""
    form = PurposeForm(request.POST or None, desks=_desks(request))
    if request.POST and carried_out(
        form, lambda desk: actions.ask_purpose(_desk(request, desk), by=request.actor)
    ):
        say(request, text=_("The fields were added."))
        return redirect("administration:fields")
    return show_form(request, "purpose", section="fields", form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def field(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask it differently."""
    found = field_to_edit(request.actor, pk)
    others = [one for one in _conditions(request) if one.desk_id == found.desk_id and one != found]
    form = FieldForm(request.POST or None, initial=field_row(found), others=others)
    if request.POST and carried_out(form, lambda **data: _change_field(request, found, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:fields")
    return show_form(request, "field", section="fields", form=form, field=found)


@require_POST
@requires(Permission.DESKS)
def field_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask it no more, or (`restore`) again."""
    found = field_to_edit(request.actor, pk)
    again = bool(request.POST.get("restore"))
    (actions.restore_field if again else actions.remove_field)(found, by=request.actor)
    gone = _("It is asked no more. What cases know of it stays there.")
    say(request, text=_("It is asked again.") if again else gone)
    return redirect("administration:fields")


@require_safe
@requires(Permission.DESKS)
def matters(request: StaffRequest) -> HttpResponse:
    """The kinds of matter at the actor's desks; those out of use last."""
    rows = matters_to_edit(request.actor).order_by("removed_at", "desk__name", "desk_id", "place", "id")
    labels = dict(fields_to_edit(request.actor).values_list("pk", "label"))
    page = page_of(request, rows)
    for matter_ in page:
        matter_.asks = [labels[pk] for pk in matter_.fields if pk in labels]
    return show(request, "matters", section="matters", page=page)


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def matter_new(request: StaffRequest) -> HttpResponse:
    """Tell one more kind apart."""
    form = MatterAddForm(request.POST or None, desks=_desks(request))
    if request.POST and carried_out(form, lambda **data: _add_matter(request, **data)):
        say(request, text=_("The kind of matter was added."))
        return redirect("administration:matters")
    return show_form(request, "matter", section="matters", form=form, matter=None, fields=[])


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def matter(request: StaffRequest, pk: int) -> HttpResponse:
    """Call it something else, or ask other fields of it."""
    found = matter_to_edit(request.actor, pk)
    known = _fields_of(found.desk)
    form = MatterForm(request.POST or None, initial=matter_row(found, known))
    if request.POST and carried_out(form, lambda **data: _change_matter(request, found, **data)):
        say(request, text=_("Saved."))
        return redirect("administration:matters")
    return show_form(request, "matter", section="matters", form=form, matter=found, fields=known)


@require_POST
@requires(Permission.DESKS)
def matter_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Offer it no more, or (`restore`) again."""
    found = matter_to_edit(request.actor, pk)
    again = bool(request.POST.get("restore"))
    (actions.restore_matter if again else actions.remove_matter)(found, by=request.actor)
    say(request, text=_("It is offered again.") if again else _("It is offered no more. Cases keep it."))
    return redirect("administration:matters")


def _desks(request: StaffRequest) -> list[Desk]:
    return desks_of(request.actor, permission=Permission.DESKS)


def _conditions(request: StaffRequest) -> list[Field]:
    """The fields by which others can be shown."""
    return list(fields_to_edit(request.actor).filter(kind__in=actions.SHOW_OTHERS, removed_at=None))


def _desk(request: StaffRequest, pk: int) -> Desk:
    found = next((desk for desk in _desks(request) if desk.pk == pk), None)
    if found is None:
        raise NotFound(pk)
    return found


def _shape(
    request: StaffRequest, *, choices: str, only_if: int | None, only_values: str, **data: Any
) -> actions.Shape:
    return actions.Shape(
        choices=choices.splitlines(),
        only_if=field_to_edit(request.actor, only_if) if only_if else None,
        only_values=[line.strip() for line in only_values.splitlines()],
        **data,
    )


def _add_field(request: StaffRequest, *, desk: int, kind: str, **data: Any) -> Field:
    shape = _shape(request, **data)
    return actions.add_field(_desk(request, desk), kind=kind, shape=shape, by=request.actor)


def _change_field(request: StaffRequest, found: Field, **data: Any) -> None:
    actions.change_field(found, shape=_shape(request, **data), by=request.actor)


def _fields_of(desk: Desk) -> list[Field]:
    return list(Field.objects.filter(desk=desk, removed_at=None).order_by("place", "id"))


def _named(desk: Desk, written: str) -> list[int]:
    """The fields that a form names, by their labels. Raises Refused for what the desk does not ask."""
    known = {field.label: field.pk for field in _fields_of(desk)}
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    unknown = [line for line in lines if line not in known]
    if unknown:
        words = _("The desk has no field called “%(name)s”. It has: %(known)s.")
        raise Refused(words % {"name": unknown[0], "known": "、".join(known)}, field="fields_in_order")
    return [known[line] for line in lines]


def _add_matter(request: StaffRequest, *, desk: int, name: str, fields_in_order: str, place: int) -> Matter:
    at = _desk(request, desk)
    chosen = _named(at, fields_in_order)
    return actions.add_matter(at, name=name, fields=chosen, place=place, by=request.actor)


def _change_matter(
    request: StaffRequest, found: Matter, *, name: str, fields_in_order: str, place: int
) -> None:
    chosen = _named(found.desk, fields_in_order)
    actions.change_matter(found, name=name, fields=chosen, place=place, by=request.actor)
