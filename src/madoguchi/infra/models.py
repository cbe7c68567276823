"""The event log and what hangs on it, files' and limits' bookkeeping."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from madoguchi.infra.fields import TransactionIdField
from madoguchi.infra.scope import ScopedModel


class CurrentTransaction(models.Func):
    """The id of the running transaction."""

    function = "pg_current_xact_id"
    output_field = TransactionIdField()


# Whose access changes hands: of these the last days are read while somebody waits, and they are few.
ACCESS_KINDS = [
    "administrator.appointed",
    "person.deactivated",
    "person.password_link",
    "person.password_set",
    "person.place_given",
    "person.place_taken",
    "person.reactivated",
    "person.second_step_reset",
]
# Lists that were taken along as files: it is looked every few minutes who took how many customers, and they are few.
LIST_KINDS = ["list.taken", "reservation.list_taken"]
# What was promised when: a wall reads months of it each minute, and it is seldom told.
TERM_KINDS = ["service_levels.switched", "delay.told", "promise.moved"]


class Event(ScopedModel):
    """One thing that happened. Written in the transaction of the change itself, never changed afterwards.

    `case` and `desk` are plain ids, for this package knows nothing of those apps; `data` holds the other
    fields of the fact. Read in the order (`tx`, `id`) below `event_log.settled_below`: ids commit out of order.
    What is `carried` happened in another installation, from which the company came; nothing reacts to it here.
    `origin` is from where it was done: a page and the address it was asked from, the API, the command line.
    """

    id = models.BigAutoField(primary_key=True)
    tx = TransactionIdField(db_default=CurrentTransaction())
    kind = models.TextField()
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.TextField()
    case_id = models.BigIntegerField(null=True)
    desk_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    carried = models.BooleanField(default=False, db_default=False)
    origin = models.TextField(default="", db_default="")

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["tx", "id"], name="event_order"),
            models.Index(fields=["company", "id"], name="event_of_company"),
            models.Index(fields=["company", "tx", "id"], name="event_order_of_company"),
            models.Index(
                fields=["case_id", "id"], name="event_of_case", condition=models.Q(case_id__isnull=False)
            ),
            models.Index(
                fields=["company", "at"], name="event_of_access", condition=models.Q(kind__in=ACCESS_KINDS)
            ),
            models.Index(
                fields=["company", "at"], name="event_of_list", condition=models.Q(kind__in=LIST_KINDS)
            ),
            models.Index(
                fields=["company", "at"], name="event_of_terms", condition=models.Q(kind__in=TERM_KINDS)
            ),
            # Whose record it was stands in `data`, and no index of that is read behind the wall of a company (0047).
            models.Index(
                fields=["company", "id"],
                name="event_of_changed",
                condition=models.Q(kind="customer.changed"),
            ),
            models.Index(
                fields=["company", "id"],
                name="event_of_pieces",
                condition=models.Q(kind="order.pieces_changed"),
            ),
            # The log grows at its end, so that a few hundred pages of it know their days; it costs writers nothing.
            # It sums up what is new by itself: vacuum may not come by for days where nothing is ever changed.
            BrinIndex(fields=["at"], name="event_at", pages_per_range=32, autosummarize=True),
        ]


class EventCustomer(ScopedModel):
    """Of which customer an event tells: the database itself writes it with every event whose `data` names one.

    Comparisons of ids give nothing away, so PostgreSQL reads it under row-level security, too (0047).
    """

    pk = models.CompositePrimaryKey("customer_id", "event_id")
    customer_id = models.BigIntegerField()
    event_id = models.BigIntegerField()


class GoneThrough(models.Model):
    """How far the log of before was gone through for a table that the database fills with each new event.

    Until it is `done`, that table does not say all. Without a row nobody has begun.
    """

    name = models.TextField(primary_key=True)
    event_id = models.BigIntegerField(default=0)
    done = models.BooleanField(default=False)


class EventWords(ScopedModel):
    """What changed, by an event that does not say it itself: `{name: [before, after]}`. It is about somebody, or the
    event says of a setting only how it is now.

    The log is sealed and kept for long; what stands here can be forgotten, and every seal still holds.
    """

    event_id = models.BigIntegerField(primary_key=True)
    changes = models.JSONField()


class Seal(models.Model):
    """A link of the audit chain: a hash over a run of events and over the seal before it."""

    id = models.BigAutoField(primary_key=True)
    sealed_at = models.DateTimeField(db_default=Now())
    first_tx = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_tx = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["previous"], name="seal_chain_never_forks")]


class Reader(models.Model):
    """How far a reader of the log has come.

    `begun` is how often what comes next was begun and not ended; so many events (`wary`) are taken one by one yet.
    """

    name = models.TextField(primary_key=True)
    tx = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    begun = models.PositiveSmallIntegerField(default=0, db_default=0)
    wary = models.PositiveSmallIntegerField(default=0, db_default=0)


class FailedReaction(ScopedModel):
    """An event that a reader could not digest; tried again with growing pauses, and told by `madoguchi doctor`."""

    id = models.BigAutoField(primary_key=True)
    reader = models.TextField()
    event_id = models.BigIntegerField()
    tries = models.IntegerField(default=1)
    next_try_at = models.DateTimeField()
    error = models.TextField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["reader", "event_id"], name="one_failure_per_event")]


class RateCount(models.Model):
    """How often something was done in a window of time."""

    key = models.TextField()
    window = models.BigIntegerField()
    count = models.IntegerField(default=0)

    pk = models.CompositePrimaryKey("key", "window")
