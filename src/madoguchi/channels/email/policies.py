"""Who may set up mail servers. Pure: no query, no clock."""

from madoguchi.companies.models import EntryPoint
from madoguchi.kernel.actor import Actor, Permission


def may_set_up_servers(actor: Actor, point: EntryPoint) -> bool:
    """A company's mail servers are set up by its manager and by administrators, never by its operators."""
    return actor.may(Permission.MAIL_SERVERS, company=point.company_id, desk=point.desk_id)
