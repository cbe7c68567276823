"""Stop of use and correction: decided by people, done at once, and told to the customer by a letter (35条, 34条)."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.actions import correct_customer, resume_use_of, stop_use_of
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.rights.actions.asking import held_for, require_kind, told_of
from madoguchi.rights.events import CustomerCorrected, RightDone
from madoguchi.rights.models import Request

State, Kind = Request.State, Request.Kind
# What of a record is corrected on demand.
FIELDS: Final = ("name", "kana", "address")


@transaction.atomic
def stop_use(request: Request, *, by: Actor) -> None:
    """Stop the use of a customer's data: no campaign, list or search finds them until it is taken back; open matters go
    on, and what law demands to be kept stays. What is stopped stays so, however often it is pressed. Raises NotAllowed,
    Refused before it was checked who asks, Conflict.
    """
    require_kind(request, Kind.STOP)
    _hold_customer(request)
    held = held_for(request, by, State.CHECKED, State.DONE)
    if held.state == State.DONE:
        request.refresh_from_db()
        return
    stop_use_of(held.customer, by=by)
    _end(held, State.DONE, by=by)
    request.refresh_from_db()


@transaction.atomic
def resume_use(request: Request, *, by: Actor) -> None:
    """Take a stop back: the customer is found again. What another stop still demands stays. Raises as `stop_use`."""
    require_kind(request, Kind.STOP)
    _hold_customer(request)
    held = held_for(request, by, State.DONE)
    _end(held, State.LIFTED, by=by)
    if not Request.objects.filter(customer=held.customer_id, kind=Kind.STOP, state=State.DONE).exists():
        resume_use_of(held.customer, by=by)
    request.refresh_from_db()


@transaction.atomic
def correct(request: Request, *, by: Actor, **fields: str) -> None:
    """Put right what is wrong in a customer's record; an empty field stays as it is. What stood there before is kept
    with the demand, and beside the log. Raises NotAllowed, Refused where nothing would change, Conflict.
    """
    require_kind(request, Kind.CORRECTION)
    held = held_for(request, by, State.CHECKED)
    customer = Customer.objects.select_for_update(no_key=True).get(pk=held.customer_id)
    new = {name: fields[name].strip() for name in FIELDS if fields.get(name, "").strip()}
    before = {name: getattr(customer, name) for name in new if getattr(customer, name) != new[name]}
    if not before:
        raise Refused(_("Type at least one thing that is to stand there from now on."), field="name")
    correct_customer(customer, by=by, **{name: new[name] for name in before})
    held.wanted = {name: [was, getattr(customer, name)] for name, was in before.items()}
    _end(held, State.DONE, "wanted", by=by)
    record(CustomerCorrected(**told_of(held), fields=sorted(before)), by=by)
    request.refresh_from_db()


def _hold_customer(request: Request) -> None:
    """Lock the record before the demand: of a stop and the end of another one, each sees what the other did."""
    Customer.objects.select_for_update(no_key=True).get(pk=request.customer_id)


def _end(held: Request, state: str, *more: str, by: Actor) -> None:
    held.state, held.ended_at = state, clock.now()
    held.save(update_fields=["state", "ended_at", *more])
    record(RightDone(**told_of(held), what=held.kind, state=state), by=by)
