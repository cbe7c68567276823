"""Stores with their hours, what can be had there for a time, and who has it when."""

from datetime import time

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel


class Store(ScopedModel):
    """A place of a company that customers visit, or from which somebody visits them.

    `hours` is its calendar as `docs/clocks.md` writes one; `entry_point` the number or address of ours that leads to
    this store alone, by which it is known who is meant. Message slips for the store go to `email`.
    """

    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone number"), max_length=40, blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    email = models.EmailField(_("mail address"), blank=True, default="", db_default="")
    entry_point = models.ForeignKey(
        EntryPoint, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    hours = models.JSONField(default=dict)
    active = models.BooleanField(_("takes reservations"), default=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="store_name_once"),
            models.UniqueConstraint(fields=["entry_point"], name="store_of_entry_point"),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(ScopedModel):
    """What can be had at a store for a time: `units` of the same kind at once, each for up to `seats` people.

    Times begin every `step` minutes while the store is open and last `length`; for `gap` minutes afterwards nobody else
    has the unit (clearing up, the way back). Rooms are had by the night instead, from `check_in` to `check_out`.
    """

    class Kind(models.TextChoices):
        """What it is; rooms are had by the night, everything else by the hour."""

        SHOP = "shop", _("Visit to the store")
        TABLE = "table", _("Table")
        ROOM = "room", _("Room (nights)")
        VISIT = "visit", _("Visit to the customer (repairs)")

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="resources", db_index=False)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SHOP)
    units = models.PositiveSmallIntegerField(_("how many there are"), default=1)
    seats = models.PositiveSmallIntegerField(_("people, at most"), default=1)
    step = models.PositiveSmallIntegerField(_("a time begins every (minutes)"), default=30)
    length = models.PositiveSmallIntegerField(_("it lasts (minutes)"), default=60)
    gap = models.PositiveSmallIntegerField(_("kept free afterwards (minutes)"), default=0)
    check_in = models.TimeField(_("check-in from"), default=time(15))
    check_out = models.TimeField(_("check-out until"), default=time(10))
    days_ahead = models.PositiveSmallIntegerField(_("can be had so many days ahead"), default=90)
    active = models.BooleanField(_("can be had"), default=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="resource_name_once")]

    def __str__(self) -> str:
        return f"{self.store.name} {self.name}"

    @property
    def by_night(self) -> bool:
        """Whether it is had by the night."""
        return self.kind == self.Kind.ROOM


class Reservation(ScopedModel):
    """A time that a customer has, holds for some minutes, or waits for.

    `unit` is which of the resource's units it is, None while it waits. From `begins` to `ends` the customer has it;
    nobody else has that unit until `taken_until`. `former` is what it was before it was last changed or cancelled, so
    that this can be undone. `once` tells a second press of the button from a second reservation; `case_id` is the case
    in which it was made, and `freed_at` since when it is seen that what it waits for is free.
    """

    class State(models.TextChoices):
        """Where it stands. A hold whose time is over is over, whether or not a row says so yet."""

        HELD = "held", pgettext_lazy("reservation", "Held for the moment")
        BOOKED = "booked", pgettext_lazy("reservation", "Reserved")
        WAITING = "waiting", pgettext_lazy("reservation", "On the waiting list")
        CANCELLED = "cancelled", pgettext_lazy("reservation", "Cancelled")
        LAPSED = "lapsed", pgettext_lazy("reservation", "Let go")

    number = models.PositiveIntegerField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    case_id = models.BigIntegerField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices)
    unit = models.PositiveSmallIntegerField(null=True)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    taken_until = models.DateTimeField()
    people = models.PositiveSmallIntegerField(default=1)
    note = models.CharField(max_length=500, blank=True)
    held_until = models.DateTimeField(null=True)
    freed_at = models.DateTimeField(null=True)
    former = models.JSONField(null=True)
    once = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="reservation_number_once"),
            models.UniqueConstraint(fields=["company", "once"], name="reservation_made_once"),
            # Ranges of one number each stand for the numbers: what a GiST index compares without an extension.
            ExclusionConstraint(
                name="one_customer_at_a_time",
                expressions=[
                    (Func(F("resource"), F("resource"), Value("[]"), function="int8range"), "="),
                    (Func(F("unit"), F("unit"), Value("[]"), function="int4range"), "="),
                    (Func(F("begins"), F("taken_until"), function="tstzrange"), "&&"),
                ],
                condition=Q(state__in=["held", "booked"]),
            ),
            models.CheckConstraint(condition=Q(begins__lt=F("ends")), name="reservation_lasts"),
            models.CheckConstraint(
                condition=Q(ends__lte=F("taken_until")), name="reservation_taken_while_it_lasts"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["held", "booked"]) | Q(unit__isnull=False),
                name="reservation_has_a_unit",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-begins"], name="reservation_of_customer"),
            models.Index(fields=["company", "begins", "id"], name="reservation_by_time"),
            models.Index(fields=["resource", "begins"], name="reservation_of_resource"),
            models.Index(fields=["resource", "begins"], name="reservation_held", condition=Q(state="held")),
            models.Index(fields=["begins"], name="reservation_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.spoken_number

    @property
    def spoken_number(self) -> str:
        """The number as it is said and written."""
        return f"V-{self.number}"

    @property
    def where(self) -> dict[str, int | None]:
        """Whose it is and where, as each fact about it says it."""
        return {"company": self.company_id, "case": self.case_id, "desk": self.desk_id}
