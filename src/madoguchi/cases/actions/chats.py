"""How many chats one person holds at once, where their desk has set a limit.

Only chats of the page count, in which the customer sits and waits: what comes by LINE may wait as mail does.
"""

from datetime import timedelta

from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused

# A talk in which nothing was said for so long holds nobody.
GOES_ON = timedelta(hours=1)
# Two chats that are given to one person at once are counted one after the other.
_ALONE = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('madoguchi chats'), hashint8(%s))) held"


def require_room(case: Case, *, person: int) -> None:
    """Whether somebody may have one chat more at this desk; of other channels, always. No query where nothing is
    limited, two where it is. Raises Refused with what to do.
    """
    if case.channel != Channel.CHAT or case.assignee_id == person:
        return
    most = case.desk.chats_at_once
    if most is None:
        return
    fetch_all(_ALONE, [person])
    held = Case.objects.filter(assignee=person, desk=case.desk_id, channel=Channel.CHAT, status__in=ACTIVE)
    if held.filter(touched_at__gte=clock.now() - GOES_ON).exclude(pk=case.pk).count() >= most:
        words = _(
            "This person has %(most)d chats already, as many as this desk lets one have. Solve one first, or leave"
            " it to somebody else."
        )
        raise Refused(words % {"most": most}, field="assignee")
