"""What leaves, and from which templates it was written."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Case, Message
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import ArticleVersion, ReplyTemplate


class Outgoing(ScopedModel):
    """One message on its way out. The state is committed before a connection is opened.

    `external_id` (the Message-ID) never changes between tries, so that a receiver can tell a repeat.
    `text` is what leaves, where it says more than staff may read in the case (the key to the customer's own
    page); empty: the message's own words. `link_generation` is which link to that page it brings. `cause` is the
    event that asked for it, unique so that a reaction run twice sends once. `receipt` is what was reported of a sent
    one that did not come back: delayed, delivered or read. `instead` is the mail address it goes to since whoever
    asked in a chat has left, `choices` words that it can be answered with by a touch. One that
    bounced is `unconfirmed` while only the address was named to us, and never the message. `approved_by` is the
    senior without whose word it would not have left. `stood` is how the case stood before it, for who takes it back.
    """

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")
        BOUNCED = "bounced", _("Bounced")
        CANCELLED = "cancelled", _("Taken back")

    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="outgoing")
    entry_point = models.ForeignKey(
        EntryPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    external_id = models.CharField(max_length=500)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True)
    text = models.TextField(blank=True, db_default="")
    choices = ArrayField(models.CharField(max_length=300), default=list, db_default=[])
    instead = models.CharField(max_length=254, blank=True, default="", db_default="")
    link_generation = models.PositiveSmallIntegerField(null=True)
    cause = models.BigIntegerField(null=True, unique=True)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    receipt = models.CharField(max_length=10, blank=True, db_default="")
    receipt_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stood = models.JSONField(null=True)
    unconfirmed = models.BooleanField(default=False, db_default=False)
    response = models.TextField(blank=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "external_id"], name="outgoing_id_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outgoing_waiting",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(
                fields=["company", "-created_at"],
                name="outgoing_troubled",
                condition=models.Q(state__in=["failed", "bounced"]),
            ),
        ]


class TemplateUse(ScopedModel):
    """That an answer that left was written from a template, and how much of it stood in the answer (`kept`, 0 to 1)."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", db_index=False)
    template = models.ForeignKey(ReplyTemplate, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.PositiveIntegerField()
    kept = models.FloatField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["message", "template"], name="template_use_once_per_message")
        ]
        indexes = [models.Index(fields=["template", "at"], name="use_of_template")]


class How(models.TextChoices):
    """In which way an answer rests on an article."""

    TEXT = "text", pgettext_lazy("basis", "Its text")
    LINK = "link", pgettext_lazy("basis", "A link to it")
    QUOTE = "quote", pgettext_lazy("basis", "A quotation")
    MARK = "mark", pgettext_lazy("basis", "In own words")
    FOUND = "found", pgettext_lazy("basis", "Its text, found in the answer")
    SAID = "said", pgettext_lazy("basis", "By voice")


class Cited(ScopedModel):
    """That whoever writes an answer took `words` from a version; what has become of them is seen when it has left."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    how = models.CharField(max_length=10, choices=How.choices)
    words = models.TextField(blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "version", "how"], name="cited_once_in_a_case")
        ]


class ArticleBasis(ScopedModel):
    """That an answer that left, or what was told in a call, rests on a version of an article, and how."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(ArticleVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    how = models.CharField(max_length=10, choices=How.choices)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["message", "version"], name="basis_once_of_a_message")]
        indexes = [models.Index(fields=["version", "message"], name="basis_by_version")]
