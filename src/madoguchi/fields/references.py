"""What values refer to, another customer, a product or an order: which is meant, what it is called, what to offer."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Value
from django.utils.translation import gettext as _

from madoguchi.commerce.models import Order, Product, Variant
from madoguchi.commerce.queries import in_one, in_order, matching_each, orders_of, products_matching
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import sees_customers, show
from madoguchi.fields.models import Field
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import IdentityKind, canonical

Kind = Field.Kind
Reference = Mapping[str, int]
_ORDER = re.compile(r"#?\s*(?:O-?)?0*([1-9][0-9]{0,8})", re.IGNORECASE)
# A product as we write it: its name, and its code in brackets.
_CODE = re.compile(r".*\(([^()]+)\)")
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What is called how, by kind and id. `orders` are those that their reader may open."""

    known: Mapping[tuple[str, int], str] = field(default_factory=dict)
    orders: frozenset[int] = frozenset()

    def of(self, value: Reference) -> str:
        """What a value refers to, by its name; by its id where there is no such thing any more."""
        [(kind, pk)] = value.items()
        return self.known.get((kind, pk), f"#{pk}")


def reference_named(field: Field, written: str, *, actor: Actor) -> dict[str, int]:
    """What is kept of what somebody wrote of one of the company's customers, products or orders.

    Raises Refused, saying how it is named, where there is none or it may be several; of customers also where the
    actor's data scope does not let them know addresses, and of orders where they do not see who orders.
    """
    return {field.kind: _NAMED[field.kind](field, written, actor)}


def names_of(values: Iterable[Any], *, actor: Actor | None) -> Names:
    """What those of these values that refer to something are called, as far as this person may see it; without an
    actor, whole. At most one query for each kind.
    """
    wanted: dict[str, set[int]] = {}
    for value in values:
        for kind, pk in value.items() if isinstance(value, dict) else ():
            wanted.setdefault(kind, set()).add(pk)
    known: dict[tuple[str, int], str] = {}
    for one in Customer.objects.filter(pk__in=wanted[Kind.CUSTOMER]) if Kind.CUSTOMER in wanted else ():
        scope = actor.data_scope(company=one.company_id) if actor else None
        known[Kind.CUSTOMER, one.pk] = show(one.name, "name", scope) if scope else one.name
    for product in Product.objects.filter(pk__in=wanted[Kind.PRODUCT]) if Kind.PRODUCT in wanted else ():
        known[Kind.PRODUCT, product.pk] = called(product)
    orders = list(Order.objects.filter(pk__in=wanted[Kind.ORDER])) if Kind.ORDER in wanted else []
    known |= {(Kind.ORDER, order.pk): order.spoken_number for order in orders}
    open_to = {o.pk for o in orders if actor and sees_customers(actor, company=o.company_id)}
    return Names(known, frozenset(open_to))


def meant_by(field: Field, written: str, *, actor: Actor | None) -> list[int]:
    """The products or orders that somebody may mean beside the name of a field in the search box."""
    if field.kind == Kind.PRODUCT:
        return [product.pk for product in products_called(written, company=field.company_id)]
    return list(orders_meant(field, [written], actor=actor).values()) if field.kind == Kind.ORDER else []


def called(product: Product) -> str:
    """A product as we write it, and read it again."""
    return f"{product.name} ({product.code})"


def offered(field: Field, written: str, *, customer: int, actor: Actor) -> list[tuple[str, str]]:
    """What may be meant while somebody types, with a word about each: products on sale that match, or what the
    customer of the case bought and ordered last. Three queries at most.
    """
    if field.kind == Kind.PRODUCT and written.strip():
        found = products_matching(written, company=field.company_id)
        return [(one, "") for one in dict.fromkeys(called(variant.product) for variant in found)]
    if field.kind not in (Kind.PRODUCT, Kind.ORDER):
        return []
    bought = orders_of(customer, actor=actor, company=field.company_id)
    if field.kind == Kind.ORDER:
        return [(order.spoken_number, _about(order)) for order in bought]
    variants = {line.variant_id for order in bought for line in order.lines.all() if line.variant_id}
    products = Product.objects.filter(variants__in=variants).distinct() if variants else []
    return [(called(product), "") for product in products]


def orders_meant(field: Field, written: Iterable[str], *, actor: Actor | None) -> dict[str, int]:
    """The orders of the field's company among numbers as people write them; none for who does not see who orders. One
    query.
    """
    if actor and not sees_customers(actor, company=field.company_id):
        return {}
    numbers = {one: int(found[1]) for one in written if (found := _ORDER.fullmatch(_plain(one)))}
    rows = Order.objects.filter(company=field.company_id, number__in=numbers.values())
    there = dict(rows.values_list("number", "pk"))
    return {one: there[number] for one, number in numbers.items() if number in there}


def products_called(written: str, *, company: int) -> list[Product]:
    """The products that somebody may mean, see `products_meant`. Five queries at most."""
    return products_meant([written], company=company).get(written, [])


def products_meant(written: Iterable[str], *, company: int) -> dict[str, list[Product]]:
    """The products that each of these may mean, no longer sold ones too: the one of this code, else those of this name,
    else those on sale in which all the words stand. What means nothing is left out. Five queries at most, however many
    are asked for.
    """
    ours = Product.objects.filter(company=company).order_by("code")
    ways = {one: _exactly(one, company) for one in written}
    found = dict[str, list[Product]]()
    for at in range(3):
        left = [one for one in ways if one not in found]
        asked = [ours.filter(ways[one][at]).annotate(asked=Value(n)) for n, one in enumerate(left)]
        for product in in_one([rows[:_MOST_NAMED] for rows in asked]):
            found.setdefault(left[product.asked], []).append(product)
    return found | matching_each([one for one in ways if one not in found], company=company)


def _exactly(written: str, company: int) -> tuple[Q, Q, Q]:
    """How a product may be called, the surest way first: by its code, by that of a variant, by its name."""
    plain = _plain(written)
    in_brackets = _CODE.fullmatch(plain)
    codes = {written.strip(), plain, *([in_brackets[1].strip()] if in_brackets else [])}
    return (
        Q(code__in=codes),
        Q(pk__in=Variant.objects.filter(company=company, code__in=codes).values("product")),
        Q(name__in={written.strip(), plain}) | Q(code__iexact=plain),
    )


def _about(order: Order) -> str:
    day = order.placed_at.astimezone(clock.TOKYO).date().isoformat()
    lines = in_order(order)
    return " ".join([day, *(line.name for line in lines[:1])])


def _customer(field: Field, written: str, actor: Actor) -> int:
    kind = IdentityKind.EMAIL if "@" in written else IdentityKind.PHONE
    scope = actor.data_scope(company=field.company_id)
    known = Identity.objects.filter(company_id=field.company_id, kind=kind)
    found = known.filter(value=canonical(kind, written)[:254]).first()
    if kind in scope.masked | scope.hidden or found is None:
        words = _("Write the mail address or phone number of a customer who is known here.")
        raise _refused(field, words)
    return found.customer_id


def _product(field: Field, written: str, _actor: Actor) -> int:
    found = products_called(written, company=field.company_id)
    if not found:
        raise _refused(field, _("No product is called so. Write the code or the name of one."))
    if len(found) > 1:
        words = _("Several products may be meant: %(products)s. Write the code of one.")
        raise _refused(field, words % {"products": "、".join(map(called, found[:_MOST_NAMED]))})
    return found[0].pk


def _order(field: Field, written: str, actor: Actor) -> int:
    found = orders_meant(field, [written], actor=actor)
    if not found:
        raise _refused(field, _("There is no such order. Write an order number, such as O-1001."))
    return found[written]


def _plain(written: str) -> str:
    return unicodedata.normalize("NFKC", written).strip()


def _refused(field: Field, why: str) -> Refused:
    return Refused(f"{field.label}: {why}", field=field.key)


_NAMED: Mapping[str, Callable[[Field, str, Actor], int]] = {
    Kind.CUSTOMER: _customer,
    Kind.PRODUCT: _product,
    Kind.ORDER: _order,
}
