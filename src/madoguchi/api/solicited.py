"""What is owed to customers who were solicited by phone, as programs tell of it: by the same actions as people."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from madoguchi.api.guards import Key, ProgramRequest, makes, needs
from madoguchi.commerce.cooling import withdraw
from madoguchi.commerce.models import Return, Solicitation
from madoguchi.commerce.queries import order_by_id
from madoguchi.commerce.solicitations import (
    keep_papers,
    solicitation_of,
    solicitation_of_subscription,
)
from madoguchi.commerce.subscriptions import subscription_by_id
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound

router = Router()


class DayIn(Schema):
    """On which day it was."""

    model_config = ConfigDict(extra="forbid")

    on: date


class SolicitedMade(Schema):
    """How the solicitation stands now."""

    order: int
    subscription: int | None
    papers_on: date | None = Field(description="On which day the customer had the written terms")
    last_day: date | None = Field(description="Until when the customer may withdraw; null: without end")
    withdrawn_on: date | None
    back: int | None = Field(description="The return of what had left already, after a withdrawal")


@router.post("/orders/{id}/papers", response={201: SolicitedMade}, summary="Written terms of an order came")
@needs(Permission.ORDER_TAKE)
@makes("orders/{order}")
def papers_of_order(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: DayIn, key: Key
) -> dict[str, Any]:
    """Say on which day the customer had them. An order that was not solicited by phone is 404, a day before it 422."""
    return _papers(_of_order(id, request.actor), wanted, request.actor)


@router.post("/orders/{id}/withdraw", response={201: SolicitedMade}, summary="Withdraw from an order")
@needs(Permission.ORDER_TAKE)
@makes("orders/{order}")
def withdraw_from_order(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: DayIn, key: Key
) -> dict[str, Any]:
    """The customer withdraws (cooling-off), by a notice that left `on` a day: for nothing, even from what came. It
    cannot be undone; after the last day it is 422, and a second time 409.
    """
    return _withdrawn(_of_order(id, request.actor), wanted, request.actor)


@router.post(
    "/subscriptions/{id}/papers",
    response={201: SolicitedMade},
    summary="Written terms of a subscription came",
)
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def papers_of_subscription(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: DayIn, key: Key
) -> dict[str, Any]:
    """As for an order."""
    return _papers(_of_subscription(id, request.actor), wanted, request.actor)


@router.post(
    "/subscriptions/{id}/withdraw", response={201: SolicitedMade}, summary="Withdraw from a subscription"
)
@needs(Permission.ORDER_TAKE)
@makes("subscriptions/{subscription}")
def withdraw_from_subscription(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: DayIn, key: Key
) -> dict[str, Any]:
    """As from an order; it ends at once, and of its orders all goes back."""
    return _withdrawn(_of_subscription(id, request.actor), wanted, request.actor)


def _of_order(pk: int, actor: Actor) -> Solicitation:
    found = solicitation_of(order_by_id(pk, actor=actor).pk)
    if found is None:
        raise NotFound(pk)
    return found


def _of_subscription(pk: int, actor: Actor) -> Solicitation:
    found = solicitation_of_subscription(subscription_by_id(pk, actor=actor).pk)
    if found is None:
        raise NotFound(pk)
    return found


def _papers(found: Solicitation, wanted: DayIn, by: Actor) -> dict[str, Any]:
    keep_papers(found, wanted.on, by=by)
    return _made(found)


def _withdrawn(found: Solicitation, wanted: DayIn, by: Actor) -> dict[str, Any]:
    return _made(found, withdraw(found, wanted.on, by=by))


def _made(found: Solicitation, back: Return | None = None) -> dict[str, Any]:
    days = {name: getattr(found, name) for name in ("papers_on", "last_day", "withdrawn_on")}
    # What is kept for a second request is kept as JSON.
    told = {name: day.isoformat() if day else None for name, day in days.items()}
    return {
        "order": found.order_id,
        "subscription": found.subscription_id,
        "back": back.pk if back else None,
        **told,
    }
