"""Parcels of an order as they are shown and typed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.models import Order, OrderLine, Parcel, ParcelStep
from madoguchi.commerce.parcels import left_of, make_parcel, move_parcel, set_slip
from madoguchi.commerce.queries import parcels_of
from madoguchi.commerce.slips import spoken_slip
from madoguchi.commerce.solicitations import is_withdrawn
from madoguchi.commerce.standing import standing_in_words
from madoguchi.delivery.scheduling import read_moment
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import alike

Choice = tuple[str, "str | Promise"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel in words, with where it was and when, the last first."""

    parcel: Parcel
    slip: str
    pieces: str
    steps: Sequence[ParcelStep]


@dataclass(frozen=True, slots=True)
class Sending:
    """The parcels of an order, how far it has come by them (`kept`: what else was entered on it), and what is left to
    send, where the reader may send it.
    """

    parcels: Sequence[Sent]
    state: str
    kept: str = ""
    left: Sequence[tuple[OrderLine, int]] = ()
    may_send: bool = False
    carriers: Sequence[Choice] = tuple(Parcel.Carrier.choices)
    states: Sequence[Choice] = tuple(Parcel.State.choices)


def sending_of(order: Order, *, actor: Actor) -> Sending:
    """The parcels of an order; what a customer has withdrawn from is not left to send. Up to seven queries."""
    parcels = [sent(parcel) for parcel in parcels_of(order)]
    may = policies.may_take_orders(actor, company=order.company_id, desk=order.desk_id)
    may = may and order.state != Order.State.CANCELLED
    left = [(line, n) for line, n in left_of(order).items() if not line.shipping] if may else []
    if left and is_withdrawn(order):
        left = []
    state, kept = (
        standing_in_words(order.state, [one.parcel.state for one in parcels]),
        order.get_state_display(),
    )
    return Sending(parcels, state, "" if kept == state else kept, left, may)


def sent(parcel: Parcel) -> Sent:
    """A parcel in words. No query where its pieces and steps are at hand."""
    pieces = "、".join(f"{one.line.name} × {one.quantity}" for one in parcel.pieces.all())
    steps = sorted(parcel.steps.all(), key=lambda step: (step.at, step.pk), reverse=True)
    return Sent(parcel, spoken_slip(parcel.slip), pieces, steps)


def make_typed(order: Order, form: QueryDict, *, by: Actor) -> Parcel:
    """A parcel as it was typed in. Raises as `make_parcel`."""
    lines = zip(form.getlist("line"), form.getlist("count"), strict=False)
    pieces = {int(line): _count(count) for line, count in lines if is_id(line)}
    state = Parcel.State.HANDED_OVER if form.get("do") == "hand_over" else Parcel.State.PREPARING
    carrier, slip = form.get("carrier", ""), form.get("slip", "")
    return make_parcel(order, carrier=carrier, slip=slip, pieces=pieces, state=state, by=by)


@transaction.atomic
def change_typed(parcel: Parcel, form: QueryDict, *, by: Actor) -> None:
    """How far a parcel has come, or its slip, as typed in: both or neither. Raises as `move_parcel` and `set_slip`."""
    if "slip" in form:
        set_slip(parcel, carrier=form.get("carrier", ""), slip=form.get("slip", ""), by=by)
    state, at = form.get("state", ""), _moment(form.get("at", ""))
    if state and (state != parcel.state or at):
        move_parcel(parcel, state, at=at, by=by)


def is_id(written: str) -> bool:
    """Whether something typed in may be the id of a line."""
    return written.isascii() and written.isdecimal() and len(written) <= 18


def _count(written: str) -> int:
    plain = alike(written).strip() or "0"
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 6:
        raise Refused(_("Write how many go into the parcel."), field="pieces")
    return int(plain)


def _moment(written: str) -> datetime | None:
    return read_moment(written) if written.strip() else None
