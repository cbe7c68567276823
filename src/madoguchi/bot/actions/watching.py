"""What the bot has not answered goes to people, whatever became of the job that was to answer it."""

import structlog
from django.db import transaction

from madoguchi.bot.actions.respond import BOT, respond
from madoguchi.bot.actions.talk import fall_silent
from madoguchi.bot.models import Reason, Talk
from madoguchi.bot.queries import unheard
from madoguchi.cases.models import Message
from madoguchi.infra import scope
from madoguchi.kernel import clock

logger = structlog.get_logger()
AT_ONCE = 200


def free_unheard() -> int:
    """Ask a person wherever the bot is silent for too long; returns in how many talks it was found so."""
    with scope.everywhere(reason="talks of any company may wait for the bot"):
        found = list(unheard()[:AT_ONCE])
    for message in found:
        _free(message)
    return len(found)


def _free(message: Message) -> None:
    """As where too many wait: without reading, and in the words in which a person is always asked. Where even that
    fails, the talk is a person's without words.
    """
    try:
        respond(message.pk, company=message.company_id, full=True)
    except Exception:
        logger.warning("bot_fell_silent", message=message.pk, exc_info=True)
        with scope.acting_for([message.company_id]), transaction.atomic():
            now = clock.now()
            began = {"company_id": message.company_id, "desk_id": message.case.desk_id}
            Talk.objects.get_or_create(case=message.case, defaults=began | {"began_at": now, "since": now})
            fall_silent(message.case, reason=Reason.UNAVAILABLE, by=BOT)
