"""Subscriptions as they are shown, and what is read to a customer before one begins.

What is read is what the law wants said before an order that goes on by itself: that it does, what each order costs and
when it is paid, when it comes, and how it is ended (特定商取引法12条の6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from madoguchi.cases.models import Case
from madoguchi.commerce import policies
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.intervals import day_before, nth_after
from madoguchi.commerce.models import Order, OrderLine, Subscription, SubscriptionTerms
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.solicitations import (
    Heard,
    knows_adverts,
    require_willing,
    solicitation_of_subscription,
)
from madoguchi.commerce.subscriptions import (
    MOST_EVERY,
    Agreed,
    ahead_of,
    last_day_of_notice,
    last_order_after_notice,
    outside_again,
    quote_again,
    require_rhythm,
    subscriptions_of,
    terms_now,
    total_now,
)
from madoguchi.customers.queries import show
from madoguchi.desk.soliciting import Solicited, Telling, heard_of_order, solicited, telling_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import spoken_phone
from madoguchi.kernel.text import whole_number

State, Unit = Subscription.State, Subscription.Unit
_TONES = {State.ACTIVE: "good", State.PAUSED: "warn", State.HELD: "bad"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The form as it was typed: which line, how often, from which day on, and whether we `offered` it. `total` and
    `terms` were read back.
    """

    line: int = 0
    every: int = 1
    unit: str = Unit.MONTH
    first_on: date | None = None
    total: int | None = None
    terms: int | None = None
    once: UUID = field(default_factory=uuid4)
    do: str = ""
    duties: tuple[str, ...] = ()
    offered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A subscription that is being agreed; with `said` it is read to the customer. `asks_offered` whether we offered
    it, where nobody knows what was advertised.
    """

    typed: Typed
    lines: Sequence[OrderLine]
    terms: SubscriptionTerms
    said: str = ""
    problem: str = ""
    wrong: str = ""
    telling: Telling | None = None
    asks_offered: bool = False

    @property
    def rhythm(self) -> str:
        """The interval that was chosen."""
        return f"{self.typed.every} {self.typed.unit}"

    @property
    def rhythms(self) -> list[tuple[str, str]]:
        """What can be chosen for an interval."""
        return [(f"{n} {unit}", rhythm_of(n, unit)) for unit, n in RHYTHMS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What is read to a customer before what was held goes on; `problem` says why it cannot."""

    total: int = 0
    said: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A subscription in words, and what this reader can do with it."""

    one: Subscription
    what: str
    rhythm: str
    total: str
    tone: str
    name: str
    recipient: str = ""
    address: str = ""
    phone: str = ""
    may: bool = False
    notice_until: date | None = None
    last_if_cancelled: date | None = None
    again: Again | None = None
    solicited: Solicited | None = None


RHYTHMS = [(Unit.WEEK, 1), (Unit.WEEK, 2), (Unit.WEEK, 4), *((Unit.MONTH, n) for n in (1, 2, 3, 6, 12))]


def rhythm_of(every: int, unit: str) -> str:
    """How often, in words."""
    if unit == Unit.WEEK:
        return ngettext("every week", "every %(n)s weeks", every) % {"n": every}
    return ngettext("every month", "every %(n)s months", every) % {"n": every}


def typed_in(form: Mapping[str, str], *, duties: tuple[str, ...] = ()) -> Typed:
    """What was typed. What makes no sense is as if it were not there."""
    every, _space, unit = form.get("rhythm", "").partition(" ")
    return Typed(
        line=whole_number(form.get("line", ""), most_digits=18) or 0,
        every=whole_number(every, most_digits=2) or 1,
        unit=unit if unit in MOST_EVERY else Unit.MONTH,
        first_on=day_in(form.get("first_on", "")),
        total=whole_number(form.get("total", ""), most_digits=10),
        terms=whole_number(form.get("terms", ""), most_digits=18),
        once=_uuid(form.get("once", "")),
        do=form.get("do", ""),
        duties=duties,
        offered=form.get("offered") == "1",
    )


def day_in(written: str) -> date | None:
    """A day as forms send it; None for what is none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def beginning(order: Order, typed: Typed, *, actor: Actor, error: Exception | None = None) -> Beginning:
    """The form, with what was typed. Raises Refused where the company has said no terms. Two queries, and on the phone
    some more.
    """
    lines = [one for one in in_order(order) if not one.shipping and one.variant_id]
    problem, wrong = str(error or ""), getattr(error, "field", "")
    asks = not knows_adverts(order.company_id, heard_of_order(order, actor=actor))
    said: dict[str, Any] = {"problem": problem, "wrong": wrong, "asks_offered": asks}
    return Beginning(typed=typed, lines=lines, terms=terms_now(order), **said)


def heard_with(order: Order, typed: Typed, *, actor: Actor) -> Heard | None:
    """That it is sold on the phone, what was told, and what whoever takes it says to have offered."""
    lines = {one.pk: one.variant_id for one in in_order(order)}
    variant = lines.get(typed.line) if typed.offered else None
    return heard_of_order(order, actor=actor, duties=typed.duties, offered=[variant] if variant else [])


def read_back(order: Order, typed: Typed, *, actor: Actor, error: Exception | None = None) -> Beginning:
    """What is read to the customer. Raises Refused for what makes no sense, and where they are not to be solicited."""
    found = beginning(order, typed, actor=actor)
    line = next((one for one in found.lines if one.pk == typed.line), None)
    if line is None:
        raise Refused(_("Choose which of the products is sent again and again."), field="line")
    agreed = agreed_of(typed)
    require_rhythm(agreed)
    total = quote_again(line, order).totals.total
    said = words_of(order, line, agreed, found.terms, total)
    names = outside_again(line, order, heard_with(order, typed, actor=actor))
    require_willing(order.customer, names)
    telling = telling_of(names, order.customer, actor=actor, ticked=typed.duties)
    same = ("line", "every", "unit", "first_on", "once", "duties", "offered")
    values = {name: getattr(typed, name) for name in same}
    typed = Typed(**values, total=total, terms=found.terms.pk)
    problem, wrong = str(error or ""), getattr(error, "field", "")
    return replace(found, typed=typed, lines=[line], said=said, problem=problem, wrong=wrong, telling=telling)


def agreed_of(typed: Typed, *, said: str = "", heard: Heard | None = None) -> Agreed:
    """What was agreed, as the action takes it. Raises Refused for no day."""
    if typed.first_on is None:
        raise Refused(_("Choose a day from tomorrow on, within a year."), field="first_on")
    return Agreed(
        line=typed.line,
        every=typed.every,
        unit=typed.unit,
        first_on=typed.first_on,
        total=typed.total,
        terms=typed.terms,
        said=said,
        once=typed.once,
        heard=heard,
    )


def words_of(order: Order, line: OrderLine, agreed: Agreed, terms: SubscriptionTerms, total: int) -> str:
    """What is read to the customer, line by line, and kept as it was read."""
    least = terms.least_orders
    told = {
        "what": f"{line.name} × {line.quantity}",
        "rhythm": rhythm_of(agreed.every, agreed.unit),
        "day": f"{agreed.first_on:%Y-%m-%d}",
        "total": yen(total),
        "payment": order.get_payment_display(),
        "days": terms.notice_days,
        "until": f"{day_before(agreed.first_on, notice=terms.notice_days):%Y-%m-%d}",
        "least": least,
        "all": yen(total * max(least - 1, 1)),
    }
    parts = [
        _("This is a subscription: it goes on until it is cancelled."),
        _("What is sent: %(what)s, %(rhythm)s."),
        _("The next order is made on %(day)s."),
        _("Each order comes to %(total)s with tax and shipping. Paid: %(payment)s."),
    ]
    if least > 1:
        parts.append(_("At least %(least)s orders with the first are taken; those ahead come to %(all)s."))
    parts.append(
        _(
            "It can be cancelled, paused or left out until %(days)s days before an order (the next: %(until)s)."
        )
    )
    return "\n".join([*(part % told for part in parts), terms.words])


def again_of(one: Subscription) -> Again:
    """What is read to the customer of one that is held: what it comes to now, and when it comes."""
    try:
        total = total_now(one)
    except Refused as error:
        return Again(problem=str(error))
    told = {
        "what": f"{one.variant} × {one.quantity}",
        "rhythm": rhythm_of(one.every, one.unit),
        "day": f"{ahead_of(one):%Y-%m-%d}",
        "total": yen(total),
        "payment": Order.Payment(one.payment).label,
        "before": yen(one.total),
    }
    parts = [
        "" if one.cancelled_at else _("This is a subscription: it goes on until it is cancelled."),
        _("What is sent: %(what)s, %(rhythm)s."),
        _("The next order is made on %(day)s."),
        _("Each order comes to %(total)s with tax and shipping. Paid: %(payment)s."),
        _("Until now each came to %(before)s."),
    ]
    return Again(total=total, said="\n".join(part % told for part in parts if part))


def subscribed_of(case: Case, *, actor: Actor) -> list[Shown]:
    """What is sent to the case's customer again and again. One query."""
    found = subscriptions_of(case.customer_id, actor=actor, company=case.company_id)
    return [shown(one, actor=actor) for one in found]


def shown(one: Subscription, *, actor: Actor) -> Shown:
    """A subscription in words, without whom it goes to."""
    data_scope = actor.data_scope(company=one.company_id)
    return Shown(
        one=one,
        what=f"{one.variant} × {one.quantity}",
        rhythm=rhythm_of(one.every, one.unit),
        total=yen(one.total),
        tone=_TONES.get(State(one.state), ""),
        name=show(one.customer.name, "name", data_scope),
    )


def whole(one: Subscription, *, actor: Actor) -> Shown:
    """A subscription with whom and where it goes to, and what can be done now. Three queries."""
    data_scope = actor.data_scope(company=one.company_id)
    where = " ".join(part for part in (one.postcode and f"〒{one.postcode}", one.address) if part)
    short = shown(one, actor=actor)
    return Shown(
        **{name: getattr(short, name) for name in ("one", "what", "rhythm", "total", "tone", "name")},
        recipient=show(one.recipient, "name", data_scope),
        address=show(where, "address", data_scope),
        phone=show(spoken_phone(one.phone), "phone", data_scope),
        may=policies.may_take_orders(actor, company=one.company_id, desk=one.desk_id),
        notice_until=last_day_of_notice(one) if one.state == State.ACTIVE else None,
        last_if_cancelled=last_order_after_notice(one) if one.state != State.ENDED else None,
        again=again_of(one) if one.state == State.HELD else None,
        solicited=solicited(solicitation_of_subscription(one.pk), actor=actor),
    )


def first_typed(order: Order) -> Typed:
    """The form as it opens: a month from today."""
    lines = [one for one in in_order(order) if not one.shipping and one.variant_id]
    today = clock.today()
    first = nth_after(today, today, 1, every=1, unit=Unit.MONTH)
    return Typed(line=lines[0].pk if lines else 0, first_on=first, once=uuid4())


def _uuid(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return uuid4()
