"""Customers who withdraw from what they were solicited for by phone (特定商取引法24条): for nothing, even what came."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import subscriptions
from madoguchi.commerce.actions import keep_moved
from madoguchi.commerce.events import SolicitationWithdrawn
from madoguchi.commerce.models import Order, Return, Solicitation, Subscription
from madoguchi.commerce.parcels import drop_unsent
from madoguchi.commerce.returning import keep_return, left_to_return, take_as_withdrawn
from madoguchi.commerce.solicitations import held_solicitation, told_of
from madoguchi.commerce.soliciting import may_withdraw
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused

State = Order.State


@transaction.atomic
def withdraw(found: Solicitation, on: date, *, by: Actor) -> Return | None:
    """Take it down that the customer has withdrawn, by a notice that left on a day. Nothing more is sent, not once more
    either, and a subscription ends at once, whatever its terms say. Of what is on its way all goes back at the
    company's cost, that of sending with it, by returns that are open already as well: the return of what none of them
    holds is given back, else the first of them (None: nothing has left).

    Raises NotAllowed, Refused for a day after the last one, ahead or before the order, and Conflict where they have
    withdrawn already.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=found.order_id)
    held = held_solicitation(found, by)
    if not held.at.astimezone(clock.TOKYO).date() <= on <= clock.today():
        raise Refused(_("Choose a day from that of the order until today."), field="on")
    if not may_withdraw(on, held.papers_on):
        words = _("The last day was %(day)s: the notice left later.")
        raise Refused(words % {"day": f"{held.last_day:%Y-%m-%d}"}, field="on")
    held.withdrawn_on = found.withdrawn_on = on
    held.save(update_fields=["withdrawn_on"])
    back = _undo(order, by) if held.subscription is None else _end(held.subscription, by)
    told = told_of(held) | {"back": back.pk if back else None, "on": on.isoformat()}
    record(SolicitationWithdrawn(**told), by=by)
    return back


def _end(subscription: Subscription, by: Actor) -> Return | None:
    """Let a subscription end, and undo the orders that were made of it."""
    if subscription.state != Subscription.State.ENDED:
        subscriptions.cancel(subscription, reason=Subscription.Reason.WITHDREW, at_once=True, by=by)
    made = subscription.made.exclude(order=None).order_by("due").values_list("order", flat=True)
    orders = Order.objects.select_for_update(no_key=True).filter(pk__in=list(made)).order_by("pk")
    backs = [_undo(order, by) for order in orders]
    return next((back for back in backs if back), None)


def _undo(order: Order, by: Actor) -> Return | None:
    """Keep here what has not left, and let come back what has, whatever was said of that before."""
    _keep_here(order, by)
    for again in Order.objects.select_for_update(no_key=True).filter(resend_of=order.pk).order_by("pk"):
        _keep_here(again, by)
    taken = take_as_withdrawn(order, by=by)
    left = {} if order.state == State.CANCELLED else left_to_return(order)
    if left:
        return keep_return(order, list(left.items()), reason=Return.Reason.WITHDRAWN, by=by)
    return taken[0] if taken else None


def _keep_here(order: Order, by: Actor) -> None:
    """Drop the parcels of an order that have not left; where none has, it is cancelled."""
    if order.state == State.PLACED:
        drop_unsent(order, by=by)
    if order.state == State.PLACED and not order.parcels.exists():
        keep_moved(order, State.CANCELLED, by=by)
