"""Chats on web pages, by configuration, and who has come there."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel


class Widget(ScopedModel):
    """The chat of one entry point: what it says, and on whose pages it may stand (`sites`, as https://shop.example).

    An answer that a visitor who has left did not see goes to the mail address they gave, after `mail_after` minutes.
    """

    class Ask(models.TextChoices):
        """When a visitor is asked for name and mail address."""

        NEVER = "never", _("not asked")
        OPTIONAL = "optional", _("they may be given")
        REQUIRED = "required", _("both are needed")

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="widget")
    title = models.CharField(_("title"), max_length=100, blank=True)
    greeting = models.TextField(_("greeting"), max_length=1000, blank=True)
    hue = models.PositiveSmallIntegerField(
        _("colour (hue)"), null=True, blank=True, validators=[MaxValueValidator(359)]
    )
    sites = ArrayField(models.CharField(max_length=255), verbose_name=_("sites"), default=list, blank=True)
    ask = models.CharField(
        _("ask for name and mail address"), max_length=10, choices=Ask.choices, default=Ask.OPTIONAL
    )
    mail_after = models.PositiveSmallIntegerField(
        _("minutes until an unseen answer goes by mail"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
    )

    class Meta(ScopedModel.Meta):
        verbose_name = _("chat")


class Visit(ScopedModel):
    """Somebody who wrote in a chat, in one browser. `visitor` is what they are known by (`kernel/identity.py`).

    `called` and `address` are what they say of themselves, which proves nothing.
    """

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    visitor = models.CharField(max_length=40)
    called = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=254, blank=True)
    began_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "visitor"], name="visit_once_per_company")]
