"""Connecting shops, and seeing to what could not be taken in."""

import re
import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import alike, one_line
from madoguchi.storefronts import policies
from madoguchi.storefronts.actions.taking import work_on
from madoguchi.storefronts.events import HandedInSettled, StorefrontChanged, StorefrontConnected
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.webhooks.signing import new_secret

MOST_SHOPS = 20
_LEAST_SECRET = 16
# Webhooks name this one, whatever domain of its own the shop has besides.
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.myshopify\.com")


@transaction.atomic
def connect(desk: Desk, *, kind: str, name: str, secret: str = "", domain: str = "", by: Actor) -> Storefront:
    """Connect a shop, whose orders this desk looks after. Shopify has a secret of its own, and a domain by which its
    shops are told apart; a shop of one's own is given a secret.

    Raises NotAllowed, and Refused for no name, a secret or a domain that is none, and more shops than anybody has.
    """
    company = desk.company_id
    _require(by, company)
    if Storefront.objects.filter(company=company).count() >= MOST_SHOPS:
        raise Refused(_("A company connects 20 shops at most."), field="name")
    if kind not in Storefront.Kind.values:
        raise Refused(_("Choose what kind of shop it is."), field="kind")
    made = Storefront.objects.create(
        company_id=company,
        kind=kind,
        name=_named(name),
        desk=desk,
        key=secrets.token_urlsafe(24),
        secret=_secret(kind, secret),
        domain=domain_of(domain) if kind == Storefront.Kind.SHOPIFY else "",
        made_at=clock.now(),
    )
    record(StorefrontConnected(company=company, desk=desk.pk, storefront=made.pk, sort=kind), by=by)
    return made


@transaction.atomic
def change(
    shop: Storefront,
    *,
    name: str,
    desk: Desk,
    active: bool,
    secret: str = "",
    domain: str | None = None,
    by: Actor,
) -> None:
    """Call it otherwise, have another desk look after its orders, switch it off or on, or (`secret`, `domain`) give it
    another.

    Raises NotAllowed, and Refused as `connect`, and for a desk of another company.
    """
    _require(by, shop.company_id)
    if desk.company_id != shop.company_id:
        raise Refused(_("Choose a desk of this company."), field="desk")
    values = {"name": _named(name), "active": active, "desk_id": desk.pk}
    if domain is not None and shop.kind == Storefront.Kind.SHOPIFY:
        values["domain"] = domain_of(domain)
    changes = set_changed(shop, **values)
    if secret:
        shop.secret = _secret(shop.kind, secret)
        shop.save(update_fields=["secret"])
        changes["secret"] = []
    if changes:
        record(StorefrontChanged(company=shop.company_id, storefront=shop.pk, changes=changes), by=by)


@transaction.atomic
def renew_secret(shop: Storefront, *, by: Actor) -> None:
    """Give a shop of one's own another secret: what the old one signs is not taken any more. Raises NotAllowed."""
    _require(by, shop.company_id)
    shop.secret = new_secret()
    shop.save(update_fields=["secret"])
    record(StorefrontChanged(company=shop.company_id, storefront=shop.pk, changes={"secret": []}), by=by)


@transaction.atomic
def try_again(row: Handed, *, by: Actor) -> str:
    """Have once more what could not be taken in, or was laid aside; how it stands then. Raises NotAllowed."""
    _require(by, row.company_id)
    work_on(row.pk)
    return _told(row, by)


@transaction.atomic
def lay_aside(row: Handed, *, by: Actor) -> str:
    """Say that nothing is to be done about it; it can still be tried again. Raises NotAllowed."""
    _require(by, row.company_id)
    open_states = (Handed.State.WRONG, Handed.State.WAITING)
    Handed.objects.filter(pk=row.pk, state__in=open_states).update(state=Handed.State.ASIDE)
    return _told(row, by)


def _told(row: Handed, by: Actor) -> str:
    row.refresh_from_db()
    fact = HandedInSettled(
        company=row.company_id, storefront=row.storefront_id, handed=row.pk, after=row.state
    )
    record(fact, by=by)
    return row.state


def _require(by: Actor, company: int) -> None:
    if not policies.may_connect(by, company=company):
        raise NotAllowed(Permission.SHOP)


def _named(name: str) -> str:
    named = one_line(name, most=100)
    if not named:
        raise Refused(_("Give it a name."), field="name")
    return named


def domain_of(written: str) -> str:
    """The domain by which Shopify calls a shop, however its address was copied. Raises Refused for none."""
    plain = alike(written).strip().removeprefix("https://").partition("/")[0].rstrip(".")
    if not _DOMAIN.fullmatch(plain):
        words = _("Write the domain that Shopify gave to the shop, like hanamoto.myshopify.com.")
        raise Refused(words, field="domain")
    return plain


def _secret(kind: str, given: str) -> str:
    if kind == Storefront.Kind.OWN:
        return new_secret()
    if len(given.strip()) < _LEAST_SECRET:
        raise Refused(_("Enter the secret with which Shopify signs its webhooks."), field="secret")
    return given.strip()
