"""What can be typed in. The forms check shape alone; what may be done is for the actions to say."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.channels.email.actions import MailboxSettings, OAuthSettings, SmtpSettings
from madoguchi.channels.email.models import Mailbox, OAuthAccount, Security, SignIn, SmtpServer
from madoguchi.channels.email.oauth import Provider
from madoguchi.channels.webform.actions import MOST_QUESTIONS
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind
from madoguchi.companies.models import CUSTOMER_FIELDS, Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.intake.models import SenderRule
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.people.models import User

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
FIELD_NAMES = {
    "name": _("Name"),
    "kana": _("Reading of the name"),
    "email": _("Mail address"),
    "phone": _("Phone number"),
    "address": _("Postal address"),
    "memo": _("Memo about the customer"),
}
QUESTION_KINDS = [
    (QuestionKind.TEXT, _("One line")),
    (QuestionKind.TEXTAREA, _("Several lines")),
    (QuestionKind.CHOICE, _("Choice")),
    (QuestionKind.DATE, _("Date")),
]


class RowForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form drawn from a model. It works on a copy: the row itself is changed by actions alone.

    Links to scoped rows are declared without a queryset, which needs a scope: `__init__` sets it.
    """

    def __init__(self, data: Any = None, *, instance: models.Model | None = None, **kwargs: Any) -> None:
        super().__init__(data, instance=copy.copy(instance), **kwargs)

    def save(self, commit: bool = True) -> Any:
        """Refused on purpose: pages hand `cleaned_data` to an action."""
        raise TypeError("forms do not write: call an action")


def date_input() -> forms.DateInput:
    """A date as browsers take it."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def offer(field: forms.Field, choices: Iterable[Any]) -> None:
    """Let a field be chosen among these."""
    cast(forms.ChoiceField, field).choices = list(choices)


def choose_from(field: forms.Field, rows: models.QuerySet[Any]) -> None:
    """Let a field be one of these rows."""
    cast("forms.ModelChoiceField[Any]", field).queryset = rows


class Swatches(forms.RadioSelect):
    """Hues to choose from, each shown as what it is."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """An option with the hue that the style sheet knows."""
        option = super().create_option(*args, **kwargs)
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


class EngagementForm(TermsForm):
    """A new engagement."""

    operator = forms.ModelChoiceField(OperatorCompany.objects.order_by("name"), label=_("Operator"))
    desk: "forms.ModelChoiceField[Desk]" = forms.ModelChoiceField(None, label=_("Desk"))

    class Meta(TermsForm.Meta):
        fields = ["operator", "desk", "model", "starts_on", "ends_on"]

    def __init__(self, *args: Any, desks: models.QuerySet[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["desk"], desks)
        offer(self.fields["desk"], [("", "—"), *grouped_desks(desks)])


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


class DeskChangeForm(RowForm):
    """How a desk names itself, signs and greets."""

    class Meta:
        model = Desk
        fields = [
            "name",
            "public_name",
            "hours",
            "signature",
            "laid_out",
            "hand_off",
            "acknowledge",
            "acknowledgement",
        ]
        help_texts = {
            "name": _("As your own people call it."),
            "hand_off": _(
                "Why it goes on, what it is about, what comes next, what was promised: one line each, filled in"
                " beforehand as far as the case tells. Nobody need ask the customer again."
            ),
            "laid_out": _(
                "Answers then leave as plain words and laid out: **strong**, lists, quotations, links, pictures."
                " Without it as plain words alone."
            ),
            "hours": _("Such as: weekdays 10:00 to 18:00."),
            "acknowledgement": _(
                "Empty: the built-in text. Filled in: {{customer}} {{case}} {{subject}} {{desk}} {{hours}}"
                " {{reply_time}} {{link}} {{signature}}. The line with {{reply_time}} is left out while there is no"
                " figure."
            ),
        }


class DeskForm(DeskChangeForm):
    """A new desk of a company."""

    company: "forms.ModelChoiceField[Company]" = forms.ModelChoiceField(
        None, label=_("Company"), empty_label=None
    )
    field_order = ["company"]

    class Meta(DeskChangeForm.Meta):
        fields = ["company", *DeskChangeForm.Meta.fields]

    def __init__(self, *args: Any, companies: models.QuerySet[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self.fields["company"], companies)


class EntryPointForm(RowForm):
    """A new entry point."""

    class Meta:
        model = EntryPoint
        fields = ["kind", "address", "sender_name", "medium"]
        help_texts = {
            "address": _(
                "For mail the address, such as support@example.jp; for a form the last part of its web address,"
                " such as inquiry. It cannot be changed later."
            ),
            "sender_name": _("Empty: the name of the desk shown to customers."),
            "medium": _("Where customers find it, such as: package insert, online shop."),
        }


class EntryPointChangeForm(RowForm):
    """What can change about an entry point."""

    class Meta:
        model = EntryPoint
        fields = ["sender_name", "medium", "active"]
        help_texts = {
            **EntryPointForm.Meta.help_texts,
            "active": _(
                "Out of use: nothing more is taken in here. What came stays, and is answered as before."
            ),
        }


class FormShapeForm(RowForm):
    """The words of a form, and what it asks besides the extra questions."""

    class Meta:
        model = Form
        fields = ["title", "introduction", "ask_phone", "take_files"]


class QuestionForm(forms.Form):
    """One extra question."""

    name = forms.CharField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(label=_("Question"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=QUESTION_KINDS, initial=QuestionKind.TEXT)
    required = forms.BooleanField(label=_("must be answered"), required=False)
    choices = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One per line; for the kind “Choice” only."),
    )


class QuestionSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """The extra questions of a form in their order."""

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = gettext("Place in the order")
        form.fields["DELETE"].label = gettext("remove")

    def questions(self) -> tuple[Question, ...]:
        """The questions to keep; a new one gets a name that none of the others has."""
        kept = [f.cleaned_data for f in self.ordered_forms if f.cleaned_data.get("label")]
        taken = {row["name"] for row in kept}
        free = (name for n in range(1, 2 * MOST_QUESTIONS + 2) if (name := f"q{n}") not in taken)
        return tuple(
            Question(
                name=row["name"] or next(free),
                label=row["label"],
                kind=QuestionKind(row["kind"]),
                required=row["required"],
                choices=tuple(row["choices"].splitlines()),
            )
            for row in kept
        )


QuestionFormSet = forms.formset_factory(
    QuestionForm, formset=QuestionSet, extra=2, can_order=True, can_delete=True, max_num=MOST_QUESTIONS
)


def question_rows(shape: FormShape) -> list[dict[str, Any]]:
    """The questions of a form as its formset begins with them."""
    return [
        {
            "name": question.name,
            "label": question.label,
            "kind": question.kind,
            "required": question.required,
            "choices": "\n".join(question.choices),
        }
        for question in shape.questions
    ]


class PlaceForm(forms.Form):
    """A role somewhere: `operator:3:agent`, `company:1:company_staff` or `administrator`."""

    place = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["place"], [("", "—"), *places])


class PersonForm(RowForm):
    """A person's own particulars."""

    class Meta:
        model = User
        fields = ["name", "kana", "language"]


class PersonAddForm(PlaceForm):
    """A new person and their first role."""

    email = forms.EmailField(label=_("Mail address"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=100)
    kana = forms.CharField(label=_("Reading of the name"), max_length=100, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("ja", "日本語"), ("en", "English")])
    field_order = ["name", "kana", "email", "language", "place"]


class SeatsForm(forms.Form):
    """At which desks an operator's person sits."""

    engagements = forms.TypedMultipleChoiceField(
        label=_("Desks"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, engagements: Iterable[Engagement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["engagements"], [(e.pk, f"{e.company.name} / {e.desk.name}") for e in engagements])


class TemplateForm(RowForm):
    """A reply template, and for which desks it is: `desk:3`, or `company:1` for all of a company's."""

    where = forms.ChoiceField(label=_("For which desks"))
    field_order = ["name", "where", "body", "active"]

    class Meta:
        model = ReplyTemplate
        fields = ["name", "body", "active"]
        help_texts = {"body": _("Filled in when it is used: {{customer}} {{case}} {{agent}} {{desk}}")}

    def __init__(self, *args: Any, places: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["where"], places)


class SenderForm(forms.Form):
    """A sender for one of a company's lists."""

    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    pattern = forms.CharField(
        label=_("Mail address or domain"),
        max_length=254,
        help_text=_("A domain counts for everything below it, too."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "shop.example"}),
    )
    kind = forms.TypedChoiceField(
        label=_("What happens to the mail"),
        choices=reversed(SenderRule.Kind.choices),
        coerce=SenderRule.Kind,
    )

    def __init__(self, data: Any = None, *, companies: Iterable[Company], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offer(self.fields["company"], [(c.pk, c.name) for c in companies])


class ServerForm(RowForm):
    """What both kinds of mail server ask. A stored password is never shown again, not even read."""

    field_order = ["host", "port", "security", "username", "sign_in", "password"]

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sign_in"].required = False
        self.fields["sign_in"].help_text = _(
            "With OAuth 2 no password is stored; somebody consents once, under “OAuth 2” above."
        )
        if self.instance.pk and self.instance.sign_in == SignIn.PASSWORD:
            self.fields["password"].help_text = _("One is stored. Write here only to replace it.")

    def given(self) -> dict[str, Any]:
        """What was entered, the password apart."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "password"}
        given["security"] = Security(given["security"])
        return {**given, "sign_in": SignIn(given["sign_in"] or SignIn.PASSWORD)}

    def secret(self) -> str | None:
        """The password to store; None keeps the one that is stored."""
        return self.cleaned_data["password"] or None


class MailboxForm(ServerForm):
    """Where a mailbox is."""

    class Meta:
        model = Mailbox
        fields = ["host", "port", "security", "username", "sign_in", "folder", "active"]

    def settings(self) -> MailboxSettings:
        """The settings as the action takes them."""
        return MailboxSettings(**self.given())


class SmtpForm(ServerForm):
    """By which server mail leaves."""

    class Meta:
        model = SmtpServer
        fields = [
            "host",
            "port",
            "security",
            "username",
            "sign_in",
            "return_addresses",
            "per_minute",
            "at_once",
            "active",
        ]
        help_texts = {
            "per_minute": _("0: as many as come. What is more waits for its turn, which is no failure."),
            "at_once": _("0: as many as there are workers."),
            "return_addresses": _(
                "So that a mail which comes back is known for certain, whatever the other server writes. Switch it"
                " on once you have seen a mail to support+test@… arrive here as a case: where the mailbox takes no"
                " such address, all news of mail that came back would be lost."
            ),
        }

    def settings(self) -> SmtpSettings:
        """The settings as the action takes them."""
        return SmtpSettings(**self.given())


class OAuthForm(RowForm):
    """Who asks for tokens to a mail account. A stored secret is never shown again, not even read."""

    field_order = ["provider", "client_id", "secret", "tenant"]

    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Google gives one; a public app of Microsoft has none. A stored one is kept when this is empty."
        ),
    )

    class Meta:
        model = OAuthAccount
        fields = ["provider", "client_id", "tenant"]
        help_texts = {
            "tenant": _("Microsoft alone: the ID or domain of your directory. Empty: any work account.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [choice for choice in Provider.choices if choice[0] != Provider.OTHER]
        offer(self.fields["provider"], known)

    def settings(self) -> OAuthSettings:
        """The settings as the action takes them."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "secret"}
        return OAuthSettings(**{**given, "provider": Provider(given["provider"])})


class TestMailForm(forms.Form):
    """To whom a test goes."""

    __test__ = False
    to = forms.EmailField(label=_("Send a test to"))


def grouped_desks(desks: Iterable[Desk]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Desks to choose from, under their company's name."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for desk in desks:
        groups.setdefault(desk.company.name, []).append((desk.pk, desk.name))
    return list(groups.items())
