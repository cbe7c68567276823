"""How sure one is, in a case, that one speaks with the customer: what was checked, and which level that makes. Pure."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import pgettext_lazy


class Checked(models.TextChoices):
    """What was compared with the record. That it was checked is kept, and never what was said."""

    NAME = "name", pgettext_lazy("identity", "Name")
    PHONE = "phone", pgettext_lazy("identity", "Phone number")
    ADDRESS = "address", pgettext_lazy("identity", "Postal address")
    ORDER = "order", pgettext_lazy("identity", "Order number")
    BIRTHDAY = "birthday", pgettext_lazy("identity", "Date of birth")
    DOCUMENT = "document", pgettext_lazy("identity", "A document")


class Level(models.IntegerChoices):
    """How sure that makes us; more is surer."""

    NONE = 0, pgettext_lazy("identity", "Not checked")
    ONE = 1, pgettext_lazy("identity", "One item")
    TWO = 2, pgettext_lazy("identity", "Two items")
    DOCUMENT = 3, pgettext_lazy("identity", "By document")


def level_of(checked: Iterable[str]) -> Level:
    """The level of what was checked."""
    items = set(checked)
    if Checked.DOCUMENT in items:
        return Level.DOCUMENT
    return Level(min(len(items), 2))
