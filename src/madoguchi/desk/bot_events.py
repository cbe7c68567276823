"""What a case says of the bot that speaks in it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.bot.models import Reason
from madoguchi.infra.models import Event

BOT_TOLD = ("bot.handed_over", "bot.handed_back", "bot.judged")


def words_of_bot(event: Event, data: Mapping[str, Any]) -> str:
    """That it handed over and why, got the talk back, or helped as the customer says."""
    match event.kind:
        case "bot.handed_over":
            return _("The bot handed over: %(reason)s") % {"reason": Reason(data["reason"]).label}
        case "bot.handed_back":
            return _("%(who)s handed the talk back to the bot") % {"who": event.actor_name}
    no = _("The customer says that it did not help")
    return _("The customer says that it helped") if data["helped"] else no
