"""Who may take lists along. Pure: no query, no clock."""

from collections.abc import Iterable

from madoguchi.companies.models import Desk
from madoguchi.exports.models import Export
from madoguchi.kernel.actor import Actor, ActorKind, Permission


def may_look_after(actor: Actor, export: Export) -> bool:
    """Who had it written, as long as they may take anything of the company along."""
    own = actor.kind == ActorKind.PERSON and export.owner_id == actor.id
    return own and any(
        grant.company == export.company_id and grant.allows(Permission.EXPORT) for grant in actor.grants
    )


def desks_to_export(actor: Actor, desks: Iterable[Desk]) -> list[Desk]:
    """Those of these desks whose cases the actor may take along."""
    return [desk for desk in desks if actor.may(Permission.EXPORT, company=desk.company_id, desk=desk.pk)]
