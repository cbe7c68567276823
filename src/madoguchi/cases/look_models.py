"""Who looked at what, hour by hour. `models` has this too, and everybody takes it from there."""

from django.conf import settings
from django.db import models

from madoguchi.infra.scope import ScopedModel


class Look(ScopedModel):
    """That somebody was shown a customer's case (or, by a program, the customer alone: no case) within an hour, or
    searched (neither): `times` and how many customers were `shown` are counted for searches alone.

    Plain ids, 0 for none, and no id of its own: looking again within the hour writes nothing.
    """

    pk = models.CompositePrimaryKey("company", "customer_id", "case_id", "user", "hour")
    customer_id = models.BigIntegerField()
    case_id = models.BigIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    hour = models.DateTimeField()
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    shown = models.PositiveIntegerField(default=1)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "hour"], name="looks_by_hour")]
