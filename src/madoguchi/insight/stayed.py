"""Whether customers who were helped buy again. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.insight.definitions import OURS, Definition, Family
from madoguchi.insight.logged import Event, Span, by_case, goes_on_elsewhere, ids_of, is_rest
from madoguchi.insight.records import Stayed
from madoguchi.promises.located import N_

# Who buys within so many days after a case was solved came back as a customer.
BOUGHT_WITHIN = timedelta(days=90)
STAYED_KINDS = ("case.status", "case.continued", "case.unmerged")
BOUGHT_KINDS = ("order.placed", "order.moved")
_CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Bought:
    """Whose an order is and when it was placed: in a shop elsewhere long before we heard of it, perhaps."""

    customer: int
    at: datetime


def stayed_in(
    told: Iterable[Event],
    ordered: Iterable[Event],
    span: Span,
    *,
    customers: Mapping[int, int],
    orders: Mapping[int, Bought],
) -> list[Stayed]:
    """The customers of whom a case was solved first in a span, by all events of these cases and by those of orders.
    `customers` says whose each case is, `orders` which orders count; one that was cancelled is none.
    """
    first: dict[int, Event] = {}
    for case, events in by_case(told).items():
        solved = next(filter(is_rest, events), None)
        if solved is None or not span.holds(solved.at) or goes_on_elsewhere(events) or case not in customers:
            continue
        known = first.setdefault(customers[case], solved)
        if solved.at < known.at:
            first[customers[case]] = solved
    bought = _bought(ordered, orders)
    return [_stayed(who, solved, bought.get(who, ()), span) for who, solved in first.items()]


def _bought(
    ordered: Iterable[Event], orders: Mapping[int, Bought]
) -> dict[int, list[tuple[datetime, Event]]]:
    """By customer when they bought, each with the event that tells of it, without what was cancelled."""
    placed: dict[int, Event] = {}
    for event in ordered:
        order = event.data["order"]
        if event.kind == "order.placed":
            placed[order] = event
        elif event.data["after"] == _CANCELLED:
            placed.pop(order, None)
    found: dict[int, list[tuple[datetime, Event]]] = defaultdict(list)
    for order, event in placed.items():
        if one := orders.get(order):
            found[one.customer].append((one.at, event))
    return found


def _stayed(customer: int, solved: Event, bought: Iterable[tuple[datetime, Event]], span: Span) -> Stayed:
    after = [event for at, event in bought if solved.at < at <= solved.at + BOUGHT_WITHIN]
    return Stayed(
        ref=f"customer {customer}",
        events=ids_of([solved, *after]),
        desk=solved.desk,
        person=solved.person,
        bought=bool(after),
        decided=solved.at + BOUGHT_WITHIN <= span.now,
    )


STAYED: tuple[Definition[Stayed], ...] = (
    Family(Stayed).share(
        "repurchase_rate",
        "1",
        lambda one: one.bought,
        lambda one: one.decided,
        title=N_("Bought again within 90 days after a case was solved"),
        formula=N_(
            "customers with an order that was not cancelled within 90 days after the first of their cases solved in"
            " the span ÷ customers with such a case"
        ),
        denominator=N_("Customers of whom a case was solved 90 days ago or earlier"),
        source=OURS,
    ),
)
