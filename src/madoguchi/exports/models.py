"""A list of cases that somebody takes along as a file."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.infra.scope import ScopedModel


class Export(ScopedModel):
    """What a list showed of one company, as a table, with the rights that its owner has while it is made.

    `wanted` says which list (`lists.Wanted`), `called` what that is called, `columns` what it shows of each case. The
    file is kept under `sha256` until it is taken, which is once (`taken_at`). After a day all of it goes.
    """

    class State(models.TextChoices):
        """How far it is."""

        RUNNING = "running", _("Being written")
        READY = "ready", _("Ready")
        CANCELLED = "cancelled", _("Stopped")
        FAILED = "failed", _("Not written")
        TAKEN = "taken", _("Handed out")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    wanted = models.JSONField()
    called = models.CharField(max_length=200)
    columns = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    reason = models.CharField(max_length=300, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["owner", "-id"], name="export_of_owner"),
            models.Index(fields=["finished_at"], name="export_by_end"),
        ]

    @property
    def holds_articles(self) -> bool:
        """Whether it is an archive of all that the company knows, and no list of cases."""
        return bool(self.wanted.get("articles"))

    @property
    def records(self) -> str:
        """Whether it holds `customers`, `orders` or `parcels`; empty for none of these."""
        return str(self.wanted.get("records", ""))

    @property
    def under_way(self) -> bool:
        """Whether it is still being written."""
        return self.state == self.State.RUNNING
