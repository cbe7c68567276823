"""Sending orders in one or more parcels, and how far those have come. The only writers of parcels."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import keep_moved
from madoguchi.commerce.events import ParcelDropped, ParcelMade, ParcelMoved
from madoguchi.commerce.models import Decision, Order, OrderLine, Parcel, ParcelPiece, ParcelStep
from madoguchi.commerce.slips import slip_of
from madoguchi.commerce.solicitations import require_not_withdrawn
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused

MOST_PARCELS = 50
State = Parcel.State
# Carriers' clocks and ours may differ; what lies further ahead than this is mistyped.
_AHEAD = timedelta(hours=1)


@transaction.atomic
def make_parcel(
    order: Order,
    *,
    carrier: str,
    slip: str = "",
    pieces: Mapping[int, int] | None = None,
    state: str = State.PREPARING,
    at: datetime | None = None,
    by: Actor,
) -> Parcel:
    """Put pieces of an order together as a parcel: so many of these lines, or (None) all that is left to send.

    Raises NotAllowed, and Refused for a cancelled order, one from which the customer has withdrawn, for nothing or more
    than is left, for a slip that is none or is that of another parcel, and as `move_parcel`.
    """
    held, moment = _held(order, by), at or clock.now()
    _require_step(state, moment)
    if held.state == Order.State.CANCELLED:
        raise Refused(_("A cancelled order is not sent."), field="slip")
    require_not_withdrawn(held)
    if carrier not in Parcel.Carrier.values:
        raise Refused(_("Choose a carrier."), field="carrier")
    chosen = _chosen(left_of(held), pieces)
    number = Parcel.objects.filter(order=held).count() + 1
    if number > MOST_PARCELS:
        raise Refused(_("An order goes in %(most)s parcels at most.") % {"most": MOST_PARCELS}, field="slip")
    with unique(_("Another parcel has this slip already."), field="slip"):
        parcel = Parcel.objects.create(
            company_id=held.company_id,
            order=held,
            number=number,
            carrier=carrier,
            slip=slip_of(slip, carrier),
            moved_at=clock.now(),
        )
    ParcelPiece.objects.bulk_create(
        ParcelPiece(company_id=held.company_id, parcel=parcel, line=line, quantity=count)
        for line, count in chosen
    )
    record(ParcelMade(**held.where, order=held.pk, parcel=parcel.pk, number=held.number), by=by)
    if state != State.PREPARING:
        _step(parcel, held, state, moment, by)
    return parcel


@transaction.atomic
def move_parcel(parcel: Parcel, state: str, *, at: datetime | None = None, by: Actor) -> bool:
    """Say where a parcel was at a moment (None: now); whether that is news. What is told late or twice changes nothing
    that is known of a later moment. The order follows: shipped when all of it is, delivered when all of it came.

    Raises NotAllowed, Refused for a cancelled order, a state that is none or a moment to come, and for what has not
    left when the customer withdraws, and Conflict for one that was dropped meanwhile.
    """
    held, moment = _held(parcel.order, by), at or clock.now()
    if held.state == Order.State.CANCELLED:
        raise Refused(_("A cancelled order is not sent."), field="state")
    _require_step(state, moment)
    before = Parcel.objects.filter(pk=parcel.pk).values_list("state", flat=True).first()
    # An order that was set to be shipped by hand has left, whatever its parcels say.
    if held.state == Order.State.PLACED and before in (None, State.PREPARING) and state != State.PREPARING:
        require_not_withdrawn(held, field="state")
    if before is None:
        raise Conflict(_dropped())
    return _step(parcel, held, state, moment, by)


@transaction.atomic
def set_slip(parcel: Parcel, *, carrier: str, slip: str, by: Actor) -> None:
    """Say by whom and under which number a parcel goes. Raises NotAllowed, Refused as `make_parcel`, and Conflict for
    one that was dropped meanwhile.
    """
    _held(parcel.order, by)
    if carrier not in Parcel.Carrier.values:
        raise Refused(_("Choose a carrier."), field="carrier")
    values = {"carrier": carrier, "slip": slip_of(slip, carrier)}
    with unique(_("Another parcel has this slip already."), field="slip"):
        if not Parcel.objects.filter(pk=parcel.pk).update(**values):
            raise Conflict(_dropped())
    parcel.carrier, parcel.slip = carrier, values["slip"]


def drop_unsent(held: Order, *, by: Actor) -> None:
    """Drop the parcels of an order that have not left. Within the transaction of who has allowed it and holds the
    order.
    """
    for parcel in Parcel.objects.filter(order=held, state=State.PREPARING).order_by("number"):
        fact = ParcelDropped(**held.where, order=held.pk, parcel=parcel.pk, number=held.number)
        # What was decided about it stays with the order.
        Decision.objects.filter(parcel=parcel).update(parcel=None)
        parcel.delete()
        record(fact, by=by)


def left_of(order: Order) -> dict[OrderLine, int]:
    """How many of which line are in no parcel yet. Two queries."""
    sent = ParcelPiece.objects.filter(parcel__order=order).values("line").annotate(n=Sum("quantity"))
    gone = {row["line"]: row["n"] for row in sent.values("line", "n")}
    goods = OrderLine.objects.filter(order=order, shipping=False).order_by("place")
    left = {line: line.quantity - gone.get(line.pk, 0) for line in goods}
    return {line: count for line, count in left.items() if count > 0}


def _chosen(left: Mapping[OrderLine, int], pieces: Mapping[int, int] | None) -> list[tuple[OrderLine, int]]:
    wanted = {line.pk: count for line, count in left.items()} if pieces is None else dict(pieces)
    chosen = [(line, wanted.pop(line.pk, 0)) for line in left]
    if any(wanted.values()) or any(not 0 <= count <= left[line] for line, count in chosen):
        raise Refused(_("That is more than is left to send."), field="pieces")
    if not any(count for _line, count in chosen):
        raise Refused(_("There is nothing left to send."), field="pieces")
    return [(line, count) for line, count in chosen if count]


def _require_step(state: str, at: datetime) -> None:
    if state not in State.values:
        raise Refused(_("Choose how far the parcel has come."), field="state")
    if not clock.EARLIEST <= at <= clock.now() + _AHEAD:
        raise Refused(_("That moment is still to come. Write when it happened."), field="at")


def _step(parcel: Parcel, order: Order, state: str, at: datetime, by: Actor) -> bool:
    values = {"company_id": parcel.company_id, "user_id": by.id}
    _row, fresh = ParcelStep.objects.get_or_create(parcel=parcel, state=state, at=at, defaults=values)
    last = ParcelStep.objects.filter(parcel=parcel).order_by("-at", "-pk").first()
    before = Parcel.objects.get(pk=parcel.pk).state
    if not fresh or last is None:
        return fresh
    Parcel.objects.filter(pk=parcel.pk).update(state=last.state, moved_at=last.at)
    parcel.state, parcel.moved_at = last.state, last.at
    if last.state == before:
        return True
    told = {"order": order.pk, "parcel": parcel.pk, "number": order.number}
    record(ParcelMoved(**order.where, **told, before=before, after=last.state), by=by)
    _follow(order, by)
    return True


def _follow(order: Order, by: Actor) -> None:
    """What becomes of an order by its parcels: it never goes back by them."""
    if left_of(order):
        return
    parcels = Parcel.objects.filter(order=order)
    states = set(parcels.values_list("state", flat=True))
    if order.state == Order.State.PLACED and State.PREPARING not in states:
        keep_moved(order, Order.State.SHIPPED, by=by)
    if order.state == Order.State.SHIPPED and states == {State.DELIVERED}:
        last = parcels.aggregate(last=Max("moved_at"))["last"]
        keep_moved(order, Order.State.DELIVERED, at=last, by=by)


def _dropped() -> str:
    return _("Somebody else has dropped this parcel meanwhile. Look at the order again.")


def _held(order: Order, by: Actor) -> Order:
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    return Order.objects.select_for_update(no_key=True).get(pk=order.pk)
