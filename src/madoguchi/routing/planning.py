"""From a queue to a roster and to money: who is away, how busy people may be, and which price is the lowest. Pure.

    on the roster  = ⌈ people at the queue ÷ (1 − shrinkage) ⌉
    shrinkage      = 1 − time at the queue ÷ time that is paid
    occupancy      = λ·AHT ÷ people, of calls that are answered; kept under a limit by more people
    a tariff       = base + excess × max(0, calls − included), a month
    break-even     = ⌈ fixed ÷ (price − own cost of a call) ⌉ calls a month; of a tariff
                     included + ⌈ (fixed + own × included − base) ÷ (excess − own) ⌉

Shares are reckoned as fractions: 84 people at a shrinkage of 30 % are 120 on the roster, and no rounding of binary
numbers makes 121 of them.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from madoguchi.routing.erlang import MOST_PEOPLE, ErlangA, ErlangC, people_for

MOST_TARIFFS = 20
# What a page or a line of a shell is asked for: calls an hour, seconds of a call or of patience, and to the answer.
MOST_CALLS, MOST_SECONDS, MOST_TARGET = 1_000_000, 36_000, 3_600


def rostered(people: int, shrinkage: float) -> int:
    """How many are on the roster so that so many are at the queue. Raises ValueError for a share that is none."""
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is from 0 to less than 1")
    return ceil(people / (1 - Fraction(str(shrinkage))))


def people_within(
    share: float, seconds: float, queue: Callable[[int], ErlangA | ErlangC], *, occupancy: float = 1.0
) -> int:
    """The fewest people by whom so large a part of all calls is answered within so many seconds, and who are busy for
    no larger a part of their time than `occupancy`. Raises ValueError where more would be needed than anybody has.
    """
    if not 0 < occupancy <= 1:
        raise ValueError("occupancy is more than 0, and 1 at most")
    people = range(people_for(share, seconds, queue), MOST_PEOPLE + 1)
    found = bisect_left(people, True, key=lambda number: queue(number).occupancy() <= occupancy)
    if found == len(people):
        raise ValueError("no number of people suffices")
    return people[found]


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a service costs a month: `base` yen with so many calls `included`, and `excess` yen for each further one."""

    name: str
    base: int
    included: int
    excess: int

    def price(self, calls: int) -> int:
        """What so many calls a month cost, in yen."""
        return self.base + self.excess * max(0, calls - self.included)


def cheapest(tariffs: Sequence[Tariff], calls: int) -> Tariff:
    """The tariff by which so many calls cost least, the first of two alike. Raises ValueError where there is none."""
    return min(tariffs, key=lambda one: one.price(calls))


def break_even(fixed: int, own: int, price: int) -> int | None:
    """From how many calls a month on a desk of one's own (`fixed` yen a month, `own` yen a call) costs no more than
    `price` yen a call elsewhere; None where it never does.
    """
    return None if price <= own else ceil(Fraction(fixed, price - own))


def pays_from(fixed: int, own: int, tariff: Tariff) -> int | None:
    """From how many calls a month on a desk of one's own (`fixed` yen a month, `own` yen a call) costs no more than a
    tariff, however many come; None where a further call costs no less there, and not all before is cheaper.
    """
    more = fixed + own * tariff.included - tariff.base
    if more <= 0 and tariff.excess >= own:
        return 0
    return None if tariff.excess <= own else tariff.included + ceil(Fraction(more, tariff.excess - own))


_WRITTEN_WITH = str.maketrans({"／": "/", ",": None, "，": None, "円": None, "¥": None, "￥": None})


def read_tariffs(written: str) -> list[Tariff]:
    """Tariffs as lines of name: base / included / excess; numbers as people write them (100,000円). Raises ValueError
    with the line that makes no sense.
    """
    found = []
    for line in filter(None, map(str.strip, written.splitlines())):
        name, _colon, numbers = line.replace("：", ":").rpartition(":")
        parts = [part.strip() for part in numbers.translate(_WRITTEN_WITH).split("/")]
        if not name or len(parts) != 3 or not all(part.isdecimal() and len(part) < 10 for part in parts):
            raise ValueError(line)
        found.append(Tariff(name.strip(), *map(int, parts)))
    if len(found) > MOST_TARIFFS:
        raise ValueError(written.splitlines()[-1])
    return found
