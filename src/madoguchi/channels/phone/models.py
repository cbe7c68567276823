"""Carriers that hold calls themselves and ask us over webhooks, and the calls that they hold just now."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import EntryPoint
from madoguchi.infra.scope import ScopedModel
from madoguchi.infra.secrets import SecretField
from madoguchi.kernel import clock


class CarrierAccount(ScopedModel):
    """By which account of a carrier calls to one number come over webhooks; its `token` signs them.

    `api` is where the carrier keeps recordings: the token goes there and nowhere else.
    """

    entry_point = models.OneToOneField(EntryPoint, on_delete=models.CASCADE, related_name="carrier_account")
    account = models.CharField(_("account SID"), max_length=64)
    token = SecretField(_("auth token"))
    api = models.CharField(_("address of the carrier's API"), max_length=200)

    class Meta(ScopedModel.Meta):
        verbose_name = _("carrier account")


class TrunkRegistration(models.Model):
    """How an account of ours at a carrier (`name`, as user@host) stands that has to register, as a gateway saw it last:
    `code` is the carrier's answer (SIP), `until` how long it is granted.
    """

    class State(models.TextChoices):
        """What came of it."""

        REGISTERED = "registered", _("registered")
        REFUSED = "refused", _("refused")
        SILENT = "silent", _("no answer")

    name = models.CharField(max_length=200, unique=True)
    number = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State.choices)
    code = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    @property
    def holds(self) -> bool:
        """Whether calls to its number come to us."""
        return self.state == self.State.REGISTERED and self.until is not None and self.until > clock.now()

    def __str__(self) -> str:
        return self.name


class GoingCall(ScopedModel):
    """How a call stands (`kept.py`) that a `gateway` of ours holds, as that said last, for whoever has to end it when
    that is no more. `uid` is the call's; when it is over the row goes.
    """

    uid = models.CharField(max_length=32, unique=True)
    gateway = models.CharField(max_length=32)
    standing = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.uid


class CarriedCall(ScopedModel):
    """A call that a carrier holds, between two webhooks. `sid` is the carrier's name for it, `uid` ours.

    `call` and `standing` are how it stands (`kept.py`), emptied when it is written down. `number` counts the
    documents that were given out, `document` is the last: what is asked again is answered so again. `due_at` is when
    the carrier asks again at the latest; `waits_since` since when the caller waits in a `queue`. `recordings` are the
    pieces of the caller's words, of which there are to be `pieces`, and `over_at` is when it ended. Old ones stay,
    emptied and without a `document`: what tells of them again is a repeat.
    """

    entry_point = models.ForeignKey(EntryPoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    sid = models.CharField(max_length=64)
    uid = models.CharField(max_length=32, unique=True)
    flow = models.PositiveIntegerField()
    call = models.JSONField(default=dict)
    standing = models.JSONField(default=dict)
    number = models.PositiveIntegerField(default=0)
    document = models.TextField(blank=True)
    seen_at = models.DateTimeField()
    due_at = models.DateTimeField()
    queue = models.CharField(max_length=200, blank=True)
    waits_since = models.DateTimeField(null=True)
    recordings = models.JSONField(default=list)
    pieces = models.PositiveSmallIntegerField(default=0)
    over_at = models.DateTimeField(null=True)
    done = models.BooleanField(default=False)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["entry_point", "sid"], name="carried_call_once_per_number")
        ]
        indexes = [
            models.Index(
                fields=["entry_point", "waits_since"],
                name="carried_call_waiting",
                condition=models.Q(waits_since__isnull=False),
            ),
            models.Index(fields=["due_at"], name="carried_call_going_on", condition=models.Q(done=False)),
            models.Index(
                fields=["seen_at"],
                name="carried_call_to_empty",
                condition=models.Q(done=True) & ~models.Q(document=""),
            ),
        ]

    def __str__(self) -> str:
        return self.uid
