"""What arrived, as it arrived."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel


class Arrival(ScopedModel):
    """One thing that came in through a door. Its raw bytes are kept before anything is made of them.

    `sha256` tells the same bytes apart from new ones, `fingerprint` the same message that came by two ways.
    `message_id` is the message it became (a plain id: see `cases`). A form that is kept out is known by its sending
    (`form`) and shows a `number` like any other, so that nobody learns from the form that they are kept out.
    `put_off` is how often an attempt ended for what says nothing of the arrival; it is not among the `tries`.
    """

    class State(models.TextChoices):
        """How far it has come. Nothing ever leaves this table."""

        STORED = "stored", _("Stored")
        HANDLED = "handled", _("Handled")
        REPEATED = "repeated", _("Came twice")
        QUARANTINED = "quarantined", _("In quarantine")
        SPAM = "spam", _("Taken for spam")

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State.choices, default=State.STORED)
    reason = models.TextField(blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    put_off = models.PositiveSmallIntegerField(default=0, db_default=0)
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    fingerprint = models.BinaryField(max_length=32, null=True)
    summary = models.CharField(max_length=300, blank=True)
    case_id = models.BigIntegerField(null=True)
    message_id = models.BigIntegerField(null=True)
    form = models.CharField(max_length=200, blank=True, default="", db_default="")
    number = models.PositiveIntegerField(null=True)
    arrived_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "sha256"], name="same_bytes_once"),
            models.UniqueConstraint(fields=["company", "fingerprint"], name="same_message_once"),
        ]
        indexes = [
            models.Index(fields=["arrived_at"], name="arrival_waiting", condition=models.Q(state="stored")),
            models.Index(
                fields=["company", "-arrived_at"],
                name="arrival_quarantined",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["company", "-arrived_at"], name="arrival_spam", condition=models.Q(state="spam")
            ),
            models.Index(fields=["company", "form"], name="arrival_of_form", condition=~models.Q(form="")),
            models.Index(
                fields=["message_id"], name="arrival_of_message", condition=models.Q(message_id__isnull=False)
            ),
        ]


class RawArrival(ScopedModel):
    """The bytes of an arrival, untouched."""

    arrival = models.OneToOneField(Arrival, on_delete=models.CASCADE, primary_key=True, related_name="raw")
    content = models.BinaryField()


class Awaited(ScopedModel):
    """What an arrival mentioned that had not come (a Message-ID), or a conversation it belongs to, and its case.

    What comes under that id later belongs to the same case, and so does what the same customer writes and mentions
    it too. Several cases may await one.
    """

    value = models.CharField(max_length=500)
    case_id = models.BigIntegerField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "value", "case_id"], name="awaited_once_per_case")
        ]


class SenderRule(ScopedModel):
    """Whose mail a company always takes, or never: an address, or a domain with all below it."""

    class Kind(models.TextChoices):
        """What happens to their mail. In the alphabet the kinder one comes first, and it wins."""

        ALLOW = "allow", _("Always taken in")
        BLOCK = "block", _("Kept out as spam")

    kind = models.CharField(max_length=5, choices=Kind.choices)
    pattern = models.CharField(max_length=254)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "pattern"], name="sender_once_per_company")]


class Report(ScopedModel):
    """What the other side told of a message of ours; the report itself is the arrival's raw bytes.

    Who `knows_our_id` has had the message; others may have named nothing but an address, which anybody can.
    """

    class What(models.TextChoices):
        """What became of the message."""

        BOUNCED = "bounced", _("Came back")
        DELAYED = "delayed", _("Is late")
        DELIVERED = "delivered", _("Arrived")
        READ = "read", _("Was opened")

    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, related_name="report")
    message_id = models.BigIntegerField()
    what = models.CharField(max_length=10, choices=What.choices)
    knows_our_id = models.BooleanField(db_default=True)
    recipient = models.CharField(max_length=254, blank=True)
    status = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
