"""Numbers of carriers' slips in one form, by their check digit where its rule is known. Pure."""

import re
import unicodedata

from django.utils.translation import gettext as _

from madoguchi.commerce.models import Parcel
from madoguchi.kernel.errors import Refused

MOST = 30
_TWELVE = re.compile(r"[0-9]{12}")
_ANY = re.compile(r"[0-9A-Z]{4,30}")
_BETWEEN = re.compile(r"[\s\-‐-―−ー]")
# Of 12 digits the last is the remainder by 7 of the others, with all three (セブンチェック, 7DR). Slips of another
# length (書留 with 11, EMS with letters) are taken as they are: their rules are others.
_CHECKED = (Parcel.Carrier.YAMATO, Parcel.Carrier.SAGAWA, Parcel.Carrier.JAPAN_POST)


def slip_of(written: str, carrier: str) -> str:
    """A slip's number without what stands between its digits; empty where none was written.

    Raises Refused for what can be none, and where the last digit shows that it is mistyped.
    """
    number = _BETWEEN.sub("", unicodedata.normalize("NFKC", written)).upper()
    if not number:
        return ""
    if not _ANY.fullmatch(number) or (carrier in _CHECKED[:2] and not _TWELVE.fullmatch(number)):
        words = _("“%(written)s” is no number of a slip. With Yamato and Sagawa it has 12 digits.")
        raise Refused(words % {"written": written.strip()[:40]}, field="slip")
    if carrier in _CHECKED and _TWELVE.fullmatch(number) and int(number[:-1]) % 7 != int(number[-1]):
        words = _("The slip %(number)s is mistyped: by its other digits the last would be %(digit)s.")
        raise Refused(words % {"number": spoken_slip(number), "digit": int(number[:-1]) % 7}, field="slip")
    return number


def spoken_slip(number: str) -> str:
    """A slip's number as it is printed: twelve digits in groups of four."""
    return "-".join((number[:4], number[4:8], number[8:])) if _TWELVE.fullmatch(number) else number
