"""Rules being written: form and filter together, what a dry run finds, and a log in words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from madoguchi.administration.acts import offered_to, words_of_step
from madoguchi.administration.forms.rules import RuleForm
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Refused
from madoguchi.macros.steps import PLAN, TASK, Step, read_steps
from madoguchi.macros.tasks import tasks_to_come
from madoguchi.macros.verbs import NOT_ALLOWED
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.queries import DryRun, dry_run
from madoguchi.rules.saying import said_by
from madoguchi.views.filter_form import Box, Line, check, edit, form_of, lines_in, read_form, written
from madoguchi.views.filter_options import (
    EVENTS,
    FIELDS,
    MOMENTS,
    dress,
    find_references,
    name_references,
    own_choices,
    own_fields,
)
from madoguchi.views.filters import read_filter

SAVE, SHOW = "save", "show"
_BEGIN = ["new", "open", "waiting_customer", "waiting_third"]


MOST_DIGITS = 19


@dataclass(slots=True)
class Ruling:
    """A rule being written: its filter as boxes, the rest as a form, and what is wrong with the whole."""

    box: Box
    form: RuleForm
    desks: list[Desk]
    do: str = ""
    problem: str = ""

    def said(self) -> dict[str, Any]:
        """The rule as it stands. Raises Refused for conditions that make no sense, which then say why themselves."""
        if check(self.box) is None:
            raise Refused(_("Complete the conditions first."), field="filter")
        names = ("name", "trigger", "kinds", "per_case", "per_hour")
        said = {name: self.form.cleaned_data[name] for name in names}
        return said | {"filter": {"version": 1} | written(self.box), "acts": self.form.acts()}

    def desk(self, rule: Rule | None) -> Desk | None:
        """The desk of the rule, or the one that is chosen."""
        if rule is not None:
            return rule.desk
        chosen = str(self.form["of_desk"].value() or "")
        return next((desk for desk in self.desks if str(desk.pk) == chosen), next(iter(self.desks), None))


def ruling_of(
    rule: Rule | None, data: QueryDict | None, *, actor: Actor, begun: QueryDict | None = None
) -> Ruling:
    """What the page shows: a new rule (with what an address says of it), one as it is, or what was posted, after the
    change that its button asked for.
    """
    desks = desks_of(actor, permission=Permission.RULES)
    choices = [(str(desk.pk), f"{desk.company.name} {desk.name}") for desk in desks] if rule is None else None
    more: dict[str, Any] = {"offered": offered_to(actor), "desks": choices}
    if data is not None:
        return _posted(data, more, desks, actor=actor)
    if rule is None:
        return Ruling(
            Box(parts=[Line(op="in", values=_BEGIN)]), RuleForm(initial=_begun(begun), **more), desks
        )
    said = said_by(rule)
    ruling = Ruling(
        form_of(read_filter(said.pop("filter"))),
        RuleForm(steps=read_steps(said.pop("acts")), initial=said, **more),
        desks,
        do=SHOW,
    )
    name_references(ruling.box, actor=actor)
    return ruling


def _begun(begun: QueryDict | None) -> dict[str, Any]:
    return {"kinds": begun.getlist("kinds"), "of_desk": begun.get("of_desk", "")} if begun else {}


def _posted(data: QueryDict, more: dict[str, Any], desks: list[Desk], *, actor: Actor) -> Ruling:
    box, do = read_form(data), data.get("do", "")
    find_references(box, actor=actor)
    what, _colon, path = do.partition(":")
    edit(box, what, path)
    if do == SAVE:
        return Ruling(box, RuleForm(data, **more), desks, do=do)
    initial = {name: data.get(name) for name in data if "." not in name} | {"kinds": data.getlist("kinds")}
    return Ruling(box, RuleForm(initial=initial, **more), desks, do=do)


def tried(ruling: Ruling, desk: Desk | None) -> DryRun | None:
    """What the rule would have wanted lately, where that was asked for and makes sense."""
    if ruling.do != SHOW or desk is None:
        return None
    try:
        node = check(ruling.box)
    except Refused as refused:
        ruling.problem = str(refused)
        return None
    kinds = ruling.form["kinds"].value() or []
    on_event = ruling.form["trigger"].value() == Rule.Trigger.EVENT
    if node is None or (on_event and not kinds):
        return None
    known = [kind for kind in kinds if kind in EVENTS]
    return dry_run(node, desk=desk.pk, kinds=known if on_event else [])


def tasks_tried(ruling: Ruling, desk: Desk | None) -> int:
    """How many tasks the rule would have set in each case. One query where it applies a plan."""
    lines, plan = ruling.form[TASK].value() or "", str(ruling.form[PLAN].value() or "")
    steps = [Step(TASK, line) for line in lines.splitlines() if line.strip()]
    steps += [Step(PLAN, plan)] if plan.isdecimal() and len(plan) < MOST_DIGITS else []
    return tasks_to_come(steps, company=desk.company_id) if desk else 0


def when_words(rule: Rule) -> str:
    """What sets a rule going, in words."""
    if rule.trigger == Rule.Trigger.TIME:
        return str(Rule.Trigger.TIME.label)
    return _("、").join(str(EVENTS[kind]) for kind in rule.kinds if kind in EVENTS)


@dataclass(frozen=True, slots=True)
class Told:
    """A run in words: the number of its case, which conditions held, and what became of each act."""

    run: RuleRun
    number: str
    why: list[tuple[str, bool]]
    did: list[tuple[str, str, str]]


def told(runs: Iterable[RuleRun], *, actor: Actor, desks: Sequence[Desk]) -> list[Told]:
    """Runs in words. A query for the people that conditions name, one for each person that acts name."""
    runs = list(runs)
    conditions = _conditions([one for run in runs for one in run.why], actor=actor, desks=desks)
    acts: dict[tuple[str, str], str] = {}
    return [
        Told(
            run,
            run.case.spoken_number(run.case.company.prefix),
            [(conditions[_key(one)], one["met"]) for one in run.why],
            [_did(one, acts, desks) for one in run.did],
        )
        for run in runs
    ]


def _did(
    one: dict[str, str], known: dict[tuple[str, str], str], desks: Sequence[Desk]
) -> tuple[str, str, str]:
    if "do" not in one:
        return "", RuleRun.Outcome.FAILED, one["reason"]
    key = (one["do"], one["value"])
    if key not in known:
        known[key] = words_of_step(Step(*key), desks)
    reason = _("Not allowed.") if one["reason"] == NOT_ALLOWED else one["reason"]
    return known[key], one["fate"], reason


def _conditions(each: list[dict[str, Any]], *, actor: Actor, desks: Sequence[Desk]) -> dict[str, str]:
    different = {_key(one): one for one in each}
    lines: dict[str, Line] = {}
    for key, one in different.items():
        asked = {name: value for name, value in one.items() if name != "met"}
        (lines[key],) = lines_in(form_of(read_filter({"version": 1, "all": [asked]})))
    box = Box(parts=list(lines.values()))
    own = own_fields(box, actor=actor, desks=desks)
    dress(box, actor=actor, desks=desks, own=own)
    name_references(box, actor=actor)
    fields = {**FIELDS, **MOMENTS, **own_choices(own)}
    return {key: _line_words(line, fields) for key, line in lines.items()}


def _key(one: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in one.items() if name != "met"}, sort_keys=True)


def _line_words(line: Line, fields: Mapping[str, str | Promise]) -> str:
    what = str(EVENTS.get(line.kind, line.kind) if line.kind else fields[line.field])
    return _("%(field)s: %(value)s %(asked)s") % {
        "field": what,
        "value": _value(line),
        "asked": next(one.label for one in line.operators if one.chosen),
    }


def _value(line: Line) -> str:
    if line.shape == "choices":
        return _("、").join(choice.label for choice in line.choices if choice.chosen)
    if line.asks_when:
        return f"{line.amount} {dict(line.whens)[line.when]}".strip()
    return _("、").join(line.text.splitlines())
