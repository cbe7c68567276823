"""Solicitations by phone as orders bring them: what was advertised where, what is kept, and the papers that are owed.

Whoever does not want what is offered has it written down as a refusal of offers by phone (`customers/consenting`). It
holds for all of the company, and for whoever turns to customers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import PapersGiven, SolicitationMade
from madoguchi.commerce.models import (
    Campaign,
    Order,
    Solicitation,
    Subscription,
    SubscriptionOrder,
    Variant,
)
from madoguchi.commerce.soliciting import Advert, Duty, missing_duties, outside, papers_due
from madoguchi.customers.consenting import may_approach
from madoguchi.customers.models import Customer, Purpose, Way
from madoguchi.customers.queries import sees_customers
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused

# Who answers an advertisement may do so for a while after its last day.
LINGERS = timedelta(days=60)
Basket = Sequence[tuple[Variant, int]]


@dataclass(frozen=True, slots=True)
class Heard:
    """That an order is taken on the phone: by which number the customer came (None: nobody knows), what they were told
    beforehand, and which variants whoever takes it says to have offered, which counts where nobody knows what was
    advertised.
    """

    entry_point: int | None
    duties: tuple[str, ...] = ()
    offered: frozenset[int] = frozenset()


def adverts_at(company: int, entry_point: int | None) -> list[Advert]:
    """What those were offered who come by a number: by the campaigns that were advertised with it, and then by those
    that were advertised everywhere. None where no campaign names the number. One query, none without a number.
    """
    if entry_point is None:
        return []
    today = clock.today()
    since = Q(begins__lte=today) & (Q(ends=None) | Q(ends__gte=today - LINGERS))
    there = Q(entry_points__contains=[entry_point])
    everywhere = Q(entry_points=[], desks=[]) & ~Q(products=[])
    rows = Campaign.objects.filter(since & (there | everywhere), company=company, active=True)
    found = list(rows.values_list("entry_points", "products", "most_pieces", "also_again"))
    if not any(points for points, _products, _most, _again in found):
        return []
    return [Advert(frozenset(products), most, again) for _points, products, most, again in found]


def outside_of(found: Basket, *, company: int, heard: Heard | None, again: bool = False) -> list[str]:
    """The names of what is sold on the phone beside what was advertised, or, where nobody knows what was, of what was
    offered. One query, none where it is not so sold.
    """
    if heard is None:
        return []
    pieces = [(variant.product.code, count) for variant, count in found]
    adverts = adverts_at(company, heard.entry_point)
    if not adverts:
        return [str(variant) for variant, _count in found if variant.pk in heard.offered]
    codes = outside(pieces, adverts, again=again)
    return [str(variant) for variant, _count in found if variant.product.code in codes]


def knows_adverts(company: int, heard: Heard | None) -> bool:
    """Whether it is known what was advertised to who calls, so that nobody has to say what they offered. One query."""
    return heard is None or bool(adverts_at(company, heard.entry_point))


def has_refused(customer: int) -> bool:
    """Whether a customer does not want to be solicited by phone. Two queries."""
    return not may_approach(customer, Purpose.OFFERS, Way.PHONE)


def require_willing(customer: Customer, names: Sequence[str]) -> None:
    """Raises Refused where something is sold beside what was advertised, and the customer has refused that. Two
    queries, none where nothing is.
    """
    if names and has_refused(customer.pk):
        words = _(
            "“%(names)s” was not advertised, and this customer refuses offers by phone: do not solicit them. "
            "If they ask for it themselves, write down first that they consent to offers by phone."
        )
        raise Refused(words % {"names": _("、").join(names)}, field="duties")


def require_told(customer: Customer, names: Sequence[str], heard: Heard | None) -> None:
    """As `require_willing`, and raises Refused where the customer was not told all that the law wants told."""
    require_willing(customer, names)
    if names and missing_duties(heard.duties if heard else ()):
        words = _("“%(names)s” was not advertised. Tell the customer all that is listed, and tick it.")
        raise Refused(words % {"names": _("、").join(names)}, field="duties")


def keep_solicitation(
    order: Order, names: Sequence[str], *, subscription: Subscription | None = None, by: Actor
) -> Solicitation | None:
    """Keep that an order, or a subscription of it, came of a solicitation, where it did. Within the transaction that
    takes it, after `require_told`.
    """
    if not names:
        return None
    made = Solicitation.objects.create(
        company_id=order.company_id,
        order=order,
        subscription=subscription,
        outside=[name[:320] for name in names],
        duties=[duty.value for duty in Duty],
        user_id=by.id,
        at=clock.now(),
        papers_due=papers_due(clock.today()),
    )
    record(SolicitationMade(**told_of(made), papers_due=made.papers_due.isoformat()), by=by)
    return made


def require_not_withdrawn(order: Order, *, field: str = "slip") -> None:
    """Raises Refused where `is_withdrawn`. Within a transaction that holds the order. One query."""
    if is_withdrawn(order):
        raise Refused(_("The customer has withdrawn from this order: no more of it is sent."), field=field)


def is_withdrawn(order: Order) -> bool:
    """Whether the customer has withdrawn from an order, from that for which it is sent once more, or from the
    subscription by which it was made. One query.
    """
    first = order.resend_of_id or order.pk
    made_by = SubscriptionOrder.objects.filter(order=first).values("subscription")
    of_it = Q(order=first, subscription=None) | Q(subscription__in=made_by)
    return Solicitation.objects.filter(of_it, withdrawn_on__isnull=False).exists()


@transaction.atomic
def keep_papers(found: Solicitation, on: date, *, by: Actor) -> None:
    """Say on which day the customer had the written terms: from then on the days count in which they may withdraw.

    Raises NotAllowed, Refused for a day before the order or ahead, and Conflict once they have withdrawn.
    """
    held = held_solicitation(found, by)
    if not held.at.astimezone(clock.TOKYO).date() <= on <= clock.today():
        raise Refused(_("Choose a day from that of the order until today."), field="on")
    if held.papers_on == on:
        return
    held.papers_on = found.papers_on = on
    held.save(update_fields=["papers_on"])
    record(PapersGiven(**told_of(held), on=on.isoformat()), by=by)


def held_solicitation(found: Solicitation, by: Actor) -> Solicitation:
    """A solicitation of which no other can say anything meanwhile. Raises NotAllowed, and Conflict once withdrawn."""
    order = found.order
    if not policies.may_take_orders(by, company=order.company_id, desk=order.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    held = Solicitation.objects.select_for_update(no_key=True).get(pk=found.pk)
    if held.withdrawn_on is not None:
        raise Conflict(_("The customer has withdrawn from it already. Look at it again."))
    return held


def told_of(found: Solicitation) -> dict[str, Any]:
    """What each fact about a solicitation says."""
    where = (found.subscription or found.order).where
    return where | {"order": found.order_id, "subscription": found.subscription_id, "name": str(found)}


def solicitation_by_id(pk: int, *, actor: Actor) -> Solicitation:
    """A solicitation of a company whose customers the actor sees. Raises NotFound. One query."""
    found = _rows().filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def solicitation_of(order: int) -> Solicitation | None:
    """How an order was solicited; None where it was not. One query."""
    return _rows().filter(order=order, subscription=None).first()


def solicitations_of(orders: Sequence[int]) -> dict[int, Solicitation]:
    """The same of many orders: those that were solicited. One query."""
    return {found.order_id: found for found in _rows().filter(order__in=orders, subscription=None)}


def solicitation_of_subscription(subscription: int) -> Solicitation | None:
    """How a subscription was solicited; None where it was not. One query."""
    return _rows().filter(subscription=subscription).first()


def _rows() -> QuerySet[Solicitation]:
    return Solicitation.objects.select_related("order", "subscription", "user")
