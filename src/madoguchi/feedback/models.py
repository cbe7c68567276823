"""What leaders tell their people, who has read it, and praise among colleagues."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk, OperatorCompany
from madoguchi.infra.scope import ScopedModel


class Briefing(ScopedModel):
    """What a leader tells the people of one operator at a desk, until it is withdrawn."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    operator = models.ForeignKey(OperatorCompany, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(_("what changed"), max_length=100)
    text = models.TextField(_("text"), max_length=5_000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["desk", "operator", "-at"], name="briefing_of_desk")]


class BriefingReading(ScopedModel):
    """That somebody confirmed to have read a briefing."""

    briefing = models.ForeignKey(Briefing, on_delete=models.CASCADE, related_name="readings", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["briefing", "user"], name="briefing_read_once")]


class Praise(ScopedModel):
    """What somebody (`user`) praises of how a colleague (`to`) handled a case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    words = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["to", "-id"], name="praise_of_person"),
            models.Index(fields=["case"], name="praise_of_case"),
        ]
