"""The form of one rule by which what comes to a desk goes on to the desks of several operators."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.kernel.text import one_line
from madoguchi.routing.division import By
from madoguchi.routing.division_rules import mark_of

WAYS = {
    By.SHARE: _("by share: each gets its part, exact to one case"),
    By.SKILL: _("by skill: where most people are who know what the case takes"),
    By.PRICE: _("by price: the cheapest that has room"),
    By.LOAD: _("by load: where fewest wait for each person who is here"),
    By.ORDER: _("in order: the first that has room, then the next"),
}
_CHANNELS = list(EntryPoint.Kind.choices)
_BETWEEN = re.compile(r"[,、，\n]+")


class RuleForm(forms.Form):
    """For which cases, by what, and to which desks: each with its part, price and room."""

    name = forms.CharField(label=_("Name of the rule"), max_length=60)
    by = forms.ChoiceField(label=_("By what it chooses"), choices=list(WAYS.items()))
    days = forms.MultipleChoiceField(
        label=_("Days of the week"),
        choices=list(WEEKDAYS_ABBR.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    begin = forms.CharField(
        label=pgettext_lazy("hours of a rule", "From"), required=False, max_length=5, help_text=_("18:00")
    )
    until = forms.CharField(
        label=pgettext_lazy("hours of a rule", "Until"),
        required=False,
        max_length=5,
        help_text=_("9:00; earlier than from: the next morning."),
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"), choices=_CHANNELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=_("Words of the subject"),
        required=False,
        max_length=500,
        help_text=_("Between commas; one of them is enough. Width and case compare equal."),
    )
    tags = forms.CharField(label=_("Tags"), required=False, max_length=500, help_text=_("Between commas."))
    matters = forms.MultipleChoiceField(
        label=_("Kinds of matter"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)
    after = forms.IntegerField(
        label=_("Send on what nobody takes up (minutes)"),
        required=False,
        min_value=1,
        max_value=10_000,
        help_text=_("To the next desk with room and people who are here, to each once. Empty: it stays."),
    )
    calls_after = forms.IntegerField(
        label=_("Send on calls that nobody takes up (seconds)"),
        required=False,
        min_value=5,
        max_value=3_600,
        help_text=_("To the next desk where somebody is at the phones; at once where nobody is."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        rule: dict[str, Any],
        desks: Sequence[Desk],
        matters: Iterable[tuple[str, str]],
    ) -> None:
        super().__init__(data, initial=_said(rule))
        self.fields["matters"].choices = list(matters)  # type: ignore[attr-defined]
        self._desks = list(desks)
        for desk in self._desks:
            for name, label, least, most in _OF_A_DESK:
                field = forms.IntegerField(label=label, required=False, min_value=least, max_value=most)
                self.fields[f"{name}_{desk.pk}"] = field

    @property
    def about(self) -> list[forms.BoundField]:
        """Which cases the rule is for."""
        names = ["days", "begin", "until", "channels", "words", "tags"]
        asks = [*names, "matters"] if self.fields["matters"].choices else names  # type: ignore[attr-defined]
        return [self[name] for name in asks]

    @property
    def places(self) -> list[tuple[Desk, list[forms.BoundField]]]:
        """Each desk with the fields of it."""
        return [(desk, [self[f"{name}_{desk.pk}"] for name, *_more in _OF_A_DESK]) for desk in self._desks]

    def clean(self) -> None:
        """A rule needs a desk."""
        super().clean()
        if not self.errors and not self.rule()["to"]:
            self.add_error(None, gettext("Give at least one desk a part."))

    def rule(self) -> dict[str, Any]:
        """The rule as it is kept; what is empty is left out."""
        data = self.cleaned_data
        said = {
            "days": sorted(int(day) for day in data["days"]),
            "from": data["begin"].strip(),
            "until": data["until"].strip(),
            "channels": data["channels"],
            "words": _listed(data["words"]),
            "tags": _listed(data["tags"]),
            "matters": [int(one) for one in data["matters"]],
            "after": data["after"],
            "calls_after": data["calls_after"],
        }
        to = [self._place(desk) for desk in self._desks if data.get(f"weight_{desk.pk}")]
        return {"name": one_line(data["name"]), "by": data["by"], "to": to} | {
            k: v for k, v in said.items() if v
        }

    def _place(self, desk: Desk) -> dict[str, Any]:
        values = {name: self.cleaned_data.get(f"{name}_{desk.pk}") for name, *_more in _OF_A_DESK}
        return {"desk": desk.pk} | {name: value for name, value in values.items() if value is not None}


_OF_A_DESK = (
    ("weight", _("Part"), 1, 1000),
    ("price", _("Price of a case (yen)"), 0, 1_000_000),
    ("most", _("Full from so many waiting"), 1, 10_000),
)


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule in words, at its place from 1, and by what it is known when it is moved."""

    place: int
    seen: str
    name: str
    way: str
    about: Sequence[tuple[str, str]]
    to: Sequence[tuple[str, str]]


def rule_in_words(
    place: int, rule: dict[str, Any], desks: dict[int, Desk], matters: dict[str, str]
) -> RuleShown:
    """What a rule says."""
    kinds = {value: str(label) for value, label in _CHANNELS}
    about = {
        gettext("Days of the week"): [str(WEEKDAYS_ABBR[day]) for day in rule.get("days", ())],
        gettext("Time of day"): [f"{rule['from']}〜{rule['until']}"] if rule.get("from") else [],
        gettext("Channels"): [kinds.get(one, one) for one in rule.get("channels", ())],
        gettext("Words of the subject"): rule.get("words", ()),
        gettext("Tags"): rule.get("tags", ()),
        gettext("Kinds of matter"): [matters.get(str(one), "—") for one in rule.get("matters", ())],
    }
    said = [(name, "・".join(values)) for name, values in about.items() if values]
    if rule.get("after"):
        said.append((gettext("Sent on after"), gettext("%(n)s min") % {"n": rule["after"]}))
    if rule.get("calls_after"):
        said.append((gettext("Calls sent on after"), gettext("%(n)s s") % {"n": rule["calls_after"]}))
    to = [(desks[one["desk"]].name, place_in_words(rule, one)) for one in rule["to"] if one["desk"] in desks]
    return RuleShown(place, mark_of(rule), rule["name"], str(WAYS[By(rule["by"])]), said, to)


def place_in_words(rule: dict[str, Any], place: dict[str, Any]) -> str:
    """The part, price and room of one desk, as far as they count."""
    said = []
    if rule["by"] == By.SHARE:
        whole = sum(one.get("weight", 1) for one in rule["to"])
        said.append(f"{place.get('weight', 1) / whole * 100:.1f}%")
    if rule["by"] == By.PRICE:
        said.append(f"¥{place.get('price', 0):,}")
    if place.get("most"):
        said.append(gettext("full from %(n)s waiting") % {"n": place["most"]})
    return "・".join(said)


def _listed(said: str) -> list[str]:
    return [word for one in _BETWEEN.split(said) if (word := one_line(one, most=50))]


def _said(rule: dict[str, Any]) -> dict[str, Any]:
    found = {
        "name": rule.get("name", ""),
        "by": rule.get("by", By.SHARE),
        "days": [str(day) for day in rule.get("days", ())],
        "begin": rule.get("from", ""),
        "until": rule.get("until", ""),
        "channels": rule.get("channels", []),
        "words": "、".join(rule.get("words", ())),
        "tags": "、".join(rule.get("tags", ())),
        "matters": [str(one) for one in rule.get("matters", ())],
        "after": rule.get("after"),
        "calls_after": rule.get("calls_after"),
        "seen": mark_of(rule) if rule else "",
    }
    for place in rule.get("to", ()):
        for name, *_more in _OF_A_DESK:
            found[f"{name}_{place['desk']}"] = place.get(name, 1 if name == "weight" else None)
    return found
