"""LINE official accounts, who is in touch with them, and what LINE handed in."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField


class Account(ScopedModel):
    """The LINE official account of one entry point: the Messaging API channel by which we speak for it.

    `bot` is what LINE calls the account in what it hands in, and `name` how customers know it, as LINE told when it was
    tried last. `quota` is how many messages a month it may push (null: as many as it likes), `used` how many it has,
    as of `counted_at`. `problem` is what was wrong when it was tried.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="line_account")
    channel_id = models.CharField(_("channel ID"), max_length=20)
    secret = SecretField(_("channel secret"))
    token = SecretField(_("channel access token"))
    bot = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    quota = models.PositiveIntegerField(null=True)
    used = models.PositiveIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta(ScopedModel.Meta):
        verbose_name = _("LINE account")

    @property
    def is_nearly_spent(self) -> bool:
        """Whether four fifths of what it may push this month are spent."""
        return self.quota is not None and self.used is not None and 5 * self.used >= 4 * self.quota


class Friend(ScopedModel):
    """Somebody who follows an account, or wrote to it. `user` is what LINE calls them, for this provider alone.

    `said` is the external id of their last message, by which the next finds its case. A `reply_token` answers what they
    did last without being counted, until `reply_until`, and once. Who blocked the account (`blocked_at`) gets nothing.
    """

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.CharField(max_length=40)
    called = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    said = models.CharField(max_length=500, blank=True)
    reply_token = models.CharField(max_length=100, blank=True)
    reply_until = models.DateTimeField(null=True)
    profile_at = models.DateTimeField(null=True)
    followed_at = models.DateTimeField(null=True)
    blocked_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["entry_point", "user"], name="line_friend_once_per_account")
        ]
        indexes = [models.Index(fields=["company", "user"], name="line_friend_by_user")]


class Received(ScopedModel):
    """One event as LINE handed it in: kept before it is looked at, and each once by LINE's own name (`event`).

    `about` is the message that it brings or takes back. The words of what is done are not kept here (`body`).
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        ASIDE = "aside", _("Laid aside")
        FAILED = "failed", _("Failed")

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=10)
    user = models.CharField(max_length=40, blank=True)
    about = models.CharField(max_length=40, blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["entry_point", "event"], name="line_event_once_per_account")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="line_event_waiting", condition=models.Q(state="waiting")),
            models.Index(
                fields=["entry_point", "about"], name="line_unsent", condition=models.Q(kind="unsend")
            ),
            models.Index(fields=["received_at"], name="line_by_receipt"),
            models.Index(fields=["company", "user"], name="line_received_of_user"),
        ]


class SentPart(ScopedModel):
    """That LINE took the part of this `number` of one of our messages (`external_id`), so that it is not sent anew."""

    external_id = models.CharField(max_length=500)
    number = models.PositiveSmallIntegerField()
    by_reply = models.BooleanField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "external_id", "number"], name="line_part_once_per_message"
            )
        ]


class LinkCode(ScopedModel):
    """A code that was sent to a mail address, by which a friend shows that it is theirs; only its `digest` is kept.

    It counts until `until`, once, and for a few tries. Once it was typed in right the friend confirms at LINE that the
    account is theirs, too: LINE then hands the `nonce` back, of which the digest alone is kept, and which counts until
    `nonce_until`, once. The records are joined as the `inviter` might join them.
    """

    friend = models.ForeignKey(Friend, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    nonce = models.CharField(max_length=64, blank=True, default="", db_default="")
    nonce_until = models.DateTimeField(null=True)
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["company", "nonce"], name="line_nonce_once", condition=~models.Q(nonce="")
            )
        ]
