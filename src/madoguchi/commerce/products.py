"""Products as the company says them, many at once: new ones are added, known ones (by code) changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import EllipsisType

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.arriving import MOST_DAYS
from madoguchi.commerce.documents.tax import RATES
from madoguchi.commerce.events import ProductsImported, StockChanged
from madoguchi.commerce.models import Product, Stock, Variant
from madoguchi.commerce.queries import found_by
from madoguchi.companies.models import Company
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line

# Why a stock is another number than before: goods came, were counted, are broken or lost, or it was mistyped.
STOCK_REASONS = ("received", "counted", "damaged", "lost", "mistyped")
MOST_PRICE, MOST_MONTHS, MOST_STOCK = 99_999_999, 600, 9_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One variant of a product: `code` is the variant's, `product` what several variants have in common. Of what comes
    when (`next_on`, `lead_days`) what is not said (...) stays, for most who tell of products know nothing of it.
    """

    code: str
    name: str
    price: int
    product: str = ""
    kana: str = ""
    variant: str = ""
    tax_rate: int = 10
    tax_included: bool = True
    warranty_months: int | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    active: bool = True
    place: str = ""
    stock: int | None = None
    next_on: date | EllipsisType | None = ...
    lead_days: int | EllipsisType | None = ...


@dataclass(frozen=True, slots=True)
class Kept:
    """How many are new, and how many were changed; and of each that was said whether it is new or changed."""

    added: int
    changed: int
    each: Sequence[tuple[bool, bool]] = field(default=(), compare=False)


def check(said: Said) -> None:
    """Whether a product makes sense. Raises Refused."""
    if not said.code or not said.name:
        raise Refused(_("A product needs a code and a name."), field="code")
    if not 0 <= said.price <= MOST_PRICE:
        raise Refused(
            _("A price is whole yen, %(most)s at most.") % {"most": f"{MOST_PRICE:,}"}, field="price"
        )
    if said.tax_rate not in RATES:
        raise Refused(_("The tax is 10, 8 or 0 percent."), field="tax_rate")
    if said.warranty_months is not None and not 0 <= said.warranty_months <= MOST_MONTHS:
        raise Refused(_("A warranty is a number of months."), field="warranty_months")
    if said.stock is not None and not 0 <= said.stock <= MOST_STOCK:
        raise Refused(_("The stock is a number of pieces."), field="stock")
    if isinstance(said.lead_days, int) and not 0 <= said.lead_days <= MOST_DAYS:
        raise Refused(_("Write a number of days."), field="lead_days")


@transaction.atomic
def keep_products(company: Company, said: Iterable[Said], *, by: Actor) -> Kept:
    """Have products as they are said; those of which nothing is said stay. The same again changes nothing.

    Raises NotAllowed, and Refused where one makes no sense: then none is kept.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    one_at_a_time(f"products {company.pk}")
    each: list[tuple[bool, bool]] = []
    for one in said:
        check(one)
        product, fresh = _product(company, one)
        each.append(_variant(product, one, changed=fresh))
    kept = Kept(sum(new for new, _changed in each), sum(changed for _new, changed in each), each)
    if kept.added or kept.changed:
        record(ProductsImported(company=company.pk, added=kept.added, changed=kept.changed), by=by)
    return kept


@transaction.atomic
def set_stock(
    variant: Variant,
    quantity: int,
    *,
    place: str = "",
    next_on: date | EllipsisType | None = ...,
    reason: str,
    by: Actor,
) -> bool:
    """Say how many of a variant there are at a place, why it is another number now, and when more is to come; whether
    that is news. A day that is not said stays, None takes it away.

    Raises NotAllowed, and Refused for no reason, and for a number that is none.
    """
    if not policies.may_keep_shop(by, company=variant.company_id):
        raise NotAllowed(Permission.SHOP)
    if reason not in STOCK_REASONS:
        raise Refused(_("Choose a reason."), field="reason")
    if not 0 <= quantity <= MOST_STOCK:
        raise Refused(_("The stock is a number of pieces."), field="quantity")
    place = one_line(place, most=60)
    there = Stock.objects.select_for_update().filter(variant=variant, place=place).first()
    before = there.quantity if there else 0
    if not _stock(variant, place, quantity, next_on):
        return False
    company = variant.company_id
    fact = StockChanged(company=company, variant=variant.pk, before=before, after=quantity, reason=reason)
    record(fact, by=by)
    return True


def _product(company: Company, said: Said) -> tuple[Product, bool]:
    """The product of a variant, as it is said, and whether it is another now."""
    values = {
        "name": said.name,
        "kana": said.kana,
        "tax_rate": said.tax_rate,
        "tax_included": said.tax_included,
        "warranty_months": said.warranty_months,
        "active": said.active,
    }
    code = said.product or said.code
    product = Product.objects.filter(company=company, code=code).first()
    if product is None:
        return Product.objects.create(company=company, code=code, **values), False
    if said.product and not said.active:
        values["active"] = product.active  # One variant goes, the others stay.
    return product, bool(set_changed(product, **values))


def _variant(product: Product, said: Said, *, changed: bool) -> tuple[bool, bool]:
    values = {
        "product_id": product.pk,
        "name": said.variant,
        "unit_price": said.price,
        "attributes": said.attributes,
        "active": said.active,
        "folded": found_by(said.code, said.name, said.kana, said.variant)[:800],
    }
    if said.lead_days is not ...:
        values["lead_days"] = said.lead_days
    variant = Variant.objects.filter(company=product.company_id, code=said.code).first()
    if fresh := variant is None:
        variant = Variant.objects.create(company_id=product.company_id, code=said.code, **values)
    elif set_changed(variant, **values):
        changed = True
    if said.stock is not None:
        changed |= _stock(variant, said.place, said.stock, said.next_on)
    return fresh, changed and not fresh


def _stock(variant: Variant, place: str, quantity: int, next_on: date | EllipsisType | None) -> bool:
    values = {"quantity": quantity} if next_on is ... else {"quantity": quantity, "next_on": next_on}
    there, fresh = Stock.objects.get_or_create(
        variant=variant, place=place, defaults={"company_id": variant.company_id, **values}
    )
    return fresh or bool(set_changed(there, **values))
