"""Shops elsewhere that are connected: where they post, how they stand, and what could not be taken in."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration import once
from madoguchi.administration.forms.storefronts import StorefrontForm
from madoguchi.administration.pages.frame import carried_out, page_of, show_form
from madoguchi.companies.queries import company_with
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires
from madoguchi.storefronts.actions.connecting import change, connect, lay_aside, renew_secret, try_again
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.queries import handed_by_id, handed_of, standing_of, storefront_of, storefronts_of

KEPT = "storefront_secret_shown_once"


@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def storefronts(request: StaffRequest, pk: int) -> HttpResponse:
    """The shops that a company has connected, and connecting another."""
    company = company_with(request.actor, pk, Permission.SHOP)
    form = StorefrontForm(request.POST or None, company=company)
    made = carried_out(form, lambda **said: connect(**said, by=request.actor))
    if made:
        _show_once(request, made)
        return redirect("administration:storefront", pk=pk, storefront=made.pk)
    page = page_of(request, storefronts_of(pk))
    return show_form(request, "storefronts", section="shops", company=company, form=form, page=page)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(Permission.SHOP)
def storefront(request: StaffRequest, pk: int, storefront: int) -> HttpResponse:
    """One connected shop: the address to which it posts, and what could not be taken in."""
    shop = _shop(request, pk, storefront)
    form = StorefrontForm(request.POST or None, company=shop.company, shop=shop)
    if request.POST and carried_out(form, lambda **said: change(shop, **said, by=request.actor)):
        say(request, text=_("Saved."))
        return redirect("administration:storefront", pk=pk, storefront=storefront)
    return _page(request, shop, form)


@require_POST
@requires(Permission.SHOP)
def storefront_secret(request: StaffRequest, pk: int, storefront: int) -> HttpResponse:
    """Give a shop of one's own another secret; the next page shows it."""
    shop = _shop(request, pk, storefront)
    if shop.kind != Storefront.Kind.OWN:
        raise NotFound(storefront)
    renew_secret(shop, by=request.actor)
    _show_once(request, shop)
    return redirect("administration:storefront", pk=pk, storefront=storefront)


@require_POST
@requires(Permission.SHOP)
def storefront_again(request: StaffRequest, pk: int, storefront: int, handed: int) -> HttpResponse:
    """Have once more what could not be taken in."""
    row = handed_by_id(handed, shop=_shop(request, pk, storefront))
    state = try_again(row, by=request.actor)
    say(request, text=f"{Handed.State(state).label}: {row.topic} {row.about}")
    return redirect("administration:storefront", pk=pk, storefront=storefront)


@require_POST
@requires(Permission.SHOP)
def storefront_aside(request: StaffRequest, pk: int, storefront: int, handed: int) -> HttpResponse:
    """Say that nothing is to be done about one of them. It stays in the list and can be tried again."""
    lay_aside(handed_by_id(handed, shop=_shop(request, pk, storefront)), by=request.actor)
    say(request, text=_("Laid aside. It stays here, and can be tried again."))
    return redirect("administration:storefront", pk=pk, storefront=storefront)


def _shop(request: StaffRequest, company: int, pk: int) -> Storefront:
    found = storefront_of(pk, actor=request.actor)
    if found.company_id != company:
        raise NotFound(pk)
    return found


def _show_once(request: StaffRequest, shop: Storefront) -> None:
    if shop.kind == Storefront.Kind.OWN:
        once.keep(request, KEPT, shop=shop.pk, secret=shop.secret)


def _page(request: StaffRequest, shop: Storefront, form: StorefrontForm) -> HttpResponse:
    found = standing_of(shop)
    context: dict[str, Any] = {
        "company": shop.company,
        "shop": shop,
        "form": form,
        "is_own": shop.kind == Storefront.Kind.OWN,
        "door": settings.BASE_URL + reverse("portal:shop_door", args=[shop.key]),
        "secret": once.take(request, KEPT, shop=shop.pk).get("secret", ""),
        "standing": [(label, n) for state, label in Handed.State.choices if (n := found.get(state))],
        "page": page_of(request, handed_of(shop)),
    }
    return show_form(request, "storefront", section="shops", **context)
