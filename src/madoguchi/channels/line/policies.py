"""Who may set up LINE accounts. Pure: no query, no clock."""

from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Actor, Permission


def may_set_up_account(actor: Actor, point: EntryPoint) -> bool:
    """A company's LINE account is set up by its manager and by administrators, as its mail servers are."""
    return actor.may(Permission.MAIL_SERVERS, company=point.company_id, desk=point.desk_id)
