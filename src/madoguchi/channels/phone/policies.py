"""Who may set up the account of a carrier. Pure: no query, no clock."""

from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Actor, Permission


def may_set_up_carrier(actor: Actor, point: EntryPoint) -> bool:
    """It is set up by a company's manager and by administrators, as its mail servers are."""
    return actor.may(Permission.MAIL_SERVERS, company=point.company_id, desk=point.desk_id)
