"""Signals and the incidents they become, grave words that were found, and what a company watches for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.cases.models import Case, Message, Note
from madoguchi.commerce.models import Product
from madoguchi.complaints.models import Complaint
from madoguchi.infra.scope import ScopedModel
from madoguchi.signals.recall import PER_MILLE, Limits
from madoguchi.tasks.models import Task


class Kind(models.TextChoices):
    """What seems strange."""

    PRODUCT = "product", pgettext_lazy("signal", "A product")
    DELIVERY = "delivery", pgettext_lazy("signal", "Delivery")
    MONEY = "money", pgettext_lazy("signal", "Price or payment")
    SITE = "site", pgettext_lazy("signal", "Site or system")
    SAYING = "saying", pgettext_lazy("signal", "What we say is wrong")
    MOOD = "mood", pgettext_lazy("signal", "Mood of customers")
    OTHER = "other", pgettext_lazy("signal", "Something else")


class Incident(ScopedModel):
    """Signals that are alike and became too many in a day. A supervisor takes it up, or says why it is none.

    `figures` are what the suspicion that a product may have to be called back rests on (`signals/recall.py`).
    """

    class State(models.TextChoices):
        """What was made of it."""

        OPEN = "open", pgettext_lazy("incident", "Nobody has looked yet")
        TAKEN = "taken", pgettext_lazy("incident", "Taken up")
        DISMISSED = "dismissed", pgettext_lazy("incident", "None after all")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    raised_at = models.DateTimeField()
    figures = models.JSONField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "-raised_at", "-id"], name="incident_by_time")]


class Signal(ScopedModel):
    """Somebody saw something strange in a case: a kind and a line. `tags` are those that the case had then. What is
    wrong with a piece of a product names its `lot` and `serial` where they are known.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.CharField(max_length=200)
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lot = models.CharField(max_length=40, blank=True, default="", db_default="")
    serial = models.CharField(max_length=60, blank=True, default="", db_default="")
    tags = ArrayField(models.CharField(max_length=50), default=list)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    raised_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.PROTECT, related_name="signals", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["company", "kind", "-raised_at"], name="signal_alike"),
            models.Index(fields=["company", "-raised_at", "-id"], name="signal_by_time"),
            models.Index(
                fields=["product", "-raised_at"],
                name="signal_of_product",
                condition=models.Q(product__isnull=False),
            ),
            models.Index(fields=["case", "id"], name="signal_of_case"),
            models.Index(
                fields=["incident"], name="signal_of_incident", condition=models.Q(incident__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.words


class Grave(ScopedModel):
    """Grave words, as they stand where they were read (`words`), and which sorts of grave they are: in a message of a
    customer, or in what staff wrote down of what one said: a note, a signal or a complaint. One of these four.

    The case went into the immediate lane by it: `priority_before` is what it had. Somebody may say that it is not
    grave, and why. `task` is to report it, where it is of injury or fire (`signals/duty.py`).
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.OneToOneField(Note, null=True, on_delete=models.PROTECT, related_name="+")
    signal = models.OneToOneField(Signal, null=True, on_delete=models.PROTECT, related_name="+")
    complaint = models.ForeignKey(
        Complaint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    words = ArrayField(models.CharField(max_length=60))
    sorts = ArrayField(models.CharField(max_length=60))
    found_at = models.DateTimeField()
    priority_before = models.PositiveSmallIntegerField()
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reason = models.CharField(max_length=200, blank=True)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["case", "id"], name="grave_of_case"),
            models.Index(fields=["company", "-found_at", "-id"], name="grave_by_time"),
            # A task that goes asks for its grave words; most have none.
            models.Index(fields=["task"], name="grave_of_task", condition=models.Q(task__isnull=False)),
            models.Index(
                fields=["complaint"],
                name="grave_of_complaint",
                condition=models.Q(complaint__isnull=False),
            ),
        ]


class Instruction(ScopedModel):
    """Words by which the company may have directed somebody of another employer past that one's manager (偽装請負), in
    a mail of its people to the desk or as staff wrote it down; and what the manager made of it. `sorts` are points of
    37号告示.
    """

    class Outcome(models.TextChoices):
        """What the operator's manager made of it."""

        ASKED = "asked", pgettext_lazy("instruction", "It came to the manager as a request")
        REFUSED = "refused", pgettext_lazy("instruction", "Not followed; the company was told how to ask")
        NONE = "none", pgettext_lazy("instruction", "No instruction")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.OneToOneField(Message, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.OneToOneField(Note, null=True, on_delete=models.PROTECT, related_name="+")
    words = ArrayField(models.CharField(max_length=60))
    sorts = ArrayField(models.CharField(max_length=60))
    found_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [models.Index(fields=["company", "-found_at", "-id"], name="instruction_by_time")]


class Watch(ScopedModel):
    """What a company watches for, where it is not the usual: the grave words, a sort and its words a line; and how many
    signals that are alike raise themselves within a day.
    """

    words = models.TextField(_("grave words"))
    alike = models.PositiveSmallIntegerField(
        _("so many alike in a day raise themselves"),
        default=3,
        validators=[MinValueValidator(2), MaxValueValidator(50)],
    )
    per_mille = models.PositiveSmallIntegerField(
        _("so many reports of 1,000 pieces sold are suspicious"),
        default=PER_MILLE,
        db_default=PER_MILLE,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="watch_once_per_company")]

    @property
    def limits(self) -> Limits:
        """From when on reports of a product are suspicious."""
        return Limits(self.alike, self.per_mille)
