"""To what happens to cases, messages and customers: it is put on its way to whoever asked to be told."""

from collections.abc import Sequence

from madoguchi.cases import events as of_cases
from madoguchi.commerce import events as of_commerce
from madoguchi.customers import events as of_customers
from madoguchi.delivery import events as of_delivery
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.facts import known
from madoguchi.infra.reactions import reacts_to
from madoguchi.webhooks.actions import tell
from madoguchi.webhooks.public import COMPANY_KINDS

# Their facts are known once these are imported.
TOLD_OF = (of_cases, of_commerce, of_customers, of_delivery)


@reacts_to(*(known()[kind] for kind in sorted(COMPANY_KINDS)), name="webhooks.tell", together=True)
def tell_endpoints(events: Sequence[Recorded]) -> None:
    """Many at once: told in one go."""
    tell(events)
