"""Forms of companies, of operators, and of what they agree."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import (
    FIELD_NAMES,
    NOTHING_YET,
    RowForm,
    choose_from,
    date_input,
    grouped_desks,
    offer,
)
from madoguchi.companies.models import (
    CUSTOMER_FIELDS,
    MODEL_NAMES,
    Company,
    Desk,
    Engagement,
    OperatorCompany,
)

HUES = [
    (262, _("Indigo (standard)")),
    (0, _("Rose")),
    (30, _("Red")),
    (60, _("Orange")),
    (90, _("Yellow ochre")),
    (120, _("Leaf green")),
    (150, _("Green")),
    (180, _("Teal")),
    (210, _("Light blue")),
    (240, _("Blue")),
    (300, _("Purple")),
    (330, _("Magenta")),
]


class Swatches(forms.RadioSelect):
    """Hues to choose from, each shown as what it is."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An option with the hue that the style sheet knows."""
        option = super().create_option(*args, **kwargs)
        if option["value"] == "":
            return option
        option["attrs"]["data-hue"] = int(option["value"]) // 30 + (int(option["value"]) % 30 > 15)
        return option


class CompanyChangeForm(RowForm):
    """A company's name and colour."""

    accent_hue = forms.TypedChoiceField(
        label=_("Accent colour"), choices=HUES, coerce=int, widget=Swatches, initial=262
    )

    class Meta:
        model = Company
        fields = ["name", "accent_hue"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hue = self.instance.accent_hue
        if hue not in dict(HUES):
            offer(self.fields["accent_hue"], [(hue, gettext("As it is")), *HUES])


class CompanyForm(CompanyChangeForm):
    """A new company, with what stays as it is afterwards."""

    class Meta:
        model = Company
        fields = ["name", "slug", "prefix", "accent_hue"]
        help_texts = {
            "slug": _("Small letters and digits, such as hinata. It cannot be changed later."),
            "prefix": _(
                "Case numbers begin with them: H gives H-1001. Customers are told the numbers, so they stay."
            ),
        }


class OperatorForm(RowForm):
    """A new operator."""

    own_of: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        None,
        label=_("The company itself"),
        required=False,
        empty_label=_("no: a vendor"),
        help_text=_("Only when a company answers with its own people."),
    )

    class Meta:
        model = OperatorCompany
        fields = ["name", "own_of"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["own_of"], Company.objects.order_by("name"))


class OperatorChangeForm(RowForm):
    """An operator's name."""

    class Meta:
        model = OperatorCompany
        fields = ["name"]


class TermsForm(RowForm):
    """Under which model and when an operator answers."""

    class Meta:
        model = Engagement
        fields = ["model", "starts_on", "ends_on"]
        widgets = {"starts_on": date_input(), "ends_on": date_input()}
        help_texts = {
            "model": _(
                "It decides who may direct whom: a company's staff direct the operator's people only under the"
                " temporary-staff model."
            ),
            "ends_on": _("Empty: until further notice. After this day its people see nothing of the desk."),
        }


class CompanyHourForm(RowForm):
    """What an hour of the company's own people costs."""

    class Meta:
        model = Engagement
        fields = ["company_hour"]
        help_texts = {
            "company_hour": _(
                "By it the time that questions to the company took is told in yen. Empty: not told."
            )
        }


class EngagementForm(TermsForm):
    """A new engagement."""

    operator = forms.ModelChoiceField(
        OperatorCompany.objects.order_by("name"), label=_("Operator"), empty_label=NOTHING_YET
    )
    desk: "forms.ModelChoiceField[Desk]" = forms.ModelChoiceField(None, label=_("Desk"))

    class Meta(TermsForm.Meta):
        fields = ["operator", "desk", "model", "starts_on", "ends_on"]

    def __init__(self, *args: Any, desks: models.QuerySet[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["desk"], desks)
        offer(self.fields["desk"], [("", NOTHING_YET), *grouped_desks(desks)])
        offer(self.fields["model"], [("", NOTHING_YET), *MODEL_NAMES.items()])


class DataScopeForm(forms.Form):
    """For each customer field: shown, masked or hidden."""

    LEVELS = [("shown", _("Shown")), ("masked", _("Masked")), ("hidden", _("Hidden"))]

    def __init__(self, *args: Any, engagement: Engagement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CUSTOMER_FIELDS:
            level = (
                "hidden" if name in engagement.hidden else "masked" if name in engagement.masked else "shown"
            )
            self.fields[name] = forms.ChoiceField(
                label=FIELD_NAMES[name], choices=self.LEVELS, widget=forms.RadioSelect, initial=level
            )

    def clean(self) -> dict[str, list[str]]:
        """The fields by level, as the action takes them."""
        given = super().clean() or {}
        return {
            level: [name for name in CUSTOMER_FIELDS if given.get(name) == level]
            for level in ("masked", "hidden")
        }
