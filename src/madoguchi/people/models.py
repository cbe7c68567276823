"""Staff, and where they belong."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Engagement, OperatorCompany
from madoguchi.infra.scope import ScopedModel
from madoguchi.kernel.actor import Role
from madoguchi.kernel.identity import IdentityKind, canonical

ROLE_NAMES = {
    Role.AGENT: _("Agent"),
    Role.SUPERVISOR: _("Supervisor"),
    Role.MANAGER: _("Operator's manager"),
    Role.COMPANY_STAFF: _("Company staff"),
    Role.COMPANY_MANAGER: _("Company manager"),
    Role.ADMINISTRATOR: _("Administrator"),
}


def _choices(*roles: Role) -> list[tuple[str, Any]]:
    return [(role.value, ROLE_NAMES[role]) for role in roles]


class UserManager(BaseUserManager["User"]):
    """Finds people by mail address, however it is written."""

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=canonical(IdentityKind.EMAIL, email or ""))


class User(AbstractBaseUser):
    """One person of staff. What they may do follows from where they belong, never from this row alone."""

    email = models.EmailField(_("mail address"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    kana = models.CharField(_("reading"), max_length=100, blank=True)
    language = models.CharField(
        _("language"), max_length=5, default="ja", choices=[("ja", "日本語"), ("en", "English")]
    )
    is_administrator = models.BooleanField(_("administrator of this installation"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("person")

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name, under the name that Django's libraries ask for."""
        return self.name


class OperatorMember(models.Model):
    """A person employed by an operator, as agent, supervisor or manager."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="operator_memberships")
    operator = models.ForeignKey(OperatorCompany, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(
        _("role"), max_length=20, choices=_choices(Role.AGENT, Role.SUPERVISOR, Role.MANAGER)
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "operator"], name="one_role_per_operator")]


class Seat(ScopedModel):
    """An operator's person working under an engagement. A manager needs none: they see all of theirs."""

    member = models.ForeignKey(OperatorMember, on_delete=models.CASCADE, related_name="seats")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="seats")

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["member", "engagement"], name="seat_once")]


class CompanyMember(ScopedModel):
    """A person of the company that owns the customers."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="company_memberships")
    role = models.CharField(
        _("role"), max_length=20, choices=_choices(Role.COMPANY_STAFF, Role.COMPANY_MANAGER)
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="one_role_per_company")]


class AccessToken(models.Model):
    """By which a program acts for a person: some of their permissions, until a day, at one company, at some of
    its desks, or everywhere.

    `selector` finds it and may be seen by anybody; of the rest only the `digest` is kept.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    company = models.ForeignKey("companies.Company", null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    selector = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    desks = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=models.Value([], ArrayField(models.BigIntegerField())),
    )
    permissions = ArrayField(models.CharField(max_length=30), verbose_name=_("permissions"))
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("access token")

    def __str__(self) -> str:
        return self.name

    def holds_at(self, moment: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and moment < self.expires_at
