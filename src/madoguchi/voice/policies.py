"""Who may do what with calls. Pure."""

from madoguchi.companies.models import EntryPoint
from madoguchi.companies.policies import may_set_up_desk
from madoguchi.kernel.actor import Actor, Permission


def may_set_flow(actor: Actor, point: EntryPoint) -> bool:
    """Whoever sets up the desk says what its callers meet."""
    return may_set_up_desk(actor, company=point.company_id, desk=point.desk_id)


def may_set_announcements(actor: Actor, *, company: int) -> bool:
    """Whoever sets up all desks of a company says what its callers hear."""
    return actor.may(Permission.DESKS, company=company)


def may_set_recording_term(actor: Actor, *, company: int) -> bool:
    """Whoever looks after people's rights to their data says how long recordings of them are kept."""
    return actor.may(Permission.RIGHTS, company=company)
