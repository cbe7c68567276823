"""What a desk asks customers once their case is solved."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.companies.models import Desk
from madoguchi.infra.scope import ScopedModel


class Survey(ScopedModel):
    """Which questions a desk asks on the customer's own page once a case is solved. Answers stand in the log alone.

    `invite_after` is how many hours later they are asked by mail (null: only their own page asks). `review_url` is
    where the company likes to be reviewed: whoever says that it is solved, and is content, is asked.
    """

    desk = models.OneToOneField(Desk, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(_("customers are asked"), default=False)
    satisfied = models.BooleanField(_("how satisfied they are (CSAT)"), default=True)
    easy = models.BooleanField(_("how easy it was (CES)"), default=False)
    recommends = models.BooleanField(_("whether they would recommend us (NPS)"), default=False)
    invite_after = models.PositiveSmallIntegerField(_("asked by mail after (hours)"), null=True, blank=True)
    review_url = models.URLField(_("address for reviews"), max_length=500, blank=True)

    def __str__(self) -> str:
        return str(self.desk)
