"""That the money for an order has come, or has not after all."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.events import OrderPaid, OrderUnpaid
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused


@transaction.atomic
def mark_paid(order: Order, *, by: Actor) -> None:
    """Say that the money for an order has come, now: from then on a receipt can be given.

    Raises NotAllowed, Refused for a cancelled order, and Conflict where that was said already.
    """
    held = _held(order, by)
    if held.state == Order.State.CANCELLED:
        raise Refused(_("A cancelled order is not paid."), field="paid")
    if held.paid_at is not None:
        raise Conflict(_("Somebody else has changed this order meanwhile. Look at it again."))
    keep_paid(order, clock.now(), by=by)


@transaction.atomic
def mark_unpaid(order: Order, *, by: Actor) -> None:
    """Say that the money has not come after all.

    Raises NotAllowed, Refused once a receipt was given, and Conflict where the order is not paid.
    """
    held = _held(order, by)
    if held.paid_at is None:
        raise Conflict(_("Somebody else has changed this order meanwhile. Look at it again."))
    if IssuedDocument.objects.filter(order=held, kind=Kind.RECEIPT.value).exists():
        raise Refused(_("A receipt was given: the money has come."), field="paid")
    Order.objects.filter(pk=order.pk).update(paid_at=None)
    order.paid_at = None
    record(OrderUnpaid(**order.where, order=order.pk, number=order.number), by=by)


def keep_paid(order: Order, at: datetime, *, by: Actor) -> None:
    """Keep when the money came, where that is not kept yet. Within the transaction of whoever has allowed it."""
    if Order.objects.filter(pk=order.pk, paid_at=None).update(paid_at=at):
        order.paid_at = at
        record(OrderPaid(**order.where, order=order.pk, number=order.number), by=by)


def _held(order: Order, by: Actor) -> Order:
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    return Order.objects.select_for_update(no_key=True).get(pk=order.pk)
