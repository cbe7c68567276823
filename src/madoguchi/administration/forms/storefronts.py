"""Forms of shops elsewhere that are connected."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.administration.forms.parts import offer
from madoguchi.companies.models import Company, Desk
from madoguchi.storefronts.models import Storefront

_STORED = _("One is stored. Write here only to replace it.")


class StorefrontForm(forms.Form):
    """A shop that tells us of its orders. Of one that is there the kind stays. What is secret is never shown."""

    kind = forms.ChoiceField(label=_("kind of shop"), choices=Storefront.Kind.choices)
    name = forms.CharField(label=pgettext_lazy("of a shop", "name"), max_length=100)
    desk = forms.TypedChoiceField(
        label=_("Which desk looks after its orders"),
        coerce=int,
        help_text=_("Its people see and change them."),
    )
    secret = forms.CharField(
        label=_("Secret of Shopify"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Shopify, “Settings → Notifications → Webhooks”, at its end. A shop of your own is given one here."
        ),
    )
    domain = forms.CharField(
        label=_("Domain of the shop at Shopify"),
        required=False,
        max_length=200,
        help_text=_("Like hanamoto.myshopify.com. What names another shop is not taken in."),
    )
    active = forms.BooleanField(label=_("What it tells is taken in"), required=False, initial=True)

    def __init__(self, data: Any = None, *, company: Company, shop: Storefront | None = None) -> None:
        said = (
            {name: getattr(shop, name) for name in ("name", "active", "domain")} | {"desk": shop.desk_id}
            if shop
            else {}
        )
        super().__init__(data, initial=said)
        self.desks = {desk.pk: desk for desk in Desk.objects.filter(company=company).order_by("name")}
        offer(self.fields["desk"], [(pk, desk.name) for pk, desk in self.desks.items()])
        for name in ("kind",) if shop else ("active",):
            del self.fields[name]
        if shop:
            self.fields["secret"].help_text = _STORED
        if shop and shop.kind == Storefront.Kind.OWN:
            del self.fields["secret"], self.fields["domain"]

    def clean_desk(self) -> Desk:
        """The desk itself."""
        return self.desks[self.cleaned_data["desk"]]
