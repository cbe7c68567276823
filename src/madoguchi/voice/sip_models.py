"""SIP telephones of people of ours, which register at the gateway."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import QuerySet

from madoguchi.infra.secrets import SecretField
from madoguchi.kernel import clock


class SipPhone(models.Model):
    """Somebody's own SIP telephone: their employer gives it a `name` and a secret, of which only what a digest is
    checked by (`ha1`, RFC 7616) is kept, encrypted.

    `contact` is the address (SIP URI) that it registered last, `host` and `port` where it is reached, until
    `registered_until`; `agent` is what it calls itself.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=32, unique=True)
    ha1 = SecretField()
    made_at = models.DateTimeField()
    contact = models.CharField(max_length=300, blank=True, default="")
    host = models.CharField(max_length=45, blank=True, default="")
    port = models.PositiveIntegerField(default=0)
    agent = models.CharField(max_length=80, blank=True, default="")
    registered_until = models.DateTimeField(null=True)

    @property
    def is_registered(self) -> bool:
        """Whether calls ring there now."""
        return self.registered_until is not None and self.registered_until > clock.now()

    def __str__(self) -> str:
        return self.name


def registered(at: datetime) -> QuerySet[SipPhone]:
    """The telephones that are registered at a moment, of people who work for an operator."""
    return usable().filter(registered_until__gt=at)


def usable() -> QuerySet[SipPhone]:
    """The telephones of people who may come in, and whom an operator employs; one of two operators more than once."""
    return SipPhone.objects.filter(user__is_active=True, user__operator_memberships__isnull=False)
