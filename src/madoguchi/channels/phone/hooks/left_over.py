"""Calls of carriers, looked at every minute: those that go on are said to, and the rest comes to its end."""

from datetime import timedelta

import structlog

from madoguchi.channels.phone.hooks.ending import write_down
from madoguchi.channels.phone.hooks.leading import lose
from madoguchi.channels.phone.models import CarriedCall
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.voice.actions import keep_alive
from madoguchi.voice.outside import forget_legs

logger = structlog.get_logger()
# Until then a webhook that comes again is answered as it was. Later it is answered by nothing; that the call was there
# is kept, for a carrier's signature has no time, and what was caught on the way may be sent in again whenever.
KEPT_FOR = timedelta(days=2)


def go_on_with_carried() -> int:
    """Say of the calls that go on that they do, end those of which nothing was heard for too long, write down those
    that are over, and empty old ones. Returns how many do not go on any more. What is wrong with one is logged, holds
    up no other, and is tried again a minute later.
    """
    now = clock.now()
    with scope.everywhere(reason="carriers hold calls of any company"):
        old = CarriedCall.objects.filter(done=True, seen_at__lt=now - KEPT_FOR).exclude(document="")
        old.update(document="", call={}, standing={}, recordings=[])
        forget_legs(before=now - KEPT_FOR)
        rows = CarriedCall.objects.filter(done=False).order_by("pk")
        found = list(rows.values_list("pk", "company_id", "uid", "over_at", "due_at"))
        keep_alive([uid for _pk, _company, uid, _over, _due in found])
    at_an_end = [(pk, company, bool(over)) for pk, company, _uid, over, due in found if over or due <= now]
    return sum(_bring_to_its_end(*one) for one in at_an_end)


def _bring_to_its_end(pk: int, company: int, over: bool) -> bool:
    try:
        if over:
            write_down(pk, company=company)
        else:
            lose(pk, company=company)
    except Exception:  # whatever it is about this one must not keep the others from their end
        logger.exception("phone_call_not_ended", carried=pk)
        return False
    return True
