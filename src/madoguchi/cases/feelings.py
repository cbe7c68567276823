"""How a customer feels, as somebody judges it."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Feeling(models.TextChoices):
    """How somebody judges that the customer of a case feels, or what they need in being spoken with."""

    ANGER = "anger", pgettext_lazy("feeling", "Angry")
    ANXIETY = "anxiety", pgettext_lazy("feeling", "Anxious")
    ELDERLY = "elderly", pgettext_lazy("feeling", "Elderly")
    HEARING = "hearing", pgettext_lazy("feeling", "Hard of hearing")
    HASTE = "haste", pgettext_lazy("feeling", "In a hurry")
