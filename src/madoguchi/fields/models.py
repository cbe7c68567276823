"""Fields of a desk's own, and kinds of matter."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class Field(ScopedModel):
    """One thing that a desk wants to know of its cases. The values are the cases' own, under its id.

    It is shown where the field `only_if` has one of `only_values`, or refers to something at all. `holds` names the
    customer's data that stands in it, which the reader's data scope then masks or hides. `meaning` says of one of those
    that tell what a customer is really after which one it is; a desk asks each once. A field is never deleted: values
    of a removed one stay readable.
    """

    class Kind(models.TextChoices):
        """What its values are."""

        TEXT = "text", pgettext_lazy("kind of field", "Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        TREE = "tree", _("Choice in levels")
        CUSTOMER = "customer", _("Another customer")
        PRODUCT = "product", pgettext_lazy("kind of field", "Product")
        ORDER = "order", pgettext_lazy("kind of field", "Order")

    class Meaning(models.TextChoices):
        """What a customer asks and what they are after, what was proposed to them, and whether they took it."""

        STATED = "stated", _("What the customer asks")
        PURPOSE = "purpose", _("What they want in the end")
        PROPOSAL = "proposal", _("What was proposed to them")
        TAKEN = "taken", _("Whether they took it")

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    meaning = models.CharField(max_length=10, choices=Meaning.choices, blank=True, default="", db_default="")
    label = models.CharField(max_length=60)
    help = models.CharField(max_length=300, blank=True)
    required = models.BooleanField(default=False)
    choices = ArrayField(models.CharField(max_length=200), default=list)
    holds = models.CharField(max_length=10, blank=True)
    only_if = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    only_values = ArrayField(models.CharField(max_length=200), default=list)
    place = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "label"],
                condition=models.Q(removed_at=None),
                name="field_label_once_per_desk",
            ),
            models.UniqueConstraint(
                fields=["desk", "meaning"],
                condition=models.Q(removed_at=None) & ~models.Q(meaning=""),
                name="field_meaning_once_per_desk",
            ),
        ]
        indexes = [models.Index(fields=["desk", "place", "id"], name="field_of_desk")]

    def __str__(self) -> str:
        return self.label

    @property
    def key(self) -> str:
        """Under what a case keeps its value."""
        return str(self.pk)


class Matter(ScopedModel):
    """A kind of matter at a desk, with its form: the ids of `fields`, in order. One taken out of use keeps its name."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    fields = ArrayField(models.BigIntegerField(), default=list)
    place = models.PositiveSmallIntegerField(default=0)
    removed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "name"],
                condition=models.Q(removed_at=None),
                name="matter_name_once_per_desk",
            )
        ]
        indexes = [models.Index(fields=["desk", "place", "id"], name="matter_of_desk")]

    def __str__(self) -> str:
        return self.name
