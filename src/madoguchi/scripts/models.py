"""Which way somebody went through a talk script in a case, and by which one callers of a number are spoken with."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from madoguchi.cases.models import Case
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import Article, ArticleVersion


class Walk(ScopedModel):
    """That somebody walks through a version of a script in a case: `path` are the steps by their ids in that version,
    the first of the script first; the last is where they stand. Until `ended_at` they are under way.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(ArticleVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    path = ArrayField(models.PositiveIntegerField())
    at = models.DateTimeField()
    moved_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "at"], name="walks_of_case"),
            models.Index(fields=["version", "at"], name="walks_of_script"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=models.Q(ended_at=None), name="one_walk_under_way"
            )
        ]


class NumberScript(ScopedModel):
    """The talk script by which callers of a number are spoken with, whichever version is in force."""

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"{self.entry_point_id}: {self.article_id}"
