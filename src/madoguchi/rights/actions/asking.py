"""A demand from the day it is received: who asks is checked, it is refused, or begun and handed over."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions.sure import Stands, needs_of, require_sure
from madoguchi.cases.identity import Act, Level
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.rights import policies
from madoguchi.rights.events import (
    DisclosureFetched,
    DisclosureHandedOver,
    RightAsked,
    RightChecked,
    RightRefused,
    RightStarted,
)
from madoguchi.rights.models import Request
from madoguchi.rights.scheduling import schedule

State = Request.State
# 33条2項 wants it without delay; the law names no days. Two weeks leave room to check who asks.
DUE_DAYS = 14
_LONG = 4000
_BY_DOCUMENT = (Request.Proof.DOCUMENT, Request.Proof.MANDATE)
CUSTOMER = Actor(kind=ActorKind.CUSTOMER, name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is demanded: of which kind, who asks, in which words, and by when it is due (None: two weeks from now)."""

    kind: str
    asker: str
    words: str = ""
    due_on: date | None = None


@transaction.atomic
def ask(customer: Customer, asked: Asked, *, by: Actor) -> Request:
    """Write a demand down. Raises NotAllowed, and Refused where the same is open already or it makes no sense."""
    _require(by, customer.company_id)
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.joined_into_id or customer.pk)
    today = clock.today()
    due = asked.due_on or today + timedelta(days=DUE_DAYS)
    _require_sensible(asked, due, today)
    going = Request.objects.filter(customer=held, kind=asked.kind)
    if going.filter(state__in=(State.RECEIVED, State.CHECKED, State.RUNNING)).exists():
        raise Refused(_("The same is open for this customer already."), field="kind")
    made = Request.objects.create(
        company_id=held.company_id,
        customer=held,
        kind=asked.kind,
        asker=asked.asker,
        words=clean(asked.words)[:_LONG],
        due_on=due,
        received_at=clock.now(),
        user_id=by.id,
    )
    record(RightAsked(**told_of(made), what=made.kind), by=by)
    return made


@transaction.atomic
def check(request: Request, *, proof: str, note: str = "", because: str = "", by: Actor) -> None:
    """Write down how who asks proved who they are. Raises NotAllowed, Refused, Unsure where the company wants more than
    that, no reason (`because`) being given, and Conflict when it was done before.
    """
    held = held_for(request, by, State.RECEIVED)
    if proof not in Request.Proof.values:
        raise Refused(_("Choose how it was proven."), field="proof")
    if held.asker != Request.Asker.PERSON and proof != Request.Proof.MANDATE:
        raise Refused(_("Whoever asks for somebody else shows a written mandate."), field="proof")
    level = Level.DOCUMENT if proof in _BY_DOCUMENT else Level.TWO
    stands = Stands(Act.DISCLOSE, level, needs_of(held.company_id)[Act.DISCLOSE])
    where = {"company": held.company_id}
    require_sure(stands, customer=held.customer_id or 0, where=where, because=because, by=by)
    held.proof, held.proof_note = proof, one_line(note, most=300)
    held.state, held.checked_at, held.checked_by_id = State.CHECKED, clock.now(), by.id
    held.save(update_fields=["proof", "proof_note", "state", "checked_at", "checked_by"])
    record(RightChecked(**told_of(held), proof=proof), by=by)
    request.refresh_from_db()


@transaction.atomic
def refuse(request: Request, *, reason: str, by: Actor) -> None:
    """Refuse it, with the reason that the customer is told (36条). Raises NotAllowed, Refused, Conflict."""
    held = held_for(request, by, State.RECEIVED, State.CHECKED, State.FAILED)
    words = one_line(reason, most=500)
    if not words:
        raise Refused(_("Say why: the customer must be told."), field="reason")
    held.state, held.refusal, held.ended_at = State.REFUSED, words, clock.now()
    held.save(update_fields=["state", "refusal", "ended_at"])
    record(RightRefused(**told_of(held)), by=by)
    request.refresh_from_db()


@transaction.atomic
def start_disclosure(request: Request, *, by: Actor) -> None:
    """Have everything put together by a job. Raises NotAllowed, Refused before it was checked who asks, Conflict."""
    _start(request, Request.Kind.DISCLOSURE, State.CHECKED, State.FAILED, by=by)


@transaction.atomic
def make_again(request: Request, *, by: Actor) -> None:
    """Put it together anew, as everything is now; the link of before opens nothing from now on. Raises as `start`."""
    _start(request, Request.Kind.DISCLOSURE, State.MADE, State.RELEASED, State.HANDED_OVER, by=by)


@transaction.atomic
def hand_over(request: Request, *, by: Actor) -> None:
    """Say that the customer has it. Raises NotAllowed, and Conflict before somebody looked over what was made."""
    held = held_for(request, by, State.RELEASED)
    held.state, held.ended_at = State.HANDED_OVER, clock.now()
    held.save(update_fields=["state", "ended_at"])
    record(DisclosureHandedOver(**told_of(held)), by=by)
    request.refresh_from_db()


def fetched(request: Request, *, by: Actor = CUSTOMER) -> None:
    """Write down that the file was fetched, by who holds the link unless somebody is named."""
    record(DisclosureFetched(**told_of(request)), by=by)


@transaction.atomic
def begin(request: Request, *states: str, by: Actor) -> None:
    """Say that it is being done from now on. Raises NotAllowed, Refused before it was checked who asks, Conflict."""
    if request.state == State.RECEIVED:
        raise Refused(_("First check who asks."))
    held = held_for(request, by, *(states or (State.CHECKED, State.FAILED)))
    held.state, held.started_at, held.started_by_id = State.RUNNING, clock.now(), by.id
    held.begun, held.done, held.trouble = 0, 0, ""
    held.generation += 1
    held.save(update_fields=["state", "started_at", "started_by", "begun", "done", "trouble", "generation"])
    record(RightStarted(**told_of(held), what=held.kind), by=by)
    request.refresh_from_db()


def _start(request: Request, kind: str, *states: str, by: Actor) -> None:
    require_kind(request, kind)
    begin(request, *states, by=by)
    schedule(request)


def require_kind(request: Request, kind: str) -> None:
    """Whether this is what was demanded, and it was checked who asks. Raises Refused."""
    if request.kind != kind:
        raise Refused(_("This is not what was demanded."))
    if request.state == State.RECEIVED:
        raise Refused(_("First check who asks."))


def _require(by: Actor, company: int) -> None:
    if not policies.may_see_to(by, company=company):
        raise NotAllowed(Permission.RIGHTS)


def _require_sensible(asked: Asked, due: date, today: date) -> None:
    if asked.kind not in Request.Kind.values:
        raise Refused(_("Choose what is demanded."), field="kind")
    if asked.asker not in Request.Asker.values:
        raise Refused(_("Choose who asks."), field="asker")
    if not today <= due <= today + timedelta(days=366):
        raise Refused(_("Choose a day within a year."), field="due_on")


def held_for(request: Request, by: Actor, *states: str) -> Request:
    """The request as it is now, kept from others. Raises NotAllowed, and Conflict in any other state."""
    _require(by, request.company_id)
    held = Request.objects.select_for_update(no_key=True).get(pk=request.pk)
    if held.state not in states:
        raise Conflict(_("Somebody else has gone on with this meanwhile. Look at it again."))
    return held


def told_of(request: Request) -> dict[str, int]:
    """What every event about it says."""
    return {"company": request.company_id, "request": request.pk, "customer": request.customer_id}
