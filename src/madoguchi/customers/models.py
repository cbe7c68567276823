"""Customers and their identities."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel.identity import IdentityKind


class Customer(ScopedModel):
    """One person or firm of one company. Never matched with another company's customers.

    A record that turned out to be of the same person as another is empty: `joined_into` has all that hung on it. The
    database itself leads there whatever is still written for it.
    """

    class MailFormat(models.TextChoices):
        """In which form their mail software reads our answers."""

        AS_DESK = "", _("As the desk sends mail")
        PLAIN = "plain", _("Plain words alone")
        OLD_LETTERS = "jis", _("For old phones and mail software (ISO-2022-JP)")

    name = models.CharField(pgettext_lazy("of a customer", "name"), max_length=200, blank=True)
    kana = models.CharField(_("reading"), max_length=200, blank=True)
    address = models.CharField(_("postal address"), max_length=300, blank=True)
    memo = models.TextField(_("memo"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="ja")
    mail_format = models.CharField(
        _("form of mail"), max_length=10, choices=MailFormat.choices, blank=True, db_default=""
    )
    created_at = models.DateTimeField()
    joined_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "kana"], name="customer_by_kana"),
            models.Index(
                fields=["joined_into"], name="customer_joined", condition=models.Q(joined_into__isnull=False)
            ),
        ]
        verbose_name = _("customer")

    def __str__(self) -> str:
        return self.name


class Identity(ScopedModel):
    """An address that reaches a customer; `value` is canonical, `written` as the customer writes it.

    `undeliverable_at` is since when mail to it comes back, `undeliverable_why` what the server said.
    """

    class Kind(models.TextChoices):
        """The kinds of addresses."""

        EMAIL = IdentityKind.EMAIL, _("Mail")
        PHONE = IdentityKind.PHONE, _("Phone")
        LINE = IdentityKind.LINE, "LINE"
        WEB = IdentityKind.WEB, _("Web visitor")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=254)
    written = models.CharField(max_length=254)
    undeliverable_at = models.DateTimeField(null=True)
    undeliverable_why = models.CharField(max_length=1000, blank=True, db_default="")

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "kind", "value"], name="identity_once_per_company")
        ]
        verbose_name = _("identity")

    def __str__(self) -> str:
        return self.written


class Join(ScopedModel):
    """That two records were of one person, and all that is needed to part them again exactly.

    What hung on `customer` hangs on `into` since. `moved` has the ids of what went over, by the model and the field
    that refers to a customer, and of addresses the kind and the value; `before` and `after` have the columns of `into`
    as `customers/joining.py` names them.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    into = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    moved = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["into", "id"], name="join_into_customer")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], name="joined_once", condition=models.Q(undone_at=None)
            )
        ]
