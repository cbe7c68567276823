"""Form of a campaign."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madoguchi.commerce.campaigns import MOST_TIMES, MOST_YEN, SaidOfCampaign, codes_as_known
from madoguchi.commerce.models import Campaign
from madoguchi.companies.models import Company, Desk, EntryPoint


class CampaignForm(forms.Form):
    """What is given, to whom, from when until when, and how often."""

    name = forms.CharField(label=_("Name"), max_length=200)
    words = forms.CharField(
        label=_("What was advertised"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=_("It is read to customers, and stays with each order as it was then."),
    )
    kind = forms.ChoiceField(label=_("What is given"), choices=Campaign.Kind.choices)
    amount = forms.IntegerField(
        label=_("Percent or yen"),
        min_value=0,
        max_value=MOST_YEN,
        required=False,
        help_text=_("Empty for free shipping, and for an advertisement alone."),
    )
    least = forms.IntegerField(
        label=_("From so many yen on"),
        min_value=0,
        max_value=MOST_TIMES,
        required=False,
        help_text=_("Of the products that it is for."),
    )
    code = forms.CharField(
        label=_("Coupon"),
        max_length=40,
        required=False,
        help_text=_("Empty: whoever orders there has it, without naming anything."),
    )
    begins = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    ends = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: until it is switched off."),
    )
    quota = forms.IntegerField(
        label=_("How many orders may have it"),
        min_value=1,
        max_value=MOST_TIMES,
        required=False,
        help_text=_("Empty: no limit."),
    )
    budget = forms.IntegerField(
        label=_("Budget in yen"),
        min_value=1,
        max_value=MOST_TIMES,
        required=False,
        help_text=_(
            "How much may be given in all: what an order would save beyond it is not given. Empty: no limit."
        ),
    )
    per_customer = forms.IntegerField(
        label=_("How many orders of one customer"),
        min_value=1,
        max_value=MOST_TIMES,
        required=False,
        help_text=_("Empty: no limit."),
    )
    products = forms.CharField(
        label=_("Products"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "One code a line, as the list of products shows it. The code of a variant means all of its product. "
            "Empty: all products."
        ),
    )
    desks = forms.TypedMultipleChoiceField(
        label=_("Desks where it is offered"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all."),
    )
    entry_points = forms.TypedMultipleChoiceField(
        label=_("Numbers and addresses that were advertised with it"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who comes by another is not offered it: that would be a solicitation. None: all."),
    )
    most_pieces = forms.IntegerField(
        label=_("How many pieces of a product were advertised"),
        min_value=1,
        max_value=MOST_TIMES,
        required=False,
        help_text=_(
            "Who comes by one of these numbers and is sold more on the phone, or other products, is solicited: "
            "the order then asks for what the law wants told. Empty: any number."
        ),
    )
    also_again = forms.BooleanField(label=_("Advertised as a subscription too"), required=False)
    memo = forms.CharField(
        label=_("For ourselves"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=_("Such as how the limit of the law on premiums was reckoned. No customer is told of it."),
    )
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, company: Company, campaign: Campaign | None) -> None:
        initial = {}
        if campaign:
            initial = {name: getattr(campaign, name) for name in self.base_fields}
            initial |= {"products": "\n".join(codes_as_known(company.pk, campaign.products))}
        super().__init__(data, initial=initial)
        desks = Desk.objects.filter(company=company).order_by("name")
        points = EntryPoint.objects.filter(company=company).select_related("desk")
        self.fields["desks"].choices = [(one.pk, str(one)) for one in desks]  # type: ignore[attr-defined]
        self.fields["entry_points"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.address} ({one.medium or one.desk})") for one in points
        ]

    def said(self) -> SaidOfCampaign:
        """The campaign as the action takes it."""
        data = dict(self.cleaned_data)
        data |= {"products": [one.strip() for one in data["products"].splitlines() if one.strip()]}
        data |= {name: data[name] or 0 for name in ("amount", "least")}
        return SaidOfCampaign(**data)
