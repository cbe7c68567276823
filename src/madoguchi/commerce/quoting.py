"""What an order would come to, before it is taken: goods at the prices of now, and what sending them costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from madoguchi.commerce.delivering import prefecture_of
from madoguchi.commerce.documents.tax import Line, Rounding, Totals, totals_of
from madoguchi.commerce.models import Campaign, ShippingRule, Variant
from madoguchi.commerce.queries import rounding_of, shipping_rule_of, variants_by_id
from madoguchi.commerce.stock import missing_of
from madoguchi.kernel.errors import Refused

MOST_LINES, MOST_PIECES, MOST_YEN = 50, 9_999, 1_000_000_000
# Sending is a service of its own and taxed at the standard rate, also where food is sent (消費税法29条; 国税庁
# 「消費税の軽減税率制度に関するQ&A(個別事例編)」: 送料は軽減税率の適用対象とならない).
SHIPPING, SHIPPING_RATE = "送料", 10
Basket = list[tuple[Variant, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what an order is reckoned now: by which shipping rule, sent where, rounded how."""

    rule: ShippingRule | None
    rounding: Rounding
    prefecture: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """So many pieces of a variant at a price, and that price without a campaign (None where it is the same)."""

    variant: Variant
    count: int
    price: int
    list_price: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What was chosen, what sending it costs by which rule, and what it comes to. `missing` pieces are not in stock.

    `off` is how many yen a campaign takes off each line, `saved` how much less it comes to by that.
    """

    found: Basket
    fee: int
    rule: ShippingRule | None
    rounding: Rounding
    totals: Totals
    off: tuple[int, ...] = field(default=())
    campaign: Campaign | None = None
    saved: int = 0

    @property
    def priced(self) -> list[list[Priced]]:
        """The lines of each product as they are charged."""
        return priced(self.found, self.off)

    @property
    def missing(self) -> int:
        """How many pieces would be back-ordered."""
        return sum(missing_of(variant, count) for variant, count in self.found)


def basket(pieces: tuple[tuple[int, int], ...], *, company: int) -> Basket:
    """What is ordered, at the prices of now. One query.

    Raises Refused for nothing, for what is not on sale, and for numbers that nobody orders.
    """
    if not pieces:
        raise Refused(_("Choose a product first."), field="q")
    if len(pieces) > MOST_LINES:
        raise Refused(_("An order takes %(most)s lines at most.") % {"most": MOST_LINES}, field="q")
    on_sale = variants_by_id([variant for variant, _count in pieces], company=company)
    for variant, count in pieces:
        if variant not in on_sale:
            raise Refused(_("One of the products is not on sale any more."), field="q")
        if not 1 <= count <= MOST_PIECES:
            words = _("Write how many, from 1 to %(most)s.") % {"most": MOST_PIECES}
            raise Refused(words, field=f"count-{variant}")
    return [(on_sale[variant], count) for variant, count in pieces]


def quote(found: Basket, *, company: int, address: str, postcode: str) -> Quote:
    """What a basket comes to, sent to an address, without any campaign. Two queries. Raises Refused for more than
    anybody pays.
    """
    return total_with(found, terms_of(company, address=address, postcode=postcode))


def terms_of(company: int, *, address: str, postcode: str) -> Terms:
    """On what orders that go there are reckoned now. Two queries."""
    where = prefecture_of(address, postcode)
    return Terms(rule=shipping_rule_of(company), rounding=rounding_of(company), prefecture=where)


def total_with(found: Basket, terms: Terms, *, off: tuple[int, ...] = ()) -> Quote:
    """What a basket comes to where so many yen are off its lines; whether sending is free goes by what is left. Pure.

    Raises Refused for more than anybody pays.
    """
    rule, rounding = terms.rule, terms.rounding
    lines = [reckoned_now(p.variant, p.count, p.price) for parts in priced(found, off) for p in parts]
    fee = fee_for(rule, totals_of(lines, rounding).total, terms.prefecture) if rule else 0
    totals = totals_of([*lines, *shipping_lines(fee)], rounding)
    if totals.total > MOST_YEN:
        raise Refused(_("An order comes to %(most)s yen at most.") % {"most": f"{MOST_YEN:,}"}, field="q")
    return Quote(found=found, fee=fee, rule=rule, rounding=rounding, totals=totals, off=off)


def priced(found: Basket, off: tuple[int, ...] = ()) -> list[list[Priced]]:
    """The lines of each product as they are charged, with so many yen off each: two where those do not divide. Pure."""
    if not any(off):
        return [[Priced(variant, count, variant.unit_price)] for variant, count in found]
    return [_less(variant, count, less) for (variant, count), less in zip(found, off, strict=True)]


def _less(variant: Variant, count: int, less: int) -> list[Priced]:
    was = variant.unit_price
    if not less:
        return [Priced(variant, count, was)]
    return [Priced(variant, some, price, was) for some, price in parts_of(was * count - less, count)]


def parts_of(total: int, quantity: int) -> list[tuple[int, int]]:
    """So many pieces that cost so much together, by price: pieces of one price, or of two that differ by one yen."""
    price, dearer = divmod(total, quantity)
    parts = [(quantity - dearer, price), (dearer, price + 1)]
    return [(count, each) for count, each in parts if count]


def fee_for(rule: ShippingRule, amount: int, prefecture: str) -> int:
    """What sending costs: nothing where the amount makes it free, else the fee of the prefecture, or of all; nothing
    where none is said.
    """
    if rule.free_from is not None and amount >= rule.free_from:
        return 0
    return int(rule.regions.get(prefecture, rule.fee or 0))


def shipping_lines(fee: int) -> Sequence[Line]:
    """What sending costs, as a line; none where it costs nothing."""
    if not fee:
        return []
    price = Decimal(fee)
    return [
        Line(name=SHIPPING, quantity=Decimal(1), unit_price=price, tax_rate=SHIPPING_RATE, tax_included=True)
    ]


def reckoned_now(variant: Variant, count: int, price: int | None = None) -> Line:
    """A variant at its price of now, or at this one, as documents reckon with it."""
    product = variant.product
    return Line(
        name=str(variant),
        quantity=Decimal(count),
        unit_price=Decimal(variant.unit_price if price is None else price),
        tax_rate=product.tax_rate,
        tax_included=product.tax_included,
    )
