"""What people decide about what was kept out: to try it again, or to take it in."""

from django.db import transaction

from madoguchi.companies.queries import own_addresses
from madoguchi.infra.event_log import record
from madoguchi.intake.actions.handling import handle_one, raw_of
from madoguchi.intake.actions.settling import where
from madoguchi.intake.channels import reader_of
from madoguchi.intake.events import ArrivalRetried, ArrivalTakenIn
from madoguchi.intake.models import Arrival
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound


@transaction.atomic
def retry(arrival_id: int, *, by: Actor) -> Arrival:
    """Try a quarantined arrival again. Raises NotFound, or NotAllowed; the outcome is in its state."""
    arrival = _locked(arrival_id, Permission.QUARANTINE, by)
    if arrival.state == Arrival.State.QUARANTINED:
        arrival.tries += 1
        handle_one(arrival, raw_of(arrival), own_addresses(arrival.company_id))
        record(ArrivalRetried(**where(arrival), outcome=arrival.state), by=by)
    return arrival


@transaction.atomic
def take_in(arrival_id: int, *, by: Actor) -> Arrival:
    """Take in what was kept out as spam, and was none. Raises NotFound, or NotAllowed; the outcome is in its state."""
    arrival = _locked(arrival_id, Permission.SPAM, by)
    if arrival.state == Arrival.State.SPAM:
        arrival.tries += 1
        handle_one(arrival, raw_of(arrival), own_addresses(arrival.company_id), wanted=True)
        record(ArrivalTakenIn(**where(arrival), outcome=arrival.state), by=by)
    return arrival


def sender_of(arrival: Arrival) -> str:
    """The address that an arrival came from, read anew from its bytes. Raises Unreadable."""
    inbound = reader_of(arrival.channel).read(raw_of(arrival), own_addresses=[])
    return inbound.sender.address


def _locked(arrival_id: int, permission: Permission, by: Actor) -> Arrival:
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("entry_point")
    arrival = rows.filter(pk=arrival_id).first()
    if arrival is None:
        raise NotFound(arrival_id)
    if not by.may(permission, company=arrival.company_id, desk=arrival.entry_point.desk_id):
        raise NotAllowed(permission)
    return arrival
