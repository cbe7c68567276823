"""Subscriptions that go on otherwise: how much of it, how often, on which day, where to, how it is paid.

What was agreed is agreed anew: each order at the price of now, as it is read to the customer. The terms on which it was
begun stay those of before, with how many orders were agreed at least.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.commerce.actions import Wanted, delivery_of
from madoguchi.commerce.events import SubscriptionAltered
from madoguchi.commerce.models import Subscription
from madoguchi.commerce.quoting import MOST_PIECES
from madoguchi.commerce.subscriptions import (
    State,
    ahead_of,
    held_subscription,
    require_ahead,
    require_interval,
    require_notice,
    total_now,
)
from madoguchi.infra.event_log import record
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.kernel.text import clean

_TO: Final = ("recipient", "postcode", "address", "phone", "payment")
_RHYTHM: Final = ("every", "unit")
_KEPT: Final = ("quantity", *_RHYTHM, "first_on", "next_on", *_TO, "total", "said")
# What is new, in the words of the log, by the fields that tell.
_WHAT: Final = {
    "quantity": ("quantity",),
    "rhythm": _RHYTHM,
    "day": ("next_on",),
    "payment": ("payment",),
    "place": ("recipient", "postcode", "address", "phone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """How it goes on; None is as before. `due` is the day of the next order that was shown, `total` what each order
    comes to and `said` the words, as both were read to the customer.
    """

    due: date
    quantity: int | None = None
    every: int | None = None
    unit: str | None = None
    next_on: date | None = None
    recipient: str | None = None
    postcode: str | None = None
    address: str | None = None
    phone: str | None = None
    payment: str | None = None
    total: int | None = None
    said: str = ""


def as_it_would_be(one: Subscription, otherwise: Otherwise) -> Subscription:
    """The subscription as it would go on, with what each order comes to then; nothing is kept.

    Raises Refused for what makes no sense, is no change, comes too late for the next order or is not on sale, and
    Conflict for one that is held or has ended, and where another order is the next one by now.
    """
    if one.state not in (State.ACTIVE, State.PAUSED):
        raise Conflict(_("Only what goes on or pauses can be changed. Look at it again."))
    if one.next_on != otherwise.due:
        raise Conflict(_("Another order is the next one by now. Look at it again."))
    new = copy(one)
    for name in ("quantity", *_RHYTHM, *_TO):
        if (wanted := getattr(otherwise, name)) is not None:
            setattr(new, name, wanted)
    _require_sense(new)
    to = Wanted(pieces=(), once=uuid4(), **{name: getattr(new, name) for name in _TO})
    kept = delivery_of(to)
    for name in _TO:
        setattr(new, name, kept[name])
    if otherwise.next_on is not None:
        new.next_on = otherwise.next_on
    changed = whats_new(one, new)
    if not changed:
        raise Refused(_("Nothing of it is changed."), field="quantity")
    if {"quantity", "rhythm", "day"} & set(changed):
        _require_free(one, new)
    if {"rhythm", "day"} & set(changed):
        new.first_on = new.next_on = new.next_on if "day" in changed else ahead_of(one)
    new.total = total_now(new)
    return new


@transaction.atomic
def alter(subscription: Subscription, otherwise: Otherwise, *, by: Actor) -> None:
    """Let it go on otherwise, at the total that was read to the customer.

    Raises NotAllowed, Refused and Conflict as `as_it_would_be`, Refused where it was not read out, and Conflict where
    it does not come to what was read.
    """
    held = held_subscription(subscription, by, State.ACTIVE, State.PAUSED)
    new = as_it_would_be(held, otherwise)
    if otherwise.total is None or not otherwise.said.strip():
        raise Refused(_("Read it to the customer first."), field="said")
    if new.total != otherwise.total:
        raise Conflict(_("Prices have changed since this was read back. Read it back again."))
    new.said = clean(f"{otherwise.said.strip()}\n\n{held.said}")[:8_000]
    new.save(update_fields=_KEPT)
    told = SubscriptionAltered(
        **held.where, subscription=held.pk, number=held.number, what=whats_new(held, new), total=new.total
    )
    record(told, by=by)
    for name in _KEPT:
        setattr(subscription, name, getattr(new, name))


def whats_new(before: Subscription, after: Subscription) -> list[str]:
    """What differs, in the words of the log."""
    return [
        what
        for what, names in _WHAT.items()
        if any(getattr(before, name) != getattr(after, name) for name in names)
    ]


def _require_sense(new: Subscription) -> None:
    if not 1 <= new.quantity <= MOST_PIECES:
        raise Refused(_("Write how many, from 1 to %(most)s.") % {"most": MOST_PIECES}, field="quantity")
    require_interval(new.every, new.unit)


def _require_free(one: Subscription, new: Subscription) -> None:
    """Raises Refused where the orders ahead are bound: by a cancellation, or since the next one is being prepared."""
    if one.cancelled_at is not None:
        words = _("It is cancelled: only where it goes and how it is paid can be changed.")
        raise Refused(words, field="quantity")
    if one.state == State.ACTIVE:
        require_notice(one, "quantity")
    if new.next_on != one.next_on:
        require_ahead(new.next_on, "next_on")
