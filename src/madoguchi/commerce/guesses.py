"""Coupons that are none, counted: whoever goes through codes one by one comes to an end before any is found.

Each is counted before it is looked at, whatever else that undoes, and given back where it holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from madoguchi.infra import limits
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

HOUR = 3600
# Some are misheard on the phone, and typed once more.
MOST_OF_PERSON, MOST_OF_COMPANY = 20, 200


class WrongCoupon(Refused):
    """No such coupon holds."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="coupon")


@contextmanager
def guessing(*, company: int, by: Actor | None) -> Iterator[None]:
    """While it is looked whether a coupon holds: that it does not is counted. Raises Refused where so many were wrong
    within the hour, of this person or in the whole company, that no more are looked at.
    """
    keys = [(f"coupon:{company}:person:{by.id}", MOST_OF_PERSON)] if by is not None and by.id else []
    keys.append((f"coupon:{company}", MOST_OF_COMPANY))
    try:
        with limits.tried(keys, seconds=HOUR, failing=WrongCoupon):
            yield
    except TooOften as limit:
        words = _(
            "So many coupons were wrong that no more are looked at for %(minutes)s minutes. Take the order without "
            "one, or wait."
        )
        raise Refused(words % {"minutes": -(-limit.seconds // 60)}, field="coupon") from limit
