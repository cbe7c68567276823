"""Goods that come back, and the money for them: asked for, looked over, refunded or exchanged.

What is given back is the difference between what the order comes to with and without the goods, by rate: all returns of
an order together come to what was paid, to the yen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Sum as Total
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import next_number
from madoguchi.commerce.documents.document import Document
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.tax import Line, Rounding, Sum, given_back
from madoguchi.commerce.events import ReturnAsked, ReturnMoved
from madoguchi.commerce.issuing import give, paper_of
from madoguchi.commerce.models import IssuedDocument, Order, OrderLine, Return, ReturnPiece
from madoguchi.commerce.queries import reckoned, refund_limit_of
from madoguchi.commerce.solicitations import require_not_withdrawn
from madoguchi.commerce.stock import put_in
from madoguchi.commerce.twice import require_not_resent
from madoguchi.commerce.whereabouts import resend
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Problems, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.people.second import refuse_own_hands

State, Reason = Return.State, Return.Reason
# Where a company has said nothing, goods may be given back for eight days (特定商取引法15条の3).
USUAL_DAYS = 8
# Below this, with tax, no 適格返還請求書 need be given (消費税法57条の4第3項ただし書, 同施行令70条の9第3項第2号; 国税庁
# インボイス制度Q&A「少額な返還インボイスの交付義務免除」).
NEEDS_SLIP_FROM = 10_000
# What can be chosen; a shop elsewhere tells only that it gave money back, and withdrawing has a form of its own.
REASONS = tuple(value for value in Reason.values if value not in (Reason.ELSEWHERE, Reason.WITHDRAWN))
_OPEN = (State.ASKED, State.INSPECTED)


@transaction.atomic
def ask_return(
    order: Order,
    pieces: Mapping[int, int],
    *,
    reason: str,
    note: str = "",
    case: int | None = None,
    once: UUID | None = None,
    again: bool = False,
    by: Actor,
) -> Return:
    """Take it down that a customer wants to give back so many of these lines, or the money for what never came. `once`
    is made with the form: a second press gives the same return back. `again` is wanted for the money for what was sent
    once more for nothing.

    Raises NotAllowed, and Refused for an order that was not sent, for no reason, for nothing or more than is left, and
    where `again` is wanted.
    """
    held = _held(order, by)
    if once and (there := held.returns.filter(once=once).first()):
        return there
    if held.state not in (Order.State.SHIPPED, Order.State.DELIVERED) and not held.parcels.exists():
        raise Refused(_("It was not sent yet. Cancel the order instead."), field="pieces")
    wrong, none = Problems(), list[tuple[OrderLine, int]]()
    chosen = wrong.of(lambda: _chosen(left_to_return(held), pieces), none)
    wrong.unless(reason in REASONS, _("Choose a reason."), "reason")
    wrong.end()
    if reason == Reason.NOT_DELIVERED and not again:
        require_not_resent(held, {line.pk: count for line, count in chosen})
    return keep_return(held, chosen, reason=reason, note=note, case=case, once=once, by=by)


def keep_return(
    held: Order,
    chosen: Sequence[tuple[OrderLine, int]],
    *,
    reason: str,
    note: str = "",
    case: int | None = None,
    once: UUID | None = None,
    by: Actor,
) -> Return:
    """Keep that so many of these lines go back. Within the transaction of who has allowed it and holds the order."""
    made = Return.objects.create(
        company_id=held.company_id,
        order=held,
        number=next_number(held.company_id, "return"),
        reason=reason,
        note=one_line(blot_card_numbers(note), most=300),
        until=last_day_of(held) if reason == Reason.CHANGED_MIND else None,
        case_id=case,
        once=once,
        asked_at=clock.now(),
        user_id=by.id,
    )
    ReturnPiece.objects.bulk_create(
        ReturnPiece(company_id=held.company_id, back=made, line=line, quantity=count)
        for line, count in chosen
    )
    made.order = held
    _tell_asked(made, by)
    return made


def take_as_withdrawn(held: Order, *, by: Actor) -> list[Return]:
    """Let all that is to be given back of an order by now be given back by law, at the company's cost and whenever it
    comes: goods that were to be sent in exchange are not. Within the transaction of who has allowed it and holds the
    order; returns what was another before.
    """
    waiting = held.returns.filter(state__in=(*_OPEN, State.AWAITING)).exclude(reason=Reason.WITHDRAWN)
    found = list(waiting.order_by("pk"))
    for back in found:
        back.order = held
        if back.in_exchange:
            _want_no_more(back, by)
        back.reason, back.until = Reason.WITHDRAWN, None
        back.save(update_fields=["reason", "until"])
        _tell_asked(back, by)
    return found


@transaction.atomic
def inspect(back: Return, restocked: Mapping[int, int], *, place: str | None = None, by: Actor) -> None:
    """Say of goods that came back how many of which line are put into stock again, at a place (None: whence they
    came); the others are written off.

    Raises NotAllowed, Refused for more than came, and Conflict where that was said already.
    """
    held = _claimed(back, (State.ASKED,), by)
    pieces: list[ReturnPiece] = list(held.pieces.select_related("line"))
    for piece in pieces:
        piece.restocked = restocked.get(piece.line_id, 0)
        if not 0 <= piece.restocked <= piece.quantity or (piece.restocked and piece.line.shipping):
            raise Refused(_("That is more than came back."), field="restocked")
    for piece in pieces:
        piece.save(update_fields=["restocked"])
        put_in(piece.line, piece.restocked, place=place)
    _move(held, State.INSPECTED, by)
    back.state = held.state


@transaction.atomic
def refund(back: Return, *, by: Actor) -> None:
    """Say that the money for what came back is given back: what the order comes to with and without it. Where the
    refunds of the order come to more than the company's limit, it waits for a second person instead.

    Raises NotAllowed, Refused where nothing was paid (for goods in exchange: on their first order) and where goods were
    not looked over, and Conflict where it is settled already.
    """
    states = (*_OPEN,) if back.reason == Reason.NOT_DELIVERED else (State.INSPECTED,)
    held = _claimed(back, states, by)
    _require_paid(held.order)
    _give_back(held, back, State.AWAITING if _is_over_the_limit(held) else State.REFUNDED, by)


@transaction.atomic
def agree(back: Return, *, by: Actor) -> None:
    """Agree, as the second person, who leads the desk, that money over the company's limit is given back, or that goods
    worth more are sent in exchange.

    Raises NotAllowed, Refused for who wanted it themselves and for nobody in particular, and Conflict where it does not
    wait any more.
    """
    held = _claimed(back, (State.AWAITING,), by)
    if by.id is None or by.id == held.refund_by_id:
        raise Refused(_("Somebody else than who wants it has to agree."), field="refund")
    refuse_own_hands(by, held.refund_by_id, company=held.company_id, field="refund")
    if not _leads(held, by):
        raise NotAllowed(Permission.CASE_APPROVE)
    if held.in_exchange:
        _send_again(held, back, once=uuid4(), by=by)
    else:
        _give_back(held, back, State.REFUNDED, by)


@transaction.atomic
def send_back(back: Return, *, by: Actor) -> None:
    """Do not agree, or want it no more: it stands as before. Raises NotAllowed and Conflict."""
    held = _claimed(back, (State.AWAITING,), by)
    _want_no_more(held, by)
    back.state, back.total, back.refund_by_id, back.in_exchange = held.state, 0, None, False


@transaction.atomic
def exchange(back: Return, *, once: UUID, by: Actor) -> Order | None:
    """Send the same goods once more in exchange for what came back, for nothing. Where they are worth more than the
    company's limit, it waits for a second person instead (None). Raises as `refund` and `resend`.
    """
    states = (*_OPEN,) if back.reason == Reason.NOT_DELIVERED else (State.INSPECTED,)
    held = _claimed(back, states, by)
    require_not_withdrawn(held.order, field="refund")
    _require_paid(held.order)
    if not _is_over_the_limit(held):
        return _send_again(held, back, once=once, by=by)
    if not _goods(held):
        raise Refused(_("Choose what is sent."), field="refund")
    held.in_exchange = back.in_exchange = True
    _give_back(held, back, State.AWAITING, by)
    return None


@transaction.atomic
def refuse(back: Return, *, by: Actor) -> None:
    """Say that goods are not taken back. Raises NotAllowed, Refused where the customer has withdrawn by law, and
    Conflict where it is settled already.
    """
    held = _claimed(back, _OPEN, by)
    if held.reason == Reason.WITHDRAWN and held.order.paid_at is not None:
        raise Refused(_("The customer has withdrawn in time: what they paid is given back."), field="do")
    _move(held, State.REFUSED, by)
    back.state = held.state


@transaction.atomic
def give_slip(back: Return, *, by: Actor, again: bool = False) -> IssuedDocument:
    """Give the return slip (適格返還請求書) about what was refunded, or that one once more.

    Raises NotAllowed, and Refused before the money was given back, and where something is missing on the slip.
    """
    held = _held(back.order, by)
    if back.state != State.REFUNDED:
        raise Refused(_("A return slip is given once the money is given back."), field="kind")
    return give(held, Kind.RETURN_SLIP, slip_of(back), back=back, again=again, by=by)


def slip_of(back: Return) -> Document:
    """The return slip of what was refunded, without a number. Four queries."""
    order = back.order
    sale = paper_of(order, Kind.INVOICE)
    pieces = back.pieces.select_related("line").order_by("line__place")
    settled = back.settled_at or clock.now()
    assert sale.date is not None
    return Document(
        kind=Kind.RETURN_SLIP,
        lines=tuple(_counted(piece.line, piece.quantity) for piece in pieces),
        date=settled.astimezone(clock.TOKYO).date(),
        issuer=sale.issuer,
        recipient=sale.recipient,
        rounding=sale.rounding,
        on_paper=False,
        original_number=str(order),
        original_date=sale.date,
        sums=tuple(Sum(**one) for one in back.sums),
    )


def what_it_comes_to(back: Return) -> tuple[Sum, ...]:
    """What is given back for a return by rate, after what was given back before. Three queries."""
    gone = _gone(back.order, states=(State.REFUNDED,))
    now = {piece.line_id: piece.quantity for piece in back.pieces.all()}
    lines = list(OrderLine.objects.filter(order=back.order).order_by("place"))
    before = {line.pk: line.quantity - gone.get(line.pk, 0) for line in lines}
    after = {pk: count - now.get(pk, 0) for pk, count in before.items()}
    rounding = Rounding(back.order.rounding)
    return given_back(_left(lines, before), _left(lines, after), rounding).by_rate


def left_to_return(order: Order) -> dict[OrderLine, int]:
    """How many of which line no return has claimed yet, what sending cost among them. Two queries.

    What was exchanged is with the customer again: it is left, at the price that was paid for the first.
    """
    gone = _gone(order, states=(*_OPEN, State.AWAITING, State.REFUNDED))
    left = {
        line: line.quantity - gone.get(line.pk, 0)
        for line in OrderLine.objects.filter(order=order).order_by("place")
    }
    return {line: count for line, count in left.items() if count > 0}


def last_day_of(order: Order) -> date | None:
    """The last day on which goods are taken back by the policy that the order was placed on; None before they came."""
    if order.delivered_at is None:
        return None
    days = order.policy.days if order.policy else USUAL_DAYS
    return order.delivered_at.astimezone(clock.TOKYO).date() + timedelta(days=days)


def _gone(order: Order, *, states: tuple[str, ...]) -> dict[int, int]:
    pieces = ReturnPiece.objects.filter(back__order=order, back__state__in=states)
    return dict(pieces.values_list("line").annotate(n=Total("quantity")).values_list("line", "n"))


def _left(lines: list[OrderLine], counts: Mapping[int, int]) -> list[Line]:
    return [_counted(line, counts[line.pk]) for line in lines if counts[line.pk]]


def _counted(line: OrderLine, count: int) -> Line:
    line.quantity = count
    return reckoned(line)


def _chosen(left: Mapping[OrderLine, int], pieces: Mapping[int, int]) -> list[tuple[OrderLine, int]]:
    wanted = dict(pieces)
    chosen = [(line, wanted.pop(line.pk, 0)) for line in left]
    if any(wanted.values()) or any(not 0 <= count <= left[line] for line, count in chosen):
        raise Refused(_("That is more than is left to give back."), field="pieces")
    if not any(count for _line, count in chosen):
        raise Refused(_("Choose what is given back."), field="pieces")
    return [(line, count) for line, count in chosen if count]


def _claimed(back: Return, states: tuple[str, ...], by: Actor) -> Return:
    """The return, held with its order, if it is in one of these states."""
    order = _held(back.order, by)
    held = Return.objects.select_for_update(no_key=True).get(pk=back.pk)
    held.order = order
    if held.state not in states:
        if held.state == State.ASKED:
            raise Refused(_("Say first what became of the goods."), field="restocked")
        raise Conflict(_("Somebody else has changed this return meanwhile. Look at it again."))
    return held


def _want_no_more(held: Return, by: Actor) -> None:
    """Let what waits for a second person stand as before."""
    before = State.ASKED if held.reason == Reason.NOT_DELIVERED else State.INSPECTED
    held.refund_by, held.in_exchange, held.sums, held.total = None, False, [], 0
    held.save(update_fields=["refund_by", "in_exchange", "sums", "total"])
    _move(held, before, by)


def _tell_asked(back: Return, by: Actor) -> None:
    where = back.order.where | {"case": back.case_id or back.order.case_id}
    told = {"order": back.order_id, "back": back.pk, "number": back.number}
    record(ReturnAsked(**where, **told, reason=back.reason), by=by)


def _move(back: Return, state: str, by: Actor) -> None:
    settled = None if state in (*_OPEN, State.AWAITING) else clock.now()
    Return.objects.filter(pk=back.pk).update(state=state, settled_at=settled)
    back.state, back.settled_at = state, settled
    where = back.order.where | {"case": back.case_id or back.order.case_id}
    told = {"order": back.order_id, "back": back.pk, "number": back.number}
    record(ReturnMoved(**where, **told, after=state, total=back.total), by=by)


def _require_paid(order: Order) -> None:
    """Raises Refused where no money was given for an order, and so neither money nor goods are given for it."""
    if order.resend_of is not None:
        words = _("This was sent for nothing. Take the return down on the order that was paid, %(number)s.")
        raise Refused(words % {"number": order.resend_of}, field="refund")
    if order.paid_at is None:
        raise Refused(
            _("Nothing was paid for this order yet: there is nothing to give back."), field="refund"
        )


def _goods(held: Return) -> dict[int, int]:
    """How many of which line are sent in exchange."""
    return {piece.line_id: piece.quantity for piece in held.pieces.all() if not piece.line.shipping}


def _send_again(held: Return, back: Return, *, once: UUID, by: Actor) -> Order:
    made = resend(held.order, _goods(held), once=once, case=held.case_id, by=by)
    held.sums, held.total = [], 0
    held.save(update_fields=["sums", "total"])
    _move(held, State.EXCHANGED, by)
    back.state, back.sums, back.total = held.state, [], 0
    return made


def _leads(held: Return, by: Actor) -> bool:
    return policies.may_agree_to_refunds(by, company=held.company_id, desk=held.order.desk_id)


def _is_over_the_limit(held: Return) -> bool:
    """Whether this and what was given back and sent in exchange for the order before come to more than one person may
    give: many small ones are one large one.
    """
    limit = refund_limit_of(held.company_id)
    if limit is None:
        return False
    before = held.order.returns.filter(state=State.REFUNDED).aggregate(n=Total("total"))["n"] or 0
    before += _sent_in_exchange(held.order)
    return before + sum(one.total for one in what_it_comes_to(held)) > limit


def _sent_in_exchange(order: Order) -> int:
    """What the goods were paid for that went out in exchange for others, however often for the same. Three queries."""
    lines = list(OrderLine.objects.filter(order=order).order_by("place"))
    whole, rounding = {line.pk: line.quantity for line in lines}, Rounding(order.rounding)
    worth = 0
    for back in order.returns.filter(state=State.EXCHANGED).prefetch_related("pieces"):
        sent = {piece.line_id: piece.quantity for piece in back.pieces.all()}
        without = {pk: count - sent.get(pk, 0) for pk, count in whole.items()}
        worth += sum(
            one.total for one in given_back(_left(lines, whole), _left(lines, without), rounding).by_rate
        )
    return worth


def _give_back(held: Return, back: Return, state: str, by: Actor) -> None:
    totals = what_it_comes_to(held)
    held.sums, held.total = [asdict(one) for one in totals], sum(one.total for one in totals)
    if state == State.AWAITING:
        held.refund_by_id = by.id
    held.save(update_fields=["sums", "total", "refund_by", "in_exchange"])
    _move(held, state, by)
    back.state, back.sums, back.total, back.refund_by_id = state, held.sums, held.total, held.refund_by_id


def _held(order: Order, by: Actor) -> Order:
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    return (
        Order.objects.select_for_update(no_key=True, of=("self",)).select_related("policy").get(pk=order.pk)
    )
