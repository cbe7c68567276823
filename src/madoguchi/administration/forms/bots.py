"""The forms of a bot: how it answers, and at which words a person takes over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.bot.actions.setting import stop_of
from madoguchi.bot.limits import Kind, usual
from madoguchi.bot.models import Bot
from madoguchi.bot.rewording import is_set_up


class BotForm(RowForm):
    """Whether it answers, when, and how sure it must be; with the moment at which it last stopped by itself, as whoever
    fills it in saw it.
    """

    seen_stop = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)

    class Meta:
        model = Bot
        fields = [
            "is_on",
            "name",
            "greeting",
            "hours",
            "answer_from",
            "suggest_from",
            "rewords",
            "yen_a_month",
            "yen_a_talk",
            "yen_by_people",
        ]
        help_texts = {
            "is_on": _("It answers from approved articles for customers alone, and shows which."),
            "name": _("Empty: the name of the desk shown to customers."),
            "greeting": _("Empty: that it answers automatically, and how to reach a person."),
            "hours": _("What it answers while nobody is at work stays in the list of the next day."),
            "answer_from": _("The surer it must be, the more often it suggests or asks a person."),
            "suggest_from": _("Below, a person is asked."),
            "rewords": _(
                "Only where no article fits: the question goes to the model that whoever runs the installation has "
                "set up, without mail addresses and longer numbers. What is found so is suggested, never answered."
            ),
            "yen_a_month": _(
                "What the bot costs you whatever it does: machines, licences, people who look after it."
            ),
            "yen_a_talk": _(
                "What each talk costs beside that, such as a service that counts them. 0: nothing."
            ),
        }

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["seen_stop"].initial = stop_of(self.instance)
        if not is_set_up():
            del self.fields["rewords"]


class LimitsForm(forms.Form):
    """The words of each kind, one a line."""

    def __init__(self, data: Any = None, *, words: dict[Kind, str]) -> None:
        super().__init__(data)
        for kind in Kind:
            self.fields[kind.value] = forms.CharField(
                label=kind.label,
                required=False,
                initial=words.get(kind, usual(kind)),
                widget=forms.Textarea(attrs={"rows": 8}),
            )

    def by_kind(self) -> dict[Kind, str]:
        """What was written, by kind."""
        return {kind: str(self.cleaned_data[kind.value]) for kind in Kind}
