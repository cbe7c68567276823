"""Help centres, and whether what stood in them helped."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.knowledge.models import ArticleVersion


class HelpCentre(ScopedModel):
    """The help centre of a company, or of one of its desks: nobody outside reads a word of it until it `is_open`.

    `contact` is the form that whoever found nothing is led to. Under `host` it stands at an address of the company's
    own, once the DNS has proven (`host_proven_at`) that it is theirs. `accent_hue` is its colour, None the company's.
    """

    desk = models.ForeignKey(
        Desk, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
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

    accent_hue = models.PositiveSmallIntegerField(
        _("accent colour (hue)"), null=True, blank=True, validators=[MaxValueValidator(359)]
    )
    host = models.CharField(_("address of your own"), max_length=253, blank=True, default="", db_default="")
    host_proven_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "desk"], name="help_centre_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["host"],
                condition=models.Q(host_proven_at__isnull=False),
                name="help_centre_host_once",
            ),
        ]

    @property
    def of(self) -> str:
        """Whose it is: a company's, or a desk's."""
        return "desk" if self.desk_id else "company"

    @property
    def slug(self) -> str:
        """Its name in addresses: the company's short name, and which desk of it."""
        return f"{self.company.slug}--{self.desk_id}" if self.desk_id else self.company.slug


class Logo(ScopedModel):
    """The picture at the head of a help centre, a company's or a `desk`'s, drawn anew when it came in; `digest` names
    these bytes.
    """

    desk = models.ForeignKey(
        Desk, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    content = models.BinaryField()
    digest = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "desk"], name="help_centre_logo_once", nulls_distinct=False
            )
        ]


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
