"""Fields of customers that were shown for a while to somebody from whom they are kept. `models` has it, too."""

from django.conf import settings
from django.db import models

from madoguchi.infra.scope import ScopedModel


class Unmasking(ScopedModel):
    """That a person is shown a field of a customer whole `until` a moment, although the data scope of their engagement
    masks or hides it, and for which reason. A plain id of the customer, as looks have.
    """

    customer_id = models.BigIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    field = models.CharField(max_length=10)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["user", "customer_id", "-until"], name="unmasking_of_person"),
            models.Index(fields=["company", "-at"], name="unmasking_by_time"),
        ]
