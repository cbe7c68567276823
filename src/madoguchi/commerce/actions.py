"""Selling: how a company sells, orders placed and moved on. The only writers of orders, shops and policies."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import EllipsisType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.arriving import MOST_DAYS
from madoguchi.commerce.campaigning import quote_at
from madoguchi.commerce.campaigns import return_campaign, use_campaign
from madoguchi.commerce.delivering import PREFECTURES, phone_of, postcode_of
from madoguchi.commerce.documents.registration import registration_number
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.events import OrderMoved, OrderPlaced, PolicyWritten, ShippingRuleWritten, ShopChanged
from madoguchi.commerce.media import medium_of
from madoguchi.commerce.models import (
    FIRST_NUMBER,
    Order,
    OrderLine,
    Parcel,
    ReturnPolicy,
    ShippingRule,
    Shop,
)
from madoguchi.commerce.paying import keep_paid
from madoguchi.commerce.payment_links import template_of
from madoguchi.commerce.queries import (
    LIMIT_WAITS,
    in_order,
    limit_as_it_counts,
    link_as_it_counts,
    policy_of,
    shipping_rule_of,
)
from madoguchi.commerce.quoting import Priced, Quote, shipping_lines
from madoguchi.commerce.referrals import referral_named
from madoguchi.commerce.solicitations import (
    Heard,
    keep_solicitation,
    outside_of,
    require_not_withdrawn,
    require_told,
)
from madoguchi.commerce.stock import Taken, divided, put_back, take_out
from madoguchi.companies.models import Company, Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.infra.writing import most_of, one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.identity import written_phone
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

MOST_FEE = 999_999
_NOT_CHOSEN = (Order.Payment.NOTHING, Order.Payment.ELSEWHERE)
WAYS_TO_PAY = tuple(value for value in Order.Payment.values if value not in _NOT_CHOSEN)
_NEXT = """
    INSERT INTO commerce_counter (company_id, kind, last) VALUES (%(company)s, %(kind)s, %(first)s)
    ON CONFLICT (company_id, kind) DO UPDATE SET last = commerce_counter.last + 1 RETURNING last
"""
_KEPT, _TYPED = ("recipient", "postcode", "address", "phone", "note"), 2_000
# These are read and written anew, which says what is wrong with them.
_IN_ANOTHER_FORM = ("postcode", "phone")
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

    `once` is made with the form; `total` and `missing` are the yen and the pieces on back-order that were read back,
    None where nothing was. `coupon` is the code that the customer named; with `campaigns` False none is given. `heard`
    says that it was taken on the phone, and what the customer was told there; `medium` where they found what they
    order, empty: where the entry point is published by which they came; `referral` the code of who recommended the
    company to them.
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
    missing: int | None = None
    coupon: str = ""
    campaigns: bool = True
    heard: Heard | None = None
    medium: str = ""
    referral: str = ""


def delivery_of(wanted: Wanted) -> dict[str, str]:
    """To whom and where an order goes and how it is paid, as it is kept: without any number of a card.

    Raises Refused for what is missing, and for a postcode or a phone number that is none.
    """
    said = {name: _kept(getattr(wanted, name), name) for name in _KEPT}
    needed = {"recipient": _("Write who is to receive it."), "address": _("Write where it is to go.")}
    for name, words in needed.items():
        if not said[name]:
            raise Refused(words, field=name)
    if wanted.payment not in WAYS_TO_PAY:
        raise Refused(_("Choose how it is paid."), field="payment")
    said |= {"postcode": postcode_of(said["postcode"]), "phone": phone_of(said["phone"])}
    return said | {"payment": wanted.payment}


@transaction.atomic
def place_order(
    customer: Customer,
    wanted: Wanted,
    *,
    desk: Desk,
    entry_point: int | None = None,
    case: int | None = None,
    by: Actor,
) -> Order:
    """Take an order: at the prices of now, with the campaign that saves most, on the return policy and shipping rule of
    now. What is in stock is taken out of it, the rest is back-ordered. A second press gives the same order back.
    `entry_point` is by which the customer came.

    Raises NotAllowed, Refused as `quote_at` and `require_told` and for what is missing, and Conflict where it does not
    come to what was read back to the customer, less of it is in stock, or the campaign is used up meanwhile.
    """
    company = customer.company_id
    if desk.company_id != company or not policies.may_take_orders(by, company=company, desk=desk.pk):
        raise NotAllowed(Permission.ORDER_TAKE)
    one_at_a_time(f"order {company} {wanted.once}")
    if there := Order.objects.filter(company=company, once=wanted.once).first():
        return _the_same(there, customer, case, wanted)
    said = delivery_of(wanted)
    now = quote_at(
        wanted.pieces,
        customer=customer,
        desk=desk,
        entry_point=entry_point,
        coupon=wanted.coupon,
        address=said["address"],
        postcode=said["postcode"],
        campaigns=wanted.campaigns,
        by=by,
    )
    outside = outside_of(now.found, company=company, heard=wanted.heard)
    require_told(customer, outside, wanted.heard)
    if wanted.total is not None and wanted.total != now.totals.total:
        raise Conflict(_("Prices have changed since this was read back. Read it back again."))
    taken = take_out(now.found)
    if wanted.missing is not None and wanted.missing < sum(one.missing for one in taken):
        raise Conflict(_("There is less in stock than when this was read back. Read it back again."))
    came = {"entry_point_id": entry_point, "medium": _medium(wanted, entry_point, company)}
    came["referral"] = referral_named(wanted.referral, customer=customer)
    order = _made(customer, wanted, now, desk=desk, case_id=case, user_id=by.id, **came, **said)
    OrderLine.objects.bulk_create(_lines(order, now, taken))
    use_campaign(order, now, by=by)
    record(OrderPlaced(**order.where, order=order.pk, number=order.number, total=order.total), by=by)
    keep_solicitation(order, outside, by=by)
    return order


def _medium(wanted: Wanted, entry_point: int | None, company: int) -> str:
    said = one_line(blot_card_numbers(wanted.medium), most=200)
    return said or medium_of(entry_point, company=company)


def _made(customer: Customer, wanted: Wanted, now: Quote, **values: Any) -> Order:
    company = customer.company_id
    return Order.objects.create(
        company_id=company,
        number=next_number(company, "order"),
        customer=customer,
        policy=policy_of(company),
        shipping_rule=now.rule,
        rounding=now.rounding.value,
        net=now.totals.net,
        tax=now.totals.tax,
        once=wanted.once,
        placed_at=clock.now(),
        **values,
    )


def _the_same(order: Order, customer: Customer, case: int | None, wanted: Wanted) -> Order:
    """An order that was taken before by the same form. Raises Conflict where the form says something else by now."""
    before = (order.customer_id, order.case_id, order.recipient, order.address)
    said = delivery_of(wanted)
    now = (customer.pk, case, said["recipient"], said["address"])
    lines = [(line.variant_id, line.quantity) for line in in_order(order) if not line.shipping]
    if before != now or _counted(lines) != _counted(wanted.pieces):
        raise Conflict(
            _("This form has taken the order %(number)s already. Begin a new one.") % {"number": order}
        )
    return order


@transaction.atomic
def move_order(order: Order, state: str, *, by: Actor) -> None:
    """Say that an order was shipped, has come or is cancelled. Cash on delivery is paid when it comes.

    Raises NotAllowed, Refused for what cannot follow and for sending what the customer has withdrawn from, and Conflict
    where somebody else has moved it meanwhile.
    """
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    # Parcels are made under this lock: none comes in between what is looked at here and what is kept.
    Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    before = order.state
    if state not in WAYS[before]:
        raise Refused(
            _("This cannot follow on “%(state)s”.") % {"state": _State(before).label}, field="state"
        )
    if state == _State.CANCELLED and order.parcels.exclude(state=Parcel.State.PREPARING).exists():
        raise Refused(
            _("A parcel of it is on its way. Take it back as a return once it has come."), field="state"
        )
    if state == _State.SHIPPED:
        require_not_withdrawn(order, field="state")
    keep_moved(order, state, by=by)


def keep_moved(order: Order, state: str, *, at: datetime | None = None, by: Actor) -> None:
    """Keep what has become of an order, and when (None: now). Within the transaction of whoever has allowed it.

    Raises Conflict where somebody else has moved it meanwhile.
    """
    before, moment = order.state, at or clock.now()
    values = {"delivered_at": moment} if state == _State.DELIVERED else {}
    if not Order.objects.filter(pk=order.pk, state=before).update(state=state, **values):
        raise Conflict(_("Somebody else has changed this order meanwhile. Look at it again."))
    order.state = state
    if state == _State.CANCELLED:
        put_back(OrderLine.objects.filter(order=order).order_by("variant_id", "place"))
        return_campaign(order, by=by)
    record(OrderMoved(**order.where, order=order.pk, number=order.number, before=before, after=state), by=by)
    if state == _State.DELIVERED and order.payment == Order.Payment.ON_DELIVERY:
        keep_paid(order, moment, by=by)


@transaction.atomic
def set_up_shop(
    company: Company, *, by: Actor, refund_limit: int | EllipsisType | None = ..., **said: str
) -> Shop:
    """Say what the company's papers tell of it, how it rounds the tax, and above how many yen a refund needs a second
    person (None: never); what is not said stays. A lower limit counts at once, a higher one seven days later: time for
    others to see it; so does another payment link, but not the first one, and none counts at once. A phone
    number is kept as people write it (03-1234-5678), however it was typed.

    Raises NotAllowed, and Refused for a registration number, a phone number, a payment link or a way of rounding that
    is none.
    """
    _require_keeper(company, by)
    shop = Shop.objects.filter(company=company).first()
    if shop is None:
        shop = Shop.objects.create(company=company, name=company.name)
    if number := said.get("registration_number"):
        said["registration_number"] = registration_number(number)
    if link := said.get("payment_link"):
        said["payment_link"] = template_of(link)
    _wait_with_link(shop, said.get("payment_link", shop.payment_link))
    if phone := said.get("phone"):
        said["phone"] = written_phone(phone_of(phone))
    if said.get("rounding", Rounding.FLOOR) not in list(Rounding):
        raise Refused(_("Round by floor, half-up or ceil."), field="rounding")
    values: dict[str, str | int | None] = {name: one_line(value, most=200) for name, value in said.items()}
    if not isinstance(refund_limit, EllipsisType):
        values["refund_limit"] = refund_limit
        if refund_limit != shop.refund_limit:
            _wait_with_raise(shop, refund_limit)
    changes = set_changed(shop, **values)
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


@transaction.atomic
def write_shipping_rule(
    company: Company,
    *,
    fee: int | None,
    free_from: int | None,
    regions: Mapping[str, int],
    days: int | None = None,
    region_days: Mapping[str, int] | None = None,
    by: Actor,
) -> ShippingRule:
    """Let sending cost this and take so many days from now on, with tax; orders of before keep theirs. Without a fee it
    says how long goods are on their way alone.

    Raises NotAllowed, and Refused for amounts that nobody asks, for days that nobody waits, for what is no prefecture,
    for an amount from which a fee falls away that is not said, and where nothing is said.
    """
    _require_keeper(company, by)
    elsewhere = dict(region_days or {})
    _require_days(days, elsewhere)
    _require_something(fee, free_from, regions, days=days, elsewhere=elsewhere)
    for name, amount in {"fee": fee or 0, "free_from": free_from or 0, **regions}.items():
        if not 0 <= amount <= MOST_FEE:
            field = "regions" if name in regions else name
            raise Refused(_("Write whole yen, %(most)s at most.") % {"most": f"{MOST_FEE:,}"}, field=field)
    _require_prefectures(regions, field="regions")
    one_at_a_time(f"shipping rule {company.pk}")
    last = shipping_rule_of(company.pk)
    made = ShippingRule.objects.create(
        company=company,
        number=last.number + 1 if last else 1,
        fee=fee,
        free_from=free_from,
        regions=dict(regions),
        days=days,
        region_days=elsewhere,
        at=clock.now(),
    )
    record(ShippingRuleWritten(company=company.pk, shipping_rule=made.pk, number=made.number), by=by)
    return made


def _require_something(
    fee: int | None,
    free_from: int | None,
    regions: Mapping[str, int],
    *,
    days: int | None,
    elsewhere: Mapping[str, int],
) -> None:
    if fee is None and not regions and (free_from is not None or (days is None and not elsewhere)):
        raise Refused(_("Write what sending costs, or how many days it takes."), field="fee")


def _require_days(days: int | None, elsewhere: Mapping[str, int]) -> None:
    for field, numbers in {"days": [days or 0], "region_days": elsewhere.values()}.items():
        if not all(0 <= one <= MOST_DAYS for one in numbers):
            raise Refused(_("Write a number of days."), field=field)
    _require_prefectures(elsewhere, field="region_days")


def _require_prefectures(named: Iterable[str], *, field: str) -> None:
    if unknown := [name for name in named if name not in PREFECTURES]:
        words = _("“%(name)s” is no prefecture. Write it as in 北海道 or 沖縄県.")
        raise Refused(words % {"name": unknown[0][:20]}, field=field)


def next_number(company: int, kind: str) -> int:
    """The next number of a kind, held by nobody else."""
    row = fetch_one(_NEXT, {"company": company, "kind": kind, "first": FIRST_NUMBER})
    assert row is not None
    return int(row[0])


def _wait_with_raise(shop: Shop, limit: int | None) -> None:
    """Let a limit count from now on, or from later on where more may be given by it than by the one that counts."""
    now = limit_as_it_counts(shop)
    raised = now is not None and (limit is None or limit > now)
    shop.limit_before = now if raised else None
    shop.limit_from = clock.now() + LIMIT_WAITS if raised else None
    shop.save(update_fields=["limit_before", "limit_from"])


def _wait_with_link(shop: Shop, link: str) -> None:
    """Let another link count later on. `link_from` stays once it was changed: who empties it first waits as well."""
    if link == shop.payment_link or (shop.link_from is None and not shop.payment_link):
        return
    now = link_as_it_counts(shop)
    shop.link_before = now
    shop.link_from = clock.now() + (LIMIT_WAITS if link not in ("", now) else timedelta())
    shop.save(update_fields=["link_before", "link_from"])


def _require_keeper(company: Company, by: Actor) -> None:
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)


def _kept(written: str, name: str) -> str:
    most = most_of(Order, name)
    line = one_line(blot_card_numbers(written), most=_TYPED)
    if len(line) > most and name not in _IN_ANOTHER_FORM:
        words = _("This has %(there)s characters; %(most)s fit. Shorten it.")
        raise Refused(words % {"there": len(line), "most": most}, field=name)
    return line


def _counted(pieces: Iterable[tuple[int | None, int]]) -> Counter[int | None]:
    """How many pieces of each variant, on however many lines."""
    found: Counter[int | None] = Counter()
    for variant, count in pieces:
        found[variant] += count
    return found


def _lines(order: Order, now: Quote, taken: list[Taken]) -> Iterator[OrderLine]:
    """The goods, and what sending them costs."""
    place = 1
    for parts, whole in zip(now.priced, taken, strict=True):
        for part, one in zip(parts, divided(whole, [part.count for part in parts]), strict=True):
            yield _line(order, place, part, one)
            place += 1
    for line in shipping_lines(now.fee):
        yield OrderLine(
            company_id=order.company_id,
            order=order,
            place=place,
            name=line.name,
            quantity=1,
            unit_price=now.fee,
            tax_rate=line.tax_rate,
            tax_included=line.tax_included,
            shipping=True,
        )


def _line(order: Order, place: int, part: Priced, taken: Taken) -> OrderLine:
    variant = part.variant
    product = variant.product
    return OrderLine(
        company_id=order.company_id,
        order=order,
        place=place,
        variant=variant,
        code=variant.code,
        name=str(variant),
        quantity=part.count,
        unit_price=part.price,
        list_price=part.list_price,
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
        warranty_months=product.warranty_months,
        taken=taken.places,
        backordered=taken.missing,
    )
