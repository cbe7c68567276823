"""Which answers of a week are looked at, and how sure that makes a share. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil, exp, floor, log

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.shares import share_lies_between

# So many answers of a desk are looked at each week; of fewer all are.
SIZE = 20
WEEK = timedelta(days=7)
# Of 100 bots that are no more often wrong than the bound so many are ever taken for worse, however often one looks.
ERROR = 0.05
# The shares wrong that are bet on, each as much, as multiples of the bound: those worth finding within some weeks.
_BETS = (2, 5, 10, 20)


def week_of(moment: datetime) -> date:
    """The Monday of the week in Japan that a moment falls in."""
    day = moment.astimezone(TOKYO).date()
    return day - timedelta(days=day.weekday())


def bounds(monday: date) -> tuple[datetime, datetime]:
    """When a week begins, and when the next one does."""
    began = datetime.combine(monday, time(), tzinfo=TOKYO)
    return began, began + WEEK


def drawn(ids: Iterable[int], *, desk: int, week: date, size: int = SIZE) -> list[int]:
    """So many of these at random, the same ones whenever it is asked: of each set every one is as likely, and whoever
    looks cannot choose.
    """

    def lot(pk: int) -> bytes:
        return hashlib.sha256(f"{desk}|{week.isoformat()}|{pk}".encode()).digest()

    return sorted(set(ids), key=lot)[:size]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of `all` were wrong; the true share lies between `low` and `high` (percent), 95 times in 100."""

    wrong: int
    all: int

    @property
    def percent(self) -> int | None:
        """The share itself; None where nothing was looked at."""
        return round(100 * self.wrong / self.all) if self.all else None

    @property
    def low(self) -> int:
        """Where the interval begins, rounded down."""
        return floor(round(100 * self._interval()[0], 6))

    @property
    def high(self) -> int:
        """Where it ends, rounded up."""
        return ceil(round(100 * self._interval()[1], 6))

    def is_proven_over(self, percent: float) -> bool:
        """Whether the true share is over so many percent (below 5), asked anew after each answer: at most one in
        20 bots (`ERROR`) at or below it is ever said to be over it, if answers are judged in an order that does not
        hang on what they are. A test by betting: what a fair game at the bound would have paid is 20 times the stake
        (Ville's inequality; Ramdas and others, 2023, Statistical Science 38(4), 576-601).
        """
        return self._evidence(percent / 100) >= -log(ERROR)

    def _evidence(self, bound: float) -> float:
        """By how much the counts are likelier with the shares that are bet on than with the bound, on average; as a
        logarithm, since some hundred wrong ones are more than a float holds.
        """
        right = self.all - self.wrong
        shares = [bet * bound for bet in _BETS]
        each = [self.wrong * log(one / bound) + right * log((1 - one) / (1 - bound)) for one in shares]
        most = max(each)
        return most + log(sum(exp(one - most) for one in each) / len(each))

    def _interval(self) -> tuple[float, float]:
        """The score interval of Wilson, which holds for few and for none wrong."""
        return share_lies_between(self.wrong, self.all)
