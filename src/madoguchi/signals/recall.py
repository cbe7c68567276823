"""Whether reports of one product are so many that it may have to be called back, against what was sold. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Self

# Reports of so many days are counted, beside those of as many days before; sold is what went out within a year.
DAYS: Final = 30
SOLD_DAYS: Final = 365
# From this share of what was sold on it is suspicious: one piece in a hundred.
_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Figures:
    """What a suspicion rests on: reports of the last days, those of as many days before, pieces sold, and the lot of
    which most were, with how many.
    """

    reports: int
    before: int
    sold: int
    lot: str = ""
    of_lot: int = 0

    @classmethod
    def of(cls, lots: Sequence[str], *, before: int, sold: int) -> Self:
        """Of reports by their lots, empty where it is not known."""
        known = Counter(lot for lot in lots if lot).most_common(1)
        lot, of_lot = known[0] if known else ("", 0)
        return cls(len(lots), before, sold, lot, of_lot)

    @property
    def per_mille(self) -> float:
        """Reports of a thousand pieces that were sold; 0 where nobody knows of any."""
        return round(self.reports / self.sold * 1000, 1) if self.sold else 0.0

    def is_suspicious(self, *, alike: int) -> bool:
        """So many at least, and either of one lot, or more than before and one piece in a hundred of what was sold."""
        if self.reports < alike:
            return False
        often = self.sold > 0 and self.reports >= self.sold * _SHARE
        return self.of_lot >= alike or (self.reports > self.before and often)

    def kept(self) -> dict[str, int | str]:
        """As it is kept beside what it raised."""
        return asdict(self)
