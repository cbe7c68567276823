"""How the orders of the sample customers went out: one parcel each, which has come, is on its way, or met nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.commerce.models import Parcel, ParcelPiece, ParcelStep
from madoguchi.sample.copying import Row, target

PARCELS = target(Parcel, "id company_id order_id number carrier slip state moved_at")
PIECES = target(ParcelPiece, "company_id parcel_id line_id quantity")
STEPS = target(ParcelStep, "company_id parcel_id state at")
_CARRIERS = (Parcel.Carrier.YAMATO, Parcel.Carrier.SAGAWA, Parcel.Carrier.JAPAN_POST)
_TO_THE_DEPOT, _TO_THE_DOOR = timedelta(hours=5), timedelta(hours=30)
# Of what is on its way one parcel in so many met nobody at the door.
_NOBODY_THERE = 9


@dataclass(frozen=True, slots=True)
class Sent:
    """What went out of an order: its goods as (id of the line, how many), when, and when it came, if it did."""

    order: int
    company: int
    goods: Sequence[tuple[int, int]]
    went: datetime
    came: datetime | None
    now: datetime

    def row(self, parcel: int) -> Row:
        """The parcel under this id."""
        state, at = self._steps()[-1]
        carrier = _CARRIERS[self.order % len(_CARRIERS)]
        return (parcel, self.company, self.order, 1, carrier.value, self._slip(), state.value, at)

    def pieces(self, parcel: int) -> Iterator[Row]:
        """What is in it."""
        yield from ((self.company, parcel, line, count) for line, count in self.goods)

    def steps(self, parcel: int) -> Iterator[Row]:
        """Where it was until now."""
        yield from ((self.company, parcel, state.value, at) for state, at in self._steps())

    def _slip(self) -> str:
        serial = 44_000_000_000 + self.order
        return f"{serial}{serial % 7}"

    def _steps(self) -> list[tuple[Parcel.State, datetime]]:
        return [step for step in self._all_steps() if step[1] < self.now]

    def _all_steps(self) -> Iterator[tuple[Parcel.State, datetime]]:
        yield Parcel.State.HANDED_OVER, self.went
        yield Parcel.State.IN_TRANSIT, self.went + _TO_THE_DEPOT
        if self.came:
            yield Parcel.State.DELIVERED, self.came
        elif self.order % _NOBODY_THERE == 0:
            yield Parcel.State.ABSENT, self.went + _TO_THE_DOOR
