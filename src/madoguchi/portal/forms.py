"""What visitors fill in. Every error says what to do next, and nothing typed is lost."""

import unicodedata
from datetime import date
from typing import Any, cast

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from madoguchi.channels.webform.queries import FormShape, Question, QuestionKind
from madoguchi.channels.webform.submission import Answer, Submission
from madoguchi.kernel.channel import Party
from madoguchi.portal.sending import Unusable, new_sending, read_sending
from madoguchi.portal.uploads import FilesField, files_help, limit_uploads

MOST_TEXT = 20_000
LEAST_DIGITS, MOST_DIGITS = 9, 15
QUESTION = "question-"


class MailAddressField(forms.EmailField):
    """A mail address; full-width letters and stray spaces are put right, not complained about."""

    def to_python(self, value: Any) -> str:
        return "".join(unicodedata.normalize("NFKC", value or "").split())


class PhoneField(forms.CharField):
    """A phone number as people write it."""

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", value or "").strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        digits = sum(character.isdigit() for character in value)
        if value and not LEAST_DIGITS <= digits <= MOST_DIGITS:
            raise forms.ValidationError(_("Enter the whole number with its area code, such as 03-1234-5678."))


class SendingForm(forms.Form):
    """What both forms share: the words, the files, the token that makes it count once, and the trap."""

    message = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": gettext_lazy("Write your message.")},
    )
    attachments = FilesField(label=gettext_lazy("Files"), required=False)
    homepage = forms.CharField(
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    sending = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *, purpose: str, prefill: dict[str, Any] | None = None) -> None:
        posted = request.method == "POST"
        quota = limit_uploads(request) if posted else None
        initial = {**(prefill or {}), "sending": new_sending(purpose=purpose)}
        super().__init__(request.POST if posted else None, request.FILES if posted else None, initial=initial)
        attachments = cast(FilesField, self.fields["attachments"])
        attachments.quota, attachments.help_text = quota, files_help()
        self.label_suffix = ""
        self.purpose = purpose
        self.token = ""
        self.limited = False

    def clean(self) -> dict[str, Any]:
        """Tell people from programs; who is taken for one by mistake only has to press once more."""
        cleaned = super().clean() or {}
        if cleaned.get("homepage"):
            self._ask_again(_("Please press “Send” once more."), homepage="")
        try:
            sending = read_sending(cleaned.get("sending", ""), purpose=self.purpose)
        except Unusable:
            why = _("This page had been open for too long. Please press “Send” once more.")
            self._ask_again(why, sending=new_sending(purpose=self.purpose))
        else:
            self.token = sending.token
            if sending.hasty:
                self._ask_again(_("That was very quick. Please read it over and press “Send” once more."))
        return cleaned

    def refuse_for_now(self, seconds: int) -> None:
        """Say that the limit is reached; everything typed stands in the form for a later try."""
        minutes = -(-seconds // 60)
        self.limited = True
        self.add_error(
            None,
            ngettext(
                "Too much was sent in a short time. Please press “Send” again in %(n)d minute.",
                "Too much was sent in a short time. Please press “Send” again in %(n)d minutes.",
                minutes,
            )
            % {"n": minutes},
        )

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        if self.limited:
            return 429
        return 422 if self.is_bound and self.errors else 200

    @property
    def lost_files(self) -> bool:
        """Whether files were chosen that the browser forgets now that the form comes back."""
        chosen = "attachments" in self.fields and self.files.getlist("attachments")
        return bool(chosen and self.errors) and "attachments" not in self.errors

    def _ask_again(self, why: str, **anew: str) -> None:
        self.add_error(None, why)
        data = cast(QueryDict, self.data).copy()
        for name, value in anew.items():
            data[name] = value
        self.data = data


class ContactForm(SendingForm):
    """The form of a desk, as its shape asks."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Enter your name.")},
    )
    email = MailAddressField(
        label=gettext_lazy("Mail address"),
        max_length=254,
        help_text=gettext_lazy("Our answer goes to this address."),
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": gettext_lazy("Enter the mail address for our answer."),
            "invalid": gettext_lazy(
                "This does not look like a mail address. Enter it as in misaki@example.jp."
            ),
        },
    )
    phone = PhoneField(
        label=gettext_lazy("Phone number"),
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in a few words what it is about.")},
    )

    def __init__(self, request: HttpRequest, *, shape: FormShape, purpose: str) -> None:
        super().__init__(request, purpose=purpose)
        self.questions = shape.questions
        for question in shape.questions:
            self.fields[QUESTION + question.name] = _field_of(question)
        for name, asked in (("phone", shape.ask_phone), ("attachments", shape.take_files)):
            if not asked:
                del self.fields[name]
        asked_first = [QUESTION + question.name for question in shape.questions]
        self.order_fields(["name", "email", "phone", "subject", *asked_first, "message", "attachments"])

    def submission(self) -> Submission:
        """What was sent, for intake; only of a valid form."""
        values = self.cleaned_data
        return Submission(
            token=self.token,
            name=values["name"],
            address=values["email"],
            phone=values.get("phone", ""),
            subject=values["subject"],
            text=values["message"],
            language=get_language() or "",
            answers=tuple(self._answer(question) for question in self.questions),
            files=values.get("attachments", ()),
        )

    def _answer(self, question: Question) -> Answer:
        value = self.cleaned_data[QUESTION + question.name]
        return Answer(
            label=question.label, value=value.isoformat() if isinstance(value, date) else value or ""
        )


class AnswerForm(SendingForm):
    """What a customer adds to their case."""

    def submission(self, *, customer: Party, subject: str, case_token: str) -> Submission:
        """What was sent, for intake, as words of this customer in this case; only of a valid form."""
        return Submission(
            token=self.token,
            case_token=case_token,
            name=customer.name,
            address=customer.address,
            subject=subject,
            text=self.cleaned_data["message"],
            language=get_language() or "",
            files=self.cleaned_data["attachments"],
        )


def _field_of(question: Question) -> forms.Field:
    common: dict[str, Any] = {"label": question.label, "required": question.required}
    common["error_messages"] = {"required": _("Answer this question.")}
    if question.kind == QuestionKind.CHOICE:
        choices = [("", _("Choose one")), *((c, c) for c in question.choices)]
        return forms.ChoiceField(choices=choices, **common)
    if question.kind == QuestionKind.DATE:
        return _date_field(common)
    if question.kind == QuestionKind.TEXTAREA:
        return forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), **common)
    return forms.CharField(max_length=500, **common)


def _date_field(common: dict[str, Any]) -> forms.DateField:
    common["error_messages"]["invalid"] = _("Enter the date as in 2026-08-01.")
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=widget, input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"], **common)
