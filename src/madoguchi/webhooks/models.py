"""Where a company's events are sent, and what became of each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField

# Why an endpoint is off, as it is kept; `queries.why_off` has the words.
BY_HAND = "by hand"
GONE = "It said that it is gone (410)."
TOO_LONG = "It has taken nothing for five days."
# Why there was no answer, as it is kept; `queries.said` has the words.
NOWHERE = "There is no such server for it."
NO_TRUST = "The certificate does not hold."
NOTHING = "Nothing usable was answered."
# Seconds to the next try. After the last the delivery has failed: a little over three days in all.
PAUSES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


class Endpoint(ScopedModel):
    """An address of a company's own systems that is told of these kinds of events (none: all that are told).

    `old_secret` signs beside the present one until `old_until`, so that both sides can change it at their own time.
    `failing_since` is when the present row of failures began; until `paused_until` nothing is tried. `off_why` says why
    it was switched off; it is empty while it is on. What is removed keeps its log.
    """

    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=40), default=list)
    secret = SecretField()
    old_secret = SecretField(blank=True)
    old_until = models.DateTimeField(null=True)
    off_why = models.CharField(max_length=300, blank=True)
    failing_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(
                fields=["company"], name="endpoint_in_use", condition=models.Q(off_why="", removed_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}"


class Delivery(ScopedModel):
    """One event on its way to one endpoint: the very bytes that are sent, and what the other side said last."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued"
        SENDING = "sending"
        DELIVERED = "delivered"
        FAILED = "failed"

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    event_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    response = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="event_once_per_endpoint")
        ]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
            models.Index(
                fields=["due_at"],
                name="delivery_under_way",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(fields=["made_at"], name="delivery_by_age"),
        ]
