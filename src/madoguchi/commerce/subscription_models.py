"""What customers have sent again and again, and on which terms. `models` has these too."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel


class SubscriptionTerms(ScopedModel):
    """On which terms goods are sent again and again from a moment on; one version follows the other.

    Whoever gives notice `notice_days` before an order is sent does not get that one; `least_orders` is how many are
    taken at least (1: none beyond the first).
    """

    number = models.PositiveIntegerField()
    words = models.TextField()
    notice_days = models.PositiveSmallIntegerField()
    least_orders = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="subscription_terms_once")]


class Subscription(ScopedModel):
    """Something that is sent to a customer again and again, on the terms and at the `total` of when it was agreed.

    `next_on` is when the next order is made, `last_on` for which day the last one is, once it was cancelled (null: no
    end). `first_on` tells the day of the month; `resume_on` when one that pauses goes on by itself. One that cannot be
    ordered as it was agreed is held, and `trouble` says why, `why` in the words of the refusal. `said` is what was
    read to the customer. `try_at` is when one at which something broke is looked at again.
    """

    class State(models.TextChoices):
        """How it stands."""

        ACTIVE = "active", _("Going on")
        PAUSED = "paused", _("Pausing")
        HELD = "held", _("Held: look at it")
        ENDED = "ended", _("Ended")

    class Unit(models.TextChoices):
        """What the interval counts."""

        WEEK = "week", _("weeks")
        MONTH = "month", _("months")

    class Reason(models.TextChoices):
        """Why it is cancelled."""

        ENOUGH = "enough", _("Has enough of it")
        PRICE = "price", _("Too expensive")
        QUALITY = "quality", _("Not content with it")
        HEALTH = "health", _("Does not agree with them")
        OTHER_SHOP = "other_shop", _("Buys something else")
        LIFE = "life", _("Moves, or lives differently now")
        UNAWARE = "unaware", _("Did not know that it would go on")
        SERVICE = "service", _("Trouble with deliveries or with us")
        UNSAID = "unsaid", _("Would not say")
        WITHDREW = "withdrew", _("Withdrew (cooling-off)")

    class Trouble(models.TextChoices):
        """Why it is held."""

        PRICE = "price", _("It comes to another amount by now")
        GONE = "gone", _("It cannot be ordered as it was agreed")

    number = models.PositiveIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    case_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    terms = models.ForeignKey(SubscriptionTerms, on_delete=models.PROTECT, related_name="+", db_index=False)
    variant = models.ForeignKey(
        "commerce.Variant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    quantity = models.PositiveIntegerField()
    every = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=5, choices=Unit.choices)
    total = models.PositiveIntegerField()
    said = models.TextField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.ACTIVE)
    trouble = models.CharField(max_length=6, choices=Trouble.choices, blank=True)
    why = models.TextField(blank=True, default="", db_default="")
    try_at = models.DateTimeField(null=True)
    first_on = models.DateField()
    next_on = models.DateField()
    last_on = models.DateField(null=True)
    resume_on = models.DateField(null=True)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    payment = models.CharField(max_length=12)
    recipient = models.CharField(max_length=200)
    postcode = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=40, blank=True)
    once = models.UUIDField()
    begun_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="subscription_number_once"),
            models.UniqueConstraint(fields=["company", "once"], name="subscription_begun_once"),
        ]
        indexes = [
            models.Index(fields=["customer", "-begun_at"], name="subscription_of_customer"),
            models.Index(fields=["company", "-begun_at"], name="subscription_by_day"),
            models.Index(fields=["next_on"], name="subscription_due", condition=models.Q(state="active")),
            models.Index(
                fields=["resume_on"], name="subscription_resumes", condition=models.Q(state="paused")
            ),
        ]

    def __str__(self) -> str:
        return f"S-{self.number}"

    @property
    def where(self) -> dict[str, Any]:
        """Where what happens to it is told."""
        return {"company": self.company_id, "desk": self.desk_id, "case": self.case_id}


class SubscriptionOrder(ScopedModel):
    """The order that was made for a day of a subscription, or that none was, since the customer left that one out."""

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="made", db_index=False
    )
    due = models.DateField()
    order = models.ForeignKey(
        "commerce.Order", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["subscription", "due"], name="subscription_day_once")]
        indexes = [models.Index(fields=["order"], name="subscription_of_order")]
