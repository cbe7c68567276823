"""Whether reports of one product, or of one lot of it, are so many that it may have to be called back, against what was
sold. Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Self

# Reports of so many days are counted, beside those of as many days before; sold is what went out within a year.
DAYS: Final = 30
SOLD_DAYS: Final = 365
# From this share on it is suspicious where a company says no other: one piece in a hundred.
PER_MILLE: Final = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on reports are suspicious: so many `alike`, and so many of a thousand pieces that were sold."""

    alike: int
    per_mille: int = PER_MILLE

    def are_many(self, reports: int, sold: int) -> bool:
        """Whether reports are so many of what is known to have been sold; of nothing none are."""
        return sold > 0 and reports * 1000 >= sold * self.per_mille

    def is_bad(self, reports: int, sold: int) -> bool:
        """The same of a lot, of which any are many where nobody knows how much of it was sold."""
        return reports >= self.alike and (sold == 0 or self.are_many(reports, sold))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a suspicion rests on: reports of the last days, those of as many days before, pieces sold, and the lot that
    speaks most for it, with how many reports there are of it and how many pieces of it are known to have been sold (0:
    nobody knows).
    """

    reports: int
    before: int
    sold: int
    lot: str = ""
    of_lot: int = 0
    lot_sold: int = 0

    @classmethod
    def of(
        cls, lots: Sequence[str], *, before: int, sold: int, sold_of: Mapping[str, int], limits: Limits
    ) -> Self:
        """Of reports by their lots, empty where it is not known, and of what is known to have been sold by lot. Of lots
        one that is suspicious stands before others, and of such the one with most reports.
        """
        known = Counter(lot for lot in lots if lot)
        worst = max(
            known.items(),
            key=lambda one: (limits.is_bad(one[1], sold_of.get(one[0], 0)), one[1]),
            default=("", 0),
        )
        return cls(len(lots), before, sold, *worst, sold_of.get(worst[0], 0))

    @property
    def per_mille(self) -> float:
        """Reports of a thousand pieces that were sold; 0 where nobody knows of any."""
        return _share(self.reports, self.sold)

    @property
    def lot_per_mille(self) -> float:
        """The defect rate of the lot (ロット別不良率): the same of it."""
        return _share(self.of_lot, self.lot_sold)

    def is_suspicious(self, limits: Limits) -> bool:
        """So many at least, and either of one lot, or more than before and so many of what was sold."""
        if self.reports < limits.alike:
            return False
        often = self.reports > self.before and limits.are_many(self.reports, self.sold)
        return limits.is_bad(self.of_lot, self.lot_sold) or often

    def kept(self) -> dict[str, int | str]:
        """As it is kept beside what it raised."""
        return asdict(self)


def _share(reports: int, sold: int) -> float:
    return round(reports / sold * 1000, 1) if sold else 0.0
