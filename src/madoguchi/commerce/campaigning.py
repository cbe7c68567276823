"""What a campaign takes off an order: which of them can be offered where, and the one that saves most is given.

Something off all that is bought is taken off each line by its share, and so off each rate by its share (国税庁
「消費税の軽減税率制度に関するQ&A」: 一括値引は値引前の対価の額で按分する). The tax is reckoned of what is left, once
for each rate.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.commerce.guesses import WrongCoupon, guessing
from madoguchi.commerce.models import Campaign, CampaignUse
from madoguchi.commerce.quoting import Basket, Quote, Terms, basket, terms_of, total_with
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import alike, one_line

MOST_OFFERED = 50


def coupon_of(written: str) -> str:
    """A coupon as it is kept, however it was typed or read out: width, case and spaces apart."""
    return alike(one_line(written, most=60)).upper().replace(" ", "")[:40]


def offered_at(desk: Desk, *, entry_point: int | None) -> list[Campaign]:
    """Campaigns of today that were advertised for where the customer came to, used up ones too. One query.

    What was advertised for some desks or entry points alone is not offered by others: an offer that the customer has
    not seen advertised would be a solicitation by phone (特定商取引法2条3項).
    """
    today = clock.today()
    running = Q(begins__lte=today) & (Q(ends=None) | Q(ends__gte=today))
    at_desk = Q(desks=[]) | Q(desks__contains=[desk.pk])
    at_point = Q(entry_points=[]) | Q(entry_points__contains=[entry_point or 0])
    rows = Campaign.objects.filter(running & at_desk & at_point, company=desk.company_id, active=True)
    # Those that anybody has come first: a coupon is looked up by its code, however many there are.
    return list(rows.order_by("code", "ends", "pk")[:MOST_OFFERED])


def quote_at(
    pieces: tuple[tuple[int, int], ...],
    *,
    customer: Customer,
    desk: Desk,
    entry_point: int | None,
    coupon: str = "",
    address: str,
    postcode: str,
    campaigns: bool = True,
    by: Actor | None = None,
) -> Quote:
    """What an order at a desk would come to, with the campaign that saves most; with the named coupon's, where one is
    named. Raises Refused as `basket` and `guessing`, WrongCoupon for a coupon that does not hold here, and
    Refused for one that saves nothing more, saying why.
    """
    found = basket(pieces, company=desk.company_id)
    terms = terms_of(desk.company_id, address=address, postcode=postcode)
    plain = total_with(found, terms)
    named = None
    if campaigns and (code := coupon_of(coupon)):
        with guessing(company=desk.company_id, by=by):
            named = _coupon(code, desk, entry_point)
    offered = offered_at(desk, entry_point=entry_point) if campaigns else []
    open_to_all = [one for one in offered if not one.code]
    gone = _times(open_to_all, customer)
    fitting = [one for one in open_to_all if not hindrance(one, found, gone.get(one.pk, 0))]
    quotes = [with_campaign(found, terms, one) for one in fitting]
    # What is left of a budget is given whole or not at all.
    paid = [quote for quote in quotes if quote.campaign is None or quote.campaign.affords(quote.saved)]
    best = min([plain, *paid], key=lambda one: one.totals.total)
    return _with_coupon(found, terms, best, named, customer) if named else best


def with_campaign(found: Basket, terms: Terms, campaign: Campaign) -> Quote:
    """What a basket comes to with a campaign."""
    if campaign.kind == Campaign.Kind.SHIPPING:
        made = total_with(found, replace(terms, rule=None))
        return replace(made, rule=terms.rule, campaign=campaign, saved=_saved(found, terms, made))
    made = total_with(found, terms, off=off_lines(campaign, found))
    return replace(made, campaign=campaign, saved=_saved(found, terms, made))


def off_lines(campaign: Campaign, found: Basket) -> tuple[int, ...]:
    """How many yen a campaign takes off each line, of the price as it is written. Pure.

    Yen off all are spread by what the lines cost; what is left of whole yen goes to those whose share was cut most.
    """
    amounts = [
        variant.unit_price * count if _is_for(campaign, variant.product.code) else 0
        for variant, count in found
    ]
    if campaign.kind == Campaign.Kind.PERCENT:
        return tuple(amount * campaign.amount // 100 for amount in amounts)
    if campaign.kind in (Campaign.Kind.SHIPPING, Campaign.Kind.NOTHING):
        return (0,) * len(amounts)
    whole = sum(amounts)
    return spread(min(campaign.amount, whole), amounts)


def spread(yen: int, amounts: Sequence[int]) -> tuple[int, ...]:
    """So many whole yen, divided by these amounts, to the yen. Pure."""
    whole = sum(amounts)
    if not whole:
        return (0,) * len(amounts)
    shares = [yen * amount // whole for amount in amounts]
    cut = sorted(range(len(amounts)), key=lambda n: (-(yen * amounts[n] % whole), n))
    for n in cut[: yen - sum(shares)]:
        shares[n] += 1
    return tuple(shares)


def hindrance(campaign: Campaign, found: Basket, times: int) -> str:
    """Why a basket cannot have a campaign; empty where it can. `times` is how often the customer had it. Pure."""
    if campaign.left == 0:
        return _("All %(quota)s of “%(name)s” are gone.") % {"quota": campaign.quota, "name": campaign}
    if campaign.per_customer is not None and times >= campaign.per_customer:
        words = _("This customer has had “%(name)s” already, %(times)s times of %(most)s.")
        return words % {"name": campaign, "times": times, "most": campaign.per_customer}
    fitting = sum(v.unit_price * n for v, n in found if _is_for(campaign, v.product.code))
    if not any(_is_for(campaign, variant.product.code) for variant, _n in found):
        return _("“%(name)s” is for other products than these.") % {"name": campaign}
    if fitting < campaign.least:
        words = _("“%(name)s” holds from %(least)s yen on; this comes to %(amount)s yen.")
        return words % {"name": campaign, "least": f"{campaign.least:,}", "amount": f"{fitting:,}"}
    return ""


def _with_coupon(found: Basket, terms: Terms, best: Quote, campaign: Campaign, customer: Customer) -> Quote:
    """With a coupon, where that is cheaper than what everybody has: nobody pays more for having named one."""
    if why := hindrance(campaign, found, _times([campaign], customer).get(campaign.pk, 0)):
        raise Refused(why, field="coupon")
    made = with_campaign(found, terms, campaign)
    if not campaign.affords(made.saved):
        raise Refused(_("The budget of “%(name)s” is used up.") % {"name": campaign}, field="coupon")
    if made.totals.total >= best.totals.total:
        words = _("“%(name)s” saves nothing here. Leave the coupon out: it can be used another time.")
        if best.campaign is not None:
            words = _(
                "“%(name)s” saves no more than “%(other)s”, which everybody has here. Leave the coupon out: "
                "it can be used another time."
            )
        raise Refused(words % {"name": campaign, "other": best.campaign}, field="coupon")
    return made


def _coupon(code: str, desk: Desk, entry_point: int | None) -> Campaign:
    """The campaign of a coupon, if it holds here and now. Raises WrongCoupon. Up to two queries.

    One that was not advertised here, or not yet, is as if there were none: nobody learns of it by trying codes.
    """
    there = Campaign.objects.filter(company=desk.company_id, code=code).first()
    told = {"code": code, "name": str(there or "")}
    today = clock.today()
    if there is None or there.begins > today or not _is_advertised(there, desk.pk, entry_point):
        words = _("No coupon “%(code)s” holds here. Look at it once more, letter by letter.")
    elif not there.active or (there.ends and there.ends < today):
        words = _("The coupon “%(code)s” (%(name)s) does not hold any more.")
    else:
        return there
    raise WrongCoupon(words % told)


def _times(campaigns: Sequence[Campaign], customer: Customer) -> dict[int, int]:
    """How often a customer has each of these. One query, none where none has a limit."""
    limited = [one.pk for one in campaigns if one.per_customer is not None]
    counts: dict[int, int] = {}
    if not limited:
        return counts
    rows = CampaignUse.objects.filter(campaign__in=limited, order__customer=customer, returned_at=None)
    for pk in rows.values_list("campaign", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    return counts


def _saved(found: Basket, terms: Terms, made: Quote) -> int:
    return total_with(found, terms).totals.total - made.totals.total


def _is_for(campaign: Campaign, product: str) -> bool:
    return not campaign.products or product in campaign.products


def _is_advertised(campaign: Campaign, desk: int, entry_point: int | None) -> bool:
    at_desk = not campaign.desks or desk in campaign.desks
    return at_desk and (not campaign.entry_points or entry_point in campaign.entry_points)
