"""Lists that somebody takes along."""

from madoguchi.exports import policies
from madoguchi.exports.models import Export
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound


def export_of(pk: int, *, actor: Actor) -> Export:
    """A list that the actor had written. Raises NotFound."""
    found = Export.objects.filter(pk=pk).first()
    if found is None or not policies.may_look_after(actor, found):
        raise NotFound(pk)
    return found


def exports_of(actor: Actor, *, most: int) -> list[Export]:
    """The latest lists that the actor had written. One query."""
    found = Export.objects.filter(owner=actor.id, company__in=actor.companies).order_by("-id")[:most]
    return [one for one in found if policies.may_look_after(actor, one)]
