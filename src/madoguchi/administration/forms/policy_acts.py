"""What a policy does by itself, a row for each act."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.lengths import LengthField
from madoguchi.cases.models import Priority
from madoguchi.promises.policy import PRIORITIES, RESPONSIBLE, SENIORS, Act, Deed, Metric
from madoguchi.promises.queries import metric_name

BEFORE, DUE, AFTER = "before", "due", "after"
PRIORITY_NAMES = {name: Priority(number).label for number, name in enumerate(PRIORITIES, 1)}
_WHEN = [(BEFORE, _("before it runs out")), (DUE, _("when it runs out")), (AFTER, _("after it ran out"))]
# Acts that take words of their own.
_WORDS = {
    f"{Deed.TAG}:": _("Add the tag …"),
    f"{Deed.TASK}:": _("Set the task …"),
    f"{Deed.DESK}:": _("Move the case to the desk …"),
}


class ActForm(forms.Form):
    """One act: what is done, when, and about which clocks. A row in which nothing is chosen is none."""

    do = forms.ChoiceField(label=_("What is done"), required=False)
    words = forms.CharField(
        label=_("Words of the tag or task, or name of the desk"), required=False, max_length=100
    )
    when = forms.ChoiceField(
        label=pgettext_lazy("act of a policy", "When"), choices=_WHEN, required=False, initial=DUE
    )
    length = LengthField(named=_("How long before or after"), label=_("How long before or after"))
    metric = forms.ChoiceField(label=_("For which time"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["do"].choices = _deeds(people, self.initial.get("do", ""))  # type: ignore[attr-defined]
        metrics = [("", gettext("each of them")), *((one.value, metric_name(one)) for one in Metric)]
        self.fields["metric"].choices = metrics  # type: ignore[attr-defined]

    def clean(self) -> None:
        """What is chosen must be whole."""
        super().clean()
        data = self.cleaned_data
        if data.get("do") in _WORDS and not data.get("words", "").strip():
            self.add_error("words", gettext("Write the words of the tag or task, or the name of the desk."))
        timed = data.get("do") and data.get("when") in (BEFORE, AFTER)
        if timed and "length" not in self.errors and not data.get("length"):
            self.add_error("length", gettext("Write how long before or after."))

    def act(self) -> Act | None:
        """The act that the row says; None for a row that is left empty."""
        data = self.cleaned_data
        if not data.get("do"):
            return None
        do, _colon, value = data["do"].partition(":")
        signs = {BEFORE: -1, AFTER: 1}
        offset = (data["length"] or timedelta()) * signs.get(data["when"], 0)
        metrics = frozenset({Metric(data["metric"])} if data["metric"] else ())
        return Act(Deed(do), value or data["words"].strip(), offset, metrics)


class _Acts(forms.BaseFormSet):  # type: ignore[type-arg]
    def acts(self) -> tuple[Act, ...]:
        """Those of all rows, in their order."""
        return tuple(act for form in self.forms if (act := form.act()))


def acts_form(data: Any, *, people: Sequence[tuple[str, str]], acts: Sequence[Act]) -> Any:
    """The rows of these acts and two more. `people` are those who may be named: address and name.

    What is sent without any rows leaves the acts as they are: it is not bound.
    """
    kind = forms.formset_factory(ActForm, formset=_Acts, extra=2, max_num=20)
    sent = data if data and "acts-TOTAL_FORMS" in data else None
    return kind(sent, initial=[_said(act) for act in acts], prefix="acts", form_kwargs={"people": people})


def fits_a_row(act: Act) -> bool:
    """Whether a row can hold it."""
    return len(act.metrics) < 2 and act.offset % timedelta(minutes=1) == timedelta() and len(act.value) <= 100


def act_in_words(act: Act, people: Sequence[tuple[str, str]] = ()) -> str:
    """When it is done, about which time, and what."""
    deed = f"{act.do}:{act.value}"
    known = dict(_deeds(people, deed))
    words = {
        Deed.TAG: gettext("tag “%(words)s”"),
        Deed.TASK: gettext("task “%(words)s”"),
        Deed.DESK: gettext("move to the desk “%(words)s”"),
    }
    said = words[act.do] % {"words": act.value} if act.do in words else str(known[deed])
    metrics = "・".join(metric_name(one) for one in Metric if one in act.metrics)
    return f"{metrics}: {said}" if metrics else said


def _said(act: Act) -> dict[str, Any]:
    takes_words = f"{act.do}:" in _WORDS
    return {
        "do": f"{act.do}:" if takes_words else f"{act.do}:{act.value}",
        "words": act.value if takes_words else "",
        "when": DUE if not act.offset else BEFORE if act.offset < timedelta() else AFTER,
        "length": abs(act.offset) or None,
        "metric": next(iter(act.metrics), ""),
    }


def _deeds(people: Sequence[tuple[str, str]], chosen: str) -> list[tuple[str, Any]]:
    """What can be done, and behind it what is chosen though it is not known here."""
    raised = gettext("Raise the priority to %(priority)s")
    given, told = gettext("Make %(whom)s responsible"), gettext("Tell %(whom)s")
    notice = gettext("Draft a delay notice and tell %(whom)s")
    leads = gettext("a leader of the desk")
    found: list[tuple[str, Any]] = [("", "—")]
    for name in reversed(PRIORITIES[1:]):
        found.append((f"{Deed.PRIORITY}:{name}", raised % {"priority": PRIORITY_NAMES[name]}))
    found.append((f"{Deed.ASSIGN}:{SENIORS}", given % {"whom": leads}))
    found += [(f"{Deed.ASSIGN}:{address}", given % {"whom": name}) for address, name in people]
    found += [(f"{Deed.NOTIFY}:{one}", told % {"whom": whom}) for one, whom in _whom(people)]
    found += [(f"{Deed.DELAY_NOTICE}:{one}", notice % {"whom": whom}) for one, whom in _whom(people)]
    found += _WORDS.items()
    known = {name for name, _label in found}
    if chosen and chosen not in known:
        do, _colon, value = chosen.partition(":")
        says = {Deed.ASSIGN.value: given, Deed.DELAY_NOTICE.value: notice}
        found.append((chosen, says.get(do, told) % {"whom": value}))
    return found


def _whom(people: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    leads = (SENIORS, gettext("the leaders of the desk"))
    return [(RESPONSIBLE, gettext("whoever is responsible")), leads, *people]
