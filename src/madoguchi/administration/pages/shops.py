"""How a company sells: its papers, what sending costs, on which terms goods come back, and its products."""

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.shop import (
    ProductForm,
    ProductTableForm,
    ReturnPolicyForm,
    ShippingForm,
    ShopForm,
    StockForm,
    SubscriptionTermsForm,
)
from madoguchi.administration.lost import DAYS, lost_lately
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.tables import as_file, say_kept
from madoguchi.commerce.actions import set_up_shop, write_policy, write_shipping_rule
from madoguchi.commerce.models import ReturnPolicy, ShippingRule, SubscriptionTerms, Variant
from madoguchi.commerce.products import Said, keep_products, set_stock
from madoguchi.commerce.queries import (
    limit_waits,
    link_waits,
    policy_of,
    shipping_rule_of,
    shop_of,
    variant_to_keep,
    variants_to_keep,
)
from madoguchi.commerce.subscriptions import subscription_terms_of, write_subscription_terms
from madoguchi.companies.models import Company
from madoguchi.companies.queries import companies_with, company_with
from madoguchi.imports.product_table import Wrong, read_products, written_products
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires

_SHOWN = 20


@require_safe
@requires(Permission.SHOP)
def shops(request: StaffRequest) -> HttpResponse:
    """The companies whose shops the actor keeps."""
    rows = companies_with(request.actor, Permission.SHOP).order_by("name")
    return show(request, "shops", section="shops", page=page_of(request, rows))


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def shop(request: StaffRequest, pk: int) -> HttpResponse:
    """How a company sells; what its papers say of it can be changed here."""
    company = company_of(request, pk)
    form = ShopForm(request.POST or None, instance=shop_of(pk), initial={"name": company.name})
    if request.POST and carried_out(form, lambda **said: set_up_shop(company, **said, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:shop", pk=pk)
    return _shown(request, company, form=form)


@require_safe
@requires(Permission.SHOP)
def lost(request: StaffRequest, pk: int) -> HttpResponse:
    """What calls that were given up would have brought, all in all and by desk."""
    company = company_of(request, pk)
    every, desks = lost_lately(company)
    return show(request, "lost", section="shops", company=company, all=every, desks=desks, days=DAYS)


@require_POST
@requires(Permission.SHOP)
def shipping(request: StaffRequest, pk: int) -> HttpResponse:
    """Let sending cost something else from now on."""
    company, form = company_of(request, pk), ShippingForm(request.POST)
    if carried_out(form, lambda **said: write_shipping_rule(company, **said, by=request.actor)):
        say(request, text=_("Saved. Orders taken before keep theirs."))
        return redirect("administration:shop", pk=pk)
    return _shown(request, company, shipping=form)


@require_POST
@requires(Permission.SHOP)
def shipping_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Let sending cost again what it once did, as a new version."""
    company = company_of(request, pk)
    old = ShippingRule.objects.filter(company=company, number=number).first()
    if old is None:
        raise NotFound(number)
    said = {name: getattr(old, name) for name in ("fee", "free_from", "regions", "days", "region_days")}
    write_shipping_rule(company, **said, by=request.actor)
    say(request, text=_("Version %(number)s is back, as a new version.") % {"number": number})
    return redirect("administration:shop", pk=pk)


@require_POST
@requires(Permission.SHOP)
def return_policy(request: StaffRequest, pk: int) -> HttpResponse:
    """Take goods back on other terms from now on."""
    company, form = company_of(request, pk), ReturnPolicyForm(request.POST)
    if carried_out(form, lambda **said: write_policy(company, **said, by=request.actor)):
        say(request, text=_("Saved. Orders taken before keep theirs."))
        return redirect("administration:shop", pk=pk)
    return _shown(request, company, policy=form)


@require_POST
@requires(Permission.SHOP)
def return_policy_version(request: StaffRequest, pk: int, number: int) -> HttpResponse:
    """Take goods back again on the terms of once, as a new version."""
    company = company_of(request, pk)
    old = ReturnPolicy.objects.filter(company=company, number=number).first()
    if old is None:
        raise NotFound(number)
    write_policy(company, words=old.words, days=old.days, by=request.actor)
    say(request, text=_("Version %(number)s is back, as a new version.") % {"number": number})
    return redirect("administration:shop", pk=pk)


@require_POST
@requires(Permission.SHOP)
def subscription_terms(request: StaffRequest, pk: int) -> HttpResponse:
    """Send goods again and again on other terms from now on."""
    company, form = company_of(request, pk), SubscriptionTermsForm(request.POST)
    if carried_out(form, lambda **said: write_subscription_terms(company, **said, by=request.actor)):
        say(request, text=_("Saved. Subscriptions of before keep theirs."))
        return redirect("administration:shop", pk=pk)
    return _shown(request, company, again=form)


@require_safe
@requires(Permission.SHOP)
def products(request: StaffRequest, pk: int) -> HttpResponse:
    """The products of a company, by a word of them."""
    return _products(request, company_of(request, pk), ProductTableForm())


@require_POST
@requires(Permission.SHOP)
def products_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Have products as a table says them; rows that make no sense are told, the others come."""
    company, form = company_of(request, pk), ProductTableForm(request.POST, request.FILES)
    wrong: list[Wrong] = []
    if carried_out(form, lambda table: wrong.extend(_taken_in(request, company, table))) and not wrong:
        return redirect("administration:products", pk=pk)
    return _products(request, company, form, wrong)


@require_safe
@requires(Permission.SHOP)
def products_out(request: StaffRequest, pk: int) -> HttpResponse:
    """All products as a table that can be changed and taken in again."""
    company = company_of(request, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="products-{company.slug}.csv"'
    response.write("\ufeff")
    csv.writer(response).writerows(written_products(variants_to_keep(pk).prefetch_related("stock")))
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def product_new(request: StaffRequest, pk: int) -> HttpResponse:
    """Add a product."""
    company, form = company_of(request, pk), ProductForm(request.POST or None)
    if request.POST and carried_out(form, lambda **said: _keep(request, company, "", said)):
        say(request, text=_("The product was added."))
        return redirect("administration:products", pk=pk)
    return show_form(request, "product", section="shops", company=company, form=form)


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def product(request: StaffRequest, pk: int, variant: int) -> HttpResponse:
    """Change a product; orders of before keep its name and price of then."""
    company = company_of(request, pk)
    found = variant_to_keep(variant, company=pk)
    form = ProductForm(request.POST or None, initial=_said_of(found))
    form.fields["code"].disabled = True
    if request.POST and carried_out(form, lambda **said: _keep(request, company, found.product.code, said)):
        say(request, text=_("Saved."))
        return redirect("administration:products", pk=pk)
    return _product(request, company, found, form=form)


@require_POST
@requires(Permission.SHOP)
def stock(request: StaffRequest, pk: int, variant: int) -> HttpResponse:
    """Say how many there are, and why."""
    company, form = company_of(request, pk), StockForm(request.POST)
    found = variant_to_keep(variant, company=pk)
    if carried_out(form, lambda **said: set_stock(found, **said, by=request.actor) or True):
        say(request, text=_("Saved."))
        return redirect("administration:product", pk=pk, variant=variant)
    return _product(request, company, found, stock_form=form)


def company_of(request: StaffRequest, pk: int) -> Company:
    """A company whose shop the actor keeps. Raises NotFound."""
    return company_with(request.actor, pk, Permission.SHOP)


def _shown(request: StaffRequest, company: Company, **bound: Any) -> HttpResponse:
    rule, policy = shipping_rule_of(company.pk), policy_of(company.pk)
    now = _said_of_rule(rule) if rule else {}
    terms = {"days": policy.days, "words": policy.words} if policy else {}
    now_again = subscription_terms_of(company.pk)
    names = ("notice_days", "least_orders", "words")
    again = {name: getattr(now_again, name) for name in names} if now_again else {}
    kept = shop_of(company.pk)
    context = {
        "company": company,
        "raised": kept if limit_waits(kept) else None,
        "relinked": kept if link_waits(kept) else None,
        "form": ShopForm(instance=kept, initial={"name": company.name}),
        "shipping": ShippingForm(initial=now),
        "policy": ReturnPolicyForm(initial=terms),
        "again": SubscriptionTermsForm(initial=again),
        "all_again": SubscriptionTerms.objects.filter(company=company).order_by("-number")[:_SHOWN],
        "rules": ShippingRule.objects.filter(company=company).order_by("-number")[:_SHOWN],
        "policies": ReturnPolicy.objects.filter(company=company).order_by("-number")[:_SHOWN],
    }
    return show_form(request, "shop", section="shops", **{**context, **bound})


def _said_of_rule(rule: ShippingRule) -> dict[str, Any]:
    lines = {
        name: "\n".join(f"{where} {number}" for where, number in getattr(rule, name).items())
        for name in ("regions", "region_days")
    }
    return {"fee": rule.fee, "free_from": rule.free_from, "days": rule.days, **lines}


def _products(
    request: StaffRequest, company: Company, form: ProductTableForm, wrong: list[Wrong] | None = None
) -> HttpResponse:
    words = request.GET.get("q", "")[:100]
    page = page_of(request, variants_to_keep(company.pk, words=words))
    context = {"company": company, "page": page, "q": words, "form": form, "wrong": (wrong or [])[:_SHOWN]}
    return show_form(request, "products", section="shops", **context)


def _product(request: StaffRequest, company: Company, found: Variant, **bound: Any) -> HttpResponse:
    context = {
        "company": company,
        "variant": found,
        "form": ProductForm(initial=_said_of(found)),
        "stock_form": StockForm(),
        "stock": found.stock.order_by("place"),
    }
    return show_form(request, "product", section="shops", **{**context, **bound})


def _said_of(found: Variant) -> dict[str, Any]:
    product = found.product
    shared = ("name", "kana", "tax_rate", "tax_included", "warranty_months")
    said = {name: getattr(product, name) for name in shared}
    own = {"code": found.code, "variant": found.name, "price": found.unit_price}
    own["lead_days"] = found.lead_days
    return {**said, **own, "active": found.active and product.active}


def _keep(request: StaffRequest, company: Company, parent: str, said: dict[str, Any]) -> None:
    """Keep one product; a new one may not have the code of another."""
    there = Variant.objects.filter(company=company, code=said["code"]).select_related("product").first()
    if there and not parent:
        raise Refused(_("A product has this code already."), field="code")
    attributes = there.attributes if there else {}
    product = parent if parent != said["code"] else ""
    keep_products(company, [Said(**said, product=product, attributes=attributes)], by=request.actor)


def _taken_in(request: StaffRequest, company: Company, table: Any) -> list[Wrong]:
    with as_file(table) as path:
        found = read_products(path)
    say_kept(request, keep_products(company, found.products, by=request.actor))
    return found.wrong
