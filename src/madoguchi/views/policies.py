"""Who may see and change saved views. Pure: no query, no clock."""

from madoguchi.kernel.actor import Actor, Permission
from madoguchi.views.models import SavedView

Audience = SavedView.Audience


def may_see(actor: Actor, view: SavedView) -> bool:
    """One's own, and what is for a desk, or for all desks of a company, at which one reads cases."""
    if view.audience == Audience.OWNER:
        return view.owner_id == actor.id and view.company_id in actor.companies
    if view.audience == Audience.COMPANY:
        return any(g.company == view.company_id and g.allows(Permission.CASE_READ) for g in actor.grants)
    return actor.may(Permission.CASE_READ, company=view.company_id, desk=view.desk_id)


def may_change(actor: Actor, view: SavedView) -> bool:
    """One's own is one's own to change; a shared one belongs to who leads the desk, or all desks."""
    if view.audience == Audience.OWNER:
        return may_see(actor, view)
    return may_share(actor, company=view.company_id, desk=view.desk_id)


def may_share(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Who leads a desk gives its people views; what stands at all desks (None) needs all of them.

    A company that employs nobody there arranges no work for them: it shares with all of its desks, as whoever looks at
    the whole, and touches no desk's own views (37号告示).
    """
    leads = actor.may(Permission.VIEWS, company=company, desk=desk)
    return leads and (desk is None or actor.may(Permission.CASE_UPDATE, company=company, desk=desk))
