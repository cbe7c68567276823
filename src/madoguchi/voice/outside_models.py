"""Telephones outside, at which people of ours are rung by carriers, and each time that they were."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel.identity import written_phone


class OutsidePhone(models.Model):
    """The number or SIP address at which a person is rung while they take calls: their employer says it, and no company
    for which they work is shown it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(_("Telephone outside"), max_length=160)

    def __str__(self) -> str:
        return f"{self.user_id}"


class OutsideContact(ScopedModel):
    """Somebody outside to whom a company's callers may be put through: a name, and a number (E.164). One that is not
    `active` any more is kept for what was.
    """

    name = models.CharField(_("Name"), max_length=60)
    number = models.CharField(_("Phone number"), max_length=16)
    active = models.BooleanField(default=True)

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "name"], name="outside_contact_of_company")]

    @property
    def written(self) -> str:
        """The number as people write it."""
        return written_phone(self.number)

    def __str__(self) -> str:
        return self.name


class OutsideLeg(ScopedModel):
    """That a telephone outside was rung for a call (by its uid), by a carrier or by us; it counts as a call that
    we make. `answered_at` is when somebody answered there, `ended_at` when that was over.
    """

    call = models.CharField(max_length=32)
    rung_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "rung_at"], name="outside_leg_by_time"),
            models.Index(fields=["call"], name="outside_leg_of_call"),
        ]
