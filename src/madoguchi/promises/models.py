"""Service levels of desks, how each was before, and the clocks of cases."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case, Message, PendingAnswer
from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class ServiceLevels(ScopedModel):
    """What a desk keeps towards its customers: policies with their calendars, as `docs/clocks.md` writes them (`text`).

    Cases that were opened before `since` have no clocks: nothing was promised then. `version` is the number of the
    latest `ServiceLevelsVersion`.
    """

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="+", verbose_name=_("desk"))
    text = models.TextField()
    active = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    @property
    def kept_versions(self) -> "models.QuerySet[ServiceLevelsVersion]":
        """Every version, the newest first, with who wrote it."""
        return self.versions.select_related("user").order_by("-number")


class LevelsTrial(ScopedModel):
    """A text of service levels that is tried on all cases of a desk of the last 90 days, or was: the latest of each.

    `found` is what became of the clocks of the first `done` of `total` cases (`trial.Tally`), the newest first, to
    the one that was opened at `reached_at` and has the id `reached`.
    """

    class State(models.TextChoices):
        """How far it is. One that was stopped keeps what it found."""

        RUNNING = "running", _("Being tried")
        DONE = "done", _("Tried on all")
        CANCELLED = "cancelled", _("Stopped")
        FAILED = "failed", _("Could not be tried")

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    found = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    reached_at = models.DateTimeField(null=True)
    reached = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    @property
    def under_way(self) -> bool:
        """Whether it goes on."""
        return self.state == self.State.RUNNING


class ServiceLevelsVersion(ScopedModel):
    """How the service levels of a desk were from `at` on, and who made them so."""

    levels = models.ForeignKey(
        ServiceLevels, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    text = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["levels", "number"], name="service_levels_version_once")
        ]


class Clock(ScopedModel):
    """What one clock of a case showed when it was last read; never written but from what `clocks.read_clocks` gave.

    `next_at` is when somebody has to hear of it next: of its time running out, or of its having run out. It is null
    while it stands still, and once all is told. `warned_at` and `told_at` are when that was; `acted` are the moments of
    its policy that are told, in seconds from being due.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.CharField(max_length=20)
    cycle = models.PositiveIntegerField()
    policy = models.CharField(max_length=200)
    target = models.DurationField()
    business = models.BooleanField()
    state = models.CharField(max_length=10)
    why = models.CharField(max_length=20, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    counted = models.DurationField()
    read_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    acted = ArrayField(models.IntegerField(), default=list, db_default=[])

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "metric", "cycle"], name="clock_once_per_cycle"),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="clock_next", condition=models.Q(next_at__isnull=False)),
        ]

    @property
    def runs(self) -> bool:
        """Whether it is running."""
        return self.state == "running"


class Promise(ScopedModel):
    """Anything with "by when" that was said to a customer: a row of the ledger.

    `words` are how it was said, in `message`, or in `answer` while that waits. `due_at` is when it is due now, and
    `first_due_at` when it was said to be at first: `moves` is how often the customer was told another time. `broken_at`
    is the time that ran out with nothing done, and stays. `next_at` is when somebody has to hear of it next.
    """

    class Kind(models.TextChoices):
        """What is promised."""

        REPLY = "reply", _("Reply")
        CALL_BACK = "call_back", _("Call back")
        REFUND = "refund", _("Refund")
        SHIPMENT = "shipment", _("Shipment")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        """Where it stands. Done too late it is kept and broken."""

        OPEN = "open", _("Still open")
        KEPT = "kept", _("Done")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answer = models.ForeignKey(
        PendingAnswer, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.CharField(max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    first_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    moves = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    broken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "due_at"], name="promise_of_case"),
            models.Index(fields=["next_at"], name="promise_next", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["company", "due_at"], name="promise_due"),
            models.Index(fields=["due_at"], name="promise_open", condition=models.Q(state="open")),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def said_in(self) -> int | None:
        """The message in which it was said, also where that had waited for its time; None while it waits."""
        return self.message_id or (self.answer.message_id if self.answer else None)


class DelayNotice(ScopedModel):
    """A notice of delay that was drafted by itself before a time runs out (`due_at`): that of a `promise`, or of a
    clock of the case (`metric`, `cycle`). Its three parts are `reason`, `stands` and `new_due_at`; a person checks and
    sends it, never the machine. `next_at` is when those who lead the desk hear that nobody did. Once sent it has the
    parts that were, and the mail where that was written anew (`text`): taken back, it is a draft with these. It left in
    `message`, or in `answer` while that waits.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("Drafted")
        SENT = "sent", _("Sent")
        DROPPED = "dropped", _("Not needed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    promise = models.ForeignKey(Promise, null=True, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=20, blank=True)
    cycle = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    reason = models.TextField()
    stands = models.TextField()
    new_due_at = models.DateTimeField()
    text = models.TextField(blank=True, default="", db_default="")
    message = models.ForeignKey(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    answer = models.ForeignKey(
        PendingAnswer, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "promise", "metric", "cycle", "due_at"],
                name="delay_notice_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="delay_notice_next", condition=models.Q(next_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def was_taken_back(self) -> bool:
        """Whether a person sent it already, and took it back."""
        return self.state == self.State.OPEN and (self.message_id or self.answer_id) is not None
