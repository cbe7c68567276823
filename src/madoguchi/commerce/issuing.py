"""Giving papers about orders: as PDF, numbered, kept as they were given (電子帳簿保存法7条, 同施行規則4条)."""

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import next_number
from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.paper import as_pdf
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.events import DocumentIssued
from madoguchi.commerce.models import IssuedDocument, Order
from madoguchi.commerce.queries import in_order, reckoned, shop_of
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

LETTERS = {Kind.INVOICE: "INV", Kind.RECEIPT: "RCT", Kind.DELIVERY_NOTE: "DLV"}


@transaction.atomic
def issue(order: Order, kind: Kind, *, by: Actor) -> IssuedDocument:
    """Give a paper about an order: the first of its kind, or once more as 再発行 under a number of its own.

    Raises NotAllowed, and Refused for a cancelled order, for a receipt before the money has come, and where something
    is missing that must stand on the paper.
    """
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    held = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    _require_ready(held, kind)
    first = IssuedDocument.objects.filter(order=held, kind=kind.value, reissue_of=None).first()
    number = f"{LETTERS[kind]}-{next_number(held.company_id, kind.value)}"
    paper = replace(paper_of(held, kind), number=number, reissue=first is not None)
    assert paper.date is not None
    made = IssuedDocument.objects.create(
        company_id=held.company_id,
        kind=kind.value,
        number=number,
        order=held,
        reissue_of=first,
        partner=paper.recipient.name,
        day=paper.date,
        total=paper.totals.total,
        pdf=as_pdf(paper),
        user_id=by.id,
        at=clock.now(),
    )
    record(
        DocumentIssued(**held.where, document=made.pk, order=held.pk, number=number, again=first is not None),
        by=by,
    )
    return made


def kinds_for(order: Order) -> list[Kind]:
    """What can be given for an order as it is: a receipt says that money was received, so it waits for that."""
    if order.state == Order.State.CANCELLED:
        return []
    return [kind for kind in LETTERS if kind != Kind.RECEIPT or order.paid_at]


def paper_of(order: Order, kind: Kind) -> Document:
    """The paper about an order, without a number. Two queries."""
    shop = shop_of(order.company_id)
    issuer = Party()
    if shop:
        said = {name: getattr(shop, name) for name in ("name", "registration_number", "address", "phone")}
        issuer = Party(**said)
    return Document(
        kind=kind,
        lines=tuple(reckoned(line) for line in in_order(order)),
        date=_day(order, kind),
        issuer=issuer,
        recipient=Party(name=order.recipient, address=order.address),
        rounding=Rounding(order.rounding),
        on_paper=False,
        by_card=order.payment == Order.Payment.LINK,
        bank=shop.bank if shop else "",
        original_number=str(order),
    )


def _day(order: Order, kind: Kind) -> date:
    """The day of the transaction: when the money came on a receipt, else that of the delivery."""
    if kind == Kind.RECEIPT and order.paid_at:
        return order.paid_at.astimezone(clock.TOKYO).date()
    return (order.delivered_at or order.placed_at).astimezone(clock.TOKYO).date()


def _require_ready(order: Order, kind: Kind) -> None:
    if kind not in LETTERS:
        raise Refused(_("This paper is not given for an order."), field="kind")
    if order.state == Order.State.CANCELLED:
        raise Refused(_("For a cancelled order no papers are given."), field="kind")
    if kind == Kind.RECEIPT and order.paid_at is None:
        raise Refused(_("A receipt is given once the money has come."), field="kind")
