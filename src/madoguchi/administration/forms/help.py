"""The form of a help centre."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.firms import HUES, Swatches
from madoguchi.administration.forms.parts import RowForm, choose_from
from madoguchi.companies.models import EntryPoint
from madoguchi.helpcentre.models import HelpCentre
from madoguchi.helpcentre.queries import forms_of


class HelpCentreForm(RowForm):
    """Whether a help centre is open, what stands at its head, and where it leads whoever found nothing."""

    contact: "forms.ModelChoiceField[EntryPoint]" = forms.ModelChoiceField(
        None,
        label=_("Form to write to us"),
        required=False,
        help_text=_("Whoever finds nothing is led to it."),
    )

    accent_hue = forms.TypedChoiceField(
        label=_("Accent colour"),
        choices=[("", _("As the company’s")), *HUES],
        coerce=int,
        empty_value=None,
        required=False,
        widget=Swatches,
    )

    class Meta:
        model = HelpCentre
        fields = ["is_open", "title", "introduction", "contact", "accent_hue", "host"]
        widgets = {"introduction": forms.Textarea(attrs={"rows": 3, "maxlength": 400})}
        help_texts = {
            "is_open": _(
                "Everybody can then read the approved articles for customers, and search engines find them."
            ),
            "title": _("Empty: the company's name."),
            "host": _("Such as help.example.co.jp; empty: the address above. How it is proven stands below."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["contact"]
        choose_from(field, forms_of(self.instance.company, self.instance.desk))
        field.empty_label = gettext("None")  # type: ignore[attr-defined]


class LogoForm(forms.Form):
    """The picture at the head of a help centre."""

    file = forms.FileField(
        label=_("Picture"),
        help_text=_(
            "PNG, JPEG or WebP. It is shown 40 dots high, with the company's name for who does not see it."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
