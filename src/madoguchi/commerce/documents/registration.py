"""Registration numbers of issuers of qualified invoices: T and 13 digits, the first of which checks the others."""

import re
import unicodedata

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused

_FORM = re.compile(r"T[0-9]{13}")


def check_digit(twelve: str) -> int:
    """The first digit of a corporate number (法人番号), from the twelve after it.

    9 less the remainder by 9 of their sum, in which every second one from the right counts twice
    (法人番号の指定等に関する省令 2条).
    """
    return 9 - sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(twelve))) % 9


def registration_number(written: str) -> str:
    """A registration number as it is printed, however it was typed. Raises Refused for what cannot be one."""
    folded = unicodedata.normalize("NFKC", written).upper()
    number = re.sub(r"[\s\-‐-―−]", "", folded)
    if not _FORM.fullmatch(number):
        said = _("The registration number “%(number)s” is not T and 13 digits.") % {"number": written}
        raise Refused(said, field="issuer.registration_number")
    expected = check_digit(number[2:])
    if int(number[1]) != expected:
        said = _(
            "The registration number %(number)s is mistyped: by its other digits the first would be %(digit)s."
        ) % {"number": number, "digit": expected}
        raise Refused(said, field="issuer.registration_number")
    return number
