"""What a company offers for a time, and to which orders it was given. `models` has these too."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.infra.scope import ScopedModel


class Campaign(ScopedModel):
    """Something off the price, or sending for nothing, from a day to a day; or an advertisement alone. `words` are what
    the company advertised: `most_pieces` of one product at most (None: any number), and `also_again` as a subscription.

    `code` is the coupon that a customer has to name, empty where none is needed; `products` are codes of those it is
    for, `desks` and `entry_points` where it was advertised (empty: all). `quota` is how many orders may have it in all,
    `per_customer` how many of one customer, None without a limit; `used` how many have it. `budget` is how many yen may
    be given in all, None without a limit; `spent` how many are.
    """

    class Kind(models.TextChoices):
        """What is given."""

        PERCENT = "percent", _("Percent off")
        YEN = "yen", _("Yen off")
        SHIPPING = "shipping", _("Free shipping")
        NOTHING = "nothing", _("Nothing off: an advertisement alone")

    name = models.CharField(max_length=200)
    words = models.TextField()
    memo = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.PositiveIntegerField(default=0)
    least = models.PositiveIntegerField(default=0)
    code = models.CharField(max_length=40, blank=True)
    begins = models.DateField()
    ends = models.DateField(null=True)
    quota = models.PositiveIntegerField(null=True)
    per_customer = models.PositiveIntegerField(null=True)
    used = models.PositiveIntegerField(default=0)
    budget = models.PositiveIntegerField(null=True)
    spent = models.PositiveBigIntegerField(default=0, db_default=0)
    products = ArrayField(models.CharField(max_length=60), default=list)
    desks = ArrayField(models.BigIntegerField(), default=list)
    entry_points = ArrayField(models.BigIntegerField(), default=list)
    most_pieces = models.PositiveIntegerField(null=True)
    also_again = models.BooleanField(default=False, db_default=False)
    active = models.BooleanField(default=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "code"], name="coupon_code_once", condition=~models.Q(code="")
            ),
            models.CheckConstraint(
                condition=models.Q(quota=None) | models.Q(used__lte=models.F("quota")),
                name="quota_is_kept",
            ),
            models.CheckConstraint(
                condition=models.Q(budget=None) | models.Q(spent__lte=models.F("budget")),
                name="budget_is_kept",
            ),
        ]
        indexes = [models.Index(fields=["company", "-begins"], name="campaign_by_day")]

    def __str__(self) -> str:
        return self.name

    @property
    def left(self) -> int | None:
        """How many more orders may have it; None without a limit."""
        return None if self.quota is None else self.quota - self.used

    def runs_on(self, day: date) -> bool:
        """Whether it is in use and holds on a day."""
        return self.active and self.begins <= day and (self.ends is None or day <= self.ends)

    @property
    def yen_left(self) -> int | None:
        """How many more yen may be given; None without a limit."""
        return None if self.budget is None else self.budget - self.spent

    def affords(self, saved: int) -> bool:
        """Whether so many yen may still be given."""
        return self.yen_left is None or saved <= self.yen_left


class CampaignUse(ScopedModel):
    """That an order has a campaign: its name and words of then, and how many yen it saved. `returned_at` is when the
    order was cancelled, and its place in the quota given to others.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="uses", db_index=False)
    order = models.OneToOneField(
        "commerce.Order", on_delete=models.CASCADE, related_name="campaign_use", db_index=False
    )
    name = models.CharField(max_length=200)
    words = models.TextField()
    saved = models.PositiveIntegerField()
    at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["campaign"], name="use_of_campaign")]
