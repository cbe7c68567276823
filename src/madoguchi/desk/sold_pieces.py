"""Pieces that were sold, in words: by serial number with the warranty, and who bought of the lots of an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from madoguchi.cases.actions import note_list
from madoguchi.commerce.models import Order, Piece
from madoguchi.commerce.pieces import bought_of, note_buyers_taken, sold_by
from madoguchi.customers.models import Identity
from madoguchi.customers.queries import show
from madoguchi.desk.lately import warranty_in_words
from madoguchi.exports.tables import MARK, line_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.kernel.identity import IdentityKind
from madoguchi.signals.models import Incident, Signal

MOST = 100
# Of a file, which is put together while somebody waits; what is more stands in further ones.
MOST_OF_FILE = 10_000


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A piece that was sold; `warranty` says until when, `holds` whether it still does."""

    piece: Piece
    order: Order
    customer: str
    bought: date
    warranty: str
    holds: bool


def lots_of(incident: Incident) -> list[str]:
    """The lots that the signals of an incident name. One query."""
    rows = Signal.objects.filter(incident=incident, withdrawn_at=None).exclude(lot="")
    return sorted(set(rows.values_list("lot", flat=True)))


def buyers_of(incident: Incident, *, actor: Actor) -> list[SoldLine]:
    """Who bought of the lots of an incident, the last first, the first hundred. Two queries, none without a product."""
    lots = lots_of(incident) if incident.product_id else []
    rows = bought_of(incident.product_id or 0, lots, actor=actor)[:MOST] if lots else []
    return [_shown(one, actor) for one in rows]


def sold_in_words(numbers: str, *, actor: Actor) -> list[SoldLine]:
    """What was sold by a serial number or of a lot, with its warranty. One query, none for no number."""
    return [_shown(one, actor) for one in sold_by(numbers, actor=actor)[:MOST]] if numbers else []


def may_take(incident: Incident, *, actor: Actor) -> bool:
    """Whether the actor takes lists of the company along, of any of its desks."""
    mine = (grant for grant in actor.grants if grant.company == incident.company_id)
    return any(grant.allows(Permission.EXPORT) for grant in mine)


def files_of(incident: Incident, *, actor: Actor) -> int:
    """How many files those who bought of the lots of an incident fill, none for nobody. Two queries, none for who may
    take no lists along.
    """
    if not incident.product_id or not may_take(incident, actor=actor):
        return 0
    return -(-_to_take(incident, actor).count() // MOST_OF_FILE)


def buyers_taken(incident: Incident, *, part: int = 1, actor: Actor) -> str:
    """Who bought of the lots of an incident, as CSV, at desks where the actor may take lists along, masked as the
    contract says: ten thousand pieces, the last sold first, or the next ones in a further `part`. Customers whose data
    is used no more are among them and marked, for they may be warned (個人情報保護法18条3項2号). The company's log says
    how many, and each customer counts as read. Raises NotAllowed for who may nowhere, NotFound for a part that there
    is not. Four queries and a fact.
    """
    if not may_take(incident, actor=actor):
        raise NotAllowed(Permission.EXPORT)
    first = (part - 1) * MOST_OF_FILE
    rows = list(_to_take(incident, actor)[first : first + MOST_OF_FILE]) if part > 0 else []
    if not rows and part != 1:
        raise NotFound(part)
    customers = {one.line.order.customer_id for one in rows}
    note_buyers_taken(incident.company_id, incident=incident.pk, count=len(rows), part=part, by=actor)
    note_list(customers=customers, by=actor)
    reached = _reached(customers)
    scope = actor.data_scope(company=incident.company_id)
    return MARK + line_of(_heads()) + "".join(line_of(_cells(one, reached, scope)) for one in rows)


def _to_take(incident: Incident, actor: Actor) -> QuerySet[Piece]:
    rows = bought_of(incident.product_id or 0, lots_of(incident), actor=actor)
    wide, single = actor.companies_with(Permission.EXPORT), actor.desks_with(Permission.EXPORT)
    return rows.filter(Q(company__in=wide) | Q(line__order__desk__in=single))


def _shown(one: Piece, actor: Actor) -> SoldLine:
    order = one.line.order
    name = show(order.customer.name, "name", actor.data_scope(company=one.company_id))
    day = order.placed_at.astimezone(clock.TOKYO).date()
    return SoldLine(one, order, name, day, *warranty_in_words(one.line, order))


def _reached(customers: set[int]) -> dict[tuple[int, str], str]:
    """The main mail address and phone number of each."""
    rows = Identity.objects.filter(customer__in=customers).order_by("-pk")
    return {(one.customer_id, one.kind): one.written for one in rows}


def _heads() -> Sequence[str]:
    return [
        pgettext("of goods", "Lot"),
        _("Serial number"),
        _("Product"),
        pgettext("of goods", "Order"),
        _("Day of the order"),
        _("Customer"),
        _("Mail"),
        _("Phone"),
        _("Goes to"),
        _("Address"),
        _("Use is stopped"),
    ]


def _cells(one: Piece, reached: dict[tuple[int, str], str], scope: DataScope) -> list[str]:
    order, who = one.line.order, one.line.order.customer_id
    return [
        one.lot,
        one.serial,
        one.line.name,
        str(order),
        f"{order.placed_at.astimezone(clock.TOKYO):%Y-%m-%d}",
        show(order.customer.name, "name", scope),
        show(reached.get((who, IdentityKind.EMAIL), ""), "email", scope),
        show(reached.get((who, IdentityKind.PHONE), ""), "phone", scope),
        show(order.recipient, "name", scope),
        show(f"{order.postcode} {order.address}".strip(), "address", scope),
        _("Use is stopped") if order.customer.use_stopped_at else "",
    ]
