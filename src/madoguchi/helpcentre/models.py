"""Help centres, and whether what stood in them helped."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import ArticleVersion


class HelpCentre(ScopedModel):
    """A company's help centre: nobody outside reads a word of it until it `is_open`.

    `contact` is the form that whoever found nothing is led to. Under `host` it stands at an address of the company's
    own, once the DNS has proven (`host_proven_at`) that it is theirs.
    """

    is_open = models.BooleanField(_("open to everybody"), default=False)
    title = models.CharField(_("title"), max_length=80, blank=True, default="")
    introduction = models.CharField(_("introduction"), max_length=400, blank=True, default="")
    contact = models.ForeignKey(
        EntryPoint,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        verbose_name=_("form to write to us"),
    )

    host = models.CharField(_("address of your own"), max_length=253, blank=True, default="", db_default="")
    host_proven_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company"], name="help_centre_once"),
            models.UniqueConstraint(
                fields=["host"],
                condition=models.Q(host_proven_at__isnull=False),
                name="help_centre_host_once",
            ),
        ]


class Logo(ScopedModel):
    """The picture at the head of a company's help centre, drawn anew when it came in; `digest` names these bytes."""

    content = models.BinaryField()
    digest = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="help_centre_logo_once")]


class Judgement(ScopedModel):
    """Whether a version of an article helped a visitor, by their last word. Who they are is not kept: `visitor` is a
    name under which their words count once.
    """

    version = models.ForeignKey(ArticleVersion, on_delete=models.CASCADE, related_name="+", db_index=False)
    visitor = models.CharField(max_length=32)
    helped = models.BooleanField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "visitor"], name="judged_once")]
