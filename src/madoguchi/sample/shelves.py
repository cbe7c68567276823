"""What the sample companies sell, set up by the same actions that people use."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from madoguchi.commerce.actions import set_up_shop, write_policy
from madoguchi.commerce.models import ReturnPolicy, Variant
from madoguchi.commerce.products import Said, keep_products
from madoguchi.companies.models import Company, Desk
from madoguchi.kernel.actor import system
from madoguchi.sample.world import TEXTS

SEED = system("madoguchi seed")
_SHIPPING = "SHIP"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one company has to sell, the desk that looks after its orders, its terms, and its shipping, which every
    order has as its last line.
    """

    company: int
    desk: int | None
    policy: int
    variants: Sequence[Variant]
    shipping: Variant


@cache
def written() -> dict[str, Any]:
    """What stands in texts/shop.toml, by company."""
    return tomllib.loads((TEXTS / "shop.toml").read_text("utf-8"))


_ON_PAPERS = ("name", "registration_number", "address", "phone", "representative", "bank")


def open_shops(companies: dict[str, Company]) -> None:
    """Let the companies sell, by the same actions that people use."""
    for key, said in written().items():
        company = companies[key]
        papers = {name: said[name] for name in _ON_PAPERS}
        set_up_shop(company, by=SEED, **papers)
        write_policy(company, words=said["terms"], days=said["days"], by=SEED)
        keep_products(company, [_said(row) for row in said["products"].strip().splitlines()], by=SEED)


def shelves(companies: dict[str, Company]) -> dict[str, Shelf]:
    """What each company has to sell; a company that sells nothing has none."""
    return {key: shelf for key, company in companies.items() if (shelf := _shelf(company))}


def _said(row: str) -> Said:
    code, name, kana, variant, price, rate, months, stock = row.split("｜")
    return Said(
        code=code,
        product=f"{code.partition('-')[0]}:{name}"[:60],
        name=name,
        kana=kana,
        variant=variant,
        price=int(price),
        tax_rate=int(rate),
        warranty_months=int(months) if months else None,
        place="東日本倉庫",
        stock=int(stock),
    )


def _shelf(company: Company) -> Shelf | None:
    policy = ReturnPolicy.objects.filter(company=company).order_by("-number").first()
    found = list(Variant.objects.filter(company=company).select_related("product").order_by("code"))
    shipping = next((variant for variant in found if variant.code.endswith(_SHIPPING)), None)
    if policy is None or shipping is None:
        return None
    desk = Desk.objects.filter(company=company).order_by("pk").values_list("pk", flat=True).first()
    return Shelf(company.pk, desk, policy.pk, [one for one in found if one != shipping], shipping)
