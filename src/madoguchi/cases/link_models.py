"""How cases belong together. `models` has these too, and everybody takes them from there."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.infra.scope import ScopedModel


class CaseLink(ScopedModel):
    """How two cases belong together: `other` is what `kind` says of it to `case` (its parent, what it is a duplicate
    of, its cause), or both have the same defect; then `case` is the one with the lower id.

    It stays with the cases it was made between: where one has gone on elsewhere, reading follows. One that was taken
    away (`removed_at`) is kept, to be put back.
    """

    class Kind(models.TextChoices):
        """How they belong together."""

        PARENT = "parent", _("Parent case")
        DUPLICATE = "duplicate", _("Duplicate of")
        CAUSE = "cause", _("Caused by")
        DEFECT = "defect", _("Same defect")

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "other"],
                condition=models.Q(removed_at=None),
                name="case_linked_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(case=models.F("other")), name="case_linked_to_another"
            ),
        ]
        indexes = [
            models.Index(fields=["other"], name="link_to_case", condition=models.Q(removed_at=None)),
        ]


class ToldApart(ScopedModel):
    """That somebody said of two cases that they are no duplicates, so nobody is asked again. `case` is the lower id."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["case", "other"], name="told_apart_once")]
