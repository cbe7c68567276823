"""Postal addresses of a customer beside the one of the record. `models` has this too."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel


class PostalAddress(ScopedModel):
    """An address by which a customer is known, too: where goods go, where they lived. Several customers may have one,
    so nobody is found by it alone.

    `house` is what it is compared by (`kernel/places.house_of`), `written` as it was written; `how` says how we know
    it.
    """

    class How(models.TextChoices):
        """How we know that it is theirs, the weakest first."""

        SENT = "sent", pgettext_lazy("a postal address", "Goods were ordered there")
        TOLD = "told", _("Told by the customer")
        ARRIVED = "arrived", pgettext_lazy("a postal address", "Goods arrived there")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    house = models.CharField(max_length=300)
    written = models.CharField(max_length=320)
    how = models.CharField(max_length=10, choices=How.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["customer"], name="postal_address_of_customer"),
            models.Index(fields=["company", "house"], name="postal_address_by_house"),
        ]

    def __str__(self) -> str:
        return self.written
