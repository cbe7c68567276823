"""A batch and its rows: what is to be done to which cases, and what became of each."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.infra.scope import ScopedModel


class Batch(ScopedModel):
    """One act on many cases of a company, with the rights that its owner has at each moment.

    `value` is what the verb takes (a person's id, a status, …), empty for nobody. `fills` are words to write first into
    own fields, by their label, where nothing stands yet. `begun` is how often the next rows
    were begun and not ended; so many rows (`wary`) are taken one by one yet.
    """

    class Verb(models.TextChoices):
        """What is done to each case."""

        ASSIGN = "assign", _("Responsible")
        STATUS = "status", _("Status")
        PRIORITY = "priority", _("Priority")
        TAG = "tag", _("Add a tag")
        UNTAG = "untag", _("Take a tag away")
        DESK = "desk", _("Move to a desk")
        FILL = "fill", _("Fill in own fields only")
        MACRO = "macro", _("Run a macro")
        MERGE = "merge", _("Merge duplicates")
        CORRECT = "correct", _("Correct what was told")

    class State(models.TextChoices):
        """How far it is. Cancelled ones keep what they have done."""

        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    verb = models.CharField(max_length=10, choices=Verb.choices)
    value = models.CharField(max_length=60, blank=True)
    fills = models.JSONField(default=dict, db_default={})
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    begun = models.PositiveSmallIntegerField(default=0, db_default=0)
    wary = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["owner", "-id"], name="batch_of_owner"),
            models.Index(
                fields=["id"],
                name="batch_under_way",
                condition=models.Q(state__in=["running", "undoing"]),
            ),
        ]

    @property
    def cause(self) -> str:
        """What every event that it causes names."""
        return f"batch:{self.pk}"

    @property
    def under_way(self) -> bool:
        """Whether there is still something to be done."""
        return self.state in (self.State.RUNNING, self.State.UNDOING)


class BatchRow(ScopedModel):
    """One case of a batch. `before` is how it was and `version` the case's own after the change, by which one knows
    whether anything happened to it since; `reason` says why nothing was done, in words or `not_allowed`. Where cases
    are merged, it is to go on `into` another, and `before` names the merge; where something told is corrected, `before`
    holds the letter; `wrote` in it are the labels of the own fields that were filled in. `tries` counts how often in a
    row it ended in a fault of the program.
    """

    class State(models.TextChoices):
        """What became of it; `kept` could not be undone."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Changed")
        SAME = "same", _("Was so already")
        REFUSED = "refused", _("Not possible")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Not undone")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    into = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    version = models.PositiveIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["batch", "case"], name="case_once_per_batch")]
        indexes = [models.Index(fields=["batch", "state", "id"], name="row_of_batch")]
