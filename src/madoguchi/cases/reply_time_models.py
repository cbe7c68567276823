"""What first answers take, as it was measured lately."""

from django.db import models

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class ReplyTime(ScopedModel):
    """What first answers of a desk took lately, for a part of the week (`reply_time.slot_of`) or any hour.

    `cases` is how many decided it. Measured every hour.
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", db_index=False)
    slot = models.CharField(max_length=12)
    seconds = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["desk", "slot"], name="reply_time_once_per_slot")]
