"""Forms of a company's shop: its papers, what sending costs, return policies, products and stock."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.administration.forms.parts import RowForm
from madoguchi.commerce.arriving import MOST_DAYS
from madoguchi.commerce.documents.tax import RATES, Rounding
from madoguchi.commerce.models import Fit, Shop
from madoguchi.commerce.products import MOST_MONTHS, MOST_PRICE, MOST_STOCK
from madoguchi.commerce.subscriptions import MOST_LEAST, MOST_NOTICE
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import alike

_ROUNDINGS = (
    (Rounding.FLOOR.value, _("Cut off")),
    (Rounding.HALF_UP.value, _("Half up")),
    (Rounding.CEIL.value, _("Round up")),
)
REASONS = (
    ("received", _("Goods came in")),
    ("counted", _("It was counted")),
    ("damaged", _("Goods are broken")),
    ("lost", _("Goods are lost")),
    ("mistyped", _("It was mistyped before")),
)


class ShopForm(RowForm):
    """What stands on the company's papers about itself, and how it rounds the tax."""

    rounding = forms.ChoiceField(
        label=_("Rounding of the tax"), choices=_ROUNDINGS, help_text=_("Once for each rate and paper.")
    )

    class Meta:
        model = Shop
        fields = [
            "name",
            "registration_number",
            "address",
            "phone",
            "representative",
            "bank",
            "payment_link",
            "rounding",
            "refund_limit",
        ]
        labels = {
            "name": _("Name on papers"),
            "registration_number": _("Registration number of invoices"),
            "address": _("Postal address"),
            "phone": _("Phone number"),
            "representative": _("Who represents the company"),
            "bank": _("Bank account for transfers"),
            "payment_link": _("Link by which an order is paid"),
            "refund_limit": _("Refunds and exchanges of an order above this need a second person (yen)"),
        }
        help_texts = {
            "registration_number": _("T and 13 digits. Its check digit is looked at."),
            "representative": _("It stands on the written terms of what was solicited by phone."),
            "payment_link": _(
                "As in: https://pay.example/checkout?ref={order}&amount={total} It is sent to who pays by card."
                " Another one counts seven days later."
            ),
            "refund_limit": _(
                "Empty: one person may give any amount back. 0: always two."
                " A lower limit counts at once, a higher one seven days later."
            ),
        }


class ShippingForm(forms.Form):
    """What sending costs, and how long it takes, from now on."""

    fee = forms.IntegerField(
        label=_("Fee (yen with tax)"),
        min_value=0,
        required=False,
        help_text=_("Empty: nothing is said of it, and orders are charged none."),
    )
    free_from = forms.IntegerField(
        label=_("Free from (yen)"), min_value=1, required=False, help_text=_("Empty: it is never free.")
    )
    regions = forms.CharField(
        label=_("Other fees"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One prefecture a line, as in: 沖縄県 1500"),
    )
    days = forms.IntegerField(
        label=_("Days on the way"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("From the day on which goods leave. Empty: nobody is told when they would arrive."),
    )
    region_days = forms.CharField(
        label=_("Other days on the way"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One prefecture a line, as in: 沖縄県 4"),
    )

    def clean_regions(self) -> dict[str, int]:
        """The fees by prefecture."""
        return self._by_prefecture("regions", str(_("“%(line)s” names no prefecture and fee.")))

    def clean_region_days(self) -> dict[str, int]:
        """The days by prefecture."""
        return self._by_prefecture("region_days", str(_("“%(line)s” names no prefecture and days.")))

    def _by_prefecture(self, name: str, problem: str) -> dict[str, int]:
        try:
            return read_regions(self.cleaned_data[name], problem=problem)
        except Refused as error:
            raise forms.ValidationError(str(error)) from None


def read_regions(written: str, *, problem: str) -> dict[str, int]:
    """Fees or days by prefecture, one a line. Raises Refused with the words of the problem."""
    found = {}
    for line in filter(None, (re.sub("[=:]", " ", alike(line)).strip() for line in written.splitlines())):
        name, _space, number = line.partition(" ")
        number = number.strip().removesuffix("円").removesuffix("日").replace(",", "")
        if not number.isascii() or not number.isdecimal() or len(number) > 9:
            raise Refused(problem % {"line": line[:40]}, field="regions")
        if name in found:
            raise Refused(_("%(name)s stands there twice.") % {"name": name}, field="regions")
        found[name] = int(number)
    return found


class ReturnPolicyForm(forms.Form):
    """On which terms goods are taken back from now on."""

    days = forms.IntegerField(label=_("Days after they came"), min_value=0, max_value=3650)
    words = forms.CharField(label=_("Terms"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000)


class SubscriptionTermsForm(forms.Form):
    """On which terms goods are sent again and again from now on."""

    notice_days = forms.IntegerField(
        label=_("Days of notice"),
        min_value=0,
        max_value=MOST_NOTICE,
        help_text=_("Who cancels so many days before an order does not get it. 0: until the day itself."),
    )
    least_orders = forms.IntegerField(
        label=_("Orders at least, with the first"), min_value=1, max_value=MOST_LEAST, initial=1
    )
    words = forms.CharField(label=_("Terms"), widget=forms.Textarea(attrs={"rows": 5}), max_length=4000)


class ProductForm(forms.Form):
    """One variant of a product."""

    code = forms.CharField(label=_("Code"), max_length=60)
    name = forms.CharField(label=_("Name of the product"), max_length=200)
    kana = forms.CharField(label=_("Reading"), max_length=200, required=False)
    variant = forms.CharField(label=_("Variant"), max_length=100, required=False)
    price = forms.IntegerField(label=_("Price (yen)"), min_value=0, max_value=MOST_PRICE)
    tax_rate = forms.TypedChoiceField(
        label=_("Tax rate"), coerce=int, choices=[(rate, f"{rate} %") for rate in RATES]
    )
    tax_included = forms.BooleanField(label=_("The price holds the tax"), required=False, initial=True)
    warranty_months = forms.IntegerField(
        label=_("Warranty (months)"), min_value=0, max_value=MOST_MONTHS, required=False
    )
    lead_days = forms.IntegerField(
        label=_("Days until the supplier sends it"),
        min_value=0,
        max_value=MOST_DAYS,
        required=False,
        help_text=_("For what is not in stock. Empty: nobody knows."),
    )
    active = forms.BooleanField(label=_("On sale"), required=False, initial=True)


class StockForm(forms.Form):
    """How many there are, and why it is another number now."""

    place = forms.CharField(label=_("Place"), max_length=60, required=False)
    quantity = forms.IntegerField(label=_("How many there are"), min_value=0, max_value=MOST_STOCK)
    next_on = forms.DateField(
        label=_("More comes on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.ChoiceField(label=_("Why"), choices=REASONS)


class SymptomForm(forms.Form):
    """A symptom, what causes it and what helps."""

    name = forms.CharField(label=_("Symptom"), max_length=200)
    code = forms.CharField(
        label=_("Code of the product"),
        max_length=60,
        required=False,
        help_text=_("Empty: of any of the company's products."),
    )
    remedies = forms.CharField(
        label=_("Causes and what to do"),
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One cause a line, as in: コンセントの緩み | プラグを抜き、差し直していただく"),
    )


class FitForm(forms.Form):
    """Whether two things work together, and where that stands."""

    product = forms.CharField(label=_("Code of the product"), max_length=60)
    other = forms.CharField(label=_("Code of the other product"), max_length=60, required=False)
    outside = forms.CharField(
        label=_("Or a model from outside"),
        max_length=200,
        required=False,
        help_text=_("Maker and model. Width, case, hyphens and blanks do not matter."),
    )
    verdict = forms.ChoiceField(
        label=_("Works together"), choices=Fit.Verdict.choices, widget=forms.RadioSelect
    )
    conditions = forms.CharField(label=_("Under which conditions"), max_length=500, required=False)
    source = forms.CharField(
        label=_("Where this stands"), max_length=500, help_text=_("An address (https://…) or a document.")
    )
    sourced_on = forms.DateField(label=_("Day of the source"), widget=forms.DateInput(attrs={"type": "date"}))


class FitTableForm(forms.Form):
    """A table of what works together."""

    table = forms.FileField(
        label=_("Table of what works together (CSV)"),
        help_text=_(
            "商品コード, 相手の商品コード or 外部の機種, 互換性 (可, 条件付き, 不可), 条件, 出典, 確認日"
        ),
    )

    def clean_table(self) -> Any:
        """A table that is not too large to be read here."""
        table = self.cleaned_data["table"]
        if table.size > 10_000_000:
            raise forms.ValidationError(_("A table has 10 MB at most."))
        return table


class ProductTableForm(forms.Form):
    """A table of products."""

    table = forms.FileField(label=_("Table of products (CSV)"))

    def clean_table(self) -> Any:
        """A table that is not too large to be read here."""
        table = self.cleaned_data["table"]
        if table.size > 10_000_000:
            raise forms.ValidationError(_("A table has 10 MB at most."))
        return table
