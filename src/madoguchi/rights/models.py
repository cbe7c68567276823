"""What somebody demanded of the data kept of them, and what became of it."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel import clock


class Request(ScopedModel):
    """One demand of a customer (個人情報保護法33・35条): who asked, how they proved who they are, and how it went.

    `words` are what was asked, `proof_note` how it was proven, `refusal` why not; an erasure empties all three. `done`
    of `total` steps are behind the job, and `begun` is how often a worker began it without an end. `archive` names the
    file that was made by its SHA-256 until `expires_at`; `generation` is which link opens it. `result` are counts, and
    of an erasure what its certificate says. `wanted` are the fields that were corrected, each with what stood there and
    what stands there now; `withheld` are parts that are not disclosed, with the item of 33条2項, and
    `reviewed_by` is who looked over what is. `digest` is the SHA-256 of what was made, which the sealed log has too.
    """

    class Kind(models.TextChoices):
        """What is demanded."""

        DISCLOSURE = "disclosure", _("Disclosure")
        ERASURE = "erasure", _("Erasure")
        STOP = "stop", _("Stop of use")
        CORRECTION = "correction", _("Correction")

    class State(models.TextChoices):
        """How far it is."""

        RECEIVED = "received", pgettext_lazy("demand", "Received")
        CHECKED = "checked", _("Identity checked")
        RUNNING = "running", _("Being done")
        MADE = "made", pgettext_lazy("demand", "Made")
        RELEASED = "released", pgettext_lazy("demand", "Looked over")
        HANDED_OVER = "handed_over", pgettext_lazy("demand", "Handed over")
        DONE = "done", pgettext_lazy("demand", "Done")
        LIFTED = "lifted", pgettext_lazy("demand", "Taken back")
        REFUSED = "refused", pgettext_lazy("demand", "Refused")
        FAILED = "failed", pgettext_lazy("demand", "Failed")

    class Asker(models.TextChoices):
        """Who asks."""

        PERSON = "person", _("The person themselves")
        GUARDIAN = "guardian", _("Their legal representative")
        AGENT = "agent", _("Somebody they have authorised")

    class Proof(models.TextChoices):
        """How it was proven who asks (37条; ガイドライン通則編3-8-7)."""

        DOCUMENT = "document", _("An official document with name and address")
        CALL_BACK = "call_back", _("A call back to a number known before")
        KNOWN_ADDRESS = "known_address", _("An answer from an address known before")
        SIGNED_IN = "signed_in", _("Their account with the company")
        LETTER = "letter", _("A letter to the address known before")
        MANDATE = "mandate", _("A written mandate, and a document of both")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    asker = models.CharField(max_length=10, choices=Asker.choices)
    words = models.TextField(blank=True)
    proof = models.CharField(max_length=15, choices=Proof.choices, blank=True)
    proof_note = models.CharField(max_length=300, blank=True)
    refusal = models.CharField(max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    received_at = models.DateTimeField()
    due_on = models.DateField()
    checked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    begun = models.PositiveSmallIntegerField(default=0)
    wanted = models.JSONField(default=dict)
    withheld = models.JSONField(default=list)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reviewed_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True)
    archive = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    generation = models.PositiveSmallIntegerField(default=1)
    result = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "-id"], name="request_newest"),
            models.Index(fields=["customer", "-id"], name="request_of_customer"),
            models.Index(fields=["id"], name="request_running", condition=models.Q(state="running")),
            models.Index(fields=["expires_at"], name="request_archive", condition=~models.Q(archive="")),
        ]

    @property
    def cause(self) -> str:
        """What its job is known by."""
        return f"request:{self.pk}"

    @property
    def received_at_day(self) -> date:
        """The day on which it was received, in Japan."""
        return self.received_at.astimezone(clock.TOKYO).date()

    @property
    def is_open(self) -> bool:
        """Whether it is still to be decided."""
        return self.state in (self.State.RECEIVED, self.State.CHECKED, self.State.FAILED)


class RetentionRule(ScopedModel):
    """How long a company keeps something of customers (個人情報保護法22条): so many `months` after a customer's last
    contact it goes. One person writes it, another switches it on; months that change wait to be switched on anew.
    """

    class Kind(models.TextChoices):
        """What goes."""

        ATTACHMENTS = "attachments", _("Attachments of messages")
        WORDS = "words", _("Words and files of cases")
        PHONE = "phone", _("Phone numbers in customers' records")
        EMAIL = "email", _("Mail addresses in customers' records")
        MEMBER = "member", _("Member numbers in customers' records")
        ADDRESS = "address", _("Postal addresses in customers' records")
        MEMO = "memo", _("Memos and notes about customers")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    months = models.PositiveSmallIntegerField()
    is_on = models.BooleanField(default=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField()
    switched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    switched_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "kind"], name="one_retention_rule_per_kind")
        ]

    @property
    def is_of_cases(self) -> bool:
        """Whether cases are what it goes through; else customers' records are, of which one field goes."""
        return self.kind in (self.Kind.ATTACHMENTS, self.Kind.WORDS)


class RetentionRun(ScopedModel):
    """One time that a rule is carried out, on cases or records of customers who were last in touch before `before`:
    `done` of `total` are through, `result` counts the rows that went by table, and `files` are those of the store that
    its last step let go. One of a rule runs at a time.
    """

    class State(models.TextChoices):
        """How far it is."""

        RUNNING = "running", pgettext_lazy("retention", "Running")
        DONE = "done", pgettext_lazy("retention", "Done")
        CANCELLED = "cancelled", pgettext_lazy("retention", "Stopped")

    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, related_name="runs", db_index=False)
    before = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], name="one_retention_run_at_a_time", condition=models.Q(state="running")
            )
        ]
        indexes = [models.Index(fields=["rule", "-id"], name="retention_run_of_rule")]

    @property
    def cause(self) -> str:
        """What its job is known by."""
        return f"retention:{self.pk}"
