"""An order that has not come: what speaks for waiting, asking or sending it once more, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import next_number
from madoguchi.commerce.events import OrderDecided, OrderPlaced, OrderResent, OutsideAnswered
from madoguchi.commerce.models import Decision, Order, OrderLine, Parcel
from madoguchi.commerce.solicitations import require_not_withdrawn
from madoguchi.commerce.stock import Taken, take_out
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

Choice, State = Decision.Choice, Parcel.State
# Parcels within Japan come in one to three days; what has not moved for a week is taken for lost.
SOON, LOST = timedelta(days=3), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do first, what else can be done, and why."""

    choices: tuple[str, ...]
    why: str


def advice_on(state: str | None, moved_at: datetime, now: datetime, *, marked_sent: bool = False) -> Advice:
    """What speaks for what, by how far a parcel has come (None: there is none) and how long ago that was; where there
    is none, also by whether the order is marked as sent all the same. Pure."""
    still = now - moved_at
    ask, wait, resend, refund = Choice.ASK_CARRIER, Choice.WAIT, Choice.RESEND, Choice.REFUND
    if state is None and marked_sent:
        return Advice(
            (Choice.ASK_WAREHOUSE, ask, wait, resend, refund),
            _("It is marked as sent, but no parcel is written down: ask the warehouse or the carrier."),
        )
    if state in (None, State.PREPARING):
        first = (wait, Choice.ASK_WAREHOUSE) if still <= SOON else (Choice.ASK_WAREHOUSE, wait)
        return Advice((*first, resend), _("It has not left the warehouse yet."))
    if state == State.RETURNED:
        return Advice(
            (resend, refund, Choice.ASK_WAREHOUSE),
            _("It came back. Ask for the address before it is sent again."),
        )
    if state == State.DELIVERED:
        return Advice(
            (ask, resend, refund, wait),
            _("The carrier says that it came. Ask where it was left, and with whom."),
        )
    if state == State.ABSENT:
        return Advice(
            (wait, ask, resend), _("Nobody was there. The customer can ask for it to be brought again.")
        )
    if still <= SOON:
        return Advice((wait, ask), _("It moved within three days. It is likely to come."))
    if still <= LOST:
        return Advice((ask, wait, resend, refund), _("It has not moved for more than three days."))
    return Advice((resend, refund, ask), _("It has not moved for more than a week, and may be lost."))


# How many answers of somebody outside tell how long they usually take.
_COUNTED, _FEWEST, _SINCE = 200, 5, timedelta(days=90)


@transaction.atomic
def decide(
    order: Order,
    choice: str,
    *,
    parcel: Parcel | None = None,
    case: int | None = None,
    task: int | None = None,
    reason: str = "",
    by: Actor,
) -> Decision:
    """Keep what was decided about an order that has not come; `task` is that by which somebody outside is asked.

    Raises NotAllowed, and Refused for no such choice.
    """
    _require(order, by)
    if choice not in Choice.values:
        raise Refused(_("Choose what to do."), field="choice")
    made = Decision.objects.create(
        company_id=order.company_id,
        order=order,
        parcel=parcel,
        case_id=case,
        task_id=task,
        choice=choice,
        reason=one_line(blot_card_numbers(reason), most=300),
        user_id=by.id,
        at=clock.now(),
    )
    where = order.where | {"case": case}
    record(OrderDecided(**where, order=order.pk, number=order.number, choice=choice), by=by)
    return made


@transaction.atomic
def note_answer(decision: Decision, *, cause: str, answer: str, by: Actor) -> None:
    """Write down what the carrier or the warehouse answered, now.

    Raises NotAllowed, Refused for no cause chosen, and Conflict where nobody was asked, or it was answered meanwhile.
    """
    order = decision.order
    _require(order, by)
    if cause not in Decision.Cause.values:
        raise Refused(_("Choose why it has not come."), field="cause")
    now = clock.now()
    waiting = Decision.objects.filter(pk=decision.pk, choice__in=Decision.ASKING, answered_at=None)
    values = {"cause": cause, "answer": one_line(blot_card_numbers(answer), most=300), "answered_at": now}
    if not waiting.update(**values, answered_by=by.id):
        raise Conflict(_("It was answered meanwhile. Look at it again."))
    minutes = int((now - decision.at).total_seconds() // 60)
    told: dict[str, Any] = {"order": order.pk, "number": order.number, "choice": decision.choice}
    where = order.where | {"case": decision.case_id}
    record(OutsideAnswered(**where, **told, cause=cause, minutes=minutes), by=by)


def usual_wait(company: int, choice: str, *, carrier: str = "") -> tuple[timedelta, int] | None:
    """How long those outside took in the middle (median), and of how many answers of the last 90 days, 200 at most;
    None where these are fewer than five. One query.
    """
    rows = Decision.objects.filter(
        company=company, choice=choice, answered_at__isnull=False, answered_at__gte=clock.now() - _SINCE
    )
    if choice == Choice.ASK_CARRIER and carrier:
        rows = rows.filter(parcel__carrier=carrier)
    times = list(rows.order_by("-answered_at").values_list("at", "answered_at")[:_COUNTED])
    if len(times) < _FEWEST:
        return None
    seconds = median((end - begin).total_seconds() for begin, end in times)
    return timedelta(seconds=seconds), len(times)


def resends_of(order: Order) -> list[Order]:
    """What was sent once more for an order since it was placed, the last first, cancelled ones left out. One query."""
    since = Order.objects.filter(
        company=order.company_id, resend_of=order.resend_of_id or order.pk, pk__gt=order.pk
    )
    return list(
        since.exclude(state=Order.State.CANCELLED)
        .select_related("user")
        .prefetch_related("lines")
        .order_by("-pk")
    )


@transaction.atomic
def resend(
    order: Order, pieces: Mapping[int, int], *, once: UUID, case: int | None = None, by: Actor
) -> Order:
    """Send so many of these lines of an order once more, for nothing, by an order of its own. A second press gives the
    same order back.

    Raises NotAllowed, and Refused for a cancelled order, one from which the customer has withdrawn, and for nothing or
    more than was ordered.
    """
    _require(order, by)
    # The first one, too: a withdrawal from it waits until this is made, and then finds it.
    both = Order.objects.select_for_update(no_key=True).filter(
        pk__in={order.pk, order.resend_of_id or order.pk}
    )
    held = {one.pk: one for one in both.order_by("pk")}[order.pk]
    one_at_a_time(f"order {order.company_id} {once}")
    if there := Order.objects.filter(company=order.company_id, once=once).first():
        return there
    if held.state == Order.State.CANCELLED:
        raise Refused(_("A cancelled order is not sent."), field="pieces")
    require_not_withdrawn(held, field="pieces")
    goods = OrderLine.objects.filter(order=order, shipping=False).select_related("variant").order_by("place")
    chosen = [(line, pieces.get(line.pk, 0)) for line in goods]
    if any(not 0 <= count <= line.quantity for line, count in chosen):
        raise Refused(_("That is more than was ordered."), field="pieces")
    chosen = [(line, count) for line, count in chosen if count]
    if not chosen:
        raise Refused(_("Choose what is sent once more."), field="pieces")
    known = [(line.variant, count) for line, count in chosen if line.variant]
    # As for any order, the stock is held before the number.
    taken = iter(take_out(known))
    made = _made(held, once=once, case=case, by=by)
    OrderLine.objects.bulk_create(
        _line(made, place, line, count, next(taken) if line.variant else Taken(None, 0))
        for place, (line, count) in enumerate(chosen, 1)
    )
    record(OrderPlaced(**made.where, order=made.pk, number=made.number, total=0), by=by)
    both = {"order": made.pk, "number": made.number, "resend_of": order.pk, "resend_of_number": order.number}
    record(OrderResent(**made.where, **both), by=by)
    return made


def _made(order: Order, *, once: UUID, case: int | None, by: Actor) -> Order:
    same = ("customer_id", "desk_id", "policy_id", "recipient", "postcode", "address", "phone", "rounding")
    now = clock.now()
    return Order.objects.create(
        company_id=order.company_id,
        number=next_number(order.company_id, "order"),
        case_id=case,
        user_id=by.id,
        resend_of=order.resend_of or order,
        payment=Order.Payment.NOTHING,
        net=0,
        tax=0,
        once=once,
        placed_at=now,
        **{name: getattr(order, name) for name in same},
    )


def _line(order: Order, place: int, like: OrderLine, count: int, taken: Taken) -> OrderLine:
    same = ("variant_id", "code", "name", "tax_rate", "tax_included", "warranty_months")
    return OrderLine(
        company_id=order.company_id,
        order=order,
        place=place,
        quantity=count,
        unit_price=0,
        taken=taken.places,
        backordered=taken.missing,
        **{name: getattr(like, name) for name in same},
    )


def _require(order: Order, by: Actor) -> None:
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
