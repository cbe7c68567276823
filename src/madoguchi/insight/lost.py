"""What calls that were given up would have brought, as an estimate in yen. Pure.

Y: yen of orders that were taken on the phone. The mean of an order is Y ÷ orders, and the share of answered calls that
became one is orders ÷ ans: their product is Y ÷ ans, what an answered call brought. Calls that were given up are taken
for like the answered ones, though who calls about a fault gives up as well, and who gave up may call again.
"""

import math
from collections.abc import Sequence

from madoguchi.insight.definitions import OURS, Definition, Family, Unit
from madoguchi.insight.reckoning import Part, Reckoned
from madoguchi.insight.records import Demand
from madoguchi.promises.located import N_


def lost_sales(records: Sequence[Demand]) -> Reckoned:
    """Each call that was given up adds all yen above the line, each answered one adds one below it. Orders stand among
    the parts with nothing of their own, for they make up those yen.
    """
    yen = math.fsum(one.yen for one in records)
    parts = tuple(
        Part(one, yen if one.gave_up else 0, float(one.answered))
        for one in records
        if one.gave_up or one.answered or one.yen
    )
    over, under = math.fsum(part.over for part in parts), math.fsum(part.under for part in parts)
    return Reckoned(over / under if under else None, over, under, parts)


LOST: tuple[Definition[Demand], ...] = (
    Family(Demand).by(
        "lost_sales",
        "1",
        lost_sales,
        title=N_("Sales lost with calls that were given up, estimated"),
        formula="aband × (Y ÷ orders) × (orders ÷ ans) = aband × Y ÷ ans, cb not among aband",
        denominator=N_("Calls that were answered"),
        unit=Unit.YEN,
        source=OURS,
    ),
)
