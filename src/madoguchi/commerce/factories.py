"""Products and orders, made for tests."""

from itertools import count
from uuid import uuid4

from madoguchi.commerce.actions import Wanted, place_order
from madoguchi.commerce.models import Order, Variant
from madoguchi.commerce.products import Said, keep_products
from madoguchi.companies.models import Company, Desk
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.kernel.actor import system

_numbers = count(1)
_SHELL = system("test")


def make_variant(company: Company, *, name: str = "南部鉄瓶", price: int = 13_200, **said: object) -> Variant:
    """A product on sale, in one variant."""
    code = str(said.pop("code", f"T-{next(_numbers):04}"))
    with scope.acting_for([company.pk]):
        keep_products(company, [Said(code=code, name=name, price=price, **said)], by=_SHELL)  # type: ignore[arg-type]
        return Variant.objects.select_related("product").get(company=company, code=code)


def wanted(*pieces: tuple[Variant, int], **said: object) -> Wanted:
    """An order of these as somebody would say it."""
    given: dict[str, object] = {
        "recipient": "髙橋 美咲",
        "postcode": "604-8005",
        "address": "京都市中京区三条通河原町東入",
        "phone": "075-000-0000",
        "payment": Order.Payment.ON_DELIVERY.value,
        "once": uuid4(),
    }
    return Wanted(pieces=tuple((variant.pk, n) for variant, n in pieces), **{**given, **said})  # type: ignore[arg-type]


def order_of(customer: int, desk: int, *pieces: tuple[Variant, int], case: int | None = None) -> Order:
    """An order of a customer at a desk, of a product that is made where none is given."""
    with scope.everywhere(reason="a factory makes what a test asks for, whosever it is"):
        who, where = Customer.objects.get(pk=customer), Desk.objects.get(pk=desk)
        found = pieces or ((make_variant(who.company), 1),)
        return place_order(who, wanted(*found), desk=where, case=case, by=_SHELL)
