"""Who speaks in a talk: from a person's first word on never the bot, until a person hands the talk back."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.bot.events import BotHandedBack, BotHandedOver
from madoguchi.bot.models import Reason, Talk
from madoguchi.bot.policies import may_hand_back
from madoguchi.cases.actions import held_case
from madoguchi.cases.models import Case
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed

With = Talk.With


@transaction.atomic
def fall_silent(case: Case, *, reason: str, by: Actor) -> bool:
    """Lock the bot out of a talk; whether it was not yet. One statement decides between two at once."""
    talks = Talk.objects.filter(case=case, held_by=With.BOT)
    if not talks.update(held_by=With.PERSON, reason=reason, handed_at=clock.now()):
        return False
    record(BotHandedOver(**case.where, reason=reason), by=by)
    return True


@transaction.atomic
def hand_back(case: Case, *, by: Actor) -> None:
    """Let the bot answer again in a talk that a person took over. Raises NotAllowed, or Conflict where it does."""
    held_case(case.pk)
    if not may_hand_back(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    talks = Talk.objects.filter(case=case, held_by=With.PERSON)
    if not talks.update(held_by=With.BOT, reason="", since=clock.now(), handed_at=None):
        raise Conflict(_("The bot answers here already."))
    record(BotHandedBack(**case.where), by=by)


TAKEN_OVER = Reason.TAKEN_OVER
