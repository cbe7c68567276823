"""How many chats one person holds at once, where their desk has set a limit.

Only chats of the page count, in which the customer sits and waits: what comes by LINE may wait as mail does.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused

# A talk in which nothing was said for so long holds nobody.
GOES_ON = timedelta(hours=1)
# Two chats that are given to one person at once are counted one after the other.
_ALONE = """
    SELECT 1 FROM (
        SELECT pg_advisory_xact_lock(hashtext('madoguchi chats'), hashint8(person))
        FROM unnest(%s::bigint[]) AS person
    ) held
"""


def alone_with(people: Iterable[int]) -> None:
    """Nobody else gives these people a chat until the transaction is over. Say all at once, for whoever has one and
    wants another waits for who has that one. One query.
    """
    fetch_all(_ALONE, [sorted(people)])


def holds_somebody() -> Q:
    """The chats that hold who is responsible for them: not settled, and something was said within the hour."""
    since = clock.now() - GOES_ON
    return Q(channel=Channel.CHAT, status__in=[status.value for status in ACTIVE], touched_at__gte=since)


def require_room(case: Case, *, person: int) -> None:
    """Whether somebody may have one chat more at this desk; of other channels, always. No query where nothing is
    limited, two where it is. Raises Refused with what to do.
    """
    most = case.desk.chats_at_once if case.channel == Channel.CHAT else None
    if most is None or case.assignee_id == person:
        return
    alone_with([person])
    if chats_of(person, desk=case.desk_id) >= most:
        raise Refused(too_many_chats(most), field="assignee")


def chats_of(person: int, *, desk: int) -> int:
    """How many chats hold somebody at a desk now. One query."""
    return Case.objects.filter(holds_somebody(), assignee=person, desk=desk).count()


def holds(case: Case) -> bool:
    """Whether a case is one that `holds_somebody` finds."""
    busy = case.channel == Channel.CHAT and case.status in [status.value for status in ACTIVE]
    return busy and case.touched_at >= clock.now() - GOES_ON


def too_many_chats(most: int) -> str:
    """Why nobody is given one chat more, and what to do."""
    return _(
        "This person has %(most)d chats already, as many as this desk lets one have. Solve one first, or leave"
        " it to somebody else."
    ) % {"most": most}
