"""How grave a case is. `models` has this too."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Severity(models.IntegerChoices):
    """How grave it is for whoever has the trouble; higher is graver. From `SERIOUS` on it is severe."""

    UNJUDGED = 0, _("Not judged")
    SLIGHT = 1, _("Slight")
    PARTIAL = 2, _("Hinders their work")
    SERIOUS = 3, _("Serious")
    CRITICAL = 4, _("Critical")
