"""Giving papers about orders: as PDF, numbered, kept as they were given (電子帳簿保存法7条, 同施行規則4条)."""

import hashlib
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import next_number
from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kept import as_kept, from_kept
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.paper import as_pdf
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.events import DocumentIssued
from madoguchi.commerce.models import CampaignUse, IssuedDocument, Order, Return
from madoguchi.commerce.queries import in_order, reckoned, shop_of
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused

LETTERS = {
    Kind.INVOICE: "INV",
    Kind.RECEIPT: "RCT",
    Kind.DELIVERY_NOTE: "DLV",
    Kind.RETURN_SLIP: "RTN",
    Kind.WRITTEN_TERMS: "TRM",
}
# A return slip is about a return: `returning` gives it.
OF_ORDERS = (Kind.INVOICE, Kind.RECEIPT, Kind.DELIVERY_NOTE)


@transaction.atomic
def issue(order: Order, kind: Kind, *, by: Actor, again: bool = False) -> IssuedDocument:
    """Give a paper about an order: the first of its kind, or, said so by `again`, that one once more as 再発行, under a
    number of its own.

    Raises NotAllowed, and Refused for a cancelled order, for a receipt before the money has come, for a delivery note
    before anything was sent, for one that was given already, and where something is missing that must stand on it.
    """
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    held = Order.objects.select_for_update(no_key=True).get(pk=order.pk)
    _require_ready(held, kind)
    return give(held, kind, paper_of(held, kind), again=again, by=by)


def give(
    order: Order, kind: Kind, paper: Document, *, back: Return | None = None, again: bool, by: Actor
) -> IssuedDocument:
    """Give this paper about an order, or about a return of it, or the first of its kind once more. Within the
    transaction of whoever has allowed it and holds the order.

    Raises Refused for one that was given already, and where something is missing that must stand on it.
    """
    given = IssuedDocument.objects.filter(order=order, kind=kind.value, back=back, reissue_of=None)
    if kind == Kind.WRITTEN_TERMS:
        # Of an order, or of a subscription that began from it.
        given = given.filter(kept__original_number=paper.original_number)
    first = given.first()
    if first and not again:
        words = _("%(number)s was given already. Say that it is to be given once more.")
        raise Refused(words % {"number": first.number}, field="kind")
    number = f"{LETTERS[kind]}-{next_number(order.company_id, kind.value)}"
    paper = replace(_again(first) if first else paper, number=number)
    assert paper.date is not None
    made = IssuedDocument.objects.create(
        company_id=order.company_id,
        kind=kind.value,
        number=number,
        order=order,
        reissue_of=first,
        back=back,
        partner=paper.recipient.name,
        day=paper.date,
        total=paper.totals.total,
        pdf=as_pdf(paper),
        kept=as_kept(paper),
        user_id=by.id,
        at=clock.now(),
    )
    told = {"document": made.pk, "order": order.pk, "number": number, "again": first is not None}
    record(DocumentIssued(**order.where, **told, sha256=digest_of(made.pdf)), by=by)
    return made


def digest_of(pdf: bytes | memoryview) -> str:
    """By what a file can be known again: its SHA-256."""
    return hashlib.sha256(pdf).hexdigest()


# Who pays otherwise would pay twice, were a bank account on the invoice.
_BY_BANK = (Order.Payment.TRANSFER, Order.Payment.LATER)


def kinds_for(order: Order) -> list[Kind]:
    """What can be given for an order as it is."""
    return [kind for kind in OF_ORDERS if not _hindrance(order, kind)]


def paper_of(order: Order, kind: Kind) -> Document:
    """The paper about an order, without a number. Three queries."""
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
        bank=shop.bank if shop and order.payment in _BY_BANK else "",
        original_number=str(order),
        notes=_notes(order),
    )


_RESENT = "ご注文 %s の再送です。代金はいただきません。"
_LESS = "「%s」により %s円 値引き済みの金額です。"


def _notes(order: Order) -> str:
    """That it is sent once more, or that a campaign took something off. One query."""
    if order.resend_of:
        return _RESENT % order.resend_of
    use = CampaignUse.objects.filter(order=order).first()
    return _LESS % (use.name, f"{use.saved:,}") if use else ""


def _day(order: Order, kind: Kind) -> date:
    """The day of the transaction: when the money came on a receipt, else that of the delivery."""
    if kind == Kind.RECEIPT and order.paid_at:
        return order.paid_at.astimezone(clock.TOKYO).date()
    return (order.delivered_at or order.placed_at).astimezone(clock.TOKYO).date()


def _require_ready(order: Order, kind: Kind) -> None:
    if words := _hindrance(order, kind):
        raise Refused(words, field="kind")


def _hindrance(order: Order, kind: Kind) -> str:
    """Why a paper cannot be given now, in words: a paper says nothing that is not so."""
    if kind not in OF_ORDERS:
        return _("This paper is not given for an order.")
    if order.state == Order.State.CANCELLED:
        return _("For a cancelled order no papers are given.")
    if order.payment == Order.Payment.NOTHING and kind != Kind.DELIVERY_NOTE:
        return _("Nothing is paid for this order.")
    if kind == Kind.RECEIPT and order.paid_at is None:
        return _("A receipt is given once the money has come.")
    if kind == Kind.DELIVERY_NOTE and order.state == Order.State.PLACED and not order.parcels.exists():
        return _("A delivery note is given once the goods are put together or sent.")
    return ""


def _again(first: IssuedDocument) -> Document:
    """The same paper once more, whatever has become of the order and the shop."""
    if first.kept is None:
        words = _("%(number)s cannot be made once more. Open it and give its file.")
        raise Refused(words % {"number": first.number}, field="kind")
    return replace(from_kept(first.kept), reissue=True)
