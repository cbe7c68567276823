"""What was answered of price and stock, as it was at that moment: in the log of the case, which nobody changes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.arriving import arrival_of, excepted
from madoguchi.commerce.events import StockAnswered
from madoguchi.commerce.models import Variant
from madoguchi.commerce.queries import counts_of, shipping_rule_of, stock_of, variants_by_id
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

MOST_ANSWERED = 4


@transaction.atomic
def keep_answered(
    variants: Sequence[int],
    *,
    company: int,
    desk: int,
    case: int,
    contact: int | None,
    to: str = "",
    by: Actor,
) -> list[Variant]:
    """Keep what price and stock these have now and when they would arrive in the prefecture `to` (empty: in none in
    particular), since the customer of a case was told so, in the contact in which they asked. What becomes of the stock
    later changes nothing of it. Four products at most.

    Raises NotAllowed for who writes no notes there, and Refused for none, too many, and what is not on sale.
    """
    if not by.may(Permission.CASE_NOTE, company=company, desk=desk):
        raise NotAllowed(Permission.CASE_NOTE)
    wanted = list(dict.fromkeys(variants))
    if not 1 <= len(wanted) <= MOST_ANSWERED:
        raise Refused(_("Choose one to four products."), field="q")
    on_sale = variants_by_id(wanted, company=company)
    if len(on_sale) < len(wanted):
        raise Refused(_("One of the products is not on sale any more."), field="q")
    stock, rule = stock_of(wanted), shipping_rule_of(company)
    but_in = excepted(rule, to)
    for pk in wanted:
        one, there = on_sale[pk], stock.get(pk)
        arrival = arrival_of(one, there or (), rule, to=to, today=clock.today())
        told: dict[str, Any] = {
            "variant": pk,
            "code": one.code,
            "name": str(one),
            "price": one.unit_price,
            "contact": contact,
            "leaves_on": _day(arrival.leaves_on),
            "arrives_on": _day(arrival.arrives_on),
            "but_in": but_in if arrival.arrives_on else [],
        }
        counts = None if there is None else [[place, count] for place, count in counts_of(there).items()]
        record(StockAnswered(company=company, desk=desk, case=case, places=counts, **told), by=by)
    return [on_sale[pk] for pk in wanted]


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
