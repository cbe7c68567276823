"""Complaints of cases."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Case
from madoguchi.infra.scope import ScopedModel


class Complaint(ScopedModel):
    """A complaint: what happened, what is demanded, and how it is said stand apart, for a rightful demand may be
    made loudly. `secondary_to` is the complaint whose handling it is about.

    `next_at` is when it is told that its time has run out; null once that is told, or it is closed. `version` grows
    with each change.
    """

    class Severity(models.IntegerChoices):
        """How grave it is."""

        SLIGHT = 1, pgettext_lazy("complaint", "1 Slight: an apology suffices")
        PLAIN = 2, pgettext_lazy("complaint", "2 Plain: exchange, refund or mending")
        SERIOUS = 3, pgettext_lazy("complaint", "3 Serious: other customers may be touched")
        CRITICAL = 4, pgettext_lazy("complaint", "4 Critical: people, law or the public")

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", pgettext_lazy("complaint", "Open")
        CLOSED = "closed", pgettext_lazy("complaint", "Closed")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    secondary_to = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="secondary", db_index=False
    )
    facts = models.TextField(_("what happened"))
    demand = models.TextField(_("what is demanded"), blank=True)
    manner = models.TextField(_("feeling and manner"), blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    due_at = models.DateTimeField()
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    corrective = models.TextField(_("what is mended"), blank=True)
    answer = models.TextField(_("what the customer was answered"), blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="complaint_of_case"),
            models.Index(fields=["company", "state", "due_at", "id"], name="complaint_by_due"),
            models.Index(
                fields=["next_at"], name="complaint_next", condition=models.Q(next_at__isnull=False)
            ),
            models.Index(
                fields=["secondary_to"],
                name="complaint_secondary",
                condition=models.Q(secondary_to__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.facts[:60]

    @property
    def home(self) -> Case:
        """The case where it is worked on: its own, or the one in which that went on."""
        return self.case.continued_in or self.case
