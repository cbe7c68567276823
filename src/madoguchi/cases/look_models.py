"""Who looked at what, hour by hour, and how far they have read. `models` has both too, and everybody takes them from
there.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.cases.reading_models import ReadingAlarm as ReadingAlarm
from madoguchi.cases.reading_models import ReadingLimit as ReadingLimit
from madoguchi.cases.reading_models import ReadingMark as ReadingMark
from madoguchi.infra.scope import ScopedModel


class Look(ScopedModel):
    """That somebody was shown a customer's case (or, by a program, the customer alone: no case) within an hour, or
    searched or went through lists (neither): `times` and how many customers were `shown` are counted for these alone,
    each customer once (`listed`).

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
    listed = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "hour"], name="looks_by_hour")]


class Seen(ScopedModel):
    """How far a person has read a case: the newest message and note that were there when they last looked (0: none).
    `unread` says that they marked it so by hand.

    Ids and no times: what arrives while a page is being made is news. Plain ids, and none of its own, as with looks; a
    row is written when there was something new, and only then.
    """

    pk = models.CompositePrimaryKey("user", "case_id")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    case_id = models.BigIntegerField()
    message = models.BigIntegerField(default=0)
    note = models.BigIntegerField(default=0)
    unread = models.BooleanField(default=False)
