"""What works together, as the company knows it and from where. `models` has this too."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel


class Fit(ScopedModel):
    """Whether a product works with another one of the company, or with a model from `outside`, and where that stands.

    Of two products the one with the lower id is `product`. `folded` is what an outside model is found by. `user` is who
    said so last.
    """

    class Verdict(models.TextChoices):
        """Whether the two work together."""

        WORKS = "works", pgettext_lazy("together", "Works")
        CONDITIONS = "conditions", pgettext_lazy("together", "Works with conditions")
        FAILS = "fails", pgettext_lazy("together", "Does not work")

    product = models.ForeignKey(
        "commerce.Product", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    other = models.ForeignKey(
        "commerce.Product", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    outside = models.CharField(_("model from outside"), max_length=200, blank=True)
    folded = models.CharField(max_length=400, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    conditions = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=500)
    sourced_on = models.DateField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["other"], name="fit_of_other")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "other"], name="fit_once_per_pair", condition=models.Q(other__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["product", "folded"], name="fit_once_per_model", condition=models.Q(other=None)
            ),
            models.CheckConstraint(
                name="fit_is_of_two",
                condition=models.Q(other=None, folded__gt="")
                | models.Q(other__isnull=False, other__gt=models.F("product"), folded="", outside=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.other or self.outside}"
