"""What is worth knowing about a customer, for a time. `models` has this too."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel


class CustomerNote(ScopedModel):
    """One thing worth knowing about a customer, until its last day; nobody is shown it after that.

    `case_id` is where it was learned. One that was taken away keeps when and by whom, so that it can be put back.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        WISH = "wish", pgettext_lazy("of a customer", "Wish")
        TASTE = "taste", pgettext_lazy("of a customer", "Likes and dislikes")
        SITUATION = "situation", pgettext_lazy("of a customer", "Circumstances")
        CAUTION = "caution", pgettext_lazy("of a customer", "To mind")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=300)
    until = models.DateField()
    case_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["customer", "until"], name="note_of_customer")]

    def __str__(self) -> str:
        return self.text
