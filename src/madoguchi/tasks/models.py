"""Tasks of cases; plans, and how each was before."""

import json

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel import clock


class Plan(ScopedModel):
    """Steps that cases of one desk (None: of all desks) need again and again, in order; `due` says how they are kept.

    `owner` is whoever sees to it that it stays right; `version` the number of its latest `PlanVersion`.
    """

    desk = models.ForeignKey(
        Desk, null=True, on_delete=models.CASCADE, related_name="+", db_index=False, verbose_name=_("desk")
    )
    name = models.CharField(_("name"), max_length=60)
    steps = models.JSONField(default=list)
    active = models.BooleanField(_("in use"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="plan_name_once_per_company")]

    def __str__(self) -> str:
        return self.name


class PlanVersion(ScopedModel):
    """How a plan was from `at` on, and who made it so."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    steps = models.JSONField(default=list)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="plan_version_once")]


class Task(ScopedModel):
    """One thing to be done in a case. It stays at the case it was made in; where that went on in another one, it is
    read as a task of that.

    `former` is what it was called before, `{"title", "until"}` each, until the event that told of the change.
    `minutes` is how long it should take. `told_at` is when it was told that it fell due; `version` grows with each
    change of its words, its owner or its time.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    title = models.CharField(max_length=200)
    former = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    place = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    removed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.CheckConstraint(
                name="task_due_on_a_day_that_can_be_meant",
                condition=models.Q(due_at__gte=clock.EARLIEST, due_at__lt=clock.LATEST),
            )
        ]
        indexes = [
            models.Index(fields=["case", "place", "id"], name="task_of_case"),
            # A plan that goes asks for its tasks; most have none.
            models.Index(fields=["plan"], name="task_of_plan", condition=models.Q(plan__isnull=False)),
            models.Index(
                fields=["owner", "due_at"],
                name="task_of_owner",
                condition=models.Q(done_at=None, removed_at=None),
            ),
            models.Index(
                fields=["due_at"],
                name="task_falling_due",
                condition=models.Q(done_at=None, removed_at=None, told_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def title_at(self, event: int) -> str:
        """What it was called when an event told of it; before the change, where that is what it told of."""
        # A prepared query reads JSON as text.
        former = json.loads(self.former) if isinstance(self.former, str) else self.former
        return next((one["title"] for one in former if one["until"] >= event), self.title)

    @property
    def home(self) -> Case:
        """The case where it is worked on: its own, or the one in which that went on."""
        return self.case.continued_in or self.case
