"""What customers ask and no article says, and the search for it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import Article


class Search(ScopedModel):
    """One search through what customers of a company wrote: at night, or because somebody (`owner`) wanted it now.

    `done` of `total` messages are read.
    """

    class State(models.TextChoices):
        """How far it is."""

        RUNNING = "running", pgettext_lazy("gaps", "Being searched")
        DONE = "done", pgettext_lazy("gaps", "Searched")
        CANCELLED = "cancelled", pgettext_lazy("gaps", "Stopped")
        FAILED = "failed", pgettext_lazy("gaps", "Not searched")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    found = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "-id"], name="gap_search_of_company")]
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(state="running"), name="gap_search_one_at_a_time"
            )
        ]


class Rehearsal(ScopedModel):
    """A rehearsal of leaving that somebody (`owner`) had: which of the cases of 30 days a team would solve by articles
    alone. `done` of `total` cases are tried; `cases` are what was found (`leaving.Tried`), `fresh` the articles among
    them that came into force lately; `unwritten` cases began without a written word and were not tried. `stock` is
    what it comes to (`leaving.Stock`); None until it went through, and of older ones.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=Search.State.choices, default=Search.State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    cases = models.JSONField(default=list)
    stock = models.JSONField(null=True)
    fresh = ArrayField(models.BigIntegerField(), default=list)
    unwritten = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "-id"], name="rehearsal_of_company")]
        constraints = [
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(state="running"), name="rehearsal_one_at_a_time"
            )
        ]


class Gap(ScopedModel):
    """Something that customers ask and no article says: a word that rises, questions that are alike, or what somebody
    who answers could not look up.

    `words` name it, and are words of several customers or of ours, with what they are `about` where that is asked for
    at some page, which each reader sees in their language (`named`); `figures` say why it was found (`rising.Rise`, how
    many questions of how many customers, or how often it was asked for); `messages` are ids of what was written, the
    newest first. `first_at` is when it was first written, `seen_at` when it was found last. `article` is the draft that
    was begun of it; where an article that is there falls short, that is what it `improves`. `put_off_at` is when a
    night tried last to begin one and could not.
    """

    class Kind(models.TextChoices):
        """What was found."""

        WORD = "word", _("Word that rises")
        QUESTIONS = "questions", _("Questions without an answer")
        ASKED = "asked", _("Asked for at a case")
        UNHELPFUL = "unhelpful", _("Did not help customers")
        LEFT = "left", _("Customers left at it")

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", pgettext_lazy("gap", "Open")
        DRAFTED = "drafted", pgettext_lazy("gap", "Article begun")
        ASIDE = "aside", pgettext_lazy("gap", "Set aside")

    class About(models.TextChoices):
        """At which page it was asked for, if one has a name of its own for it."""

        NOTHING = "", ""
        FIT = "fit", pgettext_lazy("gap", "Compatibility")
        DIAGNOSIS = "diagnosis", pgettext_lazy("gap", "Diagnosis")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    about = models.CharField(max_length=10, choices=About.choices, blank=True, default="", db_default="")
    words = ArrayField(models.CharField(max_length=100))
    figures = models.JSONField()
    messages = ArrayField(models.BigIntegerField(), default=list)
    first_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    article = models.ForeignKey(
        Article, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    improves = models.ForeignKey(
        Article, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    settled_at = models.DateTimeField(null=True)
    put_off_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "state", "-seen_at"], name="gap_of_company")]

    @property
    def named(self) -> list[str]:
        """By which words it is shown."""
        return [str(self.get_about_display()), *self.words] if self.about else list(self.words)
