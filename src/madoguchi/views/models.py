"""Saved views: a filter with a name, for one person or for the people of desks."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel
from madoguchi.views.orders import NEWEST


class SavedView(ScopedModel):
    """A filter under a name, over the desks of one company that its reader may see.

    It is its owner's alone (private), or for a desk, or without a desk for all desks of the company. `columns` are the
    desks' own fields that its list shows of each case, by id; `order` is one of `views/orders`. `deleted_at` is when it
    was put away; until then it may be had back.
    """

    class Audience(models.TextChoices):
        """Whom a view is for."""

        OWNER = "owner"
        DESK = "desk"
        COMPANY = "company"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    audience = models.CharField(max_length=10, choices=Audience.choices)
    desk = models.ForeignKey(Desk, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    filter = models.JSONField()
    columns = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    order = models.CharField(max_length=30, default=NEWEST, db_default=NEWEST)
    deleted_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience="desk", desk__isnull=False)
                | (~models.Q(audience="desk") & models.Q(desk__isnull=True)),
                name="view_of_a_desk_has_one",
            )
        ]
        indexes = [
            models.Index(
                fields=["company", "audience"],
                name="view_of_company",
                condition=models.Q(deleted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name
