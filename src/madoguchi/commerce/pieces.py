"""Lots and serial numbers of what was sold: written down, taken away, and found, for warranties and call-backs."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Window
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import BuyersTaken, PiecesChanged
from madoguchi.commerce.models import Order, OrderLine, Piece
from madoguchi.customers.queries import sees_customers
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, fold, one_line

LOT, SERIAL = 40, 60
# Of one line, where each piece has a number of its own.
MOST = 500


@dataclass(frozen=True, slots=True)
class Changed:
    """A piece whose lot is other now; None where it was not there, or is no more."""

    piece: int
    serial: str
    before: str | None
    after: str | None


def piece_number(written: str, *, most: int) -> str:
    """A lot or serial number as it is compared: width, case and blanks apart. Pure."""
    return fold(blot_card_numbers(one_line(written, most=most))).upper().replace(" ", "")[:most]


@transaction.atomic
def keep_pieces(order: Order, line: int, *, lot: str, serials: Sequence[str] = (), by: Actor) -> list[Piece]:
    """Write down of which lot a line is, or which serial numbers its pieces have (of that lot). What is there already
    is kept once, with the lot that is said now.

    Raises NotAllowed; NotFound for a line of another order; Refused for nothing, and for more numbers than pieces.
    """
    held = _held(order, line, by)
    batch = piece_number(lot, most=LOT)
    numbers = list(dict.fromkeys(filter(None, (piece_number(one, most=SERIAL) for one in serials))))
    if not batch and not numbers:
        raise Refused(_("Write the lot, or the serial numbers, one a line."), field="lot")
    there = Piece.objects.filter(line=held)
    known = set(there.exclude(serial="").values_list("serial", flat=True))
    _require_room(held, known | set(numbers))
    other = list(there.filter(serial__in=numbers).exclude(lot=batch)) if batch and known else []
    changed = [Changed(one.pk, one.serial, one.lot, batch) for one in other]
    there.filter(pk__in=[one.pk for one in other]).update(lot=batch)
    new = [one for one in numbers if one not in known] or ([] if numbers else [""])
    if new == [""] and there.filter(lot=batch, serial="").exists():
        return []
    made = Piece.objects.bulk_create(
        Piece(company_id=order.company_id, line=held, lot=batch, serial=one, user_id=by.id, at=clock.now())
        for one in new
    )
    tell_of_pieces(order, [*changed, *_made(made)], by=by)
    return made


def have_told(line: OrderLine, wanted: Mapping[str, str], *, by: Actor) -> list[Changed]:
    """Have the lots of a line's pieces, by serial number (one that is empty: of all its pieces), as a shop elsewhere
    tells them; what of that is news. What was told before and is told no more goes; what people wrote down stays.

    Whoever calls holds the order in a transaction, and answers for it that the shop may tell. Raises Refused for more
    numbers than pieces.
    """
    there = {one.serial: one for one in Piece.objects.filter(line=line).order_by("pk")}
    gone = [one for serial, one in there.items() if serial not in wanted and one.user_id is None]
    stays = {serial for serial, one in there.items() if serial and one not in gone}
    _require_room(line, stays | {serial for serial in wanted if serial})
    other = [one for serial, one in there.items() if one.lot != wanted.get(serial, one.lot)]
    changed = [Changed(one.pk, one.serial, one.lot, None) for one in gone]
    changed += [Changed(one.pk, one.serial, one.lot, wanted[one.serial]) for one in other]
    for one in other:
        one.lot = wanted[one.serial]
    new = {serial: lot for serial, lot in wanted.items() if serial not in there}
    Piece.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Piece.objects.bulk_update(other, ["lot"])
    made = Piece.objects.bulk_create(
        Piece(company_id=line.company_id, line=line, lot=lot, serial=serial, user_id=by.id, at=clock.now())
        for serial, lot in new.items()
    )
    return [*changed, *_made(made)]


def _made(pieces: Sequence[Piece]) -> list[Changed]:
    return [Changed(one.pk, one.serial, None, one.lot) for one in pieces]


def _require_room(line: OrderLine, numbers: Collection[str]) -> None:
    if len(numbers) > (most := min(line.quantity, MOST)):
        words = _("That are more serial numbers than pieces: %(most)s at most.")
        raise Refused(words % {"most": most}, field="serials")


@transaction.atomic
def drop_piece(order: Order, piece: int, *, by: Actor) -> Piece:
    """Take away what was written down wrongly, and give it back, to be kept once more. Raises NotAllowed, and NotFound
    for what is not of this order.
    """
    found = Piece.objects.filter(pk=piece, line__order=order).first()
    if found is None:
        raise NotFound(piece)
    _held(order, found.line_id, by)
    changed = Changed(found.pk, found.serial, found.lot, None)
    found.delete()
    tell_of_pieces(order, [changed], by=by)
    return found


def pieces_of(orders: Sequence[Order]) -> dict[int, list[Piece]]:
    """What is known of the pieces of orders, by line. One query."""
    found: dict[int, list[Piece]] = {}
    rows = Piece.objects.filter(line__order__in=[order.pk for order in orders]).select_related("line")
    for one in rows.order_by("line__place", "pk"):
        found.setdefault(one.line_id, []).append(one)
    return found


def sold_by(numbers: str, *, actor: Actor, product: int | None = None) -> QuerySet[Piece]:
    """Pieces that were sold by a serial number or of a lot, the last sold first, of companies whose customers the actor
    sees: of one `product`, where it is named. Not run yet.
    """
    number = piece_number(numbers, most=SERIAL)
    rows = _seen(actor).filter(Q(serial=number) | Q(lot=number)) if number else Piece.objects.none()
    return rows.filter(line__variant__product=product) if product else rows


def bought_of(product: int, lots: Sequence[str], *, actor: Actor) -> QuerySet[Piece]:
    """Pieces of a product that were sold of any of these lots; cancelled orders were not. Not run yet."""
    rows = _seen(actor).filter(line__variant__product=product, lot__in=[one for one in lots if one])
    return rows.exclude(line__order__state=Order.State.CANCELLED)


def sold_by_lot(product: int, lots: Collection[str], *, since: datetime) -> dict[str, int]:
    """How many pieces of a product are known to have been sold of each of these lots since then, and not cancelled. A
    line is all of the lot that is said of it without a serial number, or of several such an equal part. One query.
    """
    rows = Piece.objects.filter(line__variant__product=product, line__order__placed_at__gte=since)
    rows = rows.filter(lot__in=[lot for lot in lots if lot]).exclude(line__order__state=Order.State.CANCELLED)
    lots_of_line = Window(Count("pk", filter=Q(serial="")), partition_by=F("line"))
    by_serial, of_lines = Counter[tuple[int, str]](), dict[tuple[int, str], int]()
    for line, lot, serial, quantity, shared in rows.annotate(shared=lots_of_line).values_list(
        "line", "lot", "serial", "line__quantity", "shared"
    ):
        if serial:
            by_serial[line, lot] += 1
        else:
            of_lines[line, lot] = max(quantity // shared, 1)
    sold = Counter[str]()
    for (_line, lot), count in {**by_serial, **of_lines}.items():
        sold[lot] += count
    return dict(sold)


def _seen(actor: Actor) -> QuerySet[Piece]:
    seen = [company for company in actor.companies if sees_customers(actor, company=company)]
    rows = Piece.objects.filter(company__in=seen).select_related("line__order__customer", "company")
    return rows.order_by("-line__order__placed_at", "-pk")


def _held(order: Order, line: int, by: Actor) -> OrderLine:
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    held = OrderLine.objects.select_for_update().filter(pk=line, order=order, shipping=False).first()
    if held is None:
        raise NotFound(line)
    return held


def tell_of_pieces(order: Order, changed: Sequence[Changed], *, by: Actor) -> None:
    """Say what is known of an order's pieces now and was not: for a call-back it has to be shown of which lot each was
    taken to be, and when. Of nothing nothing is said.
    """
    if not changed:
        return
    fact = PiecesChanged(
        **order.where,
        order=order.pk,
        number=order.number,
        count=Piece.objects.filter(line__order=order).count(),
        pieces=[one.piece for one in changed],
        lots=[[one.before, one.after] for one in changed],
    )
    before = ["" if one.before is None else one.serial for one in changed]
    after = ["" if one.after is None else one.serial for one in changed]
    record(fact, by=by, words={"serial": [before, after]} if any((*before, *after)) else None)


@transaction.atomic
def note_buyers_taken(company: int, *, incident: int, count: int, part: int, by: Actor) -> None:
    """Somebody takes who bought of suspicious lots along as a file, or a part of them. Called by what makes it, which
    lets nobody have it who may not.
    """
    record(BuyersTaken(company=company, incident=incident, count=count, part=part), by=by)
