"""Products and orders, made for tests."""

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from madoguchi.commerce.actions import Wanted, place_order
from madoguchi.commerce.campaigns import SaidOfCampaign, keep_campaign
from madoguchi.commerce.fits import model_key
from madoguchi.commerce.media import SaidOfMedia, keep_media_event
from madoguchi.commerce.models import (
    Campaign,
    Fit,
    MediaEvent,
    Order,
    Remedy,
    Subscription,
    Symptom,
    Variant,
)
from madoguchi.commerce.products import Said, keep_products
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.subscriptions import (
    Agreed,
    begin_subscription,
    quote_again,
    write_subscription_terms,
)
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra import scope
from madoguchi.kernel import clock
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


def make_campaign(company: Company, **said: object) -> Campaign:
    """A tenth off all products, without end or quota."""
    usual: dict[str, object] = {"name": "春の割引", "words": "全品1割引", "kind": "percent", "amount": 10}
    with scope.acting_for([company.pk]):
        values = usual | {"begins": date(2020, 1, 1)} | said
        return keep_campaign(company, SaidOfCampaign(**values), by=_SHELL)  # type: ignore[arg-type]


def make_media_event(point: EntryPoint, **said: Any) -> MediaEvent:
    """Something in a newspaper of 100,000 copies, which named a number of ours."""
    usual: dict[str, Any] = {"code": "A-0412", "medium": "新聞", "circulation": 100_000}
    usual |= {"appears_at": clock.now(), "entry_point": point.pk}
    with scope.acting_for([point.company_id]):
        return keep_media_event(point.company, SaidOfMedia(**usual | said), by=_SHELL)


def make_subscription(order: Order) -> Subscription:
    """The first line of an order, sent every month from a month on."""
    with scope.everywhere(reason="a factory makes what a test asks for, whosever it is"):
        found = Order.objects.select_related("company", "customer", "desk").get(pk=order.pk)
        terms = write_subscription_terms(
            found.company, words="条件", notice_days=5, least_orders=1, by=_SHELL
        )
        line = in_order(found)[0]
        agreed = Agreed(
            line=line.pk,
            every=1,
            unit="month",
            first_on=clock.today() + timedelta(days=30),
            total=quote_again(line, found).totals.total,
            terms=terms.pk,
            said="読み上げた言葉",
            once=uuid4(),
        )
        return begin_subscription(found, agreed, by=_SHELL)


def make_fit(company: Company, *, outside: str = "IH-2000") -> Fit:
    """That a new product of a company works with a model from outside."""
    variant = make_variant(company)
    with scope.acting_for([company.pk]):
        return Fit.objects.create(
            company=company,
            product_id=variant.product_id,
            outside=outside,
            folded=model_key(outside),
            verdict=Fit.Verdict.WORKS,
            source="https://maker.example/fit",
            sourced_on=clock.today(),
            at=clock.now(),
        )


def make_symptom(company: Company, *, name: str = "電源が入らない") -> Symptom:
    """A symptom of any product of a company, with one remedy."""
    with scope.acting_for([company.pk]):
        made = Symptom.objects.create(company=company, name=name, at=clock.now())
        said = {"cause": "コンセントの緩み", "words": "プラグを差し直す"}
        Remedy.objects.create(company=company, symptom=made, place=0, **said)
        return made
