"""Forms on the web, by configuration."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel


class Form(ScopedModel):
    """A form of one entry point. `fields` lists the extra questions, in order, as
    `{"name", "label", "kind": text|textarea|choice|date, "required", "choices"}`.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="form")
    title = models.CharField(_("title"), max_length=200)
    introduction = models.TextField(_("introduction"), blank=True)
    fields = models.JSONField(_("questions"), default=list, blank=True)
    ask_phone = models.BooleanField(_("ask for a phone number"), default=True)
    take_files = models.BooleanField(_("take files"), default=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("form")
