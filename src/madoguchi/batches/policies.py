"""Who may see, stop and undo a batch. Pure: no query, no clock."""

from madoguchi.batches.models import Batch
from madoguchi.kernel.actor import Actor, ActorKind


def may_look_after(actor: Actor, batch: Batch) -> bool:
    """Who set it going, as long as they work for the company; each case asks for its own permission besides."""
    own = actor.kind == ActorKind.PERSON and batch.owner_id == actor.id
    return own and batch.company_id in actor.companies
