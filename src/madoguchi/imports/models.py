"""What came from another system, by its name there, so that it comes once; and files that people upload."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel


class Origin(ScopedModel):
    """Where a row came from: the system (`source`), what it was there (`kind`) and its id there; and what it became.

    `message_id`, `note_id` and `order_id` are plain ids. `number` is what people there called a case by. `version` is
    the case's when the import last left it: one that has another now was worked on here since.
    """

    class Kind(models.TextChoices):
        """What something was in the other system."""

        CUSTOMER = "customer"
        CASE = "case"
        MESSAGE = "message"
        NOTE = "note"
        MAIL = "mail"
        ORDER = "order"

    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    external_id = models.CharField(max_length=250)
    number = models.CharField(max_length=100, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    message_id = models.BigIntegerField(null=True)
    note_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "source", "kind", "external_id"], name="came_once")
        ]


class Upload(ScopedModel):
    """Files that somebody uploaded, to be brought in through a desk: looked at first, then brought in by a job. Of
    articles, which are the whole company's, there is no desk.

    `asked` is what they say of the files (`asking.py`), `files` their names with SHA-256 and length, `folder` where
    they lie until `thrown_away_at`. `size` and `read` are bytes; the first `passed` records are settled; `found` is
    what they came to (`findings.py`). `begun` is how often a worker began and settled none; `trouble` is for people.
    """

    class State(models.TextChoices):
        """How far it is. What a stopped one brought in stays, and it can go on."""

        LOOKING = "looking", _("Being looked at")
        LOOKED = "looked", _("Looked at")
        RUNNING = "running", _("Coming in")
        DONE = "done", _("All done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Not readable")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    system = models.CharField(max_length=20)
    source = models.CharField(max_length=39, blank=True)
    asked = models.JSONField(default=dict)
    folder = models.CharField(max_length=32)
    files = models.JSONField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.LOOKING)
    size = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)
    begun = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    thrown_away_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["desk", "-id"], name="upload_of_desk"),
            models.Index(fields=["id"], name="upload_kept", condition=models.Q(thrown_away_at__isnull=True)),
        ]

    @property
    def under_way(self) -> bool:
        """Whether a job works on it, or should."""
        return self.state in (self.State.LOOKING, self.State.RUNNING)


class UploadLine(ScopedModel):
    """What a person should know of one record of an upload: where it stands, what became of it, and why."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="lines", db_index=False)
    place = models.CharField(max_length=300)
    record = models.CharField(max_length=250, blank=True)
    outcome = models.CharField(max_length=10)
    reason = models.CharField(max_length=600)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["upload", "id"], name="line_of_upload")]
