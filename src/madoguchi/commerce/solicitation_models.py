"""That a customer was solicited by phone, and what was owed to them. `models` has this too."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.commerce.soliciting import last_day
from madoguchi.infra.scope import ScopedModel


class Solicitation(ScopedModel):
    """That an order, or a subscription that began from one, was taken on the phone with what no advertisement offered.

    `outside` names that, `duties` is what was told beforehand, `papers_on` the day on which the customer had the
    written terms, and `withdrawn_on` the day of their notice that they withdraw.
    """

    order = models.ForeignKey(
        "commerce.Order", on_delete=models.CASCADE, related_name="solicitations", db_index=False
    )
    subscription = models.ForeignKey(
        "commerce.Subscription",
        null=True,
        on_delete=models.CASCADE,
        related_name="solicitations",
        db_index=False,
    )
    outside = ArrayField(models.CharField(max_length=320))
    duties = ArrayField(models.CharField(max_length=10))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    papers_due = models.DateField()
    papers_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                name="solicitation_of_order_once",
                condition=models.Q(subscription__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                name="solicitation_of_subscription_once",
                condition=models.Q(subscription__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["order"], name="solicitation_of_order")]

    def __str__(self) -> str:
        return str(self.subscription or self.order)

    @property
    def last_day(self) -> date | None:
        """Until when the customer may withdraw; None while they have no written terms, and so without end."""
        return last_day(self.papers_on)
