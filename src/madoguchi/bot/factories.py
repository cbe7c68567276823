"""Bots made up for tests."""

from typing import Any

from madoguchi.bot.actions import set_bot
from madoguchi.bot.models import Bot
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import system


def bot_on(desk: Desk, **changes: Any) -> Bot:
    """The bot of a desk, switched on."""
    said: dict[str, Any] = {"is_on": True, "name": "案内ボット", "greeting": "", "hours": Bot.Hours.ALWAYS}
    said |= {"answer_from": 75, "suggest_from": 35, **changes}
    return set_bot(desk, **said, by=system("test"))
