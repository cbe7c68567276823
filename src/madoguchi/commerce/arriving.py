"""When something would arrive that is ordered now. Pure.

Days are those of the calendar: nobody says here on which a warehouse rests.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from madoguchi.commerce.delivering import prefecture_of
from madoguchi.commerce.models import ShippingRule, Stock, Variant

MOST_DAYS = 365
_POSTCODE = re.compile(r"^(?:〒|郵便番号:?)?\s*([0-9]{3})[-‐-―−ー]?([0-9]{4})\s*")


@dataclass(frozen=True, slots=True)
class Arrival:
    """On which day a piece leaves (None: nobody knows), from which `place` it comes (empty: from the supplier), and
    when it is in the prefecture `to` (empty: in no one in particular; None where no days of sending are said).
    """

    leaves_on: date | None = None
    place: str = ""
    to: str = ""
    arrives_on: date | None = None


def arrival_of(
    variant: Variant, stock: Sequence[Stock], rule: ShippingRule | None, *, to: str, today: date
) -> Arrival:
    """The soonest: what is there leaves today, what is not with the next receipt, or as the supplier sends it."""
    ways = [(today, one.place) for one in stock if one.quantity > 0]
    if not ways:
        ways = [(one.next_on, one.place) for one in stock if one.next_on and one.next_on >= today]
        if variant.lead_days is not None:
            ways.append((today + timedelta(days=variant.lead_days), ""))
    if not ways:
        return Arrival(to=to)
    leaves, place = min(ways)
    days = days_to(rule, to)
    return Arrival(leaves, place, to, None if days is None else leaves + timedelta(days=days))


def days_to(rule: ShippingRule | None, prefecture: str) -> int | None:
    """How many days goods are on their way there; None where nobody says so."""
    if rule is None:
        return None
    days = rule.region_days.get(prefecture, rule.days)
    return None if days is None else int(days)


def excepted(rule: ShippingRule | None, to: str) -> list[str]:
    """The prefectures for which what `arrival_of` says does not hold: where it is said of none in particular."""
    if to or rule is None or rule.days is None:
        return []
    return sorted(place for place, days in rule.region_days.items() if int(days) != rule.days)


def prefecture_in(written: str) -> str:
    """The prefecture of an address as customers' records have it, the postcode before it; empty where none is known."""
    plain = unicodedata.normalize("NFKC", written).strip()
    found = _POSTCODE.match(plain)
    code = f"{found[1]}-{found[2]}" if found else ""
    return prefecture_of(plain[found.end() :] if found else plain, code)
