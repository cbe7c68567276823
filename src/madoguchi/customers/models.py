"""Customers and their identities."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.customers.belonging_models import Belonging as Belonging
from madoguchi.customers.note_models import CustomerNote as CustomerNote
from madoguchi.customers.place_models import PostalAddress as PostalAddress
from madoguchi.customers.unmasking_models import Unmasking as Unmasking
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField
from madoguchi.kernel.identity import IdentityKind


class Purpose(models.TextChoices):
    """What customers may be turned to for without having asked."""

    MATTER = "matter", _("About their own matters")
    OFFERS = "offers", _("Advertising and offers")
    SURVEY = "survey", _("Surveys")
    FOLLOW_UP = "follow_up", _("Guidance after a purchase")


class Way(models.TextChoices):
    """By which way they are turned to."""

    EMAIL = "email", _("Mail")
    PHONE = "phone", _("Phone")
    SMS = "sms", "SMS"
    LINE = "line", "LINE"
    LETTER = "letter", _("Letter")


class Customer(ScopedModel):
    """One person or firm of one company. Never matched with another company's customers.

    A record that turned out to be of the same person as another is empty: `joined_into` has all that hung on it. The
    database itself leads there whatever is still written for it. Since `use_stopped_at` the data is used for nothing
    but what law and open matters demand (利用停止, 個人情報保護法35条). `pace`, `detail` and
    `prefers` are how they wish to be spoken with, and by which way they would rather be reached. `former_names` are
    what they were called before, a line each: a name of birth, or of a firm until it took another. `rank` is of an
    account alone, and `alerted` are those who are told at once of severe trouble there (`account.Alerted`). `referral`
    is the code by which they recommend the company to others; empty until they were given one.
    """

    class Sort(models.TextChoices):
        """Whether the record is of one person, or of several who belong together."""

        PERSON = "", pgettext_lazy("of a record", "Person")
        HOUSEHOLD = "household", _("Household")
        FIRM = "firm", _("Firm")

    class Rank(models.TextChoices):
        """How much a household or firm as an account weighs, as the company ranks its accounts."""

        NONE = "", pgettext_lazy("of an account", "Without a rank")
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    class MailFormat(models.TextChoices):
        """In which form their mail software reads our answers."""

        AS_DESK = "", _("As the desk sends mail")
        PLAIN = "plain", _("Plain words alone")
        OLD_LETTERS = "jis", _("For old phones and mail software (ISO-2022-JP)")

    class Pace(models.TextChoices):
        """How fast they wish to be spoken with."""

        USUAL = "", pgettext_lazy("a wish", "As usual")
        SLOW = "slow", _("Slowly and clearly")
        BRISK = "brisk", _("Briskly")

    class Detail(models.TextChoices):
        """How much they wish to have explained."""

        USUAL = "", pgettext_lazy("a wish", "As usual")
        SHORT = "short", _("In short, the result alone")
        STEPS = "steps", _("Step by step")
        PLAIN = "plain", _("In plain words")

    sort = models.CharField(max_length=10, choices=Sort.choices, blank=True, default="", db_default="")
    rank = models.CharField(max_length=1, choices=Rank.choices, blank=True, default="", db_default="")
    alerted = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    name = models.CharField(pgettext_lazy("of a customer", "name"), max_length=200, blank=True)
    kana = models.CharField(_("reading"), max_length=200, blank=True)
    former_names = models.TextField(_("former names"), blank=True, default="", db_default="")
    address = models.CharField(_("postal address"), max_length=300, blank=True)
    memo = models.TextField(_("memo"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="ja")
    mail_format = models.CharField(
        _("form of mail"), max_length=10, choices=MailFormat.choices, blank=True, db_default=""
    )
    pace = models.CharField(max_length=10, choices=Pace.choices, blank=True, db_default="")
    detail = models.CharField(max_length=10, choices=Detail.choices, blank=True, db_default="")
    prefers = models.CharField(max_length=10, choices=Way.choices, blank=True, db_default="")
    referral = models.CharField(max_length=12, blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    use_stopped_at = models.DateTimeField(null=True, blank=True)
    joined_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "kana"], name="customer_by_kana"),
            models.Index(
                fields=["company", "referral"], name="customer_by_referral", condition=~models.Q(referral="")
            ),
            models.Index(
                fields=["joined_into"], name="customer_joined", condition=models.Q(joined_into__isnull=False)
            ),
            models.Index(
                fields=["id"], name="customer_use_stopped", condition=models.Q(use_stopped_at__isnull=False)
            ),
        ]
        verbose_name = _("customer")

    def __str__(self) -> str:
        return self.name


class Identity(ScopedModel):
    """An address that reaches a customer; `value` is canonical, `written` as the customer writes it.

    `undeliverable_at` is since when mail to it comes back, `undeliverable_why` what the server said. `verified_how`
    says how we know that it is theirs, with when and, where somebody saw to it, by whom; empty: nobody has made sure.
    """

    class Kind(models.TextChoices):
        """The kinds of addresses."""

        EMAIL = IdentityKind.EMAIL, _("Mail")
        PHONE = IdentityKind.PHONE, _("Phone")
        LINE = IdentityKind.LINE, "LINE"
        WEB = IdentityKind.WEB, _("Web visitor")
        MEMBER = IdentityKind.MEMBER, _("Member number")

    class How(models.TextChoices):
        """How we know that an address is theirs."""

        MAIL = "mail", _("A mail to it was answered")
        CALL = "call", _("Reached by a call to it")
        CODE = "code", _("By a code sent to it")
        DOCUMENT = "document", _("By a document")
        TOLD = "told", _("Told by the customer")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=254)
    written = models.CharField(max_length=254)
    undeliverable_at = models.DateTimeField(null=True)
    undeliverable_why = models.CharField(max_length=1000, blank=True, db_default="")
    verified_how = models.CharField(max_length=10, choices=How.choices, blank=True, default="", db_default="")
    verified_at = models.DateTimeField(null=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

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


class ConsentWords(ScopedModel):
    """Words of a company to which customers consent for a purpose. A new version is a new row: one that somebody has
    consented to is never changed.
    """

    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "purpose", "version"], name="consent_words_once_per_version"
            )
        ]


class Consent(ScopedModel):
    """What a customer once said about being turned to for a purpose on a channel: `given`, or refused or withdrawn.

    What they said last by `at` counts, and of one day a refusal; what they said before stays as the history. `at` is
    when they said it, `written_at` when that was written down, and `words` the words they consented to (None: none of
    the company's own).
    """

    class How(models.TextChoices):
        """How they said it."""

        PHONE = "phone", pgettext_lazy("consent", "On the phone")
        MAIL = "mail", pgettext_lazy("consent", "By mail")
        FORM = "form", pgettext_lazy("consent", "On a form or page")
        PAPER = "paper", pgettext_lazy("consent", "On paper")
        IN_PERSON = "in_person", pgettext_lazy("consent", "In person")
        KEPT = "kept", pgettext_lazy("consent", "Refused before by the same number or address")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Way.choices)
    given = models.BooleanField()
    how = models.CharField(max_length=10, choices=How.choices)
    words = models.ForeignKey(
        ConsentWords, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    written_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["customer", "purpose", "channel", "-id"], name="consent_of_customer")]


class RefusalKey(ScopedModel):
    """The key by which refusals of a company are hashed: without it nobody finds a number by trying all there are.
    `renewed_at` is when one that could not be read any more was replaced: what was refused before is matched no more.
    """

    key = SecretField()
    renewed_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_refusal_key_per_company")]


class Refusal(ScopedModel):
    """That whoever is reached by a number or address refused, at a moment, to be turned to for a purpose by a way. It
    stays when the record goes or loses the number: `digest` is a keyed hash of it (`actions/refuse.py`).
    """

    digest = models.CharField(max_length=64)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    channel = models.CharField(max_length=10, choices=Way.choices)
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "digest", "purpose", "channel"], name="refusal_once_per_number"
            )
        ]
