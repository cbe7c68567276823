"""Who may say what a desk wants to know. Pure: no query, no clock."""

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor, DataScope, Permission


def may_shape(actor: Actor, desk: Desk) -> bool:
    """Whoever sets the desk up."""
    return actor.may(Permission.DESKS, company=desk.company_id, desk=desk.pk)


def may_fill(holds: str, scope: DataScope) -> bool:
    """Who is not to see a customer's data does not write over it unseen."""
    return holds not in scope.masked | scope.hidden
