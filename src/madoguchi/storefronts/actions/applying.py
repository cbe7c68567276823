"""Having what a shop tells, as it tells it: in whatever order it comes, and however often. Within the transaction, and
under the lock of the storefront, of whoever calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.commerce.fits import Said as SaidOfFit
from madoguchi.commerce.fits import drop_fit, keep_fit
from madoguchi.commerce.models import Fit, Order, OrderLine, Parcel, Variant
from madoguchi.commerce.outside import keep_outside, keep_refunded, pieces_of
from madoguchi.commerce.parcels import left_of, make_parcel, move_parcel, set_slip
from madoguchi.commerce.products import Said, keep_products, set_stock
from madoguchi.customers.actions import belong, leave, set_sort
from madoguchi.customers.actions.record import Known, take_over_customer
from madoguchi.customers.belonging import groups_of
from madoguchi.customers.models import Customer
from madoguchi.infra.event_customers import telling_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.storefronts.models import Counterpart, Storefront
from madoguchi.storefronts.told import (
    Needs,
    Nothing,
    Told,
    ToldCustomer,
    ToldFit,
    ToldOrder,
    ToldProduct,
    ToldRefund,
    ToldShipment,
    ToldStock,
    ToldVariant,
)

SHOP = system("storefront")


def apply(told: Told, shop: Storefront) -> bool:
    """Have it so; whether it was news. What is older than what was told before changes nothing.

    Raises Needs for what must be known first, and Refused for what makes no sense here.
    """
    return _apply(told, shop)


@singledispatch
def _apply(told: Told, shop: Storefront) -> bool:
    raise TypeError(type(told).__name__)


@_apply.register
def _nothing(told: Nothing, shop: Storefront) -> bool:
    if told.for_a_person:
        raise Refused(told.why)
    return False


@_apply.register
def _customer(told: ToldCustomer, shop: Storefront) -> bool:
    there = _counterpart(shop, "customer", told.id)
    if not _is_newer(told, there):
        return False
    groups = [(_group(theirs, shop), role) for theirs, role in (told.groups or {}).items()]
    ours = _customer_of(told, shop, there.ours)
    _keep(there, told, ours=ours)
    _belong(Customer.objects.get(pk=ours), told, groups, shop)
    return True


def _group(theirs: str, shop: Storefront) -> Customer:
    there = _counterpart(shop, "customer", theirs, lock=False)
    if there is None or not there.ours:
        raise Needs("customer", theirs)
    found = Customer.objects.select_related("joined_into").get(pk=there.ours)
    return found.joined_into or found


def _belong(
    customer: Customer, told: ToldCustomer, groups: Sequence[tuple[Customer, str]], shop: Storefront
) -> None:
    """What sort a record is here stays, and so does what people here said. What else the shop said before of groups it
    knows holds no longer.
    """
    if told.sort and not customer.sort:
        set_sort(customer, told.sort, by=SHOP)
    if told.groups is None:
        return
    said = {group.pk for group, _role in groups}
    gone = {row.group_id: row for row in groups_of(customer.pk) if row.user_id is None}
    rows = Counterpart.objects.filter(storefront=shop, kind="customer", ours__in=gone.keys() - said)
    known = set(rows.values_list("ours", flat=True))
    for row in (row for group, row in gone.items() if group in known):
        leave(row, by=SHOP)
    for group, role in groups:
        belong(customer, to=group, role=role, by=SHOP)


def _customer_of(told: ToldCustomer, shop: Storefront, ours: int | None) -> int:
    if ours is not None and _was_erased(ours):
        words = _("The customer was erased here at their own demand, and is not filled in anew.")
        raise Refused(words, field="customer")
    known = Known(
        emails=told.emails,
        phones=told.phones,
        members=told.members,
        name=told.name,
        kana=told.kana,
        address=told.address,
    )
    return take_over_customer(shop.company_id, known, customer=ours, by=SHOP)[0]


def _was_erased(customer: int) -> bool:
    """Whether a record is empty because its customer demanded so. Whose it was is known to the log alone."""
    empty = Customer.objects.filter(pk=customer, name="", kana="", address="", identities=None)
    return empty.exists() and Event.objects.filter(telling_of([customer]), kind="customer.erased").exists()


@_apply.register
def _order(told: ToldOrder, shop: Storefront) -> bool:
    there = _counterpart(shop, "order", told.id)
    news = _is_newer(told, there)
    if news:
        order = keep_outside(
            _buyer(told, shop, there.ours), told.said, desk=shop.desk, order=there.ours, by=SHOP
        )
        _keep(there, told, ours=order.pk)
    inside = [_apply(one, shop) for one in (*told.shipments, *told.refunds)]
    return news or any(inside)


def _buyer(told: ToldOrder, shop: Storefront, order: int | None) -> int:
    """Whose order it is. Who buys without an account is known by mail address and phone number alone; who gave neither
    is somebody new, and with what the shop tells of the same `order` later still the same.
    """
    if not told.customer.id:
        known = (
            Order.objects.filter(pk=order).values_list("customer_id", flat=True).first() if order else None
        )
        return _customer_of(told.customer, shop, known)
    there = _counterpart(shop, "customer", told.customer.id)
    ours = _customer_of(told.customer, shop, there.ours)
    if there.ours is None:
        _keep(there, replace(told.customer, version=0, tie=0), ours=ours)
    return ours


@_apply.register
def _shipment(told: ToldShipment, shop: Storefront) -> bool:
    order = _order_of(told.order, shop)
    there = _counterpart(shop, "shipment", told.id)
    if not _is_newer(told, there):
        return False
    if told.gone and there.ours:
        raise Refused(_("The shop took back a parcel that is kept here. See what has become of it."))
    parcel = Parcel.objects.filter(pk=there.ours).first() if there.ours else None
    if told.gone:
        _keep(there, told, ours=None)
        return True
    _keep(there, told, ours=(_moved(parcel, told) if parcel else _sent(order, told)).pk)
    return True


def _sent(order: Order, told: ToldShipment) -> Parcel:
    pieces = None
    if told.pieces is not None:
        left = {line.pk: count for line, count in left_of(order).items()}
        pieces = pieces_of(list(OrderLine.objects.filter(order=order).order_by("place")), told.pieces, left)
    said: dict[str, Any] = {"carrier": told.carrier, "slip": told.slip, "state": told.state, "at": told.at}
    return make_parcel(order, pieces=pieces, by=SHOP, **said)


def _moved(parcel: Parcel, told: ToldShipment) -> Parcel:
    if (parcel.carrier, parcel.slip) != (told.carrier, told.slip) and told.slip:
        set_slip(parcel, carrier=told.carrier, slip=told.slip, by=SHOP)
    move_parcel(parcel, told.state, at=told.at, by=SHOP)
    return parcel


@_apply.register
def _refund(told: ToldRefund, shop: Storefront) -> bool:
    """Money that was given back is not given back twice, and never changes."""
    order = _order_of(told.order, shop)
    there = _counterpart(shop, "refund", told.id)
    if there.ours is not None:
        return False
    back = keep_refunded(order, told.pieces, total=told.total, at=told.at, note=told.note, by=SHOP)
    _keep(there, told, ours=back.pk)
    return True


def _order_of(theirs: str, shop: Storefront) -> Order:
    there = _counterpart(shop, "order", theirs, lock=False)
    if there is None or there.ours is None:
        raise Needs("order", theirs)
    return Order.objects.get(pk=there.ours)


@_apply.register
def _product(told: ToldProduct, shop: Storefront) -> bool:
    there = _counterpart(shop, "product", told.id)
    if not _is_newer(told, there):
        return False
    variants = {one.id: one for one in told.variants}
    gone = _variants_of(shop, told.id).exclude(pk__in=_ours(shop, variants)).select_related("product")
    said = [_said(told, one, _same_code(shop, one)) for one in told.variants]
    keep_products(shop.company, [*said, *(_off_sale(one) for one in gone)], by=SHOP)
    for one in told.variants:
        ours = Variant.objects.get(company=shop.company_id, code=one.code).pk
        for kind, theirs in (("variant", one.id), ("item", one.item)):
            if theirs:
                row = _counterpart(shop, kind, theirs)
                _keep(row, replace(told, version=row.version, tie=row.tie), ours=ours)
    first = Variant.objects.filter(company=shop.company_id, code=told.variants[0].code) if said else None
    _keep(there, told, ours=first.get().product_id if first else there.ours)
    return True


def _ours(shop: Storefront, theirs: Mapping[str, ToldVariant]) -> list[int]:
    rows = Counterpart.objects.filter(storefront=shop, kind="variant", theirs__in=theirs, ours__isnull=False)
    return [ours for ours in rows.values_list("ours", flat=True) if ours]


def _variants_of(shop: Storefront, product: str) -> Any:
    """The variants that came with this product of theirs."""
    row = Counterpart.objects.filter(
        storefront=shop, kind="product", theirs=product, ours__isnull=False
    ).first()
    return Variant.objects.filter(company=shop.company_id, product=row.ours if row else 0)


def _same_code(shop: Storefront, told: ToldVariant) -> Variant | None:
    """What has this code here. Raises Refused where that is another variant of the same shop."""
    ours = Variant.objects.filter(company=shop.company_id, code=told.code).select_related("product").first()
    others = Counterpart.objects.filter(storefront=shop, kind="variant", ours=ours.pk if ours else 0)
    if others.exclude(theirs=told.id).exists():
        words = _("Two variants of the shop have the code “%(code)s”. Give one of them another there.")
        raise Refused(words % {"code": told.code}, field="code")
    return ours


def _said(told: ToldProduct, one: ToldVariant, ours: Variant | None) -> Said:
    """What is not told stays as it is here: a shop knows neither the reading nor the warranty."""
    here = ours.product if ours else None
    usual = {"kana": "", "tax_rate": 10, "tax_included": True, "warranty_months": None}
    shared: dict[str, Any] = {
        name: value if (value := getattr(told, name)) is not None else getattr(here, name, nothing)
        for name, nothing in usual.items()
    }
    parent = here.code if here else _parent(told)
    return Said(
        code=one.code,
        product="" if parent == one.code else parent,
        name=told.name,
        price=one.price,
        variant=one.name,
        attributes={**(ours.attributes if ours else {}), **one.attributes},
        active=one.active and not told.gone,
        **shared,
    )


def _parent(told: ToldProduct) -> str:
    return told.variants[0].code if len(told.variants) == 1 else f"{told.id}"[:60]


def _off_sale(variant: Variant) -> Said:
    product = variant.product
    return Said(
        code=variant.code,
        product="" if product.code == variant.code else product.code,
        name=product.name,
        kana=product.kana,
        price=variant.unit_price,
        variant=variant.name,
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
        warranty_months=product.warranty_months,
        attributes=variant.attributes,
        active=False,
    )


@_apply.register
def _fit(told: ToldFit, shop: Storefront) -> bool:
    there = _counterpart(shop, "fit", told.id)
    if not _is_newer(told, there):
        return False
    before = Fit.objects.filter(company=shop.company_id, pk=there.ours or 0).first()
    kept = None if told.gone else _kept_fit(told, shop)
    if before is not None and before != kept:
        drop_fit(before, by=SHOP)
    _keep(there, told, ours=kept.pk if kept else None)
    return True


def _kept_fit(told: ToldFit, shop: Storefront) -> Fit:
    for code in filter(None, (told.product, told.other)):
        if not Variant.objects.filter(company=shop.company_id, code=code).exists():
            raise Needs("item", code)
    said = {
        name: getattr(told, name)
        for name in ("product", "other", "outside", "verdict", "conditions", "source")
    }
    return keep_fit(shop.company, SaidOfFit(**said, sourced_on=told.sourced_on or clock.today()), by=SHOP)


@_apply.register
def _stock(told: ToldStock, shop: Storefront) -> bool:
    variant = _variant_of(told, shop)
    there = _counterpart(shop, "stock", told.id)
    if not _is_newer(told, there):
        return False
    news = set_stock(variant, told.quantity, place=told.place, reason="counted", by=SHOP)
    _keep(there, told, ours=variant.pk)
    return news


def _variant_of(told: ToldStock, shop: Storefront) -> Variant:
    by_code = Q(company=shop.company_id, code=told.code)
    if told.item:
        row = Counterpart.objects.filter(storefront=shop, kind="item", theirs=told.item).first()
        by_code = Q(pk=row.ours if row else 0)
    found = Variant.objects.filter(by_code).first()
    if found is None:
        raise Needs("item", told.item or told.code)
    return found


def _counterpart(shop: Storefront, kind: str, theirs: str, *, lock: bool = True) -> Any:
    """The row of something of theirs; made where there is none yet, unless it is only looked for."""
    if not lock:
        return Counterpart.objects.filter(storefront=shop, kind=kind, theirs=theirs).first()
    row, _new = Counterpart.objects.get_or_create(
        storefront=shop, kind=kind, theirs=theirs, defaults={"company_id": shop.company_id, "version": -1}
    )
    return row


def _is_newer(told: Told, there: Counterpart) -> bool:
    return (told.version, told.tie) > (there.version, there.tie)


def _keep(there: Counterpart, told: Told, *, ours: int | None) -> None:
    there.ours, there.version, there.tie = ours, told.version, told.tie
    there.save(update_fields=["ours", "version", "tie"])


def needs_of(told: Told) -> list[str]:
    """What may have been waited for until this was known, as `Handed.needs` says it."""
    if isinstance(told, ToldCustomer):
        return [f"customer {told.id}"]
    if isinstance(told, ToldOrder):
        return [f"order {told.id}"]
    if isinstance(told, ToldProduct):
        return [f"item {one.item}" for one in told.variants if one.item]
    return []
