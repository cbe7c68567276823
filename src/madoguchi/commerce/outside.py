"""Orders that were placed in a shop elsewhere, and money that was given back there, as that shop tells them.

What it tells has happened: nothing is asked of anybody, no stock of ours is taken, and no fee is added. Whoever calls
answers for it that the news is newer than what is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.actions import keep_moved, next_number
from madoguchi.commerce.delivering import phone_of, postcode_of
from madoguchi.commerce.documents.tax import RATES, Line, Rounding, totals_of
from madoguchi.commerce.events import OrderPlaced, ReturnMoved
from madoguchi.commerce.media import ONLINE
from madoguchi.commerce.models import Order, OrderLine, Return, ReturnPiece, ReturnPolicy, Variant
from madoguchi.commerce.paying import keep_paid
from madoguchi.commerce.pieces import LOT, SERIAL, Changed, have_told, piece_number, tell_of_pieces
from madoguchi.commerce.queries import in_order, rounding_of
from madoguchi.commerce.quoting import MOST_LINES, MOST_PIECES, MOST_YEN, parts_of
from madoguchi.commerce.returning import left_to_return, what_it_comes_to
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

_FAR = {state: far for far, state in enumerate(("placed", "shipped", "delivered", "cancelled"))}
_MOST = {"recipient": 200, "postcode": 10, "address": 300, "phone": 40, "note": 500, "medium": 200}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Of which lot the pieces of a line are, and which serial numbers they have, as they are written."""

    lot: str = ""
    serials: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLine:
    """A line as the shop calls it (`key`). `total` is what all its pieces cost after discounts, in whole yen; `numbers`
    are those of its pieces, None where nothing is told of them.
    """

    key: str
    name: str
    quantity: int
    total: int
    code: str = ""
    tax_rate: int = 10
    tax_included: bool = True
    shipping: bool = False
    numbers: Numbers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOrder:
    """An order as the shop tells it. `total` is what is paid for all of it, with tax; None where it is not told.
    `medium` is where it was bought: in the shop elsewhere, unless that says a store, television or a newspaper.
    """

    number: str
    placed_at: datetime
    lines: Sequence[OutsideLine]
    recipient: str = ""
    postcode: str = ""
    address: str = ""
    phone: str = ""
    note: str = ""
    state: str = Order.State.PLACED.value
    delivered_at: datetime | None = None
    paid_at: datetime | None = None
    total: int | None = None
    medium: str = ONLINE


@transaction.atomic
def keep_outside(
    customer: int, said: OutsideOrder, *, desk: Desk, order: int | None = None, by: Actor
) -> Order:
    """Have an order as the shop tells it: a new one, or (`order`) the one that is known. It never goes back in its
    state, and the same again changes nothing. The terms of returning are those in force when it was placed.

    Raises Refused for lines that make no sense or do not come to the total, for other lines than those of which pieces
    were sent or came back, and as `keep_numbers`.
    """
    company = desk.company_id
    known = Order.objects.select_for_update(no_key=True).get(pk=order) if order else None
    rounding = Rounding(known.rounding) if known else rounding_of(company)
    net, tax = _sums(said, rounding)
    values: dict[str, Any] = {
        **_delivery(said),
        "outside": one_line(said.number, most=40),
        "net": net,
        "tax": tax,
    }
    if known is None:
        known = _placed(customer, said, values, rounding=rounding, desk=desk, by=by)
        OrderLine.objects.bulk_create(_rows(known, said))
        record(OrderPlaced(**known.where, order=known.pk, number=known.number, total=known.total), by=by)
    else:
        set_changed(known, **values)
        _change_lines(known, said)
    _follow(known, said, by=by)
    keep_numbers(known, said, by=by)
    return known


@transaction.atomic
def keep_numbers(order: Order, said: OutsideOrder, *, by: Actor) -> bool:
    """Have the lots and serial numbers of an order's pieces as they are told; whether that is news. One of the shop's
    lines may be two of ours: its numbers go to the first as far as that has pieces.

    Raises Refused for more numbers than pieces, and for a line that is not known or is of another product.
    """
    told = {one_line(line.key, most=60): line for line in said.lines if line.numbers and not line.shipping}
    if not told:
        return False
    held = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    ours = [line for line in in_order(held) if not line.shipping]
    news: list[Changed] = []
    for key, line in told.items():
        called = (one_line(line.code, most=60), one_line(blot_card_numbers(line.name), most=300))
        same = [one for one in ours if one.outside == key and (one.code, one.name) == called]
        for one, wanted in _spread(same, line.numbers or Numbers()):
            news += have_told(one, wanted, by=by)
    tell_of_pieces(held, news, by=by)
    return bool(news)


def _spread(lines: Sequence[OrderLine], said: Numbers) -> Iterator[tuple[OrderLine, dict[str, str]]]:
    """Which numbers go to which line; a lot without any is that of all its pieces."""
    if not lines:
        raise Refused(_("Lots and serial numbers are told of a line that is not known."), field="lines")
    lot = piece_number(said.lot, most=LOT)
    left = list(dict.fromkeys(filter(None, (piece_number(one, most=SERIAL) for one in said.serials))))
    for line in lines:
        count = len(left) if line is lines[-1] else line.quantity
        mine, left = left[:count], left[count:]
        yield line, dict.fromkeys(mine, lot) or ({"": lot} if lot else {})


@transaction.atomic
def keep_refunded(
    order: Order, pieces: Mapping[str, int], *, total: int | None, at: datetime, note: str = "", by: Actor
) -> Return:
    """Keep that the shop gave money back for so many pieces of its lines.

    Raises Refused for lines that are not known, for more than is left, and where the pieces do not come to what the
    shop says it gave back.
    """
    held = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    chosen = _pieces(left_to_return(held), pieces)
    back = Return.objects.create(
        company_id=held.company_id,
        order=held,
        number=next_number(held.company_id, "return"),
        reason=Return.Reason.ELSEWHERE,
        note=one_line(blot_card_numbers(note), most=300),
        asked_at=at,
    )
    ReturnPiece.objects.bulk_create(
        ReturnPiece(company_id=held.company_id, back=back, line=line, quantity=count)
        for line, count in chosen
    )
    sums = what_it_comes_to(back)
    back.sums, back.total = [asdict(one) for one in sums], sum(one.total for one in sums)
    if total is not None and total != back.total:
        words = _("These pieces come to %(pieces)s yen, and the shop says %(told)s yen.")
        raise Refused(words % {"pieces": f"{back.total:,}", "told": f"{total:,}"}, field="total")
    back.state, back.settled_at = Return.State.REFUNDED, at
    back.save(update_fields=["sums", "total", "state", "settled_at"])
    told = {"order": held.pk, "back": back.pk, "number": back.number}
    record(ReturnMoved(**held.where, **told, after=back.state, total=back.total), by=by)
    return back


def was_taken_here(said: OutsideOrder, *, company: int) -> bool:
    """Whether a company took this very order itself, and no shop elsewhere: another system may number its orders alike.
    Programs for tables drop the seconds of a time. One query where the number looks so.
    """
    mark, _dash, count = said.number.partition("-")
    if mark != "O" or not count.isascii() or not count.isdigit() or len(count) > 9:
        return False
    minute = said.placed_at.replace(second=0, microsecond=0)
    at = {"placed_at__gte": minute, "placed_at__lt": minute + timedelta(minutes=1)}
    found = Order.objects.filter(company=company, number=int(count), outside="", **at).first()
    return found is not None and found.total == _total(said, Rounding(found.rounding))


def _total(said: OutsideOrder, rounding: Rounding) -> int:
    told = said.total
    return totals_of([_reckoned(line) for line in said.lines], rounding).total if told is None else told


def pieces_of(
    lines: Sequence[OrderLine], wanted: Mapping[str, int], left: Mapping[int, int]
) -> dict[int, int]:
    """How many pieces of which of our lines these are, of so many that are left, by what the shop calls its lines: one
    of its lines may be two of ours. Raises Refused for a line that is not known, and for more than is left.
    """
    chosen: dict[int, int] = {}
    for key, count in wanted.items():
        rest = count
        for line in (one for one in lines if one.outside == key):
            some = min(rest, left.get(line.pk, 0))
            chosen |= {line.pk: some} if some else {}
            rest -= some
        if rest:
            words = _("Of the line “%(line)s” there are not %(count)s pieces left.")
            raise Refused(words % {"line": key[:60], "count": count}, field="lines")
    return chosen


def _sums(said: OutsideOrder, rounding: Rounding) -> tuple[int, int]:
    """What it comes to without tax, and the tax. Shops that add the tax round it line by line: theirs is kept."""
    if not 1 <= len(said.lines) <= MOST_LINES * 2:
        raise Refused(_("An order takes %(most)s lines at most.") % {"most": MOST_LINES * 2}, field="lines")
    if any(not _makes_sense(line) for line in said.lines):
        raise Refused(_("A line needs pieces, whole yen, and 10, 8 or 0 percent of tax."), field="lines")
    sums = totals_of([_reckoned(line) for line in said.lines], rounding)
    told = _total(said, rounding)
    added = sum(not line.tax_included for line in said.lines)
    if told > MOST_YEN:
        words = _("An order comes to %(most)s yen at most.") % {"most": f"{MOST_YEN:,}"}
        raise Refused(words, field="total")
    if abs(told - sums.total) > added:
        words = _("The lines come to %(lines)s yen, and the total is %(told)s yen.")
        raise Refused(words % {"lines": f"{sums.total:,}", "told": f"{told:,}"}, field="total")
    return sums.net, told - sums.net


def _makes_sense(line: OutsideLine) -> bool:
    return (
        bool(line.name) and 1 <= line.quantity <= MOST_PIECES and line.total >= 0 and line.tax_rate in RATES
    )


def _reckoned(line: OutsideLine) -> Line:
    return Line(
        name=line.name,
        quantity=Decimal(1),
        unit_price=Decimal(line.total),
        tax_rate=line.tax_rate,
        tax_included=line.tax_included,
    )


def _delivery(said: OutsideOrder) -> dict[str, str]:
    """Whom and where it goes to. Numbers are brought into our form where they have one."""
    told = {name: one_line(blot_card_numbers(getattr(said, name)), most=most) for name, most in _MOST.items()}
    for name, form in {"postcode": postcode_of, "phone": phone_of}.items():
        try:
            told[name] = form(told[name])[: _MOST[name]]
        except Refused:
            continue
    return told


def _placed(
    customer: int,
    said: OutsideOrder,
    values: Mapping[str, Any],
    *,
    rounding: Rounding,
    desk: Desk,
    by: Actor,
) -> Order:
    terms = ReturnPolicy.objects.filter(company=desk.company_id, at__lte=said.placed_at)
    return Order.objects.create(
        company_id=desk.company_id,
        number=next_number(desk.company_id, "order"),
        customer_id=customer,
        desk=desk,
        user_id=by.id,
        policy=terms.order_by("-number").first(),
        payment=Order.Payment.ELSEWHERE,
        rounding=rounding.value,
        once=uuid4(),
        placed_at=said.placed_at,
        **values,
    )


def _rows(order: Order, said: OutsideOrder, *, first: int = 1) -> Iterator[OrderLine]:
    codes = {line.code for line in said.lines if line.code}
    known = {
        v.code: v
        for v in Variant.objects.filter(company=order.company_id, code__in=codes).select_related("product")
    }
    place = first
    for line in said.lines:
        variant = known.get(line.code)
        for count, price in parts_of(line.total, line.quantity):
            yield OrderLine(
                company_id=order.company_id,
                order=order,
                place=place,
                variant=variant,
                code=one_line(line.code, most=60),
                name=one_line(blot_card_numbers(line.name), most=300),
                quantity=count,
                unit_price=price,
                tax_rate=line.tax_rate,
                tax_included=line.tax_included,
                warranty_months=variant.product.warranty_months if variant else None,
                shipping=line.shipping,
                outside=one_line(line.key, most=60),
            )
            place += 1


def _same(line: OrderLine) -> tuple[object, ...]:
    return (line.outside, line.name, line.quantity, line.unit_price, line.tax_rate, line.tax_included)


def _change_lines(order: Order, said: OutsideOrder) -> None:
    """Lines that stay as they are keep their rows; others go and come, while nothing hangs on those that go."""
    there = in_order(order)
    wanted = {
        _same(line): line for line in _rows(order, said, first=1 + max((x.place for x in there), default=0))
    }
    going = [line for line in there if _same(line) not in wanted]
    if any(line.sent.exists() or line.given_back.exists() for line in going):
        raise Refused(_("Pieces of a line that is another now were sent or came back."), field="lines")
    OrderLine.objects.filter(pk__in=[line.pk for line in going]).delete()
    stay = {_same(line) for line in there}
    OrderLine.objects.bulk_create(line for same, line in wanted.items() if same not in stay)


def _follow(order: Order, said: OutsideOrder, *, by: Actor) -> None:
    """What became of it and whether it was paid, as far as that is news."""
    if said.state not in _FAR:
        raise Refused(_("Say how far the order is: placed, shipped, delivered or cancelled."), field="state")
    if order.state != Order.State.CANCELLED and _FAR[said.state] > _FAR[order.state]:
        keep_moved(order, said.state, at=said.delivered_at, by=by)
    if said.paid_at is not None:
        keep_paid(order, said.paid_at, by=by)


def _pieces(left: Mapping[OrderLine, int], wanted: Mapping[str, int]) -> list[tuple[OrderLine, int]]:
    counts = {line.pk: count for line, count in left.items()}
    chosen = pieces_of(list(left), wanted, counts)
    if not chosen:
        raise Refused(_("Choose what is given back."), field="lines")
    return [(line, chosen[line.pk]) for line in left if line.pk in chosen]
