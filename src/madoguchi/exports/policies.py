"""Who may take lists along. Pure: no query, no clock."""

from collections.abc import Iterable

from madoguchi.companies.models import Desk
from madoguchi.exports.models import Export
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.knowledge.policies import may_approve_article


def may_look_after(actor: Actor, export: Export) -> bool:
    """Who had it written, as long as they may take anything of the company along."""
    own = actor.kind == ActorKind.PERSON and export.owner_id == actor.id
    if export.holds_articles:
        return own and may_take_articles(actor, company=export.company_id)
    if export.records:
        return own and may_take_records(actor, company=export.company_id)
    return own and any(
        grant.company == export.company_id and grant.allows(Permission.EXPORT) for grant in actor.grants
    )


def may_take_articles(actor: Actor, *, company: int) -> bool:
    """Whoever approves all that the company knows, and may take lists of all its desks along."""
    approves = may_approve_article(actor, company=company, desk=None)
    return approves and actor.may(Permission.EXPORT, company=company)


def may_take_records(actor: Actor, *, company: int) -> bool:
    """Whoever may take lists of all desks of the company along, and sees its customers: those are of no single desk."""
    sees = actor.may(Permission.CUSTOMER_READ, company=company)
    return sees and actor.may(Permission.EXPORT, company=company)


def desks_to_export(actor: Actor, desks: Iterable[Desk]) -> list[Desk]:
    """Those of these desks whose cases the actor may take along."""
    return [desk for desk in desks if actor.may(Permission.EXPORT, company=desk.company_id, desk=desk.pk)]
