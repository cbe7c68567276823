"""Coupons that are none, counted: whoever goes through codes one by one comes to an end before any is found.

A wrong one undoes its transaction, so it is counted by who has it told, when that is over.
"""

from contextlib import suppress

from django.utils.translation import gettext as _

from madoguchi.infra import limits
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

HOUR = 3600
# Some are misheard on the phone, and typed once more.
MOST_OF_PERSON, MOST_OF_COMPANY = 20, 200


class WrongCoupon(Refused):
    """No such coupon holds; `count_guess` has it counted."""

    def __init__(self, message: str, *, company: int, person: int | None) -> None:
        super().__init__(message, field="coupon")
        self.company, self.person = company, person


def require_guesses(*, company: int, by: Actor | None) -> None:
    """Raises Refused where so many wrong ones were named within the hour, by this person or in the whole company, that
    no more are looked at.
    """
    for key, most in _keys(company, by.id if by else None):
        try:
            limits.require_room(key, most=most, seconds=HOUR)
        except TooOften as limit:
            words = _(
                "So many coupons were wrong that no more are looked at for %(minutes)s minutes. Take the order without "
                "one, or wait."
            )
            raise Refused(words % {"minutes": -(-limit.seconds // 60)}, field="coupon") from limit


def count_guess(wrong: WrongCoupon) -> None:
    """Count one that was wrong."""
    for key, most in _keys(wrong.company, wrong.person):
        with suppress(TooOften):
            limits.count(key, most=most, seconds=HOUR)


def _keys(company: int, person: int | None) -> list[tuple[str, int]]:
    of_person = [(f"coupon:{company}:person:{person}", MOST_OF_PERSON)] if person is not None else []
    return [*of_person, (f"coupon:{company}", MOST_OF_COMPANY)]
