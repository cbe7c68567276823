"""When an order on the phone is a solicitation, what is then owed to the customer, and until when they may withdraw.

Whoever was brought to call by an advertisement, and is then sold on the phone what that did not offer, was solicited by
phone (特定商取引法2条3項, 同施行令2条). Such a customer is told who speaks, that they are solicited, and for what,
before anything is offered (16条); one who does not want it is not solicited again (17条); written terms follow without
delay (18条・19条), and within eight days of having them, that day counted, the customer withdraws for nothing (24条).

Pure: no query, no clock, no Django.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# 「遅滞なく」: within three or four days, as the ministry reads it.
DAYS_TO_PAPERS = 3
DAYS_TO_WITHDRAW = 8


class Duty(StrEnum):
    """What is said to the customer before anything is offered, and asked."""

    NAME = "name"
    PURPOSE = "purpose"
    GOODS = "goods"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Advert:
    """What one advertisement offered: products by their codes (none: all), at most so many pieces of each (None: any
    number), and whether also again and again.
    """

    products: frozenset[str] = frozenset()
    most: int | None = None
    again: bool = False

    def offers(self, code: str, count: int) -> bool:
        """Whether so many pieces of a product are part of it."""
        return (not self.products or code in self.products) and (self.most is None or count <= self.most)


def outside(
    pieces: Iterable[tuple[str, int]], adverts: Sequence[Advert], *, again: bool = False
) -> list[str]:
    """The codes of products of which so many pieces (`again`: again and again) were offered by none of these, as they
    come. Where no advertisement is known, nothing is outside.
    """
    counted: Counter[str] = Counter()
    for code, count in pieces:
        counted[code] += count
    fitting = [one for one in adverts if one.again or not again]
    if not adverts:
        return []
    return [code for code, count in counted.items() if not any(one.offers(code, count) for one in fitting)]


def missing_duties(ticked: Iterable[str]) -> list[Duty]:
    """What has not been told to the customer yet."""
    done = set(ticked)
    return [duty for duty in Duty if duty.value not in done]


def papers_due(ordered: date) -> date:
    """By when the written terms have to leave."""
    return ordered + timedelta(days=DAYS_TO_PAPERS)


def last_day(papers: date | None) -> date | None:
    """The last day on which the customer may withdraw, who has had the written terms since a day. None: not begun."""
    return None if papers is None else papers + timedelta(days=DAYS_TO_WITHDRAW - 1)


def may_withdraw(noticed: date, papers: date | None) -> bool:
    """Whether a notice that left on a day is in time; without written terms it always is."""
    last = last_day(papers)
    return last is None or noticed <= last
