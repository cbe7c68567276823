"""Touches of customers and us. `models` has it too."""

from django.db import models

from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel


class Contact(ScopedModel):
    """One touch on one channel: a mail, a form sent. Counted in figures and bills. Of one that a customer began,
    `medium` is where the entry point was published by which they came, and `bought` by which medium they had bought
    last, both as they were then.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="contacts", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    entry_point = models.ForeignKey(
        EntryPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10)
    inbound = models.BooleanField()
    medium = models.CharField(max_length=200, blank=True, default="", db_default="")
    bought = models.CharField(max_length=200, blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["customer", "-at"], name="contact_of_customer"),
            models.Index(
                fields=["company", "at"],
                name="contact_by_medium",
                condition=~models.Q(medium="", bought=""),
            ),
        ]
