"""Selling: how a company sells, orders placed and moved on. The only writers of orders, shops and policies."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.documents.registration import registration_number
from madoguchi.commerce.documents.tax import Line, Rounding, Totals, totals_of
from madoguchi.commerce.events import OrderMoved, OrderPlaced, PolicyWritten, ShopChanged
from madoguchi.commerce.models import FIRST_NUMBER, Order, OrderLine, ReturnPolicy, Shop, Variant
from madoguchi.commerce.paying import keep_paid
from madoguchi.commerce.queries import in_order, policy_of, rounding_of, variants_by_id
from madoguchi.companies.models import Company, Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_LINES, MOST_PIECES, MOST_YEN = 50, 9_999, 1_000_000_000
_NEXT = """
    INSERT INTO commerce_counter (company_id, kind, last) VALUES (%(company)s, %(kind)s, %(first)s)
    ON CONFLICT (company_id, kind) DO UPDATE SET last = commerce_counter.last + 1 RETURNING last
"""
_KEPT = {"recipient": 200, "postcode": 10, "address": 300, "phone": 40, "note": 500}
_State = Order.State
# What can become of an order from where it is.
WAYS: Mapping[str, tuple[str, ...]] = {
    _State.PLACED: (_State.SHIPPED, _State.CANCELLED),
    _State.SHIPPED: (_State.DELIVERED,),
    _State.DELIVERED: (),
    _State.CANCELLED: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An order as it was said: how many of which variant, to whom and where, and how it is paid.

    `once` is made with the form; `total` is what was read back, None where nothing was.
    """

    pieces: tuple[tuple[int, int], ...]
    recipient: str
    address: str
    payment: str
    once: UUID
    postcode: str = ""
    phone: str = ""
    note: str = ""
    total: int | None = None


def basket(pieces: tuple[tuple[int, int], ...], *, company: int) -> list[tuple[Variant, int]]:
    """What is ordered, at the prices of now. One query.

    Raises Refused for nothing, for what is not on sale, and for numbers that nobody orders.
    """
    if not pieces:
        raise Refused(_("Choose a product first."), field="q")
    if len(pieces) > MOST_LINES:
        raise Refused(_("An order takes %(most)s lines at most.") % {"most": MOST_LINES}, field="q")
    on_sale = variants_by_id([variant for variant, _count in pieces], company=company)
    for variant, count in pieces:
        if variant not in on_sale:
            raise Refused(_("One of the products is not on sale any more."), field="q")
        if not 1 <= count <= MOST_PIECES:
            words = _("Write how many, from 1 to %(most)s.") % {"most": MOST_PIECES}
            raise Refused(words, field=f"count-{variant}")
    return [(on_sale[variant], count) for variant, count in pieces]


def totals_now(found: list[tuple[Variant, int]], rounding: Rounding) -> Totals:
    """What a basket comes to. Raises Refused for more than anybody pays."""
    totals = totals_of([_reckoned(variant, count) for variant, count in found], rounding)
    if totals.total > MOST_YEN:
        raise Refused(_("An order comes to %(most)s yen at most.") % {"most": f"{MOST_YEN:,}"}, field="q")
    return totals


def delivery_of(wanted: Wanted) -> dict[str, str]:
    """To whom and where an order goes and how it is paid, as it is kept: without any number of a card.

    Raises Refused for what is missing.
    """
    said = {name: _kept(getattr(wanted, name), most) for name, most in _KEPT.items()}
    needed = {"recipient": _("Write who is to receive it."), "address": _("Write where it is to go.")}
    for name, words in needed.items():
        if not said[name]:
            raise Refused(words, field=name)
    if wanted.payment not in Order.Payment.values:
        raise Refused(_("Choose how it is paid."), field="payment")
    return said | {"payment": wanted.payment}


@transaction.atomic
def place_order(
    customer: Customer, wanted: Wanted, *, desk: Desk, case: int | None = None, by: Actor
) -> Order:
    """Take an order: at the prices of now, on the return policy of now. A second press gives the same order back.

    Raises NotAllowed, Refused as `basket` and for what is missing, and Conflict where it does not come to what was
    read back to the customer.
    """
    company = customer.company_id
    if desk.company_id != company or not policies.may_take_orders(by, company=company, desk=desk.pk):
        raise NotAllowed(Permission.ORDER_TAKE)
    one_at_a_time(f"order {company} {wanted.once}")
    if there := Order.objects.filter(company=company, once=wanted.once).first():
        return _the_same(there, customer, case, wanted)
    found, rounding = basket(wanted.pieces, company=company), rounding_of(company)
    totals = totals_now(found, rounding)
    if wanted.total is not None and wanted.total != totals.total:
        raise Conflict(_("Prices have changed since this was read back. Read it back again."))
    order = Order.objects.create(
        company_id=company,
        number=next_number(company, "order"),
        customer=customer,
        desk=desk,
        case_id=case,
        user_id=by.id,
        policy=policy_of(company),
        rounding=rounding.value,
        net=totals.net,
        tax=totals.tax,
        once=wanted.once,
        placed_at=clock.now(),
        **delivery_of(wanted),
    )
    OrderLine.objects.bulk_create(_line(order, at, *each) for at, each in enumerate(found, 1))
    record(OrderPlaced(**order.where, order=order.pk, number=order.number, total=order.total), by=by)
    return order


def _the_same(order: Order, customer: Customer, case: int | None, wanted: Wanted) -> Order:
    """An order that was taken before by the same form. Raises Conflict where the form says something else by now."""
    before = (order.customer_id, order.case_id, order.recipient, order.address)
    said = delivery_of(wanted)
    now = (customer.pk, case, said["recipient"], said["address"])
    lines = tuple((line.variant_id, line.quantity) for line in in_order(order))
    if before != now or lines != tuple(wanted.pieces):
        raise Conflict(
            _("This form has taken the order %(number)s already. Begin a new one.") % {"number": order}
        )
    return order


@transaction.atomic
def move_order(order: Order, state: str, *, by: Actor) -> None:
    """Say that an order was shipped, has come or is cancelled. Cash on delivery is paid when it comes.

    Raises NotAllowed, Refused for what cannot follow, and Conflict where somebody else has moved it meanwhile.
    """
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    before = order.state
    if state not in WAYS[before]:
        raise Refused(
            _("This cannot follow on “%(state)s”.") % {"state": _State(before).label}, field="state"
        )
    values = {"delivered_at": clock.now()} if state == _State.DELIVERED else {}
    if not Order.objects.filter(pk=order.pk, state=before).update(state=state, **values):
        raise Conflict(_("Somebody else has changed this order meanwhile. Look at it again."))
    order.state = state
    record(OrderMoved(**order.where, order=order.pk, number=order.number, before=before, after=state), by=by)
    if state == _State.DELIVERED and order.payment == Order.Payment.ON_DELIVERY:
        keep_paid(order, clock.now(), by=by)


@transaction.atomic
def set_up_shop(company: Company, *, by: Actor, **said: str) -> Shop:
    """Say what the company's papers tell of it, and how it rounds the tax; what is not said stays.

    Raises NotAllowed, and Refused for a registration number or a way of rounding that is none.
    """
    _require_keeper(company, by)
    shop = Shop.objects.filter(company=company).first()
    if shop is None:
        shop = Shop.objects.create(company=company, name=company.name)
    if number := said.get("registration_number"):
        said["registration_number"] = registration_number(number)
    if said.get("rounding", Rounding.FLOOR) not in list(Rounding):
        raise Refused(_("Round by floor, half-up or ceil."), field="rounding")
    changes = set_changed(shop, **{name: one_line(value, most=200) for name, value in said.items()})
    if changes:
        record(ShopChanged(company=company.pk, changes=changes), by=by)
    return shop


@transaction.atomic
def write_policy(company: Company, *, words: str, days: int, by: Actor) -> ReturnPolicy:
    """Take goods back on these terms from now on; orders of before keep theirs.

    Raises NotAllowed, and Refused for no words and for a number of days that is none.
    """
    _require_keeper(company, by)
    text = clean(words).strip()[:4_000]
    if not text:
        raise Refused(_("Write the terms."), field="words")
    if not 0 <= days <= 3_650:
        raise Refused(_("Write a number of days."), field="days")
    last = policy_of(company.pk)
    made = ReturnPolicy.objects.create(
        company=company, number=last.number + 1 if last else 1, words=text, days=days, at=clock.now()
    )
    record(PolicyWritten(company=company.pk, policy=made.pk, number=made.number), by=by)
    return made


def next_number(company: int, kind: str) -> int:
    """The next number of a kind, held by nobody else."""
    row = fetch_one(_NEXT, {"company": company, "kind": kind, "first": FIRST_NUMBER})
    assert row is not None
    return int(row[0])


def _require_keeper(company: Company, by: Actor) -> None:
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)


def _kept(written: str, most: int) -> str:
    return one_line(blot_card_numbers(written), most=most)


def _reckoned(variant: Variant, count: int) -> Line:
    product = variant.product
    return Line(
        name=str(variant),
        quantity=Decimal(count),
        unit_price=Decimal(variant.unit_price),
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
    )


def _line(order: Order, place: int, variant: Variant, count: int) -> OrderLine:
    product = variant.product
    return OrderLine(
        company_id=order.company_id,
        order=order,
        place=place,
        variant=variant,
        code=variant.code,
        name=str(variant),
        quantity=count,
        unit_price=variant.unit_price,
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
        warranty_months=product.warranty_months,
    )
