"""What can happen to stores, what can be had there, and reservations. No event holds words of a customer."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class StoreKept(Fact):
    """A store was set up, or something about it was changed: `{field: [before, after]}`."""

    kind: ClassVar[str] = "store.kept"
    store: int
    changes: dict[str, list[Any]]


@fact
class ResourceKept(Fact):
    """What can be had at a store was set up or changed: `{field: [before, after]}`."""

    kind: ClassVar[str] = "resource.kept"
    store: int
    resource: int
    changes: dict[str, list[Any]]


@fact
class ReservationsTaken(Fact):
    """Somebody took the list of a `day`, of one store or (None) of all, along as a file, with so many (`count`)."""

    kind: ClassVar[str] = "reservation.list_taken"
    day: str
    store: int | None
    count: int


@fact
class ReservationHeld(Fact):
    """A time is kept for a customer for some minutes (`until`), while it is read back to them."""

    kind: ClassVar[str] = "reservation.held"
    reservation: int
    number: int
    until: str


@fact
class ReservationBooked(Fact):
    """A customer has a time."""

    kind: ClassVar[str] = "reservation.booked"
    reservation: int
    number: int
    begins: str


@fact
class ReservationAwaited(Fact):
    """A customer waits for a time that others have."""

    kind: ClassVar[str] = "reservation.awaited"
    reservation: int
    number: int
    begins: str


@fact
class ReservationChanged(Fact):
    """A customer has another time than before, or has something else then."""

    kind: ClassVar[str] = "reservation.changed"
    reservation: int
    number: int
    before: str
    after: str


@fact
class ReservationCancelled(Fact):
    """A customer does not come, or waits no longer."""

    kind: ClassVar[str] = "reservation.cancelled"
    reservation: int
    number: int


@fact
class ReservationRestored(Fact):
    """A change or a cancellation was undone: it is as it was before."""

    kind: ClassVar[str] = "reservation.restored"
    reservation: int
    number: int
    begins: str


@fact
class ReservationDropped(Fact):
    """A time that was held was let go before the customer had it."""

    kind: ClassVar[str] = "reservation.dropped"
    reservation: int
    number: int
