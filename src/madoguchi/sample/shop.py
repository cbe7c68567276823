"""What the customers of the sample companies have bought by now: the same customer always bought the same."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from madoguchi.commerce.documents.tax import Line, totals_of
from madoguchi.commerce.models import FIRST_NUMBER, Counter, Order, OrderLine, Parcel, Variant
from madoguchi.companies.models import Company
from madoguchi.infra.models import Event
from madoguchi.sample.copying import Row, reserve, target, write
from madoguchi.sample.customers import SampleCustomer
from madoguchi.sample.grammar import Chance, pick, stream
from madoguchi.sample.parcels import PARCELS, PIECES, STEPS, Sent
from madoguchi.sample.rows import EVENTS
from madoguchi.sample.shelves import Shelf, shelves

_ORDERS = 9
# How many orders a customer has, by chance: most one or two, some none. None is older than the terms.
_HOW_MANY = (0, 1, 1, 1, 2, 2, 3, 5)
_LATELY = timedelta(days=110)
_SHIPPED_AFTER, _DELIVERED_AFTER = timedelta(days=1), timedelta(days=3)
_PAID_BEFORE = timedelta(hours=20)
_PAID_AFTER = {Order.Payment.ON_DELIVERY.value: timedelta(0), Order.Payment.LATER.value: timedelta(days=30)}
_PAYMENTS = tuple(Order.Payment.values)
ORDERS = target(
    Order,
    "id company_id desk_id number customer_id policy_id state payment recipient postcode address phone note rounding"
    " net tax once placed_at delivered_at paid_at",
)
LINES = target(
    OrderLine,
    "id company_id order_id place variant_id code name quantity unit_price tax_rate tax_included warranty_months"
    " shipping",
)
SOLD = (ORDERS, LINES, PARCELS, PIECES, STEPS)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with the id and the shelf."""

    id: int
    customer: SampleCustomer
    shelf: Shelf


class Seller:
    """Writes what customers bought, under the next numbers of each company."""

    def __init__(self, companies: dict[str, Company], *, seed: int, now: datetime) -> None:
        self.seed, self.now, self.shelves = seed, now, shelves(companies)
        self.numbers = {shelf.company: _last_number(shelf.company) for shelf in self.shelves.values()}
        self.events = 0

    def sell(self, people: Sequence[tuple[int, SampleCustomer]]) -> None:
        """All orders of these customers, with their events."""
        found = [
            order
            for id_, customer in people
            if customer.spam < 0 and (shelf := self.shelves.get(customer.company))
            for order in self._orders(Buyer(id_, customer, shelf))
        ]
        orders, events = reserve(Order, len(found)), reserve(Event, len(found))
        ids = iter(reserve(OrderLine, sum(len(order.lines) for order in found)))
        lines = [[next(ids) for _line in order.lines] for order in found]
        write(ORDERS, (order.row(id_) for id_, order in zip(orders, found, strict=True)))
        each = list(zip(orders, lines, found, strict=True))
        write(LINES, (row for id_, own, order in each for row in order.line_rows(id_, own)))
        _send([sent for id_, own, order in each if (sent := order.sent(id_, own))])
        told = zip(events, orders, found, strict=True)
        write(EVENTS, (order.event(event, id_) for event, id_, order in told))
        self.events += len(found)

    def count_numbers(self) -> None:
        """The next order of a company goes on from the last of these."""
        for company, last in self.numbers.items():
            if last >= FIRST_NUMBER:
                Counter.objects.update_or_create(company_id=company, kind="order", defaults={"last": last})

    def _orders(self, buyer: Buyer) -> Iterator["_Sold"]:
        chance = stream(self.seed, _ORDERS, buyer.customer.index)
        since = max(buyer.customer.created_at, self.now - _LATELY)
        moments = sorted(since + (self.now - since) * chance() for _order in range(pick(chance, _HOW_MANY)))
        for at in moments:
            self.numbers[buyer.shelf.company] += 1
            yield _Sold(buyer, chance, at, self.now, self.numbers[buyer.shelf.company])


class _Sold:
    """One order on its way into the tables."""

    def __init__(self, buyer: Buyer, chance: Chance, at: datetime, now: datetime, number: int) -> None:
        self.buyer, self.at, self.now, self.number = buyer, at, now, number
        self.lines = _basket(buyer.shelf, chance)
        self.totals = totals_of(_reckoned(variant, count) for variant, count in self.lines)
        self.payment, self.once = pick(chance, _PAYMENTS), UUID(int=int(chance() * 2**64) << 64 | number)
        self.came = at + _DELIVERED_AFTER if at + _DELIVERED_AFTER < now else None
        self.state = "delivered" if self.came else "shipped" if at + _SHIPPED_AFTER < now else "placed"
        if chance() < 0.03:
            self.state, self.came = "cancelled", None

    def row(self, id_: int) -> Row:
        shelf, customer = self.buyer.shelf, self.buyer.customer
        return (
            id_,
            shelf.company,
            shelf.desk,
            self.number,
            self.buyer.id,
            shelf.policy,
            self.state,
            self.payment,
            customer.name[:200],
            "",
            customer.prefecture,
            customer.phone,
            "",
            "floor",
            self.totals.net,
            self.totals.tax,
            self.once,
            self.at,
            self.came,
            self._paid_at(),
        )

    def _paid_at(self) -> datetime | None:
        """Cash when it came, by invoice a month after that, else before it was shipped."""
        if self.state == "cancelled":
            return None
        if self.payment in _PAID_AFTER:
            at = self.came + _PAID_AFTER[self.payment] if self.came else None
        else:
            at = self.at + _PAID_BEFORE
        return at if at and at < self.now else None

    def sent(self, order: int, lines: Sequence[int]) -> Sent | None:
        """What went out of it by now, if anything."""
        if self.state not in ("shipped", "delivered"):
            return None
        goods = [
            (line, count)
            for line, (variant, count) in zip(lines, self.lines, strict=True)
            if self._is_good(variant)
        ]
        return Sent(order, self.buyer.shelf.company, goods, self.at + _SHIPPED_AFTER, self.came, self.now)

    def _is_good(self, variant: Variant) -> bool:
        return variant != self.buyer.shelf.shipping

    def line_rows(self, order: int, lines: Sequence[int]) -> Iterator[Row]:
        for place, (line, (variant, count)) in enumerate(zip(lines, self.lines, strict=True), 1):
            product = variant.product
            yield (
                line,
                self.buyer.shelf.company,
                order,
                place,
                variant.pk,
                variant.code,
                str(variant),
                count,
                variant.unit_price,
                product.tax_rate,
                product.tax_included,
                product.warranty_months,
                not self._is_good(variant),
            )

    def event(self, id_: int, order: int) -> Row:
        data = json.dumps({"order": order, "number": self.number, "total": self.totals.total})
        return (
            id_,
            self.buyer.shelf.company,
            "order.placed",
            self.at,
            "system",
            None,
            "shop",
            None,
            self.buyer.shelf.desk,
            data,
        )


def _send(sent: Sequence[Sent]) -> None:
    parcels = list(zip(reserve(Parcel, len(sent)), sent, strict=True))
    write(PARCELS, (one.row(id_) for id_, one in parcels))
    write(PIECES, (row for id_, one in parcels for row in one.pieces(id_)))
    write(STEPS, (row for id_, one in parcels for row in one.steps(id_)))


def _basket(shelf: Shelf, chance: Chance) -> list[tuple[Variant, int]]:
    """One to three different things, mostly one of each, and the shipping."""
    chosen = {pick(chance, shelf.variants): 1 + (chance() < 0.2) for _line in range(1 + int(chance() * 3))}
    return [*chosen.items(), (shelf.shipping, 1)]


def _reckoned(variant: Variant, count: int) -> Line:
    product = variant.product
    return Line(
        name=variant.code,
        quantity=Decimal(count),
        unit_price=Decimal(variant.unit_price),
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
    )


def _last_number(company: int) -> int:
    last = Counter.objects.filter(company=company, kind="order").values_list("last", flat=True).first()
    return last or FIRST_NUMBER - 1
