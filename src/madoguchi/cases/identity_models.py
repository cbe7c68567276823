"""How sure a company wants to be, for which act, that it is the customer who asks for it."""

from django.db import models

from madoguchi.cases.identity import Act, Level
from madoguchi.infra.scope import ScopedModel


class IdentityNeed(ScopedModel):
    """For an act a company wants the customer's identity to be checked that far; without a row it wants nothing."""

    act = models.CharField(max_length=10, choices=Act.choices)
    level = models.PositiveSmallIntegerField(choices=Level.choices)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "act"], name="identity_need_of_act")]
