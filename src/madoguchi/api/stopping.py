"""Stop of use by programs: the demand is written down, who asks is checked, and it is done, all as on its page."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from madoguchi.api.guards import Key, ProgramRequest, makes, needs
from madoguchi.cases.actions import note_look_at_customer
from madoguchi.cases.identity import Reason
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import customer_by_id
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Refused
from madoguchi.people.access import StaffRequest
from madoguchi.rights.actions import Asked, ask, check, resume_use, stop_use
from madoguchi.rights.models import Request
from madoguchi.rights.queries import stop_in_force

router = Router()
Kind = Request.Kind


class StopIn(Schema):
    """Who asks that the use of the customer's data be stopped, in which words, and how they proved who they are."""

    model_config = ConfigDict(extra="forbid")

    asker: Literal["person", "guardian", "agent"] = "person"
    words: str = Field(default="", max_length=4_000)
    proof: Literal["document", "call_back", "known_address", "signed_in", "letter", "mandate"]
    note: str = Field(default="", max_length=300, description="How it was proven")
    because: Reason | None = Field(
        default=None, description="Why one goes on, where that is less than the company wants"
    )


class StopOut(Schema):
    """Whether the use of a customer's data is stopped, and since when."""

    customer: int
    stopped_at: datetime | None


class StopMade(Schema):
    """The demand, and what became of it."""

    demand: int
    customer: int
    state: str = Field(examples=["done", "lifted"])


@router.get(
    "/customers/{id}/stop", response=StopOut, summary="Whether the use of a customer's data is stopped"
)
@needs(Permission.CUSTOMER_READ)
def stop_of_customer(request: StaffRequest, id: int) -> dict[str, Any]:
    """Since when their data is used for nothing any more; null where it is used."""
    found = customer_by_id(id, actor=request.actor)
    note_look_at_customer(found.pk, by=request.actor)
    return {"customer": found.pk, "stopped_at": found.use_stopped_at}


@router.post("/customers/{id}/stop", response={201: StopMade}, summary="Stop the use of a customer's data")
@needs(Permission.RIGHTS)
@makes("customers/{customer}/stop")
def stop_customer(
    request: ProgramRequest, response: HttpResponse, id: int, wanted: StopIn, key: Key
) -> dict[str, Any]:
    """Write the demand down, that who asks was checked, and do it. What is stopped already stays so."""
    found, by = customer_by_id(id, actor=request.actor), request.actor
    made = ask(found, Asked(kind=Kind.STOP, asker=wanted.asker, words=wanted.words), by=by)
    check(made, proof=wanted.proof, note=wanted.note, because=wanted.because or "", by=by)
    stop_use(made, by=by)
    return _made(made, found)


@router.post("/customers/{id}/resume", response={201: StopMade}, summary="Take a stop back")
@needs(Permission.RIGHTS)
@makes("customers/{customer}/stop")
def resume_customer(request: ProgramRequest, response: HttpResponse, id: int, key: Key) -> dict[str, Any]:
    """Take the last stop back. What another one still demands stays stopped. 422 where none is in force."""
    found = customer_by_id(id, actor=request.actor)
    stop = stop_in_force(found, actor=request.actor)
    if stop is None:
        raise Refused(_("The use of this customer's data is not stopped."))
    resume_use(stop, by=request.actor)
    return _made(stop, found)


def _made(demand: Request, customer: Customer) -> dict[str, Any]:
    return {"demand": demand.pk, "customer": customer.pk, "state": str(demand.state)}
