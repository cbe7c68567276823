"""Revenue stamps on receipts (印紙税法 別表第一 第17号の1文書). Pure."""

from bisect import bisect_left

FREE_BELOW = 50_000
# Up to and with so many yen, so much.
_STEPS = (
    (1_000_000, 200),
    (2_000_000, 400),
    (3_000_000, 600),
    (5_000_000, 1_000),
    (10_000_000, 2_000),
    (20_000_000, 4_000),
    (30_000_000, 6_000),
    (50_000_000, 10_000),
    (100_000_000, 20_000),
    (200_000_000, 40_000),
    (300_000_000, 60_000),
    (500_000_000, 100_000),
    (1_000_000_000, 150_000),
)
_MOST = 200_000


def stamp_for(received: int, *, on_paper: bool, by_card: bool) -> int:
    """The stamp that a receipt needs, in yen, 0 for none. `received` is without tax, since the paper states the tax
    beside it. A file is no document in the sense of that law, and by card no money is received when it is written.
    """
    if not on_paper or by_card or received < FREE_BELOW:
        return 0
    place = bisect_left([most for most, _yen in _STEPS], received)
    return _STEPS[place][1] if place < len(_STEPS) else _MOST
