"""Rules of a desk, how each was before, and what each did."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class Rule(ScopedModel):
    """When something happens to a case of a desk (`kinds` of event), or as time goes by, and `filter` wants
    the case, then `acts` are done to it.

    Rules of a desk are asked in the order of `position`. `per_case` is how often it acts on one case within an hour;
    one that is asked to act more than `per_hour` times within an hour stops itself. `version` is the number
    of the latest `RuleVersion`. A rule on time goes through the desk's cases bit by bit: `looked_at` and
    `looked_id` are where it goes on, empty at the beginning.
    """

    class Trigger(models.TextChoices):
        """What sets it going."""

        EVENT = "event", _("When something happens")
        TIME = "time", _("As time goes by")

    class State(models.TextChoices):
        """Whether it works. One that stopped itself, or that nobody answers for any more, waits for a person."""

        ACTIVE = "active", _("In use")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped itself")
        LEFT = "left", _("Stopped: its writer has left")

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PAUSED)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    kinds = ArrayField(models.CharField(max_length=40), default=list)
    filter = models.JSONField()
    acts = models.JSONField()
    per_case = models.PositiveSmallIntegerField(default=3)
    per_hour = models.PositiveIntegerField(default=500)
    version = models.PositiveIntegerField(default=1)
    looked_at = models.DateTimeField(null=True)
    looked_id = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)

    # Whether its writer leads the desk, once somebody has asked.
    answered_for: bool | None = None

    class Meta(ScopedModel.Meta):
        ordering = ["position", "id"]
        indexes = [
            models.Index(
                fields=["company", "position", "id"],
                name="rule_at_work",
                condition=models.Q(state="active", deleted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(ScopedModel):
    """How a rule was from `at` on, and who made it so."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    said = models.JSONField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once")]


class RuleRun(ScopedModel):
    """That a rule wanted a case, and what it did: once for each event, or on time once for each stretch of
    the conversation (`moment`, the case's `touched_at`).

    `why` are the conditions with whether each held, `did` the acts with what became of each. `depth` is how many rules
    in a row led to it.
    """

    class Outcome(models.TextChoices):
        """What came of it."""

        DONE = "done", _("Changed the case")
        SAME = "same", _("All was so already")
        REFUSED = "refused", _("Not possible")
        LOOPED = "looped", _("Left alone: rules had set one another off")
        LIMITED = "limited", _("Left alone: often enough within the hour")
        STOPPED = "stopped", _("Left alone: too often, the rule stopped itself")
        FAILED = "failed", _("The program failed")

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="runs", db_index=False)
    version = models.PositiveIntegerField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    event_id = models.BigIntegerField(null=True)
    moment = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    why = models.JSONField(default=list)
    did = models.JSONField(default=list)
    depth = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "event_id"],
                name="rule_once_per_event",
                condition=models.Q(event_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["rule", "case", "moment"],
                name="rule_once_per_moment",
                condition=models.Q(moment__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["rule", "-id"], name="run_of_rule"),
            models.Index(fields=["rule", "at"], name="run_lately"),
        ]
