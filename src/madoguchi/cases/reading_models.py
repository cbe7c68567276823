"""Who read very many customers within an hour or a day, from how many on that is told, and how far it was looked."""

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel


class ReadingLimit(ScopedModel):
    """From how many customers within an hour, and within a day, on a company wants to be told. A higher number counts
    from `begins_at` on, and until then the one `before`.
    """

    per_hour = models.PositiveIntegerField()
    per_day = models.PositiveIntegerField(default=1_500, db_default=1_500)
    before = models.PositiveIntegerField(null=True)
    before_day = models.PositiveIntegerField(null=True)
    begins_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_reading_limit")]


class ReadingMark(ScopedModel):
    """Up to when it was looked who of a company's customers' readers read very many."""

    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_reading_mark")]


class ReadingAlarm(ScopedModel):
    """That a person was shown so many `customers` within the hour or day that began at `hour`, lists taken along among
    them; told once for each. `seen_at` is when somebody of the company had looked at it.
    """

    class Period(models.TextChoices):
        """Within what they were counted."""

        HOUR = "hour", pgettext_lazy("reading", "Hour")
        DAY = "day", pgettext_lazy("reading", "Day")

    period = models.CharField(
        max_length=4, choices=Period.choices, default=Period.HOUR, db_default=Period.HOUR
    )
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
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user", "hour", "period"], name="reading_alarm_of_period"
            )
        ]
        indexes = [models.Index(fields=["company", "-at"], name="reading_alarm_by_time")]
