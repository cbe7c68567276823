"""Which shops are connected, and how what they handed in stands."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from madoguchi.companies.queries import companies_with
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.storefronts.models import Handed, Storefront

LOOKED_AFTER = (Handed.State.WRONG, Handed.State.WAITING, Handed.State.ASIDE)


def storefront_behind(key: str) -> Storefront | None:
    """The shop in use that posts to this address, whosever it is. The door knows the address alone."""
    with scope.everywhere(reason="a door knows only the address a shop posts to"):
        rows = Storefront.objects.filter(key=key, active=True, desk__active=True)
        return rows.select_related("desk", "company").first()


def storefronts_of(company: int) -> QuerySet[Storefront]:
    """The connected shops of a company, without their secrets. Not run yet."""
    rows = Storefront.objects.filter(company=company).select_related("desk", "company")
    return rows.defer("secret").order_by("name", "pk")


def storefront_of(pk: int, *, actor: Actor) -> Storefront:
    """One that the actor keeps, without its secret. Raises NotFound. One query."""
    kept = companies_with(actor, Permission.SHOP)
    rows = Storefront.objects.filter(pk=pk, company__in=kept).select_related("desk", "company")
    found = rows.defer("secret").first()
    if found is None:
        raise NotFound(pk)
    return found


def handed_of(shop: Storefront, *, states: tuple[str, ...] = LOOKED_AFTER) -> QuerySet[Handed]:
    """What a shop handed in that stands like this, the newest first. Not run yet."""
    return Handed.objects.filter(storefront=shop, state__in=states).order_by("-pk")


def handed_by_id(pk: int, *, shop: Storefront) -> Handed:
    """One thing that this shop handed in. Raises NotFound. One query."""
    found = Handed.objects.filter(pk=pk, storefront=shop).first()
    if found is None:
        raise NotFound(pk)
    return found


def standing_of(shop: Storefront) -> Mapping[str, int]:
    """How many things stand how, of the last weeks. One query."""
    rows = Handed.objects.filter(storefront=shop).values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}
