"""Where a customer pays an order by card: at the company's payment provider, by a link. No card number comes here.

The link is made of a template (`https://pay.example/checkout?ref={order}&amount={total}`) and never fetched by us.
"""

import re
from typing import Final
from urllib.parse import quote

from django.utils.translation import gettext as _

from madoguchi.commerce.models import Order
from madoguchi.commerce.queries import link_as_it_counts, shop_of
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_LETTERS: Final = 200
_PLACE = re.compile(r"\{([^{}]*)\}")
_KNOWN: Final = frozenset({"order", "total"})
# A host with a dot, perhaps a port, and a path or query: nobody is named before the host.
_ADDRESS = re.compile(
    r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?[/?][!#-;=?-\[\]_a-z{}~]*", re.IGNORECASE
)


def template_of(written: str) -> str:
    """A template as it is kept, empty for none. Raises Refused for what is no address by https, for one that holds a
    name and password or a card number, and where it does not say behind the host which order is paid.
    """
    found = one_line(written, most=MOST_LETTERS + 1)
    if not found:
        return ""
    if len(found) > MOST_LETTERS or not _ADDRESS.fullmatch(found) or blot_card_numbers(found) != found:
        words = _("Write an address that begins with https://, in 200 letters at most.")
        raise Refused(words, field="payment_link")
    places, rest = _PLACE.findall(found), _PLACE.sub("", found)
    if "order" not in places or not _KNOWN.issuperset(places) or "{" in rest or "}" in rest:
        words = _(
            "Write {order} where the number of the order stands, and {total} for the amount in yen, if need be."
        )
        raise Refused(words, field="payment_link")
    return found


def link_of(order: Order) -> str:
    """Where an order is paid; empty where it is paid otherwise, already or no more, and where the company has no
    template. One query at most.
    """
    if order.payment != Order.Payment.LINK or order.paid_at or order.state == Order.State.CANCELLED:
        return ""
    shop = shop_of(order.company_id)
    said = {"order": str(order), "total": str(order.total)}
    return _PLACE.sub(lambda place: quote(said[place[1]], safe=""), link_as_it_counts(shop)) if shop else ""
