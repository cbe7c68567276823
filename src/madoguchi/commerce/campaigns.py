"""Campaigns as a company keeps them, and their quotas as orders use them up. The only writer of either."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.campaigning import coupon_of
from madoguchi.commerce.events import CampaignChanged, CampaignReturned, CampaignUsed
from madoguchi.commerce.models import Campaign, CampaignUse, Order, Product, Variant
from madoguchi.commerce.quoting import Quote
from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import difference, unique
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line

MOST_YEN, MOST_TIMES, MOST_WORDS = 1_000_000, 1_000_000_000, 4_000
Kind = Campaign.Kind
_WITHOUT_AMOUNT = (Kind.SHIPPING, Kind.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfCampaign:
    """A campaign as it is said; `products` by their codes or by variants', `desks` and `entry_points` by id."""

    name: str
    words: str
    kind: str
    begins: date
    amount: int = 0
    least: int = 0
    code: str = ""
    memo: str = ""
    ends: date | None = None
    quota: int | None = None
    budget: int | None = None
    per_customer: int | None = None
    products: Sequence[str] = ()
    desks: Sequence[int] = ()
    entry_points: Sequence[int] = ()
    most_pieces: int | None = None
    also_again: bool = False
    active: bool = True


@transaction.atomic
def keep_campaign(
    company: Company, said: SaidOfCampaign, *, campaign: Campaign | None = None, by: Actor
) -> Campaign:
    """Set up a campaign, or change one. Orders that have it keep what they saved, and the words of then.

    Raises NotAllowed, and Refused for what makes no sense, a coupon that another has, a quota or a budget below what is
    used up, and products, desks and entry points that are not the company's.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    made = campaign or Campaign(company=company)
    if campaign is not None:
        # Orders that use it up wait until it is changed, and what it is compared with is of now.
        made = Campaign.objects.select_for_update().get(pk=campaign.pk)
    values = _values(company, said)
    if said.quota is not None and said.quota < made.used:
        words = _("%(used)s orders have it already. Write at least so many.")
        raise Refused(words % {"used": made.used}, field="quota")
    if said.budget is not None and said.budget < made.spent:
        words = _("%(spent)s yen are given already. Write at least so many.")
        raise Refused(words % {"spent": f"{made.spent:,}"}, field="budget")
    before = {name: getattr(made, name) for name in values} if campaign else None
    changes = difference(before, values) if before != values else {}
    for name, value in values.items():
        setattr(made, name, value)
    if changes or campaign is None:
        with unique(_("Another campaign has this coupon."), field="code"):
            made.save(update_fields=list(values) if campaign else None)
        record(CampaignChanged(company=company.pk, campaign=made.pk, changes=changes), by=by)
    return made


def use_campaign(order: Order, now: Quote, *, by: Actor) -> None:
    """Let an order have the campaign that it was reckoned with. Within the transaction that places it.

    Raises Conflict where others have used it up meanwhile, or the customer has.
    """
    campaign = now.campaign
    if campaign is None:
        return
    # Whoever comes second waits here for the first, and then sees what that has used.
    still = Q(quota=None) | Q(used__lt=F("quota"))
    still &= Q(budget=None) | Q(spent__lte=F("budget") - now.saved)
    rows = Campaign.objects.filter(still, pk=campaign.pk, active=True)
    taken = rows.update(used=F("used") + 1, spent=F("spent") + now.saved)
    had = CampaignUse.objects.filter(campaign=campaign, order__customer=order.customer_id, returned_at=None)
    if not taken or (campaign.per_customer is not None and had.count() >= campaign.per_customer):
        words = _("“%(name)s” was used up since this was read back. Read it back again.")
        raise Conflict(words % {"name": campaign})
    CampaignUse.objects.create(
        company_id=order.company_id,
        campaign=campaign,
        order=order,
        name=campaign.name,
        words=campaign.words,
        saved=now.saved,
        at=clock.now(),
    )
    told = {"order": order.pk, "number": order.number, "campaign": campaign.pk}
    record(CampaignUsed(**order.where, **told, saved=now.saved), by=by)


def return_campaign(order: Order, *, by: Actor) -> None:
    """Give the place in the quota and the yen that an order took to others. Within the transaction that cancels it."""
    use = CampaignUse.objects.filter(order=order, returned_at=None).first()
    if use is None:
        return
    CampaignUse.objects.filter(pk=use.pk).update(returned_at=clock.now())
    rows = Campaign.objects.filter(pk=use.campaign_id)
    rows.update(used=F("used") - 1, spent=F("spent") - use.saved)
    told = {"order": order.pk, "number": order.number, "campaign": use.campaign_id}
    record(CampaignReturned(**order.where, **told), by=by)


def campaigns_of(company: int) -> QuerySet[Campaign]:
    """All campaigns of a company, the newest first. Not run yet."""
    return Campaign.objects.filter(company=company).order_by("-begins", "-pk")


def codes_as_known(company: int, products: Sequence[str]) -> list[str]:
    """By which codes people know the products of a campaign, who see those of variants: the first of each that leads
    back to it, else its own. Two queries.
    """
    rows = Variant.objects.filter(company=company, product__code__in=products).order_by(
        "-active", "code", "pk"
    )
    pairs = list(rows.values_list("product__code", "code"))
    taken = set(
        Product.objects.filter(company=company, code__in=[code for _product, code in pairs]).values_list(
            "code", flat=True
        )
    )
    known: dict[str, str] = {}
    for product, code in pairs:
        if code not in taken:
            known.setdefault(product, code)
    own = {product for product, code in pairs if product == code}
    return [code if code in own else known.get(code, code) for code in products]


def _values(company: Company, said: SaidOfCampaign) -> dict[str, object]:
    _require_sense(said)
    return {
        "name": one_line(said.name, most=200),
        "words": clean(said.words).strip()[:MOST_WORDS],
        "memo": clean(said.memo).strip()[:MOST_WORDS],
        "kind": said.kind,
        "amount": 0 if said.kind in _WITHOUT_AMOUNT else said.amount,
        "least": said.least,
        "code": coupon_of(said.code),
        "begins": said.begins,
        "ends": said.ends,
        "quota": said.quota,
        "budget": said.budget,
        "per_customer": said.per_customer,
        "products": _codes_of_products(company, said.products),
        "desks": _ours(said.desks, Desk.objects.filter(company=company), "desks"),
        "entry_points": _ours(said.entry_points, EntryPoint.objects.filter(company=company), "entry_points"),
        "most_pieces": said.most_pieces,
        "also_again": said.also_again,
        "active": said.active,
    }


def _codes_of_products(company: Company, said: Sequence[str]) -> list[str]:
    """The codes of the products that are meant: a variant's code means all of its product. Two queries."""
    codes = list(dict.fromkeys(one_line(code, most=60) for code in said))
    variants = Variant.objects.filter(company=company, code__in=codes).values_list("code", "product__code")
    products = Product.objects.filter(company=company, code__in=codes)
    there = products.annotate(sold=Exists(Variant.objects.filter(product=OuterRef("pk"))))
    own = dict(there.values_list("code", "sold"))
    # What is kept are products' codes, so these come first, but for products of which no variant is left.
    known = {code: code for code in own} | dict(variants) | {code: code for code, sold in own.items() if sold}
    if unknown := [code for code in codes if code not in known]:
        words = _("No product has the code “%(code)s”.")
        raise Refused(words % {"code": _("、").join(unknown)}, field="products")
    return list(dict.fromkeys(known[code] for code in codes))


def _require_sense(said: SaidOfCampaign) -> None:
    if not one_line(said.name, most=200):
        raise Refused(_("Write a name."), field="name")
    if not clean(said.words).strip():
        raise Refused(_("Write what was advertised: it is read out, and kept with the order."), field="words")
    most = 100 if said.kind == Kind.PERCENT else MOST_YEN
    if said.kind not in Kind.values:
        raise Refused(_("Choose what is given."), field="kind")
    if said.kind not in _WITHOUT_AMOUNT and not 1 <= said.amount <= most:
        words = _("Write a number from 1 to %(most)s.") % {"most": f"{most:,}"}
        raise Refused(words, field="amount")
    if not 0 <= said.least <= MOST_TIMES:
        words = _("Write whole yen, %(most)s at most.") % {"most": f"{MOST_TIMES:,}"}
        raise Refused(words, field="least")
    if said.ends and said.ends < said.begins:
        raise Refused(_("It ends before it begins."), field="ends")
    for name in ("quota", "per_customer"):
        value = getattr(said, name)
        if value is not None and not 1 <= value <= MOST_TIMES:
            raise Refused(_("Write a number of orders, or leave it empty for no limit."), field=name)
    if said.budget is not None and not 1 <= said.budget <= MOST_TIMES:
        words = _("Write whole yen, %(most)s at most, or leave it empty for no limit.")
        raise Refused(words % {"most": f"{MOST_TIMES:,}"}, field="budget")
    if said.most_pieces is not None and not 1 <= said.most_pieces <= MOST_TIMES:
        raise Refused(_("Write a number of pieces, or leave it empty for any number."), field="most_pieces")


def _ours(ids: Sequence[int], rows: "QuerySet[Desk] | QuerySet[EntryPoint]", field: str) -> list[int]:
    found = sorted(rows.filter(pk__in=ids).values_list("pk", flat=True))
    if len(found) != len(set(ids)):
        raise Refused(_("That is not the company's."), field=field)
    return found
