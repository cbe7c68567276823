"""What can be found: documents, and the keys by which PostgreSQL finds them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from madoguchi.cases.models import Attachment
from madoguchi.infra.scope import ScopedModel


class Document(ScopedModel):
    """One text that search looks into: of a message, a note, a case, a field of a customer.

    `kind`, `source_id` and `field` say which; `case_id` and `customer_id` whose it is, plain ids, for a document
    may be of neither. `text` is in the form search compares. Ids grow with time: newer documents have higher ones.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    field = models.TextField()
    source_id = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    text = models.TextField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["source_id", "kind", "field"], name="document_once"),
        ]
        indexes = [
            models.Index(
                fields=["case_id", "id"], name="document_of_case", condition=models.Q(case_id__isnull=False)
            ),
            models.Index(
                fields=["customer_id", "id"],
                name="document_of_customer",
                condition=models.Q(customer_id__isnull=False),
            ),
        ]


class Posting(models.Model):
    """The keys of a document (`keys`). The product may write them; only `search_candidates` may read them.

    Row-level security would keep PostgreSQL from using the index, so the wall is that function: it answers with
    ids of documents of the companies in scope, and those are read under row-level security.
    """

    document_id = models.BigIntegerField(primary_key=True)
    company_id = models.BigIntegerField()
    keys = ArrayField(models.BigIntegerField())

    class Meta:
        indexes = [
            # What is new waits in a list that every search reads too; who writes says how long it may be.
            GinIndex(fields=["keys"], name="posting_by_key", fastupdate=True),
        ]


class FileText(ScopedModel):
    """What is written in a file that came or went, once it is read; `tries` is how often that was begun.

    Only of files that may hold words there is one. In what is unreadable there are none, and it is not tried again;
    given up is what other troubles kept from being read too often.
    """

    class State(models.TextChoices):
        """How far it is. Nobody is shown this."""

        WAITING = "waiting"
        READ = "read"
        UNREADABLE = "unreadable"
        GIVEN_UP = "given_up"

    attachment = models.OneToOneField(
        Attachment, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    text = models.TextField(blank=True, default="")

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["attachment"], name="file_to_be_read", condition=models.Q(state="waiting")),
            models.Index(fields=["attachment"], name="file_given_up", condition=models.Q(state="given_up")),
        ]


class Progress(models.Model):
    """How far the index has come with all the cases there are: up to this id; `anew` replaces what is indexed.

    Cases up to `known` were in the index when that began, and are found until they have their turn; those after `last`
    have come since then, each by its event (None: nobody knows which).
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    done = models.BigIntegerField(default=0)
    finished = models.BooleanField(default=False)
    anew = models.BooleanField(default=False)
    known = models.BigIntegerField(default=0, db_default=0)
    last = models.BigIntegerField(null=True)
