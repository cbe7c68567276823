"""Forms of files that are brought in from elsewhere: which files, and how they are to be read."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import date_input, grouped_desks, offer
from madoguchi.cases.models import Priority, Status
from madoguchi.companies.models import Company, Desk
from madoguchi.imports.asking import LETTERS
from madoguchi.imports.models import Upload

SYSTEMS: Final[Mapping[str, str | Promise]] = {
    "csv": _("Table (CSV)"),
    "mbox": _("Mailbox (mbox)"),
    "zendesk": "Zendesk (JSON)",
    "freshdesk": "Freshdesk (JSON)",
    "zammad": "Zammad (JSON)",
    "osticket": "osTicket (JSON, CSV)",
    "products": _("Products: a table (CSV)"),
    "fits": _("What works together: a table (CSV)"),
    "parcels": _("Parcels: a table (CSV) of slips and states"),
}
ARTICLES: Final = _("Articles")
COLUMNS: Final[Mapping[str, str | Promise]] = {
    "id": pgettext_lazy("column", "Number"),
    "subject": pgettext_lazy("column", "Subject"),
    "text": pgettext_lazy("column", "What was said"),
    "who": _("Who speaks (customer, us, note)"),
    "message": _("Number of what was said"),
    "author": _("Who wrote it"),
    "author_email": _("Mail address of who wrote it"),
    "name": _("Name of the customer"),
    "kana": _("Reading of the name"),
    "email": _("Mail address"),
    "phone": _("Phone number"),
    "member": _("Member number"),
    "more_emails": _("Other mail addresses"),
    "more_phones": _("Other phone numbers"),
    "more_members": _("Other member numbers"),
    "former_names": _("Former name"),
    "address": _("Postal address"),
    "memo": _("Memo about the customer"),
    "status": pgettext_lazy("column", "Status"),
    "priority": pgettext_lazy("column", "Priority"),
    "tags": pgettext_lazy("column", "Tags"),
    "assignee": pgettext_lazy("column", "Responsible"),
    "created": _("When it was said"),
    "changed": _("When it last changed"),
    "order": _("Order number"),
    "ordered": _("When it was ordered"),
    "code": _("Code of the product"),
    "product": _("Name of the product"),
    "quantity": _("How many"),
    "price": _("Price of a piece (yen with tax)"),
    "tax": _("Whether prices hold the tax (税込, 税抜)"),
    "rate": _("Tax rate"),
    "total": _("What the order comes to (yen with tax)"),
    "fee": _("What sending costs"),
    "medium": _("Where the order was found (medium or its code)"),
    "recipient": _("Who receives it"),
    "postcode": _("Postcode"),
    "goes_to": _("Where it goes"),
    "paid": _("When it was paid"),
    "delivered": _("When it was delivered"),
    "lot": _("Lot"),
    "serials": _("Serial number"),
}
KEPT_COLUMNS: Final[Mapping[str, Mapping[str, str | Promise]]] = {
    "products": {
        "code": _("Code of the product"),
        "product": _("Code that its variants have in common"),
        "name": _("Name of the product"),
        "kana": _("Reading of the name"),
        "variant": pgettext_lazy("column", "Variant"),
        "price": _("Price of a piece (yen)"),
        "tax_rate": _("Tax rate"),
        "tax_included": _("Whether prices hold the tax (税込, 税抜)"),
        "warranty_months": _("Months of warranty"),
        "place": _("Where it is in stock"),
        "stock": _("How many are in stock"),
        "next_on": _("On which day more comes"),
        "lead_days": _("Days until the supplier sends it"),
        "active": _("Whether it is on sale"),
    },
    "fits": {
        "product": _("Code of the product"),
        "other": _("Code of the other product"),
        "outside": _("Model from elsewhere"),
        "verdict": _("Whether they work together (可, 条件付き, 不可)"),
        "conditions": _("On which conditions"),
        "source": _("Where that stands"),
        "sourced_on": _("On which day it was looked up"),
    },
    "parcels": {
        "slip": _("Number of the slip"),
        "order": _("Order number"),
        "carrier": pgettext_lazy("column", "Carrier"),
        "state": _("How far the parcel is"),
        "at": _("When that was"),
    },
}
_LETTERS_SAID = {"utf-8": "UTF-8", "cp932": "Shift_JIS", "utf-16": "UTF-16", "euc_jp": "EUC-JP"}
_MOST_WORDS = 100


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several, as a list."""

    widget = _Files(attrs={"multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each of them. Raises ValidationError where there is none, or one is empty."""
        given = data if isinstance(data, Sequence) else [data]
        one = super().clean
        return [one(file, initial) for file in given or [None]]


class UploadForm(forms.Form):
    """Which files go where. What is in them is looked at before anything comes in."""

    system = forms.ChoiceField(label=_("Where they come from"), choices=SYSTEMS.items())
    files = FilesField(  # type: ignore[assignment]
        label=_("Files"), help_text=_("Several files of one export are chosen together and read as one.")
    )
    desk = forms.TypedChoiceField(label=_("Desk"), coerce=int)
    source = forms.CharField(
        label=_("Name of that installation"),
        max_length=39,
        required=False,
        help_text=_(
            "Only where you bring in from two installations of one system: it tells their numbers apart."
        ),
    )

    def __init__(self, *args: Any, desks: Iterable[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["desk"], grouped_desks(desks))


class ArticlesForm(forms.Form):
    """Which articles come to which company, and how."""

    files = FilesField(  # type: ignore[assignment]
        label=_("Files"),
        help_text=_(
            "An archive of articles (zip) as this product writes it, Markdown (a zip with its pictures, or .md), or a"
            " table (CSV) with a column “title” or “question” and one “body” or “answer”."
        ),
    )
    company = forms.TypedChoiceField(label=_("Company"), coerce=int)
    approved = forms.BooleanField(
        label=_("Approve at once what comes from Markdown and tables"),
        required=False,
        help_text=_(
            "Else it comes in as drafts. What an archive says is approved is in force from the moment it comes in,"
            " unless the company wants somebody else than the writer to approve: then it is a draft too."
        ),
    )

    def __init__(self, *args: Any, companies: Iterable[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self.fields["company"], [(one.pk, one.name) for one in companies])


class ReadingForm(forms.Form):
    """How uploaded files are to be read: what they hold decides what is asked."""

    def __init__(self, data: Any = None, *, upload: Upload) -> None:
        super().__init__(data)
        self.asked, self.found = upload.asked, upload.found
        self._ask_for_words()
        self.labels = {"csv": COLUMNS, **KEPT_COLUMNS}.get(upload.system, {})
        if self.labels:
            self._ask_for_columns()
        if upload.system == "mbox":
            self._ask_for_mail()

    def said(self) -> dict[str, Any]:
        """What the form says, as `imports/asking.py` takes it."""
        given = self.cleaned_data
        said: dict[str, Any] = {
            "letters": given.get("letters", ""),
            "columns": {
                field: given[f"column_{field}"] for field in self.labels if f"column_{field}" in given
            },
            "own": given.get("own", "").split(),
            "solved_before": given.get("solved_before") or "",
            # What was said of words that this time did not come up.
            "statuses": dict(self.asked.get("statuses", {})),
            "priorities": dict(self.asked.get("priorities", {})),
        }
        for name, (what, written) in self.words.items():
            said["statuses" if what == "status" else "priorities"][written] = given[name]
        return said

    def _ask_for_columns(self) -> None:
        letters = [("", _("Find out")), *((name, _LETTERS_SAID[name]) for name in LETTERS)]
        self.fields["letters"] = forms.ChoiceField(
            label=_("Letters"), choices=letters, required=False, initial=self.asked.get("letters", "")
        )
        headings = self.found.get("headings", [])
        known = {**self.found.get("guessed", {}), **self.asked.get("columns", {})}
        for field, label in self.labels.items() if headings else ():
            self.fields[f"column_{field}"] = forms.ChoiceField(
                label=str(label),
                choices=[("", _("No column")), *((heading, heading) for heading in dict.fromkeys(headings))],
                required=False,
                initial=known.get(field, ""),
            )

    def _ask_for_mail(self) -> None:
        self.fields["own"] = forms.CharField(
            label=_("Former addresses of yours"),
            required=False,
            initial="\n".join(self.asked.get("own", ())),
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("One a line. Mail from them is an answer of yours."),
        )
        self.fields["solved_before"] = forms.DateField(
            label=_("Solved is what was last said before"),
            required=False,
            initial=self.asked.get("solved_before", ""),
            widget=date_input(),
        )

    def _ask_for_words(self) -> None:
        self.words: dict[str, tuple[str, str]] = {}
        words = [word for word in self.found.get("words", ()) if word[1]][:_MOST_WORDS]
        for n, (what, written, became, count) in enumerate(words):
            said = {"word": written, "count": count}
            status = what == "status"
            label = (
                gettext("Status “%(word)s” (%(count)s)")
                if status
                else gettext("Priority “%(word)s” (%(count)s)")
            )
            choices = Status.choices if status else [(p.name.lower(), p.label) for p in Priority]
            self.words[f"word_{n}"] = (what, written)
            self.fields[f"word_{n}"] = forms.ChoiceField(
                label=label % said,
                choices=[("", _("Do not bring these in")), *choices],
                required=False,
                initial=became,
            )
