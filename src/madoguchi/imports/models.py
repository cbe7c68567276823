"""What came from another system, by its name there, so that it comes once."""

from django.db import models

from madoguchi.cases.models import Case
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel


class Origin(ScopedModel):
    """Where a row came from: the system (`source`), what it was there (`kind`) and its id there; and what it became.

    `message_id` and `note_id` are plain ids. `number` is what people there called a case by. `version` is the case's
    when the import last left it: one that has another now was worked on here since.
    """

    class Kind(models.TextChoices):
        """What something was in the other system."""

        CUSTOMER = "customer"
        CASE = "case"
        MESSAGE = "message"
        NOTE = "note"
        MAIL = "mail"

    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    external_id = models.CharField(max_length=250)
    number = models.CharField(max_length=100, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    message_id = models.BigIntegerField(null=True)
    note_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "source", "kind", "external_id"], name="came_once")
        ]
