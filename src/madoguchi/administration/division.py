"""What pages show of dividing: rules in words, what they would have done with the cases of the last days, and who of
those among whom is divided covers which hours of a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.dates import WEEKDAYS

from madoguchi.administration.forms.division import RuleForm, RuleShown, rule_in_words
from madoguchi.administration.levels import matters_of
from madoguchi.companies.models import Desk, Engagement
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import NotFound
from madoguchi.people.queries import running_engagements
from madoguchi.promises.covering import Stretch, Together, together
from madoguchi.promises.ledger import calendar_for
from madoguchi.routing.division_editing import put_rule
from madoguchi.routing.division_queries import division_of, try_rules
from madoguchi.routing.division_rules import read_rules
from madoguchi.routing.models import Division

MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of the cases of a rule went to a desk, and which part of them."""

    rule: str
    desk: str
    cases: int
    part: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What rules would have done: of so many cases, where they went, and how many stayed."""

    cases: int
    more: bool
    stayed: int
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Covered:
    """Who covers what of a year, in words: the days of a usual week by name, each with who is there when."""

    shown: Together
    week: Sequence[tuple[str, Sequence[Stretch]]]
    each: Sequence[tuple[str, str, str]]
    hours: str
    uncovered: str
    more: int


def dividing(actor: Actor, desk: int) -> tuple[Desk, Division, dict[int, Desk]]:
    """A desk that the actor sets up, its division, and the other open desks of the company. Raises NotFound."""
    found = desk_to_set_up(actor, desk)
    others = Desk.objects.filter(company=found.company_id, active=True).exclude(pk=desk)
    return found, division_of(found), {one.pk: one for one in others}


@dataclass(frozen=True, slots=True)
class Writing:
    """A rule of a desk being written, at its place (0: a new one)."""

    desk: Desk
    kept: Division
    others: dict[int, Desk]
    place: int
    form: RuleForm

    @property
    def rules(self) -> list[dict[str, Any]]:
        """All rules, with what the form says."""
        rules, rule = list(self.kept.rules), self.form.rule()
        if not self.place:
            return [*rules, rule]
        rules[self.place - 1] = rule
        return rules

    def saved(self, *, by: Actor) -> Division:
        """Keep it. Raises NotAllowed or Refused."""
        seen = self.form.cleaned_data["seen"] if self.place else ""
        return put_rule(self.desk, self.form.rule(), seen=seen, by=by)

    def tried(self) -> Tried:
        """What the rules would have done with it."""
        return tried(self.desk, self.rules, self.others)


def writing_of(actor: Actor, desk: int, place: int, data: Any) -> Writing:
    """The form of a rule. Raises NotFound."""
    found, kept, others = dividing(actor, desk)
    matters = matters_of(found).items()
    form = RuleForm(data, rule=rule_at(kept, place), desks=list(others.values()), matters=matters)
    return Writing(found, kept, others, place, form)


def rule_at(division: Division, place: int) -> dict[str, Any]:
    """The rule at a place from 1; an empty one for 0. Raises NotFound."""
    if place > len(division.rules):
        raise NotFound(place)
    return division.rules[place - 1] if place else {}


def in_words(desk: Desk, division: Division, others: dict[int, Desk]) -> list[RuleShown]:
    """The rules in words."""
    matters = matters_of(desk)
    return [rule_in_words(place, rule, others, matters) for place, rule in enumerate(division.rules, 1)]


def who_sees_all(desk: Desk, others: Sequence[int]) -> list[str]:
    """Operators engaged at this desk and at one of the others: they see what is not sent to them, too."""
    here = Engagement.objects.filter(desk=desk).values("operator_id")
    there = Engagement.objects.filter(desk__in=others, operator__in=here, operator__own_of=None)
    return sorted(set(there.values_list("operator__name", flat=True)))


def covered(desk: Desk, division: Division, others: dict[int, Desk], year: int) -> Covered:
    """Who of this desk and of those that its rules name covers which hours of a year, by their calendars: each by its
    name and its operators'. Desks at which nobody is engaged cover none. Two queries for each desk, and one.
    """
    named = {place["desk"] for rule in division.rules for place in rule["to"]}
    desks = [desk, *(others[pk] for pk in sorted(named & set(others)))]
    engaged = running_engagements().filter(desk__in=desks).order_by("operator__name")
    employers: dict[int, list[str]] = {}
    for pk, name in engaged.values_list("desk_id", "operator__name"):
        employers.setdefault(pk, []).append(name)
    there = [one for one in desks if one.pk in employers]
    calendars = {f"{one.name}（{'、'.join(employers[one.pk])}）": calendar_for(one) for one in there}
    shown = together(calendars, year, TOKYO)
    return Covered(
        shown=shown,
        week=[(str(WEEKDAYS[number]), day) for number, day in enumerate(shown.week)],
        each=[(name, f"{hours:,.10g}", f"{alone:,.10g}") for name, hours, alone in shown.each],
        hours=f"{shown.hours:,.10g}",
        uncovered=f"{shown.uncovered:,}",
        more=max(0, len(shown.others) - MOST_DAYS),
    )


def tried(desk: Desk, rules: Sequence[dict[str, Any]], others: dict[int, Desk]) -> Tried:
    """What these rules would have done with what came in the last seven days."""
    found = try_rules(desk, read_rules(rules, among=others))
    outcomes = []
    for number, rule in enumerate(rules):
        whole = sum(cases for (of, _desk), cases in found.sent.items() if of == number)
        for place in rule["to"]:
            cases = found.sent.get((number, place["desk"]), 0)
            if place["desk"] in others:
                part = f"{cases / whole * 100:.1f}%" if whole else "–"
                outcomes.append(Outcome(rule["name"], others[place["desk"]].name, cases, part))
    return Tried(found.cases, found.more, found.stayed, outcomes)
