"""Products to choose from, what a customer bought, an order by its id."""

import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import jaconv
from django.db.models import Case, IntegerField, Q, QuerySet, Sum, Value, When

from madoguchi.commerce.documents.tax import Line, Rounding
from madoguchi.commerce.models import (
    IssuedDocument,
    Order,
    OrderLine,
    Parcel,
    Product,
    Return,
    ReturnPolicy,
    ShippingRule,
    Shop,
    Stock,
    Variant,
)
from madoguchi.commerce.named import orders_in
from madoguchi.customers.queries import sees_customers
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.text import fold

# A limit that lets one person give back more counts so much later: time for others to see it.
LIMIT_WAITS = timedelta(days=7)
LAST, MOST_FOUND, MOST_PAPERS, _MOST_WORDS, _MOST_NAMED = 5, 12, 200, 6, 100


@dataclass(frozen=True, slots=True)
class Warranty:
    """Until when what was bought is under warranty, and whether it still is."""

    until: date
    holds: bool


def found_by(*words: str) -> str:
    """Words as products are found by them: width, case and kana apart."""
    kana: str = jaconv.hira2kata(fold(" ".join(word for word in words if word)))
    return kana


def products_matching(written: str, *, company: int) -> list[Variant]:
    """Variants on sale by code, reading or a part of the name, all words of it; what is called so first. One query."""
    rows = _on_sale_matching(written, company)
    return list(rows.select_related("product").annotate(in_stock=Sum("stock__quantity"))[:MOST_FOUND])


def matching_each(written: Sequence[str], *, company: int) -> dict[str, list[Product]]:
    """The products of what `products_matching` finds for each of these; what finds nothing is left out. Two queries."""
    asked = [
        _on_sale_matching(one, company)
        .annotate(asked=Value(n))
        .values_list("asked", "product_id")[:MOST_FOUND]
        for n, one in enumerate(written)
    ]
    rows = list(in_one(asked))
    products = Product.objects.in_bulk({pk for _asked, pk in rows}) if rows else {}
    found = dict[str, dict[int, Product]]()
    for n, pk in rows:
        found.setdefault(written[n], {})[pk] = products[pk]
    return {one: list(each.values()) for one, each in found.items()}


def in_one(queries: Sequence[QuerySet[Any, Any]]) -> Iterable[Any]:
    """The rows of several queries, each with a limit of its own, by a single one."""
    return queries[0].union(*queries[1:], all=True) if len(queries) > 1 else chain(*queries)


def _on_sale_matching(written: str, company: int) -> QuerySet[Variant]:
    words = found_by(written).split()[:_MOST_WORDS]
    if not words:
        return Variant.objects.none()
    wanted = Q(*(Q(folded__contains=word) for word in words))
    whole = found_by(written.strip())
    near = Case(
        When(folded__startswith=f"{whole} ", then=Value(0)),
        When(folded__startswith=whole, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    on_sale = Variant.objects.filter(wanted, company=company, active=True, product__active=True)
    return on_sale.annotate(near=near).order_by("near", "code")


def variants_to_keep(company: int, *, words: str = "") -> QuerySet[Variant]:
    """All variants of a company by code, off sale too; those that hold all of these words. Not run yet."""
    wanted = Q(*(Q(folded__contains=word) for word in found_by(words).split()[:_MOST_WORDS]))
    rows = Variant.objects.filter(wanted, company=company).select_related("product")
    return rows.annotate(in_stock=Sum("stock__quantity")).order_by("product__code", "code")


def pieces_sold(product: int, *, since: datetime) -> int:
    """How many pieces of a product were ordered since then and not cancelled. One query."""
    lines = OrderLine.objects.filter(variant__product=product, order__placed_at__gte=since)
    sold = lines.exclude(order__state=Order.State.CANCELLED).aggregate(sold=Sum("quantity"))
    return sold["sold"] or 0


def product_called(written: str, *, company: int) -> Product | None:
    """The product on sale that is meant by a code or a name; None where it is none, or may be several. One query."""
    found = {variant.product_id: variant.product for variant in products_matching(written, company=company)}
    exact = [
        one for one in found.values() if found_by(written.strip()) in (found_by(one.code), found_by(one.name))
    ]
    certain = exact or list(found.values())
    return certain[0] if len(certain) == 1 else None


def products_offered(company: int) -> list[Product]:
    """Products on sale by code, as many as a list shows. One query."""
    return list(Product.objects.filter(company=company, active=True).order_by("code")[:MOST_PAPERS])


def variant_to_keep(pk: int, *, company: int) -> Variant:
    """A variant of this company, off sale or not. Raises NotFound. One query."""
    found = variants_to_keep(company).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def variants_by_id(ids: list[int], *, company: int) -> dict[int, Variant]:
    """Variants on sale, by id. One query."""
    on_sale = Variant.objects.filter(pk__in=ids, company=company, active=True, product__active=True)
    rows = on_sale.select_related("product").annotate(in_stock=Sum("stock__quantity"))
    return {variant.pk: variant for variant in rows}


def stock_of(variants: Sequence[int]) -> dict[int, list[Stock]]:
    """What there is of variants, place by place; those of which nobody has said so are left out. One query."""
    found: dict[int, list[Stock]] = {}
    for one in Stock.objects.filter(variant__in=variants).order_by("place"):
        found.setdefault(one.variant_id, []).append(one)
    return found


def stock_by_place(variants: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many there are of variants, by place; those of which nobody has said so are left out. One query."""
    return {pk: counts_of(rows) for pk, rows in stock_of(variants).items()}


def counts_of(rows: Iterable[Stock]) -> dict[str, int]:
    """How many there are at which place."""
    return {one.place: one.quantity for one in rows}


def shop_of(company: int) -> Shop | None:
    """How the company sells; None where nobody has said. One query."""
    return Shop.objects.filter(company=company).first()


def limit_as_it_counts(shop: Shop) -> int | None:
    """Above how many yen a second person has to agree at this moment (None: never)."""
    return shop.limit_before if limit_waits(shop) else shop.refund_limit


def limit_waits(shop: Shop | None) -> bool:
    """Whether the limit was raised and does not count yet."""
    return shop is not None and shop.limit_from is not None and shop.limit_from > clock.now()


def link_as_it_counts(shop: Shop) -> str:
    """The template of links by which orders are paid at this moment; empty for none."""
    return shop.link_before if link_waits(shop) else shop.payment_link


def link_waits(shop: Shop | None) -> bool:
    """Whether that was changed, and what was said does not count yet."""
    return shop is not None and shop.link_from is not None and shop.link_from > clock.now()


def refund_limit_of(company: int) -> int | None:
    """The same of a company. One query."""
    shop = shop_of(company)
    return limit_as_it_counts(shop) if shop else None


def rounding_of(company: int) -> Rounding:
    """How the company rounds the tax. One query."""
    shop = shop_of(company)
    return Rounding(shop.rounding) if shop else Rounding.FLOOR


def policy_of(company: int) -> ReturnPolicy | None:
    """The terms on which goods are taken back now. One query."""
    return ReturnPolicy.objects.filter(company=company).order_by("-number").first()


def shipping_rule_of(company: int) -> ShippingRule | None:
    """What sending costs now; None where nobody has said, then it costs nothing. One query."""
    return ShippingRule.objects.filter(company=company).order_by("-number").first()


def orders_of(customer: int, *, actor: Actor, company: int, most: int = LAST) -> list[Order]:
    """What a customer ordered last, with lines and parcels. Three queries. Nothing for who does not see customers."""
    if not sees_customers(actor, company=company):
        return []
    rows = Order.objects.filter(customer=customer, company=company).prefetch_related("lines", "parcels")
    return list(rows.order_by("-placed_at", "-id")[:most])


def order_by_id(pk: int, *, actor: Actor) -> Order:
    """An order of a company whose customers the actor sees, with lines. Raises NotFound. Two queries."""
    rows = Order.objects.select_related("company", "customer", "user", "policy", "desk")
    found = rows.filter(pk=pk).prefetch_related("lines").first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def orders_named(written: str, *, actor: Actor) -> list[Order]:
    """Orders of this number (O-1001, or 1001; #1001 of a shop elsewhere), or with a parcel of this slip, of companies
    whose customers the actor sees. One query; none for what is neither.
    """
    plain = fold(written).strip().replace("-", "").replace(" ", "")
    number = plain.removeprefix("o")
    there = unicodedata.normalize("NFKC", written).strip()
    if there.startswith("#"):
        called = Q(outside=there[:40])
    elif not number.isascii() or not number.isdecimal() or not 4 <= len(number) <= 13:
        return []
    else:
        here = Q(number=int(number)) if len(number) <= 9 else Q(parcels__slip=number)
        called = here | Q(outside=f"#{number}")
    seen = [company for company in actor.companies if sees_customers(actor, company=company)]
    rows = Order.objects.filter(called, company__in=seen).select_related("customer")
    return list(rows.order_by("-placed_at")[:LAST])


def orders_of_others(texts: Iterable[str], *, customer: int, company: int) -> dict[str, Order]:
    """The orders that texts name and that are other customers', by what they are called there; none that may be one of
    the customer's own. One query, none where nothing is named.
    """
    named = orders_in(texts)
    if not named:
        return {}
    numbers = [number for number, _outside in named.values() if number is not None]
    called = Q(number__in=numbers) | Q(
        outside__in=[outside for _number, outside in named.values() if outside]
    )
    there = list(Order.objects.filter(called, company=company).order_by("-placed_at", "-id")[:_MOST_NAMED])
    found = {}
    for written, (number, outside) in named.items():
        meant = [one for one in there if one.number == number or (outside and one.outside == outside)]
        if meant and all(one.customer_id != customer for one in meant):
            found[written] = meant[0]
    return found


def parcels_of(order: Order) -> list[Parcel]:
    """The parcels of an order with their pieces and steps. Four queries, one without any."""
    rows = Parcel.objects.filter(order=order).prefetch_related("pieces__line", "steps")
    return list(rows.order_by("number"))


def parcel_by_id(pk: int, *, actor: Actor) -> Parcel:
    """A parcel of a company whose customers the actor sees. Raises NotFound. One query."""
    found = Parcel.objects.select_related("order").filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def returns_of(order: Order) -> list[Return]:
    """The returns of an order with their pieces and papers. Four queries, one without any."""
    rows = Return.objects.filter(order=order).prefetch_related("pieces__line", "documents")
    return list(rows.select_related("order").order_by("number"))


def refunds_waiting(actor: Actor) -> QuerySet[Return]:
    """Refunds over a company's limit that wait for somebody who leads the desk, the longest first; those that the actor
    may agree to. What they wanted themselves is among them: somebody else has to agree to that.
    """
    wide, single = actor.companies_with(Permission.CASE_APPROVE), actor.desks_with(Permission.CASE_APPROVE)
    waiting = Return.objects.filter(state=Return.State.AWAITING)
    rows = waiting.filter(Q(company__in=wide) | Q(order__desk__in=single))
    return rows.select_related("order__company", "refund_by").order_by("asked_at", "id")


def return_by_id(pk: int, *, actor: Actor) -> Return:
    """A return of a company whose customers the actor sees. Raises NotFound. One query."""
    found = Return.objects.select_related("order", "order__policy").filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def in_order(order: Order) -> list[OrderLine]:
    """The lines of an order as they were said. No query where they are at hand."""
    return sorted(order.lines.all(), key=lambda line: line.place)


def reckoned(line: OrderLine) -> Line:
    """A line of an order as documents reckon with it."""
    return Line(
        name=line.name,
        quantity=Decimal(line.quantity),
        unit_price=Decimal(line.unit_price),
        tax_rate=line.tax_rate,
        tax_included=line.tax_included,
    )


def warranty_of(line: OrderLine, order: Order) -> Warranty | None:
    """The warranty of a line: it begins when the goods came, or else were ordered. None where there is none."""
    if line.warranty_months is None or order.state == Order.State.CANCELLED:
        return None
    begins = (order.delivered_at or order.placed_at).astimezone(clock.TOKYO).date()
    until = months_after(begins, line.warranty_months)
    return Warranty(until, clock.today() <= until)


def months_after(day: date, months: int) -> date:
    """The last day of so many months from a day on, which does not count itself (民法140条, 143条).

    It is the same day of that month, or its last one.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSearch:
    """Papers that are looked for: between days, between amounts, by a part of the other side's name; `before` is the
    day and the id of the last one that was shown.
    """

    since: date | None = None
    until: date | None = None
    least: int | None = None
    most: int | None = None
    partner: str = ""
    before: tuple[date, int] | None = None


def papers_of(order: Order) -> list[IssuedDocument]:
    """The papers that were given for an order, without their bytes. One query."""
    given = IssuedDocument.objects.filter(order=order).select_related("order")
    return list(given.defer("pdf", "kept").order_by("pk"))


def paper_by_id(pk: int, *, actor: Actor) -> IssuedDocument:
    """A paper of a company whose customers the actor sees. Raises NotFound. One query."""
    found = IssuedDocument.objects.select_related("order").filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def papers_told(company: int) -> dict[int, tuple[str, str]]:
    """What the log tells of all papers of a company that were given: number and SHA-256, by the paper's id. The latter
    is empty for one that was given before the log told any. One query over the log.
    """
    facts = Event.objects.filter(company=company, kind="document.issued").order_by("pk")
    rows = facts.values_list("data__document", "data__number", "data__sha256")
    return {pk: (number, digest or "") for pk, number, digest in rows}


def papers_given(company: int) -> Iterator[IssuedDocument]:
    """All papers of a company with their bytes, in the order in which they were given. One query for each fifty."""
    given = IssuedDocument.objects.filter(company=company).select_related("order").order_by("pk")
    last = 0
    while some := list(given.filter(pk__gt=last)[:MOST_PAPERS]):
        yield from some
        last = some[-1].pk


def papers_matching(search: PaperSearch, *, actor: Actor) -> tuple[list[IssuedDocument], bool]:
    """Papers by day, amount and the other side, the newest day first, without their bytes, and whether there are more.
    One query.

    People of single desks find what was sold there. Whoever does not see names whole cannot find papers by them.
    """
    reads = Permission.CUSTOMER_READ
    seen = Q(company__in=actor.companies_with(reads)) | Q(order__desk__in=actor.desks_with(reads))
    if search.partner:
        seen &= Q(company__in=[one for one in actor.companies if not _name_is_kept(actor, one)])
    wanted = {
        "day__gte": search.since,
        "day__lte": search.until,
        "total__gte": search.least,
        "total__lte": search.most,
        "partner__icontains": search.partner or None,
    }
    rows = IssuedDocument.objects.filter(seen, **{k: v for k, v in wanted.items() if v is not None})
    if search.before:
        day, pk = search.before
        rows = rows.filter(Q(day__lt=day) | Q(day=day, pk__lt=pk))
    found = list(rows.select_related("order").defer("pdf", "kept").order_by("-day", "-pk")[: MOST_PAPERS + 1])
    return found[:MOST_PAPERS], len(found) > MOST_PAPERS


def _name_is_kept(actor: Actor, company: int) -> bool:
    data_scope = actor.data_scope(company=company)
    return "name" in data_scope.masked | data_scope.hidden
