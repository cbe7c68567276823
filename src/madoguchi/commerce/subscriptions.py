"""Subscriptions: begun, left out once, paused, taken up again, cancelled. The only writer of them but `recurring`.

Cancelling is never refused, and nothing untrue is told to keep anybody from it (特定商取引法13条の2). Which order is
the last one is reckoned by the terms on which it was begun: the days of notice, and how many were agreed at least.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.actions import Wanted, delivery_of, next_number
from madoguchi.commerce.campaigning import quote_at
from madoguchi.commerce.events import (
    SubscriptionBegun,
    SubscriptionCancelled,
    SubscriptionMoved,
    SubscriptionTermsWritten,
)
from madoguchi.commerce.intervals import day_after, day_before, nth_after
from madoguchi.commerce.models import (
    Order,
    OrderLine,
    Subscription,
    SubscriptionOrder,
    SubscriptionTerms,
)
from madoguchi.commerce.quoting import Quote
from madoguchi.commerce.solicitations import Heard, keep_solicitation, outside_of, require_told
from madoguchi.companies.models import Company
from madoguchi.customers.queries import sees_customers
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.kernel.text import clean

State, Unit, Reason = Subscription.State, Subscription.Unit, Subscription.Reason
# What a customer may say; that they withdraw by law is taken down by `cooling`.
REASONS = tuple(one for one in Reason if one != Reason.WITHDREW)
MOST_EVERY = {Unit.WEEK: 26, Unit.MONTH: 12}
MOST_NOTICE, MOST_LEAST, MOST_DAYS_AHEAD = 60, 24, 366
_TO = ("recipient", "postcode", "address", "phone", "payment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How often what is sent, from which day on, at which total and on which terms (their id), as it was read to the
    customer (`said`); `heard` that this was on the phone.
    """

    line: int
    every: int
    unit: str
    first_on: date
    total: int | None
    terms: int | None
    said: str
    once: UUID
    heard: Heard | None = None


@transaction.atomic
def write_subscription_terms(
    company: Company, *, words: str, notice_days: int, least_orders: int, by: Actor
) -> SubscriptionTerms:
    """Send again and again on these terms from now on; subscriptions of before keep theirs.

    Raises NotAllowed, and Refused for no words and for numbers that are none.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    text = clean(words).strip()[:4_000]
    if not text:
        raise Refused(_("Write the terms."), field="words")
    if not 0 <= notice_days <= MOST_NOTICE:
        raise Refused(
            _("Write a number of days, %(most)s at most.") % {"most": MOST_NOTICE}, field="notice_days"
        )
    if not 1 <= least_orders <= MOST_LEAST:
        words = _("Write a number of orders, from 1 to %(most)s.") % {"most": MOST_LEAST}
        raise Refused(words, field="least_orders")
    one_at_a_time(f"subscription terms {company.pk}")
    last = subscription_terms_of(company.pk)
    made = SubscriptionTerms.objects.create(
        company=company,
        number=last.number + 1 if last else 1,
        words=text,
        notice_days=notice_days,
        least_orders=least_orders,
        at=clock.now(),
    )
    told = {"subscription_terms": made.pk, "number": made.number}
    record(SubscriptionTermsWritten(company=company.pk, **told), by=by)
    return made


def terms_now(order: Order) -> SubscriptionTerms:
    """The terms on which something of an order can be sent again and again. Raises Refused where there are none, and
    where the order was cancelled.
    """
    if order.state == Order.State.CANCELLED:
        words = _(
            "The order %(number)s was cancelled: nothing of it is sent again and again. Take a new order and begin "
            "there."
        )
        raise Refused(words % {"number": order}, field="terms")
    if (terms := subscription_terms_of(order.company_id)) is None:
        words = _(
            "The company has not said on which terms it sends goods again and again (Settings → Shops)."
        )
        raise Refused(words, field="terms")
    return terms


def quote_again(line: OrderLine, order: Order) -> Quote:
    """What one order of it will come to: at the prices of now, without a campaign. Raises Refused as `quote_at`."""
    if line.variant_id is None or order.desk is None:
        raise Refused(_("One of the products is not on sale any more."), field="line")
    return quote_at(
        ((line.variant_id, line.quantity),),
        customer=order.customer,
        desk=order.desk,
        entry_point=None,
        address=order.address,
        postcode=order.postcode,
        campaigns=False,
    )


def require_rhythm(agreed: Agreed) -> None:
    """Raises Refused for an interval that is none, and a first day that is not ahead."""
    require_interval(agreed.every, agreed.unit)
    require_ahead(agreed.first_on, "first_on")


def require_interval(every: int, unit: str) -> None:
    """Raises Refused for an interval that is none, or too long."""
    if unit not in Unit.values or not 1 <= every <= MOST_EVERY[Unit(unit)]:
        raise Refused(_("Choose how often it is sent."), field="every")


def require_ahead(day: date, field: str) -> None:
    """Raises Refused for a day that is not ahead, or more than a year."""
    if not 1 <= (day - clock.today()).days <= MOST_DAYS_AHEAD:
        raise Refused(_("Choose a day from tomorrow on, within a year."), field=field)


@transaction.atomic
def begin_subscription(order: Order, agreed: Agreed, *, case: int | None = None, by: Actor) -> Subscription:
    """Have a line of an order sent again and again, to where that went, paid as that was. A second press gives the same
    subscription back.

    Raises NotAllowed, Refused as `require_told` and for what was not read back or makes no sense, and Conflict where it
    does not come to what was read back, or other terms hold by now.
    """
    desk = order.desk
    if desk is None or not policies.may_take_orders(by, company=order.company_id, desk=desk.pk):
        raise NotAllowed(Permission.ORDER_TAKE)
    one_at_a_time(f"subscription {order.company_id} {agreed.once}")
    if there := Subscription.objects.filter(company=order.company_id, once=agreed.once).first():
        return there
    held = Order.objects.select_for_update(no_key=True).get(pk=order.pk)  # nobody cancels it meanwhile
    terms, line = terms_now(held), _line(order, agreed.line)
    require_rhythm(agreed)
    now = quote_again(line, order).totals.total
    if agreed.total is None or not agreed.said.strip():
        raise Refused(_("Read it to the customer first."), field="said")
    if terms.pk != agreed.terms:
        raise Conflict(_("The terms have changed since this was read back. Read it back again."))
    if now != agreed.total:
        raise Conflict(_("Prices have changed since this was read back. Read it back again."))
    outside = outside_again(line, order, agreed.heard)
    require_told(order.customer, outside, agreed.heard)
    to = delivery_of(Wanted(pieces=(), once=agreed.once, **{name: getattr(order, name) for name in _TO}))
    made = Subscription.objects.create(
        company_id=order.company_id,
        number=next_number(order.company_id, "subscription"),
        customer_id=order.customer_id,
        desk=desk,
        case_id=case if case is not None else order.case_id,
        user_id=by.id,
        terms=terms,
        variant_id=line.variant_id,
        quantity=line.quantity,
        every=agreed.every,
        unit=agreed.unit,
        total=now,
        said=clean(agreed.said)[:8_000],
        first_on=agreed.first_on,
        next_on=agreed.first_on,
        once=agreed.once,
        begun_at=clock.now(),
        **{name: to[name] for name in _TO},
    )
    record(SubscriptionBegun(**made.where, subscription=made.pk, number=made.number), by=by)
    keep_solicitation(order, outside, subscription=made, by=by)
    return made


def outside_again(line: OrderLine, order: Order, heard: Heard | None) -> list[str]:
    """What is sold on the phone as a subscription beside what was advertised. Two queries, none not on the phone."""
    if heard is None or line.variant is None:
        return []
    found = [(line.variant, line.quantity)]
    return outside_of(found, company=order.company_id, heard=heard, again=True)


@transaction.atomic
def skip(subscription: Subscription, due: date, *, by: Actor) -> None:
    """Leave the next order out, the one of the day that was shown: it goes on with the one after it.

    Raises NotAllowed, Refused once its days of notice are over, and Conflict where another is next meanwhile.
    """
    held = held_subscription(subscription, by, State.ACTIVE)
    if held.next_on != due:
        raise Conflict(_("Another order is the next one by now. Look at it again."))
    require_notice(held, "skip")
    SubscriptionOrder.objects.create(company_id=held.company_id, subscription=held, due=due)
    held.next_on = next_day(held, due)
    _keep(subscription, held, "skipped", by)


@transaction.atomic
def pause(subscription: Subscription, *, until: date | None, by: Actor) -> None:
    """Make no orders before a day (None: until somebody takes it up again).

    Raises NotAllowed, Refused for a day that is over and once the days of notice of the next order are, and Conflict
    for one that does not run.
    """
    held = held_subscription(subscription, by, State.ACTIVE)
    if until is not None:
        require_ahead(until, "until")
    require_notice(held, "until")
    held.state, held.resume_on = State.PAUSED, until
    _keep(subscription, held, "paused", by)


@transaction.atomic
def resume(subscription: Subscription, *, total: int | None = None, said: str = "", by: Actor) -> None:
    """Go on with the next day of its rhythm that is ahead. What was held is taken at the price of now: at the `total`
    that was read to the customer, as it was `said`, which is kept above what was said before.

    Raises NotAllowed, Refused for what is not on sale, was not read out, or was cancelled with a last day that is over,
    and Conflict for one that runs or ended, and where it does not come to what was read out.
    """
    held = held_subscription(subscription, by, State.PAUSED, State.HELD)
    if held.last_on is not None and ahead_of(held) > held.last_on:
        words = _("It is cancelled, with the last order of %(day)s. Take the cancellation back first.")
        raise Refused(words % {"day": f"{held.last_on:%Y-%m-%d}"}, field="last_on")
    if held.state == State.HELD:
        _agree_anew(held, total, said)
    held.state, held.resume_on, held.trouble, held.why = State.ACTIVE, None, "", ""
    held.next_on = ahead_of(held)
    _keep(subscription, held, "resumed", by)


@transaction.atomic
def cancel(subscription: Subscription, *, reason: str, at_once: bool = False, by: Actor) -> date | None:
    """Cancel it; returns the day of the last order that is still made (None: none is). `at_once`, no more is made,
    whatever the terms say: where it was sold wrongly, or the company is kind.

    Raises NotAllowed, Refused for no reason chosen, and Conflict where it has ended, or is cancelled already and the
    last order is still to come: that one can be called off `at_once`.
    """
    held = held_subscription(subscription, by, State.ACTIVE, State.PAUSED, State.HELD)
    if held.cancelled_at is not None and not at_once:
        raise Conflict(_changed())
    if reason not in REASONS and not (reason == Reason.WITHDREW and _is_withdrawn(held)):
        raise Refused(_("Choose why it is cancelled."), field="reason")
    last = None if at_once else last_order_after_notice(held)
    held.reason, held.cancelled_at, held.last_on = reason, clock.now(), last
    if last is None:
        held.state = State.ENDED
    elif held.state == State.PAUSED:
        held.state, held.resume_on = State.ACTIVE, None
        held.next_on = ahead_of(held)
    _save(subscription, held)
    told: dict[str, Any] = {"subscription": held.pk, "number": held.number, "reason": reason}
    record(SubscriptionCancelled(**held.where, **told, last_on=last.isoformat() if last else ""), by=by)
    return last


@transaction.atomic
def keep_on(subscription: Subscription, *, by: Actor) -> None:
    """Take a cancellation back, as the customer asks; one that has ended goes on with the next day that is ahead.

    Raises NotAllowed, Refused where they have withdrawn from it by law, and Conflict where it was not cancelled.
    """
    held = held_subscription(subscription, by, State.ACTIVE, State.HELD, State.ENDED)
    if held.cancelled_at is None:
        raise Conflict(_changed())
    if _is_withdrawn(held):
        raise Refused(_("The customer has withdrawn from it: begin a new one, with all that is told before."))
    held.reason, held.cancelled_at, held.last_on = "", None, None
    if held.state == State.ENDED:
        held.state, held.next_on = State.ACTIVE, ahead_of(held)
    _keep(subscription, held, "kept", by)


def _is_withdrawn(held: Subscription) -> bool:
    return held.solicitations.exclude(withdrawn_on=None).exists()


def end_if_over(held: Subscription) -> None:
    """Let one that was cancelled end where its next day lies beyond the last one."""
    if held.state == State.ACTIVE and held.last_on is not None and held.next_on > held.last_on:
        held.state = State.ENDED


def next_day(held: Subscription, after: date) -> date:
    """The day of its rhythm after a day."""
    return day_after(held.first_on, after, every=held.every, unit=held.unit)


def ahead_of(held: Subscription) -> date:
    """Its next day that is ahead: the one that is set, or the first of its rhythm after today. No query."""
    today = clock.today()
    if held.next_on > today:
        return held.next_on
    return next_day(held, today)


def last_day_of_notice(held: Subscription) -> date:
    """Until when the next order can be left out, or be given notice of."""
    return day_before(held.next_on, notice=held.terms.notice_days)


def last_order_after_notice(held: Subscription) -> date | None:
    """The day of the last order if notice is given today; None where no more is made. One query."""
    following = ahead_of(held) if held.state != State.ACTIVE else held.next_on
    had = SubscriptionOrder.objects.filter(subscription=held).exclude(order=None).count()
    # The order from which it was begun is the first of those that were agreed.
    missing = held.terms.least_orders - 1 - had
    still = 1 if clock.today() > day_before(following, notice=held.terms.notice_days) else 0
    if held.state != State.ACTIVE:
        still = 0
    count = max(missing, still)
    if count <= 0:
        return None
    return nth_after(held.first_on, following, count - 1, every=held.every, unit=held.unit)


def total_now(held: Subscription) -> int:
    """What one order of it comes to at the prices of now. Raises Refused for what is not on sale."""
    return quote_at(
        ((held.variant_id, held.quantity),),
        customer=held.customer,
        desk=held.desk,
        entry_point=None,
        address=held.address,
        postcode=held.postcode,
        campaigns=False,
    ).totals.total


def subscription_terms_of(company: int) -> SubscriptionTerms | None:
    """The terms of now. One query."""
    return SubscriptionTerms.objects.filter(company=company).order_by("-number").first()


def subscriptions_of(customer: int, *, actor: Actor, company: int) -> list[Subscription]:
    """What is sent to a customer again and again, the newest first. One query; nothing for who sees no customers."""
    if not sees_customers(actor, company=company):
        return []
    rows = Subscription.objects.filter(customer=customer, company=company)
    return list(rows.select_related("customer", "variant__product").order_by("-begun_at", "-pk")[:20])


def subscription_by_id(pk: int, *, actor: Actor) -> Subscription:
    """A subscription of a company whose customers the actor sees. Raises NotFound. One query."""
    rows = Subscription.objects.select_related(
        "company", "customer", "desk", "terms", "variant__product", "user"
    )
    found = rows.filter(pk=pk).first()
    if found is None or not sees_customers(actor, company=found.company_id):
        raise NotFound(pk)
    return found


def subscriptions_seen(actor: Actor) -> QuerySet[Subscription]:
    """Those of companies whose customers the actor sees, the newest first."""
    seen = [company for company in actor.companies if sees_customers(actor, company=company)]
    rows = Subscription.objects.filter(company__in=seen)
    return rows.select_related("company", "customer", "variant__product").order_by("-begun_at", "-pk")


def reasons_counted(actor: Actor, *, since: date) -> list[tuple[str, int]]:
    """How many were cancelled since a day for which reason, the most first. One query."""
    rows = (
        subscriptions_seen(actor)
        .filter(cancelled_at__gte=datetime.combine(since, time(), clock.TOKYO))
        .exclude(reason="")
    )
    counted = rows.order_by().values_list("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(str(Reason(reason).label), n) for reason, n in counted]


def _line(order: Order, pk: int) -> OrderLine:
    found = OrderLine.objects.filter(order=order, pk=pk, shipping=False).exclude(variant=None).first()
    if found is None:
        raise Refused(_("Choose which of the products is sent again and again."), field="line")
    return found


def held_subscription(subscription: Subscription, by: Actor, *states: str) -> Subscription:
    """The subscription, held until the transaction ends, if it is in one of these states.

    Raises NotAllowed, and Conflict where it is in another.
    """
    if not policies.may_take_orders(by, company=subscription.company_id, desk=subscription.desk_id):
        raise NotAllowed(Permission.ORDER_TAKE)
    rows = Subscription.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("terms", "customer", "desk").get(pk=subscription.pk)
    if held.state not in states:
        raise Conflict(_changed())
    return held


def _changed() -> str:
    return _("Somebody else has changed this subscription meanwhile. Look at it again.")


def require_notice(held: Subscription, field: str) -> None:
    """Raises Refused where the next order is being prepared already."""
    until = last_day_of_notice(held)
    if clock.today() > until:
        words = _("The order of %(day)s is being prepared: it could be changed or left out until %(until)s.")
        raise Refused(words % {"day": f"{held.next_on:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"}, field=field)


def _agree_anew(held: Subscription, total: int | None, said: str) -> None:
    """Take the total of now, if it is the one that was read out."""
    now = total_now(held)
    if total is None or not said.strip():
        raise Refused(_("Read it to the customer first."), field="said")
    if now != total:
        raise Conflict(_("Prices have changed since this was read back. Read it back again."))
    held.total, held.said = now, clean(f"{said.strip()}\n\n{held.said}")[:8_000]


def _keep(subscription: Subscription, held: Subscription, what: str, by: Actor) -> None:
    end_if_over(held)
    _save(subscription, held)
    told: dict[str, Any] = {"subscription": held.pk, "number": held.number, "what": what}
    record(SubscriptionMoved(**held.where, **told, next_on=held.next_on.isoformat()), by=by)


_KEPT = (
    "state",
    "trouble",
    "why",
    "next_on",
    "last_on",
    "resume_on",
    "reason",
    "cancelled_at",
    "total",
    "said",
)


def _save(subscription: Subscription, held: Subscription) -> None:
    held.save(update_fields=_KEPT)
    values: dict[str, Any] = {name: getattr(held, name) for name in _KEPT}
    for name, value in values.items():
        setattr(subscription, name, value)
