"""Presence and queues in words: what the reader is now, how the queues stand, how a desk shares out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.models import OperatorMember
from madoguchi.routing.logic import MOST_PERCENT
from madoguchi.routing.models import Sharing, Skill, State
from madoguchi.routing.queries import heard_since, worker_of
from madoguchi.routing.setting import FOUR, MOST_MINUTES, Judged, matrix_of, written_needs, written_skills

TONES = {State.AVAILABLE: "good", State.AWAY: "warn", State.BREAK: "warn", State.OFF: ""}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the reader is now, and since when; `other` is what one key leads to."""

    state: State
    since: datetime | None
    tone: str
    other: State
    choices: tuple[State, ...] = tuple(State)


def presence_of(actor: Actor) -> Shown:
    """The reader's own presence, as the head of the console shows it. Who was not heard of is away, said or not."""
    assert actor.id is not None
    worker = worker_of(actor.id)
    state = State(worker.state)
    if state == State.AVAILABLE and not worker.is_here(heard_since()):
        state = State.AWAY
    other = State.AWAY if state == State.AVAILABLE else State.AVAILABLE
    return Shown(state, worker.since if worker.pk else None, TONES[state], other)


class SharingForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a desk shares its work out."""

    needs = forms.CharField(
        label=_("What cases take"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "A line for each tag: returns: returns 2. Such a case is given only to who has that skill at that level."
        ),
    )

    class Meta:
        model = Sharing
        fields = ("order", "pushes", "prefers_last", "kept_minutes", "target_minutes", "mails")
        help_texts = {
            "pushes": _(
                "What waits is given to whoever is available and has a hand free. Else people take it."
            ),
            "prefers_last": _("A customer who writes again comes to the same person, if they are available."),
            "mails": _("Only cases whose customer waits for us count."),
        }

    def __init__(self, data: Any = None, *, instance: Sharing) -> None:
        shown = Sharing(**{f.attname: getattr(instance, f.attname) for f in instance._meta.concrete_fields})
        super().__init__(data, instance=shown, initial={"needs": written_needs(instance.needs)})


_LEVELS = [("", "—"), *((str(level), str(level)) for level in range(1, 6))]


class SkillsForm(forms.Form):
    """What somebody knows and speaks: a level in each of the four by which all are judged, and lines for the rest."""

    four_0 = forms.ChoiceField(label=_("Communication"), choices=_LEVELS, required=False)
    four_1 = forms.ChoiceField(label=_("Knowledge of products"), choices=_LEVELS, required=False)
    four_2 = forms.ChoiceField(label=_("Solving problems"), choices=_LEVELS, required=False)
    four_3 = forms.ChoiceField(
        label=_("Working together"),
        choices=_LEVELS,
        required=False,
        help_text=_("1 is told what to do, 3 does it alone, 5 teaches others."),
    )
    skills = forms.CharField(
        label=_("Skills"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "A line each: a name, a level from 1 to 5, and until which day it holds: returns 3 2027-03-31."
        ),
    )
    languages = forms.CharField(
        label=_("Languages in which they answer"),
        required=False,
        max_length=100,
        help_text=_("By their codes: ja en zh. Leave it empty for all."),
    )
    capacity = forms.IntegerField(
        label=_("How much they hold at once (percent)"),
        min_value=10,
        max_value=MOST_PERCENT,
        required=False,
        help_text=_("Of what is usual at their desks: 50 for who is new, 100 for most. Empty: as before."),
    )
    answer_minutes = forms.IntegerField(
        label=_("Minutes of answering questions a week"),
        min_value=0,
        max_value=MOST_MINUTES,
        required=False,
        help_text=_("Once they are used up, others are asked first; nothing is refused. Empty: 120."),
    )

    def clean(self) -> dict[str, Any]:
        """The lines with the four among them, as they are kept."""
        said = super().clean() or {}
        levels = [(name, said.pop(f"four_{at}", "")) for at, name in enumerate(FOUR)]
        four = [f"{name} {level}" for name, level in levels if level]
        return said | {"skills": "\n".join([said.get("skills", ""), *four]).strip()}


def skills_as_said(skills: list[Skill]) -> dict[str, str]:
    """What somebody knows as the form shows it: one of the four that runs out stands among the lines."""
    levels = {one.name: one.level for one in skills if one.expires_on is None}
    lines = [one for one in skills if one.name not in FOUR or one.expires_on]
    four = {f"four_{at}": str(levels.get(name, "")) for at, name in enumerate(FOUR)}
    return four | {"skills": written_skills(lines)}


Line = tuple[OperatorMember, list[tuple[str, int]], list[Skill]]


def skill_lines(
    members: Sequence[OperatorMember], known: Mapping[int, list[Skill]]
) -> tuple[list[Judged], list[Line]]:
    """The four by which all are judged, and of each member the levels in them and what else they know."""
    whole = {member.pk: known.get(member.pk, []) for member in members}
    four = matrix_of(whole, on=clock.today())
    lines = [
        (
            member,
            [(one.name, one.levels[member.pk]) for one in four],
            [skill for skill in whole[member.pk] if skill.name not in FOUR],
        )
        for member in members
    ]
    return four, lines
