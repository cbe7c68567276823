"""Orders and their parcels, as programs read and make them: by the same actions as people at the desk."""

from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from madoguchi.api.order_schemas import NewOrderIn, NewParcelIn, ParcelStepIn
from madoguchi.cases.models import Case
from madoguchi.commerce import policies
from madoguchi.commerce.actions import Wanted, place_order
from madoguchi.commerce.models import CampaignUse, Order, OrderLine, Parcel, Solicitation, Variant
from madoguchi.commerce.parcels import make_parcel, move_parcel
from madoguchi.commerce.queries import in_order, order_by_id, orders_of, parcel_by_id
from madoguchi.commerce.solicitations import Heard, solicitation_of, solicitations_of
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import show
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.tasks.written_terms import remind_of_terms

_KEYS = UUID("5f0d6b0e-9a55-4c39-8f0e-6d4f0a7c2b11")
_MOST_ORDERS = 100


def orders_in(customer: Customer, *, actor: Actor) -> list[dict[str, Any]]:
    """What a customer ordered, the newest first, a hundred at most. Six queries, however many there are."""
    found = orders_of(customer.pk, actor=actor, company=customer.company_id, most=_MOST_ORDERS)
    return _shown(found, actor)


def order_shown(pk: int, *, actor: Actor) -> tuple[Order, dict[str, Any]]:
    """One order as programs see it. Raises NotFound."""
    order = order_by_id(pk, actor=actor)
    [told] = _shown([order], actor)
    return order, told


def new_order(case: Case, wanted: NewOrderIn, *, key: str, by: Actor) -> Order:
    """Take an order in a case, of products by their codes. Raises as `place_order`, and Refused for an unknown code."""
    codes = {line.code for line in wanted.lines} | set(wanted.offered)
    known = dict(Variant.objects.filter(company=case.company_id, code__in=codes).values_list("code", "pk"))
    if unknown := sorted(codes - known.keys()):
        raise Refused(_("No product is called “%(words)s”.") % {"words": unknown[0]}, field="lines")
    pieces = tuple((known[line.code], line.quantity) for line in wanted.lines)
    said = wanted.model_dump(exclude={"lines", "offered"})
    once = uuid5(_KEYS, f"{case.pk} {by.id} {key}")
    point, duties = case.entry_point_id, tuple(said.pop("duties"))
    offered = frozenset(known[code] for code in wanted.offered)
    heard = Heard(point, duties, offered) if case.channel == Channel.PHONE else None
    asked = Wanted(pieces=pieces, once=once, heard=heard, **said)
    with transaction.atomic():
        made = place_order(case.customer, asked, desk=case.desk, entry_point=point, case=case.pk, by=by)
        if heard and (found := solicitation_of(made.pk)):
            remind_of_terms(case, found)
    return made


def new_parcel(order: int, wanted: NewParcelIn, *, by: Actor) -> Parcel:
    """Put pieces of an order together. Raises as `make_parcel`."""
    pieces = None if wanted.lines is None else {line.line: line.quantity for line in wanted.lines}
    said = wanted.model_dump(include={"carrier", "slip", "state", "at"})
    return make_parcel(order_by_id(order, actor=by), pieces=pieces, by=by, **said)


def told_step(parcel: int, wanted: ParcelStepIn, *, by: Actor) -> Parcel:
    """Where a parcel was; told twice it is kept once. Raises as `move_parcel`."""
    found = parcel_by_id(parcel, actor=by)
    move_parcel(found, wanted.state, at=wanted.at, by=by)
    return found


def _shown(orders: list[Order], actor: Actor) -> list[dict[str, Any]]:
    """Orders with what belongs to them. Three queries where lines and parcels are at hand."""
    prefetch_related_objects(orders, "lines", "parcels__pieces")
    keys = [order.pk for order in orders]
    uses = {
        use.order_id: use for use in CampaignUse.objects.filter(order__in=keys).select_related("campaign")
    }
    found = solicitations_of(keys)
    return [_one(order, uses.get(order.pk), found.get(order.pk), actor) for order in orders]


def _one(order: Order, use: CampaignUse | None, found: Solicitation | None, actor: Actor) -> dict[str, Any]:
    data_scope = actor.data_scope(company=order.company_id)
    return {
        "id": order.pk,
        "number": str(order),
        "customer": order.customer_id,
        "state": order.state,
        "payment": order.payment,
        "net": order.net,
        "tax": order.tax,
        "total": order.total,
        "recipient": show(order.recipient, "name", data_scope),
        "postcode": show(order.postcode, "address", data_scope),
        "address": show(order.address, "address", data_scope),
        "phone": show(order.phone, "phone", data_scope),
        "placed_at": order.placed_at,
        "delivered_at": order.delivered_at,
        "paid_at": order.paid_at,
        "medium": order.medium,
        "referral": order.referral,
        "resend_of": order.resend_of_id,
        "campaign": _campaign(order, use, actor),
        "solicitation": solicitation_shown(found),
        "lines": [_line(line) for line in in_order(order)],
        "parcels": [_parcel(one) for one in sorted(order.parcels.all(), key=lambda one: one.number)],
    }


def solicitation_shown(found: Solicitation | None) -> dict[str, Any] | None:
    """How something was solicited by phone, and until when the customer may withdraw."""
    if found is None:
        return None
    same = ("outside", "duties", "at", "papers_due", "papers_on", "last_day", "withdrawn_on")
    return {name: getattr(found, name) for name in same}


def _campaign(order: Order, use: CampaignUse | None, actor: Actor) -> dict[str, Any] | None:
    """The campaign of an order; its code, and how many are left, for who takes orders or keeps the shop."""
    if use is None:
        return None
    where = {"company": order.company_id}
    sells = policies.may_take_orders(actor, desk=order.desk_id, **where)
    sells = sells or policies.may_keep_shop(actor, **where)
    return {
        "id": use.campaign_id,
        "name": use.name,
        "coupon": use.campaign.code if sells else "",
        "saved": use.saved,
        "left": use.campaign.left if sells else None,
        "returned_at": use.returned_at,
    }


def _line(line: OrderLine) -> dict[str, Any]:
    same = (
        "code",
        "name",
        "quantity",
        "unit_price",
        "list_price",
        "tax_rate",
        "tax_included",
        "backordered",
        "shipping",
    )
    return {"id": line.pk, **{name: getattr(line, name) for name in same}}


def _parcel(parcel: Parcel) -> dict[str, Any]:
    return {
        "id": parcel.pk,
        "number": parcel.number,
        "carrier": parcel.carrier,
        "slip": parcel.slip,
        "state": parcel.state,
        "moved_at": parcel.moved_at,
        "lines": [{"line": piece.line_id, "quantity": piece.quantity} for piece in parcel.pieces.all()],
    }
