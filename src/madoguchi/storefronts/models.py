"""Shops elsewhere in which a company sells, what they hand in, and what is what there and here."""

import json

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField


class Storefront(ScopedModel):
    """A shop elsewhere that tells us of its orders. `key` is in the address to which it posts, `secret` signs what it
    posts; `desk` looks after its orders, and `heard_at` is when it last handed something in. `domain` is by which
    Shopify calls it (hanamoto.myshopify.com): one secret may sign for several of its shops.
    """

    class Kind(models.TextChoices):
        """In whose words it speaks."""

        OWN = "own", _("A shop of your own (Madoguchi's shop API)")
        SHOPIFY = "shopify", "Shopify"

    kind = models.CharField(_("kind of shop"), max_length=10, choices=Kind.choices)
    name = models.CharField(pgettext_lazy("of a shop", "name"), max_length=100)
    desk = models.ForeignKey(
        Desk, verbose_name=_("desk"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    key = models.CharField(max_length=40, unique=True)
    secret = SecretField()
    domain = models.CharField(_("domain of the shop"), max_length=100, blank=True, db_default="")
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("connected shop")

    def __str__(self) -> str:
        return self.name


class Counterpart(ScopedModel):
    """Something as the shop calls it (`theirs`), and what it is here: an id of ours by `kind`, or None.

    `version` and `tie` are those of the newest that was told of it: what is older changes nothing.
    """

    storefront = models.ForeignKey(
        Storefront, on_delete=models.CASCADE, related_name="counterparts", db_index=False
    )
    kind = models.CharField(max_length=12)
    theirs = models.CharField(max_length=120)
    ours = models.BigIntegerField(null=True)
    version = models.BigIntegerField(default=0)
    tie = models.BigIntegerField(default=0)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["storefront", "kind", "theirs"], name="counterpart_once")
        ]
        indexes = [models.Index(fields=["company", "kind", "ours"], name="counterpart_by_ours")]


class Handed(ScopedModel):
    """One thing that a shop handed in, under the name that it gave it. `body` is what it says until it is taken.

    `needs` is what must be known first (`order 820982`), `why` what is wrong with it, in the words of who looks.
    """

    class State(models.TextChoices):
        """What became of it."""

        NEW = "new", _("Just came in")
        WAITING = "waiting", _("Waits for what it belongs to")
        TAKEN = "taken", _("Taken in")
        KNOWN = "known", _("Nothing new")
        WRONG = "wrong", _("Could not be taken in")
        ASIDE = "aside", _("Put aside by us")

    storefront = models.ForeignKey(
        Storefront, on_delete=models.CASCADE, related_name="handed", db_index=False
    )
    name = models.CharField(max_length=200)
    topic = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    triggered = models.BigIntegerField(default=0)
    body = models.JSONField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    needs = models.CharField(max_length=140, blank=True)
    why = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["storefront", "name"], name="handed_in_once")]
        indexes = [
            models.Index(fields=["storefront", "state", "-id"], name="handed_by_state"),
            models.Index(
                fields=["storefront", "needs"], name="handed_waiting", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["at"], name="handed_by_age"),
        ]

    @property
    def written(self) -> str:
        """What it says, for who looks."""
        return json.dumps(self.body, ensure_ascii=False, indent=1)
