"""Reply templates, and how each was before."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class ReplyTemplate(ScopedModel):
    """A text to answer with, in which variables are filled in and parts stand under conditions (`conditions`).

    `owner` is whoever sees to it that it stays right; `version` the number of its latest `TemplateVersion`.
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
    """How a template was from `at` on, and who made it so: nobody is known of one older than its first version."""

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

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]
