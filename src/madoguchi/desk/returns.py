"""Returns of an order as they are shown and typed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Order, OrderLine, Return, ReturnPiece
from madoguchi.commerce.policies import may_agree_to_refunds
from madoguchi.commerce.queries import returns_of
from madoguchi.commerce.returning import (
    NEEDS_SLIP_FROM,
    REASONS,
    agree,
    ask_return,
    exchange,
    give_slip,
    inspect,
    left_to_return,
    refund,
    refuse,
    send_back,
    what_it_comes_to,
)
from madoguchi.desk.parcels import Choice, is_id
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Problems, Refused
from madoguchi.kernel.text import alike

State = Return.State


@dataclass(frozen=True, slots=True)
class Back:
    """A return in words: what it comes to, whether it came in time, and what can be done with it."""

    back: Return
    pieces: Sequence[ReturnPiece]
    total: str
    late: bool
    may: Sequence[str]
    needs_slip: bool


@dataclass(frozen=True, slots=True)
class Returning:
    """The returns of an order, and what could still be given back, where the reader may take it down."""

    returns: Sequence[Back]
    left: Sequence[tuple[OrderLine, str, int]] = ()
    fees: Sequence[tuple[OrderLine, bool]] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    once: str = ""
    reasons: Sequence[Choice] = tuple(one for one in Return.Reason.choices if one[0] in REASONS)

    @property
    def first(self) -> str:
        """The first field that was refused."""
        return next(iter(self.wrong), "")


def returning_of(
    order: Order, *, actor: Actor, form: QueryDict | None = None, wrong: Mapping[str, str] | None = None
) -> Returning:
    """The returns of an order, with what was typed in for another and what is `wrong` with it, by field. Up to six
    queries, and four more for each that is open.
    """
    may = policies.may_take_orders(actor, company=order.company_id, desk=order.desk_id)
    agrees = may_agree_to_refunds(actor, company=order.company_id, desk=order.desk_id)
    returns = [
        _back(one, may=may, agrees=agrees and one.refund_by_id != actor.id) for one in returns_of(order)
    ]
    sent = order.state in (Order.State.SHIPPED, Order.State.DELIVERED)
    left = list(left_to_return(order).items()) if may and sent and order.total else []
    form = form or QueryDict()
    counts = dict(zip(form.getlist("line"), form.getlist("count"), strict=False))
    goods = [(line, counts.get(str(line.pk), "0")[:6], n) for line, n in left if not line.shipping]
    fees = [(line, str(line.pk) in form.getlist("fee")) for line, _n in left if line.shipping]
    typed = {"reason": form.get("reason", ""), "note": form.get("note", "")[:300]}
    return Returning(returns, goods, fees, typed, wrong or {}, str(uuid4()))


def ask_typed(order: Order, form: QueryDict, *, by: Actor) -> Return:
    """A return as it was typed in. Raises as `ask_return`."""
    said = {name: form.get(name, "") for name in ("reason", "note")}
    wrong = Problems()
    counts = wrong.of(lambda: counts_in(form), None)
    if counts is None:  # else `ask_return` tells both
        wrong.unless(said["reason"] in REASONS, _("Choose a reason."), "reason")
    wrong.end()
    fees = {line.pk: n for line, n in left_to_return(order).items() if str(line.pk) in form.getlist("fee")}
    return ask_return(
        order,
        {**(counts or {}), **fees},
        reason=said["reason"],
        note=said["note"],
        case=order.case_id,
        once=_uuid(form.get("once", "")),
        again=form.get("again") == "1",
        by=by,
    )


def settle_typed(back: Return, form: QueryDict, *, by: Actor) -> None:
    """What becomes of a return, as the button says. Raises as the acts do, and Refused for no such button."""
    do = form.get("do", "")
    if do == "inspect":
        inspect(back, counts_in(form), by=by)
    elif do == "refund":
        refund(back, by=by)
    elif do == "exchange":
        exchange(back, once=_uuid(form.get("once", "")), by=by)
    elif do == "refuse":
        refuse(back, by=by)
    elif do == "slip":
        give_slip(back, by=by)
    elif do == "agree":
        agree(back, by=by)
    elif do == "send_back":
        send_back(back, by=by)
    else:
        raise Refused(_("Choose what to do."), field="do")


def counts_in(form: QueryDict) -> Mapping[int, int]:
    """How many of which line. Raises Refused for what is no number."""
    rows = zip(form.getlist("line"), form.getlist("count"), strict=False)
    counts = {int(line): alike(n).strip() or "0" for line, n in rows if is_id(line)}
    if not all(n.isascii() and n.isdecimal() and len(n) <= 6 for n in counts.values()):
        raise Refused(_("Write how many come back."), field="pieces")
    return {line: int(n) for line, n in counts.items()}


def _back(back: Return, *, may: bool, agrees: bool) -> Back:
    pieces = sorted(back.pieces.all(), key=lambda piece: piece.line.place)
    open_ = back.state in (State.ASKED, State.INSPECTED)
    total = sum(one.total for one in what_it_comes_to(back)) if open_ else back.total
    asked = back.asked_at.astimezone(clock.TOKYO).date()
    late = back.until is not None and asked > back.until
    slip = back.state == State.REFUNDED and not back.documents.all()
    return Back(
        back, pieces, yen(total), late, _may(back, slip, agrees) if may else (), total >= NEEDS_SLIP_FROM
    )


def _may(back: Return, slip: bool, agrees: bool) -> Sequence[str]:
    # From what the customer has withdrawn, nothing is sent again.
    again = () if back.reason == Return.Reason.WITHDRAWN else ("exchange",)
    settling = ("refund", *again, "refuse")
    if back.state == State.ASKED:
        return settling if back.reason == Return.Reason.NOT_DELIVERED else ("inspect", "refuse")
    if back.state == State.INSPECTED:
        return settling
    if back.state == State.AWAITING:
        return ("agree", "send_back") if agrees else ("send_back",)
    return ("slip",) if slip else ()


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return uuid4()
