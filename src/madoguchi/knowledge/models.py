"""Reply templates."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class ReplyTemplate(ScopedModel):
    """A text to answer with. `{{customer}}`, `{{case}}`, `{{agent}}` and `{{desk}}` are filled in."""

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
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ScopedModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="template_name_once_per_company")
        ]
        verbose_name = _("reply template")

    def __str__(self) -> str:
        return self.name
