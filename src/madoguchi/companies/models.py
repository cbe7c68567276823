"""Companies, operators, desks, entry points, and the engagements that tie them together."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.infra import scope
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel.actor import DataScope, OperatingModel
from madoguchi.kernel.channel import Channel

MODEL_NAMES = {
    OperatingModel.IN_HOUSE: _("In-house"),
    OperatingModel.TEMP_STAFF: _("In-house, temporary staff"),
    OperatingModel.IN_HOUSE_OUTSOURCED: _("Our site, outsourced staff"),
    OperatingModel.VENDOR_CENTRE: _("Vendor's centre"),
}
# Two hyphens lead to a desk's help centre, as in acme--5.
NOT_TWO_HYPHENS = RegexValidator("--", _("Do not write two hyphens in a row."), inverse_match=True)
CUSTOMER_FIELDS = ("name", "kana", "email", "phone", "member", "address", "memo")


class CompanyManager(models.Manager["Company"]):
    """Sees only the companies in scope: who else is a client is itself a client's secret."""

    def get_queryset(self) -> models.QuerySet["Company"]:
        in_scope = scope.current()
        rows = super().get_queryset()
        return rows if in_scope == scope.EVERY_COMPANY else rows.filter(id__in=in_scope)


class Company(models.Model):
    """Owns the brand, the customers and all their data; the wall around data is the company."""

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(
        _("short name for addresses"), max_length=40, unique=True, validators=[NOT_TWO_HYPHENS]
    )
    prefix = models.CharField(
        _("letters of case numbers"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{1,3}$", _("One to three capital letters, such as A or HN."))],
    )
    accent_hue = models.PositiveSmallIntegerField(
        _("accent colour (hue)"), default=262, validators=[MaxValueValidator(359)]
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyManager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["name"]
        verbose_name = _("company")

    def __str__(self) -> str:
        return self.name


class OperatorCompany(models.Model):
    """Employs the people who answer: a vendor, or (`own_of`) the company itself."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    own_of = models.ForeignKey(
        Company,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        verbose_name=_("the company itself"),
        related_name="+",
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("operator")

    def __str__(self) -> str:
        return self.name


class Desk(ScopedModel):
    """What a customer turns to: a name, entry points, a greeting and a signature.

    `kind` is what it is there for; a technical desk works cases behind the desk that their customers know.
    `greeting` is the line by which its people say where a caller has come (名乗り).
    `acknowledgements` are those in further languages, by code (`kernel/languages.py`).
    `approval_for` are the people (by id) whose answers a senior approves, where `approval` is CHOSEN. `opens` and
    `closes` are its hours on business days, in Asia/Tokyo; None where they are not known. `chats_at_once` is how many
    chats one person holds, None for any number.
    """

    class Kind(models.TextChoices):
        """What a desk is there for."""

        CUSTOMERS = "customers", _("Customer centre")
        TECHNICAL = "technical", _("Technical support")
        HELP = "help", _("Help desk")
        ORDERS = "orders", _("Order desk")
        MAIN = "main", _("Representative number")
        COMPLAINTS = "complaints", _("Consumer relations (complaints)")
        RECALL = "recall", _("Recall desk")

    class HandOff(models.TextChoices):
        """When its people are asked for words to whoever has a case next."""

        NEVER = "never", _("never")
        TRANSFER = "transfer", _("when a case goes to another person or desk")
        CLOSING = "closing", _("then, and when a case is solved")

    class Recipients(models.TextChoices):
        """When its people confirm to whom an answer goes."""

        NEVER = "never", _("never")
        OTHERS = "others", _("when it goes to others than the customer, or with files")
        ALWAYS = "always", _("always")

    class Approval(models.TextChoices):
        """Whose answers leave only when a senior has approved them."""

        NEVER = "never", _("nobody's")
        EVERYONE = "everyone", _("everybody's, seniors' own too")
        CHOSEN = "chosen", _("those of the people chosen below")
        CARE = "care", _("those with a word that needs care")

    class OpenTasks(models.TextChoices):
        """What happens when a case is to be solved in which something is still to be done."""

        WARN = "warn", _("they are shown first")
        REFUSE = "refuse", _("it is not solved")

    name = models.CharField(_("name"), max_length=200)
    kana = models.CharField(_("reading"), max_length=200, blank=True, default="", db_default="")
    kind = models.CharField(
        _("kind of desk"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.CUSTOMERS,
        db_default=Kind.CUSTOMERS,
    )
    public_name = models.CharField(_("name shown to customers"), max_length=200)
    greeting = models.CharField(_("greeting line"), max_length=300, blank=True, default="", db_default="")
    signature = models.TextField(_("signature under replies"), blank=True)
    hours = models.CharField(_("hours, as told to customers"), max_length=200, blank=True)
    acknowledge = models.BooleanField(_("acknowledge a first contact"), default=True)
    acknowledgement = models.TextField(
        _("text of the acknowledgement"), blank=True, help_text=_("Empty: the built-in text.")
    )
    acknowledgement_en = models.TextField(
        _("acknowledgement for whoever does not write in Japanese"), blank=True, default="", db_default=""
    )
    acknowledgements = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    laid_out = models.BooleanField(_("lay answers out (HTML)"), default=True, db_default=True)
    hand_off = models.CharField(
        _("ask for a hand-over"),
        max_length=10,
        choices=HandOff.choices,
        default=HandOff.TRANSFER,
        db_default=HandOff.TRANSFER,
    )
    check_recipients = models.CharField(
        _("confirm To, Cc, Bcc and files"),
        max_length=10,
        choices=Recipients.choices,
        default=Recipients.NEVER,
        db_default=Recipients.NEVER,
    )
    check_attachment = models.BooleanField(_("ask after a forgotten file"), default=True, db_default=True)
    check_name = models.BooleanField(_("ask when another's name is addressed"), default=True, db_default=True)
    check_bare = models.BooleanField(
        _("ask when an answer is a template and no more"), default=True, db_default=True
    )
    forbidden_words = models.TextField(_("words that must not go out"), blank=True, default="", db_default="")
    care_words = models.TextField(_("words that need care"), blank=True, default="", db_default="")
    feeling_words = models.TextField(
        _("words by which customers show how they feel"),
        blank=True,
        default="",
        db_default="",
        max_length=2_000,
    )
    approval = models.CharField(
        _("answers that a senior approves"),
        max_length=10,
        choices=Approval.choices,
        default=Approval.NEVER,
        db_default=Approval.NEVER,
    )
    approval_for = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        db_default=models.Value([], ArrayField(models.BigIntegerField())),
        verbose_name=_("people whose answers are approved"),
    )
    opens = models.TimeField(_("at work from"), null=True, blank=True)
    closes = models.TimeField(_("at work until"), null=True, blank=True)
    open_tasks = models.CharField(
        _("when tasks are still open"),
        max_length=10,
        choices=OpenTasks.choices,
        default=OpenTasks.WARN,
        db_default=OpenTasks.WARN,
    )
    chats_at_once = models.PositiveSmallIntegerField(
        _("chats that one person has at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(_("open"), default=True)

    class Meta(ScopedModel.Meta):
        ordering = ["company_id", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="desk_name_once_per_company")]
        verbose_name = _("desk")

    def __str__(self) -> str:
        return self.name


class EntryPoint(ScopedModel):
    """One published address, form, chat, LINE account or phone number (E.164) through which customers reach a desk."""

    class Kind(models.TextChoices):
        """The channels an entry point can be of."""

        EMAIL = Channel.EMAIL, _("Mail")
        FORM = Channel.FORM, _("Form")
        PHONE = Channel.PHONE, _("Phone")
        CHAT = Channel.CHAT, _("Chat")
        LINE = Channel.LINE, _("LINE")

    desk = models.ForeignKey(
        Desk, on_delete=models.PROTECT, related_name="entry_points", verbose_name=_("desk")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    address = models.CharField(_("address"), max_length=254)
    sender_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    medium = models.CharField(_("published where"), max_length=200, blank=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta(ScopedModel.Meta):
        ordering = ["company_id", "desk_id", "kind", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "address"], name="entry_point_address_once")]
        verbose_name = _("entry point")

    def __str__(self) -> str:
        return self.address

    @property
    def shown_sender(self) -> str:
        """The name replies are sent under."""
        return self.sender_name or self.desk.public_name


class Engagement(ScopedModel):
    """Company × operator × desk: who answers there, under which operating model, seeing which data; and what an hour
    that the company's own people spend on the operator's questions costs (`company_hour`).
    """

    operator = models.ForeignKey(
        OperatorCompany, on_delete=models.PROTECT, related_name="engagements", verbose_name=_("operator")
    )
    desk = models.ForeignKey(
        Desk, on_delete=models.PROTECT, related_name="engagements", verbose_name=_("desk")
    )
    model = models.CharField(
        _("operating model"), max_length=20, choices=[(m.value, n) for m, n in MODEL_NAMES.items()]
    )
    masked = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("masked fields")
    )
    hidden = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("hidden fields")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    company_hour = models.PositiveIntegerField(
        _("what an hour of the company's own people costs (yen)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000_000)],
    )

    class Meta(ScopedModel.Meta):
        ordering = ["company_id", "desk_id", "operator_id"]
        constraints = [models.UniqueConstraint(fields=["operator", "desk"], name="engagement_once_per_desk")]
        verbose_name = _("engagement")

    def __str__(self) -> str:
        return f"{self.operator} → {self.desk}"

    @property
    def data_scope(self) -> DataScope:
        """The customer fields its people see masked or not at all."""
        return DataScope(masked=frozenset(self.masked), hidden=frozenset(self.hidden))
