"""Rules: writing them, trying them on the last 30 days, their order, versions and log."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.acts import kinds_of
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form, version_back
from madoguchi.administration.ruling import SAVE, Ruling, ruling_of, tasks_tried, told, tried, when_words
from madoguchi.cases.actions import note_list
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.rules import actions
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.queries import DAYS, rule_by_id, rules_of, runs_of, versions_of
from madoguchi.views.filter_options import FIELDS, JOINED, MOMENTS, dress, own_choices, own_fields

_DOING = {"start": actions.start_rule, "pause": actions.pause_rule}


@require_safe
@requires(Permission.RULES)
def rules(request: StaffRequest) -> HttpResponse:
    """The rules of the desks that the actor leads, in the order in which they are asked."""
    rows = [(rule, when_words(rule), kinds_of(rule.acts)) for rule in rules_of(request.actor)]
    return show(request, "rules", section="rules", rows=rows, days=DAYS)


@require_http_methods(["GET", "POST"])
@requires(Permission.RULES)
def rule_new(request: StaffRequest) -> HttpResponse:
    """Write a rule; it works once it is taken into use."""
    ruling = ruling_of(None, request.POST or None, actor=request.actor, begun=request.GET)
    added = _saved(ruling, lambda: _added(request, ruling))
    if added:
        say(request, text=_("The rule is saved, and paused. Try it, then take it into use."))
        return redirect("administration:rule", pk=added.pk)
    return _page(request, ruling, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.RULES)
def rule(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a rule; what it said stays as a version."""
    found = rule_by_id(pk, actor=request.actor)
    ruling = ruling_of(found, request.POST or None, actor=request.actor)
    if _saved(ruling, lambda: actions.change_rule(found, said=ruling.said(), by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:rule", pk=pk)
    return _page(request, ruling, found)


@require_safe
@requires(Permission.RULES)
def rule_log(request: StaffRequest, pk: int) -> HttpResponse:
    """What a rule did, and why."""
    found, asked = rule_by_id(pk, actor=request.actor), request.GET.get("outcome", "")
    outcome = asked if asked in RuleRun.Outcome.values else ""
    page = page_of(request, runs_of(found, outcome=outcome))
    rows = told(page, actor=request.actor, desks=desks_of(request.actor))
    note_list(cases=[row.run.case_id for row in rows], by=request.actor)
    context: dict[str, Any] = {"rule": found, "page": page, "rows": rows, "outcome": outcome}
    return show(request, "rule_log", section="rules", outcomes=RuleRun.Outcome.choices, **context)


@require_POST
@requires(Permission.RULES)
def rule_state(request: StaffRequest, pk: int, state: str) -> HttpResponse:
    """Take a rule into use (`start`) or out of it (`pause`)."""
    if state not in _DOING:
        raise NotFound(state)
    _DOING[state](rule_by_id(pk, actor=request.actor), by=request.actor)
    say(request, text=_("The rule is in use.") if state == "start" else _("The rule is paused."))
    return redirect("administration:rule", pk=pk)


@require_POST
@requires(Permission.RULES)
def rule_move(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask a rule earlier (`up`) or later than its neighbour."""
    found = rule_by_id(pk, actor=request.actor)
    actions.move_rule(found, up=request.POST.get("to") == "up", by=request.actor)
    return redirect("administration:rules")


@require_POST
@requires(Permission.RULES)
def rule_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let a rule say again what it once said."""
    found = rule_by_id(pk, actor=request.actor)
    return version_back(request, found, number, actions.restore_version, to="rule")


@require_POST
@requires(Permission.RULES)
def rule_delete(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a rule away; the notice offers the way back."""
    found = rule_by_id(pk, actor=request.actor)
    actions.delete_rule(found, by=request.actor)
    undo = reverse("administration:rule_restore", args=[pk])
    say(request, text=_("The rule “%(name)s” is put away.") % {"name": found.name}, undo_url=undo)
    return redirect("administration:rules")


@require_POST
@requires(Permission.RULES)
def rule_restore(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a rule back that was put away; it is paused."""
    actions.restore_rule(rule_by_id(pk, actor=request.actor, deleted=True), by=request.actor)
    say(request, text=_("The rule is back, and paused."))
    return redirect("administration:rules")


def _saved(ruling: Ruling, act: Callable[[], Any]) -> Any:
    return carried_out(ruling.form, lambda **_data: act()) if ruling.do == SAVE else None


def _added(request: StaffRequest, ruling: Ruling) -> Rule:
    desk = ruling.desk(None)
    if desk is None:
        raise NotAllowed(Permission.RULES)
    return actions.add_rule(desk, said=ruling.said(), by=request.actor)


def _page(request: StaffRequest, ruling: Ruling, found: Rule | None) -> HttpResponse:
    dry = tried(ruling, ruling.desk(found))
    note_list(cases=[line.id for line in dry.sample] if dry else (), by=request.actor)
    desks = desks_of(request.actor)
    own = own_fields(ruling.box, actor=request.actor, desks=desks)
    dress(ruling.box, actor=request.actor, desks=desks, own=own)
    context = {
        "form": ruling.form,
        "ruling": ruling,
        "rule": found,
        "dry": dry,
        "tasks_to_come": tasks_tried(ruling, ruling.desk(found)) if dry else 0,
        "fields": FIELDS.items(),
        "moments": MOMENTS.items(),
        "joins": JOINED.items(),
        "own": own_choices(own).items(),
        "began": request.method == "GET",
        "versions": versions_of(found)[:20] if found else [],
    }
    return show_form(request, "rule", section="rules", days=DAYS, **context)
