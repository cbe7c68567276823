"""How sure one is, in a case, that one speaks with the customer: what was checked, and which level that makes. Pure."""

from collections.abc import Collection, Iterable

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


class Act(models.TextChoices):
    """What a company may want to be sure for, that it is the customer who asks for it."""

    ADDRESS = "address", pgettext_lazy("identity", "Changing addresses and numbers in the record")
    REFUND = "refund", pgettext_lazy("identity", "Giving money back, or an exchange")
    CANCEL = "cancel", pgettext_lazy("identity", "Cancelling an order, a subscription or a reservation")
    DETAILS = "details", pgettext_lazy("identity", "Giving details or papers of an order")
    DISCLOSE = "disclose", pgettext_lazy("identity", "Demands about their data (disclosure and others)")


def act_of_change(changed: Collection[str]) -> Act:
    """As what counts that a subscription goes on otherwise, by what is new of it: sent to another place, as an address
    that is changed; else as what was agreed is taken away.
    """
    return Act.ADDRESS if "place" in changed else Act.CANCEL


class Reason(models.TextChoices):
    """Why somebody goes on although less was checked than the company wants."""

    KNOWN_WAY = "known_way", pgettext_lazy("identity", "It came by an address or number known before")
    CALLED_BACK = "called_back", pgettext_lazy("identity", "Called back to a number known before")
    SUPERVISOR = "supervisor", pgettext_lazy("identity", "A supervisor agreed")
    HARMLESS = "harmless", pgettext_lazy("identity", "Nobody is harmed if it is somebody else")
    PRESSING = "pressing", pgettext_lazy("identity", "Waiting would harm the customer")
