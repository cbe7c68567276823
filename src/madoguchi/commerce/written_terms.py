"""The written terms that a customer is given who was solicited by phone (特定商取引法18条・19条): a paper, kept as all
others are.

What it says of the company, the goods and the price is that of the order, or of one order of the subscription. When the
goods come and when the money is due is said by whoever gives it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.tax import Line, Rounding
from madoguchi.commerce.issuing import give
from madoguchi.commerce.models import IssuedDocument, Order, Solicitation, Subscription, Variant
from madoguchi.commerce.queries import in_order, reckoned, shop_of
from madoguchi.commerce.quoting import quote, reckoned_now, shipping_lines
from madoguchi.commerce.solicitations import held_solicitation
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_SAID: Final = 200
_PAYING: Final = {
    Order.Payment.ON_DELIVERY: "商品と引換えに、配達員にお支払いください(代金引換)。",
    Order.Payment.TRANSFER: "銀行振込でお支払いください。",
    Order.Payment.STORE: "コンビニエンスストアでお支払いください。",
    Order.Payment.LINK: "お送りするリンクから、クレジットカードでお支払いください。",
    Order.Payment.LATER: "請求書により、後払いでお支払いください。",
}
_NO_POLICY: Final = "特別な定めはありません。法令によります。"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfTerms:
    """What whoever gives the terms says: when the goods are handed over, and when and how the money is paid."""

    delivery: str
    payment: str


@transaction.atomic
def give_terms(found: Solicitation, said: SaidOfTerms, *, by: Actor, again: bool = False) -> IssuedDocument:
    """Give the written terms of an order or a subscription; the first ones once more (`again`) say what those said.

    Raises NotAllowed, Conflict once the customer has withdrawn, and Refused for what is not said, for terms that were
    given already, and where something is missing that must stand on them.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=found.order_id)
    held = held_solicitation(found, by)
    kept = said if again else _checked(said)
    return give(order, Kind.WRITTEN_TERMS, terms_of_sale(held, kept), again=again, by=by)


def terms_given(found: Solicitation) -> list[IssuedDocument]:
    """The written terms of this that were given, the first first, without their files. One query."""
    rows = IssuedDocument.objects.filter(
        order=found.order_id, kind=Kind.WRITTEN_TERMS.value, kept__original_number=str(found)
    )
    return list(rows.select_related("order").defer("pdf").order_by("pk"))


def usual_payment(found: Solicitation) -> str:
    """How it is paid, in words that can be gone on with."""
    return _PAYING.get(Order.Payment((found.subscription or found.order).payment), "")


def terms_of_sale(found: Solicitation, said: SaidOfTerms) -> Document:
    """The paper, without a number. Six queries at most."""
    order, subscription = found.order, found.subscription
    whom = subscription or order
    return Document(
        kind=Kind.WRITTEN_TERMS,
        lines=tuple(_lines(order, subscription)),
        date=found.at.astimezone(clock.TOKYO).date(),
        issuer=_issuer(order.company_id),
        recipient=Party(name=whom.recipient, address=whom.address),
        rounding=Rounding(order.rounding),
        on_paper=False,
        original_number=str(found),
        person=found.user.name if found.user else "",
        terms=tuple(_terms(found, said)),
    )


def _issuer(company: int) -> Party:
    shop = shop_of(company)
    names = ("name", "representative", "address", "phone", "registration_number")
    return Party(**{name: getattr(shop, name) for name in names}) if shop else Party()


def _lines(order: Order, subscription: Subscription | None) -> Iterator[Line]:
    """What is bought: all of the order, or one order of the subscription at its own total."""
    if subscription is None:
        yield from (reckoned(line) for line in in_order(order))
        return
    variant, count = subscription.variant, subscription.quantity
    where = {"address": subscription.address, "postcode": subscription.postcode}
    now = quote([(variant, count)], company=order.company_id, **where)
    if now.totals.total == subscription.total:
        yield from (reckoned_now(variant, count), *shipping_lines(now.fee))
        return
    yield Line(
        name=f"{variant} × {count} (1回分、送料を含む)",
        quantity=Decimal(1),
        unit_price=Decimal(subscription.total),
        tax_rate=variant.product.tax_rate,
        tax_included=True,
    )


def _terms(found: Solicitation, said: SaidOfTerms) -> Iterator[tuple[str, str]]:
    order, subscription = found.order, found.subscription
    variants = (
        [subscription.variant] if subscription else [one.variant for one in in_order(order) if one.variant]
    )
    if goods := "\n".join(filter(None, (_goods(one) for one in variants))):
        yield "商品の品番・型式等", goods
    yield "商品の引渡しの時期", said.delivery
    yield "代金の支払の時期と方法", said.payment
    if subscription:
        yield "定期のお届けについて", subscription.said
    yield "返品・契約不適合の責任", order.policy.words if order.policy else _NO_POLICY


def _goods(variant: Variant) -> str:
    """By what a product is known: its code, and what the company has said of it."""
    known = {**variant.product.attributes, **variant.attributes}
    facts = [f"{name}: {value}" for name, value in known.items() if value]
    return f"{variant}(品番 {variant.code}) {'、'.join(facts)}".strip()


def _checked(said: SaidOfTerms) -> SaidOfTerms:
    words = {"delivery": said.delivery, "payment": said.payment}
    kept = {name: one_line(blot_card_numbers(text), most=MOST_SAID + 1) for name, text in words.items()}
    for name, text in kept.items():
        if not text or len(text) > MOST_SAID:
            raise Refused(
                _("Write when the goods come, and when and how they are paid, in 200 characters each."),
                field=name,
            )
    return SaidOfTerms(**kept)
