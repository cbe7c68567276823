"""Customers, orders or parcels of a company taken along as a table: what there is to choose, and beginning it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from madoguchi.companies.models import Company
from madoguchi.companies.queries import desks_of
from madoguchi.exports.actions import export_records
from madoguchi.exports.models import Export
from madoguchi.exports.policies import may_take_records
from madoguchi.exports.records import CUSTOMERS, MOST_ROWS, ORDERS, PARCELS, SHIFT_JIS, UTF8, Span
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

_DAY = {"type": "date"}


class RecordsForm(forms.Form):
    """What is taken along, of which company and of which days, and in which letters."""

    what = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            (CUSTOMERS, pgettext_lazy("taken along", "Customers")),
            (ORDERS, gettext_lazy("Orders, a row for each product")),
            (PARCELS, gettext_lazy("Parcels, with how far they are")),
        ],
        widget=forms.RadioSelect,
        initial=CUSTOMERS,
    )
    company = forms.TypedChoiceField(label=gettext_lazy("Company"), coerce=int)
    since = forms.DateField(
        label=gettext_lazy("From the day"),
        required=False,
        widget=forms.DateInput(attrs=_DAY),
        help_text=gettext_lazy(
            "When a customer was entered, an order placed, or a parcel last moved. Empty: from the beginning."
        ),
    )
    until = forms.DateField(
        label=gettext_lazy("Until the day"), required=False, widget=forms.DateInput(attrs=_DAY)
    )
    letters = forms.ChoiceField(
        label=gettext_lazy("Letters"),
        choices=[(UTF8, "UTF-8 (BOM)"), (SHIFT_JIS, "Shift_JIS")],
        widget=forms.RadioSelect,
        initial=UTF8,
        help_text=gettext_lazy("What Shift_JIS has not, such as 𠮷, becomes 〓."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.companies = actor, {one.pk: one for one in companies_to_take(actor)}
        choices = [(pk, one.name) for pk, one in self.companies.items()]
        self.fields["company"].choices = choices  # type: ignore[attr-defined]
        self.fields["company"].initial = next(iter(self.companies), None)

    def begun(self) -> Export | None:
        """The table as it is begun; None where the form says what is wrong."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        company, what = self.companies[given["company"]], given["what"]
        called = {CUSTOMERS: _("Customers: %(company)s"), PARCELS: _("Parcels: %(company)s")}.get(
            what, _("Orders: %(company)s")
        )
        try:
            return export_records(
                company,
                what,
                span=Span(given["since"], given["until"]),
                letters=given["letters"],
                called=called % {"company": company.name[:150]},
                by=self.actor,
            )
        except Refused as refused:
            self.add_error(refused.field if refused.field in self.fields else None, str(refused))
            return None

    @property
    def most(self) -> str:
        """How many customers or orders a table has at most."""
        return f"{MOST_ROWS:,}"


def companies_to_take(actor: Actor) -> list[Company]:
    """Whose customers and orders the actor may take along. One query."""
    found = {desk.company_id: desk.company for desk in desks_of(actor)}
    return [one for pk, one in found.items() if may_take_records(actor, company=pk)]
