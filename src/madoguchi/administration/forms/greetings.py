"""The form of a desk's acknowledgements in further languages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.delivery.abroad import template_for
from madoguchi.kernel.languages import ABROAD

# In the language of whoever sets the desk up, who need not read the other's own name of it.
NAMES = {
    "zh-Hans": _("Chinese (simplified)"),
    "zh-Hant": _("Chinese (traditional)"),
    "ko": _("Korean"),
    "vi": _("Vietnamese"),
    "th": _("Thai"),
    "id": _("Indonesian"),
    "tl": _("Tagalog"),
    "pt": _("Portuguese"),
    "es": _("Spanish"),
    "fr": _("French"),
    "de": _("German"),
    "ru": _("Russian"),
}


class GreetingsForm(forms.Form):
    """One text for each language that is told apart; what is typed for one that has none of ours may stay empty."""

    marks = _(
        "Filled in: {{customer}} {{case}} {{subject}} {{desk}} {{hours}} {{reply_time}} {{link}} {{signature}}."
        " The line with {{reply_time}} is left out while there is no figure. Hours, name and signature stand as"
        " the desk has them."
    )

    def __init__(self, data: Any = None, *, texts: Mapping[str, str]) -> None:
        super().__init__(data, initial=dict(texts))
        for language, own_name in ABROAD.items():
            none = gettext("Empty: the built-in text in this language.")
            if not template_for(language):
                none = gettext("Empty: the English text.")
            self.fields[language] = forms.CharField(
                label=f"{NAMES[language]} · {own_name}",
                required=False,
                help_text=none,
                widget=forms.Textarea(attrs={"rows": 6, "lang": language}),
            )

    def text_of(self, language: str) -> str:
        """What stands in the form for a language now."""
        return str(self[language].value() or "")
