"""Scenarios of bots, and how each was before."""

from django.conf import settings
from django.db import models

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class ScenarioVersion(ScopedModel):
    """A scenario of a desk's bot in one of our languages (`nodes`, see `tree`). What customers see is the one that has
    begun and not ended; the newest that never began is the draft, which alone changes: `revision` counts how often,
    and `before` is how it stood before the last change.
    """

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(max_length=5)
    number = models.PositiveIntegerField()
    nodes = models.JSONField()
    before = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["desk", "language", "number"], name="scenario_version_once"),
            models.UniqueConstraint(
                fields=["desk", "language"],
                condition=models.Q(begun_at__isnull=False, ended_at__isnull=True),
                name="scenario_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["desk", "language"],
                condition=models.Q(begun_at__isnull=True),
                name="scenario_draft_once",
            ),
        ]
