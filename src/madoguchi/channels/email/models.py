"""Mailboxes to read, servers to send through, and the built-in outbox."""

from django.db import models
from django.db.models import functions
from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy as _

from madoguchi.cases.models import Message
from madoguchi.channels.email.oauth import Client, Provider, endpoints_of
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField


class Security(models.TextChoices):
    """How the connection to a mail server is kept private."""

    TLS = "tls", _("TLS from the start")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none (only inside one's own network)")


class SignIn(models.TextChoices):
    """How we show a mail server who we are."""

    PASSWORD = "password", _("password")
    OAUTH = "oauth", _("OAuth 2 (Gmail, Microsoft 365)")


class Mailbox(ScopedModel):
    """A mailbox that is read by IMAP for one entry point.

    `uid_validity` and `last_uid` say how far it was read; they move only after the mail is stored.
    `leased_until` keeps two processes from reading it at once.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="mailbox")
    host = models.CharField(_("IMAP server"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("security"), max_length=10, choices=Security.choices, default=Security.TLS)
    username = models.CharField(_("user name"), max_length=254)
    sign_in = models.CharField(
        _("sign-in"),
        max_length=10,
        choices=SignIn.choices,
        default=SignIn.PASSWORD,
        db_default=SignIn.PASSWORD,
    )
    password = SecretField(_("password"), blank=True)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX")
    active = models.BooleanField(_("read it"), default=True)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    lease_holder = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("mailbox")


class SmtpServer(ScopedModel):
    """The server through which an entry point's mail leaves.

    `per_minute` and `at_once` are what it takes, 0 for as much as one likes. The rest is kept by `pace`: how many
    mails may leave since `counted_at`, when the last one that waits has its turn, and how long it is left alone.
    With `return_addresses` what cannot be delivered comes back to `support+b.…@`, which says which mail it was.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="smtp_server")
    host = models.CharField(_("SMTP server"), max_length=200)
    port = models.PositiveIntegerField(_("port"), default=587)
    security = models.CharField(
        _("security"), max_length=10, choices=Security.choices, default=Security.STARTTLS
    )
    username = models.CharField(_("user name"), max_length=254, blank=True)
    sign_in = models.CharField(
        _("sign-in"),
        max_length=10,
        choices=SignIn.choices,
        default=SignIn.PASSWORD,
        db_default=SignIn.PASSWORD,
    )
    password = SecretField(_("password"), blank=True)
    return_addresses = models.BooleanField(
        _("a return address of its own for each mail"), default=False, db_default=False
    )
    active = models.BooleanField(_("send through it"), default=True)
    per_minute = models.PositiveIntegerField(_("mails a minute"), default=0, db_default=0)
    at_once = models.PositiveSmallIntegerField(_("connections at once"), default=0, db_default=0)
    allowance = models.FloatField(default=0, db_default=0)
    counted_at = models.DateTimeField(db_default=functions.Now())
    turn_at = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)
    rests = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta(ScopedModel.Meta):
        verbose_name = _("mail server")


class OAuthAccount(ScopedModel):
    """The mail account behind an entry point, entered by OAuth 2: who asks for it, and what the provider gave.

    Tokens go to the servers in `places` alone, those that were set up when somebody consented. `endpoints` are those
    of a provider that is not known here. `problem` is what only a person can put right.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="oauth_account")
    provider = models.CharField(_("provider"), max_length=10, choices=Provider.choices)
    tenant = models.CharField(_("tenant"), max_length=100, blank=True)
    client_id = models.CharField(_("client ID"), max_length=200)
    client_secret = SecretField(_("client secret"), blank=True)
    endpoints = models.JSONField(default=dict)
    places = models.JSONField(default=list)
    refresh_token = SecretField(blank=True)
    access_token = SecretField(blank=True)
    expires_at = models.DateTimeField(null=True)
    authorized_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=20, blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("OAuth 2 account")

    @property
    def address(self) -> str:
        """The mail address it is for."""
        return self.entry_point.address

    def client(self) -> Client:
        """Who asks, and where."""
        endpoints = endpoints_of(self.provider, tenant=self.tenant, own=self.endpoints)
        return Client(endpoints=endpoints, client_id=self.client_id, secret=self.client_secret)


class DkimKey(ScopedModel):
    """A key by which mail from a domain of the company is signed. One of a domain is in use; a new one gets a new
    selector, so that both stand in the DNS while receivers still check mail that the old one signed.
    """

    domain = models.CharField(max_length=253)
    selector = models.CharField(max_length=63)
    private_key = SecretField()
    public_key = models.TextField()
    active = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "domain", "selector"], name="dkim_selector_once"),
            models.UniqueConstraint(
                fields=["company", "domain"], condition=models.Q(active=True), name="dkim_one_in_use"
            ),
        ]
        verbose_name = _("DKIM key")

    @classmethod
    def of(cls, point: EntryPoint) -> models.QuerySet["DkimKey"]:
        """The keys of an address's domain, the one in use first, the secret half left out."""
        domain = point.address.rpartition("@")[2].lower()
        keys = cls.objects.defer("private_key").filter(company_id=point.company_id, domain=domain)
        return keys.order_by("-active", "-pk")

    @property
    def record_name(self) -> str:
        """Where the public key stands in the DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What stands there, as one TXT record."""
        return f"v=DKIM1; k=rsa; p={self.public_key}"


class SentMail(ScopedModel):
    """A mail in the built-in outbox: what would have gone out, byte for byte. One row per Message-ID."""

    external_id = models.CharField(max_length=500)
    recipients = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    raw = models.BinaryField()
    sent_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "external_id"], name="sent_once")]
        indexes = [models.Index(fields=["company", "-sent_at"], name="outbox_newest")]


class RemoteImage(ScopedModel):
    """Our copy of a picture that a mail shows from elsewhere, fetched when somebody asked to see it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+", db_index=False)
    address = models.TextField()
    sha256 = models.CharField(max_length=64)
    fetched_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint("message", MD5("address"), name="remote_image_once_per_message")
        ]
