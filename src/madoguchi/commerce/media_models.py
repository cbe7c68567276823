"""What a company publishes in media: newspapers, television, catalogues. `models` has it too."""

from django.db import models

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel


class MediaEvent(ScopedModel):
    """Something that appears in a medium at a moment and names a number or address of ours. `code` is how the company
    tells it from others, `circulation` how many copies or viewers it has, `cost` what it costs in yen, and `expected`
    how many calls are thought to come of it (None: as those before in this medium).
    """

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=40)
    medium = models.CharField(max_length=200)
    appears_at = models.DateTimeField()
    circulation = models.PositiveIntegerField()
    cost = models.PositiveIntegerField(default=0)
    expected = models.PositiveIntegerField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="media_code_once")]
        indexes = [models.Index(fields=["entry_point", "appears_at"], name="media_event_of_number")]

    def __str__(self) -> str:
        return self.code
