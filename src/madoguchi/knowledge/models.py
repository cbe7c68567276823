"""Reply templates and articles, and how each was before."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class TemplateState(models.TextChoices):
    """How far the words of a template are."""

    DRAFT = "draft", pgettext_lazy("article", "Draft")
    REVIEW = "review", pgettext_lazy("article", "Waits for approval")
    APPROVED = "approved", pgettext_lazy("article", "Approved")


class ReplyTemplate(ScopedModel):
    """A text to answer with, in which variables are filled in and parts stand under conditions (`conditions`).

    `owner` is whoever sees to it that it stays right, until `review_on` at the latest; `version` the number of the
    `TemplateVersion` that it says. It is offered once that is approved (`state`), and not after `ends_on`, and first to
    who answers a customer of one of these `feelings`. `told_due` is what its owner was told of it falling due.
    """

    desk = models.ForeignKey(
        Desk,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        verbose_name=_("desk"),
        help_text=_("Empty: all desks."),
    )
    name = models.CharField(_("name"), max_length=100)
    body = models.TextField(_("text"))
    active = models.BooleanField(_("in use"), default=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        verbose_name=_("who looks after it"),
    )
    version = models.PositiveIntegerField(default=1, db_default=1)
    state = models.CharField(
        max_length=10, choices=TemplateState.choices, default=TemplateState.APPROVED, db_default="approved"
    )
    review_on = models.DateField(_("to be looked at again on"), null=True, blank=True)
    ends_on = models.DateField(_("offered until"), null=True, blank=True)
    feelings = ArrayField(models.CharField(max_length=10), default=list, db_default=[], blank=True)
    told_due = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ScopedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="template_name_once_per_company")
        ]
        verbose_name = _("reply template")

    def __str__(self) -> str:
        return self.name


class TemplateVersion(ScopedModel):
    """How a template was from `at` on, and who made it so: nobody is known of one older than its first version.

    What is proposed of a template that is offered is its newest version, and not approved; `comment` is what the
    approver said on giving it back.
    """

    template = models.ForeignKey(
        ReplyTemplate, on_delete=models.CASCADE, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    body = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=TemplateState.choices, default=TemplateState.APPROVED, db_default="approved"
    )
    comment = models.CharField(max_length=500, blank=True, default="", db_default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]


class Article(ScopedModel):
    """What a company knows of one question: settings here, words in its versions.

    `title` is that of the newest version, `newest` its number. `revision` counts every change of words, so that two
    who write at once learn of each other. An article that is retired is nowhere offered, and kept. `origin` is the key
    under which it was brought in from an archive (`archive`). A translation names its `original`, which is none itself.
    One that is `restricted` is read by the company's own people and those of these `operators` (by id) alone; it is
    for operators, for what customers may read is nobody's secret. A script (`steps`) is for operators, too: what of it
    customers hear, somebody says. `told_due` is what its owner was told of it falling due.
    """

    class Kind(models.TextChoices):
        """What its words are."""

        ARTICLE = "article", pgettext_lazy("article", "Article")
        SCRIPT = "script", pgettext_lazy("article", "Talk script")

    class Audience(models.TextChoices):
        """Who reads it."""

        CUSTOMER = "customer", pgettext_lazy("article", "For customers")
        OPERATOR = "operator", pgettext_lazy("article", "For operators only")
        BOTH = "both", pgettext_lazy("article", "For customers and operators")

    class Language(models.TextChoices):
        """In which language it is written."""

        JA = "ja", _("Japanese")
        EN = "en", _("English")

    desk = models.ForeignKey(
        Desk, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("desk")
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ARTICLE, db_default="article")
    title = models.CharField(pgettext_lazy("article", "title"), max_length=150)
    audience = models.CharField(
        _("who reads it"), max_length=10, choices=Audience.choices, default=Audience.BOTH
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.JA)
    folder = models.CharField(_("topic"), max_length=60, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        verbose_name=_("who looks after it"),
    )
    review_on = models.DateField(_("to be looked at again on"), null=True, blank=True)
    newest = models.PositiveIntegerField(default=1)
    revision = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True)
    original = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="translations", db_index=False
    )
    restricted = models.BooleanField(default=False, db_default=False)
    operators = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    origin = models.CharField(max_length=80, blank=True, default="", db_default="")
    told_due = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ScopedModel.Meta):
        ordering = ["folder", "title", "id"]
        indexes = [models.Index(fields=["company", "folder", "title"], name="article_by_topic")]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "origin"], name="article_once_of_origin", condition=~models.Q(origin="")
            ),
            models.UniqueConstraint(
                fields=["original", "language"],
                name="article_translated_once",
                condition=models.Q(original__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(restricted=False) | models.Q(audience="operator"),
                name="restricted_article_is_inner",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="script") | models.Q(audience="operator"), name="script_is_inner"
            ),
        ]
        verbose_name = _("article")

    def __str__(self) -> str:
        return self.title


class ArticleVersion(ScopedModel):
    """The words of an article, by whom and when. Once approved they never change.

    An approved one is in force from `valid_from` until the next that has begun, or `valid_until`. `comment` is what
    the approver said. `corrects` says that what stood before was wrong. Which versions those are they say themselves:
    from `wrong_at` on one is in force nowhere, and those who were told it are to hear. Of a translation `follows` is
    the number of the original's version that it says in its own language. `reading` is how an approved one sounds, in
    kana, for whoever types it so; empty until it was read.
    """

    class State(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", pgettext_lazy("article", "Draft")
        REVIEW = "review", pgettext_lazy("article", "Waits for approval")
        APPROVED = "approved", pgettext_lazy("article", "Approved")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=150)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    comment = models.CharField(max_length=500, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    corrects = models.BooleanField(default=False)
    wrong_at = models.DateTimeField(null=True)
    reading = models.TextField(default="", db_default="")
    follows = models.PositiveIntegerField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once"),
            models.CheckConstraint(
                condition=~models.Q(state="approved") | models.Q(valid_from__isnull=False),
                name="approved_version_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "article"], name="version_to_approve", condition=models.Q(state="review")
            ),
            models.Index(
                fields=["article", "-number"],
                name="version_found_wrong",
                condition=models.Q(wrong_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleFile(ScopedModel):
    """A picture or a file within an article, by the `name` under which its words call it (`enclosed`); of no article
    yet while whoever added it (`user`) has not saved. All versions share it: it never changes, and stays while there
    is the article.
    """

    article = models.ForeignKey(
        Article, null=True, on_delete=models.CASCADE, related_name="files", db_index=False
    )
    name = models.CharField(max_length=20)
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "name", "article"], name="article_file_once")
        ]
        indexes = [models.Index(fields=["article", "name"], name="files_of_article")]


class ArticleReading(ScopedModel):
    """How far somebody has read an article: up to this version of it (`number`), which they marked themselves."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["article", "user"], name="article_reading_once")]


class ArticlePolicy(ScopedModel):
    """How a company wants its articles approved: with `four_eyes` nobody approves their own words, and with
    `macro_words` what macros put into answers is approved, too.
    """

    four_eyes = models.BooleanField(default=False)
    macro_words = models.BooleanField(default=False, db_default=False)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="article_policy_once")]


class Contradiction(ScopedModel):
    """That two versions seem to contradict each other, by a sentence of each (`says`, `other`), until one of them is in
    force no more. Somebody who approves both says whether they do; then no bot says either.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", pgettext_lazy("contradiction", "To be looked at")
        CONFIRMED = "confirmed", pgettext_lazy("contradiction", "They contradict each other")
        ASIDE = "aside", pgettext_lazy("contradiction", "They do not")

    first = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    says = models.CharField(max_length=200)
    other = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="contradiction_once")]
        indexes = [models.Index(fields=["company", "state"], name="contradictions_of_company")]
