"""Who read very many customers within an hour, and from how many on that is told."""

from django.conf import settings
from django.db import models

from madoguchi.infra.scope import ScopedModel


class ReadingLimit(ScopedModel):
    """From how many customers within an hour on a company wants to be told. A higher number counts from `begins_at` on,
    and until then the one `before`.
    """

    per_hour = models.PositiveIntegerField()
    before = models.PositiveIntegerField(null=True)
    begins_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_reading_limit")]


class ReadingAlarm(ScopedModel):
    """That a person was shown so many `customers` within an hour, lists taken along among them; told once for each
    hour. `seen_at` is when somebody of the company had looked at it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    hour = models.DateTimeField()
    customers = models.PositiveIntegerField()
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "user", "hour"], name="reading_alarm_once")]
        indexes = [models.Index(fields=["company", "-at"], name="reading_alarm_by_time")]
