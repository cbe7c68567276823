"""Orders of subscriptions, made by a worker on their day: once for each, in however many workers, however often."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog
from django.db import transaction
from django.db.models import Q

from madoguchi.commerce.actions import Wanted, place_order
from madoguchi.commerce.events import SubscriptionHeld, SubscriptionMoved, SubscriptionOrdered
from madoguchi.commerce.models import Order, Subscription, SubscriptionOrder
from madoguchi.commerce.subscriptions import end_if_over, next_day
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, Refused

logger = structlog.get_logger()
AT_ONCE = 200
TRIED_AGAIN_AFTER = timedelta(hours=1)
_CLOCK = system("subscriptions")
_KEYS = UUID("0f3a3a52-6f1e-4d4e-9d0a-0a2f8f0f7c55")
State, Trouble = Subscription.State, Subscription.Trouble


def make_due() -> int:
    """Make the orders of today of all companies, and take up what paused until today; returns how many were made.

    One that is held and was cancelled ends once the day of its last order is over.
    """
    today = clock.today()
    due = Q(state=State.ACTIVE, next_on__lte=today) | Q(state=State.PAUSED, resume_on__lte=today)
    due |= Q(state=State.HELD, last_on__lt=today)
    with scope.everywhere(reason="subscriptions of any company may be due"):
        rows = Subscription.objects.filter(due, Q(try_at=None) | Q(try_at__lte=clock.now())).order_by(
            "next_on", "pk"
        )
        found = list(rows.values_list("pk", "company_id")[:AT_ONCE])
    return sum(_guarded(pk, company) for pk, company in found)


def _guarded(pk: int, company: int) -> bool:
    try:
        with scope.acting_for([company]):
            return _work_on(pk)
    except Exception:  # whatever it is about this one must not keep the others from their orders
        again_at = clock.now() + TRIED_AGAIN_AFTER
        with scope.acting_for([company]):
            Subscription.objects.filter(pk=pk).update(try_at=again_at)
        logger.exception("subscription_not_ordered", subscription=pk, again_at=again_at.isoformat())
        return False


@transaction.atomic
def _work_on(pk: int) -> bool:
    """One that is due; nothing where another worker has it, or had it."""
    rows = Subscription.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    held = rows.select_related("customer", "desk").filter(pk=pk).first()
    today = clock.today()
    if held is None:
        return False
    if held.state == State.PAUSED and held.resume_on is not None and held.resume_on <= today:
        _take_up(held, held.resume_on)
    if held.state == State.HELD and held.last_on is not None and held.last_on < today:
        held.state = State.ENDED
        held.save(update_fields=["state"])
    if held.state != State.ACTIVE or held.next_on > today:
        return False
    end_if_over(held)
    if held.state == State.ENDED:
        held.save(update_fields=["state"])
        return False
    return _order(held, held.next_on)


def _take_up(held: Subscription, day: date) -> None:
    """Let it go on from a day, that day included: no order was to be made before it."""
    held.state, held.resume_on = State.ACTIVE, None
    if held.next_on < day:
        held.next_on = next_day(held, day - timedelta(days=1))
    end_if_over(held)
    held.save(update_fields=["state", "resume_on", "next_on"])
    told: dict[str, Any] = {"subscription": held.pk, "number": held.number, "what": "resumed"}
    record(SubscriptionMoved(**held.where, **told, next_on=held.next_on.isoformat()), by=_CLOCK)


def _order(held: Subscription, due: date) -> bool:
    """Order what was agreed at what was agreed. What comes to another amount by now, or cannot be had, is held until
    somebody has looked at it: nobody pays more than was said to them.
    """
    try:
        with transaction.atomic():
            made = place_order(held.customer, _wanted(held, due), desk=held.desk, by=_CLOCK)
    except (Conflict, Refused) as error:
        held.state = State.HELD
        held.trouble = Trouble.PRICE if isinstance(error, Conflict) else Trouble.GONE
        held.why = str(error) if isinstance(error, Refused) else ""
        held.save(update_fields=["state", "trouble", "why"])
        told: dict[str, Any] = {"subscription": held.pk, "number": held.number, "why": str(held.trouble)}
        record(SubscriptionHeld(**held.where, **told), by=_CLOCK)
        return False
    _go_on(held, due, made)
    return True


def _go_on(held: Subscription, due: date, made: Order) -> None:
    SubscriptionOrder.objects.create(company_id=held.company_id, subscription=held, due=due, order=made)
    # Days that went by while no worker ran are not made up for: one order comes, not several.
    held.next_on = next_day(held, max(due, clock.today()))
    end_if_over(held)
    held.try_at = None
    held.save(update_fields=["state", "next_on", "try_at"])
    told: dict[str, Any] = {"subscription": held.pk, "number": held.number, "order": made.pk}
    record(SubscriptionOrdered(**held.where, **told, due=due.isoformat()), by=_CLOCK)


def _wanted(held: Subscription, due: date) -> Wanted:
    return Wanted(
        pieces=((held.variant_id, held.quantity),),
        recipient=held.recipient,
        postcode=held.postcode,
        address=held.address,
        phone=held.phone,
        payment=held.payment,
        once=uuid5(_KEYS, f"{held.pk} {due.isoformat()}"),
        total=held.total,
        campaigns=False,
    )
