"""A second person looks over what would be disclosed, keeps back what the law lets them, and lets the rest go."""

from collections.abc import Sequence
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import one_line
from madoguchi.people.second import refuse_own_hands
from madoguchi.rights.actions.asking import fetched, held_for, told_of
from madoguchi.rights.events import DisclosureReleased, DisclosureWithheld
from madoguchi.rights.keeping_back import ITEMS, parts_of
from madoguchi.rights.looking_over import is_first, may_alone, may_open
from madoguchi.rights.models import Request
from madoguchi.rights.queries import opened_archive
from madoguchi.rights.scheduling import schedule

State = Request.State


@transaction.atomic
def withhold(request: Request, parts: Sequence[str], *, item: int, reason: str, by: Actor) -> None:
    """Keep these parts (`keeping_back.py`) back by an item of 33条2項, beside what is kept back already; none of them
    lets all be told again. What was made is made anew without them, and waits to be looked over.

    Raises NotAllowed, Conflict, and Refused for a part that there is not, no item or no reason.
    """
    held = held_for(request, by, State.MADE, State.RELEASED)
    words = one_line(reason, most=300)
    if parts and item not in ITEMS:
        raise Refused(_("Choose by which item of the law."), field="item")
    if parts and not words:
        raise Refused(_("Say why: the customer is told that something is kept back."), field="reason")
    known = {one.key for one in parts_of(held)}
    if not set(parts) <= known:
        raise Refused(_("There is no such part. Choose again."), field="parts")
    others = [one for one in held.withheld if one["part"] not in parts] if parts else []
    held.withheld = others + [{"part": part, "item": item, "reason": words} for part in parts]
    held.state, held.begun, held.done, held.reviewed_by, held.reviewed_at = State.RUNNING, 0, 0, None, None
    # Who chose what is left is no second person to it.
    held.started_by_id = by.id
    held.generation += 1
    held.save()
    record(DisclosureWithheld(**told_of(held), parts=len(held.withheld)), by=by)
    schedule(held)
    request.refresh_from_db()


@transaction.atomic
def release(request: Request, *, typed: str = "", reason: str = "", by: Actor) -> None:
    """Let what was made go to the customer: from now on the link opens. Somebody else than who had it made last does
    this; where the company has nobody else, whoever did types the number of the record, and why, which the log keeps.
    Raises NotAllowed, Conflict, and Refused for one person without these.
    """
    held = held_for(request, by, State.MADE)
    alone, why = is_first(held, by), one_line(reason, most=300)
    refuse_own_hands(by, held.started_by_id, company=held.company_id, field="typed")
    if alone and not may_alone(held, by):
        raise Refused(_("Somebody else of the company has to look over it."), field="typed")
    if alone and typed.strip() != str(held.customer_id):
        raise Refused(_("Type the number of the record, or let a colleague look over it."), field="typed")
    if alone and not why:
        raise Refused(_("Say why nobody else looks over it."), field="reason")
    held.state, held.reviewed_by_id, held.reviewed_at = State.RELEASED, by.id, clock.now()
    held.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    fact = DisclosureReleased(**told_of(held), alone=alone)
    record(fact, by=by, words={"reason": ["", why]} if alone else None)
    request.refresh_from_db()


def open_file(request: Request, *, by: Actor) -> BinaryIO:
    """The file that was made, for who looks over it, and for anybody afterwards; it is written down. Raises NotFound
    once it has expired, and Refused for who had it made while nobody else looked over it.
    """
    if not may_open(request, by):
        raise Refused(_("Somebody else of the company has to look over it."))
    if request.state == State.MADE:
        refuse_own_hands(by, request.started_by_id, company=request.company_id)
    file = opened_archive(request)
    fetched(request, by=by)
    return file
