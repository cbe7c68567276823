"""Shares of what was counted, and the range in which the true one lies."""

from math import sqrt
from typing import Final

# Two-sided, for 95 in 100.
_Z: Final = 1.959963984540054


def share_lies_between(count: int, of: int) -> tuple[float, float]:
    """Where the true share lies with 95 % confidence if `count` of `of` were seen, each from 0 to 1; of none anywhere.

    The score interval of Wilson (1927, Journal of the American Statistical Association 22, 209-212), which holds for
    few and for none seen.
    """
    if not of:
        return 0.0, 1.0
    share = count / of
    middle = share + _Z**2 / (2 * of)
    half = _Z * sqrt(share * (1 - share) / of + _Z**2 / (4 * of * of))
    below = 1 + _Z**2 / of
    return max(0.0, (middle - half) / below), min(1.0, (middle + half) / below)
