"""Macros, and what each run of one changed."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class MacroState(models.TextChoices):
    """How far the words of a macro are. What waits is held back only where the company approves words of macros."""

    DRAFT = "draft", pgettext_lazy("article", "Draft")
    WAITS = "waits", pgettext_lazy("article", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("article", "Approved")


class Macro(ScopedModel):
    """Several acts under a name (`acts`, as `steps` reads them): for a desk, or without one for its owner alone, at the
    desks of one company.

    `state` is how far its words are, which `words_by` wrote; who approves said `comment` on giving them back.
    `proposed` is what it would be in place of what is offered: `{"name", "acts", "waits"}`, a draft unless it waits for
    approval. `deleted_at` is when it was put away; it may be had back.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    desk = models.ForeignKey(Desk, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    acts = models.JSONField()
    state = models.CharField(
        max_length=10, choices=MacroState.choices, default=MacroState.WAITS, db_default="waits"
    )
    proposed = models.JSONField(null=True)
    words_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    comment = models.CharField(max_length=500, blank=True, default="", db_default="")
    deleted_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(
                fields=["company", "desk"],
                name="macro_of_company",
                condition=models.Q(deleted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def where(self) -> dict[str, Any]:
        """Where its events stand in the log."""
        return {"company": self.company_id, "desk": self.desk_id}


class MacroRun(ScopedModel):
    """A macro that somebody ran on a case. `before` is how the case stood and `version` the case's own afterwards, by
    which one knows whether anything happened to it since; `draft` is what the answer being written was before and
    after, `tasks` are those that it set.
    """

    macro = models.ForeignKey(Macro, on_delete=models.CASCADE, related_name="runs")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    before = models.JSONField()
    version = models.PositiveIntegerField(null=True)
    draft = models.JSONField(null=True)
    noted = models.BooleanField(default=False)
    tasks = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    @property
    def cause(self) -> str:
        """What every event that it causes names."""
        return f"macro:{self.pk}"
