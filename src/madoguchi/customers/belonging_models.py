"""Households and firms, and the people in them. `models` has this too."""

from django.conf import settings
from django.db import models

from madoguchi.infra.scope import ScopedModel


class Belonging(ScopedModel):
    """That a customer belongs to a household or firm of the same company, which is a customer as well, and as what.

    There may be two rows of one pair where records were joined since: each goes back with its own when they part.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    role = models.CharField(max_length=60, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["customer"], name="belonging_of_customer"),
            models.Index(fields=["group"], name="belonging_to_group"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(customer=models.F("group")), name="belongs_to_another")
        ]
