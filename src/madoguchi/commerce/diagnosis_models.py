"""Symptoms of products, what causes them and what helps, and how often it did. `models` has this too."""

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel


class Symptom(ScopedModel):
    """Something that goes wrong with a product, or (without one) with any of the company's."""

    product = models.ForeignKey(
        "commerce.Product", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "name"], name="symptom_of_company")]

    def __str__(self) -> str:
        return self.name


class Remedy(ScopedModel):
    """One branch of a symptom: what may cause it, and what to do then. `place` is where it was written; one that is not
    `active` any more keeps what was learned of it.
    """

    symptom = models.ForeignKey(Symptom, on_delete=models.CASCADE, related_name="remedies", db_index=False)
    place = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=200)
    words = models.CharField(max_length=1000)
    active = models.BooleanField(default=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["symptom", "cause", "words"], name="remedy_once_per_symptom")
        ]

    def __str__(self) -> str:
        return self.cause


class Trial(ScopedModel):
    """What came of a remedy at one case; said again it is what was said last."""

    class Result(models.TextChoices):
        """Whether it helped."""

        HELPED = "helped", pgettext_lazy("a remedy", "Helped")
        FAILED = "failed", pgettext_lazy("a remedy", "Did not help")
        UNTRIED = "untried", pgettext_lazy("a remedy", "Not tried")

    remedy = models.ForeignKey(Remedy, on_delete=models.CASCADE, related_name="trials", db_index=False)
    case_id = models.BigIntegerField()
    result = models.CharField(max_length=10, choices=Result.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["remedy", "result"], name="trial_by_result", include=["company"])]
        constraints = [models.UniqueConstraint(fields=["remedy", "case_id"], name="trial_once_per_case")]
