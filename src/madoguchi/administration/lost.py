"""What calls that were given up would have brought a company lately, as its page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from madoguchi.companies.models import Company, Desk
from madoguchi.insight.catalogue import definition
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import Wanted, figures
from madoguchi.insight.records import Demand
from madoguchi.kernel import clock

DAYS = 30


@dataclass(frozen=True, slots=True)
class Lost:
    """Of one desk, or (without a `name`) of all: calls answered and given up, orders on the phone and their yen, and
    what was lost by estimate (None: no call was answered, so nothing can be said).
    """

    name: str
    answered: int
    gave_up: int
    orders: int
    yen: int
    estimate: int | None


def lost_lately(company: Company) -> tuple[Lost, list[Lost]]:
    """Of the last thirty days, today among them: all of it, and each desk with a call."""
    begin = datetime.combine(clock.today() - timedelta(days=DAYS - 1), time(), clock.TOKYO)
    span = Span(begin=begin, end=clock.now(), now=clock.now())
    [figure] = figures(Wanted(company=company.pk, span=span), [definition("lost_sales")])
    parts = figure.reckoned.parts if figure.reckoned else ()
    records = [part.record for part in parts if isinstance(part.record, Demand)]
    names = dict(Desk.objects.filter(company=company).values_list("pk", "name"))
    desks = {pk: [one for one in records if one.desk == pk] for pk in names}
    lines = [line_of(names[pk], found) for pk, found in desks.items() if found]
    return line_of("", records), sorted(lines, key=lambda one: -(one.estimate or 0))


def line_of(name: str, records: Sequence[Demand]) -> Lost:
    """What these records come to. Pure."""
    value = definition("lost_sales").reckon(records).value
    return Lost(
        name,
        answered=sum(one.answered for one in records),
        gave_up=sum(one.gave_up for one in records),
        orders=sum(one.yen > 0 for one in records),
        yen=round(sum(one.yen for one in records)),
        estimate=None if value is None else round(value),
    )
