"""What is sent to customers again and again, as programs read and change it: by the same actions as people."""

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from madoguchi.api.guards import Key, Limit, Positive, ProgramRequest, first_of, makes, needs
from madoguchi.api.order_schemas import SolicitationOut
from madoguchi.api.orders import solicitation_shown
from madoguchi.cases.actions import note_list, note_look_at_customer
from madoguchi.cases.actions.sure import as_sure_as_needed
from madoguchi.cases.identity import Act, Reason, act_of_change
from madoguchi.commerce.altering import Otherwise, alter, as_it_would_be, whats_new
from madoguchi.commerce.models import Subscription
from madoguchi.commerce.solicitations import solicitation_of_subscription
from madoguchi.commerce.subscriptions import (
    cancel,
    last_day_of_notice,
    pause,
    resume,
    skip,
    subscription_by_id,
    subscriptions_of,
    subscriptions_seen,
)
from madoguchi.customers.queries import customer_by_id, show
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.people.access import StaffRequest

router = Router()
State = Subscription.State


class SubscriptionLine(Schema):
    """A subscription as lists show it."""

    id: int
    number: str = Field(examples=["S-1001"])
    customer: int
    state: str = Field(examples=["active", "paused", "held", "ended"])
    code: str = Field(description="The product that is sent")
    name: str
    quantity: int
    every: int
    unit: str = Field(examples=["week", "month"])
    total: int = Field(description="What each order comes to, in yen with tax and shipping")
    next_on: date = Field(description="When the next order is made, while it is active")
    last_on: date | None = Field(description="Of one that was cancelled: the day of its last order")
    resume_on: date | None = Field(description="When one that pauses goes on by itself")
    begun_at: datetime
    cancelled_at: datetime | None
    reason: str


class SubscriptionDayOut(Schema):
    """A day of a subscription: its order, or null where it was left out."""

    due: date
    order: int | None


class SubscriptionOut(SubscriptionLine):
    """One subscription; whom and where it goes to through the data scope of the token's person."""

    first_on: date
    notice_until: date | None = Field(description="Until when the next order can be left out or paused")
    trouble: str = Field(description="Of one that is held: price or gone")
    payment: str
    recipient: str
    postcode: str
    address: str
    phone: str
    solicitation: SolicitationOut | None
    orders: list[SubscriptionDayOut] = Field(description="The last hundred days, the newest first")


class SubscriptionsOut(Schema):
    """A page of subscriptions; `next` goes into `after`."""

    items: list[SubscriptionLine]
    next: int | None


class _Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class _Asked(_Strict):
    because: Reason | None = Field(
        default=None,
        description="Why one goes on, where less was checked of who asks than the company wants",
    )


class SkipIn(_Asked):
    """Which order is left out: the one of the day that was shown."""

    due: date


class PauseIn(_Asked):
    """Until which day none is made; null: until somebody takes it up again."""

    until: date | None = None


class ResumeIn(_Strict):
    """Of one that is held: the total of now that the customer was told, and the words that were read to them."""

    total: int | None = Field(default=None, ge=0, le=1_000_000_000)
    said: str = Field(default="", max_length=4_000)


class CancelIn(_Asked):
    """Why it is cancelled; `at_once` no more order is made, whatever the terms say."""

    reason: str = Field(examples=["enough", "price", "quality", "health", "unsaid"], max_length=10)
    at_once: bool = False


class OtherwiseIn(_Asked):
    """How one goes on; null is as before. `due` is the day of the next order that was shown, `total` what each order
    comes to and `said` the words, as both were read to the customer; without `total` nothing is changed.
    """

    due: date
    quantity: int | None = Field(default=None, ge=1, le=9_999)
    every: int | None = Field(default=None, ge=1, le=26)
    unit: str | None = Field(default=None, examples=["week", "month"], max_length=5)
    next_on: date | None = None
    recipient: str | None = Field(default=None, max_length=200)
    postcode: str | None = Field(default=None, max_length=20)
    address: str | None = Field(default=None, max_length=300)
    phone: str | None = Field(default=None, max_length=40)
    payment: str | None = Field(default=None, max_length=12)
    total: int | None = Field(default=None, ge=0, le=1_000_000_000)
    said: str = Field(default="", max_length=4_000)


class WouldBe(Schema):
    """What would be new, and what each order would come to."""

    changed: list[str] = Field(examples=[["quantity", "place"]])
    total: int
    next_on: date


class SubscriptionMade(Schema):
    """How it stands now."""

    subscription: int
    state: str
    next_on: date
    last_on: date | None


@router.get("/subscriptions", response=SubscriptionsOut, summary="Subscriptions")
@needs(Permission.CUSTOMER_READ)
def subscriptions(
    request: StaffRequest, state: str = "", after: Positive = 0, limit: Limit = 50
) -> dict[str, Any]:
    """All that the token's person sees, or those that stand so, in the order of their ids."""
    rows = subscriptions_seen(request.actor).filter(pk__gt=after)
    rows = rows.filter(state=state) if state else rows
    found, following = first_of(rows, limit)
    note_list(customers={one.customer_id for one in found}, by=request.actor)
    return {"items": [_line(one) for one in found], "next": following}


@router.get(
    "/customers/{id}/subscriptions", response=list[SubscriptionLine], summary="A customer's subscriptions"
)
@needs(Permission.CUSTOMER_READ)
def subscriptions_of_customer(request: StaffRequest, id: int) -> list[dict[str, Any]]:
    """What is sent to a customer again and again, ended ones too, the newest first, twenty at most."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    return [_line(one) for one in subscriptions_of(found.pk, actor=request.actor, company=found.company_id)]


@router.get("/subscriptions/{id}", response=SubscriptionOut, summary="One subscription")
@needs(Permission.CUSTOMER_READ)
def one_subscription(request: StaffRequest, id: int) -> dict[str, Any]:
    """The subscription with whom it goes to, and the orders that were made."""
    found = subscription_by_id(id, actor=request.actor)
    note_look_at_customer(found.customer_id, by=request.actor)
    return _whole(found, request.actor)


@router.post("/subscriptions/{id}/skip", response={201: SubscriptionMade}, summary="Leave an order out")
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def skip_one(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: SkipIn, key: Key
) -> dict[str, Any]:
    """Leave the next order out. Once its days of notice are over that is 422; where another is next by now, 409."""
    found = subscription_by_id(id, actor=request.actor)
    with _sure(found, wanted.because, request.actor):
        skip(found, wanted.due, by=request.actor)
    return _made(found)


@router.post("/subscriptions/{id}/pause", response={201: SubscriptionMade}, summary="Pause a subscription")
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def pause_one(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: PauseIn, key: Key
) -> dict[str, Any]:
    """Make no orders before a day, or until it is taken up again."""
    found = subscription_by_id(id, actor=request.actor)
    with _sure(found, wanted.because, request.actor):
        pause(found, until=wanted.until, by=request.actor)
    return _made(found)


@router.post("/subscriptions/{id}/resume", response={201: SubscriptionMade}, summary="Take one up again")
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def resume_one(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: ResumeIn, key: Key
) -> dict[str, Any]:
    """Let one that pauses go on, or one that is held, at the price of now that was read to the customer."""
    found = subscription_by_id(id, actor=request.actor)
    resume(found, total=wanted.total, said=wanted.said, by=request.actor)
    return _made(found)


@router.post("/subscriptions/{id}/cancel", response={201: SubscriptionMade}, summary="Cancel a subscription")
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def cancel_one(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: CancelIn, key: Key
) -> dict[str, Any]:
    """Cancel it: `last_on` is the day of the last order that is still made, by the terms on which it was begun."""
    found = subscription_by_id(id, actor=request.actor)
    with _sure(found, wanted.because, request.actor):
        cancel(found, reason=wanted.reason, at_once=wanted.at_once, by=request.actor)
    return _made(found)


@router.post(
    "/subscriptions/{id}/change/quote", response=WouldBe, summary="What a changed subscription comes to"
)
@needs(Permission.ORDER_TAKE)
def quote_change(request: ProgramRequest, id: int, wanted: OtherwiseIn) -> dict[str, Any]:
    """What is to be read to the customer before one goes on otherwise; nothing is changed."""
    found = subscription_by_id(id, actor=request.actor)
    new = as_it_would_be(found, _otherwise(wanted))
    return {"changed": whats_new(found, new), "total": new.total, "next_on": new.next_on}


@router.post("/subscriptions/{id}/change", response={201: SubscriptionMade}, summary="Change a subscription")
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def change_one(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: OtherwiseIn, key: Key
) -> dict[str, Any]:
    """Let it go on otherwise. Too late for the next order or not read out is 422; another total or next order, 409."""
    found, otherwise = subscription_by_id(id, actor=request.actor), _otherwise(wanted)
    act = act_of_change(whats_new(found, as_it_would_be(found, otherwise)))
    with _sure(found, wanted.because, request.actor, act):
        alter(found, otherwise, by=request.actor)
    return _made(found)


def _otherwise(wanted: OtherwiseIn) -> Otherwise:
    return Otherwise(**wanted.dict(exclude={"because"}))


def _sure(
    found: Subscription, because: Reason | None, by: Actor, act: Act = Act.CANCEL
) -> AbstractContextManager[None]:
    return as_sure_as_needed(
        act, company=found.company_id, customer=found.customer_id, because=because or "", by=by
    )


def _made(found: Subscription) -> dict[str, Any]:
    days = {name: getattr(found, name) for name in ("next_on", "last_on")}
    # What is kept for a second request is kept as JSON.
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    return {"subscription": found.pk, "state": str(found.state), **told}


def _line(found: Subscription) -> dict[str, Any]:
    same = ("quantity", "every", "unit", "total", "next_on", "last_on", "resume_on", "begun_at")
    return {
        "id": found.pk,
        "number": str(found),
        "customer": found.customer_id,
        "state": found.state,
        "code": found.variant.code,
        "name": str(found.variant),
        "cancelled_at": found.cancelled_at,
        "reason": found.reason,
        **{name: getattr(found, name) for name in same},
    }


def _whole(found: Subscription, actor: Actor) -> dict[str, Any]:
    data_scope = actor.data_scope(company=found.company_id)
    days = found.made.order_by("-due").values_list("due", "order")[:100]
    return _line(found) | {
        "first_on": found.first_on,
        "notice_until": last_day_of_notice(found) if found.state == State.ACTIVE else None,
        "trouble": found.trouble,
        "payment": found.payment,
        "recipient": show(found.recipient, "name", data_scope),
        "postcode": show(found.postcode, "address", data_scope),
        "address": show(found.address, "address", data_scope),
        "phone": show(found.phone, "phone", data_scope),
        "solicitation": solicitation_shown(solicitation_of_subscription(found.pk)),
        "orders": [{"due": due, "order": order} for due, order in days],
    }
