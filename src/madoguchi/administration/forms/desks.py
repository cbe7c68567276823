"""Forms of desks, their entry points, web forms and templates."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import KeptForm, RowForm, choose_from, offer
from madoguchi.cases.feelings import Feeling
from madoguchi.channels.webform.actions import MOST_QUESTIONS
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.signals.feelings import read_feelings

QUESTION_KINDS = [
    (QuestionKind.TEXT, _("One line")),
    (QuestionKind.TEXTAREA, _("Several lines")),
    (QuestionKind.CHOICE, _("Choice")),
    (QuestionKind.DATE, _("Date")),
]


class DeskChangeForm(RowForm):
    """How a desk names itself, signs and greets."""

    class Meta:
        model = Desk
        fields = [
            "name",
            "kana",
            "kind",
            "public_name",
            "greeting",
            "hours",
            "signature",
            "laid_out",
            "hand_off",
            "acknowledge",
            "acknowledgement",
            "acknowledgement_en",
        ]
        help_texts = {
            "name": _("As your own people call it. A note tells all of them by @ and this name."),
            "kana": _("In hiragana, by which it is found when @ is typed in a note. May be empty."),
            "hand_off": _(
                "Why it goes on, what it is about, what comes next, what was promised: one line each, filled in"
                " beforehand as far as the case tells. Nobody need ask the customer again."
            ),
            "laid_out": _(
                "Answers then leave as plain words and laid out: **strong**, lists, quotations, links, pictures."
                " Without it as plain words alone."
            ),
            "kind": _(
                "A case that a technical desk gets from another one keeps its number and the desk that its customer"
                " knows: answers leave under that one's name. Figures are told by kind, too."
            ),
            "greeting": _(
                "What is said first, such as: Thank you for calling the customer centre of Hanamoto. Whoever takes a"
                " call reads it, forms and chats begin with it unless they have their own words, and texts say it by"
                " {{greeting}}."
            ),
            "hours": _("Such as: weekdays 10:00 to 18:00."),
            "signature": _("It stands under every mail that a person sends, above what it quotes."),
            "acknowledgement": _(
                "Empty: the built-in text. Filled in: {{customer}} {{case}} {{subject}} {{desk}} {{greeting}} {{hours}}"
                " {{reply_time}} {{link}} {{signature}}. The line with {{reply_time}} is left out while there is no"
                " figure."
            ),
            "acknowledgement_en": _(
                "In English, with the same marks. Empty: the built-in English text, or the text above where that"
                " holds some English itself."
            ),
        }


class ChecksForm(RowForm):
    """What is looked at before an answer leaves a desk, and which of its `people` a senior approves the answers of."""

    approval_for = forms.TypedMultipleChoiceField(
        label=_("People whose answers are approved"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For “those of the people chosen below”, such as newcomers."),
    )

    class Meta:
        model = Desk
        fields = [
            *(
                "check_recipients",
                "check_attachment",
                "check_name",
                "check_bare",
                "care_words",
                "forbidden_words",
                "feeling_words",
            ),
            *("approval", "approval_for"),
        ]
        help_texts = {
            "approval": _(
                "Sending then asks a senior first: a supervisor or manager of the desk, never the writer."
                " Where everybody is meant, the desk needs two of them."
            ),
            "check_attachment": _("When an answer speaks of an attached file and has none."),
            "check_name": _(
                "When the answer addresses somebody else than the customer. Names in quotation marks, and of third"
                " persons beside the customer's own, do not count."
            ),
            "check_bare": _(
                "When nothing in the answer is the writer's own: no word about what this customer asked."
            ),
            "care_words": _("One a line. Whoever writes one of them is asked once more."),
            "feeling_words": _(
                "Beside the usual ones. A feeling, a colon, and words between commas: 怒り: 話にならない、埒が明かない."
                " The feelings are 怒り, 不安, 高齢の方, 聞こえへの配慮 and 急いでいる."
            ),
            "forbidden_words": _(
                "One a line. An answer with one of them is not sent, in whatever width or case it is written."
            ),
        }

    def clean_feeling_words(self) -> str:
        """Refuses the first line that makes no sense."""
        written = str(self.cleaned_data["feeling_words"])
        try:
            read_feelings(written)
        except ValueError as error:
            raise forms.ValidationError(
                _("Line %(line)s makes no sense. Write a feeling, a colon, and words between commas."),
                params={"line": str(error) or "1"},
            ) from None
        return written

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["approval_for"], people)


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
                "For mail the address, such as support@example.jp; for a form or a chat the last part of its web"
                " address, such as inquiry; for the phone the number, such as 0120-000-000; for LINE the ID of"
                " the account, such as @123abcde. It cannot be changed later."
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


class NumberForm(EntryPointChangeForm):
    """What can change about a phone number."""

    product = forms.CharField(
        label=_("Product that it is for"),
        required=False,
        max_length=100,
        help_text=_(
            "By its code or name. Who answers a call there sees it, and it stands in the case. Empty: for none."
        ),
    )
    notice = forms.ChoiceField(
        label=_("Notice that talks are recorded"),
        required=False,
        help_text=_(
            "Callers hear it before they wait, and customers whom you call when they answer, unless they heard it"
            " already. No talk is recorded before it was heard to its end."
        ),
    )
    script = forms.ChoiceField(
        label=_("Talk script"),
        required=False,
        help_text=_("Who answers a call there sees how it begins, and walks through it with one press."),
    )
    field_order = ["sender_name", "medium", "product", "script", "notice", "active"]

    def __init__(self, *args: Any, choices: Mapping[str, Sequence[tuple[str, str]]], **given: Any) -> None:
        super().__init__(*args, **given)
        for name, found in choices.items():
            cast("forms.ChoiceField", self.fields[name]).choices = list(found)


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


class TemplateForm(KeptForm):
    """A reply template."""

    feelings = forms.MultipleChoiceField(
        label=_("Offered first where the customer is"),
        choices=Feeling.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Once somebody has judged that a customer feels like this, it is offered beside the answer."
        ),
    )
    field_order = ["name", "where", "body", "feelings", "owner", "review_on", "ends_on", "active"]

    class Meta:
        model = ReplyTemplate
        fields = ["name", "body", "review_on", "ends_on", "active"]
        widgets = {
            name: forms.DateInput({"type": "date"}, format="%Y-%m-%d") for name in ("review_on", "ends_on")
        }
        help_texts = {
            "body": _(
                "Filled in when it is used: {{customer}} {{case}} {{agent}} {{desk}} {{greeting}} {{subject}}"
                " {{channel}} {{language}}. Under a condition: {{if customer}} … {{else}} … {{end}},"
                " {{if channel = form}} … {{end}}."
            ),
        }
