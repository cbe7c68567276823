"""Talk scripts in the console: where somebody stands in one, how one is edited, and how its branches did."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.delivery.spoken import said_in
from madoguchi.desk.article_figures import UNTIL_SOLVED, came_again
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import suggested
from madoguchi.knowledge.steps import LONGEST_LABEL, LONGEST_SAID, Script, Step, read
from madoguchi.knowledge.trees import ROOT, node_of, walked
from madoguchi.scripts.numbers import script_at
from madoguchi.scripts.queries import (
    Went,
    by_step,
    is_stopped,
    scripts_at,
    stand_of,
    walk_under_way,
    walked_through,
    walks_of,
)
from madoguchi.scripts.wishes import wants_plain
from madoguchi.voice.models import Call

# So deep lines are set further in; below that all stand alike.
_DEEPEST_LINE = 6
MOST_TO_CHOOSE = 50


class StepForm(forms.Form):
    """A step of a script: the answer that leads to it, and what is said and done there."""

    label = forms.CharField(label=_("What the customer answers"), max_length=LONGEST_LABEL)
    said = forms.CharField(
        label=_("What is said"),
        required=False,
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One key puts it into an answer. Leave it empty where something is only to be done."),
    )
    plain = forms.CharField(
        label=_("The same in plain words"),
        required=False,
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown first for customers who wish to be spoken with slowly or in plain words."),
    )
    hint = forms.CharField(
        label=_("What is to be done or watched"),
        required=False,
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For whoever speaks. It is never put into an answer."),
    )

    def __init__(self, data: Any = None, *, step: Step | None = None) -> None:
        super().__init__(
            data, initial={name: getattr(step, name) for name in self.base_fields} if step else None
        )
        if step is not None and step.id == ROOT:
            del self.fields["label"]

    def step(self, *, parent: int, pk: int = 0) -> Step:
        """What was typed, below this step."""
        return Step(pk, parent, **{"label": "", **self.cleaned_data})


@dataclass(frozen=True, slots=True)
class Opening:
    """How callers of a number are spoken with: the script in force, its first step, whether it `is_begun`, and whether
    this one wishes it `plainly`.
    """

    version: ArticleVersion
    step: Step
    is_begun: bool
    plainly: bool = False


def opening_of(call: Call, case: Case | None, *, reader: Actor) -> Opening | None:
    """By which script the caller of a call is spoken with. One query, two where there is one."""
    if call.direction != Call.Direction.INBOUND:
        return None
    found = script_at(call.desk, call.entry_point_id, reader=reader)
    if found is None:
        return None
    walk = walk_under_way(case, by=reader) if case else None
    plainly = case is not None and wants_plain(case.customer)
    return Opening(found, read(found.body)[0], walk is not None, plainly)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a script: how deep it stands, and how it did."""

    step: Step
    depth: int
    went: Went | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A script as it is being written: its newest words, and the step that is looked at."""

    article: Article
    script: Script
    at: Step

    @property
    def lines(self) -> list[Line]:
        """Every step in its place."""
        return [Line(step, min(depth, _DEEPEST_LINE)) for step, depth in walked(self.script)]


def sheet_of(article: Article, newest: ArticleVersion, *, at: int) -> Sheet:
    """The sheet with what is chosen in it; the first step where there is no such one (any more). No query."""
    script = read(newest.body)
    return Sheet(article, script, node_of(script, at) or script[0])


def figures_of(article: Article, version: ArticleVersion, *, actor: Actor) -> list[Line]:
    """How each step of a version did in the last 90 days, in cases that the actor may read. Three queries."""
    walks = walked_through(article, actor=actor)
    again = came_again({(one.case, one.customer, one.at) for one in walks})
    script = read(version.body)
    went = by_step(script, walks, again=again, old=clock.now() - UNTIL_SOLVED)
    return [Line(step, min(depth, _DEEPEST_LINE), went[step.id]) for step, depth in walked(script)]


def beside_case(case: Case, *, reader: Actor) -> dict[str, Any]:
    """Where the reader stands in a script, or which there are at the desk, first that of the number by which they
    came, then those that fit the case, and which way others went in this case. Seven queries at most.
    """
    walk = walk_under_way(case, by=reader)
    stand = stand_of(walk) if walk else None
    if stand:
        told = said_in(case).filter(version=stand.walk.version_id).exists()
        stopped = is_stopped(stand.walk, reader=reader)
        known = {"told": told, "plainly": wants_plain(case.customer), "stopped": stopped}
        return {"case": case, "stand": stand, **known}
    own = script_at(case.desk, case.entry_point_id, reader=reader)
    fit = suggested(case.desk, case.subject, kinds=(Article.Kind.SCRIPT,), reader=reader)
    all_of_them = list(scripts_at(case, reader=reader)[:MOST_TO_CHOOSE])
    scripts = {one.pk: one for one in (*([own] if own else ()), *fit, *all_of_them)}
    walks = walks_of(case, reader=reader)
    return {"case": case, "stand": None, "own": own, "scripts": list(scripts.values()), "walks": walks}
