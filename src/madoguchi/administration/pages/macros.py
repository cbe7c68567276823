"""Macros: several acts in one key, for oneself or for a desk."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.acts import kinds_of, offered_to
from madoguchi.administration.forms.acts import MacroForm
from madoguchi.administration.pages.frame import carried_out, show, show_form
from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.look.toasts import say
from madoguchi.macros import actions
from madoguchi.macros.approving import is_held_back
from madoguchi.macros.models import Macro, MacroState
from madoguchi.macros.policies import may_change
from madoguchi.macros.queries import companies_asking, macro_by_id, macros_of
from madoguchi.macros.steps import read_steps, words_of
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.MACROS)
def macros(request: StaffRequest) -> HttpResponse:
    """The actor's own macros, and those of their desks."""
    by = request.actor
    asking = companies_asking(by)
    rows = [(one, kinds_of(one.acts), tag_of(one, asking)) for one in macros_of(by)]
    away = [one for one in macros_of(by, put_away=True) if may_change(by, one)]
    return show(request, "macros", section="macros", rows=rows, away=away)


@require_http_methods(["GET", "POST"])
@requires(Permission.MACROS)
def macro_new(request: StaffRequest) -> HttpResponse:
    """Write a macro."""
    places = {place.value: place for place in places_for(request.actor)}
    choices = [(place.value, place.label) for place in places.values()]
    form = MacroForm(request.POST or None, offered=offered_to(request.actor), places=choices)
    added = carried_out(form, lambda where, name, **_acts: _add(request, form, name, places[where]))
    if added:
        say(request, text=_saved(added))
        return redirect("administration:macros")
    return show_form(request, "macro", section="macros", form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.MACROS)
def macro(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a macro; who may only use it, reads it."""
    found, by = macro_by_id(pk, actor=request.actor), request.actor
    written = found.proposed or {"name": found.name, "acts": found.acts}
    begun = {"steps": read_steps(written["acts"]), "initial": {"name": written["name"]}}
    form = MacroForm(request.POST or None, offered=offered_to(by), places=None, **begun)
    if carried_out(form, lambda name, **_acts: _change(request, found, form, name)):
        say(request, text=_saved(found))
        return redirect("administration:macros")
    context = {"macro": found, "may_write": may_change(by, found), "tag": tag_of(found, companies_asking(by))}
    return show_form(request, "macro", section="macros", form=form, **context)


@require_POST
@requires(Permission.MACROS)
def macro_drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw away what was proposed of a macro."""
    actions.drop_proposal(macro_by_id(pk, actor=request.actor), by=request.actor)
    say(request, text=_("The proposal is thrown away."))
    return redirect("administration:macro", pk=pk)


@require_POST
@requires(Permission.MACROS)
def macro_delete(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a macro away; the notice offers the way back."""
    found = macro_by_id(pk, actor=request.actor)
    actions.delete_macro(found, by=request.actor)
    undo = reverse("administration:macro_restore", args=[pk])
    say(request, text=_("The macro “%(name)s” is put away.") % {"name": found.name}, undo_url=undo)
    return redirect("administration:macros")


@require_POST
@requires(Permission.MACROS)
def macro_restore(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a macro back that was put away."""
    actions.restore_macro(macro_by_id(pk, actor=request.actor, deleted=True), by=request.actor)
    say(request, text=_("The macro is back."))
    return redirect("administration:macros")


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a macro can be written: a desk, or oneself."""

    value: str
    label: str
    company: Company
    desk: Desk | None = None


def places_for(actor: Actor) -> list[Place]:
    """For whom the actor may write macros: themselves, and desks that they lead."""
    own, led = desks_of(actor, permission=Permission.MACROS), desks_of(actor, permission=Permission.RULES)
    companies = {desk.company_id: desk.company for desk in own}
    several = len(companies) > 1
    found = []
    for one in companies.values():
        name = f"{_('Me alone')} ({one.name})" if several else _("Me alone")
        found.append(Place(f"owner:{one.pk}", name, one))
    for desk in led:
        name = f"{desk.company.name} {desk.name}" if several else desk.name
        found.append(Place(f"desk:{desk.pk}", name, desk.company, desk))
    return found


def _add(request: StaffRequest, form: MacroForm, name: str, place: Place) -> Macro:
    told: dict[str, Any] = {"name": name, "acts": form.acts(), "draft": "draft" in request.POST}
    return actions.add_macro(place.company, desk=place.desk, **told, by=request.actor)


def _change(request: StaffRequest, found: Macro, form: MacroForm, name: str) -> None:
    draft = "draft" in request.POST
    actions.change_macro(found, name=name, acts=form.acts(), draft=draft, by=request.actor)


def _saved(macro: Macro) -> str:
    name = {"name": macro.name}
    if macro.state == MacroState.DRAFT or (macro.proposed and not macro.proposed["waits"]):
        return _("“%(name)s” is kept as a draft.") % name
    waits = macro.proposed or is_held_back(macro.state, macro.acts, company=macro.company_id)
    if waits:
        return _("“%(name)s” waits for the company's approval.") % name
    return _("The macro “%(name)s” is saved.") % name


def tag_of(macro: Macro, asking: set[int]) -> str:
    """How far its words are, in a word; empty where there is nothing to say of them."""
    speaks = macro.company_id in asking and bool(words_of(macro.acts))
    if macro.state == MacroState.DRAFT or speaks:
        return str(macro.get_state_display())
    return ""
